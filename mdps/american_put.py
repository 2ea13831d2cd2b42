r"""The American put option on a binomial tree of prices: when to stop (Cox, Ross and Rubinstein 1979)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import FiniteHorizonMDP, ModelError


def american_put(
    s0: float = 100.0, p: float = 0.5, *, strike: float = 100.0, up: float = 1.02, down: float = 0.98, H: int = 20
) -> tuple[FiniteHorizonMDP, np.ndarray]:
    r"""Hold the right to sell a share at the strike price, or exercise it, at one of H dates.

    The price $s_t$ becomes $u s_t$ with probability p and $d s_t$ otherwise, whatever the order of ups and downs, so
    that the price after t moves is one of t + 1: the tree recombines. Holding pays nothing; exercising pays
    $\max(K - s_t, 0)$ and is the end, and after the last date the option is worthless:

    $$V_t(s) = \max\{\max(K - s, 0),\; p V_{t+1}(us) + (1 - p) V_{t+1}(ds)\}, \qquad V_H = 0.$$

    For a share at 100 the option is worth 8.225589, 3.519716 and 1.592945 for p = 0.4, 0.5, 0.6.

    Parameters
    ----------
    s0 : float
        Price at the first date, above 0.
    p : float
        Probability that the price rises.
    strike : float
        Price K at which the holder may sell, above 0.
    up, down : float
        What the price is multiplied by, above 0.
    H : int
        Number of dates, at least 1.

    Returns
    -------
    mdp : FiniteHorizonMDP
        Stationary. State 0 is the start, then come the prices after 1, 2, ... moves, from no rise to all; the last
        state is the end. Actions are 0, hold, and 1, exercise. Rewards are not in [0, 1].
    prices : ndarray, shape (n_states,)
        Price of each state; infinite at the end, where the right to sell for less is worth nothing.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    With these defaults, an instance of robust reinforcement learning: Tamar, Mannor and Xu (2014), Liu and Xu (2024).

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> mdp, prices = mdps.american_put()
    >>> mdp
    FiniteHorizonMDP(20 steps, 211 states, 422 state-action pairs, stationary, gamma=1)
    >>> round(float(rl.solve(mdp).value[0, 0]), 6)
    3.519716
    """
    from scipy.sparse import csr_array

    for name, value in {"s0": s0, "strike": strike, "up": up, "down": down}.items():
        checks.positive(name, value)
    checks.probability("p", p)
    checks.whole("H", H, 1)
    moves = np.repeat(np.arange(H), np.arange(1, H + 1))
    end = moves.size
    rises = np.arange(end) - moves * (moves + 1) // 2
    prices = np.append(s0 * float(up) ** rises * float(down) ** (moves - rises), np.inf)
    fall = np.where(moves < H - 1, np.arange(end) + moves + 1, end)
    rise = np.where(moves < H - 1, fall + 1, end)
    hold, nodes = 2 * np.arange(end), np.ones(end)
    rows = np.concatenate([hold, hold, hold + 1, [2 * end, 2 * end + 1]])
    columns = np.concatenate([fall, rise, np.full(end + 2, end)])
    weights = np.concatenate([(1 - p) * nodes, p * nodes, np.ones(end + 2)])
    P = csr_array((weights, (rows, columns)), shape=(2 * end + 2, end + 1))
    r = np.column_stack([np.zeros(end + 1), np.maximum(strike - prices, 0.0)]).reshape(-1)
    start = np.arange(0, 2 * end + 3, 2)
    mu = np.eye(1, end + 1)[0]
    return FiniteHorizonMDP(P, r, H, 1.0, mu, start, action_names=("hold", "exercise")), prices


def price_features(prices: Any, d: int = 30, *, least: float = 80.0, span: float = 100.0) -> np.ndarray:
    r"""Return tents over the anchors $s_i = \mathtt{least} + iD$, with $D = \mathtt{span} / d$ and i = 0..d-1.

    $$\phi_i(s) = \max\{0, 1 - |s - s_i| / D\}.$$

    Between the first and the last anchor they are simplex features, the weights of linear interpolation. Outside they
    are not: they fade within D, and are zero further away.

    Parameters
    ----------
    prices : array_like, shape (...)
        Prices; an infinite one has no features.
    d : int
        Number of anchors, at least 1.
    least, span : float
        First anchor, and d times the distance D > 0 between anchors, in units of price.

    Returns
    -------
    ndarray, shape (..., d)

    Raises
    ------
    ModelError
        If a price is not a number, or a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.price_features([80.0, 85.0, 75.0, float("inf")], d=5).tolist()[:3]
    [[1.0, 0.0, 0.0, 0.0, 0.0], [0.75, 0.25, 0.0, 0.0, 0.0], [0.75, 0.0, 0.0, 0.0, 0.0]]
    """
    checks.whole("d", d, 1)
    checks.number("least", least)
    prices, distance = np.asarray(prices, dtype=np.float64), checks.positive("span", span) / d
    if np.isnan(prices).any():
        raise ModelError("prices has an entry that is not a number")
    anchors = least + distance * np.arange(d)
    return np.maximum(0.0, 1 - np.abs(prices[..., None] - anchors) / distance)

r"""Timesteps until an optimal policy is known, in deterministic models with H steps and A actions.

A number of *timesteps* counts steps of the environment until an optimal policy is returned with probability at least
1/2. Greedy over random policy with lookahead k and m episodes for each sequence of actions takes
:math:`H^2 A^k m = H^2 A^{k + \log_A m}` of them; the exponent is the effective horizon, and every other bound here is
something to compare it with. What grows beyond all floats is returned as ``inf``.

Laidlaw, Russell and Dragan (2023), "Bridging RL theory and practice with the effective horizon".
"""

from __future__ import annotations

import math

import numpy as np


def _power(base: float, exponent: float) -> float:
    """Return ``base ** exponent``, infinite beyond the floats."""
    try:
        return float(base) ** exponent
    except OverflowError:
        return math.inf


def _log_events(H: int, n_actions: int, k: int) -> float:
    r"""Return :math:`L_k = \log(2 H A^k)`: the union over steps and sequences, at probability 1/2."""
    return math.log(2 * H) + k * math.log(n_actions)


def effective_horizon(k: int, m: float, n_actions: int) -> float:
    r"""Return :math:`H_k = k + \log_A m`; k itself where there is one action, for then nothing is to be found.

    Parameters
    ----------
    k : int
        Lookahead.
    m : float
        Episodes for each sequence of k actions; ``inf`` if none is enough.
    n_actions : int
        The number A.

    Examples
    --------
    >>> effective_horizon(k=2, m=9, n_actions=3)
    4.0
    """
    if m == math.inf:
        return math.inf
    return float(k) if n_actions == 1 else k + math.log(m) / math.log(n_actions)


def gorp_timesteps(H: int, n_actions: int, k: float, m: float) -> float:
    r"""Timesteps of greedy over random policy: :math:`N(k, m) = H^2 A^k m`, exactly if no episode ends early.

    H iterations, in each of them :math:`A^k` sequences, m episodes for each, H steps an episode.

    Examples
    --------
    >>> gorp_timesteps(H=10, n_actions=3, k=1, m=37)
    11100.0
    """
    return H**2 * _power(n_actions, k) * m


def gorp_episodes_published(variance: float, gap: float, H: int, n_actions: int, k: int) -> float:
    r"""Episodes that the published analysis asks for: :math:`\max(1, \lceil 16 v L_k / g^2 \rceil)`, with :math:`L_k = \log(2 H A^k)`.

    This is the number behind the published effective horizons. It is *not* a theorem here: Bernstein's inequality also
    has a term in range / gap, which matters where a large return is rare (`gorp_episodes`).

    Parameters
    ----------
    variance : float
        Bound v on the variance of the return, in squared reward units.
    gap : float
        How far the best suboptimal action is below the best, in reward units; ``inf`` if all actions are optimal.
    H, n_actions, k : int
        Steps, actions, lookahead.

    Examples
    --------
    >>> gorp_episodes_published(variance=1 / 81, gap=1 / 81, H=10, n_actions=3, k=1)
    5307.0
    """  # noqa: E501
    return max(1.0, float(np.ceil(16 * variance / gap**2 * _log_events(H, n_actions, k))))


def gorp_episodes(variance: float, spread: float, gap: float, H: int, n_actions: int, k: int) -> float:
    r"""Episodes at which greedy over random policy succeeds with probability 1/2, proved for rewards of any sign.

    .. math:: m \ge \Big( \frac{8 \bar v}{g^2} + \frac{4 B}{3 g} \Big) \log(2 H A^k)

    at every step that an optimal player may reach. By Bernstein's inequality with deviation g / 2, a mean that misleads
    has probability at most :math:`1 / (2 H A^k)`; sum over sequences and steps.

    Parameters
    ----------
    variance : float
        Bound :math:`\bar v` on the variance of the return after any sequence of k actions.
    spread : float
        Bound B on the range of those returns.
    gap : float
        The gap g between the best Q^k and the best Q^k of a suboptimal action; ``inf`` if all are optimal.
    H, n_actions, k : int
        Steps, actions, lookahead.

    Examples
    --------
    >>> gorp_episodes(variance=0.25, spread=1.0, gap=0.5, H=10, n_actions=2, k=1)
    40.0
    """
    asked = (8 * variance / gap**2 + 4 * spread / (3 * gap)) * _log_events(H, n_actions, k)
    return max(1.0, float(np.ceil(asked)))


def gorp_episodes_simple(q: float, value: float, gap: float, H: int, n_actions: int, k: int) -> float:
    r"""The same for rewards of at least 0: :math:`m \ge \frac{28}{3} \frac{Q^k V^*}{g^2} \log(2 H A^k)`.

    For then the variance is at most :math:`Q^k V^*`, the range at most :math:`V^*` and the gap at most :math:`Q^k`.
    The form is that of theorem 5.4 of Laidlaw, Russell and Dragan (2023); the constant is proved here.

    Parameters
    ----------
    q : float
        Largest Q^k at the state.
    value : float
        Optimal value of the state.
    gap, H, n_actions, k
        As for `gorp_episodes`.

    Examples
    --------
    >>> gorp_episodes_simple(q=0.5, value=1.0, gap=0.5, H=10, n_actions=2, k=1)
    69.0
    """
    return max(1.0, float(np.ceil(28 / 3 * q * value / gap**2 * _log_events(H, n_actions, k))))


def gorp_union_failure(variance: float, spread: float, gap: float, m: float, n_events: int) -> float:
    r"""Probability that some of n means is off by half a gap: :math:`n \exp(-m g^2 / (8 \bar v + 4 B g / 3))`.

    Bernstein's inequality for each of them; at one step of greedy over random policy :math:`n = A^k`.

    Examples
    --------
    >>> gorp_union_failure(variance=0.0, spread=0.0, gap=0.5, m=1, n_events=4)
    0.0
    """
    if gap == math.inf:
        return 0.0
    width = 8 * variance + 4 * spread * gap / 3
    if width == 0:
        return 0.0
    return n_events * math.exp(-m * gap**2 / width)


def lock_success(H: int, n_actions: int, k: int, m: float, *, lost_ties: float = 1.0) -> float:
    r"""Probability that greedy over random policy opens a lock of H digits, exactly.

    .. math:: \prod_{t=1}^{H} \big[ 1 - \beta \big(1 - A^{-\max(H - t - k + 1,\, 0)}\big)^m \big]

    The right sequence loses only if none of its m episodes opens the lock, and then all sequences tie.

    Parameters
    ----------
    H, n_actions, k : int
        Digits, values of a digit, lookahead.
    m : float
        Episodes for each sequence.
    lost_ties : float
        Probability :math:`\beta` that a tie is lost: 1 with an adversary, 1 - 1 / A if ties are broken uniformly.

    Examples
    --------
    >>> lock_success(H=4, n_actions=2, k=1, m=7) > 0.5 > lock_success(H=4, n_actions=2, k=1, m=6)
    True
    """
    left = np.maximum(H - np.arange(1, H + 1) - k + 1, 0).astype(float)
    return float(np.prod(1 - lost_ties * (1 - float(n_actions) ** -left) ** m))


def decoy_lookahead(length: int, n_actions: int, prize: float) -> int:
    r"""Least lookahead that solves a decoy: :math:`L - j + 2` for :math:`A^{-j} \le c < A^{-(j-1)}`.

    A prize c may be taken at once, or a lock of L digits entered that pays 1. Lookahead k leaves L + 1 - k digits to
    chance, and chance must be worth more than the prize.

    Parameters
    ----------
    length, n_actions : int
        Digits L of the lock, and the number A of actions.
    prize : float
        The number c, in [0, 1).

    Examples
    --------
    >>> [decoy_lookahead(3, 2, prize) for prize in (0.05, 0.1, 0.3, 0.5, 0.6)]
    [1, 1, 3, 4, 4]
    """
    k = 1
    while k <= length and float(n_actions) ** (k - 1 - length) <= prize:
        k += 1
    return k


def planning_timesteps(H: int, n_actions: int, window: int) -> float:
    r"""Timesteps of planning ahead by trying everything: :math:`H^2 A^W` with the effective planning window W.

    At each of H steps, each of the :math:`A^W` sequences is tried once, in an episode of H steps.

    Examples
    --------
    >>> planning_timesteps(H=10, n_actions=3, window=6)
    72900.0
    """
    return gorp_timesteps(H, n_actions, window, 1)


def worst_case_timesteps(H: int, n_actions: int) -> float:
    r"""Timesteps of trying all sequences in uniformly random order: :math:`H \lceil A^H / 2 \rceil`.

    The optimal one is among the first half with probability at least 1/2; in the combination lock nothing is better.

    Examples
    --------
    >>> worst_case_timesteps(H=5, n_actions=2)
    80.0
    """
    sequences = _power(n_actions, H)
    return H * (float(np.ceil(sequences / 2)) if sequences < math.inf else math.inf)


def optimism_timesteps(H: int, n_states: int, n_actions: int) -> float:
    r"""Timesteps of optimism in a deterministic table: :math:`H (S A + 1)`.

    What has not been tried is taken to be best. An episode that is not optimal then tries a pair for the first time,
    which can happen SA times only.

    Examples
    --------
    >>> optimism_timesteps(H=10, n_states=197, n_actions=3)
    5920.0
    """
    return float(H * (n_states * n_actions + 1))


def covering_episodes(n_pairs: int, occupancy: float) -> float:
    r"""Random episodes that visit all pairs with probability 1/2: :math:`L \le \lceil \log(2 S A) / \mu \rceil`.

    A pair is missed with probability :math:`(1 - \mu)^n \le 1 / (2 S A)`; sum over pairs.

    Parameters
    ----------
    n_pairs : int
        Pairs that can be visited, at most S A.
    occupancy : float
        The number mu: each pair is visited *at one step* with at least this probability. A sum over steps will not do.

    Examples
    --------
    >>> covering_episodes(n_pairs=4, occupancy=0.25)
    9.0
    """
    return float(np.ceil(math.log(2 * n_pairs) / occupancy)) if occupancy > 0 else math.inf


def ucbvi_rate(H: int, n_states: int, n_actions: int, eps: float, *, stationary: bool = True) -> float:
    r"""Rate of optimism in stochastic tables, in timesteps: :math:`H \cdot H^2 S A / \varepsilon^2`, without constants or logarithms.

    Of the regret :math:`\tilde O(\sqrt{H^2 S A K})` of UCBVI with returns in [0, H], for a kernel that is the same at all
    steps; one factor of H more if it is not. A rate orders models; it bounds nothing. Azar, Osband and Munos (2017).

    Parameters
    ----------
    H, n_states, n_actions : int
        Size of the model.
    eps : float
        Suboptimality asked for, on the scale of returns in [0, H].
    stationary : bool
        Whether the kernel is the same at all steps.

    Examples
    --------
    >>> ucbvi_rate(H=10, n_states=20, n_actions=2, eps=1.0)
    40000.0
    """  # noqa: E501
    return H ** (3 if stationary else 4) * n_states * n_actions / eps**2

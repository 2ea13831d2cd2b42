r"""Linear mixtures that are hard to learn: the lower-bound families, with optima and gaps in closed form.

In all of them a state has the $2^{d-1}$ actions $a \in \{-1, 1\}^{d-1}$, and hidden signs $\xi$ say which is best. An
action succeeds with probability $\delta + \Delta \langle \xi, a \rangle$, so that each coordinate of the wrong sign
costs $2\Delta$ of success; $\Delta$ is so small that K episodes hardly tell signs apart
(`rltheory.exploration.bounds.lower`). With $\alpha = (1 + (d-1)\Delta)^{-1/2}$ and $\beta = \sqrt\Delta\, \alpha$,

$$\phi(\text{fail} \mid \cdot, a) = (\alpha(1 - \delta), -\beta a), \quad
\phi(\text{succeed} \mid \cdot, a) = (\alpha\delta, \beta a), \quad
\theta = (1/\alpha, \Delta\xi/\beta), \qquad \|\theta\| = 1 + (d-1)\Delta,$$

and value features have norm at most $\sqrt{\alpha^2 + (d-1)\beta^2} = 1$.

Sources: Zhou, Gu and Szepesvari (2021), section 5; Zhou and Gu (2022), section 5; Zhang, Zhou and Gu (2021), for
reward-free exploration.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import LinearMixtureMDP, ModelError

SUCCESS = 1 / 6
"""The probability delta of success before signs count, in `hard_mixture`."""


def hard_mixture(signs: Any, H: int, *, K: int | None = None, drift: float | None = None) -> LinearMixtureMDP:
    r"""Return the family without a price for the horizon: one choice, at the first state, decides the episode.

    State 0 is the first, 1 and 2 absorb failure and success; every step in state 2 pays 1 / H, so that an episode pays
    less than 1. Success has probability $1/6 + \Delta \langle \xi, a \rangle$. Hence $d = $ number of signs + 1,

    $$V^* = \frac{H-1}{H} \big( \tfrac16 + (d-1)\Delta \big), \qquad
    V^* - V^a = \frac{H-1}{H}\, 2\Delta\, \#\{i : a_i \ne \xi_i\} .$$

    Parameters
    ----------
    signs : array_like, shape (d - 1,)
        The signs, -1 or 1; at least one.
    H : int
        Number of steps, at least 2.
    K : int, optional
        Number of episodes for which the family is hard; it sets the drift, $\Delta = \sqrt{1/(6K)} / (4\sqrt2)$.
    drift : float, optional
        $\Delta$ itself, instead of K, with $(d-1)\Delta \le 1/6$.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If an entry is not a sign, not one of K and drift is given, or the drift leaves no probability.

    Notes
    -----
    Zhou and Gu (2022), theorem 5.4.

    Examples
    --------
    >>> model = hard_mixture([1, -1], H=4, drift=1 / 24)
    >>> model.kernel(0)[0, :, 2].round(3), [model.action_name(0, a) for a in range(4)]
    (array([0.167, 0.083, 0.25 , 0.167]), ['--', '-+', '+-', '++'])
    """
    signs = _signs(signs, 1)
    checks.whole("H", H, 2)
    drift = _drift(K, drift, SUCCESS, signs.size)
    phi = np.zeros((3, 2**signs.size, 3, signs.size + 1))
    phi[0, :, 1], phi[0, :, 2] = _outcomes(signs.size, SUCCESS, drift)
    phi[1, :, 1, 0] = phi[2, :, 2, 0] = _alpha(signs.size, drift)
    rewards = np.zeros(phi.shape[:2])
    rewards[2] = 1 / H
    return LinearMixtureMDP(
        phi,
        _theta(signs, drift),
        rewards,
        H,
        _first(phi),
        action_names=_names(signs.size),
        state_names=("first", "failure", "success"),
    )


def hard_mixture_optimum(d: int, H: int, drift: float) -> float:
    r"""Return the optimal value of `hard_mixture`, $\frac{H-1}{H} (\frac16 + (d-1)\Delta)$.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    drift : float
        $\Delta$.

    Returns
    -------
    float

    Examples
    --------
    >>> hard_mixture_optimum(3, 4, 1 / 24)
    0.1875
    """
    return (H - 1) / H * (SUCCESS + (d - 1) * drift)


def hard_mixture_gaps(signs: Any, H: int, drift: float) -> np.ndarray:
    r"""Return what each action of `hard_mixture` loses at the first state.

    Parameters
    ----------
    signs : array_like, shape (d - 1,)
        The signs.
    H : int
        Number of steps.
    drift : float
        $\Delta$.

    Returns
    -------
    ndarray, shape (n_actions,)
        $\frac{H-1}{H}\, 2\Delta$ for every coordinate of the wrong sign.

    Raises
    ------
    ModelError
        If an entry is not a sign.

    Examples
    --------
    >>> hard_mixture_gaps([1, -1], 4, 1 / 24)
    array([0.0625, 0.125 , 0.    , 0.0625])
    """
    signs = _signs(signs, 1)
    return (H - 1) / H * 2 * drift * (_actions(signs.size) != signs).sum(axis=1)


def hard_mixture_steps(signs: Any, *, K: int | None = None, drift: float | None = None) -> LinearMixtureMDP:
    r"""Return the family whose mixture changes with the step: H choices, any of which may bring success.

    In state t < H at step t an action succeeds with probability $1/H + \Delta \langle \xi_t, a \rangle$ and leads to
    state H + 1, in which every later step pays 1; otherwise state t + 1 is next. State H is failure.

    Parameters
    ----------
    signs : array_like, shape (H, d - 1)
        The signs of each step, -1 or 1, at least one a step and two steps.
    K : int, optional
        Number of episodes; it sets the drift, $\Delta = \sqrt{1/(HK)} / (4\sqrt2)$.
    drift : float, optional
        $\Delta$ itself, instead of K, with $(d-1)\Delta \le 1/H$.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        As for `hard_mixture`.

    Notes
    -----
    Zhou, Gu and Szepesvari (2021), theorem 5.6: regret of order $d H^{3/2} \sqrt K$ cannot be avoided.

    Examples
    --------
    >>> hard_mixture_steps([[1], [1], [-1]], drift=0.1)
    LinearMixtureMDP(3 steps, 5 states, 10 state-action pairs, 2 features, time-dependent)
    """
    signs = _signs(signs, 2)
    H, n_signs = signs.shape
    checks.whole("H", H, 2)
    drift = _drift(K, drift, 1 / H, n_signs)
    phi = np.zeros((H + 2, 2**n_signs, H + 2, n_signs + 1))
    fail, succeed = _outcomes(n_signs, 1 / H, drift)
    for t in range(H):
        phi[t, :, t + 1], phi[t, :, H + 1] = fail, succeed
    phi[H, :, H, 0] = phi[H + 1, :, H + 1, 0] = _alpha(n_signs, drift)
    rewards = np.zeros(phi.shape[:2])
    rewards[H + 1] = 1.0
    theta = np.stack([_theta(row, drift) for row in signs])
    return LinearMixtureMDP(phi, theta, rewards, H, _first(phi), action_names=_names(n_signs))


def hard_mixture_steps_values(d: int, H: int, drift: float) -> np.ndarray:
    r"""Return the optimal values of `hard_mixture_steps` along its chain.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    drift : float
        $\Delta$.

    Returns
    -------
    ndarray, shape (H + 1,)
        Of state t at step t, $\sum_{i \ge t} p (1 - p)^{i-t} (H - 1 - i)$ with $p = 1/H + (d-1)\Delta$. An action with
        w coordinates of the wrong sign loses $2 w \Delta$ times $H - 1 - t$ less the value of state t + 1.

    Examples
    --------
    >>> hard_mixture_steps_values(2, 2, 0.25)
    array([0.75, 0.  , 0.  ])
    """
    p = 1 / H + (d - 1) * drift
    values = np.zeros(H + 1)
    for t in reversed(range(H)):
        values[t] = p * (H - 1 - t) + (1 - p) * values[t + 1]
    return values


def reward_free_hard_mixture(signs: Any, H: int, *, alpha: float, goal_reward: float = 0.0) -> LinearMixtureMDP:
    r"""Return the family that is hard for exploration before rewards are known.

    From state 0 an action leads to state 1 with probability
    $\frac12 + \frac{\alpha}{\sqrt2\, d} \langle \xi, a \rangle$ and to state 2 otherwise, and both absorb; rewards, if
    any, are ``goal_reward`` in state 1, so that the optimum is that times $(H-1)(\frac12 + \alpha (d-1)/(\sqrt2\, d))$.

    Parameters
    ----------
    signs : array_like, shape (d - 1,)
        The signs, -1 or 1; at least one.
    H : int
        Number of steps, at least 2.
    alpha : float
        Size of the difference that actions make, in $[0, d / (\sqrt2 (d - 1))]$.
    goal_reward : float
        Reward of a step in state 1.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If an entry is not a sign or a parameter is out of range.

    Notes
    -----
    Zhang, Zhou and Gu (2021).

    Examples
    --------
    >>> reward_free_hard_mixture([1], 3, alpha=1.0).kernel(0)[0, :, 1].round(4)
    array([0.1464, 0.8536])
    """
    signs = _signs(signs, 1)
    d = signs.size + 1
    checks.whole("H", H, 2)
    checks.number("alpha", alpha, 0, d / (math.sqrt(2) * (d - 1)))
    phi = np.zeros((3, 2**signs.size, 3, d))
    phi[0, :, 1:, 0] = math.sqrt(2) / 4
    phi[0, :, 1, 1:] = _actions(signs.size) / math.sqrt(2 * d)
    phi[0, :, 2, 1:] = -phi[0, :, 1, 1:]
    phi[1, :, 1, 0] = phi[2, :, 2, 0] = math.sqrt(0.5)
    rewards = np.zeros(phi.shape[:2])
    rewards[1] = goal_reward
    theta = np.concatenate([[math.sqrt(2)], alpha * signs / math.sqrt(d)])
    return LinearMixtureMDP(phi, theta, rewards, H, _first(phi), action_names=_names(signs.size))


def _signs(signs: Any, n_axes: int) -> np.ndarray:
    signs = np.asarray(signs, dtype=np.float64)
    if signs.ndim != n_axes or 0 in signs.shape:
        wanted = "(H, d - 1)" if n_axes == 2 else "(d - 1,)"
        raise ModelError(f"signs has shape {signs.shape}; it must be {wanted}, with at least one sign")
    wrong = signs[np.abs(signs) != 1]
    if wrong.size:
        raise ModelError(f"signs has an entry {wrong[0]}; it must be -1 or 1")
    return signs


def _drift(K: int | None, drift: float | None, success: float, n_signs: int) -> float:
    if (K is None) is (drift is None):
        raise ModelError(f"K is {K!r} and drift is {drift!r}; exactly one of them must be given")
    if drift is None:
        from rltheory.exploration.bounds.lower import hard_mixture_drift  # the wing brings in a compiler

        drift = hard_mixture_drift(checks.whole("K", K, 1), success)  # type: ignore[arg-type]  # one of them is given
        if n_signs * drift > success:
            raise ModelError(
                f"K is {K}; with {n_signs} signs it must be so large that {n_signs} * {drift} <= {success}"
            )
    checks.positive("drift", drift)
    return checks.number("drift", drift, 0, success / n_signs)


def _alpha(n_signs: int, drift: float) -> float:
    return 1 / math.sqrt(1 + n_signs * drift)


def _theta(signs: np.ndarray, drift: float) -> np.ndarray:
    alpha = _alpha(signs.size, drift)
    return np.concatenate([[1 / alpha], signs * (math.sqrt(drift) / alpha)])


def _outcomes(n_signs: int, success: float, drift: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of failure and of success of every action, shape (n_actions, d) each."""
    alpha, actions = _alpha(n_signs, drift), _actions(n_signs)
    turned = alpha * math.sqrt(drift) * actions
    ones = np.ones((len(actions), 1))
    return np.hstack([alpha * (1 - success) * ones, -turned]), np.hstack([alpha * success * ones, turned])


def _first(phi: np.ndarray) -> np.ndarray:
    """Return the start in state 0."""
    return np.eye(len(phi))[0]


def _actions(n_signs: int) -> np.ndarray:
    return np.array(list(product((-1.0, 1.0), repeat=n_signs)))


def _names(n_signs: int) -> list[str]:
    return ["".join(signs) for signs in product("-+", repeat=n_signs)]

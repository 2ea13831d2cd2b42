r"""What regret theory promises of tabular learners: S states, A actions, H steps, K episodes, v the most in total.

The bounds that are derived here have no unknown constant, and many say something at sizes that a laptop reaches.
"""

from __future__ import annotations

import math

import numpy as np

from rltheory.exploration.bounds.optimism import model_error


def ucbvi_width(n_states: int, n_actions: int, H: int, K: int, *, delta: float, vmax: float) -> float:
    r"""Least multiplier c for which the proof of optimism holds: $c = v \sqrt{\tfrac12 \ln(3 S A K H^2 / \delta)}$.

    $V^*_{t+1}$ is one fixed function for each step, so Hoeffding's inequality for each pair, step and number N of
    visits up to KH gives $(P - \hat P) V^*_{t+1} \le c / \sqrt N$ at all of them with probability $1 - \delta / 3$.

    Parameters
    ----------
    n_states, n_actions, H, K : int
        Sizes.
    delta : float
        Failure probability.
    vmax : float
        Most that an episode can earn, in reward units.

    Returns
    -------
    float
        In reward units; the bonus of N visits is this over $\sqrt N$.

    References
    ----------
    Hoeffding (1963), theorem 2; the induction is that of Azar, Osband and Munos (2017), lemma 18.
    """
    return vmax * math.sqrt(math.log(3 * n_states * n_actions * max(K, 1) * H**2 / delta) / 2)


def ucbvi_regret(n_states: int, n_actions: int, H: int, K: int, *, delta: float, vmax: float) -> float:
    r"""Regret of `ucbvi` with the radius `Data`, with probability $1 - \delta$.

    .. math::

        R_K \le S A H v + 2 (b + w) \sqrt{S A K H} + v \sqrt{\tfrac12 K H \ln(3 / \delta)}

    with b of `ucbvi_width` and $w = v \sqrt{\tfrac12 (S \ln 2 + \ln(3 S A K H / \delta))}$, the error of the kernel at
    any function. An optimistic learner loses at most $\min\{v, (b + w) / \sqrt N\}$ in each step, in expectation; the
    first H visits to a pair cost at most v each, and counts lag no more than H visits behind afterwards.

    Parameters
    ----------
    n_states, n_actions, H, K, delta, vmax
        As for `ucbvi_width`.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Derived here. The rate in S is worse than that of Azar, Osband and Munos (2017), and the constants are far better:
    this is below K v from some thousand episodes on for two states, where theirs needs millions.
    """
    pairs, steps = n_states * n_actions, K * H
    if steps == 0:
        return 0.0
    b = ucbvi_width(n_states, n_actions, H, K, delta=delta, vmax=vmax)
    w = vmax * model_error(n_states, failure=delta / (3 * pairs * steps))
    luck = vmax * math.sqrt(steps * math.log(3 / delta) / 2)
    return pairs * H * vmax + 2 * (b + w) * math.sqrt(pairs * steps) + luck


def ucbvi_published_regret(n_states: int, n_actions: int, H: int, K: int, *, delta: float) -> float:
    r"""Regret of `ucbvi` with the radius `Theory`: $20 H^{3/2} L \sqrt{S A K} + 250 H^2 S^2 A L^2$.

    Parameters
    ----------
    n_states, n_actions, H, K, delta
        As for `ucbvi_width`; rewards in [0, 1].

    Returns
    -------
    float
        In reward units, with $L = \ln(5 H S A K H / \delta)$.

    References
    ----------
    Azar, Osband and Munos (2017), theorem 1: $20 H L \sqrt{S A T} + 250 H^2 S^2 A L^2$ with $T = K H$.
    """
    T = K * H
    log = math.log(5 * H * n_states * n_actions * max(T, 1) / delta)
    return 20 * H * log * math.sqrt(n_states * n_actions * T) + 250 * H**2 * n_states**2 * n_actions * log**2


def ucbvi_bernstein_published_regret(n_states: int, n_actions: int, H: int, K: int, *, delta: float) -> float:
    r"""Regret of `ucbvi_bernstein`: $30 L \sqrt{H S A T} + 2500 H^2 S^2 A L^2 + 4 H \sqrt{T L}$, $T = K H$.

    Parameters
    ----------
    n_states, n_actions, H, K, delta
        As for `ucbvi_width`; rewards in [0, 1].

    Returns
    -------
    float
        In reward units, with $L = \ln(5 H S A T / \delta)$.

    References
    ----------
    Azar, Osband and Munos (2017), theorem 2.
    """
    T = K * H
    log = math.log(5 * H * n_states * n_actions * max(T, 1) / delta)
    leading = 30 * log * math.sqrt(H * n_states * n_actions * T) + 4 * H * math.sqrt(T * log)
    return leading + 2500 * H**2 * n_states**2 * n_actions * log**2


def ucrl_regret(n_states: int, n_actions: int, H: int, K: int, *, delta: float) -> float:
    r"""Regret of UCRL in episodes, with probability $1 - 3\delta$, as it is printed.

    .. math:: 4 c H \sqrt{S A H K} + 2 c H^2 S A + 3 H \sqrt{\tfrac12 H K \ln(1/\delta)},
              \qquad c = \sqrt{2 S \ln 2 + \ln(H K (H K + 1) S A / \delta)}

    It is for sets of kernels within $c / \sqrt N$ in the norm of sums, $L_1$. No learner of episodes here keeps them:
    `ucbvi` with the radius `Data` has a bonus and a bound of its own, `ucbvi_regret`.

    Parameters
    ----------
    n_states, n_actions, H, K, delta
        As for `ucbvi_width`; rewards in [0, 1].

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Szepesvari (2022), lecture 23.
    """
    pairs, steps = n_states * n_actions, K * H
    if steps == 0:
        return 0.0
    c = math.sqrt(2 * n_states * math.log(2) + math.log(steps * (steps + 1) * pairs / delta))
    luck = 3 * H * math.sqrt(steps * math.log(1 / delta) / 2)
    return 4 * c * H * math.sqrt(pairs * steps) + 2 * c * H**2 * pairs + luck


def ucb_q_step_size(H: int, n: int) -> float:
    r"""Step size of the n-th visit, $\alpha_n = (H + 1) / (H + n)$.

    Parameters
    ----------
    H : int
        Number of steps of an episode, at least 1.
    n : int
        Which visit, at least 1.

    Returns
    -------
    float
        In (0, 1].

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), equation 4.1.
    """
    return (H + 1) / (H + n)


def ucb_q_weights(H: int, n: int) -> np.ndarray:
    r"""Weights of n targets in their running mean, $\alpha_n^i = \alpha_i \prod_{j = i + 1}^n (1 - \alpha_j)$.

    They add up to 1, none is above $2 H / n$, and nor is the sum of their squares; $1/\sqrt n \le \sum_i \alpha_n^i /
    \sqrt i \le 2 / \sqrt n$; and a target's weights over all n at which it counts add up to $1 + 1/H$.

    Parameters
    ----------
    H, n : int
        As for `ucb_q_step_size`.

    Returns
    -------
    ndarray, shape (n,)
        Of the first to the last target.

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), lemma 4.1.

    Examples
    --------
    >>> ucb_q_weights(1, 3).round(3)
    array([0.167, 0.333, 0.5  ])
    """
    sizes = (H + 1) / (H + np.arange(1, n + 1))
    kept = np.concatenate([np.cumprod(1 - sizes[:0:-1])[::-1], [1.0]])
    return sizes * kept


def ucb_q_weight(H: int, n: int) -> float:
    r"""Most that a weight of `ucb_q_weights` can be, and the sum of their squares: $2 H / n$.

    Parameters
    ----------
    H, n : int
        As for `ucb_q_step_size`.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), lemma 4.1.
    """
    return 2 * H / n


def ucb_q_future_weight(H: int) -> float:
    r"""Most that the weights of one target add up to over all later means: $\sum_{n \ge i} \alpha_n^i = 1 + 1/H$.

    So an error of a target is passed on with a growth of $(1 + 1/H)^H \le e$ over all steps.

    Parameters
    ----------
    H : int
        Steps of an episode.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), lemma 4.1.
    """
    return 1 + 1 / H


def ucb_q_width(n_states: int, n_actions: int, H: int, K: int, *, delta: float, vmax: float) -> float:
    r"""Multiplier c of the bonus $c / \sqrt n$ of Q-learning: $c = v \sqrt{H \ln(4 S A H K / \delta)}$.

    Hoeffding's inequality for targets of range v whose squared weights add up to at most $2 H / n$.

    Parameters
    ----------
    n_states, n_actions, H, K, delta, vmax
        As for `ucbvi_width`.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), lemma 4.3, whose constant c is 1 for rewards that are known.
    """
    return vmax * math.sqrt(H * math.log(4 * n_states * n_actions * H * max(K, 1) / delta))


def ucb_q_regret(n_states: int, n_actions: int, H: int, K: int, *, delta: float, vmax: float) -> float:
    r"""Regret of `ucb_q`, with probability $1 - \delta$.

    .. math:: R_K \le e \Big( S A H v + 8 c H \sqrt{S A K} + v \sqrt{\tfrac12 H K \ln(2 / \delta)} \Big)

    with c of `ucb_q_width`. An error made at step t is passed on to those before with a factor of $1 + 1/H$ for each,
    in all no more than e.

    Parameters
    ----------
    n_states, n_actions, H, K, delta, vmax
        As for `ucbvi_width`.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Derived here, along the proof of Jin, Allen-Zhu, Bubeck and Jordan (2018), theorem 1.

    Examples
    --------
    The bound says something from a few hundred thousand episodes on:

    >>> round(ucb_q_regret(2, 2, 2, 10**6, delta=0.05, vmax=2.0) / (2.0 * 10**6), 2)
    0.56
    """
    c = ucb_q_width(n_states, n_actions, H, K, delta=delta, vmax=vmax)
    luck = vmax * math.sqrt(H * K * math.log(2 / delta) / 2)
    return math.e * (n_states * n_actions * H * vmax + 8 * c * H * math.sqrt(n_states * n_actions * K) + luck)


def posterior_sampling_regret(n_states: int, n_actions: int, H: int, K: int, *, vmax: float) -> float:
    r"""Expected regret of `posterior_sampling` if the prior is right: $S A H v + 4 w \sqrt{S A K H} + 2 v$.

    With $w = v \sqrt{\tfrac12 (S \ln 2 + \ln(S A K^2 H))}$. The true and the sampled kernel have the same law given the
    data, so both are within $w / (v \sqrt N)$ of the frequencies, but for a probability of $1 / K$ in each episode.

    Parameters
    ----------
    n_states, n_actions, H, K, vmax
        As for `ucbvi_width`.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Derived here, along the proof of Osband, Russo and Van Roy (2013), theorem 1.
    """
    if K == 0:
        return 0.0
    w = vmax * model_error(n_states, failure=1 / (n_states * n_actions * K**2 * H))
    return n_states * n_actions * H * vmax + 4 * w * math.sqrt(n_states * n_actions * K * H) + 2 * vmax


def ucrl2_regret(n_states: int, n_actions: int, steps: int, *, diameter: float, delta: float) -> float:
    r"""Regret of `ucrl2`: $T \rho^* - \sum_t r_t \le 34 D S \sqrt{A T \ln(T / \delta)}$ with probability $1 - \delta$.

    Parameters
    ----------
    n_states, n_actions, steps : int
        Sizes; T steps, more than 1.
    diameter : float
        The longest of the shortest expected times from one state to another, D, in steps.
    delta : float
        Failure probability.

    Returns
    -------
    float
        In reward units, for rewards in [0, 1].

    References
    ----------
    Jaksch, Ortner and Auer (2010), theorem 2.
    """
    return 34 * diameter * n_states * math.sqrt(n_actions * steps * math.log(steps / delta))

r"""What theory promises of tabular learners: S states, A actions, H steps, K episodes, rewards of at most v in total.

The bounds that are derived here have no unknown constant, and many say something at sizes that a laptop reaches.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


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


def model_error(n_states: int, *, failure: float) -> float:
    r"""Half-width of a kernel's row: $TV(\hat P, P) \le c / \sqrt N$ with $c = \sqrt{\tfrac12 (S \ln 2 - \ln p)}$.

    The distance in total variation is the largest error of the probability of a set of states, and Hoeffding's
    inequality holds for each of the $2^S$ sets.

    Parameters
    ----------
    n_states : int
        Number of successors, S.
    failure : float
        Probability p that it fails for one row and one N.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Weissman, Ordentlich, Seroussi, Verdu and Weinberger (2003) has the distance in L1, twice this.
    """
    return math.sqrt((n_states * math.log(2) - math.log(failure)) / 2)


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


def bernstein_error(variance: Any, n: Any, *, log: float, vmax: float) -> Any:
    r"""Error of frequencies at one function by its variance, with probability at least $1 - 2 e^{-L}$ for each N.

    $$|(\hat P - P) V| \le \sqrt{\frac{2 L \operatorname{Var}_P(V)}{N}} + \frac{2 v L}{3 N}$$

    Parameters
    ----------
    variance : float or ndarray
        Variance of the function under the true row, in squared reward units.
    n : float or ndarray
        Number of samples N, above 0.
    log : float
        L, the logarithm of 2 over the failure probability.
    vmax : float
        Range of the function, in reward units.

    Returns
    -------
    float or ndarray
        In reward units.

    References
    ----------
    Bernstein's inequality; Azar, Osband and Munos (2017), the event of their section on concentration.
    """
    return np.sqrt(2 * log * variance / n) + 2 * vmax * log / (3 * n)


def optimistic_value(P: np.ndarray, r: np.ndarray, bonus: np.ndarray, *, vmax: float) -> np.ndarray:
    r"""What an optimist believes: $V_t(s) = \max_a \min\{v,\; r_t + P_t V_{t+1} + b_t\}$, $V_H = 0$.

    At least the optimum of another kernel $\tilde P$ if $b_t \ge (\tilde P_t - P_t) V^*_{t+1}$ everywhere.

    Parameters
    ----------
    P : ndarray, shape (H, n_states, n_actions, n_states)
        The kernel that it plans with.
    r, bonus : ndarray, shape (H, n_states, n_actions)
        Rewards and bonuses, in reward units.
    vmax : float
        Most that an episode can earn.

    Returns
    -------
    ndarray, shape (H, n_states, n_actions)
        The values of the pairs; their largest is the value of a state.

    References
    ----------
    Azar, Osband and Munos (2017), lemma 18.
    """
    q, value = np.empty(r.shape), np.zeros(r.shape[1])
    for t in reversed(range(len(r))):
        q[t] = np.minimum(vmax, r[t] + P[t] @ value + bonus[t])
        value = q[t].max(axis=1)
    return q


def accumulated_cost(P: np.ndarray, policy: np.ndarray, cost: np.ndarray) -> np.ndarray:
    r"""Expected sum of a cost along a policy, $C_t(s) = c_t(s, \pi_t(s)) + (P_t C_{t+1})(s, \pi_t(s))$.

    An optimist with kernel $\hat P$ and bonus b is no more above the value of its own policy in the kernel P than the
    sum of $\min\{v, b_t + |(\hat P_t - P_t) V_{t+1}|\}$.

    Parameters
    ----------
    P : ndarray, shape (H, n_states, n_actions, n_states)
        The true kernel.
    policy : ndarray of int, shape (H, n_states)
        The policy.
    cost : ndarray, shape (H, n_states, n_actions)
        In reward units.

    Returns
    -------
    ndarray, shape (n_states,)
        From each state at step 0.

    References
    ----------
    Azar, Osband and Munos (2017), the recursion of their regret.
    """
    states, total = np.arange(cost.shape[1]), np.zeros(cost.shape[1])
    for t in reversed(range(len(cost))):
        total = cost[t, states, policy[t]] + P[t, states, policy[t]] @ total
    return total


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


def mvp_backup(p: np.ndarray, v: np.ndarray, *, n: float, iota: float, a: float = 20 / 3, b: float = 400 / 9) -> float:
    r"""Mean with the bonus of MVP: $p^\top v + \max\{a \sqrt{\operatorname{Var}_p(v) \iota / n},\; b \iota / n\}$.

    Not decreasing in each coordinate of $v \in [0, 1]^S$ if $a^2 \le b$: where the first term is the larger, the slope
    of the deviation is at most $p_i \cdot a^2 / b$ below 0.

    Parameters
    ----------
    p : ndarray, shape (n_states,)
        Relative frequencies.
    v : ndarray, shape (n_states,)
        Values in [0, 1].
    n : float
        Number of samples.
    iota : float
        Logarithm of the inverse failure probability.
    a, b : float
        Constants of the bonus.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Zhang, Ji and Du (2021), "Is reinforcement learning more difficult than bandits?", lemma on monotonicity.
    """
    average = float(p @ v)
    spread = math.sqrt(max(0.0, float(p @ (v - average) ** 2)))
    return average + max(a * spread * math.sqrt(iota / n), b * iota / n)


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


def kl_threshold(n_states: int, n_actions: int, H: int, n: Any, *, delta: float) -> Any:
    r"""How far frequencies stray: $n\, KL(\hat P_n \| P) \le \beta(n) = \ln(3 S A H / \delta) + S \ln(8 e (n + 1))$.

    For all pairs, steps and n at once, with probability $1 - \delta$.

    Parameters
    ----------
    n_states, n_actions, H : int
        Sizes.
    n : float or ndarray
        Number of samples, at least 0.
    delta : float
        Failure probability.

    Returns
    -------
    float or ndarray
        In nats.

    References
    ----------
    Kaufmann, Menard, Domingues, Jonsson, Leurent and Valko (2021); Menard, Domingues, Jonsson, Kaufmann, Leurent and
    Valko (2021).
    """
    return math.log(3 * n_states * n_actions * H / delta) + n_states * np.log(8 * math.e * (n + 1))


def reward_free_uncertainty(P: np.ndarray, unsure: np.ndarray, *, cap: np.ndarray, growth: float = 1.0) -> np.ndarray:
    r"""Back up an uncertainty: $E_t = \min\{cap_t,\; u_t + g\, P_t \max_a E_{t+1}\}$.

    Parameters
    ----------
    P : ndarray, shape (H, n_states, n_actions, n_states)
        The learned kernel.
    unsure : ndarray, shape (H, n_states, n_actions)
        Uncertainty of each pair alone; infinite where nothing is known.
    cap : ndarray, shape (H,)
        Most that is possible at each step: H - t for RF-UCRL, H for RF-Express.
    growth : float
        Factor g of each step: 1 for RF-UCRL, 1 + 1/H for RF-Express.

    Returns
    -------
    ndarray, shape (n_states,)
        The largest of each state at step 0.

    References
    ----------
    Kaufmann, Menard, Domingues, Jonsson, Leurent and Valko (2021); Menard, Domingues, Jonsson, Kaufmann, Leurent and
    Valko (2021).
    """
    value = np.zeros(P.shape[1])
    for t in reversed(range(len(P))):
        value = np.minimum(cap[t], unsure[t] + growth * (P[t] @ value)).max(axis=1)
    return value


def rf_express_error(largest: float) -> float:
    r"""Error of every policy's value for every reward in [0, 1], by the largest W of RF-Express: $3 e \sqrt W + W$.

    Parameters
    ----------
    largest : float
        The mean of $\max_a W_0(s, a)$ over the start distribution, in reward units.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Menard, Domingues, Jonsson, Kaufmann, Leurent and Valko (2021), lemma 1.
    """
    return 3 * math.e * math.sqrt(largest) + largest


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

r"""What optimism in finite models is made of: how far frequencies stray, and what a plan makes of it.

Each holds on its own, for any kernel that was learned or for the frequencies of samples, so that it can be looked at
apart from the learner that uses it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


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

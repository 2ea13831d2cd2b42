r"""What theory promises about planning in a discounted MDP: one pure function for each theorem.

Throughout :math:`0 \le \gamma < 1`, :math:`H = 1/(1-\gamma)`, T is the Bellman optimality operator, :math:`\|\cdot\|`
the sup norm, :math:`\mathrm{sp}(x) = \max x - \min x`, and :math:`\pi_v` any policy greedy for v. Values, errors,
residuals, spans and gaps are in reward units; so is what is returned, unless it is a count. `proofs_check` puts every
function of this file to the test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def contraction(gamma: float, distance: float) -> float:
    r"""Distance after one backup: :math:`\|T u - T v\| \le \gamma \|u - v\|`, and the same for a policy's operator.

    Denardo (1967); Puterman (2005), section 6.2. Attained by :math:`u = v + c`.
    """
    return gamma * distance


def span_contraction(gamma: float, dobrushin: float, span: float) -> float:
    r"""Span after one backup: :math:`\mathrm{sp}(T u - T v) \le \gamma\, \delta\, \mathrm{sp}(u - v)`.

    ``dobrushin`` is :math:`\delta`, the largest total variation between two rows of P, in [0, 1].
    Puterman (2005), section 6.6. Attained by a two-state chain.
    """
    return gamma * dobrushin * span


def geometric_error(gamma: float, k: int, initial_error: float) -> float:
    r"""Error after k rounds: :math:`\|v_k - v^*\| \le \gamma^k \|v_0 - v^*\|`.

    True of value iteration, of the policies of policy iteration, and of modified policy iteration from
    :math:`v_0 \le T v_0`. Puterman (2005), sections 6.3 to 6.5. Attained by `mdps.single_state` and
    `mdps.slow_policy_iteration`.
    """
    return gamma**k * initial_error


def effective_horizon(gamma: float, eps: float) -> float:
    r"""Sweeps of value iteration from 0 that give an error of at most eps: :math:`H_{\gamma,\varepsilon}`.

    .. math:: H_{\gamma,\varepsilon} = \ln\frac{1}{\varepsilon (1-\gamma)} \Big/ \ln\frac1\gamma

    For rewards in [0, 1]; round up. At :math:`\gamma = 0` it is 0 for :math:`\varepsilon \ge 1`, else 1.
    Kearns, Mansour and Ng (2002). Attained by one state with reward 1.

    Examples
    --------
    >>> round(effective_horizon(gamma=0.5, eps=0.25), 12)
    3.0
    """
    if eps * (1 - gamma) >= 1:
        return 0.0
    return math.log(eps * (1 - gamma)) / math.log(gamma) if gamma else 1.0


def effective_horizon_bound(gamma: float, eps: float) -> float:
    r"""A simpler count: :math:`H_{\gamma,\varepsilon} \le H \ln\frac{1}{\varepsilon(1-\gamma)}`.

    For :math:`\varepsilon (1-\gamma) \le 1`. The two agree as :math:`\gamma \to 1`.
    """
    return -math.log(eps * (1 - gamma)) / (1 - gamma)


def value_iteration_sweeps(gamma: float, tol: float, span: float) -> int:
    r"""Number of sweeps after which the bracket around the value is surely within ``tol``.

    With :math:`v_k = T^k v_0` the MacQueen-Porteus bracket at :math:`v_k` is at most
    :math:`\gamma^{k+1} \mathrm{sp}(T v_0 - v_0) / (1-\gamma)` wide, so it is enough that

    .. math:: k \ge \ln\frac{\gamma\, \mathrm{sp}(T v_0 - v_0)}{(1-\gamma)\, tol} \Big/ \ln\frac1\gamma.

    The bracket is usually narrow long before. MacQueen (1966); Puterman (2005), section 6.6.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1).
    tol : float
        Width to be reached, above 0.
    span : float
        :math:`\mathrm{sp}(T v_0 - v_0)`.

    Returns
    -------
    int
        The smallest such k, at least 0.

    Raises
    ------
    ValueError
        If ``tol`` is not positive and the bracket is not yet closed: no finite number of sweeps is enough.

    Examples
    --------
    >>> value_iteration_sweeps(gamma=0.9, tol=1e-6, span=1.0)
    152
    """
    if bracket_width(gamma, span) <= tol:
        return 0
    if not tol > 0:
        raise ValueError(f"tol is {tol!r}; no finite number of sweeps reaches it, ask for a positive tol")
    ratio = math.log(span) + math.log(gamma) - math.log(tol) - math.log1p(-gamma)
    return max(0, math.ceil(ratio / -math.log(gamma)))


def bracket_width(gamma: float, span: float) -> float:
    r"""Width of the MacQueen-Porteus bracket: :math:`v^* - v^{\pi_v} \le \gamma H\, \mathrm{sp}(T v - v)`.

    MacQueen (1966); Porteus (1971). Attained by `mdps.greedy_trap`.

    Examples
    --------
    >>> bracket_width(gamma=0.5, span=2.0)
    2.0
    """
    return gamma / (1 - gamma) * span


def macqueen_porteus(gamma: float, v: Any, backed_up: Any) -> tuple[np.ndarray, np.ndarray]:
    r"""Bracket around both values: :math:`w + \gamma H \min(w - v) \le v^{\pi_v} \le v^* \le w + \gamma H \max(w - v)`.

    MacQueen (1966); Porteus (1971); Puterman (2005), section 6.6. Attained by :math:`v = v^* + c`.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1).
    v, backed_up : array_like, shape (n_states,)
        Any value and :math:`w = T v`.

    Returns
    -------
    lower, upper : ndarray, shape (n_states,)

    Examples
    --------
    >>> macqueen_porteus(0.5, v=[0.0, 2.0], backed_up=[1.0, 2.0])
    (array([1., 2.]), array([2., 3.]))
    """
    w = np.asarray(backed_up, dtype=float)
    step = w - np.asarray(v, dtype=float)
    return w + bracket_width(gamma, step.min()), w + bracket_width(gamma, step.max())


def residual_error(gamma: float, residual: float) -> float:
    r"""Distance to the optimum: :math:`\|v^* - v\| \le H \|T v - v\|`. Attained by :math:`v = v^* + c`."""
    return residual / (1 - gamma)


def residual_policy_loss(gamma: float, residual: float) -> float:
    r"""Largest loss of the greedy policy of v: :math:`\|v^* - v^{\pi_v}\| \le 2 \gamma H \|T v - v\|`.

    Williams and Baird (1993). Attained by a shifted `mdps.greedy_trap`.
    """
    return 2 * gamma / (1 - gamma) * residual


def greedy_policy_loss(gamma: float, value_error: float) -> float:
    r"""Largest loss of the greedy policy of v: :math:`\|v^* - v^{\pi_v}\| \le 2 \gamma H \|v - v^*\|`.

    Singh and Yee (1994). Attained by `mdps.greedy_trap`.
    """
    return 2 * gamma / (1 - gamma) * value_error


def greedy_policy_loss_by_span(gamma: float, error_span: float) -> float:
    r"""Largest loss of the greedy policy of v: :math:`\|v^* - v^{\pi_v}\| \le \gamma H\, \mathrm{sp}(v - v^*)`.

    Never larger than `greedy_policy_loss`, and attained by the same `mdps.greedy_trap`.
    """
    return gamma / (1 - gamma) * error_span


def greedy_policy_loss_of_q(gamma: float, q_error: float) -> float:
    r"""Largest loss of the policy greedy for q: :math:`\|v^* - v^{\pi_q}\| \le 2 H \|q - q^*\|`.

    Singh and Yee (1994). Attained by one state with two actions.
    """
    return 2 / (1 - gamma) * q_error


def near_optimal_actions_loss(gamma: float, eps: float, zeta: float = 0.0, q_size: float = 0.0) -> float:
    r"""Loss of a policy that mostly takes good actions: :math:`v^* - v^\pi \le (\varepsilon + 2 \zeta \|q^*\|) H`.

    In every state the policy puts probability at least :math:`1 - \zeta` on actions with
    :math:`q^*(s, a) \ge v^*(s) - \varepsilon`; ``q_size`` is :math:`\|q^*\|`. With :math:`\zeta = 0` it is enough that
    :math:`\sum_a \pi(a \mid s)\, q^*(s, a) \ge v^*(s) - \varepsilon`. Attained by one state with two actions.
    """
    return (eps + 2 * zeta * q_size) / (1 - gamma)


def overturned_gap(gamma: float, value_error: float) -> float:
    r"""Largest action gap that an error in v can overturn: :math:`\Delta \le 2 \gamma \|v - v^*\|`.

    In a state whose best action is better than any other by more than this, every greedy policy of v takes it.
    Attained by `mdps.greedy_trap`.
    """
    return 2 * gamma * value_error


def howard_improvements(gamma: float, n_states: int, n_pairs: int) -> int:
    r"""Improvements that Howard's policy iteration needs at most: :math:`(SA - S)(\lceil H_{\gamma,1} \rceil + 1)`.

    ``n_pairs`` is SA, also where states differ in their number of actions. Every
    :math:`\lfloor H_{\gamma,1} \rfloor + 1` improvements drop one more action that is not optimal, for good (Ye 2011;
    Hansen, Miltersen and Zwick 2013).

    Examples
    --------
    >>> howard_improvements(gamma=0.5, n_states=2, n_pairs=4)
    4
    """
    return (n_pairs - n_states) * (math.ceil(effective_horizon(gamma, 1.0)) + 1)


def howard_improvements_sharp(gamma: float, n_states: int, n_pairs: int) -> int:
    r"""The same, sharper by up to a factor of two: :math:`(SA - S)(\lfloor H_{\gamma,1} \rfloor + 1)`.

    The least k with :math:`\gamma^k H < 1` is :math:`\lfloor H_{\gamma,1} \rfloor + 1`. Attained by one state with two
    actions and a small discount.

    Examples
    --------
    >>> howard_improvements_sharp(gamma=0.25, n_states=1, n_pairs=2), howard_improvements(0.25, 1, 2)
    (1, 2)
    """
    # Where the horizon is a whole number, rounding shall not take one off.
    return (n_pairs - n_states) * (math.floor(effective_horizon(gamma, 1.0) * (1 + 1e-12)) + 1)


def howard_improvements_scherrer(gamma: float, n_states: int, n_pairs: int) -> int:
    r"""Improvements that Howard's policy iteration needs at most: :math:`(SA - S) \lceil H \ln H \rceil`.

    For :math:`\gamma > 0`. Scherrer (2016). Attained by one state with two actions and a small discount.

    Examples
    --------
    >>> howard_improvements_scherrer(gamma=0.5, n_states=2, n_pairs=4)
    4
    """
    return (n_pairs - n_states) * math.ceil(-math.log1p(-gamma) / (1 - gamma))


def policy_count(action_counts: Any) -> int:
    r"""Number of deterministic policies, :math:`\prod_s |A(s)|`; policy iteration visits each at most once.

    Examples
    --------
    >>> policy_count([2, 1, 3])
    6
    """
    return math.prod(int(count) for count in action_counts)


def approximate_mpi_loss(
    gamma: float, k: int, evaluation_error: float, greedy_error: float, initial_error: float
) -> float:
    r"""Loss of the k-th policy of approximate modified policy iteration, for any number of sweeps a round.

    .. math:: \|v^* - v^{\pi_k}\| \le 2 (\gamma - \gamma^k) H^2 \varepsilon + (1 - \gamma^k) H^2 \varepsilon'
              + 2 \gamma^k H \|v^* - v_0\|

    where :math:`T_{\pi_k} v_{k-1} \ge T v_{k-1} - \varepsilon'` (``greedy_error``) and
    :math:`\|v_k - T_{\pi_k}^m v_{k-1}\| \le \varepsilon` (``evaluation_error``), and k is at least 1.
    Scherrer, Ghavamzadeh, Gabillon, Lesner and Geist (2015). Attained by `mdps.error_chain`.
    """
    H = 1 / (1 - gamma)
    from_start = 2 * gamma**k * H * initial_error
    return 2 * (gamma - gamma**k) * H**2 * evaluation_error + (1 - gamma**k) * H**2 * greedy_error + from_start


def total_visits(gamma: float) -> float:
    r"""Total mass of every discounted occupancy: :math:`\sum_{s,a} x(s, a) = H`, in visits."""
    return 1 / (1 - gamma)


def simulation_lemma(gamma: float, reward_error: float, kernel_error: float) -> float:
    r"""Value of a policy in two models: :math:`\|v^\pi - \hat v^\pi\| \le H\varepsilon_r + \gamma H^2\varepsilon_P/2`.

    For rewards in [0, 1]; ``kernel_error`` is the largest :math:`L_1` distance between rows of the two chains. Kearns
    and Singh (2002), without the half. Attained, in the limit, by `mdps.leaky_reward`.
    """
    H = 1 / (1 - gamma)
    return H * reward_error + gamma * H**2 * kernel_error / 2


def model_error(gamma: float, reward_error: float, value_shift: float) -> float:
    r"""Value in two models: :math:`\|v - \hat v\| \le H (\varepsilon_r + \gamma \|(P - \hat P) v\|)`.

    For the value of one policy, or for the two optimal values (then with all pairs); ``value_shift`` is
    :math:`\|(P - \hat P) v\|`. Attained by a constant error of the reward.
    """
    return (reward_error + gamma * value_shift) / (1 - gamma)


def certainty_equivalence_loss(gamma: float, reward_error: float, value_shift: float) -> float:
    r"""Loss of the policy that is optimal in the wrong model: at most
    :math:`2 H^2 (\varepsilon_r + \gamma \|(P - \hat P) v^*\|)`.

    ``value_shift`` is :math:`\|(P - \hat P) v^*\|`. Attained by `proofs_check.planning.models.certainty_trap`.
    """
    return 2 * (reward_error + gamma * value_shift) / (1 - gamma) ** 2


def discount_change(gamma: float, larger: float) -> float:
    r"""Price of planning with a smaller discount: :math:`(\gamma' - \gamma) / ((1-\gamma)(1-\gamma'))`.

    For rewards in [0, 1] it bounds :math:`v^\pi_{\gamma'} - v^\pi_\gamma \ge 0` and the loss under :math:`\gamma'`
    (``larger``) of a policy that is optimal under :math:`\gamma`. Jiang, Kulesza, Singh and Lewis (2015).
    Attained by `mdps.single_state` and `mdps.short_sighted`.
    """
    return (larger - gamma) / ((1 - gamma) * (1 - larger))


def truncation_error(gamma: float, steps: int) -> float:
    r"""What is missed after h steps: :math:`|v^\pi - v^\pi_h| \le \gamma^h H`, for rewards in [0, 1].

    Attained by reward 1 throughout.
    """
    return gamma**steps / (1 - gamma)


def return_variance(gamma: float) -> float:
    r"""Variance of the return of a deterministic policy with known rewards in [0, 1]: at most :math:`\gamma^2 H^2 / 4`.

    In squared reward units: the first reward is known, the rest is in an interval of length :math:`\gamma H`
    (Popoviciu 1935). Attained by a fair coin between reward 1 for ever and nothing.
    """
    return (gamma / (1 - gamma)) ** 2 / 4


def accumulated_deviation(gamma: float, accumulated_variance: float) -> float:
    r"""Discounted sum of standard deviations, by that of variances: for every :math:`\sigma \ge 0`,

    .. math:: \|(I - \gamma P)^{-1} \sigma\|^2 \le \frac{1+\gamma}{1-\gamma} \|(I - \gamma^2 P)^{-1} \sigma^2\|.

    ``accumulated_variance`` is the last norm; returned is the bound on the first norm. Attained by constants.
    """
    return math.sqrt((1 + gamma) / (1 - gamma) * accumulated_variance)


def total_deviation(gamma: float) -> float:
    r"""Discounted sum of deviations of the next value: :math:`\|(I - \gamma P_\pi)^{-1} \sigma_\pi\| \le \sqrt{2 H^3}`.

    For rewards in [0, 1], with :math:`\sigma_\pi^2(s)` the policy's average of the variances of :math:`v^\pi(s')`.
    Azar, Munos and Kappen (2013).
    """
    return math.sqrt(2 / (1 - gamma) ** 3)


def total_deviation_known_rewards(gamma: float) -> float:
    r"""The same, sharper: :math:`\tfrac12 \sqrt{(1 + \gamma) H^3}`, for any policy.

    `return_variance` put into `accumulated_deviation`. It suffices to think of known rewards, since
    :math:`\sigma_\pi` depends on their means only. Attained by `mdps.lasting_coin` as the discount tends to 0.
    """
    return math.sqrt((1 + gamma) / (1 - gamma) ** 3) / 2


def misled_loss(violation: float) -> float:
    r"""What a bonus costs in some model that is no potential: :math:`|\Delta| / 2` or more, by which the best policy
    with the bonus is worse without it than the best one.

    ``violation`` is :math:`\Delta`, that of `rltheory.planning.shaping_potential` in `mdps.misleading_bonus`. After Ng,
    Harada and Russell (1999). Attained by a bonus for one transition.

    Examples
    --------
    >>> misled_loss(-3.0)
    1.5
    """
    return abs(violation) / 2

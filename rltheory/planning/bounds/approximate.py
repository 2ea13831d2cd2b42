r"""What theory promises when values, policies, models or states are approximated: one pure function for each theorem.

Notation as in `rltheory.planning.bounds.discounted`. Moreover
:math:`\|x\|_{2,\mu} = \big(\sum_s \mu(s)\, x(s)^2\big)^{1/2}`, :math:`d^\pi` is the normalised discounted occupancy of
the states under :math:`\pi`, and M replaces each value by an average of values, so that :math:`\|M\| \le 1`. Errors,
residuals, gaps and losses are in reward units, and so is what is returned, unless it is a factor or a count.
`proofs_check.approximation` puts every function of this file to the test.
"""

from __future__ import annotations

import math
from typing import Any

from rltheory.planning.bounds.discounted import greedy_policy_loss, greedy_policy_loss_of_q, simulation_lemma


def approximate_value_iteration_error(gamma: float, sweeps: int, sweep_error: float, initial_error: float) -> float:
    r"""Error after K inexact sweeps: :math:`\|v_K - v^*\| \le \gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon`.

    Here :math:`\|v_k - T v_{k-1}\| \le \varepsilon` (``sweep_error``), and the same for action values. Attained by one
    state and a constant error.
    """
    return gamma**sweeps * initial_error + (1 - gamma**sweeps) / (1 - gamma) * sweep_error


def approximate_value_iteration_loss(gamma: float, sweeps: int, sweep_error: float, initial_error: float) -> float:
    r"""Loss of the greedy policy after K inexact sweeps: at most
    :math:`2\gamma H \big(\gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon\big)`.

    It tends to :math:`2\gamma\varepsilon H^2`. Bertsekas and Tsitsiklis (1996), section 6.5. Attained by
    `mdps.error_chain`.

    Examples
    --------
    >>> round(approximate_value_iteration_loss(gamma=0.5, sweeps=60, sweep_error=1.0, initial_error=0.0), 12)
    4.0
    """
    return greedy_policy_loss(gamma, approximate_value_iteration_error(gamma, sweeps, sweep_error, initial_error))


def approximate_value_iteration_loss_of_q(gamma: float, sweeps: int, sweep_error: float, initial_error: float) -> float:
    r"""The same for action values: :math:`2 H \big(\gamma^K \|q_0 - q^*\| + (1 - \gamma^K) H \varepsilon\big)`.

    For rewards in [0, 1] and :math:`q_0 = 0` it is at most :math:`2 H^2 (\gamma^K + \varepsilon)` (Szepesvari 2022,
    lecture 19). Attained by `mdps.error_chain_q`.
    """
    return greedy_policy_loss_of_q(gamma, approximate_value_iteration_error(gamma, sweeps, sweep_error, initial_error))


def cyclic_policy_loss(gamma: float, period: int, sweeps: int, sweep_error: float, initial_error: float) -> float:
    r"""Loss of the last m greedy policies executed in turn, the latest first, for ever: at most
    :math:`\frac{2\gamma}{1 - \gamma^m} \big(\gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon\big)`.

    ``period`` is m, from 1 to K + 1; for m = 1 it is `approximate_value_iteration_loss`, and with a long period a
    factor H is saved. Scherrer and Lesner (2012). Attained by `mdps.error_chain`.

    Examples
    --------
    >>> round(cyclic_policy_loss(gamma=0.9, period=100, sweeps=200, sweep_error=1.0, initial_error=0.0), 2)
    18.0
    """
    error = approximate_value_iteration_error(gamma, sweeps, sweep_error, initial_error)
    return 2 * gamma / (1 - gamma**period) * error


def inexact_improvement_loss(gamma: float, greedy_error: float, previous_loss: float) -> float:
    r"""Loss after an inexact improvement: :math:`\|v^* - v^{\pi'}\| \le \gamma \|v^* - v^\pi\| + \varepsilon H`.

    Where :math:`T_{\pi'} v^\pi \ge T v^\pi - \varepsilon` (``greedy_error``). Szepesvari (2022), lecture 8. Attained by
    `mdps.near_optimal_policy`.
    """
    return gamma * previous_loss + greedy_error / (1 - gamma)


def approximate_policy_iteration_loss(gamma: float, rounds: int, evaluation_error: float, initial_loss: float) -> float:
    r"""Loss after K rounds: :math:`\gamma^K \|v^* - v^{\pi_0}\| + 2\gamma (1 - \gamma^K) H^2 \varepsilon`.

    Where :math:`\pi_{k+1}` is greedy for a value within :math:`\varepsilon` of :math:`v^{\pi_k}`. It tends to
    :math:`2\gamma\varepsilon H^2`. Bertsekas and Tsitsiklis (1996), section 6.2. Attained by `mdps.error_chain`.
    """
    H = 1 / (1 - gamma)
    return gamma**rounds * initial_loss + 2 * gamma * (1 - gamma**rounds) * H**2 * evaluation_error


def approximate_policy_iteration_loss_of_q(
    gamma: float, rounds: int, evaluation_error: float, initial_loss: float
) -> float:
    r"""The same for action values: :math:`\gamma^K \|v^* - v^{\pi_0}\| + 2 (1 - \gamma^K) H^2 \varepsilon`.

    Where :math:`\pi_{k+1}` is greedy for an action value within :math:`\varepsilon` of :math:`q^{\pi_k}`. Szepesvari
    (2022), lecture 8. Attained by `mdps.error_chain_q`.
    """
    H = 1 / (1 - gamma)
    return gamma**rounds * initial_loss + 2 * (1 - gamma**rounds) * H**2 * evaluation_error


def aggregated_policy_iteration_loss(gamma: float, error: float) -> float:
    r"""A loss that policy iteration with one value a group cannot be kept from: :math:`\varepsilon H^2`.

    There are groups of states such that averages over them are within :math:`\varepsilon` of :math:`q^\pi` for every
    policy, and still every policy loses so much, for ever: half of what `approximate_policy_iteration_loss_of_q`
    allows. Szepesvari (2022), lecture 13. Attained by `mdps.alternating_policies`.
    """
    return error / (1 - gamma) ** 2


def visited_residual_loss(gamma: float, optimal_visits: float, greedy_visits: float) -> float:
    r"""Loss of the greedy policy of v by the residual on visited states: at most
    :math:`H \big(\mathbb{E}_{d^{\pi^*}}[T v - v] + \mathbb{E}_{d^{\pi_v}}[v - T v]\big)`.

    The two expectations, which may be negative, are ``optimal_visits`` and ``greedy_visits``. Attained by
    `mdps.residual_fork`.
    """
    return (optimal_visits + greedy_visits) / (1 - gamma)


def concentrated_residual_loss(gamma: float, concentration: float, residual: float) -> float:
    r"""Loss of the greedy policy of v by its residual on average: :math:`H \sqrt{2\gamma C}\, \|T v - v\|_{2,\mu}`.

    ``concentration`` is C, with :math:`d^{\pi^*} \le C \mu` and :math:`d^{\pi_v} \le C \mu` from the same start.
    Usually stated with 2 instead of :math:`\sqrt{2\gamma}` (Munos 2003; Agarwal, Jiang, Kakade and Sun 2022); the
    smaller constant is attained by `mdps.residual_fork`.
    """
    return math.sqrt(2 * gamma * concentration) / (1 - gamma) * residual


def fitted_value_iteration_loss(
    gamma: float, sweeps: int, concentration: float, sweep_error: float, initial_error: float
) -> float:
    r"""Loss from a start distribution after K sweeps that are fitted on average: at most
    :math:`\gamma H \big(\sqrt{2C}\,(1 - \gamma^K) H \varepsilon + 2 \gamma^K \|v_0 - v^*\|\big)`.

    Where :math:`\|v_k - T v_{k-1}\|_{2,\mu} \le \varepsilon` (``sweep_error``), and ``concentration`` is C, with
    :math:`\rho P_{\pi_1} \cdots P_{\pi_m} \le C \mu` for all policies and all :math:`m \ge 1`. Usually stated with 2
    instead of :math:`\sqrt2` (Munos and Szepesvari 2008); the smaller constant is attained by `mdps.error_chain`.
    """
    from_sweeps = math.sqrt(2 * concentration) * (1 - gamma**sweeps) / (1 - gamma) * sweep_error
    return gamma / (1 - gamma) * (from_sweeps + 2 * gamma**sweeps * initial_error)


def policy_residual_error(gamma: float, residual: float) -> float:
    r"""Error of v by its residual on average: :math:`\|v - v^\pi\|_{2,D} \le H \|T_\pi v - v\|_{2,D}`.

    D is a stationary distribution of the policy's chain. Attained by :math:`v = v^\pi + c`.
    """
    return residual / (1 - gamma)


def averager_error(gamma: float, defect: float) -> float:
    r"""Error of :math:`\hat v = M T \hat v`: :math:`\|\hat v - v^*\| \le H \|M v^* - v^*\|`.

    Gordon (1995). Attained by `mdps.averaging_drift`.
    """
    return defect / (1 - gamma)


def averager_error_by_distance(gamma: float, distance: float) -> float:
    r"""Error of :math:`\hat v = M T \hat v`: :math:`\|\hat v - v^*\| \le 2 H \min_{M x = x} \|x - v^*\|`.

    Gordon (1995). Attained by `mdps.averaging_drift`.
    """
    return 2 * distance / (1 - gamma)


def averager_policy_loss(gamma: float, defect: float) -> float:
    r"""Loss of the greedy policy of :math:`\hat v = M T \hat v`: at most :math:`2\gamma H^2 \|M v^* - v^*\|`.

    That is at most :math:`4 \gamma H^2` times the distance of :math:`v^*` to the fixed points of M (Tsitsiklis and Van
    Roy 1996; Van Roy 2006). Attained by `mdps.averaging_trap`.
    """
    return greedy_policy_loss(gamma, averager_error(gamma, defect))


def td_factor(gamma: float, trace: float = 0.0) -> float:
    r"""The factor :math:`\beta = \gamma (1 - \lambda) / (1 - \gamma^2 \lambda)` of the error of TD(:math:`\lambda`).

    ``trace`` is :math:`\lambda`. The error is :math:`\|\Phi\theta - v^\pi\|_{2,D} \le \|\Pi v^\pi - v^\pi\|_{2,D} /
    \sqrt{1 - \beta^2}`, where D is stationary and :math:`\Pi` projects on the features. Tsitsiklis and Van Roy (1997)
    have :math:`\gamma (1-\lambda)/(1-\gamma\lambda)`, the contraction factor, which is larger for
    :math:`0 < \lambda < 1`. The smaller one is attained by `mdps.td_flip`.

    Examples
    --------
    >>> td_factor(gamma=0.9), td_factor(gamma=0.9, trace=1.0)
    (0.9, 0.0)
    """
    return gamma * (1 - trace) / (1 - gamma**2 * trace)


def td_error(gamma: float, trace: float, projection_error: float) -> float:
    r"""Error of TD(:math:`\lambda`): at most ``projection_error`` times :math:`1/\sqrt{1 - \beta^2}`; see `td_factor`.

    Examples
    --------
    >>> round(td_error(gamma=0.8, trace=0.0, projection_error=3.0), 12)
    5.0
    """
    return projection_error / math.sqrt(1 - td_factor(gamma, trace) ** 2)


def off_policy_growth(gamma: float, share: float) -> float:
    r"""Factor of :math:`\theta` in a sweep of fitted value iteration on `mdps.off_policy_pair`.

    .. math:: \theta_{k+1} = \gamma\, \frac{4 - 2p}{4 - 3p}\, \theta_k

    ``share`` is p, the weight of the first state. Tsitsiklis and Van Roy (1996) have p = 1/2 and the factor
    :math:`6\gamma/5`; p = 1 gives :math:`2\gamma`, and p = 0, the stationary weights, gives :math:`\gamma`.

    Examples
    --------
    >>> off_policy_growth(gamma=0.5, share=1.0)
    1.0
    """
    return gamma * (4 - 2 * share) / (4 - 3 * share)


def off_policy_divergence(share: float) -> float:
    r"""Discount above which fitted value iteration diverges on `mdps.off_policy_pair`: :math:`(4 - 3p)/(4 - 2p)`.

    ``share`` is p, the weight of the first state; for p = 1/2 it is 5/6 (Tsitsiklis and Van Roy 1996).

    Examples
    --------
    >>> off_policy_divergence(share=0.5) == 5 / 6
    True
    """
    return 1 / off_policy_growth(1.0, share)


def baird_divergence(n_states: int) -> float:
    r"""Discount above which temporal differences diverge on Baird's star: :math:`(n + 8) / (2 n + 3)`.

    For at least six states; 15/17 for Baird's (1995) seven. See `mdps.baird_star`.

    Examples
    --------
    >>> baird_divergence(n_states=7) == 15 / 17
    True
    """
    return (n_states + 8) / (2 * n_states + 3)


def bisimulation_gap(gamma: float, reward_gap: Any, transport: Any) -> Any:
    r"""What an action tells two states apart by: :math:`|r(s,a) - r(t,a)| + \gamma W_d(P_{sa}, P_{ta})`.

    The bisimulation metric is the least d that is the largest of these over actions, :math:`d = F d`, where
    :math:`W_d` (``transport``) is the cost of transport under d; and :math:`|v^*(s) - v^*(t)| \le d(s, t)` for it and
    for every :math:`d \ge F d`. Numbers or arrays. Ferns, Panangaden and Precup (2004). Attained by two loops.
    """
    return reward_gap + gamma * transport


def abstraction_error(gamma: float, reward_error: float, kernel_error: float) -> float:
    r"""Error of an abstract model: :math:`\|q^* - q^*_\phi\| \le H\varepsilon_r + \tfrac12 \gamma H^2\varepsilon_P`.

    For rewards in [0, 1]; errors are the largest over pairs, ``kernel_error`` of the :math:`L_1` distance between the
    laws of the next group. The `simulation_lemma` for abstractions; attained by `mdps.abstraction_trap` and, in the
    limit, by `mdps.abstraction_leak`.
    """
    return simulation_lemma(gamma, reward_error, kernel_error)


def abstraction_loss(gamma: float, reward_error: float, kernel_error: float) -> float:
    r"""Loss of the policy of an abstract model: at most :math:`2 H\varepsilon_r + \gamma H^2\varepsilon_P`.

    Twice `abstraction_error`, once for the optimal policy and once for the one at hand, and not H times as much.
    Attained by `mdps.abstraction_trap`.
    """
    return 2 * abstraction_error(gamma, reward_error, kernel_error)


def q_abstraction_loss(gamma: float, q_gap: float) -> float:
    r"""Loss of the policy of an abstract model: :math:`\|v^* - v^{\pi_\phi}\| \le 2 H^2 \varepsilon`.

    Where :math:`|q^*(s,a) - q^*(t,a)| \le \varepsilon` (``q_gap``) for states s and t of the same group, and the model
    averages them with any weights. Abel, Hershkowitz and Littman (2016). Attained by
    `mdps.q_abstraction_trap`.
    """
    return greedy_policy_loss_of_q(gamma, q_gap / (1 - gamma))


def lipschitz_model_error(gamma: float, reward_error: float, lipschitz: float, transport: float) -> float:
    r"""Value in two models: :math:`\|v^* - \hat v^*\| \le H (\varepsilon_r + \gamma L W)`.

    ``lipschitz`` is the constant L of :math:`\hat v^*`, in reward units for a unit of distance, and ``transport`` is W,
    the largest cost of transport between the two models' rows. Asadi, Misra and Littman (2018). Attained by
    `mdps.leaky_reward`.
    """
    return (reward_error + gamma * lipschitz * transport) / (1 - gamma)


def mixture_shortfall(gamma: float, alpha: float, advantage: float) -> float:
    r"""What a mixture of two policies gains less than its slope promises, at most.

    .. math:: J(\pi_\alpha) - J(\pi) \ge \alpha H A - \frac{2 \alpha^2 \gamma \varepsilon H}{1 - \gamma (1 - \alpha)}

    with :math:`\pi_\alpha = (1-\alpha) \pi + \alpha \pi'`, A the mean over :math:`d^\pi` of the advantage
    :math:`\sum_a \pi'(a|s)\, A^\pi(s,a)`, and :math:`\varepsilon` (``advantage``) its largest absolute value. Kakade
    and Langford (2002), Theorem 4.1. Attained by `mdps.mixture_trap`.
    """
    return 2 * alpha**2 * gamma * advantage / ((1 - gamma) * (1 - gamma * (1 - alpha)))


def trust_region_shortfall(gamma: float, shift: float, advantage: float) -> float:
    r"""What a policy gains less than its advantage promises: :math:`4 \gamma H^2 \alpha^2 \varepsilon`.

    .. math:: J(\pi') - J(\pi) \ge H A - 4 \gamma H^2 \alpha^2 \varepsilon

    with A as in `mixture_shortfall`, :math:`\alpha` (``shift``) the largest total variation between the policies in a
    state, and :math:`\varepsilon = \max |A^\pi(s,a)|`. Schulman, Levine, Abbeel, Jordan and Moritz (2015), Theorem 1.
    Attained, in the limit, by `mdps.trust_region_trap`.
    """
    return 4 * gamma * (shift / (1 - gamma)) ** 2 * advantage


def visited_shift_shortfall(gamma: float, mean_shift: float, advantage: float) -> float:
    r"""What a policy gains less than its advantage promises: :math:`2 \gamma H^2 \alpha \varepsilon`.

    .. math:: J(\pi') - J(\pi) \ge H A - 2 \gamma H^2 \alpha \varepsilon

    with A and :math:`\varepsilon` (``advantage``) as in `mixture_shortfall` and :math:`\alpha` (``mean_shift``) the
    total variation between the policies, averaged over :math:`d^\pi`. Achiam, Held, Tamar and Abbeel (2017),
    Corollary 1. Attained, in the limit, by `mdps.mixture_trap`.
    """
    return 2 * gamma * mean_shift * advantage / (1 - gamma) ** 2


def multiplicative_design_norm(dimension: int, n_vectors: int, rounds: int) -> float:
    r"""Largest norm :math:`\max_i \phi_i^\top G^{-1} \phi_i` after K multiplicative updates: :math:`d\, (n/d)^{1/K}`.

    With :math:`G = \sum_i w(i)\, \phi_i \phi_i^\top` for the average w of the first K weights, from uniform ones, each
    multiplied by its norm over d in every round. It tends to d, which no weights can be below (Kiefer and Wolfowitz
    1960; the rate is that of Cohen, Cousins, Lee and Yang 2019). Attained by a basis.

    Examples
    --------
    >>> multiplicative_design_norm(dimension=2, n_vectors=8, rounds=2)
    4.0
    """
    return dimension * (n_vectors / dimension) ** (1 / rounds)


def design_support(dimension: int) -> int:
    """Number of vectors that a best design needs at most: d (d + 1) / 2. Attained by three lines at 60 degrees.

    Examples
    --------
    >>> design_support(3)
    6
    """
    return dimension * (dimension + 1) // 2


def extrapolation_error(design_norm: float, misfit: float, noise: float) -> float:
    r"""Error of weighted least squares.

    .. math:: |\phi^\top\hat\theta - q(\phi)| \le \varepsilon + (\varepsilon + \eta) \sqrt{g}

    For every vector of the set, where :math:`|q(\phi) - \phi^\top\theta| \le \varepsilon` (``misfit``) for one
    :math:`\theta`, q is observed up to :math:`\eta` (``noise``) on the vectors with positive weight, and g is the
    largest norm :math:`\phi^\top G^{-1} \phi` of the design, at best the dimension. Szepesvari (2022), lecture 8.
    Attained by `proofs_check.approximation.designs`.
    """
    return misfit + (misfit + noise) * math.sqrt(design_norm)

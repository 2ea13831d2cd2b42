r"""What theory promises of a climb: one pure function for each theorem.

:math:`H = 1/(1-\gamma)`, rewards are in [0, 1] unless a width is an argument, :math:`d^\pi_\mu` is the normalised
discounted occupancy of the states from :math:`\mu`, and :math:`\|\cdot\|` is the sup norm. Errors and losses are in
reward units, and so is what is returned. `proofs_check.policy_optimisation` puts every function to the test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def softmax_gradient_domination(
    gradient_norm: float, n_states: int, optimal_probability: float, mismatch: float
) -> float:
    r"""Loss of a softmax policy whose gradient is small: at most
    :math:`\frac{\sqrt S}{\min_s \pi(a^*(s)|s)} \| d^{\pi^*}_\mu / d^\pi_\mu \|\, \|\nabla_\theta J\|_2`.

    Loss of :math:`J = \mu v^\pi`. ``optimal_probability`` is the minimum, ``mismatch`` the sup norm. Mei, Xiao,
    Szepesvari and Schuurmans (2020), lemma 8. Attained, in the limit, by one state and many equally bad actions.

    Examples
    --------
    >>> softmax_gradient_domination(gradient_norm=0.1, n_states=4, optimal_probability=0.5, mismatch=1.0)
    0.4
    """
    return math.sqrt(n_states) / optimal_probability * mismatch * gradient_norm


def direct_gradient_domination(gamma: float, mismatch: float, ascent: float) -> float:
    r"""Loss from :math:`\rho` of a policy from whose :math:`\mu v^\pi` no direction leads up: at most
    :math:`H\, \| d^{\pi^*}_\rho / \mu \|\, \max_{\bar\pi} \langle \bar\pi - \pi, \nabla_\pi\, \mu v^\pi \rangle`.

    ``mismatch`` is the norm and ``ascent`` the maximum. Agarwal, Kakade, Lee and Mahajan (2021), lemma 4. Attained by a
    state that a policy leaves for ever and had better not.
    """
    return mismatch * ascent / (1 - gamma)


def softmax_smoothness(gamma: float, n_choices: int) -> float:
    r"""Largest curvature of :math:`J(\theta) = \mu v^{\pi_\theta}` for logits :math:`\theta`:
    :math:`\|\nabla^2 J\|_2 \le \min\{ H^2 / 2,\; m H / (3 \sqrt 3) \}`, with m the number of states with a choice.

    By `deterministic_mixture` J is the mean of values in [0, H] under an exponential family, whose second derivative
    along u is :math:`\mathrm{Cov}(\mu v^\alpha, (U - E U)^2)` with :math:`U = \sum_s u(s, \alpha(s))`. In each state u
    ranges over :math:`\sqrt2 \|u_s\|` at most, and so U over :math:`\sqrt{2m} \|u\|`; and a covariance of f in [0, 1]
    with :math:`(U - EU)^2` is at most :math:`R^2 / (6 \sqrt 3)` for U in an interval of length R, as if U took its two
    ends only, one of them with probability :math:`(3 - \sqrt 3)/6`, where f is 1. The other number is from episodes:
    the score along u of k + 1 steps is a martingale with a variance of at most 1/2 a step. Attained by one state; by
    more, m of them, as :math:`\gamma \to 1`. Mei, Xiao, Szepesvari and Schuurmans (2020), lemma 7, have
    :math:`8 H^3`.

    Examples
    --------
    >>> round(softmax_smoothness(gamma=0.9, n_choices=1), 6), softmax_smoothness(gamma=0.5, n_choices=100)
    (1.924501, 2.0)
    """
    H = 1 / (1 - gamma)
    return min(H**2 / 2, n_choices * H / math.sqrt(27))


def softmax_ascent_loss(initial_loss: float, step: float, smoothness: float, slopes: Any) -> float:
    r"""Loss of `softmax_ascent` after t steps: :math:`\delta_t \le \delta_0 / \big( 1 + \delta_0\, \eta
    (1 - L \eta / 2) \sum_{k < t} w_k^2 \big)`.

    For :math:`\eta \le 2 / L` and the L of `softmax_smoothness`; the slope of step k is :math:`w_k = \min_s
    \pi_k(a^*(s)|s)\, S^{-1/2} \| d^{\pi^*}_\mu / d^{\pi_k}_\mu \|^{-1}`, so that :math:`\|\nabla J\|_2 \ge w_k
    \delta_k` by `softmax_gradient_domination`. Then :math:`\delta_{k+1} \le \delta_k - \eta (1 - L \eta / 2) w_k^2
    \delta_k^2`; divide by :math:`\delta_k \delta_{k+1}` and sum up. After Mei, Xiao, Szepesvari and Schuurmans (2020),
    theorem 4, who take :math:`\eta = (1 - \gamma)^3 / 8`. Nearly attained by one state, many bad actions and small
    steps.

    Examples
    --------
    >>> softmax_ascent_loss(1.0, step=1.0, smoothness=1.0, slopes=[1.0, 1.0])
    0.5
    """
    gained = step * (1 - smoothness * step / 2) * float(np.sum(np.square(slopes)))
    return initial_loss / (1 + initial_loss * gained)


def natural_gradient_loss(
    gamma: float, n_actions: int, step: float, iterations: int, least_probability: float | None = None
) -> float:
    r"""Loss of the natural gradient: :math:`v^* - v^{\pi_t} \le \ln(1/p) / (\eta t) + H^2 / t`.

    Here p is the least probability with which the first policy takes an optimal action, by default :math:`1/|A|`, that
    of the uniform policy. Agarwal, Kakade, Lee and Mahajan (2021), theorem 16. Nearly attained by one state, a good
    action that is hardly ever taken, and small steps.

    Examples
    --------
    >>> natural_gradient_loss(gamma=0.5, n_actions=1, step=1.0, iterations=8)
    0.5
    """
    p = 1 / n_actions if least_probability is None else least_probability
    return (-math.log(p) / step + 1 / (1 - gamma) ** 2) / iterations


def mirror_descent_error(gamma: float, iterations: int, c0: float, initial_error: float) -> float:
    r"""Error of policy mirror descent with the steps of `mirror_descent`:
    :math:`\|v^* - v^{\pi_k}\| \le \gamma^k \big(\|v^* - v^{\pi_0}\| + (1 - \gamma^k) H c_0\big)`.

    By :math:`v^{\pi_{k+1}} \ge T_{\pi_{k+1}} v^{\pi_k} \ge T v^{\pi_k} - \gamma^{2k+1} c_0`. Attained as :math:`c_0`
    vanishes where policy iteration is slowest, by `mdps.slow_policy_iteration`.
    """
    return gamma**iterations * (initial_error + c0 * (1 - gamma**iterations) / (1 - gamma))


def politex_step(gamma: float, n_actions: int, iterations: int) -> float:
    r"""Step of Politex with the least bound on its loss: :math:`\eta = \sqrt{8 \ln|A| / k} / H`.

    With one action there is nothing to learn, and any step does: then it is 1.
    """
    return math.sqrt(8 * math.log(n_actions) / iterations) * (1 - gamma) if n_actions > 1 else 1.0


def politex_loss(gamma: float, n_actions: int, iterations: int, step: float | None = None) -> float:
    r"""Loss of the mixture of k policies of Politex: :math:`H \big(\ln|A| / (\eta k) + \eta H^2 / 8\big)`.

    At the best step :math:`H^2 \sqrt{\ln|A| / (2k)}`, half of what Szepesvari (2022, lecture 14) states, because the
    regret of exponential weights is taken from Cesa-Bianchi and Lugosi (2006, theorem 2.2).

    Examples
    --------
    >>> round(politex_loss(gamma=0.5, n_actions=2, iterations=50), 6)
    0.333022
    """
    H = 1 / (1 - gamma)
    step = politex_step(gamma, n_actions, iterations) if step is None else step
    return H * (math.log(n_actions) / (step * iterations) + step * H**2 / 8)


def entropy_bias(gamma: float, n_actions: int, tau: float) -> float:
    r"""What entropy adds to the optimal value, and what its policy loses, at most: :math:`\tau H \ln|A|`.

    :math:`0 \le v^*_\tau - v^* \le \tau H \ln|A|` and :math:`v^* - v^{\pi_\tau} \le \tau H \ln|A|`. The first is
    attained where all rewards are equal, the second in the limit of :math:`\gamma \to 1` by a choice between a state
    that earns and one that offers a worthless choice.

    Examples
    --------
    >>> round(entropy_bias(gamma=0.9, n_actions=2, tau=0.1), 6)
    0.693147
    """
    return tau * math.log(n_actions) / (1 - gamma)


def entropy_gradient_error(
    gamma: float, tau: float, step: float, iterations: int, initial_error: float, initial_log_distance: float
) -> float:
    r"""Error of the soft natural gradient: :math:`\|q^*_\tau - q_\tau^{\pi_t}\| \le \gamma (1 - \eta\tau)^{t-1} C`,
    for :math:`t \ge 1`, with :math:`C = \|q^*_\tau - q_\tau^{\pi_0}\| + 2\tau (1 - \eta\tau H) \|\ln \pi_\tau - \ln
    \pi_0\|`.

    Cen, Cheng, Chen, Wei and Chi (2022), theorem 1. Attained as :math:`\tau` vanishes, with the largest step, where
    policy iteration is slowest.
    """
    kept = max(0.0, 1 - step * tau / (1 - gamma))
    constant = initial_error + 2 * tau * kept * initial_log_distance
    return gamma * (1 - step * tau) ** (iterations - 1) * constant


def optimal_baseline(probability: Any, score_norm: Any, returns: Any) -> float:
    r"""Baseline b with the least variance of :math:`g\,(R - b)`:
    :math:`b^* = \mathbb{E}[\|g\|^2 R] / \mathbb{E}[\|g\|^2]`.

    Arrays of one entry an episode: its probability, the norm of its score :math:`g = \nabla \ln \Pr(\text{episode})`
    and its return R. Another baseline costs :math:`(b - b^*)^2\, \mathbb{E}[\|g\|^2]` more variance, and none changes
    the mean. Greensmith, Bartlett and Baxter (2004). If no score is other than 0, it is 0.

    Examples
    --------
    >>> optimal_baseline([0.5, 0.5], [1.0, 1.0], [3.0, 1.0])
    2.0
    """
    weight = np.asarray(probability, float) * np.asarray(score_norm, float) ** 2
    total = float(weight.sum())
    return float(weight @ np.asarray(returns, float)) / total if total > 0 else 0.0

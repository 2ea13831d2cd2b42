r"""What theory promises about Markov chains and the average reward: one pure function for each theorem.

Throughout g is the gain and h the bias: :math:`g + h = r + P h` for a policy, and
:math:`g^* + h^* = \max_a (r_a + P_a h^*)` for the optimum of a model whose optimal gain is the same in all states. T is
the undiscounted Bellman operator, :math:`P^*` the limiting matrix, :math:`D = (I - P + P^*)^{-1} - P^*` the deviation
matrix, and

.. math:: \delta = \max_{i,j} \mathrm{TV}(P_i, P_j)

Dobrushin's coefficient, over all rows of a chain or of a model; TV is the total variation distance, half of
:math:`L_1`. Spans, biases and gains are in reward units, times are counted in steps. `proofs_check` puts every
function of this file to the test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def kemeny_constant(deviation: Any) -> float:
    r"""Expected time to a state drawn from the stationary distribution: :math:`\sum_j \pi_j m_{ij} = \mathrm{tr}\, D`.

    The same for every start i of an irreducible chain; :math:`m_{ij}` is the mean first passage time,
    :math:`m_{ii} = 0`. Kemeny and Snell (1960), theorem 4.4.10.

    Parameters
    ----------
    deviation : array_like, shape (n, n)
        The deviation matrix; its trace is that of the fundamental matrix, less 1.

    Returns
    -------
    float
    """
    return float(np.trace(np.asarray(deviation)))


def kemeny_constant_of_spectrum(eigenvalues: Any) -> float:
    r"""Kemeny's constant from the eigenvalues of P, without its eigenvalue 1: :math:`\sum_k 1/(1 - \lambda_k)`.

    For irreducible chains. Levene and Loizou (2002).

    Parameters
    ----------
    eigenvalues : array_like, shape (n - 1,)
        Real or in conjugate pairs.

    Returns
    -------
    float
    """
    return float(np.sum(1 / (1 - np.asarray(eigenvalues))).real)


def least_kemeny_constant(n_states: int) -> float:
    r"""Least that Kemeny's constant can be: :math:`(n-1)/2`.

    Because the real part of :math:`1/(1-\lambda)` is at least 1/2 in the unit disc. Hunter (2006). Attained by
    `mdps.cycle`.
    """
    return (n_states - 1) / 2


def total_variation_contraction(dobrushin: float, distance: float) -> float:
    r"""Distance after one step: :math:`\mathrm{TV}(\mu P, \nu P) \le \delta\, \mathrm{TV}(\mu, \nu)`.

    Dobrushin (1956). Attained by `mdps.fresh_start`.
    """
    return dobrushin * distance


def second_eigenvalue(dobrushin: float, steps: int = 1) -> float:
    r"""Largest modulus of an eigenvalue but for one 1: :math:`|\lambda_2| \le \delta(P^J)^{1/J}`.

    ``dobrushin`` is the coefficient of the J-th power of P. Seneta (2006). Attained by
    `mdps.fresh_start`.
    """
    return dobrushin ** (1 / steps)


def mixing_time(dobrushin: float, eps: float) -> int:
    r"""Steps after which the chain is within eps of its stationary distribution, from anywhere, in total variation.

    .. math:: \max_i \mathrm{TV}(P^t_i, \pi) \le \varepsilon \quad\text{for}\quad
              t \ge \ln\varepsilon / \ln\delta, \qquad 0 < \varepsilon < 1.

    Levin, Peres and Wilmer (2009), section 4.4. Attained by `mdps.fresh_start`.

    Raises
    ------
    ValueError
        If ``dobrushin`` is not below 1, so that it promises no convergence.
    """
    if not 0 <= dobrushin < 1:
        raise ValueError(f"dobrushin is {dobrushin}; only below 1 does it promise that the chain mixes")
    return math.ceil(math.log(eps) / math.log(dobrushin)) if dobrushin else 1


def stationary_shift(dobrushin: float, row_distance: float) -> float:
    r"""Change of the stationary distribution: :math:`\mathrm{TV}(\tilde\pi, \pi) \le \varepsilon / (1 - \delta)`.

    :math:`\varepsilon = \max_i \mathrm{TV}(\tilde P_i, P_i)`, and :math:`\delta < 1` is that of P. Seneta (1988).
    Attained by chains of two states.
    """
    return row_distance / (1 - dobrushin)


def gain_change(reward_error: float, row_distance: float, bias_span: float) -> float:
    r"""Change of the gain: :math:`|\tilde g - g| \le \varepsilon_r + \varepsilon_P\, \mathrm{sp}(h)`.

    For one policy in two models, of which the first has one gain g and the bias h. :math:`\varepsilon_r` is the largest
    change of a reward, :math:`\varepsilon_P` the largest total variation between two rows. Attained by chains of two
    states.
    """
    return reward_error + row_distance * bias_span


def laurent_remainder(gamma: float, span: float) -> float:
    r"""What the first two terms leave: :math:`\|v_\gamma - g/(1-\gamma) - h\| \le (1-\gamma)\, \mathrm{sp}(D h)`.

    For a policy of any model. The remainder is exactly :math:`-(1-\gamma)(I - Q) P D h` with the distributions
    :math:`Q = (1-\gamma)(I-\gamma P)^{-1} P`; Puterman (2005), theorem 8.2.3, has the whole series. Attained by
    `mdps.loan`.
    """
    return (1 - gamma) * span


def discounted_gain_error(gamma: float, bias_span: float) -> float:
    r"""Distance of the two criteria: :math:`\|(1-\gamma) v^*_\gamma - g^*\| \le (1-\gamma)\, \mathrm{sp}(h^*)`.

    If the optimal gain is the same in all states. Wei, Jafarnia-Jahromi, Luo, Sharma and Jain (2020), lemma 2. Attained
    by `mdps.loan`.
    """
    return (1 - gamma) * bias_span


def discounted_span(bias_span: float) -> float:
    r"""Span of the discounted value, whatever the discount: :math:`\mathrm{sp}(v^*_\gamma) \le 2\, \mathrm{sp}(h^*)`.

    If the optimal gain is the same in all states. Wei, Jafarnia-Jahromi, Luo, Sharma and Jain (2020), lemma 2. Attained
    by `mdps.changing_luck`, so that the 2 is needed.
    """
    return 2 * bias_span


def bias_span(diameter: float, gain: float = 1.0, least_reward: float = 0.0) -> float:
    r"""Largest span of the optimal bias of a communicating model: :math:`\mathrm{sp}(h^*) \le D\, (g^* - \min r)`.

    D is the diameter, the largest over pairs of states of the least expected time from one to the other. For rewards in
    [0, 1] it is at most D, which is what the default arguments give. Bartlett and Tewari (2009). Attained by
    `mdps.slow_climb`.
    """
    return diameter * (gain - least_reward)


def bias_span_by_mixing(dobrushin: float, reward_span: float) -> float:
    r"""Largest span of the optimal bias of a model that mixes: :math:`\mathrm{sp}(h^*) \le \mathrm{sp}(r)/(1-\delta)`.

    :math:`\delta < 1` is over all pairs. Attained by `mdps.fresh_start`.
    """
    return reward_span / (1 - dobrushin)


def gain_bracket(v: Any, backed_up: Any) -> tuple[float, float]:
    r"""Bounds on the gain from one backup: :math:`\min (T v - v) \le g^{\pi_v} \le g^* \le \max (T v - v)`.

    In every state of every model. Odoni (1969); Puterman (2005), section 8.5. Attained where v is an optimal bias.

    Parameters
    ----------
    v, backed_up : array_like, shape (n_states,)
        v and :math:`T v`, in reward units.

    Returns
    -------
    lower, upper : float

    See Also
    --------
    rltheory.planning.enclose_gain : the same, with rounding accounted for.
    """
    step = np.asarray(backed_up, float) - np.asarray(v, float)
    return float(step.min()), float(step.max())


def greedy_gain_loss(residual_span: float) -> float:
    r"""Loss of the greedy policy: :math:`g^* - g^{\pi_v} \le \mathrm{sp}(T v - v)`, the width of Odoni's bracket.

    Attained by `mdps.greedy_trap`.
    """
    return residual_span


def relative_value_iteration_width(dobrushin: float, steps: int, sweeps: int, width: float) -> float:
    r"""Width of Odoni's bracket after n sweeps: :math:`\delta_J^{\lfloor n/J \rfloor}` times the first.

    :math:`\delta_J` (``dobrushin``) is the largest total variation between two states' distributions after J steps
    (``steps``), each under any policy that may change from step to step. Puterman (2005), section 8.5. Attained by
    `mdps.span_contraction`.
    """
    return float(dobrushin ** (sweeps // steps) * width)


def unichain_dobrushin(least_probability: float, n_states: int) -> float:
    r"""Dobrushin's coefficient of S - 1 steps of a unichain model: :math:`\delta_{S-1} \le 1 - p^{S-1}`.

    If every policy has one recurrent class and every state is kept with positive probability by each of its pairs, as
    the aperiodicity transform provides; p is the smallest positive probability. With
    `relative_value_iteration_width` this is a rate for relative value iteration. Attained by `mdps.ladder`.
    """
    return 1 - least_probability ** max(n_states - 1, 1)

r"""Robust value iteration: back up against nature until the proven bracket is narrow.

.. math:: v \leftarrow T v, \qquad (T v)(s) = \max_a \{ r(s, a) + \gamma W_{(s, a)}(v) \},

where W is the worst case of a row, with a penalty or over a ball. In both W is a minimum of functions
:math:`E_\mu v + \text{const}`: it is monotone, and :math:`W(v + c) = W(v) + c` because :math:`\mu` sums to one. With
:math:`m = \min (T v - v)` therefore

.. math:: v + m \le T v \;\Rightarrow\; T v + \gamma m = T (v + m) \le T^2 v
          \;\Rightarrow\; \dots \;\Rightarrow\; T v + (\gamma + \gamma^2 + \dots)\, m \le v^*,

and the same from above, and for the operator of the greedy policy, which agrees with T at v. That is MacQueen's bracket
(1966), for a robust policy :math:`\pi` as for any other:

.. math:: T v + c \min (T v - v) \;\le\; v^\pi \;\le\; v^* \;\le\; T v + c \max (T v - v),
          \qquad c = \gamma / (1 - \gamma) .

The span of :math:`T v - v` shrinks by gamma at least in every sweep. Sweeps with the policy alone may be put between
the backups (modified policy iteration; Kaufman and Schaefer 2013): they start below their fixed point and grow.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np

from rltheory.models import MDP, ConvergenceWarning, ModelError
from rltheory.planning.best_rows import best_rows
from rltheory.planning.enclosure import enclose_fixed_point, require_discounted
from rltheory.planning.solution import Status
from rltheory.planning.value_iteration import checked_limit, checked_tol, sweep_limit
from rltheory.robust.backup import Nature, pairs_of, robust_steps
from rltheory.robust.divergences import Divergence
from rltheory.robust.inner import worst_case_values
from rltheory.robust.solution import RobustSolution

Backup = Callable[[np.ndarray], tuple[np.ndarray, float, np.ndarray]]
"""From values to their backup, a bound on its error, and the policy that it chose."""
_STALL_ROUNDS = 10


def robust_value_iteration(
    mdp: MDP,
    divergence: Divergence,
    *,
    tol: float = 1e-8,
    evaluation_sweeps: int = 0,
    max_sweeps: int | None = None,
) -> RobustSolution:
    r"""Solve a discounted MDP whose rows nature may move, each on its own ((s, a)-rectangular).

    .. math:: v^*(s) = \max_a \Big\{ r(s, a) + \gamma \min_\mu E_\mu v^* \Big\},

    the minimum over a ball of radius rho around the row, or with the penalty :math:`\lambda D(\mu \| P(s, a))`.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        With a weight or a radius: one number, or one for each pair, (n_pairs,) or (n_states, n_actions).
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    evaluation_sweeps : int
        Sweeps with the current policy after each backup; none is value iteration.
    max_sweeps : int, optional
        Limit on backups; by default what contraction needs to reach ``tol``, or rounding.

    Returns
    -------
    RobustSolution
        ``history`` has the width of the enclosure after each backup, rounding included.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1; set a horizon and use `robust_backward_induction`.
    ModelError
        If ``tol``, ``max_sweeps`` or ``evaluation_sweeps`` is out of range, or parameters do not fit the model.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Iyengar (2005); MacQueen (1966); Kaufman and Schaefer (2013).

    Examples
    --------
    The reward of the first state is lost for good once nature sends a tenth of the mass away:

    >>> import rltheory as rl
    >>> from rltheory import robust
    >>> from rltheory.robust.value_iteration import robust_value_iteration
    >>> mdp = rl.MDP.from_arrays([[[1.0, 0.0]], [[0.0, 1.0]]], [[1.0], [0.0]], gamma=0.5)
    >>> robust_value_iteration(mdp, robust.TV(rho=0.2)).value.round(6)
    array([1.666667, 0.      ])
    """
    require_discounted(mdp)
    if evaluation_sweeps < 0:
        raise ModelError(f"evaluation_sweeps is {evaluation_sweeps}; at least 0 is needed")
    (step,) = robust_steps(mdp, divergence)

    def back_up(v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        q, error = step.q(v)
        best, policy = best_rows(q, mdp.pair_start)
        return best, error, policy

    def evaluate(policy: np.ndarray, v: np.ndarray) -> np.ndarray:
        if evaluation_sweeps:
            own = step.of_policy(pairs_of(mdp, policy))
            balls = divergence.with_parameter(own.parameter)
            for _ in range(evaluation_sweeps):
                v = own.r + own.gamma * worst_case_values(balls, own.rows, v)
        return v

    method = f"robust {'modified policy' if evaluation_sweeps else 'value'} iteration"
    limit = checked_limit(max_sweeps, "max_sweeps")
    return iterate(mdp, divergence, back_up, Nature([step]), method, tol=tol, limit=limit, evaluate=evaluate)


def iterate(
    mdp: MDP,
    divergence: Divergence,
    back_up: Backup,
    nature: Callable[[int, np.ndarray], np.ndarray],
    method: str,
    *,
    tol: float,
    limit: int | None = None,
    evaluate: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda policy, v: v,
) -> RobustSolution:
    """Repeat a backup until its bracket is within tol, or rounding or the limit ends it.

    The first iterate is a constant so low that its backup is above it: from there modified policy iteration is monotone
    and never behind value iteration, whose contraction limits the number of rounds.
    """
    v = np.full(mdp.n_states, mdp.r.min() / (1 - mdp.gamma))
    widths: list[float] = []
    most = math.inf if limit is None else limit
    checked_tol(tol)
    while True:
        backed_up, error, policy = back_up(v)
        lower, upper = enclose_fixed_point(backed_up, np.full(v.size, error), v, mdp.gamma, 0.0)
        widths.append(float((upper - lower).max()))
        floor = 2 * error / (1 - mdp.gamma)
        if limit is None and len(widths) == 1:
            far = float(np.abs(backed_up - v).max()) / (1 - mdp.gamma)
            most = sweep_limit(mdp.gamma, -far, far, max(tol - floor, floor))
        stalled = len(widths) > _STALL_ROUNDS and widths[-1] >= widths[-1 - _STALL_ROUNDS]
        held_up = stalled and widths[-1] * (1 - mdp.gamma) <= 8 * floor
        if widths[-1] <= tol or held_up or len(widths) >= most:
            break
        v = evaluate(policy, backed_up)
    status = Status.CONVERGED
    if not widths[-1] <= tol:
        status = Status.ROUNDING_FLOOR if limit is None or held_up else Status.LIMIT_REACHED
        warnings.warn(f"gap {widths[-1]:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=3)
    middle = lower + (upper - lower) / 2
    answer = (middle, policy, lower, upper, status, len(widths), np.array(widths))
    return RobustSolution(*answer, method, mdp, divergence, nature)

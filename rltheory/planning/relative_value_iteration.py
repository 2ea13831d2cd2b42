r"""Relative value iteration: sweeps of T without discount, the growth subtracted, each step skipped now and then.

.. math:: h \leftarrow h + (1 - \beta) (T h - h - c), \qquad (T h)(s) = \max_a r(s, a) + \sum_{s'} P(s' \mid s, a) h(s')

(White 1963; Schweitzer 1971). It is value iteration in the model that stays where it is, without reward, with
probability :math:`\beta`: kernel :math:`(1-\beta) P + \beta I`, rewards :math:`(1-\beta) r`. There no chain is
periodic, gains are :math:`1 - \beta` times those of the model, and biases are the same (Puterman 2005, section 8.5).
Its :math:`T h - h` is :math:`1 - \beta` times the original one, so that the bounds

.. math:: \min (T h - h) \;\le\; g^{\pi_h} \;\le\; g^* \;\le\; \max (T h - h)

are those of the model itself (`gain_bounds`), true for any h. They meet in the limit if the optimal gain is the same in
all states, as it is in weakly communicating models: those with exactly one maximal end component, unichain ones among
them. Their distance never grows; :math:`c` is their middle, which keeps h from growing.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import MDP, CriterionError, ModelError
from rltheory.planning.average_policy_iteration import certify_gain
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.backup import sweep_of_rows
from rltheory.planning.gain_bounds import Rows, constant_upper_bound, greedy_rows, normalised_rows
from rltheory.planning.graph import maximal_end_components
from rltheory.planning.rounding import growth
from rltheory.planning.solution import Progress
from rltheory.planning.value_iteration import checked_limit, checked_tol

_STALL_ROUNDS = 10


def relative_value_iteration(
    mdp: MDP,
    *,
    tol: float = 1e-8,
    stay: float = 0.1,
    max_sweeps: int = 100_000,
    progress: Progress | None = None,
) -> AverageRewardSolution:
    """Solve a weakly communicating MDP for the average reward by relative value iteration.

    Parameters
    ----------
    mdp : MDP
        With one maximal end component, such as a communicating or a unichain model; its discount is not used. Rows are
        divided by their exact sums.
    tol : float
        Accuracy of the gain in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    stay : float
        Probability beta of skipping a step, in [0, 1). It makes periodic chains converge, for which 0.5 is fastest;
        with 0, where chains may be periodic, there may be no convergence. It does not change the answer.
    max_sweeps : int
        Limit on backups. There is no a-priori count: chains may mix arbitrarily slowly.
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the bounds in
        reward units.

    Returns
    -------
    AverageRewardSolution
        One round of ``iterations`` is one sweep. Gain and bounds are the same in all states; the bias has the middle of
        its range at zero.

    Raises
    ------
    CriterionError
        If the model has several maximal end components, so that gains may differ; use `average_policy_iteration`.
    ModelError
        If ``tol`` or ``max_sweeps`` is not positive, or ``stay`` is not in [0, 1).

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    White (1963); Schweitzer (1971); Odoni (1969) for the bounds; Puterman (2005), sections 8.5 and 9.5.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[1, 0], [0, 1]]], [[0, 0.5], [2, 0.5]], gamma=1.0)
    >>> solution = rl.planning.relative_value_iteration(mdp)
    >>> solution.policy, solution.gain.round(8), solution.gap <= 1e-8
    (array([0, 0]), array([1., 1.]), True)
    """
    checked_tol(tol)
    checked_limit(max_sweeps, "max_sweeps")
    if not 0 <= stay < 1:
        raise ModelError(f"stay is {stay!r}; it is a probability in [0, 1), 0.5 for periodic chains")
    rows = normalised_rows(mdp)
    if (count := len(maximal_end_components(mdp))) > 1:
        raise CriterionError(
            f"the model has {count} maximal end components, so that its gain may differ between states;"
            " average_policy_iteration solves it"
        )
    h, widths, limited = _sweep(rows, tol, stay, max_sweeps, progress)
    policy = greedy_rows(rows, h)
    lower = -constant_upper_bound(rows.of_policy(policy).negated(), -h)
    bounds = np.full(h.size, lower), np.full(h.size, constant_upper_bound(rows, h))
    bias = h - (h.min() + np.ptp(h) / 2)
    return certify_gain(mdp, bounds, bias, policy, tol, widths, "relative value iteration", limited=limited)


def _sweep(
    rows: Rows, tol: float, stay: float, limit: int, progress: Progress | None
) -> tuple[np.ndarray, list[float], bool]:
    """Return the last iterate, the width of the bounds after each sweep, and whether the limit came first."""
    sweep = sweep_of_rows(rows.P, rows.r, rows.pair_start, 1.0)
    h = np.maximum.reduceat(rows.r, rows.pair_start[:-1])
    backed_up, policy = np.empty(h.size), np.empty(h.size, dtype=np.int64)
    longest = int(np.diff(rows.P.indptr).max())
    widths: list[float] = []
    while True:
        low, high, size = sweep(h, backed_up, policy)
        widths.append(high - low)
        if progress is not None:
            progress(len(widths), widths[-1])
        rounding = 4 * growth(float(2 * longest + 8)) * size
        stalled = len(widths) > _STALL_ROUNDS and widths[-1] >= widths[-1 - _STALL_ROUNDS]
        if widths[-1] <= max(tol - rounding, rounding / 8) or (stalled and widths[-1] <= rounding):
            return h, widths, False
        if len(widths) >= limit:
            return h, widths, True
        h += (1 - stay) * (backed_up - h - (low + (high - low) / 2))

r"""`average_reward`: the one function that chooses the algorithm for the long-run reward a step, and says why.

The gain of a model in which no decision is final is one number, in other models one number for each state. Which of
the two holds is a fact about the graph: every policy ends in some *maximal end component*, a set of states that it can
stay in for ever with all of the set in reach. One such set, and the model is weakly communicating (all communicating
and all unichain models are): from everywhere it is entered in the end, and inside it every state can get to every
other, so that the best policy earns the same from everywhere. Conversely, a closed set of states in reach of each other
beside states that every policy leaves for good is the only end component that is maximal.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

from rltheory.models import MDP, ConvergenceWarning, CriterionError
from rltheory.planning.average_policy_iteration import average_policy_iteration
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.graph import maximal_end_components
from rltheory.planning.relative_value_iteration import relative_value_iteration
from rltheory.planning.solution import Progress
from rltheory.planning.value_iteration import checked_tol

_SMALL = 100
_TRIAL_SWEEPS = 10_000


def average_reward(mdp: MDP, *, tol: float = 1e-8, progress: Progress | None = None) -> AverageRewardSolution:
    """Solve a model for the average reward by the algorithm that suits it.

    Parameters
    ----------
    mdp : MDP
        Any finite model; its discount is not used. Rows are divided by their exact sums, because without a discount
        the sum of a row decides between growth and decay.
    tol : float
        Accuracy of the gain in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    progress : callable, optional
        Called after each round of the chosen algorithm as ``progress(round, width)``: how many rounds so far, and the
        width of the bounds in reward units.

    Returns
    -------
    AverageRewardSolution
        By `average_policy_iteration` if the model is small, the gain may differ between states, or chains mix slowly,
        else by `relative_value_iteration`; ``solution.method`` says what was chosen and why.

    Raises
    ------
    ModelError
        If ``tol`` is not positive.
    CriterionError
        If gains differ, and the bias of a policy is beyond float64.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[1, 0], [0, 1]]], [[0, 0.5], [2, 0.5]], gamma=1.0)
    >>> solution = rl.planning.average_reward(mdp)
    >>> solution.gain, solution.method
    (array([1., 1.]),
     'average-reward policy iteration with dense elimination, chosen because the model has at most 100 states')
    """
    checked_tol(tol)
    small, count = mdp.n_states <= _SMALL, len(maximal_end_components(mdp))
    if count == 1 and not small:
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            solution = relative_value_iteration(mdp, tol=tol, max_sweeps=_TRIAL_SWEEPS, progress=progress)
        if solution.gap <= tol:
            return _chosen(solution, f"the model has more than {_SMALL} states and is weakly communicating")
    try:
        solution = average_policy_iteration(mdp, tol=tol, progress=progress)
    except CriterionError:
        if count > 1:
            raise
        solution = relative_value_iteration(mdp, tol=tol, progress=progress)
        return _chosen(solution, "biases of some policies are beyond float64")
    if small:
        return _chosen(solution, f"the model has at most {_SMALL} states")
    if count > 1:
        return _chosen(solution, f"the gain may differ between the {count} maximal end components")
    return _chosen(solution, f"{_TRIAL_SWEEPS} sweeps of relative value iteration were not enough")


def _chosen(solution: AverageRewardSolution, reason: str) -> AverageRewardSolution:
    return replace(solution, method=f"{solution.method}, chosen because {reason}")

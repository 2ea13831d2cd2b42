"""`solve`: the one function that chooses the algorithm, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, overload

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP
from rltheory.planning.backward_induction import backward_induction
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.exact import ExactSolution, solve_exactly
from rltheory.planning.modified_policy_iteration import SlowMixingError, solve_unless_slow
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.slow_models import solve_slow
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_tol

_SMALL = 100
_SWEEPS_OF_A_POLICY = 600
_SWEEPS_OF_ALL = 60


@overload
def solve(
    model: MDP | FiniteHorizonMDP,
    *,
    tol: float = ...,
    method: Callable[..., Solution] | None = ...,
    progress: Progress | None = ...,
    exact: Literal[False] = ...,
) -> Solution: ...
@overload
def solve(model: MDP | FiniteHorizonMDP, *, exact: Literal[True], tol: float = ...) -> ExactSolution: ...
def solve(
    model: MDP | FiniteHorizonMDP,
    *,
    tol: float = 1e-8,
    method: Callable[..., Solution] | None = None,
    progress: Progress | None = None,
    exact: bool = False,
) -> Solution | ExactSolution:
    """Solve a model by the algorithm that suits it.

    A model of finite horizon is solved by `backward_induction`. A discounted one is solved by `policy_iteration` if it
    has at most 100 states, by `modified_policy_iteration` if its chains mix fast (with BiCGSTAB in place of sweeps that
    shrink spans slowly), and else in one search where no way leads back to a state, or by
    `gauss_seidel_policy_iteration`.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        The model.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    method : callable, optional
        One of the algorithms of `rltheory.planning`, to overrule the choice; called as ``method(model, tol=tol)``.
    progress : callable, optional
        Called after each round of the chosen algorithm as ``progress(round, width)``: how many rounds so far, and the
        width of the enclosure in reward units.
    exact : bool
        Whether to solve a small model in rational arithmetic instead (`solve_exactly`); ``tol`` is then not used.

    Returns
    -------
    Solution, or ExactSolution
        ``solution.method`` says what was chosen and why.

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1: set a horizon, or a discount. If the model is too large for ``exact``.
    ModelError
        If ``tol`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> solution = rl.solve(mdp)
    >>> solution.value, solution.method
    (array([2., 4.]), 'policy iteration with dense LU, chosen because the model has at most 100 states')
    """
    if exact:
        if method is not None:
            raise CriterionError("exact mode has its own method; leave method out")
        return solve_exactly(model)
    checked_tol(tol)
    if isinstance(model, FiniteHorizonMDP):
        if method not in (None, backward_induction):
            raise CriterionError("a FiniteHorizonMDP is solved by backward_induction alone; leave method out")
        return backward_induction(model)
    if method is not None:
        return method(model, tol=tol)
    require_discounted(model)
    if model.n_states <= _SMALL:
        solution = policy_iteration(model, tol=tol, progress=progress)
        return replace(solution, method=f"{solution.method}, chosen because the model has at most {_SMALL} states")
    try:
        solution = solve_unless_slow(model, tol=tol, patience=_patience(model), progress=progress)
    except SlowMixingError:
        return solve_slow(model, tol=tol, progress=progress)
    return replace(solution, method=f"{solution.method}, chosen because chains mix fast")


def _patience(mdp: MDP) -> int:
    """Return how many sweeps with one policy are worth while, before something else is tried.

    Where a policy has a small part of the pairs, its sweeps are cheap beside those of all actions.
    """
    return max(_SWEEPS_OF_A_POLICY, _SWEEPS_OF_ALL * mdp.n_pairs // mdp.n_states)

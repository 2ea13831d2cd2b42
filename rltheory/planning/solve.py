"""`solve`: the one function that chooses the algorithm, and says why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP
from rltheory.planning import bounds
from rltheory.planning.backup import bellman_sweep
from rltheory.planning.backward_induction import backward_induction
from rltheory.planning.enclosure import require_discounted, stopping_rule
from rltheory.planning.modified_policy_iteration import modified_policy_iteration
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_tol, largest_reward

_SMALL = 300
_PROBE_SWEEPS = 8
_FEW_SWEEPS = 200
_DIRECT = 20_000


def solve(
    model: MDP | FiniteHorizonMDP,
    *,
    tol: float = 1e-8,
    method: Callable[..., Solution] | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve a model by the algorithm that suits it.

    A model of finite horizon is solved by `backward_induction`. A discounted one is solved by `policy_iteration` if it
    is small. If it is large, a few sweeps measure how fast the span of the residual falls: chains that mix are solved
    by `modified_policy_iteration`, slow ones by `policy_iteration` as long as linear systems of their size are cheap.

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

    Returns
    -------
    Solution
        ``solution.method`` says what was chosen and why.

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1: set a horizon, or a discount.
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
    (array([2., 4.]), 'policy iteration with dense LU, chosen because the model has at most 300 states')
    """
    checked_tol(tol)
    if isinstance(model, FiniteHorizonMDP):
        if method not in (None, backward_induction):
            raise CriterionError("a FiniteHorizonMDP is solved by backward_induction alone; leave method out")
        return backward_induction(model)
    if method is not None:
        return method(model, tol=tol)
    require_discounted(model)
    algorithm, reason = _choose(model, tol)
    solution = algorithm(model, tol=tol, progress=progress)
    return replace(solution, method=f"{solution.method}, chosen because {reason}")


def _choose(mdp: MDP, tol: float) -> tuple[Callable[..., Any], str]:
    """Return an algorithm and the reason for it, as the end of a sentence."""
    if mdp.n_states <= _SMALL:
        return policy_iteration, f"the model has at most {_SMALL} states"
    sweeps = _predicted_sweeps(mdp, tol)
    if sweeps <= _FEW_SWEEPS:
        return modified_policy_iteration, f"its chains mix: about {sweeps:.0f} sweeps are predicted"
    if mdp.n_states <= _DIRECT:
        return policy_iteration, f"its chains mix slowly, and linear systems of {mdp.n_states} states are cheap"
    return (
        modified_policy_iteration,
        f"its chains mix slowly, and linear systems of {mdp.n_states} states are not cheap",
    )


def _predicted_sweeps(mdp: MDP, tol: float) -> float:
    """Extrapolate, from a few sweeps, how many value iteration would need."""
    sweep = bellman_sweep(mdp)
    target, _ = stopping_rule(mdp, tol)
    v, backed_up = largest_reward(mdp), np.empty(mdp.n_states)
    policy = np.empty(mdp.n_states, dtype=np.int64)
    widths = []
    for _ in range(_PROBE_SWEEPS):
        low, high, size = sweep(v, backed_up, policy)
        widths.append(bounds.bracket_width(mdp.gamma, high - low))
        v, backed_up = backed_up, v
    goal = target(size)
    if widths[-1] <= goal:
        return _PROBE_SWEEPS
    rate = widths[-1] / widths[-2]
    return math.inf if rate >= 1 else _PROBE_SWEEPS + math.log(widths[-1] / goal) / -math.log(rate)

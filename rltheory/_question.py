"""What the command asks of a model: a criterion and, for some, a goal that is named by states or by a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from rltheory import planning
from rltheory.models import MDP, CriterionError, FiniteHorizonMDP, LinearMDP, ModelError

Answer = planning.Solution | planning.AverageRewardSolution
"""What a question is answered with."""


def answer(
    model: MDP | FiniteHorizonMDP,
    criterion: str | None,
    goal: np.ndarray | None,
    *,
    tol: float,
    method: Callable[..., planning.Solution] | None,
    progress: Callable[[int, float], None] | None,
) -> tuple[MDP | FiniteHorizonMDP, Answer]:
    """Solve a model for a criterion, by default the one that the model suggests.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
    criterion : str, optional
        One of `rltheory.__main__.CRITERIA`.
    goal : ndarray of int, optional
        Its states; `shortest_path` finds some by itself.
    tol : float
        Accuracy of the answer.
    method : callable, optional
        Of a discounted model, in place of the one that suits it.
    progress : callable, optional
        Told of each round.

    Returns
    -------
    model : MDP or FiniteHorizonMDP
        What was solved: the model without its discount, for a shortest path.
    solution : Solution or AverageRewardSolution

    Raises
    ------
    CriterionError
        If the criterion does not go with the model or lacks its goal, and as the solvers do.
    ModelError
        As the solvers do.
    """
    require_match(model, criterion)
    if criterion in ("max-reachability", "min-reachability") and goal is None:
        raise CriterionError(f"--criterion {criterion} asks for a goal: add --goal, with states or a label")
    if criterion == "shortest-path":
        model = model.replace(gamma=1.0)
    return model, _solver(criterion, goal, method, progress)(model, tol=tol)


def _solver(
    criterion: str | None, goal: np.ndarray | None, method: Callable[..., Any] | None, progress: Any
) -> Callable[..., Answer]:
    """Return the function that answers the question, with all that it is to know but the model and the accuracy."""
    if criterion == "max-reachability":
        return partial(planning.maximal_reachability, goal=goal, progress=progress)
    if criterion == "min-reachability":
        return partial(planning.minimal_reachability, goal=goal, progress=progress)
    if criterion == "shortest-path":
        return partial(planning.shortest_path, goal=goal)
    if criterion == "average":
        return partial(planning.average_reward, progress=progress)
    if method is not None and method is not planning.linear_program:
        method = partial(method, progress=progress)
    return partial(planning.solve, method=method, progress=progress)


def require_match(model: MDP | FiniteHorizonMDP | LinearMDP, criterion: str | None) -> None:
    """Refuse a criterion that does not go with the model."""
    if criterion == "finite-horizon" and isinstance(model, MDP):
        raise CriterionError("--criterion finite-horizon asks for a number of steps: add --horizon H")
    if criterion not in (None, "finite-horizon") and not isinstance(model, MDP):
        raise CriterionError(
            f"the model has {model.H} steps, and --criterion {criterion} is about models without an end"
        )


def states_of(text: str, model: MDP | FiniteHorizonMDP, labels: Mapping[str, Any]) -> np.ndarray:
    """Return the states that a text names.

    Parameters
    ----------
    text : str
        Names of states as the tables print them, labels, or indices, separated by commas; a name that has a comma
        itself stands alone. A name comes before a label, and a label before an index.
    model : MDP or FiniteHorizonMDP
        With its names.
    labels : mapping of str to array_like of int
        The states of each label that the source has.

    Returns
    -------
    ndarray of int

    Raises
    ------
    ModelError
        If a part of the text is none of these.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, state_names=["tails", "heads"])
    >>> states_of("heads", coin, {}), states_of("0, heads", coin, {}), states_of("won", coin, {"won": [1]})
    (array([1]), array([0, 1]), array([1]))
    """
    meanings: dict[str, Any] = {str(s): [s] for s in range(model.n_states)} | {**labels}
    named: dict[str, list[int]] = {}
    for s, name in enumerate(model.state_names or ()):
        named.setdefault(name, []).append(s)
    meanings |= named
    parts = [text] if text in meanings else [part.strip() for part in text.split(",")]
    for part in parts:
        if part not in meanings:
            last, known = model.n_states - 1, f", or a label ({', '.join(labels)})" if labels else ""
            raise ModelError(
                f"--goal {part or repr(part)} is no state: name states as the table does, or by index 0..{last}{known}"
            )
    return np.unique(np.concatenate([np.asarray(meanings[part], dtype=np.int64) for part in parts]))

r"""What a policy answers: which action, or with which probabilities, at a node of the unfolded model.

A policy is *Markov* if it looks at the step and the state: an array, as everywhere. It is *history-dependent* if it
looks at the path $(s_0, \dots, s_h)$: a function of the path, or a mapping from paths. In between is the `SetPolicy`,
which looks at the step, the state and what was touched; that is all an optimal policy has to remember.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._policies import step_policies
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.unfolding import Node

_ROW_SUM_TOLERANCE = 1e-9

Chances = list[tuple[int, float]]
"""Actions with their probabilities, above 0."""


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """A deterministic policy that looks at the step, the state and what was touched, in whatever order.

    Parameters
    ----------
    model : SubmodularMDP
        Tells which elements a path touches.
    actions : mapping
        From ``(h, state, touched)``, with ``touched`` a sorted tuple of elements, to the action.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> stay_or_move = np.array([[[1.0, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> mdp = SubmodularMDP(stay_or_move, Coverage(np.eye(2)), H=1, mu=0)
    >>> policy = SetPolicy(mdp, {(0, 0, (0,)): 1})
    >>> policy([0])
    1
    """

    model: SubmodularMDP
    actions: Mapping[tuple[int, int, tuple[int, ...]], int]

    def __call__(self, path: Any) -> int:
        """Return the action after the states of a path.

        Raises
        ------
        ModelError
            If no action is known, since the path does not follow the policy.
        """
        elements = self.model.elements(np.asarray(path, dtype=np.int64)).tolist()
        touched = sorted(elements if getattr(self.model.F, "repeats", False) else set(elements))
        return self.at(len(elements) - 1, (int(path[-1]), tuple(touched)))

    def at(self, h: int, node: Node) -> int:
        """Return the action after h actions, at a state with what was touched."""
        try:
            return self.actions[h, *node]
        except KeyError:
            raise ModelError(
                f"the policy knows no action after {h} steps in state {self.model.state_name(node[0])} with elements"
                f" {list(node[1])} touched; it never comes there"
            ) from None

    def __repr__(self) -> str:
        return f"SetPolicy({len(self.actions)} nodes)"


def looks_at_paths(policy: Any) -> bool:
    """Whether the policy is a function of the path, or a mapping, that may look at the order of visits."""
    return (callable(policy) or isinstance(policy, Mapping)) and not isinstance(policy, SetPolicy)


def chooser(mdp: SubmodularMDP, policy: Any) -> Callable[[int, Node], Chances]:
    """Return a function from step and node to the actions with their probabilities."""
    if isinstance(policy, SetPolicy):
        return lambda h, node: [(policy.at(h, node), 1.0)]
    if looks_at_paths(policy):
        ask = policy.__getitem__ if isinstance(policy, Mapping) else policy
        return lambda h, node: _asked(mdp, ask, node)
    steps = [_markov_choices(step) for step in step_policies(mdp, policy, mdp.H)]
    return lambda h, node: steps[h][node[0]]


def _markov_choices(step: np.ndarray) -> list[Chances]:
    """Return the actions of each state with their probabilities."""
    if step.ndim == 1:
        return [[(action, 1.0)] for action in step.tolist()]
    return [[(action, p) for action, p in enumerate(row) if p > 0] for row in step.tolist()]


def _asked(mdp: SubmodularMDP, ask: Callable[[tuple[int, ...]], Any], node: Node) -> Chances:
    """Return what a history-dependent policy answers, checked."""
    state, path = node
    n_actions = int(mdp.action_counts[state])
    try:
        answer = np.asarray(ask(path))
    except KeyError:
        raise ModelError(f"the policy has no entry for the path {path}, which it reaches") from None
    if answer.ndim == 0 and answer.dtype.kind in "iu" and 0 <= answer < n_actions:
        return [(int(answer), 1.0)]
    fits = answer.ndim == 1 and n_actions <= answer.size <= mdp.n_actions and answer.dtype.kind in "fiu"
    if fits and not answer[n_actions:].any() and (answer >= 0).all() and abs(answer.sum() - 1) <= _ROW_SUM_TOLERANCE:
        return [(action, p) for action, p in enumerate(answer.tolist()) if p > 0]
    raise ModelError(
        f"the policy answers {answer} to the path {path}; it must be one of the actions 0..{n_actions - 1} of state"
        f" {mdp.state_name(state)}, or a distribution over them"
    )

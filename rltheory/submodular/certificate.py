"""What a given policy is worth, and how far from the best it can be at most."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models._policies import step_policies
from rltheory.submodular.certified import Certified
from rltheory.submodular.forward import Rule, follow
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.best import best_bound
from rltheory.submodular.relaxation.majorant import UpperBound


def certificate(
    mdp: SubmodularMDP, policy: Any, bound: UpperBound | None = None, *, max_nodes: int = 1_000_000
) -> Certified:
    r"""Evaluate a policy exactly and bound all others: $J(\pi) \le J^* \le$ ``upper``.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone submodular F.
    policy : array_like or callable
        A Markov policy, int (n_states,) or (H, n_states), or float with an axis of actions more; or a rule
        ``(h, state, tally) -> action`` that looks at what was touched.
    bound : UpperBound, optional
        A bound that is known already; by default `relaxation.best_bound`.
    max_nodes : int
        Refuse more nodes, pairs of state and touched set, of one step.

    Returns
    -------
    Certified

    Raises
    ------
    ModelError
        If the policy does not fit the model, or there are too many nodes.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> ring = np.stack([np.roll(np.eye(4), 1, axis=1), np.roll(np.eye(4), -1, axis=1)], axis=1)
    >>> mdp = SubmodularMDP(ring, Coverage.from_sets([[0], [1], [2], [3]]), H=2, mu=0)
    >>> answer = certificate(mdp, np.full((4, 2), 0.5))
    >>> answer.value, round(answer.upper, 6)
    (2.5, 3.0)
    """
    rule = policy if callable(policy) else markov_rule(mdp, policy)
    found = follow(mdp, rule, max_nodes=max_nodes)
    bound = best_bound(mdp, () if found.path is None else found.path) if bound is None else bound
    return Certified(
        lower=found.value,
        upper=bound.value,
        method=f"given policy, bounded by {bound.method}",
        policy=policy if callable(policy) else np.asarray(policy),
        path=found.path,
        gains=None if found.path is None else found.gains,
        model=mdp,
    )


def markov_rule(mdp: SubmodularMDP, policy: Any) -> Rule:
    """Return a Markov policy as a rule, which does not look at the tally.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    policy : array_like
        int (n_states,) or (H, n_states), or float with an axis of actions more.

    Returns
    -------
    callable

    Raises
    ------
    ModelError
        If the policy does not fit the model.
    """
    steps = step_policies(mdp, policy, mdp.H)

    def rule(h: int, state: int, tally: Any) -> int | np.ndarray:
        choice = steps[h][state]
        return int(choice) if np.ndim(choice) == 0 else choice

    return rule

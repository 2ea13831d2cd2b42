"""What a given policy is worth, and how far from the best it can be at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rltheory.submodular.certified import Certified
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import only_path
from rltheory.submodular.relaxation.best import best_bound
from rltheory.submodular.relaxation.majorant import UpperBound


def certificate(mdp: SubmodularMDP, policy: Any, bound: UpperBound | None = None) -> Certified:
    r"""Evaluate a policy exactly and bound all others: $J(\pi) \le J^* \le$ ``upper``.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone submodular F.
    policy : array_like, mapping or callable
        Markov or history-dependent, as for `policy_value`.
    bound : UpperBound, optional
        A bound that is known already; by default `relaxation.best_bound`.

    Returns
    -------
    Certified

    Raises
    ------
    ModelError
        If the policy does not fit the model.
    CriterionError
        If no bound is given and F is not monotone, or not submodular, as for `relaxation.best_bound`.

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
    value = policy_value(mdp, policy)
    asked = callable(policy) or isinstance(policy, Mapping)
    markov = None if asked else np.asarray(policy)
    path = None if markov is None or markov.shape != (mdp.H, mdp.n_states) else only_path(mdp, markov)
    bound = best_bound(mdp, () if path is None else path) if bound is None else bound
    return Certified(
        lower=value,
        upper=bound.value,
        method=f"given policy, bounded by {bound.method}",
        policy=policy if asked else markov,
        path=path,
        gains=None if path is None else mdp.F.gains_along(mdp.elements(path[None]))[0],
        model=mdp,
    )

r"""Semigradient ascent: plan with an additive function that lies below F and touches it at the present path.

For any order of all visits $e_1, e_2, \dots$ the gains $m(e_i) = F(e_i \mid e_1, \dots, e_{i-1})$ are additive and lie
below F, $\sum_{e \in A} m(e) \le F(A)$ for every set A of visits, with equality for every beginning of the order (the
subgradients of a submodular function: Edmonds 1970; Fujishige 2005, lemma 6.19). So let the present path come first,
in the order that follows a random one, solve the additive MDP, and move to its path: values never fall,

.. math:: F(\tau') \;\ge\; m(\tau') \;\ge\; m(\tau) = F(\tau) .

(Iyer, Jegelka and Bilmes 2013 for sets.) Visits, not states, are what is ordered: a state that the path does not touch
has its gain at one step only, that of its first visit in the order, since counted at each visit it would not lie below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError
from rltheory.planning import backward_induction
from rltheory.submodular.certified import Certified
from rltheory.submodular.greedy_paths import greedy_path
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import reachable_states, successor_tables, walk
from rltheory.submodular.relaxation.oracle import oracle_bound
from rltheory.submodular.touched import counts_repeats


def semigradient(
    mdp: SubmodularMDP,
    path: Any = None,
    *,
    rounds: int = 50,
    rng: int | np.random.Generator | None = None,
) -> Certified:
    """Improve a path by planning with additive lower bounds of F, each from a random order of the visits.

    Parameters
    ----------
    mdp : SubmodularMDP
        Without chance; F monotone and submodular (for the upper bound).
    path : array_like of int, shape (H + 1,), optional
        Where to start; by default the myopic path.
    rounds : int
        How many orders are tried.
    rng : int or numpy.random.Generator, optional
        Seed or generator of the orders.

    Returns
    -------
    Certified
        ``history`` is the value after each round, which never falls.

    Raises
    ------
    CriterionError
        If the first state or a successor is random, or visits measure anew.
    ModelError
        If ``path`` is not one of the model.

    References
    ----------
    Iyer, Jegelka and Bilmes (2013), Fast semidifferential-based submodular function optimization.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> line = np.array([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1]]])
    >>> mdp = SubmodularMDP(line, Coverage.from_sets([[0], [1], [2]], weights=[2, 1, 1]), H=2, mu=0)
    >>> semigradient(mdp, [0, 0, 0], rng=0).path
    array([0, 1, 2])
    """
    rng = np.random.default_rng(rng)
    tables = successor_tables(mdp)
    if counts_repeats(mdp.F):
        raise CriterionError("visits of this function measure anew, so that a path is not a set of elements")
    path = _checked_path(mdp, greedy_path(mdp).path if path is None else path, tables)
    value = float(mdp.F.gains_along(mdp.elements(path)[None]).sum())
    visits, history = np.flatnonzero(reachable_states(mdp)), []
    for _ in range(rounds):
        policy = backward_induction(mdp.with_rewards(_gains_in_order(mdp, path, rng.permutation(visits)))).policy
        found = walk(mdp, tables, policy)
        reached = float(mdp.F.gains_along(mdp.elements(found)[None]).sum())
        if reached >= value:
            path, value = found, reached
        history.append(value)
    gains = mdp.F.gains_along(mdp.elements(path)[None])[0]
    return Certified(
        lower=value,
        upper=oracle_bound(mdp, path).value,
        method="semigradient ascent",
        path=path,
        gains=gains,
        history=np.array(history),
        model=mdp,
    )


def _gains_in_order(mdp: SubmodularMDP, path: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the gain of each visit, (H + 1, n_states), in an order that begins with the visits of a path."""
    own = np.arange(mdp.H + 1) * mdp.n_states + path
    order = np.concatenate([own, others[~np.isin(others, own)]])
    elements = order if mdp.counts_visits else order % mdp.n_states
    _, first = np.unique(elements, return_index=True)
    first.sort()
    weight = np.zeros((mdp.H + 1) * mdp.n_states)
    weight[order[first]] = mdp.F.gains_along(elements[first][None])[0]
    return weight.reshape(mdp.H + 1, mdp.n_states)


def _checked_path(mdp: SubmodularMDP, path: Any, tables: list[np.ndarray]) -> np.ndarray:
    """Return a path as an array, refusing one that the model does not have."""
    path = np.asarray(path)
    if path.shape != (mdp.H + 1,) or path.dtype.kind not in "iu":
        raise ModelError(f"path has shape {path.shape}; it must be {mdp.H + 1} states")
    if path[0] != np.argmax(mdp.mu):
        raise ModelError(f"path begins in state {path[0]}; the first state is {np.argmax(mdp.mu)}")
    for h, table in enumerate(tables):
        if path[h + 1] not in table[mdp.pair_start[path[h]] : mdp.pair_start[path[h] + 1]]:
            raise ModelError(f"path goes from state {path[h]} to state {path[h + 1]} at step {h}; no action does")
    return path.astype(np.int64)

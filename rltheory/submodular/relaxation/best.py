"""The smallest of the bounds that apply to a model and can be had in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rltheory.models import CriterionError, ModelError
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.frank_wolfe import frank_wolfe_bound
from rltheory.submodular.relaxation.linear_program import linear_bound
from rltheory.submodular.relaxation.majorant import UpperBound
from rltheory.submodular.relaxation.oracle import oracle_bound
from rltheory.submodular.relaxation.window import window_bound

_PAIRS_OF_A_PROGRAM = 40_000
_STATES_OF_AN_ASCENT = 150
_WINDOWS = 50_000


def best_bound(mdp: SubmodularMDP, path: Iterable[int] = ()) -> UpperBound:
    """Return the smallest upper bound that can be had in seconds: by gains, short memories, linear or concave programs.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone submodular F.
    path : iterable of int
        States of a good path, in order, from whose gains a bound is tried too.

    Returns
    -------
    UpperBound

    Raises
    ------
    CriterionError
        If F is not monotone, or is made of an `ADesign`, which is not submodular.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> ring = np.stack([np.roll(np.eye(4), 1, axis=1), np.roll(np.eye(4), -1, axis=1)], axis=1)
    >>> mdp = SubmodularMDP(ring, Coverage.from_sets([[0], [1], [2], [3]]), H=2, mu=0)
    >>> round(best_bound(mdp).value, 6)
    3.0
    """
    bounds = [oracle_bound(mdp, path)]
    attempts: list[Callable[[], UpperBound]] = [lambda: window_bound(mdp, memory=3, max_windows=_WINDOWS)]
    if mdp.H * mdp.n_pairs <= _PAIRS_OF_A_PROGRAM:
        attempts.append(lambda: linear_bound(mdp))
    if mdp.n_states <= _STATES_OF_AN_ASCENT:
        attempts.append(lambda: frank_wolfe_bound(mdp, max_rounds=30))
    for attempt in attempts:
        try:
            bounds.append(attempt())
        except (CriterionError, ModelError, MemoryError):
            continue  # the family of F or the form of the dynamics is not one that this bound takes
    return min(bounds, key=lambda bound: bound.value)

"""Beam search over paths: keep the best few beginnings of each length, and extend all of them by every action.

Two beginnings that end in the same state and have touched the same states (each as often, where visits measure anew)
have the same future, so only one of them is kept. With a beam as wide as there are such classes the search is
exhaustive; with a beam of one it is myopic. It proves nothing about what it dropped: the upper bound comes from
elsewhere.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.certified import Certified
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import successor_tables
from rltheory.submodular.relaxation.oracle import oracle_bound
from rltheory.submodular.touched import counts_repeats


def beam_search(mdp: SubmodularMDP, *, width: int = 1000) -> Certified:
    """Search for a good path among the extensions of the best beginnings.

    Parameters
    ----------
    mdp : SubmodularMDP
        Without chance; F monotone and submodular (for the upper bound).
    width : int
        How many beginnings of each length are kept, at least 1; ties go to the actions that come first.

    Returns
    -------
    Certified
        With ``path`` and ``gains``; ``history`` is the best value after each arrival, ``evaluations`` the number of
        beginnings that were valued. ``upper`` is by `oracle_bound`; if nothing was ever dropped it is the value itself.

    Raises
    ------
    CriterionError
        If the first state or a successor is random.
    ModelError
        If ``width`` is below 1.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> line = np.array([[[1, 0, 0, 0], [0, 1, 0, 0]], [[1, 0, 0, 0], [0, 0, 1, 0]],
    ...                  [[0, 1, 0, 0], [0, 0, 0, 1]], [[0, 0, 1, 0], [0, 0, 0, 1]]])
    >>> mdp = SubmodularMDP(line, Coverage.from_sets([[0], [1], [2], [3]], weights=[3, 0, 1, 1]), H=2, mu=1)
    >>> beam_search(mdp).path
    array([1, 0, 0])
    """
    if width < 1:
        raise ModelError(f"width is {width}; at least one beginning must be kept")
    tables, repeats = successor_tables(mdp), counts_repeats(mdp.F)
    paths = np.array([[int(np.argmax(mdp.mu))]])
    gains = mdp.F.gains_along(mdp.elements(paths))
    history, evaluations, dropped = [float(gains[0, 0])], 1, False
    for table in tables:
        parent, arrival = _children(mdp, table, paths[:, -1])
        paths = np.column_stack([paths[parent], arrival])
        gains = mdp.F.gains_along(mdp.elements(paths))
        evaluations += len(paths)
        values = gains.sum(axis=1)
        kept = _one_of_each(mdp, paths, repeats)
        order = kept[np.argsort(-values[kept], kind="stable")]
        dropped |= order.size > width
        paths, gains = paths[order[:width]], gains[order[:width]]
        history.append(float(values[order[0]]))
    value = float(gains[0].sum())
    return Certified(
        lower=value,
        upper=oracle_bound(mdp, paths[0]).value if dropped else value,
        method=f"beam search of width {width}",
        path=paths[0],
        gains=gains[0],
        history=np.array(history),
        evaluations=evaluations,
        model=mdp,
    )


def _children(mdp: SubmodularMDP, table: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the beginning and the next state of each extension by an action."""
    counts = mdp.action_counts[ends]
    parent = np.repeat(np.arange(ends.size), counts)
    first = np.repeat(mdp.pair_start[ends] - (np.cumsum(counts) - counts), counts)
    return parent, table[first + np.arange(parent.size)]


def _one_of_each(mdp: SubmodularMDP, paths: np.ndarray, repeats: bool) -> np.ndarray:
    """Return the first of the paths of each class, ascending: those with one end that touched the same elements."""
    n, length = paths.shape
    touched = np.sort(mdp.elements(paths), axis=1)
    if not repeats:
        packed = np.zeros((n, mdp.F.n_elements), dtype=bool)
        packed[np.repeat(np.arange(n), length), touched.ravel()] = True
        touched = np.packbits(packed, axis=1)
    end = np.ascontiguousarray(paths[:, -1:])
    keys = np.ascontiguousarray(np.hstack([x.view(np.uint8).reshape(n, -1) for x in (touched, end)]))
    _, first = np.unique(keys.view(np.dtype((np.void, keys.shape[1]))).ravel(), return_index=True)
    return np.sort(first)

"""Brute force over histories: the optimum of all policies from values of sets alone, without gains or merging."""

from __future__ import annotations

import math

import numpy as np

from rltheory.submodular.model import SubmodularMDP

Path = tuple[int, ...]


def optimum(mdp: SubmodularMDP) -> float:
    r"""Return $\max_\pi J(\pi)$ over all policies, whatever they remember.

    Parameters
    ----------
    mdp : SubmodularMDP
        So small that all its histories can be listed.

    Returns
    -------
    float
        In reward units.
    """
    return math.fsum(p * _best(mdp, (s,)) for s, p in enumerate(mdp.mu.tolist()) if p > 0)


def _best(mdp: SubmodularMDP, path: Path) -> float:
    h = len(path) - 1
    if h == mdp.H:
        return worth(mdp, path)
    rows = _laws(mdp, h, path[-1])
    return max(math.fsum(p * _best(mdp, (*path, s)) for s, p in law) for law in rows)


def worth(mdp: SubmodularMDP, path: Path) -> float:
    """Return F of the elements that a path touches, in reward units."""
    return mdp.F.value(mdp.elements(np.array(path)).tolist())


def paths(mdp: SubmodularMDP) -> list[Path]:
    """Return all paths of H actions that have positive probability under some policy.

    Parameters
    ----------
    mdp : SubmodularMDP
        So small that they can be listed.

    Returns
    -------
    list of tuple of int
    """
    found: list[Path] = [(s,) for s in np.flatnonzero(mdp.mu).tolist()]
    for h in range(mdp.H):
        found = [(*path, s) for path in found for s in sorted({s for law in _laws(mdp, h, path[-1]) for s, _ in law})]
    return found


def _laws(mdp: SubmodularMDP, h: int, state: int) -> list[list[tuple[int, float]]]:
    """Return the law of the next state of each action."""
    P = mdp.dynamics.rows(h)
    laws = []
    for row in range(mdp.pair_start[state], mdp.pair_start[state + 1]):
        entries = slice(P.indptr[row], P.indptr[row + 1])
        pairs = zip(P.indices[entries].tolist(), P.data[entries].tolist(), strict=True)
        laws.append([(s, p) for s, p in pairs if p > 0])
    return laws

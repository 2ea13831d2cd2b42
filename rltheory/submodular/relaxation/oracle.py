r"""Majorants that need nothing but values and gains of F.

For a monotone submodular F and any set B (Nemhauser, Wolsey and Fisher 1978, proposition 2.1)

.. math:: F(A) \;\le\; F(A \cup B) \;\le\; F(B) + \sum_{v \in A} F(v \mid B).

With $B = \emptyset$ it is the *modular bound* $F(A) \le \sum_{v \in A} F(\{v\})$; with everything in B it says
$F(A) \le F(V)$. In between, what a good policy has touched already is a good B: all that others could add is what it
left over.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.monotone import require_monotone, require_submodular
from rltheory.submodular.reachable import reachable_elements
from rltheory.submodular.relaxation.majorant import Majorant, UpperBound, additive_bound
from rltheory.submodular.relaxation.window import window_bound
from rltheory.submodular.touched import counts_repeats


def gains_bound(mdp: SubmodularMDP, base: Iterable[int], *, method: str | None = None) -> UpperBound:
    r"""Bound every policy by what a set is worth and what a path gains over it: $F(B) + \sum_h F(s_h \mid B)$.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone submodular F.
    base : iterable of int
        Elements of B.
    method : str, optional
        What the answer says about how B was chosen.

    Returns
    -------
    UpperBound

    Raises
    ------
    CriterionError
        If F is made of an `ADesign`, which is not submodular; or B is not empty and F is not monotone.

    References
    ----------
    Nemhauser, Wolsey and Fisher (1978), proposition 2.1.
    """
    require_submodular(mdp.F)
    base = [int(element) for element in base]
    if base:
        require_monotone(mdp)
    tally = mdp.F.tally()
    for element in base:
        tally.add(element)
    weight = np.maximum(tally.gains(), 0.0)
    majorant = Majorant(tally.value, weight)
    return UpperBound(additive_bound(mdp, majorant), method or "gains over a set", majorant)


def modular_bound(mdp: SubmodularMDP) -> UpperBound:
    r"""Bound every policy by the best additive one: $J^* \le \max_\pi \mathbb{E} \sum_h F(\{s_h\})$.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a submodular F; it need not be monotone.

    Returns
    -------
    UpperBound

    Raises
    ------
    CriterionError
        If F is made of an `ADesign`.
    """
    return gains_bound(mdp, (), method="sum of single elements")


def everything_bound(mdp: SubmodularMDP) -> UpperBound:
    """Bound every policy by the value of all that is reachable.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone F.

    Returns
    -------
    UpperBound
        Infinite where visits measure anew, so that there is no largest set.

    Raises
    ------
    CriterionError
        If F is not monotone.
    """
    require_monotone(mdp)
    if counts_repeats(mdp.F):
        return UpperBound(np.inf, "value of all that is reachable")
    elements = reachable_elements(mdp)
    majorant = Majorant(mdp.F.value(elements), np.zeros(mdp.F.n_elements))
    return UpperBound(additive_bound(mdp, majorant), "value of all that is reachable", majorant)


def oracle_bound(mdp: SubmodularMDP, path: Iterable[int] = ()) -> UpperBound:
    """Return the smallest of the bounds by the last state, by everything, and by gains over a path.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a monotone submodular F.
    path : iterable of int
        States of a path, in order; the bound by gains is tried for it and for its first half.

    Returns
    -------
    UpperBound

    Raises
    ------
    CriterionError
        If F is not monotone, or is made of an `ADesign`, which is not submodular.
    """
    elements = [int(v) for v in mdp.elements(np.fromiter(path, dtype=np.int64))]
    windows = mdp.dynamics.is_stationary and not mdp.counts_visits
    bounds = [everything_bound(mdp), window_bound(mdp, memory=1) if windows else modular_bound(mdp)]
    bounds += [gains_bound(mdp, elements[:n]) for n in {len(elements), len(elements) // 2} if n]
    return min(bounds, key=lambda bound: bound.value)

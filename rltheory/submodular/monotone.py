r"""Is F monotone, is it submodular? What upper bounds stand on, asked before they are believed.

Families with weights of at least 0 are monotone by construction. Of any other submodular function the last gain
$F(V) - F(V \setminus v)$ of an element is its least, so that F is monotone exactly if none of them is negative.

That F is submodular cannot be asked so cheaply (`properties.check_submodular`); only what is known not to be so is
refused.
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.curvature import last_gains
from rltheory.submodular.functions.algebra import Contraction, Pullback, Truncation, WeightedSum, restriction
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.design import ADesign, DDesign
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.gaussian import GaussianInformation
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import reachable_elements

_ROUNDING = 1e-9


def require_monotone(mdp: SubmodularMDP) -> None:
    """Refuse a model in which some element that can be touched makes others worth less than nothing.

    Parameters
    ----------
    mdp : SubmodularMDP
        With a submodular F.

    Raises
    ------
    CriterionError
        If F is not monotone on what paths touch; the message names an element and what it loses.

    Examples
    --------
    >>> from mdps import submodular as instances
    >>> require_monotone(instances.two_room())
    """
    if monotone_by_construction(mdp.F):
        return
    F, elements = mdp.F, reachable_elements(mdp)
    while isinstance(F, Pullback):  # two visits of a state hide what it loses: the second gains nothing
        elements = np.unique(F.image[elements])
        F = F.F
    part = restriction(F, elements)
    last = last_gains(part)
    slack = _ROUNDING * float(np.abs(part.tally().gains()).sum())
    if (last < -slack).any():
        v = int(last.argmin())
        raise CriterionError(
            f"element {elements[v]} loses {-last[v]:g} when it joins all others; F is not monotone, and what a set is"
            " worth bounds nothing (relaxation.modular_bound and window_bound do not ask for it)"
        )


def require_submodular(F: SetFunction) -> None:
    """Refuse a function that is an A-design, or is made of one.

    Parameters
    ----------
    F : SetFunction
        Any.

    Raises
    ------
    CriterionError
        If an `ADesign` is part of F.

    Examples
    --------
    >>> from rltheory.submodular.functions.design import DDesign
    >>> require_submodular(DDesign([[1.0], [2.0]]))
    """
    if isinstance(F, ADesign):
        raise CriterionError(
            "ADesign is not submodular, and what its elements gain early bounds nothing (relaxation.everything_bound"
            " and solve_exact do not ask for it)"
        )
    for part in F.functions if isinstance(F, WeightedSum) else ():
        require_submodular(part)
    if isinstance(F, (Contraction, Pullback, Truncation)):
        require_submodular(F.F)


@singledispatch
def monotone_by_construction(F: SetFunction) -> bool:
    """Tell whether the family of a function, or of all that it is made of, has monotone members only."""
    return False


@monotone_by_construction.register
def _(
    F: ADesign | BudgetAdditive | Coverage | DDesign | FacilityLocation | Modular | ProbabilisticCoverage,
) -> bool:
    return True


@monotone_by_construction.register
def _(F: GaussianInformation) -> bool:
    return F.constant >= 0


@monotone_by_construction.register
def _(F: WeightedSum) -> bool:
    return all(map(monotone_by_construction, F.functions))


@monotone_by_construction.register
def _(F: Contraction | Pullback | Truncation) -> bool:
    return monotone_by_construction(F.F)

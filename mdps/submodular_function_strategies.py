"""Hypothesis strategies that draw set functions, by family or any.

Weights are quarters, probabilities too: the values of all families without a root or a logarithm are exact in floats,
and ties are common.

Examples
--------
>>> from hypothesis import given, settings
>>> from rltheory.submodular.properties import check_submodular
>>> @settings(max_examples=10, database=None)
... @given(monotone_functions(max_elements=4))
... def gains_diminish(F):
...     assert check_submodular(F)
>>> gains_diminish()
"""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn, SearchStrategy

from rltheory.submodular.functions.algebra import Contraction, Truncation, WeightedSum, restriction
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.design import DDesign
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.gaussian import GaussianInformation, mutual_information
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage
from rltheory.submodular.functions.protocol import SetFunction


def _quarters(most: int, shape: Any, least: int = 0) -> SearchStrategy[np.ndarray]:
    whole = hnp.arrays(np.int64, shape, elements=st.integers(least, most), fill=st.nothing())
    return whole.map(lambda numbers: numbers / 4)


@st.composite
def coverages(draw: DrawFn, n_elements: int, *, max_items: int = 6) -> Coverage:
    """Draw a coverage function, elements that cover nothing and worthless items included."""
    n_items = draw(st.integers(1, max_items))
    covers = draw(hnp.arrays(np.bool_, (n_elements, n_items), fill=st.nothing()))
    F = Coverage(covers, draw(_quarters(8, n_items)))
    note(f"covers = {covers.astype(int).tolist()}, weights = {F.weights.tolist()}")
    return F


@st.composite
def budget_additives(draw: DrawFn, n_elements: int, *, max_kinds: int = 3) -> BudgetAdditive:
    """Draw a budget-additive function, budgets of 0 and those that never bind included."""
    n_kinds = draw(st.integers(1, max_kinds))
    amounts = draw(_quarters(8, (n_elements, n_kinds)))
    F = BudgetAdditive(amounts, draw(_quarters(16, n_kinds)))
    note(f"amounts = {amounts.tolist()}, budgets = {F.budgets.tolist()}")
    return F


@st.composite
def facility_locations(draw: DrawFn, n_elements: int, *, max_customers: int = 4) -> FacilityLocation:
    """Draw a facility location function."""
    return FacilityLocation(draw(_quarters(8, (n_elements, draw(st.integers(1, max_customers))))))


@st.composite
def probabilistic_coverages(draw: DrawFn, n_elements: int, *, max_items: int = 4) -> ProbabilisticCoverage:
    """Draw a probabilistic coverage function, impossible and sure coverage included."""
    n_items = draw(st.integers(1, max_items))
    return ProbabilisticCoverage(draw(_quarters(4, (n_elements, n_items))), draw(_quarters(8, n_items)))


def modulars(n_elements: int) -> SearchStrategy[Modular]:
    """Draw a modular function."""
    return _quarters(8, n_elements).map(Modular)


def concaves(n_elements: int) -> SearchStrategy[ConcaveOfModular]:
    """Draw the square root or the logarithm of a modular function."""
    return st.builds(ConcaveOfModular, st.sampled_from([np.sqrt, np.log1p]), _quarters(8, n_elements))


@st.composite
def mutual_informations(draw: DrawFn, n_elements: int, *, repeats: bool = False) -> GaussianInformation:
    """Draw a mutual information, singular kernels included."""
    factor = draw(_quarters(4, (n_elements, draw(st.integers(1, n_elements))), least=-4))
    return mutual_information(factor @ factor.T, draw(st.sampled_from([0.25, 1.0, 4.0])), repeats=repeats)


@st.composite
def designs(draw: DrawFn, n_elements: int, *, repeats: bool = False) -> DDesign:
    """Draw a D-design of one to three features."""
    features = draw(_quarters(8, (n_elements, draw(st.integers(1, 3))), least=-8))
    return DDesign(features, draw(st.sampled_from([0.25, 1.0, 4.0])), draw(st.sampled_from([0.5, 1.0])), repeats)


@st.composite
def cuts(draw: DrawFn, n_elements: int) -> Cut:
    """Draw a graph cut, which as a rule is not monotone."""
    drawn = np.triu(draw(_quarters(8, (n_elements, n_elements))), 1)
    return Cut(drawn + drawn.T)


@st.composite
def composed(draw: DrawFn, n_elements: int) -> SetFunction:
    """Draw a sum, restriction, contraction or truncation of monotone submodular functions."""
    kind = draw(st.sampled_from(["sum", "restriction", "contraction", "truncation"]))
    if kind == "restriction":
        larger = draw(_families(n_elements + 1))
        return restriction(larger, draw(st.permutations(range(n_elements + 1)))[:n_elements])
    F = draw(_families(n_elements))
    if kind == "sum":
        return WeightedSum([F, draw(_families(n_elements))], draw(_quarters(8, 2)))
    if kind == "contraction":
        return Contraction(F, draw(st.lists(st.integers(0, n_elements - 1), max_size=2)))
    return Truncation(F, draw(st.integers(0, 16)) / 4)


def _families(n_elements: int) -> SearchStrategy[SetFunction]:
    return st.one_of(
        coverages(n_elements),
        budget_additives(n_elements),
        modulars(n_elements),
        facility_locations(n_elements),
        probabilistic_coverages(n_elements),
        concaves(n_elements),
        mutual_informations(n_elements),
        designs(n_elements),
    )


@st.composite
def monotone_functions(draw: DrawFn, *, max_elements: int = 5, n_elements: int | None = None) -> SetFunction:
    """Draw a monotone submodular function of any family, or one composed of two.

    Parameters
    ----------
    max_elements : int
        Most elements.
    n_elements : int, optional
        How many elements exactly.

    Returns
    -------
    SearchStrategy of SetFunction
    """
    n = draw(st.integers(1, max_elements)) if n_elements is None else n_elements
    return draw(st.one_of(_families(n), composed(n)))


@st.composite
def submodular_functions(draw: DrawFn, *, max_elements: int = 5) -> SetFunction:
    """Draw a submodular function, monotone or not.

    Parameters
    ----------
    max_elements : int
        Most elements.

    Returns
    -------
    SearchStrategy of SetFunction
    """
    n = draw(st.integers(1, max_elements))
    return draw(st.one_of(_families(n), composed(n), cuts(n)))


@st.composite
def paths_of(draw: DrawFn, F: SetFunction, *, max_paths: int = 3, max_length: int = 6) -> np.ndarray:
    """Draw paths of elements of a function, with repetitions, shape (n_paths, length)."""
    shape = draw(st.integers(1, max_paths)), draw(st.integers(1, max_length))
    return draw(hnp.arrays(np.int64, shape, elements=st.integers(0, F.n_elements - 1), fill=st.nothing()))

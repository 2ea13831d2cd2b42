"""Facility location, probabilistic coverage, concave and modular functions, cuts and functions given by value."""

from itertools import product

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import paired
from mdps.submodular_function_strategies import (
    cuts,
    facility_locations,
    modulars,
    paths_of,
    probabilistic_coverages,
)
from rltheory import ModelError
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage


@given(paired(st.integers(1, 5).flatmap(facility_locations), paths_of))
def test_each_customer_has_the_best_facility(drawn):
    F, paths = drawn
    for path, gains in zip(paths, F.gains_along(paths), strict=True):
        best = [max(F.benefits[v, j] for v in path) for j in range(F.n_customers)]
        assert F.value(path) == gains.sum() == sum(best)


@given(paired(st.integers(1, 3).flatmap(lambda n: probabilistic_coverages(n, max_items=2)), paths_of))
def test_probabilistic_coverage_is_the_expectation_of_coverage(drawn):
    F, paths = drawn
    n, m = F.prob.shape
    expected = np.zeros(len(paths))
    for outcome in product([0, 1], repeat=n * m):
        covers = np.array(outcome).reshape(n, m)
        probability = np.where(covers, F.prob, 1 - F.prob).prod()
        if probability > 0:
            realised = Coverage(covers, F.weights)
            expected += probability * np.array([realised.value(path) for path in paths])
    assert F.gains_along(paths).sum(axis=1) == pytest.approx(expected, abs=1e-12)


@given(paired(st.integers(1, 5).flatmap(modulars), paths_of))
def test_a_modular_function_pays_each_element_once(drawn):
    F, paths = drawn
    for path, gains in zip(paths, F.gains_along(paths), strict=True):
        assert F.value(path) == gains.sum() == sum(F.weights[v] for v in set(path))


@given(paired(st.integers(1, 5).flatmap(modulars), paths_of))
def test_a_concave_function_of_the_identity_is_modular(drawn):
    F, paths = drawn
    identity = ConcaveOfModular(lambda amount: amount, F.weights)
    np.testing.assert_array_equal(identity.gains_along(paths), F.gains_along(paths))


@given(paired(st.integers(1, 6).flatmap(cuts), paths_of))
def test_a_cut_is_that_of_networkx(drawn):
    F, paths = drawn
    graph = nx.from_numpy_array(F.weights)
    for path, gains in zip(paths, F.gains_along(paths), strict=True):
        assert F.value(path) == gains.sum() == nx.cut_size(graph, set(path.tolist()), weight="weight")


def test_loops_are_never_cut():
    assert Cut([[5.0, 1.0], [1.0, 7.0]]).gains_along([[0, 1]]).tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FacilityLocation([[1.0], [-3.0]]), "benefits of element 1, customer 0 is -3; .* at least 0"),
        (lambda: FacilityLocation([1.0]), r"benefits has shape \(1,\); it needs one axis for each element and cust"),
        (lambda: ProbabilisticCoverage([[0.5, 1.5]]), r"prob of element 0, item 1 is 1\.5; it is at most 1"),
        (lambda: ProbabilisticCoverage([[0.5]], [1.0, 1.0]), "weights has 2 entries; with 1 items it must have as"),
        (lambda: Modular([1.0, -1.0]), "weights of element 1 is -1; it must be finite and at least 0"),
        (lambda: ConcaveOfModular(np.square, [1.0, 1.0]), "concave is not concave between .*: its values there are"),
        (lambda: ConcaveOfModular(np.exp, [1.0, 1.0]), "concave of 0 is 1; it must be 0"),
        (lambda: ConcaveOfModular(np.sum, [1.0, 1.0]), r"concave returns shape \(\) for an array of shape"),
        (lambda: Cut([[0.0, 1.0], [2.0, 0.0]]), "weights of elements 0 and 1 is 1, and 2 the other way round"),
        (lambda: Cut([[0.0, 1.0]]), r"weights has shape \(1, 2\); a graph's is square"),
        (lambda: ByValue(2, lambda chosen: 1.0 + len(chosen)), "function of the empty set is 1; subtract it"),
    ],
    ids=[
        "negative benefit",
        "flat benefits",
        "large probability",
        "many weights",
        "negative weight",
        "convex",
        "not 0 at 0",
        "not elementwise",
        "directed",
        "not square",
        "worth of nothing",
    ],
)
def test_what_is_no_such_function_is_refused(make, message):
    with pytest.raises(ModelError, match=message):
        make()

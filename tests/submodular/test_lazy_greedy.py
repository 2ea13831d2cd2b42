from itertools import combinations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mdps.submodular_function_strategies import monotone_functions, submodular_functions
from mdps.submodular_functions import random_coverage, random_cut, random_facility_location, random_mutual_information
from rltheory import CriterionError, ModelError
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.lazy_greedy import greedy, lazy_greedy


@given(submodular_functions(), st.integers(0, 6))
def test_each_element_gains_as_much_as_any_could(F, k):
    """Up to rounding, which may tell ties apart: then the two choices part, and both are greedy."""
    for choice in (greedy(F, k), lazy_greedy(F, k)):
        tally = F.tally()
        for element, gain in zip(choice.elements, choice.gains, strict=True):
            assert gain == pytest.approx(tally.gains().max(), abs=1e-9)
            assert tally.add(element) == gain
        assert len(set(choice.elements)) == len(choice.elements) <= k
        assert len(choice.elements) == min(k, F.n_elements) or tally.gains().max() <= 1e-9


@pytest.mark.parametrize(
    "F",
    [random_coverage(60, 80, 0.1, rng=0), random_facility_location(60, rng=0), random_mutual_information(60, rng=0)],
    ids=["coverage", "facility location", "mutual information"],
)
def test_lazy_greedy_takes_the_same_elements_for_fewer_evaluations(F):
    plain, lazy = greedy(F, 10), lazy_greedy(F, 10)
    assert lazy.elements == plain.elements
    assert plain.evaluations == sum(60 - i for i in range(10))
    assert lazy.evaluations < plain.evaluations


@given(monotone_functions(), st.integers(1, 4))
def test_greedy_reaches_its_share_of_the_best_set(F, k):
    best = max(F.value(chosen) for chosen in combinations(range(F.n_elements), min(k, F.n_elements)))
    assert greedy(F, k).value >= (1 - (1 - 1 / k) ** k) * best - 1e-9


def test_greedy_falls_for_a_set_that_overlaps_the_two_best():
    """The two rows of a table of two by three cover it; the first two columns are larger than a row, and come first."""
    F = Coverage.from_sets([[0, 1, 2], [3, 4, 5], [0, 1, 3, 4]])
    assert greedy(F, 2).elements == (2, 0)
    assert greedy(F, 2).value == 5
    assert F.value([0, 1]) == 6


def test_the_choice_ends_where_nothing_gains():
    F = Coverage.from_sets([[0], [0], [1]])
    for choose in (greedy, lazy_greedy):
        assert choose(F, 3).elements == (0, 2)
        assert choose(F, 0).elements == ()
        assert choose(random_cut(6, rng=0), 6).gains == pytest.approx(greedy(random_cut(6, rng=0), 6).gains)


def test_ties_go_to_the_lower_element():
    F = Coverage.from_sets([[v] for v in range(5)])
    assert greedy(F, 3).elements == lazy_greedy(F, 3).elements == (0, 1, 2)


def test_a_gain_that_grows_is_named():
    F = ByValue(3, lambda chosen: len(chosen) ** 2)
    with pytest.raises(CriterionError, match=r"element 1 gains 3 beside \[0\] and gained 1 .* is not submodular"):
        lazy_greedy(F, 2)


def test_a_negative_number_of_elements_is_refused():
    for choose in (greedy, lazy_greedy):
        with pytest.raises(ModelError, match="k is -1; it must be a whole number of at least 0"):
            choose(random_coverage(3, rng=0), -1)

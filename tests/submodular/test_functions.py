"""What holds for every family: gains along paths, tallies and values tell one story, and gains diminish."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps import submodular_functions as draw
from mdps.strategies import paired
from mdps.submodular_function_strategies import cuts, monotone_functions, paths_of, submodular_functions
from rltheory import ModelError
from rltheory.planning import use_threads
from rltheory.submodular.functions.algebra import Contraction, Truncation, WeightedSum, restriction, visits_of
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.design import ADesign
from rltheory.submodular.properties import check_monotone, check_submodular

FAMILIES = {
    "modular": draw.random_modular(6, rng=1),
    "coverage": draw.random_coverage(6, rng=1),
    "budget additive": draw.random_budget_additive(6, rng=1),
    "facility location": draw.random_facility_location(6, rng=1),
    "probabilistic coverage": draw.random_probabilistic_coverage(6, rng=1),
    "concave of modular": draw.random_concave(6, rng=1),
    "mutual information": draw.random_mutual_information(6, rng=1),
    "repeated measurements": draw.random_mutual_information(6, rng=1, repeats=True),
    "design": draw.random_design(6, rng=1),
    "repeated design": draw.random_design(6, rng=1, repeats=True),
    "A-design": ADesign(np.random.default_rng(1).standard_normal((6, 3))),
    "cut": draw.random_cut(6, rng=1),
    "by value": ByValue(6, lambda chosen: len(chosen) ** 0.5),
    "sum": WeightedSum([draw.random_coverage(6, rng=1), draw.random_concave(6, rng=2)], [1.0, 0.5]),
    "restriction": restriction(draw.random_coverage(9, rng=1), [8, 0, 3, 4, 6, 7]),
    "visits": visits_of(draw.random_facility_location(2, rng=1), 2),
    "contraction": Contraction(draw.random_probabilistic_coverage(6, rng=1), [2, 4]),
    "truncation": Truncation(draw.random_modular(6, rng=1), 1.25),
}
every_family = pytest.mark.parametrize("F", FAMILIES.values(), ids=FAMILIES.keys())


def assert_one_story(F, paths):
    """Values of prefixes are the reference: each function defines them in its own way, without any gains."""
    along = F.gains_along(paths)
    for path, gains in zip(paths, along, strict=True):
        tally = F.tally()
        for h, element in enumerate(path):
            offered, ahead = tally.gains(), tally.copy()
            expected = F.value(path[: h + 1]) - F.value(path[:h])
            found = [gains[h], offered[element], tally.gain(element), ahead.add(element)]
            assert found == pytest.approx([expected] * 4, abs=1e-9)
            assert tally.value == pytest.approx(F.value(path[:h]), abs=1e-9)  # the copy grew alone
            tally.add(element)
        assert tally.value == pytest.approx(F.value(path), abs=1e-9)


@given(paired(submodular_functions(), paths_of))
def test_gains_are_differences_of_values(drawn):
    assert_one_story(*drawn)


@every_family
def test_gains_of_every_family_are_differences_of_values(F):
    assert_one_story(F, np.random.default_rng(0).integers(0, F.n_elements, (20, 8)))


@every_family
def test_the_empty_set_is_worth_nothing(F):
    assert F.value([]) == F.tally().value == 0
    assert F.gains_along(np.zeros((3, 0), dtype=int)).shape == (3, 0)
    assert F.gains_along(np.zeros((0, 4), dtype=int)).shape == (0, 4)


@every_family
def test_a_name_says_how_many_elements_there_are(F):
    assert str(F.n_elements) in repr(F)
    assert " at 0x" not in repr(F)


@every_family
def test_an_element_that_does_not_exist_is_named(F):
    n = F.n_elements
    for ask in (F.tally().gain, F.tally().add, lambda v: F.value([0, v])):
        with pytest.raises(ModelError, match=f"element {n} does not exist; elements are 0..{n - 1}"):
            ask(n)
    with pytest.raises(ModelError, match=f"path 1 holds element -1 at place 2; elements are 0..{n - 1}"):
        F.gains_along([[0, 1, 2], [0, 1, -1]])
    with pytest.raises(ModelError, match=r"paths have shape \(2,\); .* paths\[None\] is one path"):
        F.gains_along([0, 1])


@given(monotone_functions())
def test_every_family_is_monotone_and_submodular(F):
    assert check_monotone(F)
    assert check_submodular(F)


@given(st.integers(1, 5).flatmap(cuts))
def test_a_cut_is_submodular(F):
    assert check_submodular(F)


@pytest.mark.parametrize("name", ["coverage", "budget additive", "mutual information", "facility location"])
def test_the_number_of_threads_does_not_matter(name):
    F = FAMILIES[name]
    paths = np.random.default_rng(0).integers(0, 6, (20_000, 20))
    with use_threads(1):
        alone = F.gains_along(paths)
    with use_threads(3):
        np.testing.assert_array_equal(F.gains_along(paths), alone)

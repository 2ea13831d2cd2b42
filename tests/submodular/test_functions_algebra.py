import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import paired
from mdps.submodular_function_strategies import monotone_functions, paths_of
from mdps.submodular_functions import random_coverage, random_modular
from rltheory import ModelError
from rltheory.submodular import SubmodularMDP
from rltheory.submodular.functions.algebra import (
    Contraction,
    Pullback,
    Truncation,
    WeightedSum,
    restriction,
    visits_of,
)
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.properties import check_submodular


@given(paired(monotone_functions(), paths_of))
def test_a_sum_of_a_function_with_itself_is_a_multiple(drawn):
    F, paths = drawn
    np.testing.assert_allclose(
        WeightedSum([F, F], [0.25, 0.5]).gains_along(paths), 0.75 * F.gains_along(paths), rtol=1e-12, atol=1e-12
    )


@given(paired(monotone_functions(), paths_of))
def test_visits_gain_what_their_states_gain(drawn):
    F, paths = drawn
    steps = paths.shape[1]
    visits = paths + np.arange(steps) * F.n_elements
    np.testing.assert_array_equal(visits_of(F, steps - 1).gains_along(visits), F.gains_along(paths))


def test_a_truncated_modular_function_is_budget_additive():
    weights, paths = random_modular(6, rng=0).weights, np.random.default_rng(0).integers(0, 6, (20, 6))
    truncated, budget = Truncation(Modular(weights), 1.5), BudgetAdditive(weights[:, None], [1.5])
    np.testing.assert_allclose(truncated.gains_along(paths), budget.gains_along(paths), rtol=0, atol=1e-12)


def test_a_truncated_cut_need_not_be_submodular():
    """Two edges apart: the other end of the first loses 1, and nothing once the second edge is cut as well."""
    two_edges = Cut(np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]]))
    assert check_submodular(two_edges)
    assert Truncation(two_edges, 1.0).gains_along([[0, 1], [2, 0]]).tolist() == [[1.0, -1.0], [1.0, 0.0]]
    assert not check_submodular(Truncation(two_edges, 1.0))


def test_what_is_given_gains_nothing_more():
    F = random_coverage(6, rng=0)
    assert Contraction(F, [0, 1]).gains_along([[0, 1, 0]]).tolist() == [[0.0, 0.0, 0.0]]
    assert Contraction(F, []).value([2, 3]) == F.value([2, 3])
    assert Contraction(F, [4]).value([2, 3]) == pytest.approx(F.value([2, 3, 4]) - F.value([4]))


def test_a_restriction_numbers_its_elements_anew():
    F = random_coverage(6, rng=0)
    part = restriction(F, [5, 2])
    assert part.n_elements == 2
    assert part.value([0]) == F.value([5])
    assert part.value([0, 1]) == F.value([2, 5])


def test_a_model_counts_visits_of_a_function_of_states():
    P = np.full((2, 1, 2), 0.5)
    assert SubmodularMDP(P, visits_of(Modular([1.0, 2.0]), 3), 3).counts_visits


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WeightedSum([]), "functions is empty; a sum needs at least one"),
        (lambda: WeightedSum([Modular([1.0])], [-1.0]), "weights of function 0 is -1; it must be finite"),
        (lambda: WeightedSum([Modular([1.0])], [1.0, 2.0]), "weights has 2 entries; with 1 functions"),
        (
            lambda: WeightedSum([Modular([1.0]), Modular([1.0, 1.0])]),
            "function 1 has 2 elements, and function 0 has 1",
        ),
        (lambda: restriction(Modular([1.0, 1.0]), [1, 1]), "element 1 is listed twice; a restriction has it once"),
        (lambda: Pullback(Modular([1.0]), [0, 1]), r"element 1 does not exist; elements are 0\.\.0"),
        (lambda: Contraction(Modular([1.0]), [-1]), "element -1 does not exist"),
        (lambda: Truncation(Modular([1.0]), -1.0), r"cap is -1\.0; the empty set is worth 0"),
    ],
    ids=["no summand", "negative weight", "many weights", "other elements", "twice", "no image", "not given", "cap"],
)
def test_what_does_not_compose_is_refused(make, message):
    with pytest.raises(ModelError, match=message):
        make()

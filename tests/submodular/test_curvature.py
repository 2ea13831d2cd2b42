from itertools import combinations

import numpy as np
import pytest
from hypothesis import given

from mdps.submodular_function_strategies import monotone_functions
from mdps.submodular_functions import random_concave, random_cut, random_modular, random_mutual_information
from rltheory import CriterionError
from rltheory.submodular import SubmodularMDP
from rltheory.submodular.curvature import curvature, instance_curvature, last_gains, reachable_elements
from rltheory.submodular.functions.algebra import restriction, visits_of
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.coverage import Coverage


def subsets(n):
    return [list(chosen) for size in range(n + 1) for chosen in combinations(range(n), size)]


@given(monotone_functions())
def test_curvature_is_the_least_share_that_any_set_leaves_an_element(F):
    """The definition by all sets, by exact values of sets only."""
    shares = [
        (F.value([*A, v]) - F.value(A)) / F.value([v])
        for A in subsets(F.n_elements)
        for v in range(F.n_elements)
        if v not in A and F.value([v]) > 1e-9
    ]
    assert curvature(F) == pytest.approx(1 - min(shares, default=1.0), abs=1e-6)


@given(monotone_functions(max_elements=4))
def test_a_set_is_worth_a_share_of_its_elements(F):
    c = curvature(F)
    for A in subsets(F.n_elements):
        apart = sum(F.value([v]) for v in A)
        assert (1 - c) * apart - 1e-9 <= F.value(A) <= apart + 1e-9


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16])
def test_last_gains_are_differences_from_the_value_of_all(n):
    F = random_mutual_information(n, rng=n)
    every = set(range(n))
    expected = [F.value(every) - F.value(every - {v}) for v in range(n)]
    np.testing.assert_allclose(last_gains(F), expected, rtol=0, atol=1e-9)


def test_a_modular_function_has_no_curvature_and_a_shared_item_has_all():
    assert curvature(random_modular(9, rng=0)) == 0
    assert curvature(Coverage.from_sets([[0], [0]])) == 1
    assert curvature(Coverage.from_sets([[], []])) == 0


def test_a_root_has_the_curvature_of_its_closed_form():
    F = random_concave(9, rng=0)
    W, w = F.weights.sum(), F.weights
    assert curvature(F) == pytest.approx(1 - ((np.sqrt(W) - np.sqrt(W - w)) / np.sqrt(w)).min())


def test_information_has_the_curvature_that_the_inverse_of_its_kernel_tells():
    """What is left of the variance at v beside all others is 1 / ((K + s I)^-1)_vv - s."""
    F = random_mutual_information(40, rng=0)
    left = 1 / np.diag(np.linalg.inv(F.kernel + F.noise * np.eye(40))) - F.noise
    shares = np.log1p(left / F.noise) / np.log1p(np.diag(F.kernel) / F.noise)
    assert curvature(F) == pytest.approx(1 - shares.min(), abs=1e-9)


def test_fewer_elements_are_never_more_curved():
    F = Coverage.from_sets([[0, 1], [1, 2], [2, 3], [4]])
    assert curvature(F) == 1
    assert curvature(F, [0, 1, 3]) == curvature(restriction(F, [0, 1, 3])) == 0.5
    assert curvature(F, [0, 3]) == 0


def line(F, H, start=0):
    """Four states in a row: stay or step right."""
    P = np.zeros((4, 2, 4))
    for s in range(4):
        P[s, 0, s] = P[s, 1, min(s + 1, 3)] = 1
    return SubmodularMDP(P, F, H, start)


def test_elements_that_no_path_reaches_do_not_curve_an_instance():
    F = Coverage.from_sets([[0, 1], [1, 2], [2, 3], [3]])
    assert reachable_elements(line(F, 1)).tolist() == [0, 1]
    assert instance_curvature(line(F, 1)) == 0.5
    assert instance_curvature(line(F, 3)) == curvature(F) == 1
    assert reachable_elements(line(F, 2, start=2)).tolist() == [2, 3]


def test_visits_are_reached_at_their_time_only():
    F = Coverage.from_sets([[0], [1], [2], [3]])
    assert reachable_elements(line(visits_of(F, 2), 2)).tolist() == [0, 4, 5, 8, 9, 10]
    assert instance_curvature(line(visits_of(F, 2), 2)) == 1  # a second visit of the same state


def test_a_changing_model_with_a_random_start_is_followed_step_by_step():
    P = np.zeros((2, 3, 1, 3))
    P[0, :, 0, 1] = P[1, :, 0, 2] = 1
    F = Coverage.from_sets([[0], [1], [2]])
    model = SubmodularMDP(P, F, 2, np.array([0.5, 0.5, 0.0]))
    assert reachable_elements(model).tolist() == [0, 1, 2]
    assert reachable_elements(SubmodularMDP(P, visits_of(F, 2), 2, np.array([0.5, 0.5, 0.0]))).tolist() == [0, 1, 4, 8]


def test_a_function_without_curvature_is_refused_by_element():
    with pytest.raises(CriterionError, match=r"element \d loses .* when it joins all others; F is not monotone"):
        curvature(random_cut(5, rng=0))
    with pytest.raises(CriterionError, match="element 0 is worth 1 alone and gains 5 beside all others; F is not sub"):
        curvature(ByValue(3, lambda chosen: len(chosen) ** 2))
    with pytest.raises(CriterionError, match="element 1 is worth 1 alone and gains 3 beside"):
        curvature(ByValue(3, lambda chosen: 9.0 * (0 in chosen) + len(chosen - {0}) ** 2), [1, 2])

"""What theory promises, against brute force: curvature, greedy sets, graphs, independent draws."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular_function_strategies import monotone_functions
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory.submodular import bounds
from rltheory.submodular.curvature import curvature
from rltheory.submodular.modular_planning import modular_planning

small_functions = monotone_functions(max_elements=5)


@given(submodular_mdps(functions=lambda n: monotone_functions(n_elements=n), visits=True, max_states=2, max_horizon=2))
def test_planning_with_single_visits_reaches_a_part_1_minus_c_of_the_optimum(mdp):
    c = curvature(mdp.F)
    assert modular_planning(mdp).value >= bounds.modular_planning(c) * oracles.optimum(mdp) - 1e-9


@given(small_functions, st.data())
def test_a_set_is_worth_between_1_minus_c_and_all_of_the_sum_of_its_elements(F, data):
    subset = sorted(data.draw(st.sets(st.integers(0, F.n_elements - 1))))
    low, high = bounds.modular_bracket(sum(F.value([v]) for v in subset), curvature(F))
    assert low - 1e-9 <= F.value(subset) <= high + 1e-9


@given(small_functions, st.integers(1, 4))
def test_greedy_sets_reach_what_curvature_promises(F, k):
    k = min(k, F.n_elements)
    chosen = []
    for _ in range(k):
        chosen.append(max(set(range(F.n_elements)) - set(chosen), key=lambda v: F.value([*chosen, v])))
    best = max(F.value(subset) for subset in combinations(range(F.n_elements), k))
    assert F.value(chosen) >= bounds.cardinality_greedy(curvature(F)) * best - 1e-9


def test_greedy_without_curvature_is_optimal_and_with_all_of_it_keeps_1_minus_1_over_e():
    assert bounds.cardinality_greedy(0.0) == 1.0
    assert bounds.cardinality_greedy(1e-9) == pytest.approx(1.0)
    assert bounds.cardinality_greedy(1.0) == pytest.approx(1 - 1 / np.e)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_independent_draws_keep_their_part_of_the_union_bound(prob):
    covered, counted = bounds.independent_cover(np.array(prob))
    assert covered >= bounds.coverage_rounding(len(prob)) * counted - 1e-12
    assert bounds.coverage_rounding(len(prob)) >= bounds.coverage_rounding()


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_draws_attain_it(n):
    covered, counted = bounds.independent_cover(np.full(n, 1 / n))
    assert covered == pytest.approx(bounds.coverage_rounding(n) * counted)


@pytest.mark.parametrize("hops", range(1, 20))
def test_halving_as_often_as_recursive_greedy_does_leaves_single_hops(hops):
    longest, halvings = hops, 0
    while longest > 1:
        longest, halvings = (longest + 1) // 2, halvings + 1
    assert bounds.recursive_greedy_depth(hops) == halvings
    assert bounds.recursive_greedy(hops) == 1 / (1 + halvings)


@given(small_functions, st.permutations(range(5)))
def test_gains_in_any_order_lie_below_and_touch_every_beginning(F, order):
    """What semigradients stand on: sum m(v) over A is at most F(A)."""
    order = [v for v in order if v < F.n_elements]
    gain = {v: F.value(order[: i + 1]) - F.value(order[:i]) for i, v in enumerate(order)}
    for size in range(F.n_elements + 1):
        assert sum(gain[v] for v in order[:size]) == pytest.approx(F.value(order[:size]), abs=1e-9)
        for subset in combinations(range(F.n_elements), size):
            assert sum(gain[v] for v in subset) <= F.value(subset) + 1e-9


@given(st.lists(st.floats(0, 20), min_size=2, max_size=2))
def test_concave_functions_lie_below_their_tangents(visits):
    """Of log(1 + n_1 + n_2) at n = (1, 2), where both slopes are 1/4."""
    tangent = bounds.tangent(np.log(4), np.array([0.25, 0.25]), np.array([1.0, 2.0]), np.array(visits))
    assert np.log1p(sum(visits)) <= tangent + 1e-12


def test_hardness_grows_like_a_logarithm():
    assert bounds.orienteering_hardness(np.e**4, 0.5) == pytest.approx(2.0)


@pytest.mark.parametrize("c", [0.0, 0.25, 1.0])
def test_what_greedy_keeps_falls_with_the_number_of_choices_to_what_it_keeps_of_any(c):
    shares = [bounds.cardinality_greedy(c, k) for k in (1, 2, 3, 10, 10**6)]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(bounds.cardinality_greedy(c), abs=1e-6)


@pytest.mark.parametrize("k", range(1, 6))
def test_with_all_curvature_greedy_keeps_what_equal_draws_keep(k):
    assert bounds.cardinality_greedy(choices=k) == pytest.approx(bounds.coverage_rounding(k))


def test_no_promise_is_left_for_long_corridors_and_a_coin_that_always_falls_alike_needs_no_memory():
    assert bounds.myopic(10**6, 1.0) == pytest.approx(0.0, abs=1e-5)
    assert bounds.modular_revisits(10**6, 1.0) == pytest.approx(0.0, abs=1e-5)
    assert bounds.forgetful(0.0) == bounds.forgetful(1.0) == 1.0


def test_every_edge_is_walked_twice():
    assert bounds.euler_tour(3) == 6

"""Every upper bound against brute force: over all families, dynamics with and without chance, states and visits."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mdps.submodular_function_strategies import (
    budget_additives,
    coverages,
    cuts,
    designs,
    facility_locations,
    modulars,
    monotone_functions,
    mutual_informations,
    probabilistic_coverages,
)
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory import CriterionError, ModelError
from rltheory.submodular.functions.algebra import Truncation, WeightedSum, visits_of
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.gaussian import differential_entropy, mutual_information
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation import (
    best_bound,
    concave_relaxation,
    everything_bound,
    frank_wolfe_bound,
    gains_bound,
    linear_bound,
    linear_relaxation,
    modular_bound,
    oracle_bound,
    window_bound,
)

ROUNDING = 1e-12


def any_function(n):
    return monotone_functions(n_elements=n)


def linear_functions(n):
    base = st.one_of(
        coverages(n),
        budget_additives(n),
        facility_locations(n),
        modulars(n),
        probabilistic_coverages(n),
    )
    sums = st.tuples(base, base).map(lambda pair: WeightedSum(pair, [1.0, 0.5]))
    return st.one_of(base, sums, base.map(lambda F: Truncation(F, 1.5)))


def concave_functions(n):
    return st.one_of(
        mutual_informations(n),
        mutual_informations(n, repeats=True),
        designs(n),
        designs(n, repeats=True),
        probabilistic_coverages(n),
    )


@given(submodular_mdps(functions=any_function), st.data())
def test_bounds_by_an_oracle_hold_for_any_base(mdp, data):
    best = oracles.optimum(mdp)
    base = data.draw(st.sets(st.integers(0, mdp.F.n_elements - 1)))
    for bound in (modular_bound(mdp), everything_bound(mdp), gains_bound(mdp, base), oracle_bound(mdp)):
        assert bound.value >= best - ROUNDING * (1 + best)


@given(submodular_mdps(functions=any_function, visits=False), st.integers(1, 4))
def test_a_short_memory_bounds_and_a_longer_one_bounds_better(mdp, memory):
    assume(mdp.dynamics.is_stationary)
    bound = window_bound(mdp, memory=memory).value
    best = oracles.optimum(mdp)
    assert bound >= best - ROUNDING * (1 + best)
    assert bound <= modular_bound(mdp).value + 1e-9
    assert window_bound(mdp, memory=memory + 1).value <= bound + 1e-9


@given(submodular_mdps(functions=any_function, visits=False))
def test_a_memory_as_long_as_the_path_is_exact(mdp):
    assume(mdp.dynamics.is_stationary)
    assert window_bound(mdp, memory=mdp.H + 1).value == pytest.approx(oracles.optimum(mdp), abs=1e-9)


@given(submodular_mdps(functions=linear_functions))
@example(SubmodularMDP(np.ones((1, 1, 1)), FacilityLocation([[0.0]]), H=1))
def test_the_linear_program_bounds_all_policies(mdp):
    """It is no worse than single elements, but where a cap is below what one element is worth inside."""
    best = oracles.optimum(mdp)
    bound = linear_bound(mdp).value
    assert bound >= best - ROUNDING * (1 + best)
    if not _truncates(mdp.F):
        assert bound <= modular_bound(mdp).value + 1e-6


def _truncates(F):
    inner = getattr(F, "functions", [F.F] if hasattr(F, "F") else [])
    return isinstance(F, Truncation) or any(map(_truncates, inner))


@given(submodular_mdps(functions=concave_functions))
def test_frank_and_wolfe_bound_all_policies_in_every_round(mdp):
    best = oracles.optimum(mdp)
    found = frank_wolfe_bound(mdp, tol=1e-6, max_rounds=15)
    assert (found.history >= best - ROUNDING * (1 + best)).all()
    assert (np.diff(found.history) <= 0).all()
    assert found.value == found.history[-1]


@settings(max_examples=25)  # it tries all the others, which are tested one by one above
@given(submodular_mdps(functions=any_function))
def test_the_best_bound_bounds_all_policies(mdp):
    best = oracles.optimum(mdp)
    assert best_bound(mdp, oracles.paths(mdp)[0]).value >= best - ROUNDING * (1 + best)


@given(st.data(), st.integers(1, 4))
def test_any_multipliers_make_an_additive_function_that_lies_above(data, n):
    F = data.draw(linear_functions(n))
    program = linear_relaxation(F)
    rows = program.free.size
    prices = np.array(data.draw(st.lists(st.integers(0, 12), min_size=rows, max_size=rows))) / 4
    majorant = program.majorant(prices)
    for subset in _subsets(n):
        assert F.value(subset) <= majorant.constant + majorant.weight[subset].sum()


@given(st.data(), st.integers(1, 4))
def test_the_program_at_a_set_is_at_least_the_function(data, n):
    F = data.draw(linear_functions(n))
    program = linear_relaxation(F)
    for subset in _subsets(n):
        visits = np.bincount(subset, minlength=n).astype(float)
        assert program.value(visits) >= F.value(subset) - 1e-7


def test_a_program_in_which_nothing_is_worth_anything_has_value_zero():
    assert linear_relaxation(FacilityLocation([[0.0]])).value(np.ones(1)) == 0


def test_amounts_beyond_a_budget_are_cut_to_it():
    """One visit in expectation collects the budget of .25 half the time, not always, whatever the amount."""
    F = BudgetAdditive([[0.0], [1.0]], [0.25])
    assert linear_relaxation(F).value(np.array([0.5, 0.5])) == pytest.approx(0.125)


@given(st.data(), st.integers(1, 4))
def test_tangent_planes_lie_above_and_touch(data, n):
    F = data.draw(concave_functions(n))
    G = concave_relaxation(F)
    visits = np.array(data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))) / 4
    plane = G.majorant(visits)
    for subset in _subsets(n):
        assert F.value(subset) <= plane.constant + plane.weight[subset].sum() + 1e-12
    assert plane.constant + plane.weight @ visits == pytest.approx(G.value(visits), abs=1e-9)


def _subsets(n):
    return [[v for v in range(n) if mask >> v & 1] for mask in range(2**n)]


def test_two_measurements_of_one_point_are_worth_more_than_all_points_once():
    """So that the value of everything bounds nothing where visits measure anew."""
    stay = SubmodularMDP(np.ones((1, 1, 1)), mutual_information([[1.0]], 1.0, repeats=True), H=9)
    assert oracles.worth(stay, (0,) * 10) == pytest.approx(0.5 * np.log(11))
    assert everything_bound(stay).value == np.inf
    assert best_bound(stay, (0,) * 10).value >= 0.5 * np.log(11)


def test_entropy_that_falls_with_noise_is_bounded_by_information():
    F = differential_entropy(np.eye(2), 0.01)
    free = np.stack([np.eye(2)] * 2)
    mdp = SubmodularMDP(free, F, H=2, mu=0)
    assert frank_wolfe_bound(mdp).value >= oracles.optimum(mdp)


def test_a_function_without_a_relaxation_is_refused_with_a_way_out():
    stay = SubmodularMDP(np.ones((1, 1, 1)), ConcaveOfModular(np.sqrt, [1.0]), H=1)
    with pytest.raises(CriterionError, match=r"ConcaveOfModular has no linear relaxation here; .* oracle_bound"):
        linear_bound(stay)
    with pytest.raises(CriterionError, match=r"ConcaveOfModular has no concave relaxation here; .* window_bound"):
        frank_wolfe_bound(stay)


@given(submodular_mdps(functions=cuts, visits=False), st.integers(1, 4))
@example(SubmodularMDP(np.eye(2)[[[1], [0]]], Cut([[0.0, 2.0], [2.0, 0.0]]), H=2, mu=0), 1)
def test_windows_do_not_need_monotonicity(mdp, memory):
    """There and back over the only edge: who forgot the first state takes its return for a loss, and it is none."""
    assume(mdp.dynamics.is_stationary)
    best = oracles.optimum(mdp)
    assert window_bound(mdp, memory=memory).value >= best - ROUNDING * (1 + abs(best))
    assert window_bound(mdp, memory=mdp.H + 1).value == pytest.approx(best, abs=1e-9)


def test_windows_of_models_that_change_are_refused():
    P = np.stack([np.ones((1, 1, 1))] * 2)
    with pytest.raises(CriterionError, match="windows need stationary dynamics and a function of states"):
        window_bound(SubmodularMDP(P, ConcaveOfModular(np.sqrt, [1.0]), H=2))
    F = visits_of(ConcaveOfModular(np.sqrt, [1.0]), 2)
    with pytest.raises(CriterionError, match="windows need stationary dynamics and a function of states"):
        window_bound(SubmodularMDP(P[0], F, H=2))


def test_too_many_windows_and_no_memory_are_refused():
    mdp = SubmodularMDP(np.stack([np.eye(9)] * 9), ConcaveOfModular(np.sqrt, np.ones(9)), H=4)
    with pytest.raises(ModelError, match="more than 50 windows of 3 states; ask for less memory"):
        window_bound(mdp, memory=3, max_windows=50)
    with pytest.raises(ModelError, match="memory is 0; a window holds at least the present state"):
        window_bound(mdp, memory=0)


def test_a_bad_number_of_rounds_is_refused():
    mdp = SubmodularMDP(np.ones((1, 1, 1)), mutual_information([[1.0]], 1.0), H=2)
    with pytest.raises(ModelError, match="tol is 0 and max_rounds 5; they must be positive"):
        frank_wolfe_bound(mdp, tol=0, max_rounds=5)

"""Programs over the laws that policies achieve, against hulls of brute-force laws, and their own bounds."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from mdps.strategies import outcome_models
from proofs_check.distributional.control import lattice_models
from proofs_check.distributional.history import as_matrix, best_of_laws, history_laws
from proofs_check.distributional.programs import TARGETS, UTILITIES, nearest_mixture
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import DiscreteLaw, risk
from rltheory.distributional.law_constraints import CVaRAtLeast, ExpectationAtLeast, reaches
from rltheory.distributional.occupancy import (
    maximise_concave,
    maximise_over_laws,
    maximise_variance,
    minimise_cramer,
    minimise_wasserstein,
)
from rltheory.distributional.occupancy_program import reachable_laws

HORIZONS, STOCKS = st.integers(1, 3), st.sampled_from([0.0, -1.0, 0.75])
TWO_WAYS = OutcomeModel.from_tables([[0, 0]], [[-2.0, 2.0]], gamma=1.0)
COIN = DiscreteLaw([-2.0, 2.0])
OFFER = OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)


def mean(x):
    return x


def best_mixture(laws, f, rows, levels):
    """Return the largest E f over mixtures of laws that give each row at least its level, None if none does."""
    atoms, prob = as_matrix(laws)
    found = linprog(
        -prob @ f(atoms),
        A_ub=np.array([-prob @ row(atoms) for row in rows]).reshape(len(rows), len(laws)),
        b_ub=-np.array(levels, dtype=float),
        A_eq=np.ones((1, len(laws))),
        b_eq=[1.0],
    )
    return -found.fun if found.status == 0 else None


@given(lattice_models(), st.sampled_from(UTILITIES), HORIZONS, STOCKS)
def test_the_best_utility_is_that_of_brute_force_and_the_bound_proves_it(model, utility, H, stock):
    found = maximise_over_laws(model, utility.f, H=H, stock=stock, start=0)
    brute = best_of_laws(history_laws(model, H, 0, stock=stock), utility)
    assert found.value == pytest.approx(brute, abs=1e-9)
    assert found.lower <= brute + 1e-9
    assert found.upper == pytest.approx(brute, abs=1e-9)
    assert utility(found.law.shift(stock).merged(1e-12)) == pytest.approx(found.value, abs=1e-9)


@given(lattice_models(), HORIZONS, st.sampled_from([-1.0, 0.0, 1.0]), st.sampled_from([0.3, 0.7, 1.0]))
def test_under_a_constraint_it_is_the_best_mixture_that_keeps_it(model, H, target, probability):
    laws = history_laws(model, H, 0)
    expected = best_mixture(laws, mean, [lambda x: x >= target], [probability])
    keep = [reaches(target, probability)]
    if expected is None:
        with pytest.raises(CriterionError, match="constraint 0 cannot be kept: every policy attains at most"):
            maximise_over_laws(model, mean, H=H, start=0, subject_to=keep)
        return
    found = maximise_over_laws(model, mean, H=H, start=0, subject_to=keep)
    assert found.value == pytest.approx(expected, abs=1e-7)
    assert found.upper == pytest.approx(expected, abs=1e-7)
    assert found.violation <= 1e-7


@given(lattice_models(), HORIZONS, st.sampled_from([0.25, 0.5, 1.0]), st.floats(0, 1))
def test_under_a_cvar_constraint_it_is_the_best_over_all_places_of_the_quantile(model, H, tau, share):
    laws = history_laws(model, H, 0)
    cvars = [risk.CVaR(tau)(law) for law in laws]
    level = min(cvars) + share * (max(cvars) - min(cvars)) - 1e-9
    atoms = np.unique(np.concatenate([law.atoms for law in laws]))
    tails = [lambda x, b=b: b + np.minimum(x - b, 0) / tau for b in atoms]
    expected = max(v for v in (best_mixture(laws, mean, [tail], [level]) for tail in tails) if v is not None)
    found = maximise_over_laws(model, mean, H=H, start=0, subject_to=[CVaRAtLeast(tau, level)])
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.upper >= expected - 1e-6
    assert risk.CVaR(tau)(found.law) >= level - 1e-6


@given(lattice_models(), TARGETS, HORIZONS)
def test_the_nearest_law_is_the_nearest_mixture_and_kantorovich_duality_proves_it(model, target, H):
    found = minimise_wasserstein(model, target, H=H, start=0)
    nearest = nearest_mixture(history_laws(model, H, 0), target)
    assert found.value == pytest.approx(nearest, abs=1e-8)
    assert found.lower == pytest.approx(nearest, abs=1e-8)
    assert found.lower <= found.value == found.upper
    assert -risk.NegativeWasserstein(target)(found.law) == pytest.approx(found.value, abs=1e-9)


@given(outcome_models(max_states=3, max_outcomes=2, gammas=[1.0, 0.5], max_reward=2.0), TARGETS, HORIZONS)
def test_the_bounds_close_also_where_chances_are_small(model, target, H):
    found = minimise_wasserstein(model, target, H=H, start=0)
    assert found.lower <= found.value == found.upper
    assert found.gap <= 1e-8


@given(lattice_models(), TARGETS, HORIZONS)
def test_randomisation_never_loses(model, target, H):
    laws = history_laws(model, H, 0)
    for K, minimise in ((risk.NegativeWasserstein, minimise_wasserstein), (risk.NegativeCramer, minimise_cramer)):
        assert minimise(model, target, H=H, start=0).value <= -best_of_laws(laws, K(target)) + 1e-7


def test_randomisation_gains_strictly_where_the_target_is_a_toss():
    found = minimise_wasserstein(TWO_WAYS, COIN, H=1)
    assert found.value == pytest.approx(0, abs=1e-9)
    assert found.policy.weights[0] == pytest.approx([0.5, 0.5], abs=1e-9)
    assert -best_of_laws(history_laws(TWO_WAYS, 1, 0), risk.NegativeWasserstein(COIN)) == 2.0


@given(lattice_models(), TARGETS, HORIZONS)
def test_no_mixture_of_two_laws_is_nearer_in_the_cramer_distance(model, target, H):
    found = minimise_cramer(model, target, H=H, start=0)
    atoms, prob = as_matrix([found.law, target, *history_laws(model, H, 0)])
    length, cdf = np.diff(atoms), np.cumsum(prob, axis=1)[:, :-1]
    error, moves = cdf[0] - cdf[1], cdf[2:] - cdf[0]
    slopes = 2 * moves @ (length * error)  # a convex function is least where no direction descends
    assert length @ error**2 == pytest.approx(found.value, abs=1e-9)
    assert (slopes >= -1e-5).all()
    assert found.gap <= 1e-5


@given(lattice_models(), HORIZONS)
def test_the_largest_variance_is_where_no_law_improves_and_the_bound_proves_it(model, H):
    found = maximise_variance(model, H=H, start=0)
    laws = history_laws(model, H, 0)
    around = max(law.expect(lambda x: (x - found.law.mean) ** 2) for law in laws)  # Var <= E (X - m)^2 for every m
    assert found.value == pytest.approx(found.law.variance, abs=1e-9)
    assert found.value >= max(law.variance for law in laws) - 1e-6
    assert around == pytest.approx(found.upper, abs=1e-9)
    assert found.gap <= 1e-5


def test_the_largest_variance_tosses_a_coin():
    assert maximise_variance(TWO_WAYS, H=1).value == pytest.approx(4)
    assert max(law.variance for law in history_laws(TWO_WAYS, 1, 0)) == 0


def test_optimistic_cvar_is_concave_and_its_program_is_the_minimax():
    """max over laws of the mean of the best half = min_b { b + 2 max_pi E (G - b)_+ }, at every b (Sion)."""
    tau = 0.5

    def optimistic(g, x):
        return cp.min(cp.hstack([b + np.maximum(x - b, 0) @ g / tau for b in x]))

    found = maximise_concave(OFFER, optimistic, H=2)
    above = [
        b + maximise_over_laws(OFFER, lambda x, b=b: np.maximum(x - b, 0), H=2).value / tau
        for b in np.linspace(0, 6, 61)
    ]
    assert found.value == pytest.approx(min(above), abs=1e-6)
    assert found.upper >= found.value


@given(lattice_models(), HORIZONS, STOCKS)
def test_the_policy_of_a_program_is_a_policy_on_every_node(model, H, stock):
    policy = minimise_wasserstein(model, COIN, H=H, stock=stock, start=0).policy
    for layer, weight in zip(policy.unfolded.layers, policy.weights, strict=False):
        assert (weight >= 0).all()
        assert np.add.reduceat(weight, layer.row_start[:-1]) == pytest.approx(np.ones(layer.size))


@given(lattice_models(), st.integers(1, 2))
def test_from_a_distribution_over_starts_the_mean_is_the_average(model, H):
    found = maximise_over_laws(model, mean, H=H)
    each = [best_of_laws(history_laws(model, H, s), lambda law: law.mean) for s in range(model.n_states)]
    assert found.value == pytest.approx(model.mu @ each, abs=1e-9)


def test_constraints_that_exclude_each_other_are_told_from_one_that_is_too_high():
    high, low = reaches(2.0, 0.6), ExpectationAtLeast(lambda x: (x <= -2.0).astype(float), 0.6)
    with pytest.raises(CriterionError, match="each constraint can be kept alone"):
        maximise_over_laws(TWO_WAYS, mean, H=1, subject_to=[high, low])
    with pytest.raises(CriterionError, match=r"constraint 1 cannot be kept: every policy attains at most 2 \(proven\)"):
        maximise_over_laws(TWO_WAYS, mean, H=1, subject_to=[high, ExpectationAtLeast(mean, 2.5)])
    with pytest.raises(CriterionError, match=r"constraint 0 cannot be kept: .* at most 2 \(proven\), and 3 is asked"):
        maximise_over_laws(TWO_WAYS, mean, H=1, subject_to=[CVaRAtLeast(0.5, 3.0)])


def test_prices_say_what_a_constraint_costs():
    found = maximise_over_laws(TWO_WAYS, mean, H=1, subject_to=[ExpectationAtLeast(lambda x: -x, 0.5)])
    assert found.prices == pytest.approx((1.0,))
    assert (found.value, found.upper) == pytest.approx((-0.5, -0.5))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="H is 0; an occupancy program needs a step"):
        reachable_laws(OFFER, 0)
    with pytest.raises(ModelError, match=r"a utility returns shape \(\) for 2 values"):
        maximise_over_laws(TWO_WAYS, lambda x: 1.0, H=1)
    with pytest.raises(ModelError, match="tau is 0; it is a mass"):
        maximise_over_laws(TWO_WAYS, mean, H=1, subject_to=[CVaRAtLeast(0, 1.0)])
    with pytest.raises(CriterionError, match="the objective is not concave in the law"):
        maximise_concave(TWO_WAYS, lambda g, x: cp.sum_squares(g), H=1)

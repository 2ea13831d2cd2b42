"""The best CVaR, against every history-dependent policy, limits that need no stock, and what theory says of it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional.achievable import achievable, achievable_without_memory, best, cvar, ending
from proofs_check.distributional.cvar import TWO_PEAKS
from proofs_check.distributional.stock import offer, tiny_models
from rltheory import CriterionError, ModelError, OutcomeModel, solve
from rltheory.distributional import cvar as module
from rltheory.distributional import unfold
from rltheory.distributional.cvar import SHORTFALL, cvar_curve, maximise_cvar, maximise_mean_cvar
from rltheory.distributional.lattice import Lattice

LEVELS = [0.1, 0.25, 0.5, 0.7, 1.0]
MODELS, STEPS = tiny_models(1.0, 0.5, 0.8), st.integers(0, 3)


@given(MODELS, STEPS)
def test_the_optimum_is_the_best_of_all_history_dependent_policies_and_its_law_attains_it(model, H):
    laws = achievable(model, H, 0)
    for tau, found in zip(LEVELS, cvar_curve(model, LEVELS, H=H, start=0), strict=True):
        exact = best(laws, lambda x, p, tau=tau: cvar(x, p, tau))
        assert found.value == pytest.approx(exact, abs=1e-12, rel=1e-12)
        assert cvar(found.law.atoms, found.law.prob, tau) == pytest.approx(exact, abs=1e-9)
        assert found.lower == found.value == found.upper


@given(tiny_models(1.0), STEPS)
def test_lattice_and_nodes_agree(model, H):
    scales = [1 / tau for tau in LEVELS]
    dense = module.on_lattice(Lattice.of(model, H), SHORTFALL, scales, None)
    sparse = module.on_nodes(model, SHORTFALL, scales, H, None, 10**6)
    assert [x.value for x in dense] == pytest.approx([x.value for x in sparse], abs=1e-12)


@given(tiny_models(1.0), st.integers(1, 2), st.sampled_from(LEVELS))
def test_a_drawn_start_is_a_first_step_without_reward(model, H, tau):
    before = [[[(p, s, 0.0) for s, p in enumerate(model.mu.tolist())]]]
    pairs = [
        [
            [(p, int(j), r) for p, j, r in zip(model.prob[i], model.next_state[i], model.reward[i], strict=True)]
            for i in range(model.pair_start[s], model.pair_start[s + 1])
        ]
        for s in range(model.n_states)
    ]
    longer = OutcomeModel.from_lists(pairs + before, gamma=1.0, mu=model.n_states)
    drawn = maximise_cvar(model, tau, H=H)
    assert drawn.value == pytest.approx(maximise_cvar(longer, tau, H=H + 1).value, abs=1e-12)


@given(MODELS, st.integers(1, 3), st.sampled_from(LEVELS))
def test_the_outer_variable_is_a_quantile_of_the_optimal_return(model, H, tau):
    found = maximise_cvar(model, tau, H=H, start=0)
    law, b = found.law.merged(1e-9), -found.stock
    assert law.cdf(b - 1e-6) <= tau + 1e-9
    assert law.cdf(b + 1e-6) >= tau - 1e-9


@given(MODELS, st.integers(1, 3))
def test_level_one_is_the_risk_neutral_optimum(model, H):
    assert maximise_cvar(model, 1.0, H=H).value == pytest.approx(solve(model.finite_horizon(H)).start_value, abs=1e-9)


@given(MODELS, st.integers(1, 3))
def test_a_level_below_every_path_s_probability_is_the_worst_case(model, H):
    happens = model.prob > 0
    smallest = model.prob[happens].min() ** H
    assume(smallest > 1e-6)
    worst = np.zeros(model.n_states)
    for _ in range(H):
        ahead = np.where(happens, model.reward + model.gamma * worst[model.next_state], np.inf)
        worst = np.maximum.reduceat(ahead.min(axis=1), model.pair_start[:-1])
    assert maximise_cvar(model, smallest / 2, H=H, start=0).value == pytest.approx(worst[0], abs=1e-9)


@given(MODELS, st.integers(1, 3))
def test_it_increases_with_the_level_and_times_the_level_it_is_convex(model, H):
    levels = np.linspace(0.05, 1, 12)
    value = np.array([x.value for x in cvar_curve(model, levels, H=H)])
    assert (np.diff(value) >= -1e-12).all()
    assert (np.diff(levels * value, 2) >= -1e-12).all()


@given(tiny_models(1.0, 0.5), st.integers(1, 3), st.sampled_from(LEVELS), st.sampled_from([0.5, 2.0, 3.0]))
def test_it_moves_and_scales_with_the_rewards(model, H, tau, factor):
    value = maximise_cvar(model, tau, H=H).value
    steps = sum(model.gamma**t for t in range(H))
    moved = maximise_cvar(model.replace(reward=model.reward + factor), tau, H=H).value
    scaled = maximise_cvar(model.replace(reward=model.reward * factor), tau, H=H).value
    assert moved == pytest.approx(value + factor * steps, abs=1e-10)
    assert scaled == pytest.approx(factor * value, abs=1e-10)


@given(tiny_models(1.0), st.integers(1, 3), st.sampled_from(LEVELS), st.integers(0, 99))
def test_larger_rewards_are_not_worse(model, H, tau, seed):
    more = model.replace(reward=model.reward + np.random.default_rng(seed).integers(0, 3, model.reward.shape))
    assert maximise_cvar(more, tau, H=H).value >= maximise_cvar(model, tau, H=H).value - 1e-12


@given(outcome_models(max_states=3, max_outcomes=1, gammas=[1.0, 0.5], max_reward=3.0), st.integers(1, 3))
def test_without_chance_every_level_is_the_largest_return(model, H):
    largest = solve(model.finite_horizon(H)).value[0, 0]
    for found in cvar_curve(model, LEVELS, H=H, start=0):
        assert found.value == pytest.approx(largest, abs=1e-9)


@given(MODELS, st.integers(1, 2), st.sampled_from(LEVELS), st.sampled_from([0.0, 0.3, 1.0]))
def test_a_mixture_with_the_mean_is_the_best_of_all_policies(model, H, tau, lam):
    exact = best(achievable(model, H, 0), lambda x, p: (1 - lam) * (x @ p) + lam * cvar(x, p, tau))
    assert maximise_mean_cvar(model, tau, lam, H=H, start=0).value == pytest.approx(exact, abs=1e-12, rel=1e-12)


def test_the_highest_of_two_peaks_is_found():
    found = maximise_cvar(TWO_PEAKS, 0.5, H=1)
    assert found.value == pytest.approx(-1.0)
    assert found.stock == -10
    assert found.law.atoms.tolist() == [-45.0, 10.0]


def test_a_policy_without_stock_is_not_enough():
    """Who has won 10 keeps it, and who has nothing bets; a policy that does not know does worse."""
    game = OutcomeModel.from_lists(
        [[[(0.5, 1, 0.0), (0.5, 1, 10.0)]], [[(1.0, 2, 0.0)], [(0.5, 2, -4.0), (0.5, 2, 9.0)]], [[(1.0, 2, 0.0)]]],
        gamma=1.0,
        mu=0,
    )
    found = maximise_cvar(game, 0.6, H=2)
    assert [found.policy.action(1, 1, found.stock + got) for got in (0.0, 10.0)] == [1, 0]
    assert found.value == pytest.approx((0.25 * -4 + 0.25 * 9 + 0.1 * 10) / 0.6)
    forgetful = best(achievable_without_memory(game, 2, 0), lambda x, p: cvar(x, p, 0.6))
    assert forgetful == pytest.approx((0.25 * -4 + 0.25 * 6 + 0.1 * 9) / 0.6)


@given(tiny_models(0.5, 0.8), st.sampled_from(LEVELS), st.sampled_from([None, 0.3]))
def test_an_infinite_horizon_is_enclosed(model, tau, tol):
    found = maximise_cvar(ending(model, 3), tau, start=0, tol=tol)
    exact = best(achievable(model, 3, 0), lambda x, p: cvar(x, p, tau))
    assert found.lower - 1e-9 <= exact <= found.upper + 1e-9
    assert found.lower <= found.value <= found.upper
    assert tol is None or found.gap <= tol
    assert found.law is None


def test_uniform_returns_of_an_infinite_horizon_have_the_cvar_of_the_uniform_law():
    coin = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)  # G is uniform on [0, 2]
    for tau in (0.2, 0.5, 1.0):
        found = maximise_cvar(coin, tau, tol=0.02)
        assert found.lower <= tau <= found.upper
        assert found.gap <= 0.02


def test_a_large_lattice_is_left_to_nodes(monkeypatch):
    monkeypatch.setattr(module, "_MOST_CELLS", 10)
    found = maximise_cvar(TWO_PEAKS, 0.5, H=1)
    assert found.method == f"outer search over 3 returns, {unfold(TWO_PEAKS, 1).n_nodes} nodes"
    assert found.value == pytest.approx(-1.0)


@pytest.mark.parametrize("tau", [0.0, -0.1, 1.5, np.nan])
def test_levels_that_are_none_are_refused(tau):
    with pytest.raises(ModelError, match=r"tau is .*; it is the mass of a tail, in \(0, 1\]"):
        maximise_cvar(TWO_PEAKS, tau, H=1)


def test_questions_without_an_answer_are_refused():
    with pytest.raises(CriterionError, match="gamma is 1 and no horizon is given"):
        maximise_cvar(TWO_PEAKS, 0.5)
    with pytest.raises(ModelError, match=r"lam is 1.5; it is the weight of the CVaR"):
        maximise_mean_cvar(TWO_PEAKS, 0.5, 1.5, H=1)
    with pytest.raises(ModelError, match="start is 9"):
        maximise_cvar(offer([(1.0, 0.0)]), 0.5, H=1, start=9)
    with pytest.raises(ModelError, match="H is -1"):
        maximise_cvar(TWO_PEAKS, 0.5, H=-1)


def test_a_lattice_of_totals_that_hardly_occur_is_not_filled():
    fine = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.000001)], [(1.0, 0, 0.5)]]], gamma=1.0)
    found = maximise_cvar(fine, 0.5, H=2)
    assert found.method.startswith("outer search over 6 returns")
    assert found.value == 1.0

"""Recursions over levels: right for a fixed policy and the value at risk, above the optimum for CVaR."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.hau import LEVELS as HAU_LEVELS
from mdps.hau import hau, hau_chow, hau_cvar
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import LEVELS, small_models, small_problems, step_policies
from rltheory import ModelError, OutcomeModel
from rltheory.distributional.risk_levels import chow_cvar, evaluate_cvar_by_levels, value_at_risk_by_levels

COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)


def as_dict(law):
    return dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True))


@given(small_problems().flatmap(lambda problem: st.tuples(st.just(problem), step_policies(*problem))), LEVELS)
def test_a_fixed_policy_is_evaluated_at_all_levels_at_once(drawn, tau):
    (model, H), policy = drawn
    law = oracles.policy_law(model, policy, H)
    curves = evaluate_cvar_by_levels(model, policy, tau, H=H)
    assert curves.value == pytest.approx(oracles.cvar(law, tau), abs=1e-12)
    for level in (0.05, 0.4, 0.95, 1.0):
        assert curves.cvar(level) == pytest.approx(oracles.cvar(law, level), abs=1e-12)


def test_policies_may_be_actions_or_probabilities_stationary_or_not():
    model = OutcomeModel.from_tables([[0, 0]], [[0.0, 1.0]], gamma=1.0)
    for policy in ([1], [[1], [1]], [[0.0, 1.0]], [[[0.0, 1.0]], [[0.0, 1.0]]]):
        assert evaluate_cvar_by_levels(model, policy, 0.3, H=2).value == 2.0
    assert evaluate_cvar_by_levels(model, [[0], [1]], 0.3, H=2).value == 1.0


@given(small_problems(), LEVELS)
def test_chow_is_the_linear_program_over_splits_of_levels(problem, tau):
    model, H = problem
    H = min(H, 2)
    assert chow_cvar(model, tau, H=H).value == pytest.approx(oracles.chow_value(model, tau, H), abs=1e-8)


@given(small_problems(), LEVELS)
def test_chow_and_its_policy_enclose_the_best_cvar(problem, tau):
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.cvar, tau)
    estimate = chow_cvar(model, tau, H=H)
    assert estimate.lower - 1e-12 <= best <= estimate.upper + 1e-12
    assert oracles.cvar(as_dict(estimate.law), tau) == pytest.approx(estimate.lower, abs=1e-12)


@given(small_problems())
def test_chow_is_the_mean_at_level_1_and_the_worst_case_at_level_0(problem):
    model, H = problem
    laws = oracles.achievable_laws(model, H)
    estimate = chow_cvar(model, 1.0, H=H)
    assert estimate.value == pytest.approx(oracles.best(laws, oracles.mean), abs=1e-12)
    assert estimate.curves.cvar(1e-9) == pytest.approx(oracles.best(laws, oracles.worst), abs=1e-6)


@pytest.mark.parametrize("tau", HAU_LEVELS)
def test_chow_on_the_model_of_hau_is_its_closed_form(tau):
    estimate = chow_cvar(hau(), tau, H=2)
    assert estimate.value == pytest.approx(hau_chow(tau), abs=1e-9)
    assert (estimate.value > hau_cvar(tau).max() + 1) == (0.25 < tau < 0.75)
    assert estimate.lower <= hau_cvar(tau).max() + 1e-9


def test_the_published_table_of_the_model_of_hau():
    # Best CVaR and Chow's value as printed, to two decimals.
    table = {0.25: (0, 0), 0.3: (0, 33.33), 0.4: (12.5, 75), 0.5: (50, 100), 0.6: (75, 116.67), 0.7: (100, 128.57)}
    table |= {0.75: (133.33, 133.33), 0.8: (162.5, 162.5), 1.0: (250, 250)}
    for tau, row in table.items():
        found = (hau_cvar(tau).max(), chow_cvar(hau(), tau, H=2).value)
        assert found == pytest.approx(row, abs=0.005)


@given(small_problems(), LEVELS)
def test_the_value_at_risk_is_that_of_the_best_policy(problem, tau):
    model, H = problem
    answer = value_at_risk_by_levels(model, tau, H=H)
    best = oracles.best(oracles.achievable_laws(model, H), oracles.upper_quantile, tau)
    assert answer.lower == pytest.approx(best, abs=1e-10)
    assert answer.upper == pytest.approx(best, abs=1e-10)
    assert oracles.upper_quantile(as_dict(answer.law), tau) == answer.value
    assert answer.stock == -answer.thresholds[0]


@given(small_models(), LEVELS)
def test_a_random_start_is_one_more_lottery(model, tau):
    start = OutcomeModel(
        np.vstack([model.prob, np.full((1, 2), 0.5)]),
        np.vstack([model.next_state, [[0, model.n_states - 1]]]),
        np.vstack([model.reward, np.zeros((1, 2))]),
        1.0,
        np.eye(model.n_states + 1)[-1],
        np.append(model.pair_start, model.n_pairs + 1),
    )
    mu = np.zeros(model.n_states)
    mu[0] += 0.5
    mu[-1] += 0.5
    drawn = model.replace(mu=mu, gamma=1.0)
    assert chow_cvar(drawn, tau, H=1).value == pytest.approx(chow_cvar(start, tau, H=2).value, abs=1e-12)
    assert value_at_risk_by_levels(drawn, tau, H=1).value == value_at_risk_by_levels(start, tau, H=2).value


@given(small_models(), LEVELS)
def test_a_named_start_is_a_start_in_that_state(model, tau):
    last = model.n_states - 1
    there = model.replace(mu=np.eye(model.n_states)[last])
    for ask in (chow_cvar, value_at_risk_by_levels):
        named, drawn = ask(model, tau, H=2, start=last), ask(there, tau, H=2)
        assert (named.value, named.lower, named.upper) == (drawn.value, drawn.lower, drawn.upper)


def test_sums_that_round_differently_stay_few():
    tenths = OutcomeModel.from_lists([[[(0.5, 0, 0.1), (0.5, 0, 0.2)], [(0.5, 0, 0.0), (0.5, 0, 0.3)]]], gamma=1.0)
    estimate = chow_cvar(tenths, 0.5, H=12)
    assert estimate.curves.curve.atoms.size <= 37


def test_answers_are_told_in_a_line():
    assert repr(evaluate_cvar_by_levels(COIN, [0], 0.5, H=2)) == "LevelCurves(CVaR_0.5 = 0.5, 3 pieces over all levels)"
    assert repr(chow_cvar(COIN, 0.5, H=1)) == "ChowEstimate(0; the best CVaR_0.5 is in [0, 0])"
    assert repr(value_at_risk_by_levels(COIN, 0.5, H=1)).startswith("StockSolution(1, exact; thresholds [1];")
    assert value_at_risk_by_levels(COIN, 0.5, H=1).to_rows()[0]["value"] == 0.0


@pytest.mark.parametrize("ask", [chow_cvar, value_at_risk_by_levels])
def test_what_is_out_of_range_is_refused(ask):
    with pytest.raises(ModelError, match="tau is 0"):
        ask(COIN, 0, H=1)
    with pytest.raises(ModelError, match="H is -1"):
        ask(COIN, 0.5, H=-1)
    with pytest.raises(ModelError, match="start is 7"):
        ask(COIN, 0.5, H=1, start=7)


def test_policies_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match=r"shape \(3, 1\).*have 2 steps first"):
        evaluate_cvar_by_levels(COIN, np.zeros((3, 1), dtype=int), 0.5, H=2)
    with pytest.raises(ModelError, match="policy takes action 1 in state 0"):
        evaluate_cvar_by_levels(COIN, [1], 0.5, H=2)

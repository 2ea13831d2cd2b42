"""Targets, quantiles, desired returns and balance, against every history-dependent policy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional.achievable import achievable, best
from proofs_check.distributional.stock import offer, tiny_models
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import DiscreteLaw
from rltheory.distributional.cvar import maximise_cvar
from rltheory.distributional.target import (
    generate_return,
    maximise_target_probability,
    maximise_value_at_risk,
    penalised_shortfalls,
    regulate,
)
from rltheory.distributional.utility import maximise_utility

MODELS, STEPS = tiny_models(1.0, 0.5, 0.8), st.integers(0, 3)
TARGETS = st.integers(-4, 4).map(float)
LEVELS = st.sampled_from([0.1, 0.25, 0.5, 0.75, 1.0])
COINS = OutcomeModel.from_tables([[0, 0, 0]], [[1, 2, 5]], gamma=1.0)


@given(MODELS, STEPS, TARGETS)
def test_the_probability_of_a_target_is_the_best_of_all_policies(model, H, target):
    found = maximise_target_probability(model, target, H=H, start=0)
    exact = best(achievable(model, H, 0), lambda x, p: p[x >= target - 1e-9].sum())
    assert found.value == pytest.approx(exact, abs=1e-12)
    assert found.law.prob[found.law.atoms >= target - 1e-9].sum() == pytest.approx(exact, abs=1e-12)
    assert found.stock == -target


def test_a_target_in_steps_of_a_tenth_is_reached_despite_rounding():
    three = OutcomeModel.from_tables([[0]], [[0.1]], gamma=1.0)
    assert maximise_target_probability(three, 0.3, H=3).value == 1


@pytest.mark.parametrize("side", ["lower", "upper"])
@given(MODELS, STEPS, LEVELS)
def test_quantiles_are_the_best_of_all_policies_and_attained(side, model, H, tau):
    found = maximise_value_at_risk(model, tau, H=H, start=0, side=side)
    laws = [DiscreteLaw(*np.array(law).T) for law in achievable(model, H, 0)]
    assert found.value == pytest.approx(max(law.quantile(tau, side=side) for law in laws), abs=1e-9)
    assert found.law.merged(1e-9).quantile(tau, side=side) == pytest.approx(found.value, abs=1e-9)


@given(tiny_models(1.0), st.integers(1, 3), LEVELS)
def test_worst_case_cvar_quantile_and_mean_are_in_order(model, H, tau):
    worst = maximise_cvar(model, 1e-9, H=H).value
    cvar = maximise_cvar(model, tau, H=H).value
    assert worst <= cvar + 1e-9
    assert cvar <= maximise_value_at_risk(model, tau, H=H, side="lower").value + 1e-9
    assert cvar <= maximise_cvar(model, 1.0, H=H).value + 1e-9


@given(tiny_models(1.0, 0.5), st.integers(1, 3), LEVELS, st.sampled_from([0.5, 2.0]))
def test_quantiles_move_and_scale_with_the_rewards(model, H, tau, factor):
    value = maximise_value_at_risk(model, tau, H=H).value
    steps = sum(model.gamma**t for t in range(H))
    moved = maximise_value_at_risk(model.replace(reward=model.reward + factor), tau, H=H).value
    scaled = maximise_value_at_risk(model.replace(reward=model.reward * factor), tau, H=H).value
    assert (moved, scaled) == (pytest.approx(value + factor * steps), pytest.approx(factor * value))


@given(MODELS, STEPS, TARGETS)
def test_the_distance_to_a_desired_return_is_the_least_of_all_policies(model, H, target):
    exact = best(achievable(model, H, 0), lambda x, p: -(p @ np.abs(x - target)))
    assert generate_return(model, target, H=H, start=0).value == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("target", range(3, 16))
def test_sums_of_coins_are_met_where_they_exist(target):
    sums = {a + b + c for a in (1, 2, 5) for b in (1, 2, 5) for c in (1, 2, 5)}
    assert generate_return(COINS, target, H=3).value == -min(abs(x - target) for x in sums)


def test_a_desired_return_of_an_infinite_horizon_is_met_where_it_can_be():
    """Rewards 0 or 1 with discount 1/2 make every number of [0, 2]."""
    switch = OutcomeModel.from_tables([[0, 0]], [[0, 1]], gamma=0.5)
    for target in (0.0, 0.625, 4 / 3):
        found = generate_return(switch, target, tol=0.01)
        assert found.lower <= 0 <= found.upper + 1e-12
        assert found.gap <= 0.01
    beyond = generate_return(switch, 3.0)
    assert beyond.lower <= -1 <= beyond.upper
    assert beyond.gap < 1e-6


@pytest.mark.parametrize("squared", [False, True])
def test_a_balance_is_kept_as_well_as_any_sequence_of_actions_keeps_it(squared):
    day = OutcomeModel.from_tables([[0, 0, 0]], [[0, 0, 0]], gamma=1.0)
    reward = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[-1.0, 1.0]]])
    deviation = np.array([-1.0, -3.0])
    options = [deviation + reward[list(picked), 0].sum(axis=0) for picked in np.ndindex(3, 3, 3)]
    distances = [np.sum(x**2) if squared else np.linalg.norm(x) for x in options]
    found = regulate(day, reward, deviation, H=3, squared=squared)
    assert found.value == pytest.approx(-min(distances), abs=1e-12)


def test_of_one_quantity_balance_is_a_desired_return():
    reward = COINS.reward[:, :, None]
    for target in (7.0, 8.0, 13.0):
        found = regulate(COINS, reward, [-target], H=3)
        assert found.value == generate_return(COINS, target, H=3).value


def test_a_budget_is_kept_if_its_price_is_high():
    """Five steps of work: pay 3 for 2 of the budget, or 1 for none of it; the budget is 4."""
    shop = OutcomeModel.from_tables([[0, 0]], [[3, 1]], gamma=1.0)
    reward = np.array([[[3.0, -2.0]], [[1.0, 0.0]]])
    values = [
        maximise_utility(shop, penalised_shortfalls(price), H=5, stock=[0.0, 4.0], reward=reward).value
        for price in (0.0, 0.5, 10.0)
    ]
    assert values == [15.0, 15.0 - 0.5 * 6, 2 * 3 + 3 * 1]


def test_questions_without_an_answer_are_refused():
    game = offer([(1.0, 0.0)], gamma=0.5)
    with pytest.raises(CriterionError, match="over an infinite horizon; set a horizon H"):
        maximise_target_probability(game, 1.0, H=None)
    with pytest.raises(CriterionError, match="set a horizon H"):
        regulate(game, np.zeros((2, 1, 1)), [0.0], H=None)
    with pytest.raises(ModelError, match="side is 'left'; it is 'lower' or 'upper'"):
        maximise_value_at_risk(game, 0.5, H=1, side="left")
    with pytest.raises(ModelError, match="tau is 0"):
        maximise_value_at_risk(game, 0.0, H=1)
    with pytest.raises(ModelError, match="weight is -1; a price is not negative"):
        penalised_shortfalls(-1)

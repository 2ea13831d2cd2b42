"""Entropic risk and EVaR, against all policies that remember their history and against closed forms."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.casino import casino
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import (
    LEVELS,
    RISK_AVERSIONS,
    episodes,
    small_models,
    small_problems,
)
from rltheory import CriterionError, ModelError, OutcomeModel, solve
from rltheory.distributional._entropic_steps import Tail, over_intervals
from rltheory.distributional.entropic import maximise_entropic, maximise_evar

OFFER = OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
EPISODE_LENGTH = 3


def risk_of(answer, beta):
    law = answer.law
    return oracles.entropic(dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)), beta)


@given(small_problems(), RISK_AVERSIONS)
def test_the_policy_attains_the_value_and_no_history_helps(problem, beta):
    model, H = problem
    answer = maximise_entropic(model, beta, H=H)
    best = oracles.best(oracles.achievable_laws(model, H), oracles.entropic, beta)
    assert answer.lower == answer.value == answer.upper
    assert answer.value == pytest.approx(best, abs=1e-12)
    assert risk_of(answer, beta) == pytest.approx(best, abs=1e-12)


@given(small_problems(), RISK_AVERSIONS)
def test_there_is_a_value_for_every_state_and_step(problem, beta):
    model, H = problem
    values = maximise_entropic(model, beta, H=H).values
    for t in range(H + 1):
        for s in range(model.n_states):
            laws = oracles.achievable_laws(model, H - t, s)
            assert values[t, s] == pytest.approx(oracles.best(laws, oracles.entropic, beta * model.gamma**t), abs=1e-12)


@given(small_models(), st.sampled_from([0.1, 1.0, np.inf]))
def test_a_random_start_is_part_of_the_risk(model, beta):
    mixed = model.replace(mu=np.full(model.n_states, 1 / model.n_states))
    answer = maximise_entropic(mixed, beta, H=2)
    parts = [maximise_entropic(model, beta, H=2, start=s).value for s in range(model.n_states)]
    expected = oracles.entropic({}, beta) if not parts else _of_independent_parts(parts, beta)
    assert answer.value == pytest.approx(expected, abs=1e-12)
    assert risk_of(answer, beta) == pytest.approx(expected, abs=1e-12)


def _of_independent_parts(parts, beta):
    if math.isinf(beta):
        return min(parts)
    return -math.log(sum(math.exp(-beta * x) for x in parts) / len(parts)) / beta


@given(episodes(), RISK_AVERSIONS, st.sampled_from([10.0, 1.0, 1e-2, 1e-9]))
def test_the_infinite_horizon_is_enclosed_within_tol(model, beta, tol):
    answer = maximise_entropic(model, beta, tol=tol)
    best = oracles.best(oracles.achievable_laws(model, EPISODE_LENGTH), oracles.entropic, beta)
    assert answer.gap <= tol
    assert answer.lower - 1e-12 <= best <= answer.upper + 1e-12


@given(episodes(), RISK_AVERSIONS, st.sampled_from([10.0, 1.0, 1e-2]))
def test_the_policy_of_an_infinite_horizon_attains_the_lower_bound(model, beta, tol):
    answer = maximise_entropic(model, beta, tol=tol)
    steps = [*answer.policy, *[answer.tail_policy] * EPISODE_LENGTH][:EPISODE_LENGTH]
    policy = np.zeros((EPISODE_LENGTH, model.n_states, model.n_actions))
    for t, actions in enumerate(steps):
        policy[t, np.arange(model.n_states), actions] = 1.0
    attained = oracles.entropic(oracles.policy_law(model, policy, EPISODE_LENGTH), beta)
    assert answer.lower - 1e-12 <= attained


def test_level_0_is_the_risk_neutral_value_and_needs_no_step_of_its_own():
    model = OFFER.replace(gamma=0.9)
    answer = maximise_entropic(model, 0.0, tol=1e-9)
    assert answer.policy.shape == (0, 1)
    assert answer.value == pytest.approx(solve(model.to_mdp()).value[0], abs=1e-9)


def test_far_fewer_steps_are_needed_than_until_the_rest_is_negligible():
    model = OFFER.replace(gamma=0.99)
    answer = maximise_entropic(model, 0.01, tol=1e-4)
    until_negligible = math.log(1e-4 / 4 / (3 / 0.01)) / math.log(0.99)
    assert answer.gap <= 1e-4
    assert 0 < answer.policy.shape[0] < until_negligible / 2


def test_extreme_levels_do_not_overflow():
    model = OFFER.replace(reward=1000.0 * OFFER.reward)
    assert maximise_entropic(model, 1e6, H=3).value == pytest.approx(3000.0, rel=1e-12)
    assert maximise_entropic(model, 1e-300, H=3).value == pytest.approx(4500.0, rel=1e-12)
    coin = OutcomeModel.from_lists([[[(1e-20, 0, 0.0), (1.0 - 1e-20, 0, 1.0)]]], gamma=1.0)
    assert maximise_entropic(coin, 100.0, H=1).value == pytest.approx(20 * math.log(10) / 100, rel=1e-9)


def test_levels_between_the_mean_and_the_worst_case_decrease_the_value():
    betas = [0.0, 1e-9, 1e-3, 0.3, 2.0, 1e3, np.inf]
    coin = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    values = [maximise_entropic(coin, beta, H=4).value for beta in betas]
    assert all(a >= b for a, b in pairwise(values))
    assert values[0] == 6.0
    assert values[-1] == 0.0


@pytest.mark.parametrize("beta", [0.1, 0.4, 0.41, 1.0])
def test_in_a_casino_one_bets_below_the_log_odds(beta):
    rounds, p = 4, 0.6
    one = -math.log(p * math.exp(-beta) + (1 - p) * math.exp(beta)) / beta
    answer = maximise_entropic(casino(p, capital=5, limit=10), beta, H=rounds)
    assert answer.value == pytest.approx(rounds * max(0.0, one), abs=1e-13)
    assert (one > 0) == (beta < math.log(p / (1 - p)))


@given(small_problems(), LEVELS, st.sampled_from([1.0, 1e-2, 1e-4]))
def test_evar_is_enclosed_within_tol(problem, alpha, tol):
    model, H = problem
    answer = maximise_evar(model, alpha, H=H, tol=tol)
    best = oracles.best(oracles.achievable_laws(model, H), oracles.evar, alpha)
    assert answer.gap <= tol + 1e-12
    assert answer.lower - 1e-9 <= best <= answer.upper + 1e-9
    law = dict(zip(answer.law.atoms.tolist(), answer.law.prob.tolist(), strict=True))
    assert oracles.evar(law, alpha) >= answer.lower - 1e-9


@given(episodes(), LEVELS, st.sampled_from([1.0, 1e-2, 1e-4]))
def test_evar_of_an_infinite_horizon_is_enclosed_within_tol(model, alpha, tol):
    answer = maximise_evar(model, alpha, tol=tol)
    best = oracles.best(oracles.achievable_laws(model, EPISODE_LENGTH), oracles.evar, alpha)
    assert answer.gap <= tol + 1e-12
    assert answer.lower - 1e-9 <= best <= answer.upper + 1e-9


@given(small_problems(), st.floats(0.02, 5.0), st.floats(0.0, 1.0))
def test_the_line_over_an_interval_of_temperatures_is_above_the_best_entropic_risk(problem, theta, share):
    model, H = problem
    half = share * theta
    tail = Tail.after(model, H, 1.0, 1.0)
    exact, low, high = over_intervals(model, np.array([theta]), np.array([half]), None, tail)[:, 0]
    laws = oracles.achievable_laws(model, H)
    assert exact == pytest.approx(oracles.best(laws, oracles.entropic, 1 / theta), abs=1e-12)
    for place in (-0.99, -0.5, 0.0, 0.3, 1.0):
        at = theta + place * half
        assert oracles.best(laws, oracles.entropic, 1 / at) <= (low + high) / 2 + place * (high - low) / 2 + 1e-11


def test_the_line_misses_little_where_no_action_is_nearly_as_good():
    coin, theta = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0), 1.0
    halves = np.array([0.1, 0.01])
    exact, low, high = over_intervals(coin, np.full(2, theta), halves, None, Tail.after(coin, 3, 1.0, 1.0))
    ends = [maximise_entropic(coin, 1 / (theta + half), H=3).value for half in halves]
    missed = high - ends
    assert exact == pytest.approx((low + high) / 2, abs=1e-14)
    assert missed[1] == pytest.approx(missed[0] / 100, rel=0.2), "a tenth of the width, a hundredth of the error"


def test_a_normal_like_sum_has_the_evar_of_the_normal_law():
    # ERM of a sum of independent signs is -n ln cosh(beta) / beta; EVaR maximises in beta, here by a fine grid.
    signs, n, alpha = OutcomeModel.from_lists([[[(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=1.0), 50, 0.3
    beta = np.linspace(0.01, 2.0, 400_001)
    exact = np.max(-n * np.log(np.cosh(beta)) / beta + math.log(alpha) / beta)
    answer = maximise_evar(signs, alpha, H=n, tol=1e-7)
    assert answer.lower - 1e-9 <= exact <= answer.upper + 1e-9
    assert exact == pytest.approx(-math.sqrt(-2 * math.log(alpha) * n), rel=0.02)


def test_evar_tends_to_the_worst_case_and_to_the_mean():
    coin = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    assert maximise_evar(coin, 0.4, H=1).value == pytest.approx(0.0, abs=1e-6)
    assert maximise_evar(coin, 1.0, H=1).value == 1.5
    assert maximise_evar(coin, 1 - 1e-9, H=1, tol=1e-6).value == pytest.approx(1.5, abs=1e-3)


def test_an_infinite_horizon_has_no_law_to_show():
    answer = maximise_entropic(OFFER.replace(gamma=0.5), 1.0)
    with pytest.raises(CriterionError, match="no law with finitely many atoms"):
        _ = answer.law
    assert "risk neutral after" in repr(answer)


@pytest.mark.parametrize("beta", [-1.0, np.nan])
def test_a_level_that_is_not_averse_is_refused(beta):
    with pytest.raises(CriterionError, match=f"beta is {beta}"):
        maximise_entropic(OFFER, beta, H=1)


@pytest.mark.parametrize("maximise", [maximise_entropic, maximise_evar])
def test_questions_without_an_answer_are_refused(maximise):
    with pytest.raises(CriterionError, match="gamma is 1"):
        maximise(OFFER, 0.5)
    with pytest.raises(ModelError, match="H is -1"):
        maximise(OFFER, 0.5, H=-1)
    with pytest.raises(ModelError, match="start is 3"):
        maximise(OFFER, 0.5, H=1, start=3)
    with pytest.raises(ModelError, match="tol is 0"):
        maximise(OFFER.replace(gamma=0.5), 0.5, tol=0)


@pytest.mark.parametrize("alpha", [0.0, 1.5, -0.1, np.nan])
def test_a_level_of_evar_outside_its_range_is_refused(alpha):
    with pytest.raises(ModelError, match="alpha is"):
        maximise_evar(OFFER, alpha, H=1)

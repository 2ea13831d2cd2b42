"""Optimistic CVaR: a minimum over thresholds, attained by drawing lots between two policies."""

import numpy as np
import pytest
from hypothesis import given

from mdps.casino import casino, sure_or_lottery
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import LEVELS, small_models, small_problems
from rltheory import ModelError, OutcomeModel
from rltheory.distributional.optimistic import maximise_optimistic_cvar


def upper_tail(law, tau):
    return -oracles.cvar({-x: p for x, p in zip(law.atoms.tolist(), law.prob.tolist(), strict=True)}, tau)


@given(small_problems(), LEVELS)
def test_lots_attain_the_best_of_all_mixtures(problem, tau):
    model, H = problem
    answer = maximise_optimistic_cvar(model, tau, H=H)
    best = oracles.best_mixture_of_upper_tails(oracles.achievable_laws(model, H), tau)
    assert answer.lower == pytest.approx(best, abs=1e-9)
    assert answer.upper == pytest.approx(best, abs=1e-9)
    assert answer.gap <= 1e-11
    assert upper_tail(answer.policy.law(), tau) == pytest.approx(answer.value, abs=1e-12)


@given(small_problems(), LEVELS)
def test_no_threshold_gives_less_than_the_minimum(problem, tau):
    model, H = problem
    laws = oracles.achievable_laws(model, H)
    value = maximise_optimistic_cvar(model, tau, H=H).value
    for b in np.linspace(-13, 13, 53):
        excess = max(sum(p * max(x - b, 0.0) for x, p in law.items()) for law in laws)
        assert value <= b + excess / tau + 1e-11


@given(small_models())
def test_level_1_is_the_mean(model):
    best = oracles.best(oracles.achievable_laws(model, 2), oracles.mean)
    assert maximise_optimistic_cvar(model, 1.0, H=2).value == pytest.approx(best, abs=1e-12)


@given(small_models())
def test_a_small_level_is_the_best_return_there_is(model):
    best = max(map(max, oracles.achievable_laws(model, 2)))
    # An outcome has probability at least 1/10, because weights are whole and at most 9.
    assert maximise_optimistic_cvar(model, 1e-3, H=2).value == pytest.approx(best, abs=1e-12)


def test_a_choice_that_chance_must_make():
    answer = maximise_optimistic_cvar(sure_or_lottery(), 0.5, H=1)
    assert answer.value == pytest.approx(3.0, abs=1e-14)
    assert answer.thresholds.tolist() == [1.0]
    assert not answer.policy.is_deterministic
    assert answer.policy.action_probabilities(0, 0, 0.0) == pytest.approx([1 / 3, 2 / 3])


def test_optimism_bets_against_the_odds():
    game = casino(p_win=0.45, capital=5, limit=10)
    # Three rounds: to win at least once and stop; the best tenth wins all three.
    assert maximise_optimistic_cvar(game, 1.0, H=3).value == pytest.approx(0.0, abs=1e-14)
    assert maximise_optimistic_cvar(game, 0.45**3, H=3).value == pytest.approx(3.0, abs=1e-12)
    assert maximise_optimistic_cvar(game, 0.45, H=1).value == pytest.approx(1.0, abs=1e-12)


def test_a_random_start_is_part_of_the_law():
    two = OutcomeModel.from_tables([[0, 0], [1, 1]], [[0.0, 1.0], [5.0, 4.0]], gamma=1.0)
    assert maximise_optimistic_cvar(two, 0.5, H=1).value == pytest.approx(5.0)
    assert maximise_optimistic_cvar(two, 1.0, H=1).value == pytest.approx(3.0)
    assert maximise_optimistic_cvar(two, 0.5, H=1, start=0).value == pytest.approx(1.0)


def test_a_level_out_of_range_is_refused():
    with pytest.raises(ModelError, match=r"tau is 1.5; it is the mass of a tail, in \(0, 1\]"):
        maximise_optimistic_cvar(sure_or_lottery(), 1.5, H=1)

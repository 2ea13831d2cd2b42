"""Greedy over random policy as it is played: against exact probabilities, streams, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import mdps
import rltheory as rl
from proofs_check.horizon.instances import deterministic_games, with_lookahead
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.horizon.contest import Score, Ties
from rltheory.horizon.gorp import gorp_runs
from rltheory.horizon.gorp_success import gorp_success


@settings(max_examples=15)
@given(with_lookahead(deterministic_games(max_actions=3, least=-2)), st.sampled_from([1, 2, 7]))
@pytest.mark.parametrize("ties", Ties, ids=lambda ties: ties.name)
@pytest.mark.parametrize("score", Score, ids=lambda score: score.name)
def test_runs_succeed_as_often_as_the_exact_law_says(score, ties, game, m):
    model, H, k = game
    chance = gorp_success(model, H, k, m, ties=ties, score=score)
    done = int(gorp_runs(model, H, k, m, ties=ties, score=score, runs=400, rng=1).succeeded.sum())
    assert binomtest(done, 400, min(chance, 1.0)).pvalue > 1e-7


def test_a_little_more_is_more_however_many_returns_the_largest_is_taken_of():
    close = OutcomeModel.from_tables([[-1, -1]], [[1 - 1e-6, 1.0]], 1.0, mu=0)
    assert gorp_runs(close, 1, 1, 1_000_000, runs=20, ties=Ties.FIRST, score=Score.MAX, rng=0).succeeded.all()


@given(with_lookahead(deterministic_games(max_actions=3, least=-2)))
def test_the_return_is_that_of_the_actions(game):
    model, H, k = game
    runs = gorp_runs(model, H, k, 2, runs=5, rng=0)
    for actions, earned in zip(runs.actions, runs.returns, strict=True):
        s, total = 0, 0.0
        for a in actions:
            row = s * model.n_actions + a
            total, s = total + model.reward[row, 0], model.next_state[row, 0]
        assert total == pytest.approx(earned)


def test_a_run_is_the_same_whatever_the_number_of_runs_and_of_threads():
    lock = mdps.horizon_lock(6, 3)
    with rl.planning.use_threads(1):
        few = gorp_runs(lock, 6, 2, 200, runs=3, rng=5)
    with rl.planning.use_threads(3):
        many = gorp_runs(lock, 6, 2, 200, runs=40, rng=5)
    np.testing.assert_array_equal(few.actions, many.actions[:3])
    np.testing.assert_array_equal(few.steps, many.steps[:3])


def test_the_exploration_policy_decides_what_is_seen():
    lock = mdps.horizon_lock(8)
    expert = np.tile([0.0, 1.0], (9, 1))
    assert gorp_runs(lock, 8, 1, 1, exploration=expert, runs=20, rng=0).succeeded.all()
    assert gorp_success(lock, 8, 1, 1, exploration=expert) == pytest.approx(1)


def test_a_loss_within_the_given_one_counts_as_success():
    nearly = OutcomeModel.from_tables([[-1, -1]], [[1.0, 0.9]], gamma=1.0, mu=0)
    wrong_way = np.array([[0.0, 1.0], [0.0, 1.0]])
    runs = gorp_runs(nearly, 2, 1, 1, runs=4, exploration=wrong_way, optimal_within=0.2, rng=0)
    assert runs.succeeded.all()


def test_rows_and_words_tell_the_same():
    runs = gorp_runs(mdps.dense_rewards(), 3, 3, 1, runs=2, rng=0)
    assert [row["optimal"] for row in runs.to_rows()] == [True, True]
    assert "2 of 2 optimal" in repr(runs)


COIN = OutcomeModel.from_lists([[[(0.5, 0, 1.0), (0.5, 0, 0.0)], [(1.0, 0, 0.0)]]], 1.0, mu=0)
LOCK = mdps.horizon_lock(3)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((COIN, 2, 1, 1), {}, CriterionError, "state 0, action 0 has several outcomes"),
        ((LOCK.replace(gamma=0.9), 3, 1, 1), {}, CriterionError, "gamma is 0.9"),
        ((LOCK.replace(mu=np.full(4, 0.25)), 3, 1, 1), {}, CriterionError, "begin in 4 states"),
        ((LOCK.to_mdp(), 3, 1, 1), {}, ModelError, "needs an OutcomeModel"),
        ((LOCK, 0, 1, 1), {}, ModelError, "H is 0"),
        ((LOCK, 3, 4, 1), {}, ModelError, "k is 4"),
        ((LOCK, 3, 1, 0), {}, ModelError, "m is 0"),
        ((LOCK, 3, 1, 1), {"runs": 1.5}, ModelError, "runs is 1.5"),
        ((LOCK, 3, 1, 1), {"ties": "first"}, ModelError, "ties is 'first'.*Ties.UNIFORM"),
        ((LOCK, 3, 1, 1), {"score": "max"}, ModelError, r"score is 'max'.*Score\.MAX"),
        ((LOCK, 3, 1, 1), {"optimal_within": -1}, ModelError, "optimal_within is -1"),
        ((LOCK, 3, 1, 1), {"exploration": np.ones((4, 2))}, ModelError, "exploration of state 0"),
        ((LOCK, 99, 60, 1), {}, ModelError, r"2\^60 sequences"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_argument_is_named(arguments, options, error, message):
    with pytest.raises(error, match=message):
        gorp_runs(*arguments, **options)

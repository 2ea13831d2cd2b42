"""Shallow Q-iteration: its limit, its data, its count of timesteps, its errors."""

import numpy as np
import pytest
from hypothesis import assume, given, settings

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import deterministic_games, stochastic_games, with_lookahead
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.horizon.analysis import analyse
from rltheory.horizon.regression import FiniteClass, TabularAverage
from rltheory.horizon.sqirl import Data, sqirl
from rltheory.horizon.sticky import sticky_model


@settings(max_examples=10)
@given(with_lookahead(stochastic_games(max_steps=3)))
def test_with_many_episodes_the_estimates_are_what_lookahead_sees(game):
    model, H, k = game
    run = sqirl(model, H, k, 20_000, rng=0)
    P, _ = oracles.kernel(model)
    tables = oracles.lookahead_tables(model, H, k)
    law = model.mu
    for t in range(H):
        often = law > 0.05
        np.testing.assert_allclose(run.estimate[t][often], tables[k - 1][t][often], atol=0.08)
        law = law @ P[np.arange(model.n_states), run.policy[t]]


@given(with_lookahead(stochastic_games()))
def test_the_value_is_that_of_the_policy(game):
    model, H, k = game
    run = sqirl(model, H, k, 5, rng=1)
    assert run.value == pytest.approx(oracles.expected_return(model, H, run.policy), abs=1e-12)
    assert run.best == pytest.approx(oracles.optimal_return(model, H), abs=1e-12)


def test_losses_are_those_of_shallow_iteration_in_plain_numpy():
    """Two implementations with streams of their own: the same mean loss, within five standard errors."""
    sticky = sticky_model(mdps.decoy(2, prize=0.4), 0.25)
    rng, best, runs = np.random.default_rng(0), oracles.optimal_return(sticky, 3), 200
    plain = [best - oracles.expected_return(sticky, 3, oracles.play_sqirl(sticky, 3, 2, 20, rng)) for _ in range(runs)]
    ours = [sqirl(sticky, 3, 2, 20, data=Data.SPLIT, rng=seed).suboptimality for seed in range(runs)]
    error = np.sqrt((np.var(plain) + np.var(ours)) / runs)
    assert 0 < np.mean(plain) == pytest.approx(np.mean(ours), abs=5 * error)


@settings(max_examples=15)
@given(deterministic_games())
def test_in_a_deterministic_game_looking_to_the_end_needs_to_see_everything_once(game):
    model, H = game
    run = sqirl(model, H, H, 1000, rng=0)
    assert run.value == pytest.approx(run.best, abs=1e-12)
    best, s = oracles.optimal_table(model, H), 0
    for t in range(H):
        np.testing.assert_allclose(run.estimate[t][s], best[t][s], atol=1e-12)
        s = int(model.next_state[s * model.n_actions + run.policy[t, s], 0])


@settings(max_examples=15)
@given(with_lookahead(deterministic_games(max_steps=3)))
def test_with_many_episodes_the_policy_is_greedy_for_what_lookahead_sees(game):
    model, H, k = game
    report = analyse(model, H, max_k=H, window=False)
    assume(report.q_gap[k - 1] >= 0.25)
    run = sqirl(model, H, k, 50_000, rng=0)
    table, s = oracles.lookahead_tables(model, H, k)[-1], 0
    for t in range(H):
        assert oracles.greedy_sets(table)[t, s, run.policy[t, s]]
        s = int(model.next_state[s * model.n_actions + run.policy[t, s], 0])
    assert run.value >= report.worst_greedy_return[k - 1] - 1e-12


@pytest.mark.parametrize("data", Data, ids=lambda data: data.name)
def test_a_sticky_decoy_is_solved_by_the_lookahead_that_sees_it(data):
    sticky = sticky_model(mdps.decoy(2, prize=0.4), 0.25)
    assert sqirl(sticky, 3, 2, 2000, data=data, rng=0).suboptimality == pytest.approx(0, abs=1e-9)


def test_timesteps_are_those_of_the_formula_where_no_episode_ends():
    game = mdps.dense_rewards()
    assert sqirl(game, 4, 2, 10, rng=0).steps == 4 * 10 * 4
    # Split: two regressions at each step but the last.
    assert sqirl(game, 4, 2, 10, data=Data.SPLIT, rng=0).steps == (2 + 2 + 2 + 1) * 10 * 4
    # A fraction of one half explores before: as many episodes again.
    assert sqirl(game, 4, 2, 10, data=Data.ACCUMULATE, exploration_fraction=0.5, rng=0).steps == 2 * 4 * 10 * 4


def test_what_follows_the_end_is_not_counted():
    # The end is worth 0, whatever the default of cells that were never seen.
    stop = OutcomeModel.from_tables([[-1, 1], [-1, -1]], [[0.5, 0.0], [0.4, 0.3]], gamma=1.0, mu=0)
    run = sqirl(stop, 2, 2, 200, regression=TabularAverage(default=1.0), rng=0)
    np.testing.assert_allclose(run.estimate[0][0], [0.5, 0.4])


def test_old_samples_can_be_made_to_count_little():
    seen = []

    def spy(batch):
        seen.append((batch.t, np.unique(batch.weight)))
        return TabularAverage()(batch)

    sqirl(mdps.dense_rewards(), 3, 1, 2, regression=spy, data=Data.ACCUMULATE, decay=0.5, rng=0)
    assert [(t, weights.tolist()) for t, weights in seen] == [(0, [1]), (1, [0.5, 1]), (2, [0.25, 0.5, 1])]


def test_regressions_see_explored_actions_only():
    counts = []

    def spy(batch):
        counts.append(np.bincount(batch.action, minlength=2))
        return np.tile([1.0, 0.0], (batch.n_states, 1))  # always prefer the first action

    sqirl(mdps.dense_rewards(), 3, 1, 400, regression=spy, data=Data.ACCUMULATE, rng=0)
    assert all(150 * (i + 1) < count < 250 * (i + 1) for i, both in enumerate(counts) for count in both)


def test_predictions_are_clipped_to_the_range():
    wild = FiniteClass(np.full((1, 1, 2), 7.0))
    run = sqirl(mdps.dense_rewards(), 2, 1, 3, regression=wild, value_range=(0, 1), rng=0)
    np.testing.assert_array_equal(run.estimate, np.ones((2, 1, 2)))


def test_the_same_seed_gives_the_same_run():
    sticky = sticky_model(mdps.decoy(2), 0.1)
    runs = [sqirl(sticky, 3, 2, 30, rng=4) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].policy, runs[1].policy)
    assert runs[0].steps == runs[1].steps


GAME = mdps.dense_rewards()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((GAME, 3, 0, 1), {}, ModelError, "k is 0"),
        ((GAME, 3, 1, -5), {}, ModelError, "m is -5"),
        ((GAME.replace(gamma=0.5), 3, 1, 1), {}, CriterionError, "gamma is 0.5"),
        ((GAME, 3, 1, 1), {"data": "fresh"}, ModelError, "data is 'fresh'"),
        ((GAME, 3, 1, 1), {"decay": 0.5}, CriterionError, "belong to Data.ACCUMULATE"),
        ((GAME, 3, 1, 1), {"decay": 0.0, "data": Data.ACCUMULATE}, ModelError, "decay is 0"),
        ((GAME, 3, 1, 1), {"exploration_fraction": 1.0, "data": Data.ACCUMULATE}, ModelError, "fraction is 1.0"),
        ((GAME, 3, 1, 1), {"value_range": (1, 0)}, ModelError, r"value_range is \(1, 0\)"),
        ((GAME, 3, 1, 1), {"regression": lambda batch: np.ones(2)}, ModelError, r"step 0 .* shape \(2,\)"),
        ((GAME, 3, 1, 1), {"regression": lambda batch: np.full((1, 2), np.nan)}, ModelError, "2 numbers that are not"),
    ],
    ids=["k", "m", "gamma", "data", "decay without", "decay", "fraction", "range", "shape", "nan"],
)
def test_a_wrong_argument_is_named(arguments, options, error, message):
    with pytest.raises(error, match=message):
        sqirl(*arguments, **options)

"""Maximising to explore in games: regret against best responses, by another solver."""

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.exploration.mex.zero_sum import mex_zero_sum
from rltheory.games.markov import MarkovGame, game_against, zero_sum_backward_induction
from rltheory.planning import backward_induction


def problem(seed, n=8):
    """Return a random game out of n mixtures of two kernels, and all of them."""
    rng = np.random.default_rng(seed)
    P, r = rng.dirichlet(np.full(3, 0.3), size=(2, 3, 2, 2)), rng.random((3, 2, 2))
    games = [
        MarkovGame.zero_sum(w * P[0] + (1 - w) * P[1], r, gamma=1.0, H=3, mu=0) for w in np.linspace(0.05, 0.95, n)
    ]
    return games[int(rng.integers(n))], games


def test_regret_is_what_a_best_response_leaves():
    game, games = problem(0)
    run = mex_zero_sum(game, games, 20, eta=0.05, rng=0)
    value = zero_sum_backward_induction(game).value[0] @ game.mu
    for k in (0, 10, 19):
        policy = zero_sum_backward_induction(games[run.chosen[k]]).profile[0]
        opponent = game_against(game, [policy, np.full((3, 3, 2), 0.5)], 1)
        left = -(backward_induction(opponent).value[0] @ game.mu)
        assert run.regret[k] == pytest.approx(value - left, abs=1e-9)
    assert run.value == pytest.approx(value)


@pytest.mark.parametrize("seed", range(3))
def test_no_policy_beats_the_value_of_the_game(seed):
    game, games = problem(seed)
    assert (mex_zero_sum(game, games, 50, eta=0.02, rng=0).regret >= -1e-9).all()


def test_data_beat_optimism():
    alone, weighed = (
        np.mean([mex_zero_sum(*problem(seed), 300, eta=eta, rng=0).regret for seed in range(6)], axis=0)
        for eta in (0.0, 0.05)
    )
    assert alone[-1] == alone[0] > 1e-3
    assert weighed[-100:].sum() < 0.1 * alone[-100:].sum()


def test_a_hypothesis_with_other_rewards_is_named():
    game, games = problem(0)
    other = MarkovGame.zero_sum(np.full((3, 2, 2, 3), 1 / 3), np.ones((3, 2, 2)), gamma=1.0, H=3, mu=0)
    with pytest.raises(ModelError, match="hypothesis 1 has other rewards"):
        mex_zero_sum(game, [games[0], other], 5, eta=0.1)

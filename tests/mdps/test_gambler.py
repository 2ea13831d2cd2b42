import numpy as np
import pytest

import mdps
from rltheory import ModelError


def bold_value(goal, p):
    """Return the probability that bold play reaches the goal, by iterating its own equation."""
    s = np.arange(1, goal)
    stake = np.minimum(s, goal - s)
    reached = np.zeros(goal + 1)
    reached[goal] = 1
    for _ in range(1000):
        reached[s] = p * reached[s + stake] + (1 - p) * reached[s - stake]
    return reached


def collected(reached):
    """Turn the probability of reaching the goal into the value: at the goal nothing is left to be earned."""
    return np.append(reached[:-1], 0.0)


@pytest.mark.parametrize("goal", [2, 15, 16, 100])
def test_in_a_fair_game_the_value_is_the_share_of_the_goal(goal, backup, q_values):
    game, v = mdps.gambler(goal, 0.5), collected(np.arange(goal + 1) / goal)
    np.testing.assert_allclose(backup(game, v), v, atol=1e-15)
    np.testing.assert_allclose(q_values(game, v), v[game.pair_state], atol=1e-15)


@pytest.mark.parametrize("goal", [15, 16, 100])
@pytest.mark.parametrize("p", [0.1, 0.25, 0.4, 0.49])
def test_bold_play_is_optimal_in_an_unfair_game(goal, p, backup):
    v = collected(bold_value(goal, p))
    np.testing.assert_allclose(backup(mdps.gambler(goal, p), v), v, atol=1e-14)


@pytest.mark.parametrize("p", [0.51, 0.6, 0.9])
def test_timid_play_is_optimal_in_a_favourable_game(p, backup):
    goal, rho = 20, (1 - p) / p
    v = collected((1 - rho ** np.arange(goal + 1)) / (1 - rho**goal))
    np.testing.assert_allclose(backup(mdps.gambler(goal, p), v), v, atol=1e-14)


def test_half_the_goal_is_won_with_the_probability_of_heads():
    assert bold_value(100, 0.4)[50] == pytest.approx(0.4)


def test_a_gambler_stakes_what_there_is_and_what_is_needed():
    game = mdps.gambler(5)
    np.testing.assert_array_equal(game.action_counts, [1, 1, 2, 2, 1, 1])
    np.testing.assert_array_equal(game.P[[3]].toarray()[0], [0.6, 0, 0, 0, 0.4, 0])


@pytest.mark.parametrize(("arguments", "message"), [((1,), "goal is 1"), ((10, -0.1), "p_heads is -0.1")])
def test_a_parameter_out_of_range_is_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        mdps.gambler(*arguments)

from itertools import product

import numpy as np
import pytest

from rltheory.games import NormalFormGame, correlated_gains, gains
from rltheory.games.markov import MarkovGame, best_response, markov_gains, markov_profile, profile_value
from rltheory.games.markov.profiles import joint_law

ONCE = np.ones((1, 2, 2, 1))


def _value_by_linear_system(game, law, player):
    """Solve v = r + gamma P v for the chain of a law over joint actions."""
    x = np.zeros((game.n_states, game.n_joint))
    x[game.joint_state, np.arange(game.n_joint)] = law
    return np.linalg.solve(np.eye(game.n_states) - game.gamma * x @ game.P.toarray(), x @ game.r[player])


def _law(game, policies):
    law = np.ones(game.n_joint)
    for i, policy in enumerate(policies):
        law = law * policy[game.joint_state, game.joint_actions[:, i]]
    return law


@pytest.mark.parametrize("seed", range(3))
def test_gains_are_those_of_the_best_of_all_pure_policies(random_game, random_profile, seed):
    game = random_game(seed, 3, (2, 3), zero_sum=False)
    profile = random_profile(game, seed)
    own = [_value_by_linear_system(game, _law(game, profile), i) for i in range(2)]
    found = markov_gains(game, profile)
    for i in range(2):
        best = np.full(3, -np.inf)
        for choice in product(*(range(m) for m in game.action_counts[:, i])):
            deviating = list(profile)
            deviating[i] = np.eye(game.n_actions[i])[list(choice)]
            best = np.maximum(best, _value_by_linear_system(game, _law(game, deviating), i))
        assert found[i] == pytest.approx(best - own[i], abs=1e-8)
        assert (found[i] >= best - own[i] - 1e-12).all()


def test_values_are_those_of_the_chain(random_game, random_profile):
    game = random_game(3, 5, (2, 2, 2), zero_sum=False)
    profile = random_profile(game, 3)
    for i, own in enumerate(profile_value(game, profile)):
        assert own.value == pytest.approx(_value_by_linear_system(game, _law(game, profile), i), abs=1e-8)


@pytest.mark.parametrize("advised", [False, True])
def test_a_game_of_one_step_has_the_gains_of_its_normal_form(advised):
    rng = np.random.default_rng(0)
    normal = NormalFormGame(rng.normal(size=(2, 3, 3)))
    game = MarkovGame.from_arrays(np.ones((1, 3, 3, 1)), np.stack(normal.payoffs)[:, None], gamma=1.0, H=1)
    law = rng.dirichlet(np.ones(9))
    expected = correlated_gains(normal, law.reshape(3, 3), coarse=not advised)
    assert markov_gains(game, law, advised=advised)[:, 0] == pytest.approx(expected, abs=1e-12)


def test_a_profile_of_one_step_has_the_gains_of_its_normal_form():
    rng = np.random.default_rng(1)
    normal = NormalFormGame(rng.normal(size=(3, 2, 3, 2)))
    game = MarkovGame.from_arrays(np.ones((1, 2, 3, 2, 1)), np.stack(normal.payoffs)[:, None], gamma=1.0, H=1)
    profile = [rng.dirichlet(np.ones(m)) for m in (2, 3, 2)]
    assert markov_gains(game, [p[None] for p in profile])[:, 0] == pytest.approx(gains(normal, profile), abs=1e-12)


def test_a_correlated_equilibrium_played_for_ever_leaves_nothing_to_gain():
    chicken = np.array([[[[6, 2], [7, 0]]], [[[6, 7], [2, 0]]]], dtype=float)
    game = MarkovGame.from_arrays(ONCE, chicken, gamma=0.9)
    law = np.array([0.5, 0.25, 0.25, 0.0])
    assert markov_gains(game, law, advised=True).max() < 1e-6
    assert markov_gains(game, law).max() < 1e-6


def test_who_hears_the_advice_gains_at_least_as_much(random_game):
    rng = np.random.default_rng(2)
    game = random_game(4, 3, (2, 3), gamma=1.0, H=3, zero_sum=False, ragged=False)
    law = rng.dirichlet(np.full(6, 0.3), size=(3, 3)).reshape(3, 18)
    assert (markov_gains(game, law, advised=True) >= markov_gains(game, law) - 1e-12).all()


def test_advised_gains_are_those_of_backward_induction_by_hand(random_game):
    rng = np.random.default_rng(3)
    game = random_game(5, 2, (2, 2), gamma=0.9, H=3, zero_sum=False, ragged=False)
    law = rng.dirichlet(np.full(4, 0.5), size=(3, 2))
    P, r = game.P.toarray().reshape(2, 2, 2, 2), game.r[0].reshape(2, 2, 2)
    best = own = np.zeros(2)
    for t in reversed(range(3)):
        x = law[t].reshape(2, 2, 2)
        ahead = r + 0.9 * P @ best
        own = (x * (r + 0.9 * P @ own)).sum(axis=(1, 2))
        best = np.einsum("sab,scb->sac", x, ahead).max(axis=2).sum(axis=1)
    found = markov_gains(game, law.reshape(3, 8), advised=True)[0]
    assert found == pytest.approx(best - own, abs=1e-10)


def test_a_profile_by_hand_is_certified(random_game, random_profile):
    game = random_game(8, 3, (2, 2), zero_sum=False)
    profile = random_profile(game, 9)
    found = markov_profile(game, profile, method="by hand")
    assert np.array_equal(found.gains, markov_gains(game, profile))
    assert found.joint(1).sum() == pytest.approx(1)
    law = joint_law(game, profile)[0]
    assert markov_profile(game, law, method="told").value == pytest.approx(found.value)
    assert markov_profile(game, law, method="told", advised=True).concept == "correlated"


def test_a_best_response_is_pure_and_attains_its_value(random_game, random_profile):
    game = random_game(6, 4, (3, 3))
    profile = random_profile(game, 7)
    answer = best_response(game, profile, 0)
    achieved = profile_value(game, [answer.policy, profile[1]])[0]
    assert achieved.value == pytest.approx(answer.value, abs=1e-7)

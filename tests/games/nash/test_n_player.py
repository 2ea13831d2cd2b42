from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.games import NormalFormGame, exploitability
from rltheory.games.nash.n_player import limiting_nash, n_player_nash, polished_nash
from rltheory.games.quantal_branch import logit_branch

SEEDS = st.integers(0, 2**32 - 1)


def random_game(seed, sizes, scale=1.0):
    rng = np.random.default_rng(seed)
    return NormalFormGame([scale * rng.normal(size=sizes) for _ in sizes])


@given(SEEDS, st.sampled_from([(3,), (2, 2), (3, 4), (2, 2, 2), (3, 3, 3), (2, 1, 3), (2, 2, 2, 2)]))
def test_nobody_gains_by_deviating(seed, sizes):
    assert n_player_nash(random_game(seed, sizes)).exploitability < 1e-12


@pytest.mark.parametrize("scale", [1e-200, 1e9, 1e200])
def test_payoffs_may_have_any_scale(scale):
    found, same = n_player_nash(random_game(3, (3, 3, 3), scale)), n_player_nash(random_game(3, (3, 3, 3)))
    assert found.exploitability <= 1e-12 * scale
    for p, q in zip(found.profile, same.profile, strict=True):
        np.testing.assert_allclose(p, q, atol=1e-9)


@given(SEEDS, st.sampled_from([(2, 2), (2, 2, 2), (3, 2, 2), (2, 3)]))
def test_games_with_ties_are_solved_too(seed, sizes):
    rng = np.random.default_rng(seed)
    game = NormalFormGame([rng.integers(0, 3, size=sizes) for _ in sizes])
    assert n_player_nash(game).exploitability < 1e-8


def test_of_two_strict_equilibria_of_a_stag_hunt_errors_select_the_risk_dominant_one():
    stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])  # 3 - 1 > 4 - 3: the hare is risk dominant
    np.testing.assert_allclose(limiting_nash(stag_hunt).profile, [[0, 1], [0, 1]], atol=1e-12)


def test_a_volunteers_dilemma_of_five_has_the_known_mixed_equilibrium():
    n, cost = 5, 0.3
    payoffs = []
    for i in range(n):
        u = np.empty((2,) * n)
        for a in product(range(2), repeat=n):  # action 1 volunteers; all receive 1 if somebody does
            u[a] = float(any(a)) - cost * a[i]
        payoffs.append(u)
    found = n_player_nash(NormalFormGame(payoffs))
    for p in found.profile:  # 1 - cost = 1 - (1 - p)^(n - 1)
        assert p[0] == pytest.approx(cost ** (1 / (n - 1)), abs=1e-12)


def test_a_known_branch_can_be_given():
    game = random_game(1, (2, 3, 2))
    found = limiting_nash(game, logit_branch(game, lam_max=1e4))
    np.testing.assert_allclose(np.concatenate(found.profile), np.concatenate(limiting_nash(game).profile), atol=1e-9)


@given(SEEDS)
def test_polishing_never_makes_a_profile_worse(seed):
    game = random_game(seed, (2, 3, 2))
    rng = np.random.default_rng(seed)
    profile = tuple(rng.dirichlet(np.ones(m)) for m in game.n_actions)
    assert polished_nash(game, profile, method="drawn").exploitability <= exploitability(game, profile)

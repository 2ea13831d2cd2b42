from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.nash.n_player import n_player_nash
from rltheory.games.nash.n_player_supports import all_n_player_nash, balanced_supports, n_player_equilibria

SEEDS = st.integers(0, 2**32 - 1)


def random_game(seed, sizes):
    rng = np.random.default_rng(seed)
    return NormalFormGame([rng.normal(size=sizes) for _ in sizes])


@given(SEEDS, st.sampled_from([(2, 2), (3, 3), (2, 4), (2, 2, 2)]))
def test_where_none_can_be_missed_their_number_is_odd(seed, sizes):
    assert len(all_n_player_nash(random_game(seed, sizes))) % 2 == 1  # Wilson (1971)


@given(SEEDS, st.sampled_from([(3, 3), (2, 2, 2), (2, 3, 2), (2, 2, 2, 2)]))
def test_all_found_are_equilibria_and_differ(seed, sizes):
    found = all_n_player_nash(random_game(seed, sizes))
    assert all(one.exploitability < 1e-12 for one in found)
    profiles = [np.concatenate(one.profile) for one in found]
    assert min((np.abs(x - y).max() for x in profiles for y in profiles if x is not y), default=1.0) > 1e-7


@given(SEEDS)
def test_pure_ones_are_those_without_a_better_reply(seed):
    game = random_game(seed, (3, 2, 3))
    stable = [
        a
        for a in product(*map(range, game.n_actions))
        if all(game.payoffs[i][a] == np.moveaxis(game.payoffs[i], i, -1)[(*a[:i], *a[i + 1 :])].max() for i in range(3))
    ]
    found = all_n_player_nash(game)
    pure = [tuple(int(p.argmax()) for p in one.profile) for one in found if all(p.max() == 1 for p in one.profile)]
    assert sorted(pure) == sorted(stable)


@given(SEEDS)
def test_the_limit_of_logit_equilibria_is_among_those_of_a_game_of_three_players_with_two_actions(seed):
    game = random_game(seed, (2, 2, 2))
    limit = np.concatenate(n_player_nash(game).profile)
    assert min(np.abs(np.concatenate(one.profile) - limit).max() for one in all_n_player_nash(game)) < 1e-7


@given(SEEDS)
def test_two_players_have_those_of_vertex_enumeration_by_quantecon(seed):
    game_theory = pytest.importorskip("quantecon.game_theory")
    game = random_game(seed, (3, 3))
    A, B = game.payoffs
    peer = game_theory.vertex_enumeration(
        game_theory.NormalFormGame((game_theory.Player(A), game_theory.Player(np.ascontiguousarray(B.T))))
    )
    ours = sorted(np.concatenate(one.profile).round(6).tolist() for one in all_n_player_nash(game))
    np.testing.assert_allclose(ours, sorted(np.concatenate(one).round(6).tolist() for one in peer), atol=1e-5)


def test_three_who_must_agree_have_two_equilibria_in_pure_strategies_and_one_mixed():
    agree = np.zeros((2, 2, 2))
    agree[0, 0, 0], agree[1, 1, 1] = 4.0, 1.0
    found = all_n_player_nash(NormalFormGame([agree] * 3))
    mixed = 1 / 3  # 4 p^2 = (1 - p)^2
    assert sorted(one.profile[2][0] for one in found) == pytest.approx([0.0, mixed, 1.0], abs=1e-12)


def test_a_game_without_a_rational_equilibrium_is_solved_by_the_quadratic():
    # Player i's advantages of the first action: 2 y z - 1, 2 x z - 1, 2 x y - 1, which all vanish at the root of 1/2.
    advantage = np.full((2, 2), -1.0)
    advantage[0, 0] = 1.0
    payoffs = [np.stack([advantage, np.zeros((2, 2))], axis=i) for i in range(3)]
    found = all_n_player_nash(NormalFormGame(payoffs))
    mixed = [one for one in found if one.profile[0].max() < 1]
    assert [p[0] for one in mixed for p in one.profile] == pytest.approx([np.sqrt(0.5)] * 3, abs=1e-12)


def test_supports_are_ordered_by_size_and_balanced():
    supports = list(balanced_supports((2, 3, 2)))
    sizes = [sum(map(len, one)) for one in supports]
    assert sizes == sorted(sizes)
    assert len(set(supports)) == len(supports)
    assert all(2 * (len(s) - 1) <= sum(map(len, one)) - 3 for one in supports for s in one)


def test_the_first_one_comes_without_the_others():
    large = random_game(0, (4, 4, 4, 4))
    assert next(iter(n_player_equilibria(large))).exploitability < 1e-12


def test_a_game_with_too_many_supports_is_refused():
    with pytest.raises(ModelError, match="supports; the limit is"):
        all_n_player_nash(random_game(0, (7, 7, 7)))

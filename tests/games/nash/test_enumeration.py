"""Both enumerations, against exact rational arithmetic, against QuantEcon, and against each other."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quantecon import game_theory as peer

from proofs_check.games.nash import games_with_ties, generic_games
from proofs_check.games.nash_oracles import extreme_equilibria
from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame, nash_profile
from rltheory.games.nash import (
    is_nondegenerate,
    nash_components,
    support_enumeration,
    support_equilibria,
    vertex_enumeration,
)

METHODS = {
    "supports": support_enumeration,
    "vertices": vertex_enumeration,
    "exact vertices": lambda game: vertex_enumeration(game, exact=True),
}


@pytest.fixture(params=METHODS.values(), ids=METHODS.keys())
def enumeration(request):
    """Return each way to find all equilibria of a generic game."""
    return request.param


def as_rows(equilibria):
    """Return equilibria as sorted rows of probabilities, for comparison."""
    profiles = [getattr(e, "profile", e) for e in equilibria]
    rows = [np.concatenate([np.array(p, dtype=float) for p in profile]) for profile in profiles]
    return np.array(sorted(rows, key=lambda row: row.round(7).tolist()))


def to_peer(game):
    """Return the game as QuantEcon has it: own actions first."""
    return peer.NormalFormGame([peer.Player(game.payoffs[0].copy()), peer.Player(game.payoffs[1].T.copy())])


def matches(ours, theirs):
    """Return whether two lists of equilibria are the same but for order and rounding."""
    ours, theirs = as_rows(ours), as_rows(theirs)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, atol=1e-9)


def proven(game, equilibria):
    """Return whether nobody can gain 1e-9 of the range of payoffs, or what is allowed for their rounding."""
    rounding = np.array([1e-13 * np.abs(u).max() + 1e-300 for u in game.payoffs])
    return all((e.gains <= 1e-9 * game.payoff_ranges + rounding).all() for e in equilibria)


def unions_of_supports(strategies):
    """Return the supports of all mixtures."""
    chosen = itertools.product([0, 1], repeat=len(strategies))
    return {tuple(np.flatnonzero(weights @ strategies).tolist()) for weights in map(np.array, chosen) if weights.any()}


@given(generic_games())
def test_support_enumeration_finds_exactly_the_equilibria_of_rational_arithmetic(payoffs):
    game = NormalFormGame(payoffs)
    found = support_enumeration(game)
    assert matches(found, extreme_equilibria(*payoffs))
    assert proven(game, found)


@given(generic_games() | games_with_ties(), st.booleans())
def test_vertex_enumeration_finds_exactly_the_extreme_equilibria_of_rational_arithmetic(payoffs, exact):
    game = NormalFormGame(payoffs)
    found = vertex_enumeration(game, exact=exact)
    assert matches(found, extreme_equilibria(*payoffs))
    assert proven(game, found)


def test_extreme_equilibria_of_games_with_ties_are_those_of_rational_arithmetic(degenerate_game):
    exact = extreme_equilibria(*degenerate_game.payoffs)
    assert matches(vertex_enumeration(degenerate_game), exact)
    assert matches(vertex_enumeration(degenerate_game, exact=True), exact)


@pytest.mark.parametrize("size", [2, 4, 6, 8])
@pytest.mark.parametrize("seed", range(3))
def test_quantecon_finds_the_same_equilibria_of_random_games(enumeration, size, seed, random_games):
    game = random_games(seed, (size, size + seed % 2))
    if enumeration is METHODS["exact vertices"] and size > 4:
        game = random_games(seed, (4, 5))
    theirs = peer.support_enumeration(to_peer(game))
    assert matches(theirs, peer.vertex_enumeration(to_peer(game)))
    assert matches(enumeration(game), theirs)


@pytest.mark.parametrize("size", [9, 10, 11])
def test_supports_and_vertices_agree_on_larger_games_and_all_is_proven(size, random_games):
    game = random_games(size, (size, size))
    found = support_enumeration(game)
    assert matches(found, vertex_enumeration(game))
    assert proven(game, found)
    assert len(found) % 2 == 1


def test_the_symmetric_game_on_which_float_equality_finds_nothing_has_its_equilibrium(enumeration):
    A = [
        [0, -1, -1, -1, 1, -1],
        [1, 0, 1, -1, -1, -1],
        [1, -1, 0, -1, -1, 1],
        [1, 1, 1, 0, -1, -1],
        [-1, 1, 1, 1, 0, -1],
        [1, 1, -1, 1, 1, 0],
    ]
    (only,) = enumeration(NormalFormGame.zero_sum(A))
    for p in only.profile:
        assert p == pytest.approx([0, 0, 1 / 3, 0, 1 / 3, 1 / 3], abs=1e-12)


@given(games_with_ties())
def test_all_pairs_of_supports_tell_of_each_pair_that_carries_an_equilibrium_and_of_no_other(payoffs):
    game = NormalFormGame(payoffs)
    found = support_enumeration(game, supports="all")
    assert proven(game, found)
    carried = [tuple(tuple(np.flatnonzero(p).tolist()) for p in e.profile) for e in found]
    assert len(set(carried)) == len(carried)
    mixtures = set()
    for subset in itertools.chain(*nash_components(game)):
        mixtures |= set(itertools.product(unions_of_supports(subset.first), unions_of_supports(subset.second)))
    assert set(carried) == mixtures


@given(generic_games())
def test_in_a_generic_game_all_pairs_of_supports_say_no_more_than_equal_sizes(payoffs):
    game = NormalFormGame(payoffs)
    assert is_nondegenerate(game)
    assert matches(support_enumeration(game, supports="all"), support_enumeration(game))


def test_games_with_ties_are_called_degenerate_unless_there_is_no_choice(degenerate_game):
    assert is_nondegenerate(degenerate_game) == (degenerate_game.n_actions == (1, 1))


@given(generic_games(), st.floats(0.01, 100), st.floats(0.01, 100), st.floats(-10, 10), st.integers(0, 2**32 - 1))
def test_scales_shifts_and_the_order_of_actions_do_not_matter(payoffs, scale, other_scale, shift, seed):
    A, B = payoffs
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(A.shape[0]), rng.permutation(A.shape[1])
    moved = NormalFormGame((scale * A[rows][:, columns] + shift, other_scale * B[rows][:, columns] - shift))
    for method in (support_enumeration, vertex_enumeration):
        expected = [(p[rows], q[columns]) for p, q in (e.profile for e in method(NormalFormGame((A, B))))]
        assert matches(method(moved), expected)


def test_what_the_other_actions_alone_decide_may_be_added_to_payoffs(random_games):
    game, rng = random_games(3, (4, 5)), np.random.default_rng(0)
    A, B = game.payoffs
    assert matches(
        vertex_enumeration(NormalFormGame((A + rng.normal(size=5), B + rng.normal(size=(4, 1))))),
        vertex_enumeration(game),
    )


def test_the_coordination_game_of_k_actions_has_an_equilibrium_on_each_set_of_actions(enumeration):
    found = enumeration(NormalFormGame.symmetric(np.eye(4)))
    assert len(found) == 2**4 - 1
    for e in found:
        support = np.flatnonzero(e.profile[0])
        assert e.profile[0][support] == pytest.approx(1 / len(support))
        assert e.profile[1] == pytest.approx(e.profile[0])


def test_the_game_of_shapley_has_thirds_and_nothing_else(enumeration):
    A, B = [[0, 1, 0], [0, 0, 1], [1, 0, 0]], [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    (only,) = enumeration(NormalFormGame((A, B)))
    assert np.concatenate(only.profile) == pytest.approx(np.full(6, 1 / 3))


def test_equilibria_come_smallest_supports_first_and_only_as_they_are_asked_for(random_games):
    game = random_games(1, (16, 16))
    first = next(support_equilibria(NormalFormGame([u + np.eye(16) * 10 for u in game.payoffs])))
    assert first.exploitability < 1e-12
    sizes = [np.count_nonzero(e.profile[0]) for e in support_equilibria(random_games(2, (8, 8)))]
    assert sizes == sorted(sizes)


def test_a_game_that_nearly_ties_is_told_from_its_limit_by_exact_arithmetic():
    nearly = NormalFormGame([[[1, 1], [1 + 2**-45, 0]], [[1, 0], [0, 1]]])
    tied = NormalFormGame([[[1, 1], [1, 0]], [[1, 0], [0, 1]]])
    assert matches(vertex_enumeration(nearly, exact=True), extreme_equilibria(*nearly.payoffs))
    assert len(vertex_enumeration(nearly, exact=True)) == 1
    assert len(vertex_enumeration(tied, exact=True)) == len(extreme_equilibria(*tied.payoffs)) == 2


def test_components_of_a_game_with_ties_are_products_whose_mixtures_are_equilibria(degenerate_game):
    rng = np.random.default_rng(0)
    extreme = 0
    for component in nash_components(degenerate_game):
        for subset in component:
            for _ in range(5):
                mixture = [rng.dirichlet(np.ones(len(side))) @ side for side in (subset.first, subset.second)]
                mixture = [p / p.sum() for p in mixture]
                assert proven(degenerate_game, [nash_profile(degenerate_game, mixture, method="mixture")])
            extreme += len(subset.first) * len(subset.second)
    assert extreme >= len(vertex_enumeration(degenerate_game))


def test_all_strategies_are_one_component_where_nothing_matters():
    ((whole,),) = nash_components(NormalFormGame([np.zeros((2, 3)), np.zeros((2, 3))]))
    assert (len(whole.first), len(whole.second)) == (2, 3)


@pytest.mark.parametrize("method", [support_enumeration, vertex_enumeration, nash_components, is_nondegenerate])
def test_three_players_are_refused_with_what_to_use(method):
    with pytest.raises(CriterionError, match=r"two players; this game has 3"):
        method(NormalFormGame(np.zeros((3, 2, 2, 2))))


def test_games_too_large_are_refused_with_what_to_use(random_games):
    with pytest.raises(ModelError, match=r"17 x 17 game has 2\.33e\+09 pairs .* lemke_howson"):
        support_enumeration(random_games(0, (17, 17)))
    with pytest.raises(ModelError, match="11 x 11"):
        support_enumeration(random_games(0, (11, 11)), supports="all")
    with pytest.raises(ModelError, match=r"a player has 63 actions; .* takes 62 at most: lemke_howson"):
        support_enumeration(random_games(0, (1, 63)))
    with pytest.raises(ModelError, match="70 actions in all"):
        vertex_enumeration(random_games(0, (35, 35)))
    with pytest.raises(ModelError, match="more than 10 bases: give max_bases"):
        vertex_enumeration(random_games(0, (5, 5)), max_bases=10)
    with pytest.raises(CriterionError, match="'equal' or 'all'"):
        support_enumeration(random_games(0, (2, 2)), supports="some")


def test_payoffs_wider_than_a_float_are_refused():
    with pytest.raises(ModelError, match="more than a float can hold"):
        vertex_enumeration(NormalFormGame.zero_sum([[1.5e308, -1.5e308], [0, 0]]))

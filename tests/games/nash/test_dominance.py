import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.nash import dominating_strategy, eliminate_dominated, vertex_enumeration


@st.composite
def games(draw, players=(1, 2, 3)):
    """Draw a game of a few players, with ties or without."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = tuple(draw(st.integers(1, 4)) for _ in range(draw(st.sampled_from(players))))
    tied = draw(st.booleans())
    return NormalFormGame([rng.integers(0, 3, sizes) if tied else rng.normal(size=sizes) for _ in sizes])


def is_ever_a_best_response(u, action):
    """Return whether a joint law of the others makes the action a best response (Pearce's lemma), by HiGHS."""
    program = linprog(
        np.append(np.zeros(u.shape[1]), 1.0),
        A_ub=np.column_stack([u - u[action], -np.ones(len(u))]),
        b_ub=np.zeros(len(u)),
        A_eq=[np.append(np.ones(u.shape[1]), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * u.shape[1] + [(None, None)],
    )
    return program.fun <= 1e-9


@given(games())
def test_an_action_is_strictly_dominated_if_and_only_if_it_is_never_a_best_response(game):
    for player, m in enumerate(game.n_actions):
        u = game.opponents_view(player)
        for action in range(m):
            by = dominating_strategy(game, player, action)
            assert (by is None) == is_ever_a_best_response(u, action)
            if by is not None:
                assert (by @ u > u[action]).all()
                assert by.sum() == pytest.approx(1)


@given(games())
def test_a_weakly_dominating_strategy_is_never_worse_and_sometimes_better(game):
    for player, m in enumerate(game.n_actions):
        u = game.opponents_view(player)
        for action in range(m):
            by = dominating_strategy(game, player, action, strict=False)
            if by is not None:
                assert (by @ u >= u[action] - 1e-8).all()
                assert (by @ u > u[action]).any()
            elif m > 1:
                assert not any((u[b] >= u[action]).all() and (u[b] > u[action]).any() for b in range(m))


@given(games(), st.booleans(), st.booleans())
def test_every_removal_has_its_reason_among_what_was_left_then(game, strict, mixed):
    elimination = eliminate_dominated(game, strict=strict, mixed=mixed)
    left = [set(range(m)) for m in game.n_actions]
    for number in sorted({removal.round for removal in elimination.removals}):
        now = [removal for removal in elimination.removals if removal.round == number]
        for removal in now:
            own = game.payoffs[removal.player]
            axes = [sorted(left[j]) if j != removal.player else range(own.shape[j]) for j in range(game.n_players)]
            u = np.moveaxis(own[np.ix_(*axes)], removal.player, 0).reshape(own.shape[removal.player], -1)
            gained = removal.by @ u - u[removal.action]
            assert set(np.flatnonzero(removal.by).tolist()) <= left[removal.player] - {removal.action}
            assert (gained.min() if strict else gained.max()) == pytest.approx(removal.margin)
            assert removal.margin > 0
            assert gained.min() >= -1e-8
        for removal in now:
            left[removal.player].discard(removal.action)
    assert [tuple(sorted(actions)) for actions in left] == list(elimination.kept)


@given(games(players=(2,)))
def test_equilibria_of_the_reduced_game_are_those_of_the_original(game):
    elimination = eliminate_dominated(game)
    lifted = [np.concatenate(elimination.extended(e.profile)) for e in vertex_enumeration(elimination.reduced)]
    original = [np.concatenate(e.profile) for e in vertex_enumeration(game)]
    assert len(lifted) == len(original)
    assert all(min(np.abs(one - other).max() for other in original) < 1e-9 for one in lifted)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_strict_elimination_does_not_matter(seed):
    """Remove single dominated actions in a random order, by hand, and compare."""
    rng = np.random.default_rng(seed)
    game = NormalFormGame([rng.integers(0, 4, (4, 4)) for _ in range(2)])
    left = [list(range(4)), list(range(4))]
    while True:
        current = NormalFormGame([u[np.ix_(*left)] for u in game.payoffs])
        places = [(i, a) for i, m in enumerate(current.n_actions) for a in range(m)]
        dominated = [place for place in places if dominating_strategy(current, *place) is not None]
        if not dominated:
            break
        player, place = dominated[rng.integers(len(dominated))]
        left[player].pop(place)
    assert tuple(map(tuple, left)) == eliminate_dominated(game).kept


def test_the_travellers_dilemma_unravels_to_the_lowest_claim():
    """Basu (1994): the lower of two claims is paid to both, 2 more to who made it and 2 less to the other."""
    claims = np.arange(2, 21)
    own, other = np.meshgrid(claims, claims, indexing="ij")
    game = NormalFormGame.symmetric(np.minimum(own, other) + 2 * np.sign(other - own))
    assert eliminate_dominated(game, strict=False).kept == ((0,), (0,))


def test_names_of_actions_survive():
    game = NormalFormGame.symmetric([[3, 0], [5, 1]], action_names=(("stay silent", "confess"), ("silence", "talk")))
    reduced = eliminate_dominated(game).reduced
    assert (reduced.action_name(0, 0), reduced.action_name(1, 0)) == ("confess", "talk")


@pytest.mark.parametrize(("player", "action"), [(-1, 0), (2, 0), (0, 2), (1, -1)])
def test_an_action_that_is_none_is_refused(player, action):
    with pytest.raises(ModelError, match=f"no action {action} of player {player}"):
        dominating_strategy(NormalFormGame.symmetric([[3, 0], [5, 1]]), player, action)

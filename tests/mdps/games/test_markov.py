"""Markov games: what is known in closed form, and their rules written down a second time."""

import ast

import numpy as np
import pytest

from mdps import games
from rltheory.games.markov import markov_gains, profile_value, shapley_iteration
from rltheory.models import ModelError


def states_of(game):
    """Return the states as tuples, from their names; home is (-1, -1)."""
    return [ast.literal_eval(name.replace("home", "(-1, -1)")) for name in game.state_names]


def row_of(game, state, *names):
    """Return the joint row of a state and actions by name."""
    actions = [game.action_names[i].index(name) for i, name in enumerate(names)]
    return int(game.joint_start[state]) + int(np.ravel_multi_index(actions, game.action_counts[state]))


def towards(goals, here):
    """Return a move that brings one nearer to the closest goal, rows first; there are no walls in the way."""
    if here == (-1, -1):
        return "stay"
    row, column = min(goals, key=lambda goal: abs(goal[0] - here[0]) + abs(goal[1] - here[1]))
    if row != here[0]:
        return "up" if row < here[0] else "down"
    return "stay" if column == here[1] else "left" if column < here[1] else "right"


def hunt(game, goals):
    """Return the profile in which each hunter goes for a goal, whatever the other does."""
    return [[game.action_names[i].index(towards(goals, state[i])) for state in states_of(game)] for i in range(2)]


HARES, STAG = [(0, 0), (2, 2)], [(1, 1)]


@pytest.mark.parametrize(("gamma", "H"), [(0.9, None), (0.5, None), (1.0, 6), (0.9, 2)])
def test_both_for_a_hare_is_an_equilibrium_and_worth_what_the_docstring_says(gamma, H):
    game = games.stag_hunt_grid(gamma=gamma, H=H)
    profile = hunt(game, HARES)

    values = [np.atleast_2d(answer.value)[0][0] for answer in profile_value(game, profile)]
    assert values == pytest.approx([3 * gamma] * 2)
    assert markov_gains(game, profile)[:, 0].max() < 1e-6  # iterative solvers of MDPs prove it so far


@pytest.mark.parametrize(("stag", "pays"), [(4.0, True), (3.0, True), (2.9, False)])
def test_both_for_the_stag_is_an_equilibrium_if_and_only_if_it_pays(stag, pays):
    game = games.stag_hunt_grid(stag=stag)
    profile = hunt(game, STAG)

    values = [answer.value[0] for answer in profile_value(game, profile)]
    assert values == pytest.approx([0.9 * stag] * 2)
    gain = markov_gains(game, profile)[:, 0].max()
    assert gain == pytest.approx(max(0.9 * (3 - stag), 0), abs=1e-6)
    assert (gain < 1e-6) == pays


def test_a_hunter_alone_at_the_stag_is_gored():
    game = games.stag_hunt_grid(gore=2.5)
    here = states_of(game).index(((0, 1), (2, 0)))
    row = row_of(game, here, "down", "stay")

    assert game.r[:, row].tolist() == [-2.5, 0]
    assert game.state_name(int(game.P[[row]].indices[0])) == "((1, 1), (2, 0))"


def test_home_is_the_end():
    game = games.stag_hunt_grid()
    home = game.state_names.index("(home, home)")
    own = slice(game.joint_start[home], game.joint_start[home + 1])
    assert (game.r[:, own] == 0).all()
    assert (game.P[own].indices == home).all()


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 3)])
def test_half_a_turn_of_the_field_turns_the_value_of_soccer(rows, columns):
    game = games.soccer(rows, columns)
    states = states_of(game)
    n = rows * columns
    assert game.n_states == 2 * n * (n - 1)
    assert game.is_zero_sum
    value = shapley_iteration(game, tol=1e-6).value

    def turned(state):
        (a, b, ball) = state
        turn = [(rows - 1 - cell[0], columns - 1 - cell[1]) for cell in (b, a)]
        return (*turn, 1 - ball)

    for s, state in enumerate(states):
        assert value[states.index(turned(state))] == pytest.approx(-value[s], abs=1e-5)
    assert game.mu @ value == pytest.approx(0, abs=1e-5)
    assert value[0] > 0.01  # the ball is worth having


def test_the_field_by_default_is_littmans():
    game = games.soccer()
    assert game.n_states == 760
    assert states_of(game)[:2] == [((2, 1), (1, 3), 0), ((2, 1), (1, 3), 1)]


def test_the_rules_of_soccer_are_kept():
    game = games.soccer(2, 3)
    states = states_of(game)

    def outcomes(state, *moves):
        row = row_of(game, states.index(state), *moves)
        found = game.P[[row]]
        return {states[s]: p for s, p in zip(found.indices.tolist(), found.data.tolist(), strict=True)}, game.r[0, row]

    # Running into who stands still loses the ball; a player without it gains nothing by running into who has it.
    assert outcomes(((0, 0), (0, 1), 0), "right", "stay") == ({((0, 0), (0, 1), 1): 1.0}, 0)
    assert outcomes(((0, 0), (0, 1), 0), "stay", "left") == ({((0, 0), (0, 1), 0): 1.0}, 0)
    # Who moves first evades: the order is drawn.
    assert outcomes(((0, 0), (0, 1), 0), "down", "left") == ({((1, 0), (0, 0), 0): 0.5, ((1, 0), (0, 1), 0): 0.5}, 0)
    # A goal is worth 1, and both kick-offs follow, as likely.
    kick_offs = {states[0]: 0.5, states[1]: 0.5}
    assert outcomes(((0, 2), (1, 0), 0), "right", "stay") == (kick_offs, 1)
    assert outcomes(((1, 2), (0, 0), 1), "stay", "left") == (kick_offs, -1)
    # At one's own end there is no goal.
    assert outcomes(((0, 0), (1, 2), 0), "left", "stay") == ({((0, 0), (1, 2), 0): 1.0}, 0)


def test_the_cliff_is_walked_as_published():
    """The published rules: moves are joint, and what is not as intended is uniform over pairs of neighbours."""
    game = games.cliff_grid()
    cells = [(i, j) for i in range(4) for j in range(3)]
    ends = [{(3, 0), (1, 0), (2, 0)}, {(0, 0), (1, 0), (2, 0)}]
    paid = [{(3, 0): 1, (1, 0): -2, (2, 0): -2}, {(0, 0): 1, (1, 0): -2, (2, 0): -2}]
    step = {"right": (0, 1), "up": (-1, 0), "left": (0, -1), "down": (1, 0)}
    states = states_of(game)
    assert sorted(states) == [(a, b) for a in cells for b in cells]
    kernel = game.P.toarray()
    for s, state in enumerate(states):
        near = max(abs(state[0][k] - state[1][k]) for k in range(2)) <= 1
        options = [
            [c for c in cells if abs(c[0] - x[0]) + abs(c[1] - x[1]) == 1] if x not in ends[i] else [x]
            for i, x in enumerate(state)
        ]
        for first, one in step.items():
            for second, two in step.items():
                wanted = np.zeros(len(states))
                for pair in ((a, b) for a in options[0] for b in options[1]):
                    wanted[states.index(pair)] += (0.5 if near else 0.1) / (len(options[0]) * len(options[1]))
                aims = [(x[0] + d[0], x[1] + d[1]) for x, d in zip(state, (one, two), strict=True)]
                aims = [aim if aim in options[i] else state[i] for i, aim in enumerate(aims)]
                wanted[states.index(tuple(aims))] += 0.5 if near else 0.9
                row = row_of(game, s, first, second)
                assert np.allclose(kernel[row], wanted, atol=1e-15)
                assert game.r[:, row] == pytest.approx([paid[i].get(x, 0.1) for i, x in enumerate(state)], rel=1e-14)
    assert (game.H, game.gamma) == (15, 1)


def test_who_is_at_the_goal_stays_and_collects():
    game = games.cliff_grid()
    both = states_of(game).index(((3, 0), (0, 0)))
    anything = [np.zeros(game.n_states, dtype=int)] * 2
    assert [answer.value[0][both] for answer in profile_value(game, anything)] == pytest.approx([15, 15])


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 0.99])
def test_the_big_match_is_worth_a_half_at_every_discount(gamma):
    game = games.big_match(gamma)
    value = 0.5 / (1 - gamma)
    stage = game.stage(0, value=np.array([1, -1])[:, None] * [value, 1 / (1 - gamma), 0])
    left = (1 - gamma) / (2 - gamma)

    # Shapley's equation holds, with these strategies: each equalises what the other can do.
    assert np.array([left, 1 - left]) @ stage.payoffs[0] == pytest.approx([value, value])
    assert stage.payoffs[0] @ [0.5, 0.5] == pytest.approx([value, value])
    profile = [np.tile([left, 1 - left], (3, 1)), np.full((3, 2), 0.5)]
    assert markov_gains(game, profile).max() < 1e-6 * value
    assert shapley_iteration(game, tol=1e-6).value[0] == pytest.approx(value, abs=1e-5)


def test_random_games_are_as_large_and_as_sparse_as_asked():
    game = games.random_markov_game(7, (2, 3, 2), 3, rng=0)
    assert game.n_players == 3
    assert (np.diff(game.P.indptr) == 3).all()
    assert np.allclose(game.P.sum(axis=1), 1)
    assert game.n_joint == 7 * 12
    again = games.random_markov_game(7, (2, 3, 2), 3, rng=np.random.default_rng(0))
    assert (again.r == game.r).all()
    assert games.random_markov_game(4, (2, 3), 2, zero_sum=True, H=5, gamma=1.0, rng=0).is_zero_sum


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: games.stag_hunt_grid("A.\nBS."), "row 1 of the drawing has 3 cells, row 0 has 2"),
        (lambda: games.stag_hunt_grid("ABx"), "row 0, column 2 of the drawing is 'x'"),
        (lambda: games.stag_hunt_grid("AB."), "the drawing has 0 cells S"),
        (lambda: games.stag_hunt_grid("ABSS"), "the drawing has 2 cells S"),
        (lambda: games.stag_hunt_grid(gore=-1), "gore is -1"),
        (lambda: games.soccer(2, 1), "columns is 1"),
        (lambda: games.cliff_grid(steady=2), "steady is 2"),
        (lambda: games.cliff_grid(starts=((9, 9), (0, 1))), r"player 0 starts at \(9, 9\)"),
        (lambda: games.big_match(1.0), "gamma is 1.0"),
        (lambda: games.random_markov_game(3, (2, 2, 2), 1, zero_sum=True), "two in a zero-sum game"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_parameter_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

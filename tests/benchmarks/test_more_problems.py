"""The problems for validation: what their stories say, on small instances."""

import itertools
import math

import numpy as np
import pytest

import mdps
import rltheory as rl
from benchmarks import more_problems as more
from benchmarks import problems

SMALL = {
    "rooms": lambda: more.rooms(3, 4, gamma=0.99),
    "cube": lambda: more.cube(4, gamma=0.99),
    "tandem": lambda: more.tandem(4, gamma=0.99),
    "blocks": lambda: more.blocks(4, 10, 3, 4, leave=0.01, gamma=0.99),
    "components": lambda: more.components(3, 3, gamma=0.99),
    "gambler": lambda: more.gambler(100, gamma=0.99),
    "car rental": lambda: more.car_rental(8, gamma=0.9),
    "sand tetris": lambda: more.sand_tetris(3, 3, gamma=0.99),
    "ragged": lambda: more.ragged(200, 10, 4, gamma=0.99),
    "shuffled": lambda: more.shuffled(problems.grid(5, 5, gamma=0.99)),
    "cycle": lambda: more.cycle(50, gamma=0.99),
    "mixed": lambda: more.mixed_layers(3, 10, 2, gamma=0.99),
}


def nonzero(mdp, state, action):
    return {s: p for s, p in enumerate(mdp.P.toarray()[mdp.pair_start[state] + action]) if p}


@pytest.mark.parametrize("name", SMALL)
def test_a_problem_is_a_function_of_its_arguments_with_rewards_in_0_1(name):
    first, second = SMALL[name](), SMALL[name]()
    np.testing.assert_array_equal(first.P.toarray(), second.P.toarray())
    np.testing.assert_array_equal(first.r, second.r)
    assert first.r.min() >= 0
    assert first.r.max() <= 1


def test_all_rooms_can_be_left_through_their_doors():
    mdp = more.rooms(3, 4, gamma=0.999)
    value = rl.solve(mdp).value.reshape(14, 14)
    inside = [k for k in range(14) if k % 5 != 4]
    assert value[np.ix_(inside, inside)].min() > 100  # of 1000 at the goal: within 2300 steps of it


def test_a_move_in_the_cube_goes_astray_to_four_sides():
    cube = more.cube(3, gamma=0.9, slip=0.2)
    assert nonzero(cube, 13, 0) == pytest.approx({22: 0.8, 10: 0.05, 16: 0.05, 12: 0.05, 14: 0.05})
    assert nonzero(cube, 13, 5) == pytest.approx({12: 0.8, 4: 0.05, 22: 0.05, 10: 0.05, 16: 0.05})
    assert nonzero(cube, 26, 3) == pytest.approx({26: 1.0})


def test_a_service_ends_only_if_the_next_station_has_room():
    tandem = more.tandem(3, gamma=0.9)
    state = 1 * 9 + 2 * 3 + 1
    assert nonzero(tandem, state, 1) == pytest.approx({25: 0.3, 14: 0.2, 15: 0.15, 16: 0.2 + 0.15})
    assert nonzero(tandem, state, 2) == pytest.approx({14: 0.2, 15: 0.25, 16: 0.3 + 0.2 + 0.05})


def test_blocks_are_left_as_rarely_as_said():
    mdp = more.blocks(4, 10, 3, 4, leave=0.01, gamma=0.99)
    block = np.arange(40) // 10
    stays = (mdp.P.toarray() * (block[mdp.pair_state][:, None] == block)).sum(axis=1)
    assert stays.min() >= 0.99 - 1e-12


def test_renewing_a_part_makes_it_new_before_the_next_wear():
    mdp = more.components(2, 3, gamma=0.9, wear=0.5)
    state = 2 * 3 + 1  # first part worn out, second worn a little
    assert nonzero(mdp, state, 0) == pytest.approx({7: 0.25 + 0.5, 8: 0.25})
    assert nonzero(mdp, state, 1) == pytest.approx({1: 0.5, 4: 0.25, 2: 0.25})
    assert mdp.r[3 * state] == pytest.approx(0.4 + 0.6 * (1 - (1 + 0.25) / 2))
    assert mdp.r[3 * state + 1] == pytest.approx(mdp.r[3 * state] - 0.4)


def test_bold_play_is_as_good_as_the_catalogue_s_gambler_with_all_stakes():
    """With an unfair coin, bold play is optimal (Dubins and Savage 1965), and its stakes are among those offered."""
    ours = rl.solve(more.gambler(64, gamma=1 - 1e-9), tol=1e-3).value
    bold = rl.solve(mdps.gambler(64, 0.4, gamma=1 - 1e-9), tol=1e-3).value
    np.testing.assert_allclose(ours[1:64], bold[1:64], atol=1e-6)


def test_stakes_are_powers_of_ten_and_the_most_that_makes_sense():
    mdp = more.gambler(100, gamma=0.9)
    assert [set(nonzero(mdp, 37, a)) for a in range(3)] == [{36, 38}, {27, 47}, {0, 74}]
    assert mdp.action_counts[[0, 1, 10, 50, 100]].tolist() == [1, 1, 2, 3, 1]
    assert nonzero(mdp, 100, 0) == {100: 1.0}


def test_without_truncation_car_rental_is_the_catalogue_s():
    ours, exact = more.car_rental(6, gamma=0.9, smallest=0.0), mdps.car_rental(6, gamma=0.9)
    np.testing.assert_allclose(ours.P.toarray(), exact.P.toarray(), atol=1e-14)
    np.testing.assert_allclose(70 * ours.r, exact.r, atol=1e-12)


def sand_state(heights, piece):
    """Return the number of a state of `sand_tetris(3, 3)`, counted off the wells that have an empty column."""
    wells = [well for well in itertools.product(range(4), repeat=3) if min(well) == 0]
    return 4 * wells.index(heights) + piece


def test_a_full_row_of_sand_vanishes():
    """Heights (1, 0, 0) and a flat domino in columns 1 and 2 fill the lowest row."""
    mdp = more.sand_tetris(3, 3, gamma=0.9)
    state = sand_state((1, 0, 0), piece=0)
    cleared = [a for a in range(mdp.action_counts[state]) if mdp.r[mdp.pair_start[state] + a] > 0]
    assert [mdp.r[mdp.pair_start[state] + a] for a in cleared] == [1 / 3]
    assert nonzero(mdp, state, cleared[0]) == {0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25}


def test_a_piece_that_fits_nowhere_ends_the_game():
    mdp = more.sand_tetris(3, 3, gamma=0.9)
    end = mdp.n_states - 1
    assert nonzero(mdp, sand_state((0, 3, 0), piece=2), 0) == {end: 1.0}  # a square beside a tower
    assert nonzero(mdp, end, 0) == {end: 1.0}
    assert mdp.r[-1] == 0


def test_ragged_states_have_from_one_to_most_actions():
    counts = more.ragged(200, 10, 4, gamma=0.99).action_counts
    assert (counts.min(), counts.max()) == (1, 10)


def test_a_shuffled_model_has_the_same_values_elsewhere():
    grid = problems.grid(6, 6, gamma=0.9)
    number = np.random.default_rng(5).permutation(36)
    shuffled = rl.solve(more.shuffled(grid, seed=5)).value
    np.testing.assert_allclose(shuffled[number], rl.solve(grid).value, atol=1e-8)


def test_a_shuffled_ragged_model_keeps_each_state_s_actions():
    ragged = more.ragged(100, 6, 3, gamma=0.9)
    number = np.random.default_rng(5).permutation(100)
    shuffled = more.shuffled(ragged, seed=5)
    np.testing.assert_array_equal(shuffled.action_counts[number], ragged.action_counts)
    np.testing.assert_allclose(rl.solve(shuffled).value[number], rl.solve(ragged).value, atol=1e-8)


def test_going_round_the_cycle_is_worth_a_geometric_series():
    gamma, n = 0.99, 50
    value = rl.solve(more.cycle(n, gamma=gamma), tol=1e-10).value
    rounds = gamma ** (n - 1) / (1 - gamma**n)
    back_and_forth = 0.01 * gamma / (1 - gamma**2)  # 0 to 1, and back
    assert value[0] == pytest.approx(max(rounds, back_and_forth))
    assert not math.isclose(rounds, back_and_forth, rel_tol=0.1)


def test_layers_lead_to_the_next_one_only():
    mdp = more.mixed_layers(3, 10, 2, gamma=0.9)
    layer = np.arange(30) // 10
    goes = mdp.P.toarray() > 0
    np.testing.assert_array_equal(goes, (layer[mdp.pair_state][:, None] + 1) % 3 == layer)

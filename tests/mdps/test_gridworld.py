import networkx as nx
import numpy as np
import pytest

import mdps
from rltheory import ModelError

ROOMS = """
    S..#....
    .#.#.##.
    .#...#.G
"""


def law(mdp, state, action):
    """Return the next states' names and probabilities of a pair, and its reward."""
    row = mdp.pair_start[mdp.state_names.index(state)] + mdp.action_names.index(action)
    probabilities = mdp.P[[row]].toarray()[0]
    return {mdp.state_names[s]: float(probabilities[s]) for s in np.flatnonzero(probabilities)}, float(mdp.r[row])


def distances_to_goal(art):
    """Return the number of moves from each cell, by breadth-first search in a graph built from the drawing."""
    cells = {(i, j): cell for i, row in enumerate(art.split()) for j, cell in enumerate(row) if cell != "#"}
    graph = nx.grid_2d_graph(len(art.split()), len(art.split()[0])).subgraph(cells)
    (goal,) = (place for place, cell in cells.items() if cell == "G")
    distance = nx.single_source_shortest_path_length(graph, goal)
    return np.array([distance[place] for place in sorted(cells)])


@pytest.mark.parametrize("step_reward", [0.0, -0.01])
def test_without_slip_the_value_follows_from_the_distance_to_the_goal(step_reward, optimal_value):
    gamma, d = 0.9, distances_to_goal(ROOMS)
    v = optimal_value(mdps.gridworld(ROOMS, slip=0.0, step_reward=step_reward, gamma=gamma))
    closed_form = np.where(d > 0, gamma ** (d - 1.0) + step_reward * (1 - gamma**d) / (1 - gamma), 0)
    np.testing.assert_allclose(v, closed_form, atol=1e-12)


def test_the_windy_gridworld_takes_fifteen_moves(optimal_value):
    art = "\n".join([".........." if row != 3 else "S......G.." for row in range(7)])
    windy = mdps.gridworld(
        art, slip=0.0, wind=[0, 0, 0, 1, 1, 1, 2, 2, 1, 0], step_reward=-1.0, goal_reward=0.0, gamma=0.99
    )
    assert windy.mu @ optimal_value(windy) == pytest.approx(-(1 - 0.99**15) / 0.01)


def test_a_slip_goes_to_the_two_perpendicular_directions_half_each():
    grid = mdps.gridworld("...\n.S.\n..G", slip=0.2)
    assert law(grid, "(1, 1)", "up") == ({"(0, 1)": 0.8, "(1, 0)": 0.1, "(1, 2)": 0.1}, 0.0)


def test_walls_and_edges_stop_a_move():
    grid = mdps.gridworld("S#\n..", slip=0.5)
    assert law(grid, "(0, 0)", "right") == ({"(0, 0)": 0.75, "(1, 0)": 0.25}, 0.0)


def test_wind_pushes_up_from_the_column_that_was_left_until_something_stops_it():
    grid = mdps.gridworld("...\n#..\n...\nS..", slip=0.0, wind=[2.0, 0.25, 0.0])
    assert law(grid, "(3, 0)", "up") == ({"(2, 0)": 1.0}, 0.0)
    assert law(grid, "(3, 0)", "right") == ({"(1, 1)": 1.0}, 0.0)
    assert law(grid, "(3, 1)", "right") == ({"(3, 2)": 0.75, "(2, 2)": 0.25}, 0.0)


def test_a_mover_is_blown_over_the_goal():
    grid = mdps.gridworld(".\nG\nS", slip=0.0, wind=[1])
    assert law(grid, "(2, 0)", "up") == ({"(0, 0)": 1.0}, 0.0)


@pytest.mark.parametrize(("end", "reward"), [("G", 0.9), ("T", -1.1)])
def test_goals_and_traps_pay_on_entry_and_hold_for_ever(end, reward):
    grid = mdps.gridworld(f"S{end}", slip=0.0, step_reward=-0.1)
    assert law(grid, "(0, 0)", "right") == ({"(0, 1)": 1.0}, pytest.approx(reward))
    assert law(grid, "(0, 1)", "left") == ({"(0, 1)": 1.0}, 0.0)


def test_the_drawing_can_be_recovered_from_the_names():
    grid = mdps.gridworld("S..#\n.#.G")
    assert grid.state_names == ("(0, 0)", "(0, 1)", "(0, 2)", "(1, 0)", "(1, 2)", "(1, 3)")
    assert grid.action_names == ("up", "right", "down", "left")


def test_episodes_begin_in_each_start_with_equal_probability():
    np.testing.assert_array_equal(mdps.gridworld("S.\nGS").mu, [0.5, 0, 0, 0.5])


@pytest.mark.parametrize(
    ("art", "message"),
    [
        ("S..\n.x.", r"row 1, column 1 is 'x'; a cell is S \(start\), G \(goal\)"),
        ("S. G", "row 0, column 2 is ' '"),
        ("S..\n.G", r"row 1 ends at column 1 \('G'\), row 0 at column 2 \('.'\)"),
        ("S.\n\n.G", r"row 1 ends at column -1 \(''\)"),
        ("..\n.G", "no cell of the 2 rows and 2 columns is 'S'"),
        ("", "no cell of the 0 rows and 0 columns is 'S'"),
    ],
)
def test_a_drawing_that_is_not_a_grid_is_refused_by_row_column_and_character(art, message):
    with pytest.raises(ModelError, match=message):
        mdps.gridworld(art)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slip": 1.1}, "slip is 1.1"),
        ({"wind": [0]}, "wind has 1 entries; the grid has 2 columns"),
        ({"wind": [0, -1]}, "wind of column 1 is -1; it must be a number of at least 0"),
        ({"goal_reward": np.inf}, "the reward of state 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(options, message):
    with pytest.raises(ModelError, match=message):
        mdps.gridworld("SG", **options)

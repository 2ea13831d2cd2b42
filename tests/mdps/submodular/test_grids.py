import json

import networkx as nx
import numpy as np
import pytest

from mdps.submodular import (
    bimodal_weight,
    block_coverage,
    coverage_grid,
    grid,
    linear_weight,
    random_steiner_covering,
    steiner_covering,
    two_room,
)
from rltheory import ModelError
from rltheory.planning import backward_induction
from rltheory.submodular.functions.coverage import Coverage


def modular_bound(mdp):
    """Return the value of the additive problem that pays every visit as if it were the first: an upper bound."""
    singletons = mdp.F.gains_along(np.arange(mdp.n_states)[:, None])[:, 0]
    return mdp.mu @ (singletons + backward_induction(mdp.with_rewards(singletons)).value[0])


def walk(mdp, *moves):
    """Return the states along a walk of named moves from the start."""
    rows, path = mdp.dynamics.rows(0), [int(mdp.mu.argmax())]
    for move in moves:
        row = rows[[mdp.pair_start[path[-1]] + mdp.action_names.index(move)]].toarray()[0]
        path.append(int(row.argmax()))
    return path


def test_moves_step_to_the_neighbour_and_stop_at_walls_and_edges():
    free = np.array([[True, False], [True, True]])
    mdp = grid(Coverage(np.eye(4)), free, 5)
    assert walk(mdp, "right", "down", "right", "up", "stay") == [0, 0, 2, 3, 3, 3]
    assert walk(mdp, "left", "up", "down", "down", "left") == [0, 0, 0, 2, 2, 2]


def test_a_slip_replaces_the_action_by_any_of_the_five():
    mdp = grid(Coverage(np.eye(9)), np.ones((3, 3), dtype=bool), 1, start=(1, 1), slip=0.5)
    law = mdp.dynamics.rows(0)[[mdp.pair_start[4] + mdp.action_names.index("right")]].toarray()[0]
    assert law == pytest.approx([0, 0.1, 0, 0.1, 0.1, 0.6, 0, 0.1, 0])
    assert mdp.P.sum(axis=1) == pytest.approx(np.ones(45))


def test_one_sees_a_block_of_four_cells_within_walls_and_edges():
    free = np.array([[True, True, False], [True, True, True]])
    F = block_coverage(free, np.ones((2, 3)))
    assert [F.items_of(v).tolist() for v in range(6)] == [[0, 1, 3, 4], [1, 4, 5], [], [3, 4], [4, 5], [5]]


def test_the_wide_view_is_a_block_of_nine_cells():
    F = block_coverage(np.ones((4, 4), dtype=bool), np.ones((4, 4)), wide=True)
    assert F.items_of(0).tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert F.items_of(15).tolist() == [15]


def test_the_two_rooms_are_joined_by_a_corridor_of_two_rows():
    mdp = two_room()
    graph = nx.DiGraph(list(zip(mdp.pair_state.tolist(), mdp.P.indices.tolist(), strict=True)))
    reached = nx.descendants(graph, 34) | {34}
    assert len(reached) == 68
    assert mdp.state_names[34] == "(2, 6)"
    corridor = graph.subgraph(set(reached) - {14 * i + j for i in (2, 3) for j in range(4, 10)})
    assert nx.number_weakly_connected_components(corridor) == 2


@pytest.mark.parametrize(
    ("build", "bound"),
    [(two_room, 160), (lambda: coverage_grid(bimodal_weight()), 113.98)],
    ids=["two rooms", "bimodal"],
)
def test_the_additive_bound_of_a_published_grid_is_the_one_computed_elsewhere(build, bound):
    assert modular_bound(build()) == pytest.approx(bound, abs=0.005)


def test_the_additive_bounds_of_the_published_densities_are_those_computed_elsewhere(shared_data):
    densities = np.load(shared_data("submodular/gp_density_30x30.npz"))["density"]
    bounds = [modular_bound(coverage_grid(density.reshape(30, 30))) for density in densities]
    assert bounds == pytest.approx(
        [655.244, 579.954, 537.856, 604.863, 689.076, 639.479, 693.832, 634.084, 583.709, 628.810], abs=5e-4
    )


def test_a_winding_walk_sees_two_new_cells_with_each_move():
    mdp = coverage_grid(np.ones((30, 30)), H=79)
    winding = ["right"] * 24 + ["down"] * 2 + ["left"] * 25 + ["down"] * 2 + ["right"] * 25 + ["down"]
    gains = mdp.F.gains_along(np.array([walk(mdp, *winding)]))[0]
    assert gains.tolist() == [4] + [2] * 79


def test_the_bimodal_weight_is_symmetric_and_heavy_in_two_corners():
    weight = bimodal_weight()
    assert weight[0, 0] == weight[-1, -1] == weight.max() == pytest.approx(1 / (1 + np.exp(-1)))
    assert weight == pytest.approx(weight.T)
    assert weight == pytest.approx(weight[::-1, ::-1])


def test_the_linear_weight_is_the_number_of_the_cell():
    assert linear_weight(2, 3).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_the_published_items_lie_on_distinct_cells_and_suffice_for_the_demand(shared_data):
    data = json.loads(shared_data("submodular/steiner_covering_7x15.json").read_text())
    for environment in data["envs"].values():
        groups = [environment["items"][kind] for kind in environment["order"]]
        mdp = steiner_covering(groups)
        assert int(mdp.mu.argmax()) == data["start"]
        assert len(set().union(*groups)) == 93
        assert mdp.F.value(range(105)) == 21
        assert mdp.F.value(groups[4]) == 6


def test_items_are_scattered_over_distinct_cells_by_the_seed_alone():
    first, again, other = (random_steiner_covering(rng=seed) for seed in (0, 0, 1))
    held = first.F.amounts.toarray()
    assert held.sum(axis=0).tolist() == [18, 14, 13, 16, 18, 14]
    assert held.sum(axis=1).max() == 1
    assert (held == again.F.amounts.toarray()).all()
    assert (held != other.F.amounts.toarray()).any()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: coverage_grid(np.ones(4)), r"weight has shape \(4,\); it must be one number for each row and column"),
        (lambda: coverage_grid(np.ones((2, 2)), start=(2, 0)), r"start is \(2, 0\); .* free cell of 2 x 2 cells"),
        (lambda: coverage_grid(np.ones((2, 2)), start=(0, 0), slip=2), r"slip is 2; .* \[0, 1\]"),
        (lambda: coverage_grid([[1.0, -1.0]], start=(0, 0)), r"weight.*item 1 is -1"),
        (lambda: block_coverage(np.ones((2, 2)), np.ones((2, 2))), r"free has shape \(2, 2\) and dtype float64"),
        (lambda: block_coverage(np.ones((2, 2), dtype=bool), np.ones((2, 3))), r"weight has shape \(2, 3\)"),
        (lambda: steiner_covering([[105]], [1]), r"group 0.*105"),
        (lambda: random_steiner_covering(shape=(3, 4)), r"supplies sum to 93 items; 3 x 4 cells hold at most 12"),
    ],
    ids=[
        "flat weight",
        "start off the grid",
        "slip",
        "negative weight",
        "free",
        "shapes",
        "cell off the grid",
        "crowded",
    ],
)
def test_what_is_no_grid_is_refused(build, message):
    with pytest.raises(ModelError, match=message):
        build()

"""What is drawn is what was computed: heights, images, arrows and lines hold the numbers."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.quiver import Quiver

import rltheory as rl
from rltheory import plotting

UP, RIGHT, DOWN, LEFT = (0, -1), (1, 0), (0, 1), (-1, 0)


def grid_model(names=((0, 0), (0, 1), (1, 1)), actions=("up", "right", "down", "left"), **changes):
    """Return a model whose states are cells and whose last state is absorbing; every action leads there."""
    n = len(names)
    P = np.zeros((n, len(actions), n))
    P[..., -1] = 1
    r = np.ones((n, len(actions)))
    r[-1] = 0
    return rl.MDP.from_arrays(P, r, 0.5, state_names=names, action_names=actions, **changes)


def random_model(n_states, seed=0):
    rng = np.random.default_rng(seed)
    return rl.MDP.from_arrays(rng.dirichlet(np.ones(n_states), (n_states, 2)), rng.normal(size=(n_states, 2)), 0.9)


def heights(ax):
    return [bar.get_height() for bar in ax.containers[-1].patches]


def arrows(ax):
    (quiver,) = (artist for artist in ax.collections if isinstance(artist, Quiver))
    ends = np.stack([quiver.U, quiver.V], axis=1)
    return {tuple(at): tuple(end) for at, end in zip(quiver.get_offsets().tolist(), ends.tolist(), strict=True)}


def test_bars_have_the_heights_of_the_table(ax):
    model = random_model(5)
    solution = rl.solve(model)

    assert plotting.values(model, solution, ax) is ax

    table = plotting.values_table(model, solution)
    assert heights(ax) == [row["value"] for row in table] == solution.value.tolist()
    assert [row["lower"] for row in table] == solution.lower.tolist()
    assert ax.get_ylabel() == "value (reward units)"
    assert ax.get_xlabel() == "state"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list("01234")


def test_error_bars_are_the_enclosure(ax):
    model = random_model(3)
    wide = rl.PolicyValue(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.0]), np.array([1.5, 2.5, 4.0]), "by hand")

    plotting.values(model, wide, ax)

    (bars,) = ax.containers[-1].errorbar.lines[2]
    assert [segment[:, 1].tolist() for segment in bars.get_segments()] == [[0.5, 1.5], [1.5, 2.5], [2.0, 4.0]]


def test_many_states_are_one_outline(ax):
    value = np.arange(300.0)

    plotting.values(rl.MDP.from_pairs(np.eye(300), np.zeros(300), 0.9, n_actions=1), value, ax)

    assert ax.patches[0].get_data().values.tolist() == value.tolist()


def test_a_grid_is_a_map_with_walls(ax):
    plotting.values(grid_model(), [3.0, 2.0, 0.5], ax)

    image = ax.images[0].get_array()
    assert image.tolist() == [[3.0, 2.0], [None, 0.5]]
    assert image.mask.tolist() == [[False, False], [True, False]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("column", "row")
    assert [text.get_text() for text in ax.texts] == ["3", "2", "0.5"]
    assert "value (reward units)" in [child.get_ylabel() for child in ax.child_axes]


def test_rounding_errors_are_written_as_zero(ax):
    plotting.values(grid_model(), [1.0, -2e-15, 0.0], ax)

    assert [text.get_text() for text in ax.texts] == ["1", "0", "0"]
    assert ax.images[0].get_array()[0, 1] == -2e-15


def test_a_shape_makes_a_grid_of_unnamed_states_and_leaves_an_added_end_out(ax):
    model = grid_model(range(7))

    plotting.values(model, np.arange(7.0), ax, shape=(2, 3))

    assert ax.images[0].get_array().tolist() == [[0, 1, 2], [3, 4, 5]]


def test_the_map_shows_the_step_that_was_asked_for(ax):
    model = grid_model().finite_horizon(3)
    solution = rl.solve(model)

    plotting.values(model, solution, ax, t=2)

    assert ax.images[0].get_array().compressed().tolist() == solution.value[2].tolist()


def test_arrows_point_where_the_actions_go(ax):
    model = grid_model(((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)))

    plotting.policy(model, [0, 1, 2, 3, 0], ax)

    assert arrows(ax) == {(0, 0): UP, (1, 0): RIGHT, (0, 1): DOWN, (1, 1): LEFT}
    low, high = ax.get_ylim()
    assert low > high  # rows are counted downwards, so that a positive V points down


def test_absorbing_states_have_a_dot(ax):
    plotting.policy(grid_model(), [0, 0, 0], ax)

    assert [c.get_offsets().tolist() for c in ax.collections if type(c).__name__ == "PathCollection"] == [[[1, 1]]]


def test_directions_overrule_names_and_gymnasium_knows_its_own(ax):
    plotting.policy(grid_model(range(5)), [0, 1, 2, 3, 0], ax, shape=(2, 2), directions=("left", "down", "right", "up"))

    assert arrows(ax) == {(0, 0): LEFT, (1, 0): DOWN, (0, 1): RIGHT, (1, 1): UP}


def test_the_arrows_of_a_stochastic_policy_are_as_long_as_they_are_likely(ax):
    policy = np.array([[0.75, 0.25, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]])

    plotting.policy(grid_model(), policy, ax)

    quiver = ax.collections[-1]
    drawn = list(zip(quiver.get_offsets().tolist(), quiver.U.tolist(), quiver.V.tolist(), strict=True))
    assert drawn == [([0, 0], 0, -0.75), ([0, 0], 0.25, 0), ([1, 0], 1, 0)]


def test_actions_without_a_direction_are_written_out(ax):
    plotting.policy(grid_model(actions=("up", "pick up")), [1, 0, 0], ax)

    assert [text.get_text() for text in ax.texts] == ["pick up"]


def test_a_policy_is_drawn_over_the_values(ax):
    model = grid_model()
    solution = rl.solve(model)

    plotting.policy(model, solution, plotting.values(model, solution, ax))

    assert len(ax.images) == 1
    assert arrows(ax) == {(0, -0.1): UP, (1, -0.1): UP}


def test_a_graph_names_each_state_and_the_chance_of_each_move(ax):
    P = [[[0.25, 0.75], [1.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]]]
    model = rl.MDP.from_arrays(P, np.zeros((2, 2)), 0.9, state_names=["a", "b"], action_names=["go", "stay"])

    plotting.policy(model, [0, 1], ax)

    assert [text.get_text() for text in ax.texts] == ["a\ngo\n↻ 0.25", "b\nstay\n↻ 1", "0.75"]


def test_a_graph_lies_from_left_to_right(ax):
    steps = np.eye(5, k=1)
    steps[-1, -1] = 1
    model = rl.MDP.from_pairs(steps, np.zeros(5), 0.9, n_actions=1)

    plotting.policy(model.finite_horizon(2), np.zeros((2, 5), dtype=int), ax)

    x = [text.get_position()[0] for text in ax.texts[:5]]
    assert x == sorted(x)


def test_the_policy_table_has_a_row_for_each_action_taken():
    model = grid_model()

    table = plotting.policy_table(model, np.array([[0.5, 0.5, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]))

    assert [(row["state"], row["action"], row["prob"]) for row in table] == [
        ("(0, 0)", "up", 0.5),
        ("(0, 0)", "right", 0.5),
        ("(0, 1)", "right", 1.0),
        ("(1, 1)", "up", 1.0),
    ]


def test_convergence_shows_the_error_below_both_bounds(ax):
    model = random_model(4)
    optimum = rl.solve(model, tol=1e-10)

    table = plotting.convergence_table(model, sweeps=30, optimum=optimum)
    plotting.convergence(table, ax)

    v, size = np.zeros(4), np.abs(model.r.reshape(4, 2).max(axis=1)).max()
    for k, row in enumerate(table):
        backed_up = (model.r + 0.9 * (model.P @ v)).reshape(4, 2).max(axis=1)
        assert row["sweep"] == k
        assert row["measured error"] == pytest.approx(np.abs(v - optimum.value).max())
        assert row["a-posteriori bound"] == pytest.approx(np.abs(backed_up - v).max() / 0.1)
        assert row["a-priori bound"] == pytest.approx(0.9**k * size / 0.1)
        assert row["measured error"] <= row["a-posteriori bound"] <= row["a-priori bound"] * (1 + 1e-12)
        v = backed_up
    for line, name in zip(ax.lines, list(table[0])[1:], strict=True):
        assert line.get_label() == name
        assert line.get_ydata().tolist() == [row[name] for row in table]
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sweep", "largest error of a state (reward units)")


def test_convergence_of_a_solution_is_its_history(ax):
    solution = rl.value_iteration(random_model(4))

    plotting.convergence(solution, ax)

    positive = solution.history[solution.history > 0]
    assert ax.lines[0].get_ydata()[: positive.size].tolist() == positive.tolist()
    assert ax.lines[0].get_xdata()[0] == 1


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda m: plotting.values(m, [1.0]), r"value has shape \(1,\); the model has 3 states"),
        (lambda m: plotting.values(m, [1.0, 2.0, 3.0], shape=(2, 3)), r"shape \(2, 3\) has 6 cells"),
        (lambda m: plotting.values(m, np.ones((4, 3)), t=4), r"no step t = 4; steps are 0\.\.3"),
        (lambda m: plotting.policy(m, [0, 0]), r"policy has shape \(2,\); for this model it is \(3,\)"),
        (lambda m: plotting.policy(m, [0, 0, 0], directions=["up"]), "directions has 1 entries"),
        (lambda m: plotting.policy(random_model(31), [0] * 31), "a graph of 31 states is unreadable"),
        (lambda m: plotting.convergence([]), "no round to draw"),
        (lambda m: plotting.convergence_table(m.replace(gamma=1.0)), "gamma"),
    ],
)
def test_what_cannot_be_drawn_says_why(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(grid_model())


def test_new_axes_are_made_only_if_none_are_given(ax):
    import matplotlib.pyplot as plt

    plotting.values(grid_model(), [0.0, 0.0, 0.0], ax)
    assert plt.get_fignums() == []
    plotting.values(grid_model(), [0.0, 0.0, 0.0])
    assert len(plt.get_fignums()) == 1


def test_importing_the_wing_does_not_import_matplotlib():
    program = "import sys, rltheory.plotting; print('matplotlib' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"

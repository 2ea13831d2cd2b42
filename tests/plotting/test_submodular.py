"""Paths lie on their cells, bands hold the standard errors, and brackets end at what is proven."""

import math

import numpy as np
import pytest

from mdps.submodular import coin_mirror, grid, two_room
from rltheory import plotting
from rltheory.submodular import Certified, PolicyRun, functions, modular_planning, subpo

ROW = grid(functions.Modular([1.0, 0.0, 2.0, 5.0]), np.array([[True, True, True, False]]), H=2)
EAST = Certified(3.0, 4.0, "by hand", path=[0, 1, 2])
STILL = Certified(1.0, math.inf, "by hand", path=[0, 0, 0])
RANDOM = Certified(1.0, 2.0, "by hand")


def run(returns, errors, batch=10):
    return PolicyRun(None, "by hand", None, np.array(returns), np.array(errors), batch, np.zeros(1), 0.0)


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_path_goes_through_the_centres_of_its_cells(ax):
    assert plotting.paths(ROW, {"east": EAST}, ax) is ax

    assert ax.lines[0].get_xydata().tolist() == [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    assert labels(ax) == ["east: 3 of at most 4"]


def test_several_paths_are_apart_and_stay_inside_their_cells(ax):
    plotting.paths(ROW, {"east": EAST, "still": STILL}, ax)

    east, still = ax.lines[:2]
    assert not np.allclose(east.get_xydata()[0], still.get_xydata()[0])
    assert np.abs(still.get_xydata()).max() < 0.5
    assert labels(ax) == ["east: 3 of at most 4", "still: 1"]


def test_the_map_shows_the_worth_of_each_cell_alone_and_masks_walls(ax):
    plotting.paths(ROW, {"east": EAST}, ax)

    image = ax.images[0].get_array()
    assert image.mask.tolist() == [[False, False, False, True]]
    assert image.compressed().tolist() == [1.0, 0.0, 2.0]


def test_the_map_may_show_other_numbers(ax):
    plotting.paths(ROW, {"east": EAST}, ax, weight=[[4, 3, 2, 1]])

    assert ax.images[0].get_array().compressed().tolist() == [4.0, 3.0, 2.0]


def test_two_rooms_have_thirty_walls(ax):
    rooms = two_room()
    plotting.paths(rooms, {"modular": modular_planning(rooms)}, ax)

    assert ax.images[0].get_array().mask.sum() == 30


def test_the_table_has_the_gain_of_each_arrival():
    rows = plotting.paths_table(ROW, {"east": EAST, "still": STILL})

    assert [row["gain"] for row in rows] == [1.0, 0.0, 2.0, 1.0, 0.0, 0.0]
    assert rows[2] == {"path": "east", "h": 2, "state": "(0, 2)", "gain": 2.0, "row": 0, "column": 2}


def test_a_table_of_paths_needs_no_grid():
    rows = plotting.paths_table(coin_mirror(), {"left": Certified(1.0, 2.0, "by hand", path=[0, 1, 3, 5])})

    assert [row["state"] for row in rows] == ["start", "L", "middle", "r"]
    assert sum(row["gain"] for row in rows) == 2.0
    assert "row" not in rows[0]


def test_the_band_of_several_runs_is_two_standard_errors_of_their_mean(ax):
    runs = {"learner": [run([1.0, 4.0], [0.0, 0.0]), run([3.0, 4.0], [9.0, 9.0])]}
    rows = plotting.learning_curves_table(runs)

    assert [row["rollouts"] for row in rows] == [10, 20]
    assert [row["mean"] for row in rows] == [2.0, 4.0]
    assert rows[0]["high"] == pytest.approx(2.0 + 2 * math.sqrt(2) / math.sqrt(2))
    assert rows[1]["low"] == rows[1]["high"] == 4.0

    plotting.learning_curves(runs, ax, upper=5.0)
    assert labels(ax) == ["learner (2 runs)", "no policy exceeds 5"]
    assert ax.lines[0].get_xydata().tolist() == [[10.0, 2.0], [20.0, 4.0]]


def test_the_band_of_one_run_is_that_of_its_batches():
    row = plotting.learning_curves_table({"learner": [run([1.0], [0.25])]})[0]
    assert (row["low"], row["mean"], row["high"]) == (0.5, 1.0, 1.5)


def test_a_true_run_stays_below_the_bound(ax):
    found = subpo(coin_mirror(), rounds=5, batch=50, rng=0)
    plotting.learning_curves({"Markov": [found]}, ax, upper=2.0)

    assert ax.lines[0].get_ydata().tolist() == found.returns.tolist()
    assert ax.lines[0].get_ydata().max() <= 2.0


def test_bars_end_at_what_is_reached_and_marks_at_what_is_proven(ax):
    assert plotting.brackets({"east": EAST, "still": STILL, "random": RANDOM}, ax) is ax

    reached, possible = ax.containers
    assert [bar.get_width() for bar in reached] == [3.0, 1.0, 1.0]
    assert [(bar.get_x(), bar.get_width()) for bar in possible] == [(3.0, 1.0), (1.0, 1.0)]
    assert ax.lines[0].get_xdata().tolist() == [4.0, 2.0]
    assert [text.get_text().strip() for text in ax.texts] == ["3 (75 %)", "1", "1 (50 %)"]


def test_the_table_of_brackets_has_the_proven_part():
    rows = plotting.brackets_table({"east": EAST, "still": STILL})
    assert rows[0] == {"answer": "east", "lower": 3.0, "upper": 4.0, "ratio": 0.75}
    assert (rows[1]["upper"], rows[1]["ratio"]) == (math.inf, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.paths(ROW, {}), "no answer"),
        (lambda: plotting.paths(ROW, {"r": RANDOM}), "'r' has no path"),
        (lambda: plotting.paths(ROW, {"e": EAST}, weight=[1, 2]), "weight has 2 numbers; the model has 4 states"),
        (lambda: plotting.paths(coin_mirror(), {"e": EAST}), "the states are no grid"),
        (lambda: plotting.learning_curves({}), "no run"),
        (
            lambda: plotting.learning_curves({"a": [run([1.0], [0.0]), run([1.0], [0.0], batch=20)]}),
            r"runs of 'a' have rounds and batches \[\(1, 10\), \(1, 20\)\]",
        ),
        (lambda: plotting.brackets({}), "no answer"),
    ],
    ids=["no answer", "no path", "weight", "no grid", "no run", "runs", "no bracket"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""The picture of bounds and measurements holds the numbers of the comparison."""

import math

import numpy as np
import pytest

from rltheory import plotting
from rltheory.horizon.comparison import Comparison

TABLE = Comparison(
    ("a", "b", "c"),
    {"loose": np.array([10.0, 1000.0, math.inf]), "close": np.array([2.0, 30.0, math.nan])},
    {"gorp": np.array([1.0, 20.0, 300.0])},
)


def test_points_are_the_games_of_which_something_finite_is_known(ax):
    assert plotting.comparison(TABLE, "gorp", ax) is ax

    loose, close, diagonal = ax.lines
    assert loose.get_xydata().tolist() == [[10.0, 1.0], [1000.0, 20.0]]
    assert close.get_xydata().tolist() == [[2.0, 1.0], [30.0, 20.0]]
    assert diagonal.get_xydata().tolist() == [[1.0, 1.0], [20.0, 20.0]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "timesteps" in ax.get_xlabel()
    assert "timesteps" in ax.get_ylabel()


def test_the_legend_has_the_rank_correlations(ax):
    plotting.comparison(TABLE, "gorp", ax)

    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["loose (ranks 1.00, 3 games)", "close (ranks 1.00, 2 games)"]


def test_bounds_may_be_chosen(ax):
    plotting.comparison(TABLE, "gorp", ax, bounds=["close"])

    assert len(ax.get_legend().get_texts()) == 1


def test_the_table_has_all_games():
    rows = plotting.comparison_table(TABLE, "gorp")
    assert [(row["bound"], row["game"]) for row in rows] == [(b, g) for b in ("loose", "close") for g in "abc"]
    assert [row["taken"] for row in rows] == [1.0, 20.0, 300.0] * 2
    assert rows[2]["promised"] == math.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.comparison_table(TABLE, "ppo"), "'ppo' was not measured; there is gorp"),
        (lambda: plotting.comparison(TABLE, "gorp", bounds=["tight"]), "no bound 'tight'; there is loose, close"),
        (
            lambda: plotting.comparison(Comparison(("a",), {"x": np.array([math.inf])}, {"y": np.ones(1)}), "y"),
            "no point to draw",
        ),
    ],
    ids=["measurement", "bound", "nothing"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

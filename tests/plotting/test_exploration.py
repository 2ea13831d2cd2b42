"""The picture of regret holds sums that can be done by hand, and the bounds where they were asked for."""

import math

import numpy as np
import pytest

from rltheory import plotting
from rltheory.exploration import LearningRun


def run(*regret):
    return LearningRun("learner", 1.0, np.array(regret, dtype=float), np.zeros((1, 1), dtype=int))


CONSTANT = [run(*[1.0] * 8), run(*[3.0] * 8)]


def test_a_line_is_the_mean_and_the_band_reaches_from_the_lowest_to_the_highest(ax):
    assert plotting.regret({"two": CONSTANT}, ax) is ax

    (line,), (band,) = ax.lines, ax.collections
    episodes = np.arange(1, 9)
    assert np.array_equal(line.get_xdata(), episodes)
    assert np.allclose(line.get_ydata(), 2 * episodes)
    corners = band.get_paths()[0].vertices
    for k in episodes:
        heights = corners[corners[:, 0] == k, 1]
        assert (heights.min(), heights.max()) == (k, 3 * k)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "reward units" in ax.get_ylabel()


def test_bounds_stand_above_and_below_and_have_styles_of_their_own(ax):
    plotting.regret(
        {"two": CONSTANT},
        ax,
        upper={"trivial": lambda K: 4.0 * K, "proven": lambda K: 20 * math.sqrt(K)},
        lower={"nobody": math.sqrt},
    )

    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["trivial", "proven", "two (2 runs)", "nobody"]
    assert len({line.get_linestyle() for line in ax.lines}) == 4
    trivial, proven, _, nobody = ax.lines
    assert np.allclose(trivial.get_ydata(), 4 * trivial.get_xdata())
    assert np.allclose(proven.get_ydata() / 20, nobody.get_ydata())


def test_what_is_only_rounding_has_no_place_on_a_logarithmic_axis(ax):
    plotting.regret({"lucky": run(0.0, 1e-16, -1e-16, 1.0)}, ax)

    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [True, True, True, False]
    assert ax.get_ylim()[0] > 1e-9


def test_a_run_that_lost_nothing_stretches_its_band_to_below_every_line(ax):
    plotting.regret({"some": [run(0.0, 0.0), run(2.0, 2.0)]}, ax)

    assert ax.lines[0].get_ydata().tolist() == [1.0, 2.0]
    corners = ax.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (0.5, 4.0)


def test_the_table_has_the_same_numbers_and_the_error_of_the_mean():
    rows = plotting.regret_table({"two": CONSTANT, "one": run(1.0, 1.0)}, upper={"trivial": lambda K: 4.0 * K})

    last = {row["curve"]: row for row in rows}
    assert {name: row["episodes"] for name, row in last.items()} == {"two": 8, "one": 2, "trivial": 8}
    assert last["two"]["error"] == pytest.approx(8 * math.sqrt(2) / math.sqrt(2))
    assert math.isnan(last["one"]["error"])
    assert (last["trivial"]["regret"], last["trivial"]["runs"]) == (32.0, 0)


def test_a_long_run_has_few_points_from_the_first_episode_to_the_last():
    rows = plotting.regret_table({"long": run(*np.ones(10**5))})

    episodes = [row["episodes"] for row in rows]
    assert len(episodes) <= 60
    assert (episodes[0], episodes[-1]) == (1, 10**5)
    assert [row["regret"] for row in rows] == pytest.approx(episodes)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([], "'it' has no runs"),
        ([run(1.0), run(1.0, 1.0)], "'it' has 1 and 2"),
        (run(), "'it' has 0"),
    ],
    ids=["none", "lengths", "episodes"],
)
def test_runs_that_cannot_be_compared_are_named(runs, message):
    with pytest.raises(ValueError, match=message):
        plotting.regret({"it": runs})

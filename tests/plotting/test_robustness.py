"""Pictures of robustness hold their numbers: kernels are stacked up to 1, bands lie between quantiles of runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rltheory import plotting, robust

P, V = np.array([0.1, 0.2, 0.3, 0.4]), np.array([2.0, 0.0, 4.0, 1.0])
RADII = (0.5, 0.0, 0.2)
ANSWERS = {rho: robust.worst_case(robust.TV(rho=rho), P, V) for rho in RADII}
AMOUNTS = np.linspace(0, 1, 5)
RUNS = np.random.default_rng(0).random((7, 5))


def heights(area, x):
    """Return the lower and the upper end of a filled area at a vertex x."""
    return np.unique([y for at, y in area.get_paths()[0].vertices if at == x])[[0, -1]]


def test_kernels_are_stacked_with_the_worst_state_at_the_bottom(ax):
    plotting.worst_kernels(ANSWERS, V, ax)

    bounds = np.array([[heights(area, rho) for area in ax.collections] for rho in sorted(RADII)])
    below, above = bounds[..., 0], bounds[..., 1]
    np.testing.assert_allclose(below[:, 0], 0)
    np.testing.assert_allclose(below[:, 1:], above[:, :-1])
    np.testing.assert_allclose(above[:, -1], 1)
    # total variation takes from the highest value, 4, and then from 2, and gives to 0
    masses = [[0.2, 0.4, 0.1, 0.3], [0.4, 0.4, 0.1, 0.1], [0.7, 0.3, 0.0, 0.0]]
    np.testing.assert_allclose(above - below, masses, atol=1e-12)


def test_states_are_named_by_their_values_as_they_are_stacked(ax):
    assert plotting.worst_kernels(ANSWERS, V, ax) is ax

    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["value 4", "value 2", "value 1", "value 0"]
    assert ax.get_xlim() == (0, 0.5)


def test_the_table_has_the_worst_case_of_each_row():
    rows = plotting.worst_kernels_table(ANSWERS, V)

    assert [row["amount"] for row in rows[::4]] == sorted(RADII)
    assert [row["state"] for row in rows[:4]] == [0, 1, 2, 3]
    for rho in RADII:
        mine = [row for row in rows if row["amount"] == rho]
        assert sum(row["mass"] for row in mine) == pytest.approx(1)
        assert sum(row["mass"] * row["value"] for row in mine) == pytest.approx(mine[0]["worst case"])


def test_a_curve_is_the_mean_of_its_runs_and_its_band_is_between_quantiles(ax):
    plotting.robustness(AMOUNTS, {"runs": RUNS}, ax, band=(0, 1))

    assert ax.lines[0].get_ydata() == pytest.approx(RUNS.mean(axis=0))
    ends = np.array([heights(ax.collections[0], x) for x in AMOUNTS])
    np.testing.assert_allclose(ends, np.column_stack([RUNS.min(axis=0), RUNS.max(axis=0)]))


def test_a_single_curve_has_no_band(ax):
    plotting.robustness(AMOUNTS, {"alone": RUNS[0]}, ax)

    assert ax.lines[0].get_ydata().tolist() == RUNS[0].tolist()
    assert not ax.collections


def test_every_curve_is_named_and_looks_its_own(ax):
    assert plotting.robustness(AMOUNTS, {"one": RUNS, "two": RUNS[:2], "three": RUNS[0]}, ax) is ax

    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two", "three"]
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert "reward units" in ax.get_ylabel()


@given(arrays(float, (5, 3), elements=st.integers(-9, 9)), st.sampled_from([0.0, 0.1, 0.25, 0.5]))
def test_the_table_has_order_statistics(values, level):
    rows = plotting.robustness_table([1, 2, 3], {"runs": values}, band=(level, 1 - level))

    assert [row["amount"] for row in rows] == [1, 2, 3]
    assert all(row["runs"] == 5 for row in rows)
    for column, row in zip(np.sort(values, axis=0).T, rows, strict=True):
        assert row["mean"] == pytest.approx(column.sum() / 5)
        at, part = divmod(4 * level, 1)  # linear between the five order statistics
        low = column[int(at)] + part * (column[int(at) + 1] - column[int(at)])
        high = column[4 - int(at)] - part * (column[4 - int(at)] - column[3 - int(at)])
        assert (row["low"], row["high"]) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.worst_kernels({}, V), "no worst case to draw"),
        (lambda: plotting.worst_kernels_table(ANSWERS, V[:3]), r"values have shape \(3,\), and the kernel at 0\.5"),
        (lambda: plotting.robustness(AMOUNTS, {}), "no curve to draw"),
        (lambda: plotting.robustness(AMOUNTS, {"short": RUNS[:, :4]}), r"'short' has shape \(7, 4\)"),
        (lambda: plotting.robustness_table(AMOUNTS, {"none": RUNS[:0]}), r"'none' has shape \(0, 5\)"),
        (lambda: plotting.robustness(AMOUNTS, {"runs": RUNS}, band=(0.9, 0.1)), r"band is \(0\.9, 0\.1\)"),
        (lambda: plotting.robustness(AMOUNTS, {"runs": RUNS}, band=(0.1, 10)), r"band is \(0\.1, 10\)"),
    ],
    ids=["no kernel", "values", "no curve", "length", "no run", "order", "level"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

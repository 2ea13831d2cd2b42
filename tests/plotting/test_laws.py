"""Pictures of laws hold their numbers, and say which are the worst."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import plotting
from rltheory.distributional import DiscreteLaw, risk

COIN, SURE = DiscreteLaw([0.0, 4.0]), DiscreteLaw.point(1.0)
SKEW = DiscreteLaw([-5.0, 1.0], [0.25, 0.75])
LAWS = {"coin": COIN, "sure": SURE, "skew": SKEW}


def laws(max_atoms=6):
    """Return laws with whole atoms and weights."""
    atoms = st.lists(st.integers(-9, 9), min_size=1, max_size=max_atoms, unique=True)
    return atoms.flatmap(
        lambda values: st.lists(st.integers(1, 9), min_size=len(values), max_size=len(values)).map(
            lambda weights: DiscreteLaw(values, np.array(weights) / sum(weights))
        )
    )


@pytest.mark.parametrize("name", LAWS)
def test_a_distribution_function_steps_up_at_its_atoms(name, ax):
    plotting.law_cdf(LAWS, ax)

    line = ax.lines[list(LAWS).index(name)]
    x, y = line.get_xdata(), line.get_ydata()
    assert line.get_drawstyle() == "steps-post"
    assert (x[0], x[-1]) == ax.get_xlim()
    assert y[:-1].tolist() == [LAWS[name].cdf(value) for value in x[:-1]]
    assert y[-1] == 1


def test_bars_stand_side_by_side_around_their_value(ax):
    plotting.law_masses(LAWS, ax)

    heights = [row["probability"] for row in plotting.law_table(LAWS)]
    assert [bar.get_height() for bar in ax.patches] == heights
    width = ax.patches[0].get_width()
    centres = [bar.get_x() + width / 2 for bar in ax.patches]
    np.testing.assert_allclose(centres, [-width, 4 - width, 1, -5 + width, 1 + width])
    assert 3 * width <= 0.8 + 1e-12  # the nearest atoms are 1 apart


@pytest.mark.parametrize("law", [SURE, DiscreteLaw([0.0, 1e-6, 1.0]), DiscreteLaw([0.0, 100.0])])
def test_bars_can_be_seen_and_are_bars(law, ax):
    plotting.law_masses({"one": law}, ax)

    width = ax.patches[0].get_width()
    assert 0.99 / 200 <= width / (np.ptp(law.atoms) or 1) <= 1.01 / 20


def test_the_table_has_the_masses_and_their_sums():
    rows = plotting.law_table(LAWS)

    assert [row["law"] for row in rows] == ["coin", "coin", "sure", "skew", "skew"]
    assert [row["value"] for row in rows] == [0, 4, 1, -5, 1]
    assert [row["at most"] for row in rows] == [0.5, 1, 1, 0.25, 1]


@given(laws(), st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.9, 1.0]))
def test_the_mean_of_the_worst_part_is_cvar(law, tau):
    tail = plotting.law_tail_table(law, tau)
    level = plotting.law_cvar_table({"law": law}, levels=[tau])[0]["CVaR"]

    assert sum(row["in the tail"] for row in tail) == pytest.approx(tau)
    assert sum(row["in the tail"] * row["value"] for row in tail) / tau == pytest.approx(level)
    assert level == pytest.approx(risk.CVaR(tau)(law))


def test_the_worst_part_is_shaded_with_its_mean(ax):
    plotting.law_tail(SKEW, 0.5, ax)

    quantiles, mean = ax.lines
    assert quantiles.get_xdata().tolist() == [0, 0.25, 1]
    assert quantiles.get_ydata().tolist() == [-5, 1, 1]
    assert mean.get_xdata().tolist() == [0, 0.5]
    assert mean.get_ydata().tolist() == [-2, -2]
    shade = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (shade.x0, shade.x1) == pytest.approx((0, 0.5))


def test_levels_run_from_the_worst_case_to_the_mean(ax):
    plotting.law_cvar(LAWS, ax)

    for line, law in zip(ax.lines, LAWS.values(), strict=True):
        assert line.get_xdata()[0] == 0.01
        assert line.get_ydata()[0] == law.atoms[0]
        assert line.get_ydata()[-1] == pytest.approx(law.mean)
        assert (np.diff(line.get_ydata()) >= -1e-12).all()


@pytest.mark.parametrize("draw", [plotting.law_cdf, plotting.law_masses, plotting.law_cvar])
def test_every_law_is_named_and_the_units_are_told(draw, ax):
    assert draw(LAWS, ax) is ax

    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(LAWS)
    assert "reward units" in ax.get_xlabel() + ax.get_ylabel()


@pytest.mark.parametrize("draw", [plotting.law_cdf, plotting.law_masses, plotting.law_cvar, plotting.law_table])
def test_no_law_is_an_error(draw):
    with pytest.raises(ValueError, match="no law to draw"):
        draw({})


@pytest.mark.parametrize("tau", [0.0, -0.5, 1.5, np.nan])
def test_a_tail_has_a_mass(tau):
    with pytest.raises(ValueError, match=r"tau is .* in \(0, 1\]"):
        plotting.law_tail(COIN, tau)

"""The picture of checks holds their numbers."""

import pytest
from matplotlib.colors import to_rgba

from proofs_check.theorem import Check
from rltheory import plotting

CHECKS = {"coin": Check(lhs=0.5, rhs=1.0), "trap": Check(lhs=2.0, rhs=2.0), "broken": Check(lhs=3.0, rhs=2.0)}


@pytest.mark.parametrize(
    ("relative", "column", "label"), [(True, "tightness", "no unit"), (False, "slack", "its units")]
)
def test_points_have_the_heights_of_the_table(relative, column, label, ax):
    plotting.slack(CHECKS, ax, relative=relative)

    points = ax.collections[0]
    assert points.get_offsets()[:, 1].tolist() == [row[column] for row in plotting.slack_table(CHECKS)]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(CHECKS)
    assert ax.get_xlabel() == "instance"
    assert label in ax.get_ylabel()
    assert ax.lines[0].get_ydata()[0] == (1 if relative else 0)


def test_a_violation_is_red(ax):
    plotting.slack(CHECKS, ax)

    blue, red = to_rgba("tab:blue"), to_rgba("tab:red")
    assert [tuple(colour) for colour in ax.collections[0].get_facecolor()] == [blue, blue, red]


def test_unnamed_checks_are_numbered_and_may_come_from_a_generator(ax):
    assert [row["instance"] for row in plotting.slack_table(CHECKS.values())] == ["0", "1", "2"]

    plotting.slack((check for check in CHECKS.values()), ax)

    assert len(ax.collections[0].get_offsets()) == 3


def test_no_check_is_an_error():
    with pytest.raises(ValueError, match="no check to draw"):
        plotting.slack([])

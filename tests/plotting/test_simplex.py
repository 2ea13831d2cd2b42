"""In pictures of strategies over three actions the actions are corners, and a mixture is the mean of these."""

import numpy as np
import pytest

from rltheory import plotting


def test_actions_are_the_corners_of_a_triangle_of_equal_sides():
    rows = plotting.strategy_simplex_table({"corners": np.eye(3), "middle": [1 / 3, 1 / 3, 1 / 3]})

    places = np.array([[row["x"], row["y"]] for row in rows])
    sides = np.linalg.norm(places[:3] - np.roll(places[:3], 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, 1)
    np.testing.assert_allclose(np.linalg.norm(places[:3] - places[3], axis=1), 1 / np.sqrt(3))
    assert [(row["path"], row["step"]) for row in rows] == [
        ("corners", 0),
        ("corners", 1),
        ("corners", 2),
        ("middle", 0),
    ]
    assert rows[1]["strategy"] == [0, 1, 0]


def test_strategies_are_joined_and_a_single_one_is_a_dot(ax):
    paths = {"path": np.eye(3), "dot": [[0.2, 0.3, 0.5]]}
    assert plotting.strategy_simplex(paths, ax, names=("rock", "paper", "scissors")) is ax

    _, path, dot = ax.lines
    rows = plotting.strategy_simplex_table(paths)
    np.testing.assert_allclose(np.hstack([path.get_data(), dot.get_data()]).T, [[row["x"], row["y"]] for row in rows])
    assert (path.get_marker(), dot.get_marker()) == ("None", "o")
    assert {text.get_text() for text in ax.texts} == {"rock", "paper", "scissors"}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["path", "dot"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.strategy_simplex({}), "no path to draw"),
        (lambda: plotting.strategy_simplex({"two": [[0.5, 0.5]]}), r"'two' has shape \(1, 2\)"),
        (lambda: plotting.strategy_simplex_table({"none": [[0.5, 0.5, 0.5]]}), "'none' has a row that is no strategy"),
        (lambda: plotting.strategy_simplex_table({"none": [[1.5, -0.5, 0]]}), "'none' has a row that is no strategy"),
    ],
    ids=["none", "two actions", "sum", "sign"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

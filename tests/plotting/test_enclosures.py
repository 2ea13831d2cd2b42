"""Several answers are drawn where they are, with the bounds that they have."""

import numpy as np
import pytest

import rltheory as rl
from rltheory import plotting

GUESS = [0.0, 1.0, 2.0]
WIDE = rl.PolicyValue(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.0]), np.array([1.5, 2.5, 4.0]), "by hand")


@pytest.fixture
def model():
    return rl.MDP.from_pairs(np.eye(3), np.zeros(3), 0.5, n_actions=1, state_names=["low", "middle", "high"])


def test_bars_reach_from_the_lower_to_the_upper_bound(model, ax):
    assert plotting.enclosures(model, {"wide": WIDE}, ax) is ax

    (drawn,) = ax.containers
    assert drawn.lines[0].get_ydata().tolist() == WIDE.value.tolist()
    segments = [segment[:, 1].tolist() for segment in drawn.lines[2][0].get_segments()]
    assert segments == list(map(list, zip(WIDE.lower.tolist(), WIDE.upper.tolist(), strict=True)))


def test_an_answer_without_bounds_has_no_bar(model, ax):
    plotting.enclosures(model, {"guess": GUESS}, ax)

    assert not ax.containers
    assert ax.lines[0].get_ydata().tolist() == GUESS


def test_answers_stand_side_by_side_in_their_order_around_their_state(model, ax):
    plotting.enclosures(model, {"guess": GUESS, "wide": WIDE, "again": GUESS}, ax)

    columns = np.array(
        [np.asarray(line.get_xdata()) for line in (ax.lines[0], ax.containers[0].lines[0], ax.lines[-1])]
    )
    assert (np.diff(columns, axis=0) > 0).all()
    assert columns.mean(axis=0) == pytest.approx([0, 1, 2])
    assert np.ptp(columns, axis=0).max() < 1
    assert sorted(text.get_text() for text in ax.get_legend().get_texts()) == ["again", "guess", "wide"]


def test_the_axes_say_what_is_drawn(model, ax):
    plotting.enclosures(model, {"wide": WIDE}, ax)

    assert (ax.get_xlabel(), ax.get_ylabel()) == ("state", "value (reward units)")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["low", "middle", "high"]


def test_the_table_has_a_row_for_each_answer_and_state(model):
    table = plotting.enclosures_table(model, {"guess": GUESS, "wide": WIDE})

    assert table[1] == {"answer": "guess", "state": "middle", "value": 1.0}
    assert table[5] == {"answer": "wide", "state": "high", "value": 3.0, "lower": 2.0, "upper": 4.0}
    assert len(table) == 6


def test_the_step_of_a_horizon_is_the_one_asked_for(model):
    values = np.arange(12.0).reshape(4, 3)

    table = plotting.enclosures_table(model.finite_horizon(3), {"by hand": values}, t=2)

    assert [row["value"] for row in table] == [6.0, 7.0, 8.0]


@pytest.mark.parametrize(
    ("answers", "message"), [({}, "no answer to draw"), ({"short": [1.0]}, r"value has shape \(1,\); .* 3 states")]
)
def test_what_cannot_be_drawn_says_why(model, answers, message, ax):
    with pytest.raises(ValueError, match=message):
        plotting.enclosures(model, answers, ax)

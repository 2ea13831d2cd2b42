"""The graph of a model shows each action once, and colours exactly the places to stay."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

import mdps
import rltheory as rl
from rltheory import plotting

RULES = {
    "a": {"walk": {"b": 1.0}, "try": {"end": 0.25, "a": 0.75}},
    "b": {"walk": {"a": 1.0}, "run": {"a": 1.0}},
    "c": {"fall": {"a": 0.5, "end": 0.5}},
    "end": {"rest": {"end": 1.0}},
}


@pytest.fixture
def rooms():
    """Return two rooms between which one can walk, one from which one falls, and an end."""

    def step(state, action):
        return [(p, successor, 0.0) for successor, p in RULES[state][action].items()]

    return rl.MDP.from_function(step, list(RULES), lambda state: list(RULES[state]), gamma=1.0)


def fills(ax):
    (circles,) = (c for c in ax.collections if type(c).__name__ == "PathCollection")
    return [tuple(colour) for colour in circles.get_facecolor()]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_states_share_a_colour_exactly_if_they_share_a_component(rooms, ax):
    assert plotting.end_components(rooms, ax) is ax

    a, b, c, end = fills(ax)
    assert a == b
    assert len({a, c, end}) == 3
    assert c == to_rgba("#eeeeee")


def test_actions_that_stay_are_thick_and_the_others_thin(rooms, ax):
    plotting.end_components(rooms, ax)

    widths = sorted(arrow.get_linewidth() for arrow in ax.patches)
    assert widths == [1.0] * 6 + [2.5] * 2  # to `try` and `fall` and on to two states each; walks between a and b


def test_every_action_is_named_once_and_every_chance_is_written(rooms, ax):
    plotting.end_components(rooms, ax)

    assert sorted(texts(ax)) == sorted(
        ["a", "b", "c", "end\n↻ rest", "walk", "walk, run", "try", "fall", "0.25", "0.75", "0.5", "0.5"]
    )


def test_a_probability_of_zero_is_no_arrow(ax):
    from scipy.sparse import csr_array

    stored_zero = csr_array((np.array([1.0, 0.0, 1.0]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))

    plotting.end_components(rl.MDP.from_pairs(stored_zero, [0.0, 0.0], 1.0, n_actions=1), ax)

    assert not ax.patches
    assert len(set(fills(ax))) == 2


def test_the_table_names_the_actions_that_stay(rooms):
    component = {row["state"]: row["component"] for row in plotting.end_components_table(rooms)}
    stay = {row["state"]: row["stay"] for row in plotting.end_components_table(rooms)}

    assert component["a"] == component["b"] != component["end"]
    assert component["c"] is None
    assert stay == {"a": ["walk"], "b": ["walk", "run"], "c": [], "end": ["rest"]}


def test_a_graph_that_has_crossings_is_drawn_too(ax):
    everywhere = np.full((5, 2, 5), 0.2)

    plotting.end_components(rl.MDP.from_arrays(everywhere, np.zeros((5, 2)), 1.0), ax)

    assert len(ax.patches) == 5 * 2 * 6
    assert len(set(fills(ax))) == 1


def test_a_graph_too_large_to_be_read_is_refused(ax):
    with pytest.raises(ValueError, match=r"a graph of 31 states is unreadable .* read end_components_table"):
        plotting.end_components(mdps.random_walk(29), ax)

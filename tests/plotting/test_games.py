"""Pictures of games hold their numbers: curves of answers cross at equilibria, gaps stand beside bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from rltheory import plotting
from rltheory.games import NormalFormGame, logit_branch, nash_equilibria
from rltheory.games.learning import hedge, regret_matching, self_play

STAG_HUNT = NormalFormGame.symmetric([[4, 1], [3, 3]], action_names=(("stag", "hare"),) * 2)
PENNIES = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]], player_names=("even", "odd"))
HALF = [0.5, 0.5]
ROUNDS = 64
RUN = self_play(NormalFormGame.zero_sum([[2, 0], [0, 1]]), regret_matching(), rounds=ROUNDS)
OTHER = self_play(NormalFormGame.zero_sum([[2, 0], [0, 1]]), hedge(0.1), rounds=ROUNDS)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def shown(line):
    return np.column_stack([np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)])


@given(st.lists(st.integers(-9, 9), min_size=8, max_size=8))
def test_no_answer_pays_less_than_the_other_action(payoffs):
    game = NormalFormGame(np.reshape(payoffs, (2, 2, 2)))
    for row in plotting.best_responses_table(game):
        paid = game.opponents_view(row["player"]) @ [row["other"], 1 - row["other"]]
        assert paid @ [row["answer"], 1 - row["answer"]] == paid.max()


def test_answers_change_where_the_other_makes_indifferent(ax):
    plotting.best_responses(PENNIES, ax)

    first, second = map(shown, ax.lines[:2])
    assert first[first[:, 0] == 1, 1].min() == pytest.approx(0.1, abs=0.0026)  # 9 q >= 1 - q
    assert first[first[:, 0] == 0, 1].max() == pytest.approx(0.1, abs=0.0026)
    assert second[second[:, 1] == 1, 0].max() == pytest.approx(0.5, abs=0.0026)
    assert second[second[:, 1] == 0, 0].min() == pytest.approx(0.5, abs=0.0026)


def test_equilibria_lie_on_both_curves(ax):
    assert plotting.best_responses(STAG_HUNT, ax, equilibria=nash_equilibria(STAG_HUNT)) is ax

    first, second, dots = map(shown, ax.lines)
    assert sorted(map(tuple, dots.round(12).tolist())) == [(0, 0), (pytest.approx(2 / 3), pytest.approx(2 / 3)), (1, 1)]
    for dot in dots:
        for curve in (first, second):
            parts = np.linspace(curve[:-1], curve[1:], 101).reshape(-1, 2)
            assert np.abs(parts - dot).max(axis=1).min() < 0.006
    assert legend(ax) == ["answer of 0", "answer of 1", "equilibrium"]
    assert ax.get_xlabel() == "0: probability of stag"
    assert ax.get_ylabel() == "1: probability of stag"


def test_a_jump_is_open_where_mixtures_are_no_answers(ax):
    plotting.best_responses(PENNIES, ax, convex=False)

    for line in ax.lines:
        points = shown(line)
        assert np.isnan(points).any(axis=1).sum() == 1
        steps = np.abs(np.diff(points, axis=0))
        assert np.nanmax(steps) < 0.01


def test_other_answers_may_be_given(ax):
    plotting.best_responses(STAG_HUNT, ax, respond=lambda player, other: other[:: 1 if player == 0 else -1])

    first, second = map(shown, ax.lines)
    np.testing.assert_allclose(first[:, 0], first[:, 1])
    np.testing.assert_allclose(second[:, 0], 1 - second[:, 1])


def test_a_path_is_drawn_in_its_order_even_where_the_parameter_turns_back(ax):
    points = [(0.0, ([0.5, 0.5], [1.0, 0.0])), (2.0, ([0.7, 0.3], HALF)), (1.0, ([0.9, 0.1], HALF))]
    assert plotting.equilibrium_paths({"turning": points, "all": iter(points)}, ax, dotted=["all"]) is ax

    turning, dots = ax.lines
    assert shown(turning).tolist() == [[0, 0.5], [2, 0.7], [1, 0.9]]
    assert shown(dots).tolist() == shown(turning).tolist()
    assert (turning.get_linestyle(), dots.get_linestyle()) == ("-", "None")
    assert legend(ax) == ["turning", "all"]


def test_a_branch_of_quantal_responses_is_a_path_from_one_half_to_nash():
    branch = logit_branch(PENNIES)
    path = zip(branch.lam, zip(*branch.profiles, strict=True), strict=True)
    rows = plotting.equilibrium_paths_table({"branch": path}, player=1)

    assert [row["parameter"] for row in rows] == branch.lam.tolist()
    assert rows[0]["probability"] == 0.5
    assert rows[-1]["probability"] == pytest.approx(0.1, abs=1e-4)


def test_gaps_are_drawn_at_checkpoints_and_bounds_in_the_same_colour(ax):
    runs = {"regret matching": RUN, "Hedge": OTHER}
    assert plotting.learning_gaps(runs, ax, bounds={"regret matching": lambda T: 4 / np.sqrt(T)}) is ax

    gaps, bound, other = ax.lines
    assert shown(gaps).tolist() == np.column_stack([RUN.checkpoints, RUN.gaps]).tolist()
    np.testing.assert_allclose(shown(bound), np.column_stack([RUN.checkpoints, 4 / np.sqrt(RUN.checkpoints)]))
    assert gaps.get_color() == bound.get_color() != other.get_color()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert legend(ax) == ["regret matching", "bound, regret matching", "Hedge"]


def test_the_table_of_gaps_has_bounds_where_there_are_any():
    rows = plotting.learning_gaps_table({"one": RUN, "two": OTHER}, bounds={"two": lambda T: 1 / T})

    assert [row["bound"] for row in rows if row["run"] == "one"] == [None] * len(RUN.checkpoints)
    assert [row["bound"] for row in rows if row["run"] == "two"] == [1 / t for t in OTHER.checkpoints]


POINTS = {"path": [(0.0, (HALF, HALF))]}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.best_responses(mdps.games.rock_paper_scissors()), r"actions \(3, 3\)"),
        (lambda: plotting.equilibrium_paths({}), "no path to draw"),
        (lambda: plotting.equilibrium_paths(POINTS, player=2), r"no player 2; players are 0\.\.1"),
        (lambda: plotting.equilibrium_paths_table(POINTS, action=2), r"no action 2; actions are 0\.\.1"),
        (lambda: plotting.learning_gaps({}), "no run to draw"),
        (
            lambda: plotting.learning_gaps_table({"run": RUN}, bounds={"none": float}),
            "bound on 'none', which is no run",
        ),
    ],
    ids=["sizes", "no path", "player", "action", "no run", "no such run"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

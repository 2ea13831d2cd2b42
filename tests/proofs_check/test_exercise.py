import json

import hypothesis.strategies as st
import pytest

from proofs_check import THEOREMS, Check, Kind, Theorem, exercise, scaled
from proofs_check.exercise import Mark, hidden
from proofs_check.saved import decode


def parabola(constant=0.25):
    """Claim that x (1 - x) is at most a quarter."""

    def check(x):
        return Check(x * (1 - x), constant)

    return Theorem(
        name="parabola",
        statement=r"$x (1 - x) \le 1/4$",
        source="here",
        assumptions=r"$0 \le x \le 1$",
        instances=st.floats(0, 1),
        check=check,
        refutable=scaled(check),
        tight=lambda: check(0.5),
        tight_ratio=0.999,
    )


PARABOLA = exercise(parabola())


@pytest.mark.parametrize(
    "bound", [1.0, 1.5, lambda x: 0.25, lambda x: x * (1 - x)], ids=["one", "larger", "quarter", "self"]
)
def test_valid_bounds_pass(bound):
    grade = PARABOLA.grade(bound)
    assert grade.mark is Mark.VALID
    assert grade.passed
    assert grade.counterexample is None


@pytest.mark.parametrize("bound", [0.9, lambda x: 0.2, lambda x: x / 3], ids=["factor", "constant", "slope"])
def test_a_bound_that_is_too_small_is_shown_an_instance(bound):
    grade = PARABOLA.grade(bound)
    assert grade.mark is Mark.TOO_SMALL
    x = grade.counterexample.instance
    assert x * (1 - x) > (bound(x) if callable(bound) else 0.25 * bound)
    assert "counterexample: lhs = " in grade.in_words()


def test_looseness_is_the_ratio_to_the_true_bound():
    grade = PARABOLA.grade(lambda x: 1.0)
    assert grade.median_looseness == grade.largest_looseness == 4
    assert "4 times the true one" in grade.in_words()
    assert repr(grade) == "Grade(parabola: VALID, 4 times the true bound)"


def test_a_lost_factor_of_a_theorem_is_found():
    grade = exercise("greedy-loss").grade(0.9, budget=80)
    assert not grade.passed
    assert "state 0, action 0" in grade.in_words()


def test_a_bound_of_ones_own_is_a_function_of_the_instance():
    loose = exercise("bellman-contraction").grade(lambda mdp, u, v: abs(u - v).max(), budget=60)  # without gamma
    assert loose.passed
    assert loose.largest_looseness == pytest.approx(2.0)  # the smallest discount drawn is a half


def test_moves_that_leave_the_assumptions_are_not_held_against_a_bound():
    def check(x, y):
        return Check(x, y)

    theorem = Theorem(
        name="pair",
        statement=r"$x \le y$",
        source="here",
        assumptions=r"$x \le y$",
        instances=st.sampled_from([(0.5, 1.0), (0.9, 1.0), (0.2, 0.4)]),
        check=check,
        refutable=scaled(check),
    )
    assert exercise(theorem).grade(1.0, budget=200).passed


def test_a_grade_is_a_row_ready_for_json():
    (row,) = PARABOLA.grade(0.5).to_rows()
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert (row["mark"], row["passed"], row["median_looseness"]) == ("too_small", False, 0.5)


@pytest.mark.parametrize("answers", [True, False])
def test_a_course_can_grade_against_the_file(answers, tmp_path):
    task = exercise("greedy-loss")
    task.write_json(tmp_path / "task.json", instances=5, answers=answers)
    document = json.loads((tmp_path / "task.json").read_text())
    assert len(document["instances"]) == 5
    for row in document["instances"]:
        check = task.theorem.check(*decode(row["instance"]))
        assert row["lhs"] == check.lhs
        assert row.get("rhs") == (check.rhs if answers else None)
    assert ("tight_ratio" in document) == answers
    assert (document["statement"] == task.theorem.statement) == answers


def test_the_exercise_shows_what_to_hand_in_and_not_the_answer():
    task = exercise("greedy-loss")
    assert repr(task) == "Exercise(greedy-loss: bound(mdp: MDP, v: np.ndarray) -> float)"
    assert "gamma" not in task._repr_markdown_()
    assert task.statement in task._repr_markdown_()


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        (r"$f \le 2 g$.", r"$f \le \;?$."),
        (r"$0 \le f \le 2 g$.", r"$0 \le f \le \;?$."),
        (r"If $x \ge 0$, then $f \le c$ with $c = 2$.", r"If $x \ge 0$, then $f \le \;?$."),
        (r"It stops after at most $n$ steps.", "It stops after at most ?."),
        (r"It takes at most one action in each state.", "?"),
        (r"$f = g$, by $\left( x \right)$.", "?"),
    ],
    ids=["simple", "sandwich", "then", "words", "no-number", "identity"],
)
def test_the_bound_is_hidden(statement, shown):
    assert hidden(statement) == shown


def test_an_identity_is_no_exercise():
    with pytest.raises(ValueError, match="has no bound that could be hidden"):
        exercise("simulation-identity")


def test_a_theorem_about_random_draws_is_no_exercise():
    name = next(one.name for one in THEOREMS.values() if one.kind is Kind.HIGH_PROBABILITY)
    with pytest.raises(ValueError, match="is about random draws"):
        exercise(name)


@pytest.mark.parametrize("factor", [0, -1.0, float("nan")])
def test_a_factor_is_positive(factor):
    with pytest.raises(ValueError, match="a factor is a positive number"):
        PARABOLA.grade(factor)


@pytest.mark.parametrize("returned", [None, float("nan"), "one"], ids=repr)
def test_a_function_that_returns_no_number_is_named(returned):
    with pytest.raises(TypeError, match="a number is needed"):
        PARABOLA.grade(lambda x: returned)


def test_a_file_without_instances_is_refused(tmp_path):
    with pytest.raises(ValueError, match="instances is 0"):
        PARABOLA.write_json(tmp_path / "task.json", instances=0)

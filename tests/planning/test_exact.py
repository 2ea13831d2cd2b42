"""Exact mode: fractions equal to an independent solver's, with and without python-flint, and clear refusals."""

import importlib.util
import sys
from fractions import Fraction

import numpy as np
import pytest

import mdps
import rltheory as rl
from proofs_check.rational import rational_optimum, rational_policy_value, rational_solve
from rltheory import MDP, CriterionError
from rltheory.planning import solve_exactly
from rltheory.planning.exact import _eliminate, short_fraction

TWO = MDP.from_arrays([[[0, 1], [1, 0]], [[0.75, 0.25], [0, 1]]], [[0, 0.5], [1, 0]], gamma=0.5, mu=0)


@pytest.fixture
def without_flint(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "flint" else found(name, *rest)
    )
    monkeypatch.setitem(sys.modules, "flint", None)


def test_the_value_is_the_rational_optimum(hard_mdp):
    for number in range(200):
        mdp = hard_mdp(np.random.default_rng([61, number]))
        solution = solve_exactly(mdp)
        assert list(solution.value) == rational_optimum(mdp)
        assert list(solution.value) == rational_policy_value(mdp, solution.policy)


@pytest.mark.usefixtures("without_flint")
def test_integers_alone_find_the_same(hard_mdp):
    for number in range(50):
        mdp = hard_mdp(np.random.default_rng([62, number]))
        solution = solve_exactly(mdp)
        assert "integer elimination" in solution.method
        assert list(solution.value) == rational_optimum(mdp)


def test_elimination_solves_what_fractions_solve():
    rng = np.random.default_rng(0)
    for n in range(1, 8):
        matrix = (rng.integers(-5, 6, size=(n, n)) + 40 * np.eye(n, dtype=int)).tolist()
        right = rng.integers(-9, 10, size=n).tolist()
        fractions = rational_solve([[Fraction(x) for x in row] for row in matrix], [Fraction(x) for x in right])
        assert _eliminate([[*row, b] for row, b in zip(matrix, right, strict=True)]) == fractions


def test_fractions_come_out_as_on_paper():
    solution = rl.solve(TWO, exact=True)
    assert solution.value == (Fraction(1), Fraction(11, 7))
    assert solution.policy.tolist() == [1, 0]
    assert solution.start_value == 1
    assert solution.to_rows()[1] == {"state": "1", "action": "0", "value": Fraction(11, 7), "decimal": 11 / 7}


def test_every_enclosure_contains_the_exact_value():
    mdp = mdps.garnet(40, 3, 4, rng=0, gamma=0.99)
    exact, proven = solve_exactly(mdp), rl.value_iteration(mdp, tol=1e-6)
    assert exact.method.startswith("rational policy iteration")
    for low, value, high in zip(proven.lower, exact.value, proven.upper, strict=True):
        assert Fraction(low) <= value <= Fraction(high)


def test_a_policy_that_floats_cannot_tell_from_the_best_is_improved():
    """Two rewards one unit of rounding apart, below the tie threshold of policy iteration in floats."""
    mdp = MDP.from_arrays([[[1.0], [1.0]]], [[1.0, np.nextafter(1.0, 2.0)]], gamma=0.5)
    started = rl.policy_iteration(mdp, initial_policy=[0])
    assert started.policy.tolist() in ([0], [1])
    assert solve_exactly(mdp).policy.tolist() == [1]
    assert solve_exactly(mdp).value[0] == 2 * Fraction(np.nextafter(1.0, 2.0))


def test_ties_go_to_the_lowest_action_exactly():
    mdp = MDP.from_arrays([[[1.0], [1.0], [1.0]]], [[0.0, 0.1, 0.1]], gamma=0.3)
    assert solve_exactly(mdp).policy.tolist() == [1]


def test_a_finite_horizon_is_solved_step_by_step():
    model = TWO.finite_horizon(3)
    solution = rl.solve(model, exact=True)
    floats = rl.backward_induction(model)
    assert len(solution.value) == 4
    assert solution.value[3] == (0, 0)
    assert np.array_equal(solution.policy, floats.policy)
    for low, value, high in zip(floats.lower[0], solution.value[0], floats.upper[0], strict=True):
        assert Fraction(low) <= value <= Fraction(high)
    assert solution.start_value == solution.value[0][0]
    assert solve_exactly(TWO.finite_horizon(0)).value == ((0, 0),)


def test_dynamics_that_change_with_the_step_are_solved_exactly():
    rng = np.random.default_rng(3)
    P, r = rng.dirichlet(np.ones(3), size=(4, 3, 2)), rng.normal(size=(4, 3, 2))
    v = [Fraction(0)] * 3
    for t in reversed(range(4)):
        v = [
            max(
                Fraction(x) + sum(Fraction(p) * y for p, y in zip(row, v, strict=True))
                for x, row in zip(rs, ps, strict=True)
            )
            for rs, ps in zip(r[t], P[t], strict=True)
        ]
    assert list(solve_exactly(rl.FiniteHorizonMDP(P, r, 4)).first_value) == v


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (TWO.replace(gamma=1.0), "gamma is 1"),
        (mdps.garnet(201, 2, 2, rng=0), "201 states, and exact mode takes at most 200.*some 7236 digits"),
        (
            mdps.garnet(100, 2, 2, rng=0).finite_horizon(1000),
            "100 states over 1000 steps would have some 1.6e\\+09 digits",
        ),
    ],
    ids=["undiscounted", "large", "long"],
)
def test_models_out_of_reach_are_refused_with_an_estimate(model, message):
    with pytest.raises(CriterionError, match=message):
        rl.solve(model, exact=True)


@pytest.mark.usefixtures("without_flint")
def test_the_extra_is_named_where_it_would_help():
    with pytest.raises(CriterionError, match=r"at most 60 \(python-flint, the extra `exact`, takes up to 200\)"):
        solve_exactly(mdps.garnet(61, 2, 2, rng=0))


def test_a_method_is_not_taken_beside_exact():
    with pytest.raises(CriterionError, match="exact mode has its own method; leave method out"):
        rl.solve(TWO, method=rl.value_iteration, exact=True)


def test_answers_have_summaries_and_tables():
    solution = solve_exactly(mdps.river_swim(30))
    assert repr(solution).startswith("ExactSolution(values 0.")
    assert "digits)" in solution._repr_html_()
    assert "and 18 more states" in solution._repr_html_()
    assert short_fraction(Fraction(22, 7)) == "22/7"
    assert short_fraction(Fraction(1, 10**1000)) == "(1001 digits)"
    assert not solution.policy.flags.writeable


def test_the_rounding_floor_names_exact_mode():
    assert "exact=True" in rl.Status.ROUNDING_FLOOR.value

"""The probabilities of reaching a goal against rational arithmetic, linear programs and closed forms."""

import warnings
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.rational_total import (
    rational_laws,
    rational_maximal_reachability,
    rational_minimal_reachability,
    rational_policy_total,
)
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status
from rltheory.planning import qualitative as sets
from rltheory.planning.reachability import maximal_reachability, minimal_reachability

CRITERIA = {
    maximal_reachability: rational_maximal_reachability,
    minimal_reachability: rational_minimal_reachability,
}
both = pytest.mark.parametrize("solver", CRITERIA, ids=lambda solver: solver.__name__)


def quietly(solver, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return solver(*args, **options)


def is_true(solver, mdp, goal, solution):
    """Whether the policy's value and the optimum are inside the enclosure, in the order that is promised."""
    own = rational_policy_total(mdp, solution.policy, goal, reward=False)
    ends = (own, CRITERIA[solver](mdp, goal))
    ends = ends if solver is maximal_reachability else ends[::-1]
    lower, upper = map(Fraction, solution.lower), map(Fraction, solution.upper)
    return all(low <= first <= second <= high for low, first, second, high in zip(lower, *ends, upper, strict=True))


def count_violations(draw, solver, numbers):
    wrong = 0
    for number in numbers:
        rng = np.random.default_rng([41, number])
        mdp, goal = draw(rng, traps=True)
        solution = quietly(solver, mdp, goal, tol=float(rng.choice([1e-2, 1e-8, 1e-14])))
        wrong += not is_true(solver, mdp, goal, solution)
    return wrong


@both
def test_the_enclosure_contains_the_rational_value_and_optimum(tangled_mdp, solver):
    assert count_violations(tangled_mdp, solver, range(1000)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
@both
def test_no_enclosure_is_wrong_in_twenty_thousand_models(tangled_mdp, solver, part, record_property):
    violations = count_violations(tangled_mdp, solver, range(1000 + 5000 * part, 6000 + 5000 * part))
    record_property("violations", violations)
    assert violations == 0


def exact_bounds(solution):
    """Return the vectors that satisfy the inequalities: the bounds with their tails, which lead inwards."""
    tails = np.zeros((2, solution.value.size)) if solution.tails is None else solution.tails
    assert (tails[0] >= 0).all()
    assert (tails[1] <= 0).all()
    bounds = (solution.lower, tails[0]), (solution.upper, tails[1])
    return [[Fraction(x) + Fraction(y) for x, y in zip(v, tail, strict=True)] for v, tail in bounds]


@both
def test_the_bounds_are_certificates_in_exact_arithmetic(tangled_mdp, solver):
    """Nothing but the answer is needed: T u <= u, and l <= T_pi l with a policy that ends wherever l is positive."""
    sign = 1 if solver is maximal_reachability else -1
    for number in range(300):
        mdp, goal = tangled_mdp(np.random.default_rng([42, number]), traps=True)
        solution, laws = quietly(solver, mdp, goal), rational_laws(mdp)
        low, high = exact_bounds(solution)
        above, below = (high, low) if sign == 1 else ([-x for x in low], [-x for x in high])
        for s in set(range(mdp.n_states)) - set(goal):
            q_above = [sum(p * above[t] for t, p in law.items()) for law in laws[s]]
            assert max(q_above) <= above[s]
            assert sum(p * below[t] for t, p in laws[s][solution.policy[s]].items()) >= below[s]


def reachability_program(mdp, goal, sign):
    """Solve the linear program: the least vector above its maximum, or the largest below its minimum."""
    own = np.eye(mdp.n_states)[mdp.pair_state]
    zero = sets.prob0_max(mdp, goal) if sign == 1 else sets.prob0_min(mdp, goal)
    limits = [(1, 1) if s == goal else (0, 0) if zero[s] else (0, 1) for s in range(mdp.n_states)]
    inner = mdp.pair_state != goal
    A = (sign * (mdp.P.toarray() - own))[inner & ~zero[mdp.pair_state]]
    program = linprog(
        sign * np.ones(mdp.n_states),
        A_ub=A if A.size else None,
        b_ub=np.zeros(len(A)) if A.size else None,
        bounds=limits,
    )
    assume(program.x is not None)
    return program.x


@pytest.mark.parametrize(("solver", "sign"), [(maximal_reachability, 1), (minimal_reachability, -1)])
@given(mdp=discounted_mdps(max_states=6))
def test_the_linear_program_agrees(solver, sign, mdp):
    # HiGHS reads probabilities below 1e-9 as zero.
    assume(mdp.P.data.min() > 1e-8)
    value = quietly(solver, mdp, 0).value
    leave = mdp.P.data[mdp.P.data < 1]
    tolerance = 1e-6 / (leave.min() if leave.size else 1.0)
    assert np.allclose(value, reachability_program(mdp, 0, sign), atol=min(tolerance, 1e-2))


@given(discounted_mdps(), st.integers(0, 4))
def test_what_can_be_reached_is_the_complement_of_what_can_be_avoided(mdp, goal):
    """Where goal and traps share the states out, one policy's loss is the other goal's gain."""
    goal = min(goal, mdp.n_states - 1)
    avoids = sets.prob0_min(mdp, goal)
    assume(avoids.any())
    stopped = absorbing(mdp, goal)
    least, most = quietly(minimal_reachability, mdp, goal), quietly(maximal_reachability, stopped, avoids)
    slack = least.gap + most.gap + 1e-12
    assert np.allclose(least.value, 1 - most.value, atol=slack)


def absorbing(mdp, goal):
    P = mdp.P.toarray()
    P[mdp.pair_state == goal] = np.eye(mdp.n_states)[goal]
    return MDP.from_pairs(P, mdp.r, mdp.gamma, pair_start=mdp.pair_start)


def test_plain_value_iteration_stops_next_to_zero_where_the_answer_is_one_half():
    chain, change, sweeps = mdps.unsound_chain(10), np.inf, 0
    v = (np.arange(21) == 20).astype(float)
    while change > 1e-3:
        change, v, sweeps = np.abs(chain.P @ v - v).max(), chain.P @ v, sweeps + 1
    assert v[10] < 1e-3
    assert sweeps < 15
    solution = maximal_reachability(chain, 20)
    assert solution.lower[10] <= 0.5 <= solution.upper[10]
    assert solution.gap <= 1e-8


def test_without_merging_end_components_the_iteration_from_above_ends_at_wrong_answers(tangled_mdp):
    """The false variant. If rationals did not refute it, they would test nothing."""
    wrong, right = 0, 0
    for number in range(300):
        mdp, goal = tangled_mdp(np.random.default_rng([43, number]), traps=True)
        exact = np.array([float(x) for x in rational_maximal_reachability(mdp, goal)])
        upper = np.where(sets.prob0_max(mdp, goal), 0.0, 1.0)
        for _ in range(2000):
            upper = np.minimum(upper, np.maximum.reduceat(mdp.P @ upper, mdp.pair_start[:-1]))
            upper[goal] = 1.0
        wrong += np.abs(upper - exact).max() > 1e-3
        right += np.abs(quietly(maximal_reachability, mdp, goal).value - exact).max() < 1e-3
    assert wrong > 20
    assert right > 295


@pytest.mark.parametrize("p", [0.1, 0.4, 0.5, 0.6])
def test_gamblers_reach_their_goal_with_the_known_probabilities(p):
    game, s, rho = mdps.gambler(20, p), np.arange(21), (1 - p) / p
    timid = s / 20 if p == 0.5 else (1 - rho**s) / (1 - rho**20)
    best, worst = maximal_reachability(game, 20).value, minimal_reachability(game, 20).value
    assert np.allclose(best if p >= 0.5 else worst, timid, atol=1e-8)
    if p == 0.4:
        assert best[10] == pytest.approx(0.4)


@both
@pytest.mark.parametrize("n", [1, 10, 1000])
def test_a_random_walk_ends_on_the_right_in_proportion(solver, n):
    solution = solver(mdps.random_walk(n), n + 1)
    assert np.allclose(solution.value, np.arange(n + 2) / (n + 1), atol=1e-8)
    assert solution.status is Status.CONVERGED


@pytest.mark.parametrize("n", [1, 3, 10, 18])
def test_the_unsound_chain_has_its_closed_form(n):
    solution = maximal_reachability(mdps.unsound_chain(n), 2 * n)
    k = np.arange(-n, n + 1.0)
    exact = 0.5 + np.sign(k) * 2 ** (np.abs(k) - n - 1)
    assert (solution.lower <= exact).all()
    assert (exact <= solution.upper).all()
    assert solution.gap <= 1e-8


def test_the_slippery_lake_is_crossed_with_probability_fourteen_in_seventeen():
    pytest.importorskip("gymnasium")
    lake = mdps.frozen_lake(gamma=0.5)
    assert maximal_reachability(lake, 15).start_value == pytest.approx(14 / 17)


def test_staying_in_an_end_component_gains_nothing_and_its_best_exit_is_found():
    """From 0 and 1 one may go to and fro for ever; the exits of 0 and 1 lead to the goal with 0.3 and 0.7."""
    rows = [[0, 1, 0, 0], [0, 0, 0.3, 0.7], [1, 0, 0, 0], [0, 0, 0.7, 0.3], [0, 0, 1, 0], [0, 0, 0, 1]]
    mdp = MDP.from_pairs(rows, np.zeros(6), 0.5, states=[0, 0, 1, 1, 2, 3])
    solution = maximal_reachability(mdp, 2)
    assert solution.value[:2] == pytest.approx([0.7, 0.7])
    assert solution.policy[:2].tolist() == [0, 1]
    assert minimal_reachability(mdp, 2).value.tolist() == [0, 0, 1, 0]


@both
def test_what_the_graph_decides_is_exact(solver):
    solution = solver(mdps.gambler(4, 1.0), 4)
    assert solution.gap == 0
    assert solution.value.tolist() == [0, 1, 1, 1, 1]
    assert solution.method == "graph algorithms alone"


@both
def test_a_tolerance_below_the_rounding_floor_is_answered_by_status(solver):
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = solver(mdps.random_walk(50), 51, tol=1e-300)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.gap < 1e-10


@both
def test_progress_is_told_and_ends_with_the_width(solver):
    told = []
    solution = solver(mdps.gambler(10), 10, progress=lambda sweeps, width: told.append((sweeps, width)))
    assert [sweeps for sweeps, _ in told] == list(range(16, 16 * len(told) + 1, 16))
    assert told[-1] == (solution.iterations, solution.history[-1])
    assert (np.diff(solution.history) <= 0).all()


@both
@pytest.mark.parametrize("tol", [0.0, -1.0, float("nan")])
def test_a_tolerance_that_is_not_positive_is_refused(solver, tol):
    with pytest.raises(ModelError, match="tol is"):
        solver(mdps.random_walk(3), 4, tol=tol)


@both
def test_other_models_and_goals_are_refused(solver):
    with pytest.raises(CriterionError, match="not for a FiniteHorizonMDP"):
        solver(mdps.random_walk(3).finite_horizon(2), 4)
    with pytest.raises(ModelError, match="goal names state 9"):
        solver(mdps.random_walk(3), 9)


def test_a_row_that_does_not_quite_sum_to_one_leaks_nothing():
    """Sum 1 - 1e-7 over a long walk would lose probability; as weights the rows lose none."""
    third = float(np.float32(1 / 3))
    walk = partial(np.diag, k=0)
    rows = third * (walk(np.ones(60)) + np.diag(np.ones(59), 1) + np.diag(np.ones(59), -1))
    rows[0], rows[-1] = np.eye(60)[0], np.eye(60)[-1]
    value = maximal_reachability(MDP.from_pairs(rows, np.zeros(60), 1.0, n_actions=1), 59).value
    assert np.allclose(value, np.arange(60) / 59, atol=1e-8)

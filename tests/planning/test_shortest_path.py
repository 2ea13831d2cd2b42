"""Shortest paths against rational arithmetic, linear programs and closed forms; ill-posed ones are refused."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.optimize import linprog

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.rational_total import rational_laws, rational_policy_total, rational_shortest_path
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status
from rltheory.planning.qualitative import is_proper, prob1_max
from rltheory.planning.shortest_path import shortest_path


def quietly_solved(mdp, goal=None, tol=1e-8):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return shortest_path(mdp, goal, tol=tol)


def compare(mdp, goal):
    """Return what became of a model: answered, refused rightly, refused for want of digits, or violated."""
    exact = rational_shortest_path(mdp, goal)
    try:
        solution = quietly_solved(mdp, goal)
    except CriterionError as refusal:
        undecided = "float64" in str(refusal)
        return "refused" if exact is None else "undecided" if undecided else "violated"
    own = rational_policy_total(mdp, solution.policy, goal)
    if exact is None or own is None:
        return "violated"
    lower, upper = map(Fraction, solution.lower), map(Fraction, solution.upper)
    inside = all(a <= b <= c <= d for a, b, c, d in zip(lower, own, exact, upper, strict=True))
    return "answered" if inside else "violated"


def outcomes(draw, numbers):
    drawn = (draw(np.random.default_rng([51, number]), traps=False) for number in numbers)
    found = [compare(mdp, goal) for mdp, goal in drawn]
    return {kind: found.count(kind) for kind in ("answered", "refused", "undecided", "violated")}


def test_the_enclosure_contains_the_rational_value_and_optimum_or_the_refusal_is_right(tangled_mdp):
    found = outcomes(tangled_mdp, range(1000))
    assert found["violated"] == 0
    assert found["answered"] > 700
    assert found["refused"] > 50
    assert found["undecided"] < 10


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_no_enclosure_and_no_refusal_is_wrong_in_twenty_thousand_models(tangled_mdp, part, record_property):
    found = outcomes(tangled_mdp, range(1000 + 2000 * part, 3000 + 2000 * part))
    record_property("outcomes", str(found))
    assert found["violated"] == 0
    assert found["undecided"] < 10


def exact_bounds(solution):
    """Return the vectors that satisfy the inequalities: the bounds with their tails, which lead inwards."""
    tails = np.zeros((2, solution.value.size)) if solution.tails is None else solution.tails
    assert (tails[0] >= 0).all()
    assert (tails[1] <= 0).all()
    bounds = (solution.lower, tails[0]), (solution.upper, tails[1])
    return [[Fraction(x) + Fraction(y) for x, y in zip(v, tail, strict=True)] for v, tail in bounds]


def test_the_bounds_are_certificates_in_exact_arithmetic(tangled_mdp):
    """Nothing but the answer is needed: T u <= u proves the upper bound, l <= T_pi l and a proper pi the lower one."""
    for number in range(300):
        mdp, goal = tangled_mdp(np.random.default_rng([52, number]), traps=False)
        try:
            solution = quietly_solved(mdp, goal)
        except CriterionError:
            continue
        laws, starts = rational_laws(mdp), mdp.pair_start
        low, high = exact_bounds(solution)
        assert is_proper(mdp, solution.policy, goal)
        for s in set(range(mdp.n_states)) - set(goal):
            a = solution.policy[s]
            assert Fraction(mdp.r[starts[s] + a]) + sum(p * low[t] for t, p in laws[s][a].items()) >= low[s]
            for r, law in zip(mdp.r[starts[s] : starts[s + 1]], laws[s], strict=True):
                assert Fraction(r) + sum(p * high[t] for t, p in law.items()) <= high[s]


def test_without_the_rounding_terms_the_bounds_are_wrong(tangled_mdp):
    """The false variant: the value of the policy found, taken for exact. Rationals refute it."""
    wrong = 0
    for number in range(200):
        mdp, goal = tangled_mdp(np.random.default_rng([53, number]), traps=False)
        try:
            value = quietly_solved(mdp, goal).value
        except CriterionError:
            continue
        wrong += any(Fraction(x) != y for x, y in zip(value, rational_shortest_path(mdp, goal), strict=True))
    assert wrong > 50


@given(discounted_mdps(max_states=6, gammas=[1.0], max_reward=-0.125, min_reward=-1.0))
def test_the_linear_program_agrees(mdp):
    assume(prob1_max(mdp, 0).all())
    assume(mdp.P.data.min() > 1e-4)
    inner = mdp.pair_state != 0
    A = (mdp.P.toarray() - np.eye(mdp.n_states)[mdp.pair_state])[inner]
    limits = [(0, 0)] + [(None, None)] * (mdp.n_states - 1)
    program = linprog(np.ones(mdp.n_states), A_ub=A, b_ub=-mdp.r[inner], bounds=limits) if inner.any() else None
    expected = program.x if program else np.zeros(1)
    assert np.allclose(quietly_solved(mdp, 0).value, expected, rtol=1e-5, atol=1e-6)


def test_the_cliff_is_walked_in_thirteen_moves():
    cliff = mdps.cliff_walking(gamma=1.0)
    solution = shortest_path(cliff)
    assert solution.start_value == pytest.approx(-13, abs=1e-9)
    assert solution.status is Status.CONVERGED


@pytest.mark.parametrize("p", [0.25, 0.4, 0.5, 0.6])
def test_the_gambler_earns_the_probability_of_reaching_the_goal(p):
    goal, s, rho = 50, np.arange(51), (1 - p) / p
    value = shortest_path(mdps.gambler(goal, p)).value
    if p >= 0.5:
        timid = s / goal if p == 0.5 else (1 - rho**s) / (1 - rho**goal)
        assert np.allclose(value[:-1], timid[:-1], atol=1e-8)
    else:
        bold = np.minimum(s, goal - s)
        won, lost = s + bold, s - bold
        reached = np.append(value[:-1], 1.0)
        assert np.allclose(reached[1:-1], (p * reached[won] + (1 - p) * reached[lost])[1:-1], atol=1e-8)
        assert value[25] == pytest.approx(p)


@pytest.mark.parametrize("n", [1, 5, 500])
def test_the_random_walk_has_its_closed_form(n):
    value = shortest_path(mdps.random_walk(n)).value
    assert np.allclose(value[:-1], np.arange(n + 1) / (n + 1), atol=1e-8)


@pytest.mark.parametrize("n", [10, 300, 1000])
def test_the_time_of_a_random_walk_is_the_product_of_the_distances(n):
    walk = mdps.random_walk(n)
    timed = walk.replace(r=-((walk.pair_state > 0) & (walk.pair_state <= n)).astype(float))
    solution = quietly_solved(timed)
    s = np.arange(n + 2)
    assert np.allclose(-solution.value, s * (n + 1 - s), rtol=1e-9)
    assert solution.gap < 1e-6 * n**2


def test_where_nothing_is_lost_and_nothing_earned_one_may_wander_but_the_policy_arrives():
    """States 0 and 1 lead to each other for nothing; leaving costs 3 from 0, 2 from 1."""
    mdp = MDP.from_pairs(np.eye(3)[[1, 2, 0, 2, 2]], [0, -3, 0, -2, 0], 1.0, states=[0, 0, 1, 1, 2])
    solution = shortest_path(mdp)
    assert solution.value == pytest.approx([-2, -2, 0])
    assert solution.policy.tolist() == [0, 1, 0]


def test_a_chain_that_all_but_never_ends_is_solved_if_it_waits_in_place():
    rows = [[1 - 1e-13, 1e-13], [0, 1]]
    solution = shortest_path(MDP.from_pairs(rows, [-1.0, 0.0], 1.0, n_actions=1), tol=1.0)
    exact = (Fraction(rows[0][0]) + Fraction(1e-13)) / Fraction(1e-13)
    assert Fraction(solution.lower[0]) <= -exact <= Fraction(solution.upper[0])
    assert solution.gap < 1


def test_states_from_which_the_goal_is_missed_are_named():
    walk = mdps.random_walk(8)
    with pytest.raises(CriterionError, match=r"almost surely from states 0, 1, 2, 3, 4 and 4 more; make them goal"):
        shortest_path(walk, goal=9)


def test_a_cycle_that_earns_is_named():
    mdp = MDP.from_pairs(np.eye(3)[[1, 2, 0, 2]], [2, 0, -1, 0], 1.0, states=[0, 0, 1, 2])
    with pytest.raises(CriterionError, match=r"cycle through states 0, 1 never .* earns 0\.5 a step on average"):
        shortest_path(mdp)


def test_a_cycle_whose_total_is_zero_is_named():
    mdp = MDP.from_pairs(np.eye(3)[[1, 2, 0, 2]], [2, -5, -2, 0], 1.0, states=[0, 0, 1, 2])
    with pytest.raises(CriterionError, match=r"cycle through states 0, 1 never .* earns a total of zero"):
        shortest_path(mdp)


def test_a_cycle_that_loses_the_least_is_no_obstacle():
    mdp = MDP.from_pairs(np.eye(3)[[1, 2, 0, 2]], [2, -5, -2 - 1e-9, 0], 1.0, states=[0, 0, 1, 2])
    assert shortest_path(mdp).value == pytest.approx([-5, -7, 0])


def test_a_loop_that_earns_is_named():
    mdp = MDP.from_pairs(np.eye(2)[[0, 1, 1]], [1e-9, -1, 0], 1.0, states=[0, 0, 1])
    with pytest.raises(CriterionError, match="action 0 of state 0 earns 1e-09 and can be repeated"):
        shortest_path(mdp)


def test_a_discount_is_refused():
    with pytest.raises(CriterionError, match=r"gamma is 0\.9, and a shortest path is not discounted"):
        shortest_path(mdps.random_walk(3, gamma=0.9))


def test_a_model_without_an_absorbing_state_is_refused():
    with pytest.raises(CriterionError, match="no state is absorbing without reward; name the goal"):
        shortest_path(mdps.river_swim(6, gamma=1.0))


def test_a_goal_may_be_named_and_ends_the_episode():
    chain = mdps.chain(5, gamma=1.0)
    solution = shortest_path(chain.replace(r=chain.r - 2), goal=4)
    assert solution.value == pytest.approx([-8, -6, -4, -2, 0])


def test_where_all_states_are_goals_nothing_is_left_to_do():
    assert shortest_path(MDP.from_pairs(np.eye(2), [0, 0], 1.0, n_actions=1)).value.tolist() == [0, 0]


def test_other_models_and_tolerances_are_refused():
    with pytest.raises(CriterionError, match="not for a FiniteHorizonMDP"):
        shortest_path(mdps.random_walk(3).finite_horizon(2))
    with pytest.raises(ModelError, match="tol is -1"):
        shortest_path(mdps.random_walk(3), tol=-1)


def test_a_tolerance_below_the_rounding_floor_is_answered_by_status():
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = shortest_path(mdps.cliff_walking(is_slippery=True, gamma=1.0), tol=1e-300)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.gap < 1e-8

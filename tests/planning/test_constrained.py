"""Constrained models: against HiGHS, brute force over mixtures, and rational arithmetic; few states randomise."""

import itertools
import warnings
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from proofs_check.oracles import deterministic_policies
from proofs_check.rational import rational_policy_value
from proofs_check.rational_constrained import rational_constrained_optimum, rational_sums
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status
from rltheory.planning import constrained, occupancy
from rltheory.planning.constrained import _Problem

WORK = MDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.5)


def drawn(number, most_limits=3):
    """Return a random model, random costs, and limits that a random policy keeps or just misses."""
    rng = np.random.default_rng([51, number])
    n, m, n_limits = rng.integers(1, 6), rng.integers(2, 4), rng.integers(1, most_limits + 1)
    P = rng.dirichlet(np.full(n, 0.5), size=(n, m))
    mdp = MDP.from_arrays(P, rng.normal(size=(n, m)), rng.choice([0, 0.5, 0.9, 0.99]), mu=rng.dirichlet(np.ones(n)))
    costs = rng.normal(size=(n_limits, mdp.n_pairs))
    costs = np.maximum(costs, 0) if rng.random() < 0.3 else costs
    policy = rng.dirichlet(np.ones(m), size=n)
    return mdp, costs, costs @ occupancy(mdp, policy) + rng.choice([0.1, -0.1, 1, -1]) / (1 - mdp.gamma)


def program(mdp, costs, limits):
    flow = np.eye(mdp.n_states)[mdp.pair_state] - mdp.gamma * mdp.P.toarray()
    return linprog(-mdp.r, A_ub=costs, b_ub=limits, A_eq=flow.T, b_eq=mdp.mu, method="highs-ds")


def rational_sum(mdp, policy, r):
    """Return the exact discounted sum of r from ``mu`` under a stochastic policy."""
    return rational_sums(mdp, policy, r[None])[0]


def tiny(draw, rng):
    """Return a hard model with few policies, costs of both signs, and limits near those of a random policy."""
    n_limits, mdp = int(rng.integers(1, 3)), draw(rng)
    while np.prod(mdp.action_counts) > (27 if n_limits == 1 else 9):
        mdp = draw(rng)
    mdp = mdp.replace(mu=rng.dirichlet(np.ones(mdp.n_states)))
    costs = rng.normal(size=(n_limits, mdp.n_pairs))
    costs = np.round(costs) if rng.random() < 0.3 else costs
    policy = rng.random((mdp.n_states, mdp.n_actions)) * (np.arange(mdp.n_actions) < mdp.action_counts[:, None])
    spent = costs @ occupancy(mdp, policy / policy.sum(axis=1, keepdims=True))
    return mdp, costs, spent + rng.choice([0.1, -0.1, 1, -1, 0], size=n_limits) / (1 - mdp.gamma)


def outcome(mdp, costs, limits):
    """Return what became of a model: answered, refused rightly, undecided, or violated."""
    optimum = rational_constrained_optimum(mdp, costs, limits)
    try:
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            solution = constrained(mdp, costs, limits)
    except CriterionError as refusal:
        if "(proven)" not in str(refusal):
            return "undecided"
        return "refused" if optimum is None else "violated"
    own, *spent = rational_sums(mdp, solution.policy, np.vstack([mdp.r, costs]))
    true = Fraction(solution.lower) <= own and (optimum is None or optimum <= Fraction(solution.upper))
    true &= all(
        Fraction(low) <= x <= Fraction(high)
        for low, x, high in zip(solution.costs_lower, spent, solution.costs_upper, strict=True)
    )
    if solution.violation <= 0:
        true &= (
            optimum is not None
            and Fraction(solution.lower) <= optimum
            and all(x <= Fraction(b) for x, b in zip(spent, limits, strict=True))
        )
        return "answered" if true else "violated"
    return "not proven to be kept" if true else "violated"


def outcomes(draw, numbers):
    return Counter(outcome(*tiny(draw, np.random.default_rng([52, number]))) for number in numbers)


def test_the_enclosure_contains_the_rational_optimum_or_the_refusal_is_right(hard_mdp):
    found = outcomes(hard_mdp, range(100))
    assert found["violated"] == 0
    assert found["answered"] > 40
    assert found["refused"] > 10


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_no_enclosure_and_no_refusal_is_wrong_in_twenty_thousand_models(hard_mdp, part, record_property):
    found = outcomes(hard_mdp, range(1000 + 1000 * part, 2000 + 1000 * part))
    record_property("outcomes", str(dict(found)))
    assert found["violated"] == 0


@pytest.mark.parametrize("part", range(6))
def test_it_agrees_with_highs_or_refuses_what_highs_finds_infeasible(part):
    for number in range(50 * part, 50 * part + 50):
        mdp, costs, limits = drawn(number)
        reference = program(mdp, costs, limits)
        if reference.status == 2:
            with pytest.raises(CriterionError, match=r"\(proven\)"):
                constrained(mdp, costs, limits)
            continue
        solution = constrained(mdp, costs, limits)
        assert solution.status is Status.CONVERGED
        assert solution.value == pytest.approx(-reference.fun, abs=1e-6)
        assert solution.gap <= 1e-6
        assert solution.violation <= 0
        assert ((solution.policy > 0).sum(axis=1) > 1).sum() <= limits.size


@pytest.mark.parametrize("part", range(4))
def test_bounds_and_costs_are_true_in_rational_arithmetic(part):
    for number in range(1000 + 50 * part, 1050 + 50 * part):
        mdp, costs, limits = drawn(number)
        if program(mdp, costs, limits).status == 2:
            continue
        solution = constrained(mdp, costs, limits)
        value = rational_sum(mdp, solution.policy, mdp.r)
        assert Fraction(solution.lower) <= value <= Fraction(solution.upper)
        for cost, limit, low, high in zip(costs, limits, solution.costs_lower, solution.costs_upper, strict=True):
            spent = rational_sum(mdp, solution.policy, cost)
            assert Fraction(low) <= spent <= Fraction(high)
            assert spent <= Fraction(limit)


@pytest.mark.parametrize("number", range(40))
def test_with_one_limit_the_optimum_mixes_at_most_two_deterministic_policies(number):
    """Brute force in rationals: (cost, reward) fill a polygon, whose corners are deterministic policies."""
    mdp, costs, limits = drawn(2000 + number, most_limits=1)
    if program(mdp, costs, limits).status == 2:
        return
    corners = []
    for policy in deterministic_policies(mdp):
        spent, earned = (
            sum(Fraction(p) * x for p, x in zip(mdp.mu, rational_policy_value(mdp.replace(r=r), policy), strict=True))
            for r in (costs[0], mdp.r)
        )
        corners.append((spent, earned))
    limit = Fraction(limits[0])
    best = [earned for spent, earned in corners if spent <= limit]
    for (low, a), (high, b) in itertools.product(corners, repeat=2):
        if low < limit < high:
            best.append(a + (b - a) * (limit - low) / (high - low))
    solution = constrained(mdp, costs, limits)
    assert Fraction(solution.lower) <= max(best) <= Fraction(solution.upper)


def test_the_programs_own_policy_may_break_a_limit_in_exact_arithmetic():
    """The false variant: without tightening, rounding alone leads beyond the limits."""
    broken = 0
    for number in range(60):
        mdp, costs, limits = drawn(number, most_limits=1)
        if program(mdp, costs, limits).status == 2:
            continue
        x, _ = _Problem(mdp, costs, limits).best(limits)
        policy = x.reshape(mdp.n_states, -1) / np.add.reduceat(x, mdp.pair_start[:-1])[:, None]
        broken += rational_sum(mdp, policy, costs[0]) > Fraction(limits[0])
    assert broken > 3


def test_negative_prices_would_prove_nothing():
    """The false variant of weak duality."""
    problem = _Problem(WORK, np.array([[1.0, 0.0]]), np.array([1.0]))
    optimum = constrained(WORK, [1.0, 0.0], 1.0).lower
    assert problem.largest_at_prices(np.array([0.3]), WORK.r)[0] >= optimum
    loose = _Problem(WORK, np.array([[1.0, 0.0]]), np.array([10.0]))
    assert loose.largest_at_prices(np.array([-1.0]), WORK.r)[0] < constrained(WORK, [1.0, 0.0], 10.0).value


def test_a_limit_that_binds_has_its_price_and_one_that_does_not_has_none():
    assert constrained(WORK, [1.0, 0.0], 1.0).prices == pytest.approx([1])
    assert constrained(WORK, [1.0, 0.0], 5.0).prices == pytest.approx([0])
    assert constrained(WORK, [1.0, 0.0], 5.0).policy.tolist() == [[1, 0]]


def test_a_limit_of_nothing_at_all_can_be_kept_exactly():
    """What a policy never meets costs nothing, without a rounding term."""
    solution = constrained(WORK, [1.0, 0.0], 0.0)
    assert solution.policy.tolist() == [[0, 1]]
    assert (solution.costs_lower[0], solution.costs_upper[0], solution.violation) == (0, 0, 0)
    assert solution.status is Status.CONVERGED


def test_a_limit_that_is_the_least_possible_cost_cannot_be_proven_to_be_kept():
    mdp = MDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.9)
    with pytest.warns(ConvergenceWarning, match="costs may exceed their limits by"):
        solution = constrained(mdp, [0.7, 0.1], 0.1 / (1 - 0.9))
    assert solution.status is Status.ROUNDING_FLOOR
    assert 0 < solution.violation < 1e-12


def test_a_limit_that_cannot_be_met_is_named_with_the_least_cost():
    with pytest.raises(
        CriterionError, match=r"limit 1 cannot be met: every policy costs at least 2 \(proven\), and 1 is"
    ):
        constrained(WORK, [[1.0, 0.0], [1.0, 1.0]], [5.0, 1.0])


def test_limits_that_exclude_each_other_are_named_together():
    with pytest.raises(
        CriterionError, match=r"0\.5 \* cost 0 \+ 0\.5 \* cost 1 is at least 1 .* the limits allow 0\.5"
    ):
        constrained(WORK, [[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5])


@pytest.mark.parametrize(
    ("costs", "limits", "message"),
    [
        ([1.0], 1.0, r"costs have shape \(1, 1\).*must be \(n_limits, 2\)"),
        ([[1.0, 0.0]], [1.0, 2.0], r"limits \(2,\)"),
        ([1.0, np.nan], 1.0, "not finite; leave a limit out to lift it"),
    ],
)
def test_costs_that_do_not_fit_are_refused(costs, limits, message):
    with pytest.raises(ModelError, match=message):
        constrained(WORK, costs, limits)


def test_an_undiscounted_model_is_refused():
    with pytest.raises(CriterionError, match="gamma is 1"):
        constrained(WORK.replace(gamma=1.0), [1.0, 0.0], 1.0)


def test_a_gap_larger_than_tol_is_told():
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = constrained(WORK.replace(gamma=0.9), [1.0, 0.0], 1.0, tol=1e-300)
    assert solution.gap < 1e-9


def test_an_answer_has_a_summary_and_a_table():
    with warnings.catch_warnings(action="error"):
        solution = constrained(WORK, [1.0, 0.0], 1.0)
    assert repr(solution).startswith("ConstrainedSolution(CONVERGED, gap=")
    assert solution.to_rows()[0]["limit"] == 1
    assert "<table>" in solution._repr_html_()
    assert not solution.policy.flags.writeable

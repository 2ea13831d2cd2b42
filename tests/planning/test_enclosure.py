"""No enclosure is ever wrong: every solver against exact rational arithmetic, in which nothing rounds.

The float data are the model, so that its value is a vector of rational numbers, which policy iteration in fractions
finds.
"""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, paired, value_vectors
from proofs_check.oracles import rational_optimum, rational_policy_value
from proofs_check.rational import rational_solve
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status
from rltheory.planning import enclose, enclosure, slow_models
from rltheory.planning.backup import bellman_sweep
from rltheory.planning.enclosure import Sweep, _move_outward, enclose_sweep
from rltheory.planning.gauss_seidel import gauss_seidel_policy_iteration
from rltheory.planning.modified_policy_iteration import SlowMixingError, solve_unless_slow
from rltheory.planning.slow_models import solve_slow


def sweeps_with_all_patience(mdp, tol):
    """Solve by what `solve` tries first, whose last backup proves the answer, if it comes to an end."""
    try:
        return solve_unless_slow(mdp, tol=tol, patience=math.inf, progress=None)
    except SlowMixingError:
        return slow_ways(mdp, tol)


def slow_ways(mdp, tol):
    """Solve by what `solve` tries next."""
    return solve_slow(mdp, tol=tol, progress=None)


def renumbered_way(mdp, tol):
    """Solve by Gauss-Seidel policy iteration in a copy of the model whose states have other numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slow_models, "spread", lambda mdp: (mdp.n_states, False))
        patch.setattr(slow_models, "acyclic_value", lambda _mdp: None)
        return slow_ways(mdp, tol)


CHOSEN_BY_USERS = (rl.value_iteration, rl.policy_iteration, rl.modified_policy_iteration, rl.solve)
SOLVERS = (*CHOSEN_BY_USERS, gauss_seidel_policy_iteration, sweeps_with_all_patience, slow_ways, renumbered_way)
DIRECT = (rl.policy_iteration, rl.solve, gauss_seidel_policy_iteration, slow_ways, renumbered_way)


def quietly_solved(solver, mdp, tol):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return solver(mdp, tol=tol)


def relative_slack(mdp, solution):
    """Return how near the truth comes to an end of its enclosure, as a part of the width; negative is a violation."""
    achieved, optimum = rational_policy_value(mdp, solution.policy), rational_optimum(mdp)
    slacks = []
    lower, upper = map(Fraction, solution.lower), map(Fraction, solution.upper)
    for low, high, own, best in zip(lower, upper, achieved, optimum, strict=True):
        slack = min(own - low, high - best)
        slacks.append(slack / (high - low) if high > low else slack)
    return min(slacks)


def worst_slack(draw, solver, numbers):
    worst = Fraction(1)
    for number in numbers:
        rng = np.random.default_rng([SOLVERS.index(solver), number])
        mdp = draw(rng)
        scale = float(np.abs(mdp.r).max()) / (1 - mdp.gamma)
        # Sweeps need a tolerance that they reach soon where gamma is near 1; linear systems need no such care.
        hardest = 1e-13 if mdp.gamma <= 0.99 or solver in DIRECT else 1e-3
        tol = max(scale, 1e-300) * max(float(rng.choice([1e-3, 1e-8, 1e-13])), hardest)
        worst = min(worst, relative_slack(mdp, quietly_solved(solver, mdp, tol)))
    return worst


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.__name__)
def test_the_enclosure_contains_the_rational_value_and_optimum(hard_mdp, solver):
    assert worst_slack(hard_mdp, solver, range(250)) >= 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.__name__)
def test_no_enclosure_is_wrong_in_twenty_thousand_models(hard_mdp, solver, part, record_property):
    worst = worst_slack(hard_mdp, solver, range(1000 + 500 * part, 1500 + 500 * part))
    record_property("worst relative slack", float(worst))
    assert worst >= 0


@given(paired(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6), lambda mdp: value_vectors(mdp, 1e7)))
def test_any_vector_at_all_gives_a_true_enclosure(drawn):
    mdp, v = drawn
    assert relative_slack(mdp, enclose(mdp, v)) >= 0


def swept(mdp, v):
    """Return one backup of v, with its extremes."""
    backed_up, policy = np.empty(mdp.n_states), np.empty(mdp.n_states, dtype=np.int64)
    return Sweep(v, backed_up, policy, *bellman_sweep(mdp)(v, backed_up, policy))


@given(paired(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6), lambda mdp: value_vectors(mdp, 1e7)))
def test_any_backup_at_all_gives_a_true_enclosure(drawn):
    mdp, v = drawn
    proven = enclose_sweep(mdp, swept(mdp, v))
    assert relative_slack(mdp, proven) >= 0
    assert np.array_equal(proven.policy, enclose(mdp, v).policy)


def test_a_backup_of_rows_that_do_not_quite_sum_to_one_gives_a_true_enclosure():
    for number in range(100):
        rng = np.random.default_rng([23, number])
        rows = rng.dirichlet(np.ones(4), size=12).astype(np.float32)
        mdp = MDP.from_pairs(rows, rng.normal(size=12), float(rng.choice([0.5, 0.99, 0.9999])), n_actions=3)
        v = rl.policy_iteration(mdp, tol=1.0).value + rng.choice([0, 0, 1e3]) + rng.choice([0, 1]) * rng.normal(size=4)
        assert relative_slack(mdp, enclose_sweep(mdp, swept(mdp, v))) >= 0


def test_a_backup_that_was_made_anyway_proves_almost_as_much():
    for number in range(200):
        mdp = mdps.garnet(50, 3, 5, rng=number, gamma=0.99)
        v = rl.policy_iteration(mdp, tol=1e-6).value
        assert enclose(mdp, v).gap <= enclose_sweep(mdp, swept(mdp, v)).gap <= 4 * enclose(mdp, v).gap


def test_a_backup_without_its_rounding_margin_proves_what_is_false(hard_mdp, monkeypatch):
    """The false variant of `enclose_sweep`: errors and margins of no size, in the same models."""

    def wrong():
        count = 0
        for number in range(200):
            mdp = hard_mdp(np.random.default_rng([21, number]))
            v = quietly_solved(rl.policy_iteration, mdp, 1e-300).value
            count += relative_slack(mdp, enclose_sweep(mdp, swept(mdp, np.array(v)))) < 0
        return count

    assert wrong() == 0
    monkeypatch.setattr(enclosure, "backup_error", lambda *_: 0.0)
    monkeypatch.setattr(enclosure, "_U", 0.0)
    monkeypatch.setattr(MDP, "row_sum_error", 0.0)
    assert wrong() > 20


def test_without_the_rounding_terms_the_same_bounds_are_wrong(hard_mdp):
    """The false variant: the same bounds in plain floats. If rationals did not refute it, they would test nothing."""
    wrong = 0
    for number in range(200):
        mdp = hard_mdp(np.random.default_rng([21, number]))
        v = quietly_solved(rl.policy_iteration, mdp, 1e-300).value
        backed_up, policy = rl.planning.backup(mdp, v)
        d, c = backed_up - v, mdp.gamma / (1 - mdp.gamma)
        naive = rl.PolicyValue(backed_up, backed_up + c * d.min(), backed_up + c * d.max(), "naive")
        exact = rational_policy_value(mdp, policy)
        inside = all(
            Fraction(low) <= value <= Fraction(high)
            for low, value, high in zip(naive.lower, exact, naive.upper, strict=True)
        )
        wrong += not inside
    assert wrong > 20


def test_rows_that_do_not_quite_sum_to_one_are_accounted_for():
    row = np.array([0.1] * 10, dtype=np.float32)
    mdp = MDP.from_pairs(np.tile(row, (10, 1)), np.arange(10.0), 0.99, n_actions=1)
    solution = rl.policy_iteration(mdp, tol=1e-2)
    assert relative_slack(mdp, solution) >= 0
    assert abs(float(rational_optimum(mdp)[0]) - (0 + 0.99 * 4.5 / 0.01)) > 1e-4


def test_rows_too_loose_for_the_discount_are_refused():
    row = np.array([1 / 3] * 3, dtype=np.float32)
    mdp = MDP.from_pairs(np.tile(row, (3, 1)), np.ones(3), 1 - 1e-9, n_actions=1)
    with pytest.raises(CriterionError, match=r"MDP\.normalised rescales the rows"):
        rl.value_iteration(mdp, tol=1.0, max_sweeps=3)


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.__name__)
def test_a_tolerance_below_the_rounding_floor_is_answered_by_status(solver):
    mdp = MDP.from_arrays(np.full((2, 2, 2), 0.5), [[1.0, 0.3], [0.2, 0.7]], gamma=0.99)
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = solver(mdp, tol=1e-18)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.gap < 1e-9


@pytest.mark.parametrize(
    "solver", [*CHOSEN_BY_USERS, gauss_seidel_policy_iteration], ids=lambda solver: solver.__name__
)
def test_a_discount_of_one_is_refused(solver):
    mdp = MDP.from_arrays([[[1.0]]], [1.0], gamma=1.0)
    with pytest.raises(CriterionError, match="gamma is 1"):
        solver(mdp)


def test_values_that_overflow_are_refused():
    with pytest.raises(ModelError, match="overflow float64; rescale"):
        rl.value_iteration(MDP.from_arrays([[[1.0]]], [1e299], gamma=0.999))


@pytest.mark.parametrize("tol", [0.0, -1.0, float("nan")])
def test_a_tolerance_that_is_not_positive_is_refused(tol):
    with pytest.raises(ModelError, match="it is a positive number of reward units"):
        rl.value_iteration(MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5), tol=tol)


def test_a_stochastic_policys_value_is_enclosed_too(hard_mdp):
    for number in range(200):
        rng = np.random.default_rng([22, number])
        mdp = hard_mdp(rng)
        policy = rng.random((mdp.n_states, mdp.n_actions)) * (np.arange(mdp.n_actions) < mdp.action_counts[:, None])
        policy /= policy.sum(axis=1, keepdims=True)
        evaluated = rl.evaluate_policy(mdp, policy)
        for low, exact, high in zip(evaluated.lower, rational_mixture(mdp, policy), evaluated.upper, strict=True):
            assert Fraction(low) <= exact <= Fraction(high)


def rational_mixture(mdp, policy):
    """Return the exact value of a stochastic policy."""
    P, gamma = mdp.P.toarray(), Fraction(mdp.gamma)
    matrix, rewards = [], []
    for s, (start, count) in enumerate(zip(mdp.pair_start, mdp.action_counts, strict=False)):
        weights = [Fraction(x) for x in policy[s, :count]]
        own = [[Fraction(p) for p in row] for row in P[start : start + count]]
        mixed = [sum(w * row[j] for w, row in zip(weights, own, strict=True)) for j in range(mdp.n_states)]
        matrix.append([(s == j) - gamma * p for j, p in enumerate(mixed)])
        rewards.append(sum(w * Fraction(x) for w, x in zip(weights, mdp.r[start : start + count], strict=True)))
    return rational_solve(matrix, rewards)


def test_bounds_are_moved_past_the_next_float_and_no_more_than_two_further():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=500) * 10.0 ** rng.uniform(-300, 300, size=500), 2.0 ** np.arange(-1074, 1000)])
    x = np.concatenate([x, -x, [0.0]])
    lower, upper = x.copy(), x.copy()
    _move_outward(lower, upper, 0.0, 0.0)
    step = np.nextafter(np.abs(x), np.inf) - np.abs(x)
    for moved, direction in ((x - lower, -np.inf), (upper - x, np.inf)):
        past = np.nextafter(np.nextafter(x, direction), direction)
        assert ((lower <= past) if direction < 0 else (upper >= past)).all(), "once before and once after the addition"
        assert (moved <= 4 * step).all()


def test_what_is_added_to_bounds_is_rounded_outward():
    rng = np.random.default_rng(1)
    x = rng.normal(size=300) * 10.0 ** rng.uniform(-20, 20, size=300)
    for below, above in rng.normal(size=(20, 2)) * 10.0 ** rng.uniform(-20, 20, size=(20, 2)):
        lower, upper = x.copy(), x.copy()
        _move_outward(lower, upper, below, above)
        for value, low, high in zip(x.tolist(), lower.tolist(), upper.tolist(), strict=True):
            assert Fraction(low) < Fraction(value) + Fraction(below)
            assert Fraction(high) > Fraction(value) + Fraction(above)

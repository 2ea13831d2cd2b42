"""Backward induction: exact up to bounded rounding, against rational recursion and brute force over policies."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps, finite_horizon_mdps, paired, stochastic_policies
from rltheory import CriterionError, FiniteHorizonMDP, Status, backward_induction, evaluate_policy, solve
from rltheory.planning import value_iterates


def rational_steps(model, choose):
    """Run the recursion in fractions; ``choose(t, s, q)`` turns the q-values of a state into its value."""
    gamma, v = Fraction(model.gamma), [Fraction(0)] * model.n_states
    values = [v]
    for t in reversed(range(model.H)):
        P, r = model.rows(t).toarray(), model.rewards(t)
        q = [
            Fraction(reward) + gamma * sum(Fraction(p) * x for p, x in zip(row, v, strict=True))
            for reward, row in zip(r, P, strict=True)
        ]
        bounds = itertools.pairwise(model.pair_start.tolist())
        v = [choose(t, s, q[start:end]) for s, (start, end) in enumerate(bounds)]
        values.append(v)
    return values[::-1]


def encloses(lower, exact, upper):
    return all(
        Fraction(low) <= value <= Fraction(high)
        for rows in zip(lower, exact, upper, strict=True)
        for low, value, high in zip(*rows, strict=True)
    )


@given(finite_horizon_mdps(max_reward=1e6))
def test_the_enclosure_contains_the_rational_optimum_and_the_policys_value(model):
    solution = backward_induction(model)
    optimum = rational_steps(model, lambda _t, _s, q: max(q))
    achieved = rational_steps(model, lambda t, s, q: q[solution.policy[t, s]])
    assert encloses(solution.lower, optimum, solution.upper)
    assert encloses(solution.lower, achieved, solution.upper)
    assert solution.gap <= 1e-6


@given(paired(finite_horizon_mdps(), stochastic_policies))
def test_the_value_of_a_stochastic_policy_is_enclosed(drawn):
    model, policy = drawn
    evaluated = evaluate_policy(model, policy)
    exact = rational_steps(model, lambda t, s, q: sum(Fraction(w) * x for w, x in zip(policy[t, s], q, strict=False)))
    assert encloses(evaluated.lower, exact, evaluated.upper)


@given(discounted_mdps())
def test_h_steps_are_h_sweeps_of_value_iteration(mdp):
    iterates = list(itertools.islice(value_iterates(mdp), 6))
    solution = backward_induction(mdp.finite_horizon(5))
    assert np.allclose(solution.value[::-1], [iterate.value for iterate in iterates], rtol=1e-13, atol=1e-13)


def test_no_steps_are_worth_nothing():
    solution = backward_induction(mdps.river_swim(6).finite_horizon(0))
    assert solution.value.tolist() == [[0.0] * 6]
    assert solution.policy.shape == (0, 6)
    assert solution.gap == 0
    assert solution.status is Status.CONVERGED


def test_the_best_action_may_depend_on_the_step():
    P = np.stack([np.eye(2), np.eye(2)[::-1]], axis=1)
    rewards = np.array([[[1, 0], [0, 0]], [[0, 0], [5, 0]]], dtype=float)
    solution = backward_induction(FiniteHorizonMDP(P, rewards, H=2))
    assert solution.value[0].tolist() == [5, 5]
    assert solution.policy[0].tolist() == [1, 0]


def test_a_model_without_horizon_is_refused():
    with pytest.raises(CriterionError, match=r"a MDP has no horizon; mdp\.finite_horizon\(H\) sets one"):
        backward_induction(mdps.river_swim(6))


def test_solve_sends_finite_horizons_to_backward_induction():
    model = mdps.river_swim(6).finite_horizon(7)
    assert solve(model).method == "backward induction"
    with pytest.raises(CriterionError, match="solved by backward_induction alone"):
        solve(model, method=evaluate_policy)

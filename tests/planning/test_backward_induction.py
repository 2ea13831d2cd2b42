"""Backward induction: exact up to bounded rounding, against rational recursion and brute force over policies."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
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


def hard_model(draw, rng):
    """Return a hard model of up to four steps, half of them with dynamics and rewards of their own."""
    H, mdp = int(rng.integers(1, 5)), draw(rng)
    gamma = float(rng.choice([mdp.gamma, 1.0]))
    if rng.random() < 0.5:
        return mdp.finite_horizon(H, gamma=gamma)
    steps = [mdp]
    while len(steps) < H:
        other = draw(rng)
        if other.n_states == mdp.n_states and other.n_pairs >= mdp.n_pairs:
            steps.append(other)
    P = sp.vstack([step.P[: mdp.n_pairs] for step in steps], format="csr")
    r = np.stack([step.r[: mdp.n_pairs] for step in steps])
    return FiniteHorizonMDP(sp.csr_array(P), r, H, gamma, pair_start=mdp.pair_start)


def drawn_policies(model, rng):
    """Return one policy for each step, of actions or of probabilities."""
    weights = rng.random((model.H, model.n_states, model.n_actions))
    weights *= np.arange(model.n_actions) < model.action_counts[:, None]
    return weights.argmax(axis=2) if rng.random() < 0.5 else weights / weights.sum(axis=2, keepdims=True)


def is_true(model, policy):
    """Tell whether the bounds on the optimum, on the policy found and on another one are right."""
    solution, evaluated = backward_induction(model), evaluate_policy(model, policy)
    weights = np.eye(model.n_actions)[policy] if policy.ndim == 2 else policy
    optimum = rational_steps(model, lambda _t, _s, q: max(q))
    achieved = rational_steps(model, lambda t, s, q: q[solution.policy[t, s]])
    other = rational_steps(model, lambda t, s, q: sum(Fraction(w) * x for w, x in zip(weights[t, s], q, strict=False)))
    enclosed = all(encloses(solution.lower, exact, solution.upper) for exact in (optimum, achieved))
    return enclosed and encloses(evaluated.lower, other, evaluated.upper)


def count_violations(draw, numbers):
    wrong = 0
    for number in numbers:
        rng = np.random.default_rng([61, number])
        model = hard_model(draw, rng)
        wrong += not is_true(model, drawn_policies(model, rng))
    return wrong


def test_no_enclosure_is_wrong_in_hard_models(hard_mdp):
    assert count_violations(hard_mdp, range(200)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_no_enclosure_is_wrong_in_twenty_thousand_models(hard_mdp, part, record_property):
    violations = count_violations(hard_mdp, range(1000 + 2000 * part, 3000 + 2000 * part))
    record_property("violations", violations)
    assert violations == 0


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

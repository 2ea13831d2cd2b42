"""One budget for a state: between budgets for every pair and none, and no division of the budget does more harm."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps, finite_horizon_mdps
from proofs_check.robust import oracles
from proofs_check.robust.dynamic_oracles import random_kernel
from rltheory import CriterionError, ModelError, backward_induction
from rltheory.robust import KL, TV, ChiSquare
from rltheory.robust.backward_induction import robust_backward_induction
from rltheory.robust.s_rectangular import s_rectangular_value_iteration
from rltheory.robust.value_iteration import robust_value_iteration

BUDGETS = st.builds(lambda kind, rho: kind(rho=rho), st.sampled_from([TV, KL, ChiSquare]), st.sampled_from([0.05, 0.4]))


@settings(max_examples=15)
@given(finite_horizon_mdps(max_states=3, max_horizon=3), BUDGETS)
def test_one_budget_for_a_state_is_between_one_for_each_pair_and_none(model, divergence):
    shared = s_rectangular_value_iteration(model, divergence)
    assert (robust_backward_induction(model, divergence).value <= shared.value + 1e-8).all()
    assert (shared.value <= backward_induction(model).value + 1e-8).all()


@settings(max_examples=15)
@given(finite_horizon_mdps(max_states=3, max_horizon=3), st.sampled_from([0.05, 0.4, 1.0]))
def test_every_state_of_every_step_is_a_linear_program(model, budget):
    solution, v = s_rectangular_value_iteration(model, TV(rho=budget)), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        P, r, own = model.rows(t).toarray(), model.rewards(t), pairwise(model.pair_start)
        P /= P.sum(axis=1, keepdims=True)
        v = np.array([oracles.budget_of_total_variation(P[i:j], r[i:j], model.gamma * v, budget) for i, j in own])
        assert np.allclose(solution.value[t], v, rtol=0, atol=1e-7)


@settings(max_examples=15)
@given(finite_horizon_mdps(max_actions=1, max_horizon=3), BUDGETS)
def test_where_there_is_one_action_there_is_nothing_to_share(model, divergence):
    shared = s_rectangular_value_iteration(model, divergence)
    assert np.allclose(shared.value, robust_backward_induction(model, divergence).value, rtol=0, atol=1e-8)


@settings(max_examples=15)
@given(discounted_mdps(max_states=3, gammas=(0.5,)), BUDGETS, st.integers(0, 2**32))
def test_no_division_of_the_budget_gives_the_policy_less(mdp, divergence, seed):
    solution, rng = s_rectangular_value_iteration(mdp, divergence, tol=1e-6), np.random.default_rng(seed)
    P, r = np.zeros((mdp.n_states, mdp.n_states)), np.zeros(mdp.n_states)
    nominal = mdp.P.toarray()
    for s in range(mdp.n_states):
        shares = rng.dirichlet(np.ones(mdp.action_counts[s]))
        for a, share in enumerate(shares):
            pair, weight = mdp.pair_start[s] + a, solution.policy[s, a]
            own = divergence.with_parameter(share * divergence.rho)
            P[s] += weight * random_kernel(own, nominal[pair] / nominal[pair].sum(), rng)
            r[s] += weight * mdp.r[pair]
    value = np.linalg.solve(np.eye(mdp.n_states) - mdp.gamma * P, r)
    assert (value >= solution.lower - 1e-9).all()


@settings(max_examples=15)
@given(discounted_mdps(max_states=3, gammas=(0.5,)), BUDGETS)
def test_no_policy_gets_more_from_the_worst_kernel(mdp, divergence):
    solution = s_rectangular_value_iteration(mdp, divergence, tol=1e-6)
    kernel, v = solution.worst_kernel(), np.zeros(mdp.n_states)
    for _ in range(60):
        v = np.maximum.reduceat(mdp.r + mdp.gamma * (kernel @ v), mdp.pair_start[:-1])
    assert (v <= solution.upper + 1e-5).all()


def test_without_a_budget_the_value_is_that_of_pairs_without_one():
    mdp = mdps.river_swim(4, gamma=0.8)
    shared, apart = s_rectangular_value_iteration(mdp, TV(rho=0.0)), robust_value_iteration(mdp, TV(rho=0.0))
    assert shared.value == pytest.approx(apart.value, abs=2e-8)
    assert shared.gap <= 1e-8


def test_a_penalty_is_refused():
    with pytest.raises(ModelError, match="a budget is a radius"):
        s_rectangular_value_iteration(mdps.river_swim(3, gamma=0.9), TV(lam=1.0))


def test_a_budget_for_each_pair_is_refused():
    with pytest.raises(ModelError, match=r"rho has shape \(6,\); budgets of states are one number, \(3,\)"):
        s_rectangular_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=np.ones(6)))


def test_a_linear_model_is_sent_to_its_rows():
    with pytest.raises(CriterionError, match="to_finite_horizon"):
        s_rectangular_value_iteration(mdps.robust_walk(), TV(rho=0.1))

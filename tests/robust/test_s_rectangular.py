"""One budget or penalty for a state: between one for every pair and none, and no other kernel does more harm."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps, finite_horizon_mdps
from proofs_check.robust import oracles
from proofs_check.robust.dynamic_oracles import charge, random_kernel
from rltheory import MDP, CriterionError, FiniteHorizonMDP, ModelError, backward_induction, evaluate_policy
from rltheory.robust import KL, TV, ChiSquare
from rltheory.robust.backward_induction import robust_backward_induction
from rltheory.robust.evaluation import evaluate_robustly
from rltheory.robust.s_rectangular import s_rectangular_evaluation, s_rectangular_value_iteration
from rltheory.robust.value_iteration import robust_value_iteration

KINDS, PARAMETERS = st.sampled_from([TV, KL, ChiSquare]), st.sampled_from([0.05, 0.4])
BUDGETS = st.builds(lambda kind, rho: kind(rho=rho), KINDS, PARAMETERS)
NATURES = BUDGETS | st.builds(lambda kind, lam: kind(lam=lam), KINDS, PARAMETERS)


def mixed(model, rng, H=None):
    """Draw a randomised policy, for each of H steps."""
    policy = rng.random((*([] if H is None else [H]), model.n_states, model.n_actions)) + 1e-3
    policy *= np.arange(model.n_actions) < model.action_counts[:, None]
    return policy / policy.sum(axis=-1, keepdims=True)


@settings(max_examples=15)
@given(finite_horizon_mdps(max_states=3, max_horizon=3), NATURES)
def test_one_nature_for_a_state_does_less_harm_than_one_for_each_pair_and_more_than_none(model, divergence):
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
        v = np.array([oracles.state_of_total_variation(P[i:j], r[i:j], model.gamma * v, kappa=budget) for i, j in own])
        assert np.allclose(solution.value[t], v, rtol=0, atol=1e-7)


@settings(max_examples=15)
@given(finite_horizon_mdps(max_actions=1, max_horizon=3), NATURES)
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


@settings(max_examples=15)
@given(discounted_mdps(max_states=3, gammas=(0.5,)), NATURES, st.integers(0, 2**32))
def test_the_best_policy_has_the_best_value_and_others_no_more(mdp, divergence, seed):
    best, other = s_rectangular_value_iteration(mdp, divergence), mixed(mdp, np.random.default_rng(seed))
    own = s_rectangular_evaluation(mdp, best.policy, divergence)
    assert np.allclose(own.value, best.value, rtol=0, atol=2e-8)
    assert (s_rectangular_evaluation(mdp, other, divergence).lower <= best.upper).all()


@settings(max_examples=15)
@given(finite_horizon_mdps(max_states=3, max_horizon=3), NATURES, st.integers(0, 2**32))
def test_a_policy_that_does_not_randomise_leaves_nature_one_row(model, divergence, seed):
    policy = np.random.default_rng(seed).integers(0, model.action_counts, (model.H, model.n_states))
    together = s_rectangular_evaluation(model, policy, divergence)
    assert np.allclose(together.value, evaluate_robustly(model, policy, divergence).value, rtol=0, atol=1e-9)


@settings(max_examples=15)
@given(finite_horizon_mdps(max_states=3, max_horizon=3), NATURES, st.integers(0, 2**32))
def test_to_randomise_only_helps_against_a_nature_that_does_not_see_the_action(model, divergence, seed):
    policy = mixed(model, np.random.default_rng(seed), model.H)
    together = s_rectangular_evaluation(model, policy, divergence)
    assert (evaluate_robustly(model, policy, divergence).value <= together.value + 1e-9).all()


def with_nature(mdp, divergence, kernel):
    """The nominal model in which nature has chosen, and every action is paid what she pays for all in its state."""
    nominal = [p / p.sum() for p in mdp.P.toarray()]
    paid = [charge(divergence, mu, p) for mu, p in zip(kernel, nominal, strict=True)]
    rewards = mdp.r + mdp.gamma * np.add.reduceat(paid, mdp.pair_start[:-1])[mdp.pair_state]
    return MDP.from_pairs(kernel, rewards, mdp.gamma, pair_start=mdp.pair_start)


@settings(max_examples=15)
@given(discounted_mdps(max_states=3, gammas=(0.5,)), NATURES, st.integers(0, 2**32))
def test_in_the_worst_kernel_the_policy_is_worth_its_worst_case(mdp, divergence, seed):
    solution = s_rectangular_evaluation(mdp, mixed(mdp, np.random.default_rng(seed)), divergence, tol=1e-10)
    kernel = solution.worst_kernel()
    there = with_nature(mdp, divergence, kernel)
    assert np.allclose(evaluate_policy(there, solution.policy).value, solution.value, rtol=0, atol=1e-7)


@settings(max_examples=10)
@given(discounted_mdps(max_states=3, gammas=(0.5,)), KINDS, st.integers(0, 2**32))
def test_no_kernel_leaves_the_policy_less_than_the_penalised_value(mdp, kind, seed):
    rng, divergence = np.random.default_rng(seed), kind(lam=0.3)
    solution = s_rectangular_evaluation(mdp, mixed(mdp, rng), divergence)
    kernel = np.array([random_kernel(divergence, p / p.sum(), rng) for p in mdp.P.toarray()])
    there = with_nature(mdp, divergence, kernel)
    assert (evaluate_policy(there, solution.policy).value >= solution.lower - 1e-8).all()


def test_parameters_may_differ_by_state_and_step():
    P = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
    model = FiniteHorizonMDP(P, [[1.0, 1.0], [0.0, 0.0]], H=3)
    by_state = s_rectangular_value_iteration(model, TV(rho=[0.5, 0.0]))
    assert by_state.value[:, 0] == pytest.approx([1 + 0.75 * 1.75, 1.75, 1.0, 0.0])
    by_step = s_rectangular_value_iteration(model, TV(rho=[[0.0], [0.5], [np.inf]]))
    assert by_step.value[:, 0] == pytest.approx([2.75, 1.75, 1.0, 0.0])
    penalties = s_rectangular_value_iteration(model, TV(lam=[[np.inf, 1.0], [0.25, 1.0], [1.0, 1.0]]))
    assert penalties.value[:, 0] == pytest.approx([2.5, 1.5, 1.0, 0.0])


@pytest.mark.parametrize(
    ("rho", "message"),
    [
        (2.5, r"rho of state 0 is 2\.5; TV adds up to 2 at most \(inf admits every kernel\)"),
        ([0.1, 3.0, 0.1], r"rho of state 1 is 3\.0"),
        ([[0.1, 0.1, 0.1], [0.1, 0.1, 4.0]], r"rho of state 2 at step 1 is 4\.0"),
    ],
    ids=["one", "by state", "by step"],
)
def test_a_budget_beyond_what_all_actions_can_have_is_named(rho, message):
    with pytest.raises(ModelError, match=message):
        s_rectangular_value_iteration(mdps.river_swim(3, gamma=1.0).finite_horizon(2), TV(rho=rho))


def test_a_budget_for_each_pair_is_refused():
    with pytest.raises(ModelError, match=r"rho has shape \(6,\); budgets of states are one number, \(3,\)"):
        s_rectangular_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=np.ones(6)))


def test_a_linear_model_is_sent_to_its_rows():
    with pytest.raises(CriterionError, match="to_finite_horizon"):
        s_rectangular_value_iteration(mdps.robust_walk(), TV(rho=0.1))
    with pytest.raises(CriterionError, match="to_finite_horizon"):
        s_rectangular_evaluation(mdps.robust_walk(), [0] * 5, TV(rho=0.1))

"""Errors do as much harm as the instances say, told by linear systems and by closed forms."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError

GAMMAS = pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 0.99])


def sup(x):
    return float(np.abs(x).max())


def best(mdp, q):
    return np.maximum.reduceat(q, mdp.pair_start[:-1])


def first_best(mdp, q):
    return q.reshape(mdp.n_states, -1).argmax(axis=1)


def chain(mdp, policy):
    """Return the kernel and the reward of a stochastic policy."""
    shape = (mdp.n_states, mdp.n_actions)
    P = np.einsum("sa,sat->st", policy, mdp.P.toarray().reshape(*shape, mdp.n_states))
    return P, np.einsum("sa,sa->s", policy, mdp.r.reshape(shape))


@pytest.mark.parametrize("error", [1e-2, 1.0])
@GAMMAS
def test_errors_of_action_values_add_up_along_the_chain(gamma, error, q_values, policy_value, is_optimal):
    mdp, errors = mdps.error_chain_q(gamma, sweeps=6, error=error)
    assert is_optimal(mdp, np.zeros(7, dtype=int))
    q = q_values(mdp, np.zeros(7))
    for k, made in enumerate(errors, start=1):
        q = q_values(mdp, best(mdp, q)) + made
        loss = sup(policy_value(mdp, first_best(mdp, q)))
        assert sup(made) == error
        assert loss / (2 * error * (1 - gamma**k) / (1 - gamma) ** 2) == pytest.approx(1, abs=1e-7)


@GAMMAS
def test_policy_iteration_with_the_same_errors_makes_the_same_policies(gamma, q_values, policy_value):
    mdp, errors = mdps.error_chain_q(gamma, sweeps=6)
    policy = np.zeros(7, dtype=int)
    for k, made in enumerate(errors, start=1):
        policy = first_best(mdp, q_values(mdp, policy_value(mdp, policy)) + made)
        assert np.flatnonzero(policy[:k]).tolist() == [k - 1]


@GAMMAS
def test_policy_iteration_with_averages_of_groups_alternates_for_ever(gamma, q_values, policy_value):
    mdp, groups, policy = mdps.alternating_policies(gamma, error=0.5)
    start = policy
    for _ in range(6):
        q = q_values(mdp, policy_value(mdp, policy)).reshape(4, 2)
        averaged = np.array([q[groups == group].mean(axis=0) for group in groups])
        assert sup(averaged - q) == pytest.approx(0.5)
        policy, previous = averaged.argmax(axis=1), policy
        np.testing.assert_array_equal(policy, 1 - previous)
        losing = np.flatnonzero(policy[:2] == 0)
        assert -policy_value(mdp, policy)[losing] == pytest.approx(0.5 / (1 - gamma) ** 2, rel=1e-7)
    np.testing.assert_array_equal(policy, start)


@GAMMAS
def test_to_change_groups_for_ever_costs_nothing(gamma, policy_value):
    mdp, _, _ = mdps.alternating_policies(gamma)
    assert policy_value(mdp, [1, 1, 1, 1]).tolist() == [0, 0, 0, 0]


@GAMMAS
def test_the_fork_attains_the_loss_by_the_residual_on_average(gamma, optimal_value, policy_value, greedy, backup):
    mdp, v, weights = mdps.residual_fork(gamma, residual=0.5)
    np.testing.assert_allclose(backup(mdp, v) - v, [0, 0.5, -0.5], atol=1e-7)
    loss = (optimal_value(mdp) - policy_value(mdp, greedy(mdp, v)))[0]
    on_average = np.sqrt(weights @ (backup(mdp, v) - v) ** 2)
    assert loss == pytest.approx(2 * gamma * 0.5 / (1 - gamma), rel=1e-7)
    assert loss == pytest.approx(np.sqrt(2 * gamma * (1 + gamma)) / (1 - gamma) * on_average, rel=1e-7)


@pytest.mark.parametrize("alpha", [0.01, 0.5, 1.0])
@GAMMAS
def test_a_mixture_gains_less_than_its_slope_by_what_the_bound_allows(gamma, alpha, policy_value):
    mdp, policy, other = mdps.mixture_trap(gamma, advantage=2.0)
    assert policy_value(mdp, policy).tolist() == [0, 0]
    mixed = (1 - alpha) * np.eye(2)[policy] + alpha * np.eye(2)[other]
    P, r = chain(mdp, mixed)
    gained = np.linalg.solve(np.eye(2) - gamma * P, r)[0]
    shortfall = alpha * 2.0 / (1 - gamma) - gained
    assert shortfall == pytest.approx(4 * alpha**2 * gamma / ((1 - gamma) * (1 - gamma * (1 - alpha))))


@pytest.mark.parametrize("shift", [1e-3, 0.5])
@GAMMAS
def test_a_shift_within_a_trust_region_gains_less_than_it_seems(gamma, shift):
    mdp, policy, other = mdps.trust_region_trap(gamma, shift, advantage=3.0)
    (P, r), (other_P, other_r) = chain(mdp, policy), chain(mdp, other)
    np.testing.assert_allclose(np.linalg.solve(np.eye(2) - gamma * P, r), 0, atol=1e-12)
    assert np.abs(policy - other).sum(axis=1).tolist() == [2 * shift] * 2
    promised = np.linalg.solve(np.eye(2) - gamma * P, other_r)[0]
    gained = np.linalg.solve(np.eye(2) - gamma * other_P, other_r)[0]
    slower, faster = 1 - gamma + gamma * shift, 1 - gamma + 2 * gamma * shift
    assert promised - gained == pytest.approx(4 * gamma * shift**2 * 3.0 / (slower * faster))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.error_chain_q(1.0), "gamma is 1.0"),
        (lambda: mdps.error_chain_q(0.9, 0), "sweeps is 0"),
        (lambda: mdps.alternating_policies(0.9, -1.0), "error is -1.0"),
        (lambda: mdps.residual_fork(0.0), "gamma is 0.0"),
        (lambda: mdps.mixture_trap(0.9, 0.0), "advantage is 0.0"),
        (lambda: mdps.trust_region_trap(0.9, 0.6), "shift is 0.6.*needs 0 < shift <= 1/2"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

"""What averaging over groups does to the instances, by iterating it, and what their docstrings promise."""

import numpy as np
import pytest

import mdps
from rltheory import MDP, ModelError

GAMMAS = pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9])


def sup(x):
    return float(np.abs(x).max())


def averaged(v, groups, weights):
    return np.bincount(groups, weights * v)[groups]


def fixed_point(mdp, groups, weights, backup):
    """Iterate averaging and backup until nothing changes."""
    v = np.zeros(mdp.n_states)
    for _ in range(int(40 / (1 - mdp.gamma))):
        v = averaged(backup(mdp, v), groups, weights)
    return v


def abstract(mdp, groups, weights):
    """Average rewards and rows over groups, pair by pair."""
    n, k = int(groups.max()) + 1, mdp.n_actions
    P, r = np.zeros((n * k, n)), np.zeros(n * k)
    for pair, state in enumerate(mdp.pair_state):
        row = groups[state] * k + pair - mdp.pair_start[state]
        r[row] += weights[state] * mdp.r[pair]
        P[row] += weights[state] * np.bincount(groups, mdp.P[[pair]].toarray()[0], minlength=n)
    return MDP.from_pairs(P, r, mdp.gamma, n_actions=k)


@pytest.mark.parametrize(
    "build",
    [
        mdps.abstraction_leak,
        mdps.abstraction_trap,
        mdps.averaging_drift,
        mdps.averaging_greedy_trap,
        mdps.averaging_residual_trap,
        mdps.averaging_trap,
        mdps.q_abstraction_trap,
    ],
)
def test_the_weights_of_each_group_add_up_to_one(build):
    mdp, groups, weights = build(gamma=0.5)
    assert groups.shape == weights.shape == (mdp.n_states,)
    np.testing.assert_allclose(np.bincount(groups, weights), 1)


@GAMMAS
def test_a_small_difference_within_a_group_drifts_away(gamma, backup, optimal_value):
    mdp, groups, weights = mdps.averaging_drift(gamma, gap=0.5)
    v, optimum = fixed_point(mdp, groups, weights, backup), optimal_value(mdp)
    assert sup(averaged(optimum, groups, weights) - optimum) == pytest.approx(0.5)
    assert sup(v - optimum) == pytest.approx(0.5 / (1 - gamma))


@GAMMAS
def test_groups_whose_values_drift_apart_are_confused_for_ever(gamma, backup, optimal_value, greedy, policy_value):
    mdp, groups, weights = mdps.averaging_trap(gamma, gap=0.5)
    v, optimum = fixed_point(mdp, groups, weights, backup), optimal_value(mdp)
    np.testing.assert_allclose(v, np.array([0.5, 0.5, -0.5, -0.5]) / (1 - gamma))
    np.testing.assert_allclose(optimum, [0, 0.5, 0, -0.5], atol=1e-12)
    loss = sup(optimum - policy_value(mdp, greedy(mdp, v)))
    assert loss == pytest.approx(2 * gamma * 0.5 / (1 - gamma) ** 2, rel=1e-7)


@GAMMAS
def test_the_residual_trap_survives_averaging(gamma, backup, optimal_value, greedy, policy_value):
    mdp, groups, weights = mdps.averaging_residual_trap(gamma, residual=0.5)
    v = fixed_point(mdp, groups, weights, backup)
    np.testing.assert_allclose((backup(mdp, v) - v)[:2], [0.5, -0.5], atol=1e-7)
    loss = sup(optimal_value(mdp) - policy_value(mdp, greedy(mdp, v)))
    assert loss == pytest.approx(2 * gamma * 0.5 / (1 - gamma), rel=1e-7)


@GAMMAS
def test_one_averaged_sweep_from_the_optimum_falls_into_the_greedy_trap(
    gamma, backup, optimal_value, greedy, policy_value
):
    mdp, groups, weights = mdps.averaging_greedy_trap(gamma, error=0.5)
    optimum = optimal_value(mdp)
    v = averaged(backup(mdp, optimum), groups, weights)
    np.testing.assert_allclose((v - optimum)[:2], [-0.5, 0.5])
    loss = sup(optimum - policy_value(mdp, greedy(mdp, v)))
    assert loss == pytest.approx(2 * gamma * 0.5 / (1 - gamma), rel=1e-7)


@GAMMAS
def test_rewards_that_are_off_cost_twice_in_an_abstract_model(gamma, optimal_value, optimal_policy, policy_value):
    mdp, groups, weights = mdps.abstraction_trap(gamma, error=0.1)
    policy = optimal_policy(abstract(mdp, groups, weights))[groups]
    assert sup(optimal_value(mdp) - policy_value(mdp, policy)) == pytest.approx(2 * 0.1 / (1 - gamma))
    assert (mdp.r >= 0).all()
    assert (mdp.r <= 1).all()


@GAMMAS
def test_a_leak_within_a_group_is_not_seen(gamma, optimal_value):
    mdp, groups, weights = mdps.abstraction_leak(gamma, leak=0.01)
    seen = optimal_value(abstract(mdp, groups, weights))[groups]
    worth = 1 / (1 - gamma)
    assert sup(optimal_value(mdp) - seen) == pytest.approx(gamma * worth * 0.01 / (1 - gamma + gamma * 0.01))


@GAMMAS
def test_action_values_that_nearly_agree_may_cost_the_square_of_the_horizon(
    gamma, q_values, optimal_value, optimal_policy, policy_value
):
    mdp, groups, weights = mdps.q_abstraction_trap(gamma, error=0.5)
    optimum = optimal_value(mdp)
    q = q_values(mdp, optimum).reshape(6, 2)
    assert sup(q[::2] - q[1::2]) == pytest.approx(0.5)
    policy = optimal_policy(abstract(mdp, groups, weights))[groups]
    assert sup(optimum - policy_value(mdp, policy)) == pytest.approx(2 * 0.5 / (1 - gamma) ** 2, rel=1e-7)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.averaging_drift(1.0), "gamma is 1.0"),
        (lambda: mdps.averaging_trap(0.9, 0.0), "gap is 0.0"),
        (lambda: mdps.averaging_residual_trap(0.9, 0.0), "residual is 0.0"),
        (lambda: mdps.averaging_greedy_trap(0.9, 0.0), "error is 0.0"),
        (lambda: mdps.abstraction_trap(0.9, 0.6), r"error is 0.6; it must be a number in \[0, 0.5\]"),
        (lambda: mdps.abstraction_leak(0.9, 2.0), "leak is 2.0"),
        (lambda: mdps.q_abstraction_trap(0.9, -1.0), "error is -1.0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

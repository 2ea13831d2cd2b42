"""Each instance reaches its bound: the ratio of the two sides, computed here with linear systems only."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError

GAMMAS = pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 0.99])


def sup(x):
    return float(np.abs(x).max())


def span(x):
    return float(np.max(x) - np.min(x))


@GAMMAS
def test_a_single_state_turns_inequalities_between_constants_into_equalities(gamma, backup):
    mdp, H = mdps.single_state(1.0, gamma), 1 / (1 - gamma)
    u, v = np.array([3.0]), np.array([-1.0])
    assert sup(backup(mdp, u) - backup(mdp, v)) == pytest.approx(gamma * sup(u - v))
    assert sup(H - v) == pytest.approx(H * sup(backup(mdp, v) - v))
    iterate = np.zeros(1)
    for _ in range(7):
        iterate = backup(mdp, iterate)
    assert sup(H - iterate) == pytest.approx(gamma**7 * H)


@GAMMAS
@pytest.mark.parametrize("error", [1e-3, 1.0, 1e3])
def test_the_greedy_trap_attains_the_greedy_policy_loss(gamma, error, optimal_value, policy_value, greedy, backup):
    mdp, v = mdps.greedy_trap(gamma, error)
    optimum = optimal_value(mdp)
    loss = sup(optimum - policy_value(mdp, greedy(mdp, v)))
    assert sup(v - optimum) == pytest.approx(error)
    assert loss / (2 * gamma / (1 - gamma) * sup(v - optimum)) == pytest.approx(1, abs=1e-7)
    assert loss / (gamma / (1 - gamma) * span(v - optimum)) == pytest.approx(1, abs=1e-7)
    assert loss / (gamma / (1 - gamma) * span(backup(mdp, v) - v)) == pytest.approx(1, abs=1e-7)


@GAMMAS
def test_the_greedy_trap_shows_that_the_action_gap_condition_is_sharp(gamma, optimal_value, q_values, greedy):
    mdp, v = mdps.greedy_trap(gamma, 1.0)
    optimum = optimal_value(mdp)
    q = q_values(mdp, optimum).reshape(2, 2)
    threshold = span(q[0]) / (2 * gamma)
    assert sup(v - optimum) == pytest.approx(threshold)
    np.testing.assert_array_equal(greedy(mdp, v), [1, 1])
    np.testing.assert_array_equal(greedy(mdp, optimum + (1 - 1e-6) * (v - optimum)), [0, 0])


@GAMMAS
def test_the_residual_trap_attains_the_loss_by_the_bellman_residual(gamma, optimal_value, policy_value, greedy, backup):
    mdp, v = mdps.residual_trap(gamma, 0.5)
    loss = sup(optimal_value(mdp) - policy_value(mdp, greedy(mdp, v)))
    assert sup(backup(mdp, v) - v) == pytest.approx(0.5)
    assert loss / (2 * gamma / (1 - gamma) * sup(backup(mdp, v) - v)) == pytest.approx(1, abs=1e-7)


@GAMMAS
def test_the_trap_for_action_values_attains_its_bound(gamma, optimal_value, policy_value, q_values):
    mdp, q = mdps.greedy_trap_q(gamma, 2.0)
    optimum = optimal_value(mdp)
    loss = sup(optimum - policy_value(mdp, [int(np.argmax(q))]))
    assert loss / (2 / (1 - gamma) * sup(q - q_values(mdp, optimum))) == pytest.approx(1, abs=1e-7)


@GAMMAS
def test_a_near_optimal_policy_loses_its_error_in_every_step(gamma, optimal_value, policy_value, q_values):
    mdp, policy = mdps.near_optimal_policy(gamma, 0.25)
    optimum = optimal_value(mdp)
    assert q_values(mdp, optimum)[policy[0]] == pytest.approx(optimum[0] - 0.25)
    assert sup(optimum - policy_value(mdp, policy)) == pytest.approx(0.25 / (1 - gamma))


@GAMMAS
@pytest.mark.parametrize("delta", [0.1, 0.5, 1.0])
def test_the_span_contracts_by_the_discount_times_dobrushins_coefficient(gamma, delta, backup):
    mdp, u, v = mdps.span_contraction(gamma, delta)
    rows = mdp.P.toarray()
    assert 0.5 * np.abs(rows[0] - rows[1]).sum() == pytest.approx(delta)
    assert span(backup(mdp, u) - backup(mdp, v)) == pytest.approx(gamma * delta * span(u - v))


@GAMMAS
@pytest.mark.parametrize("leak", [1e-6, 1e-2, 0.5])
def test_a_leak_costs_what_the_simulation_lemma_allows_as_it_vanishes(gamma, leak, policy_value):
    mdp, perturbed = mdps.leaky_reward(gamma, leak)
    difference = sup(policy_value(mdp, [0, 0]) - policy_value(perturbed, [0, 0]))
    distance = np.abs((mdp.P - perturbed.P).toarray()).sum(axis=1).max()
    bound = gamma * distance / (2 * (1 - gamma) ** 2)
    assert difference / bound == pytest.approx((1 - gamma) / (1 - gamma + gamma * leak), rel=1e-6)


@pytest.mark.parametrize(("gamma", "long_gamma"), [(0.5, 0.9), (0.5, 0.999), (0.2, 0.3), (0.1, 0.99)])
def test_short_sight_loses_what_the_change_of_discount_allows(
    gamma, long_gamma, is_optimal, optimal_value, policy_value
):
    mdp, policy = mdps.short_sighted(gamma, long_gamma)
    assert is_optimal(mdp.replace(gamma=gamma), policy)
    loss = sup(optimal_value(mdp) - policy_value(mdp, policy))
    bound = (long_gamma - gamma) / ((1 - gamma) * (1 - long_gamma))
    assert loss / bound == pytest.approx(1, abs=1e-6)
    assert ((mdp.r >= 0) & (mdp.r <= 1)).all()


@GAMMAS
def test_coin_flips_have_one_standard_deviation_and_attain_the_step_from_variances(gamma, policy_value):
    mdp = mdps.coin_flips(gamma)
    v, P = policy_value(mdp, [0, 0]), mdp.P.toarray()
    np.testing.assert_allclose(v, [gamma / (1 - gamma) / 2, 1 + gamma / (1 - gamma) / 2])
    sigma = np.sqrt(P @ v**2 - (P @ v) ** 2)
    np.testing.assert_allclose(sigma, 0.5, rtol=1e-6)
    left = sup(np.linalg.solve(np.eye(2) - gamma * P, sigma)) ** 2
    right = (1 + gamma) / (1 - gamma) * sup(np.linalg.solve(np.eye(2) - gamma**2 * P, sigma**2))
    assert left / right == pytest.approx(1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.greedy_trap(1.0), "gamma is 1.0; this instance needs 0 < gamma < 1"),
        (lambda: mdps.greedy_trap(0.9, 0.0), "error is 0.0; it must be above 0"),
        (lambda: mdps.residual_trap(0.9, -1.0), "residual is -1.0"),
        (lambda: mdps.greedy_trap_q(0.0), "gamma is 0.0"),
        (lambda: mdps.near_optimal_policy(0.9, 0.0), "error is 0.0"),
        (lambda: mdps.span_contraction(0.9, 2.0), "delta is 2.0"),
        (lambda: mdps.leaky_reward(0.9, -0.1), "leak is -0.1"),
        (lambda: mdps.short_sighted(0.6, 0.9), "0 < gamma <= 1/2"),
        (lambda: mdps.short_sighted(0.5, 0.4), "gamma < long_gamma"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()


def test_the_certainty_trap_loses_twice_the_squared_horizon_times_the_error():
    gamma, error = 0.9, 0.01
    mdp, wrong = mdps.certainty_trap(gamma, error)
    misled = [1, 0, 0]
    P, r = mdp.P.toarray()[mdp.pair_start[:-1] + misled], mdp.r[mdp.pair_start[:-1] + misled]
    value = np.linalg.solve(np.eye(3) - gamma * P, r)
    assert np.abs(mdp.r - wrong.r).max() == pytest.approx(error)
    assert 1 - value[0] == pytest.approx(2 * error / (1 - gamma) ** 2, rel=1e-7)


def test_the_lasting_coin_has_the_largest_variance_of_the_return():
    gamma = 0.9
    returns = np.array([gamma / (1 - gamma), 0.0])
    assert np.linalg.solve(np.eye(3) - gamma * mdps.lasting_coin(gamma).P.toarray(), [0, 1, 0])[0] == pytest.approx(
        returns.mean()
    )
    assert returns.var() == pytest.approx((gamma / (1 - gamma)) ** 2 / 4)

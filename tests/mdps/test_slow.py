"""Value and policy iteration, written out here in NumPy, are as slow or as wrong as the instances say."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError


def sup(x):
    return float(np.abs(x).max())


def improvements(mdp, policy, policy_value, q_values):
    """Return the values of the policies of Howard's policy iteration; an action is kept unless another is better."""
    values = [policy_value(mdp, policy)]
    while True:
        v, q = values[-1], q_values(mdp, values[-1])
        best = np.array([np.argmax(own) for own in np.split(q, mdp.pair_start[1:-1])])
        gain = q[mdp.pair_start[:-1] + best] - v
        if not (gain > 1e-12).any():
            return values
        policy = np.where(gain > 1e-12, best, policy)
        values.append(policy_value(mdp, policy))


@pytest.mark.parametrize(("gamma", "sweeps"), [(0.5, 3), (0.5, 30), (0.9, 20), (0.9, 200), (0.99, 1000)])
def test_value_iteration_keeps_the_wrong_action_for_as_long_as_asked(gamma, sweeps, backup, greedy):
    mdp, v, right_after = mdps.slow_value_iteration(gamma, sweeps), np.zeros(3), 0
    while greedy(mdp, v)[1] == 1:
        v, right_after = backup(mdp, v), right_after + 1
    assert right_after - 1 >= sweeps
    assert right_after <= sweeps + np.log(2) / -np.log(gamma) + 1


@pytest.mark.parametrize(("gamma", "sweeps"), [(0.5, 30), (0.9, 200)])
def test_policy_iteration_is_not_fooled(gamma, sweeps, policy_value, q_values, is_optimal):
    mdp, H = mdps.slow_value_iteration(gamma, sweeps), 1 / (1 - gamma)
    assert is_optimal(mdp, [0, 0, 0])
    np.testing.assert_allclose(policy_value(mdp, [0, 0, 0]), [0, gamma * H, H])
    assert len(improvements(mdp, np.array([0, 1, 0]), policy_value, q_values)) <= 3


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_every_improvement_of_slow_policy_iteration_gains_one_factor_of_the_discount(gamma, policy_value, q_values):
    mdp, policy = mdps.slow_policy_iteration(gamma, steps=5)
    values = improvements(mdp, policy, policy_value, q_values)
    optimum = np.array([0, *gamma ** np.arange(6.0)])
    np.testing.assert_allclose(values[-1], optimum, atol=1e-12)
    assert len(values) == 1 + 6
    ratios = [sup(optimum - v) / (gamma**k * sup(optimum - values[0])) for k, v in enumerate(values[:-1])]
    np.testing.assert_allclose(ratios, 1, atol=1e-8)


@pytest.mark.parametrize("inner", [1, 2, 10])
@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_modified_policy_iteration_is_as_slow_whatever_its_inner_sweeps(gamma, inner, policy_value, greedy):
    mdp, policy = mdps.slow_policy_iteration(gamma, steps=5)
    optimum, v = np.array([0, *gamma ** np.arange(6.0)]), policy_value(mdp, policy)
    first = sup(optimum - v)
    for k in range(1, 6):
        rows = mdp.pair_start[:-1] + greedy(mdp, v)
        for _ in range(inner):
            v = mdp.r[rows] + gamma * (mdp.P[rows] @ v)
        assert sup(optimum - v) / (gamma**k * first) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("error", [1e-3, 1.0])
@pytest.mark.parametrize("gamma", [0.5, 0.8, 0.95])
def test_errors_of_value_iteration_add_up_along_the_chain(gamma, error, backup, greedy, policy_value):
    mdp, errors = mdps.error_chain(gamma, sweeps=6, error=error)
    v = np.zeros(mdp.n_states)
    for k, made in enumerate(errors, start=1):
        v = backup(mdp, v) + made
        loss = sup(policy_value(mdp, greedy(mdp, v)))
        assert loss / (2 * gamma * error * (1 - gamma**k) / (1 - gamma) ** 2) == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("gamma", [0.5, 0.8])
def test_errors_of_policy_iteration_approach_their_bound_along_the_chain(gamma, greedy, policy_value):
    mdp, errors = mdps.error_chain(gamma, sweeps=60)
    policy = np.zeros(mdp.n_states, dtype=int)
    for made in errors:
        policy = greedy(mdp, policy_value(mdp, policy) + made)
    assert sup(policy_value(mdp, policy)) / (2 * gamma / (1 - gamma) ** 2) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("period", [2, 3, 6])
@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_policies_executed_in_turn_lead_back_to_where_they_lose_most(gamma, period, backup, greedy):
    mdp, errors = mdps.error_chain(gamma, sweeps=6, period=period)
    v, policies = np.zeros(mdp.n_states), []
    for made in errors:
        v = backup(mdp, v) + made
        policies.append(greedy(mdp, v))
    state, lost = 6, 0.0
    for t, policy in enumerate(policies[: -period - 1 : -1]):
        row = mdp.pair_start[state] + policy[state]
        lost -= gamma**t * mdp.r[row]
        state = int(mdp.P[[row]].toarray().argmax())
    assert state == 6
    assert lost == pytest.approx(2 * gamma * (1 - gamma**6) / (1 - gamma), rel=1e-7)


def test_the_optimum_of_the_error_chain_is_to_walk_for_nothing(is_optimal, policy_value):
    mdp, errors = mdps.error_chain(0.9, sweeps=4, error=2.0)
    assert is_optimal(mdp, np.zeros(5, dtype=int))
    assert sup(policy_value(mdp, np.zeros(5, dtype=int))) == 0
    assert np.abs(errors).max(axis=1).tolist() == [2.0] * 4


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.slow_value_iteration(0.9, 0), "sweeps is 0"),
        (lambda: mdps.slow_value_iteration(0.5, 100), "with gamma = 0.5 floating point can tell at most 42 apart"),
        (lambda: mdps.slow_policy_iteration(1.0), "gamma is 1.0"),
        (lambda: mdps.slow_policy_iteration(0.9, 0), "steps is 0"),
        (lambda: mdps.error_chain(0.9, 5, 0.0), "error is 0.0"),
        (lambda: mdps.error_chain(0.9, 5, period=0), "period is 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

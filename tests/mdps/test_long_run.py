"""Instances of the long run: closed forms, computed here with linear systems and powers only."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError

GAMMAS = pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.99])


def poisson(mdp, policy, gain, bias):
    """By how much a constant gain and a bias miss Poisson's equation."""
    rows = mdp.pair_start[:-1] + policy
    return np.abs(mdp.r[rows] + mdp.P.toarray()[rows] @ bias - gain - bias).max()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_cycle_has_the_gain_and_the_bias_that_it_says(n):
    mdp, policy = mdps.cycle(n), np.zeros(n, dtype=int)
    bias = (np.arange(n) - (n - 1) / 2) / n
    assert poisson(mdp, policy, 1 / n, bias) < 1e-14
    assert bias.sum() == pytest.approx(0)
    np.testing.assert_array_equal(np.linalg.matrix_power(mdp.P.toarray(), n), np.eye(n))


def test_value_iteration_never_settles_on_a_cycle():
    mdp, v = mdps.cycle(4), np.zeros(4)
    for _ in range(20):
        before, v = v, mdp.r + mdp.P @ v
        assert np.ptp(v - before) == 1


@GAMMAS
def test_the_loan_is_worth_little_less_than_its_gain_and_bias_say(gamma, policy_value):
    mdp, bias = mdps.loan(gamma=gamma), np.array([0.0, 1.0, 0.0])
    assert poisson(mdp, np.zeros(3, dtype=int), 0.0, bias) == 0
    np.testing.assert_allclose(policy_value(mdp, [0, 0, 0]) - bias, [gamma - 1, 0, 0], atol=1e-15)


@pytest.mark.parametrize("p", [1.0, 0.5, 1e-3])
def test_the_valley_is_behind_by_the_time_that_the_climb_takes(p):
    mdp = mdps.slow_climb(p)
    assert poisson(mdp, np.array([0, 0]), 1.0, np.array([0.0, 1 / p])) < 1e-12
    assert mdp.r[2] + 0 <= 1 + 1 / p  # going down is never better


@GAMMAS
@pytest.mark.parametrize("leave", [1e-6, 0.1, 1.0])
def test_changing_luck_doubles_the_span_of_the_bias(gamma, leave, policy_value):
    mdp, bias = mdps.changing_luck(leave, gamma=gamma), np.array([1, -1, -1, 1]) / 4
    assert poisson(mdp, np.zeros(4, dtype=int), 0.5, bias) < 1e-15
    kappa = gamma * leave / (1 - gamma + gamma * leave)
    v = policy_value(mdp, [0, 0, 0, 0])
    assert v[0] - v[2] == pytest.approx(2 * np.ptp(bias) / (1 + gamma * kappa))
    assert np.ptp(v) == pytest.approx(v[0] - v[2])


@pytest.mark.parametrize("delta", [0.0, 0.5, 0.9])
def test_a_fresh_start_forgets_at_the_rate_delta(delta):
    P, pi = mdps.fresh_start(delta, rare=0.25).P.toarray(), np.array([0.75, 0.25])
    np.testing.assert_allclose(pi @ P, pi)
    np.testing.assert_allclose(sorted(np.linalg.eigvals(P)), [delta, 1])
    for t in range(1, 6):
        row = np.linalg.matrix_power(P, t)[1]
        assert np.abs(row - pi).sum() / 2 == pytest.approx(0.75 * delta**t)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.cycle(0), "n is 0"),
        (lambda: mdps.slow_climb(0.0), "p is 0.0; it must be above 0"),
        (lambda: mdps.changing_luck(2.0), r"leave is 2.0; it must be a number in \[0, 1\]"),
        (lambda: mdps.fresh_start(1.0), "delta is 1"),
        (lambda: mdps.fresh_start(0.5, rare=-1.0), "rare is -1.0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

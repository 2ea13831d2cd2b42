"""The moment estimator: powers that vanish, weights within their range, and no division by what is not there."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from rltheory.exploration.home import add_moments, moment_features, moment_variances


def filled(phi, value, successor, M):
    x, y = np.full((M, phi.shape[1]), np.nan), np.full(M, np.nan)
    levels = moment_features(phi, value, successor, x, y, np.empty(value.size))
    return levels, x, y


@given(st.integers(0, 10**6), st.integers(1, 25))
def test_level_m_has_the_power_two_to_the_m(seed, M):
    rng = np.random.default_rng(seed)
    value, phi = np.where(rng.random(4) < 0.3, 1.0, rng.random(4)), rng.normal(size=(4, 3))
    levels, x, y = filled(phi, value, 2, M)
    powers = np.array([value ** (2.0**m) for m in range(M)])
    np.testing.assert_allclose(y, powers[:, 2], rtol=1e-7, atol=1e-140)
    np.testing.assert_allclose(x, powers @ phi, rtol=1e-7, atol=1e-9)
    assert (x[levels:] == 0).all()


def test_powers_of_less_than_one_vanish_without_harm():
    levels, x, y = filled(np.eye(2), np.array([0.5, 0.9]), 0, 40)
    assert levels < 20
    assert np.isfinite(x).all()
    gram, moment, variance = np.tile(np.eye(2), (40, 1, 1)), np.zeros((40, 2)), np.empty(40)
    inverse = gram.copy()
    moment_variances(x, moment, inverse, inverse, 1.0, 0.1, 1.0, levels, variance)
    add_moments(x, y, variance, levels, gram, inverse, moment, np.empty(2))
    assert np.isfinite(inverse).all()
    np.testing.assert_array_equal(inverse[levels:], np.tile(np.eye(2), (40 - levels, 1, 1)))


@given(st.integers(0, 10**6), st.floats(0, 100), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 10))
def test_weights_are_within_their_range(seed, beta, alpha, gamma, ridge):
    rng = np.random.default_rng(seed)
    M, phi = 6, rng.dirichlet(np.ones(4), size=3).T / np.sqrt(3)
    levels, x, _ = filled(phi, rng.random(4), 0, M)
    seen = rng.normal(size=(M, 5, 3))
    inverse, variance = np.linalg.inv(ridge * np.eye(3) + np.swapaxes(seen, 1, 2) @ seen), np.empty(M)
    moment_variances(x, rng.normal(size=(M, 3)), inverse, inverse, beta, alpha, gamma, levels, variance)
    assert (variance[:levels] >= alpha**2).all()
    assert (variance[:levels] <= max(3, gamma**2 / np.sqrt(ridge), alpha**2) + 1e-12).all()

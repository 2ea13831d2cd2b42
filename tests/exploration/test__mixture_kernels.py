"""Compiled loops against a few lines of NumPy."""

import numpy as np
import pytest

from rltheory.exploration import _mixture_kernels as kernels

S, A, D, H = 5, 3, 4, 6


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def positive_definite(rng, n):
    return np.stack([np.eye(D) + M @ M.T for M in rng.normal(size=(n, D, D))])


@pytest.mark.parametrize("steps", [1, H])
def test_planning_is_backward_induction_with_a_bonus(rng, steps):
    phi, r = rng.normal(size=(S, A, S, D)) / 4, rng.random((steps, S, A)) / 3
    theta, inverse, beta = rng.normal(size=(steps, D)), positive_definite(rng, steps), rng.random(steps)
    value, policy = np.zeros((H + 1, S)), np.zeros((H, S), dtype=np.int64)
    features, by_next = np.empty((H, S, A, D)), np.ascontiguousarray(np.moveaxis(phi, 2, 0)).reshape(S, -1)
    kernels.optimistic_plan(by_next, r, theta, inverse, beta, 1.0, value, policy, features)
    expected = np.zeros(S)
    for t in reversed(range(H)):
        i = t % steps
        x = np.einsum("sand,n->sad", phi, expected)
        np.testing.assert_allclose(features[t], x, atol=1e-12)
        width = np.sqrt(np.einsum("sad,de,sae->sa", x, inverse[i], x))
        q = np.clip(r[i] + x @ theta[i] + beta[i] * width, 0.0, 1.0)
        expected = q.max(axis=1)
        np.testing.assert_allclose(value[t], expected, atol=1e-12)
        np.testing.assert_allclose(q[np.arange(S), policy[t]], expected, atol=1e-12)


@pytest.mark.parametrize("steps", [1, H])
def test_evaluation_multiplies_the_chain_of_the_policy(rng, steps):
    P, r = rng.dirichlet(np.ones(S), size=(steps, S, A)), rng.random((steps, S, A))
    policy = rng.integers(A, size=(H, S))
    value, expected = np.zeros((H + 1, S)), np.zeros(S)
    kernels.evaluate(P, r, policy, value)
    reach = np.eye(S)
    for t in range(H):
        chosen = np.arange(S), policy[t]
        expected += reach @ r[t % steps][chosen]
        reach = reach @ P[t % steps][chosen]
    np.testing.assert_allclose(value[0], expected, atol=1e-12)


def test_features_of_one_pair_are_those_of_all(rng):
    phi, value, x = rng.normal(size=(S, D)), rng.random(S), np.empty(D)
    kernels.value_features(phi, value, x)
    np.testing.assert_allclose(x, value @ phi, atol=1e-12)


def test_updates_agree_with_the_inverse_and_the_determinant(rng):
    gram, moment = 0.1 * np.eye(D), np.zeros(D)
    inverse, log_det, b = np.linalg.inv(gram), 0.0, np.zeros(D)
    for _ in range(500):
        x, y, weight = rng.normal(size=D), rng.normal(), rng.uniform(0.01, 300.0)
        log_det += kernels.add_observation(inverse, b, x, y, weight, np.empty(D))
        gram += weight * np.outer(x, x)
        moment += weight * y * x
    np.testing.assert_allclose(inverse @ gram, np.eye(D), atol=1e-9)
    np.testing.assert_allclose(b, moment, rtol=1e-9)
    assert log_det == pytest.approx(np.linalg.slogdet(gram)[1] - D * np.log(0.1), rel=1e-10)

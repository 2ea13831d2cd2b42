"""The oracles for linear values agree with iteration, and with closed forms."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import laws
from proofs_check.approximation import projections


@given(laws(4, 4))
def test_a_stationary_distribution_is_one(P):
    D = projections.stationary(P)
    assert D.min() >= 0
    assert D.sum() == pytest.approx(1)
    np.testing.assert_allclose(D @ P, D, atol=1e-13)


def test_classes_that_do_not_meet_share_the_mass():
    P = np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    D = projections.stationary(P)
    assert D[1] == pytest.approx(D[2])
    assert D.min() > 0


def test_a_projection_leaves_an_orthogonal_error():
    rng = np.random.default_rng(0)
    features, x, weights = rng.normal(size=(5, 2)), rng.normal(size=5), rng.dirichlet(np.ones(5))
    error = x - projections.projected(features, weights, x)
    np.testing.assert_allclose(features.T @ (weights * error), 0, atol=1e-14)
    assert projections.norm(np.array([3.0, 4.0]), np.array([0.5, 0.5])) == pytest.approx(np.sqrt(12.5))


@pytest.mark.parametrize("trace", [0.0, 0.6])
def test_the_fixed_point_is_where_projected_backups_end(trace):
    rng = np.random.default_rng(1)
    P, r, features, gamma = rng.dirichlet(np.ones(4), size=4), rng.normal(size=4), rng.normal(size=(4, 2)), 0.8
    D = projections.stationary(P)
    v = np.zeros(4)
    for _ in range(300):
        # The mean of n-step backups, with weights (1 - trace) trace^(n-1).
        backed_up, step, backup = np.zeros(4), v, np.zeros(4)
        for n in range(150):
            step = r + gamma * P @ step
            backed_up = backed_up + (1 - trace) * trace**n * step
        backup = backed_up + trace**150 * step
        v = projections.projected(features, D, backup)
    np.testing.assert_allclose(projections.td_fixed_point(P, r, gamma, trace, features, D), v, atol=1e-12)


def test_with_full_traces_the_fixed_point_is_the_best_fit():
    rng = np.random.default_rng(2)
    P, r, features = rng.dirichlet(np.ones(4), size=4), rng.normal(size=4), rng.normal(size=(4, 2))
    D = projections.stationary(P)
    v = np.linalg.solve(np.eye(4) - 0.9 * P, r)
    found = projections.td_fixed_point(P, r, 0.9, 1.0, features, D)
    np.testing.assert_allclose(found, projections.projected(features, D, v), atol=1e-12)


def test_temporal_differences_find_nothing_on_the_flip():
    mdp, features = mdps.td_flip(gamma=0.9, trace=0.5)
    found = projections.td_fixed_point(mdp.P.toarray(), mdp.r, 0.9, 0.5, features, np.full(2, 0.5))
    np.testing.assert_allclose(found, 0, atol=1e-14)

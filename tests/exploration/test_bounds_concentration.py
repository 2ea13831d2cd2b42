"""Radii against simulated noise that means harm, and how much of them it uses."""

import math

import numpy as np
import pytest

from rltheory.exploration.bounds import concentration as bounds

D, N = 3, 400


def run(rng, noise):
    """Let features chase the sum of noise; return norms, log-determinants and leverages after each step."""
    inverse, S, log_det = np.eye(D), np.zeros(D), 0.0
    norms, log_dets, leverages = np.empty((3, N))
    for t in range(N):
        x = rng.normal(size=D) + 3 * math.sqrt(t) * inverse @ S
        x /= np.linalg.norm(x)
        u = inverse @ x
        leverages[t] = math.sqrt(x @ u)
        log_det += math.log1p(x @ u)
        inverse -= np.outer(u, u) / (1 + x @ u)
        S += noise[t] * x
        norms[t], log_dets[t] = math.sqrt(S @ inverse @ S), log_det
    return norms, log_dets, leverages


def test_half_of_a_hoeffding_radius_is_not_enough_and_all_of_it_is():
    ratios = []
    for rng in np.random.default_rng(0).spawn(60):
        norms, log_dets, _ = run(rng, rng.choice([-1.0, 1.0], size=N))
        radii = [bounds.self_normalised_radius(log_det, 0.1, sub_gaussian=1.0) for log_det in log_dets]
        ratios.append((norms / radii).max())
    assert np.mean(np.array(ratios) > 1) <= 0.1
    assert np.mean(np.array(ratios) > 0.5) > 0.5


def test_bernstein_radii_cover_rare_and_large_noise_and_are_far_too_wide():
    sigma = 0.1
    for rng in np.random.default_rng(1).spawn(20):
        noise = (rng.random(N) < sigma**2) * rng.choice([-1.0, 1.0], size=N)
        norms, _, leverages = run(rng, noise)
        leverage = np.maximum.accumulate(np.abs(noise) * np.minimum(1, leverages))
        sizes = {"sigma": sigma, "largest_noise": 1.0, "ridge": 1.0}
        plain = np.array([bounds.bernstein_radius(D, t + 1, 0.1, **sizes) for t in range(N)])
        adaptive = np.array(
            [
                bounds.adaptive_bernstein_radius(D, t + 1, 0.1, largest_leverage=leverage[t], eps=0.01, **sizes)
                for t in range(N)
            ]
        )
        assert (norms / plain).max() < 0.15
        assert (norms / adaptive).max() < 0.15


def test_the_log_determinant_is_largest_where_features_are_spread_evenly():
    features = np.tile(2.0 * np.eye(3), (5, 1))
    log_det = np.linalg.slogdet(np.eye(3) + features.T @ features / 0.7)[1]
    assert log_det == pytest.approx(bounds.largest_log_det(3, 15, ridge=0.7, largest=2.0))


def test_the_adaptive_radius_does_not_mind_an_eps_above_the_noise():
    sizes = {"sigma": 0.1, "largest_noise": 1.0, "ridge": 1.0, "largest_leverage": 0.0}
    small, large = (bounds.adaptive_bernstein_radius(2, 10, 0.1, eps=eps, **sizes) for eps in (1.0, 50.0))
    ell = math.log(32 * 100 / 0.1)
    assert large - small == pytest.approx(6 * ell * 49)


def test_azuma_is_hoeffding_for_coins():
    assert bounds.azuma(50, 0.1, length=2.0) == pytest.approx(math.sqrt(2 * 50 * math.log(10)))


def test_the_recursion_of_moments_has_three_terms():
    assert bounds.moment_recursion(1.0, 1.0, 2.0) == 22 + 6 + 4 * 2

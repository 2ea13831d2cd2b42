import math

import numpy as np
import pytest

import mdps
from rltheory.offline import Tally, bounds, r2pvi
from rltheory.robust import TV

SIZES = (3, 4, 3, 0.05)


def test_a_nature_that_pays_without_end_leaves_the_multiplier_of_total_variation():
    linear = bounds.tv_beta(*SIZES, largest=2.0, ridge=1.0)
    assert bounds.chi_square_beta(*SIZES, largest=2.0, ridge=1.0, lam=math.inf) == linear
    assert bounds.kl_beta(*SIZES, largest=2.0, ridge=1.0, lam=1e7, centred=True) == pytest.approx(linear, rel=1e-6)


def test_the_noise_covers_hoeffding_at_every_corner():
    u, d, n_states, H, delta = bounds.noise(*SIZES), *SIZES
    assert 2 * d * H * 2**n_states * math.exp(-2 * u**2) == pytest.approx(delta)


@pytest.mark.parametrize("log_functions", [0.0, math.log(4)])
def test_fewer_functions_need_a_smaller_multiplier(log_functions):
    for formula, extra in [
        (bounds.tv_beta, {}),
        (bounds.kl_beta, {"lam": 0.5}),
        (bounds.chi_square_beta, {"lam": 0.5}),
        (bounds.pevi_beta, {"K": 100.0}),
    ]:
        everything = formula(*SIZES, largest=2.0, ridge=1.0, **extra)
        assert formula(*SIZES, largest=2.0, ridge=1.0, log_functions=log_functions, **extra) < everything


def test_multipliers_are_finite_however_small_the_weight():
    assert math.isfinite(bounds.kl_beta(*SIZES, largest=2.0, ridge=1.0, lam=1e-6))
    assert math.isfinite(bounds.published_kl_beta(3, 3, 100, 0.05, lam=1e-6))


@pytest.mark.parametrize("seed", range(5))
def test_full_coverage_bounds_the_sum_of_penalties_of_any_policy(seed):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
    penalty = r2pvi(Tally.expected(model, 500), model, divergence=TV(lam=1.0), beta=1.0).penalty
    kappa = np.linalg.eigvalsh(model.phi.T @ model.phi / model.n_pairs)[0]
    assert penalty.max(axis=1).sum() <= bounds.full_coverage_uncertainty(3, 500, kappa)


def test_the_self_normalised_multiplier_at_whole_numbers():
    known = {"log_functions": 1.0, "log_determinant": 6.0}
    assert bounds.pevi_beta(3, 4, 2, 2 * math.exp(-4), largest=3.0, ridge=0.0, **known) == pytest.approx(3 * 4 / 2)
    assert bounds.pevi_beta(3, 4, 2, 2 * math.exp(-4), largest=3.0, ridge=0.75, **known) == pytest.approx(6 + 4.5)


def test_an_error_in_a_ball_of_relative_entropy_is_no_larger_than_all_values():
    assert bounds.kl_ball_error(2.0, 5.0, 0.5) == 2.0
    assert bounds.kl_ball_error(2.0, 0.0, 0.25) == pytest.approx(2 * 0.25, rel=1e-6)

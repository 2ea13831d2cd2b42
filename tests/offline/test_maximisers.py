import numpy as np
import pytest

from rltheory import ModelError
from rltheory.offline.maximisers import maximise_chi_square, maximise_tv
from rltheory.robust import TV, ChiSquare, worst_case_values

GRID = np.linspace(0.0, 3.0, 20001)


def signed_instance(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    v = np.round(rng.uniform(0, 3, n), int(rng.integers(1, 6)))  # with ties
    weights = rng.normal(1 / n, 0.5, (4, n))
    return rng, weights, v


@pytest.mark.parametrize("seed", range(25))
def test_the_linear_maximum_is_that_of_a_fine_grid_or_a_little_more(seed):
    rng, weights, v = signed_instance(seed)
    rho, least = rng.uniform(0, 1, 4), v.min()
    best = maximise_tv(weights, v, rho, low=0.0, high=3.0, least=least)
    on_grid = weights @ np.minimum(v[:, None], GRID) - rho[:, None] * np.maximum(GRID - least, 0)
    slope = np.abs(weights).sum(axis=1) + rho
    assert (best >= on_grid.max(axis=1) - 1e-12).all()
    # A maximum at a kink is missed by half a spacing of the grid at most.
    assert (best <= on_grid.max(axis=1) + slope * (GRID[1] / 2) + 1e-12).all()


@pytest.mark.parametrize("clip", [(-np.inf, np.inf), (0.0, 3.0), (0.0, 1.0)])
@pytest.mark.parametrize("seed", range(25))
def test_the_quadratic_maximum_is_that_of_a_fine_grid_or_a_little_more(seed, clip):
    rng, weights, v = signed_instance(seed)
    lam = rng.uniform(0.5, 3, 4)
    best = maximise_chi_square(weights, v, lam, low=0.0, high=3.0, clip=clip)
    capped = np.minimum(v[:, None], GRID)
    mean, square = np.clip(weights @ capped, *clip), weights @ capped**2
    if np.isfinite(clip[1]):
        square = np.clip(square, 0, clip[1] ** 2)
    on_grid = (mean + (mean**2 - square) / (4 * lam[:, None])).max(axis=1)
    steepness = np.abs(weights).sum(axis=1) * (1 + (np.abs(mean).max() + 3) / (2 * lam))
    assert (best >= on_grid - 1e-12).all()
    assert (best <= on_grid + steepness * (GRID[1] / 2) + 1e-12).all()


@pytest.mark.parametrize("seed", range(10))
def test_with_a_distribution_the_maxima_are_the_worst_cases(seed):
    rng = np.random.default_rng(seed)
    p, v = rng.dirichlet(np.full(6, 0.7), size=3), rng.uniform(0, 3, 6)
    rho, lam = rng.uniform(0, 1, 3), rng.uniform(0.05, 3, 3)
    ball = maximise_tv(p, v, rho, low=0.0, high=3.0, least=v.min())
    penalty = maximise_chi_square(p, v, lam, low=0.0, high=3.0, clip=(0.0, 3.0))
    np.testing.assert_allclose(ball, worst_case_values(TV(rho=rho), p, v), atol=1e-12)
    np.testing.assert_allclose(penalty, worst_case_values(ChiSquare(lam=lam), p, v), atol=1e-11)


def test_ranges_may_be_whole_numbers():
    assert maximise_tv([[0.5, 0.5]], [0, 2], 0, low=0, high=2, least=0) == 1
    assert maximise_chi_square([[0.5, 0.5]], [0, 2], 1, low=0, high=2, clip=(0, 2)) == 0.75


def test_bad_arguments_are_named():
    with pytest.raises(ModelError, match=r"weights have shape \(2,\)"):
        maximise_tv([0.5, 0.5], [0.0, 1.0], 0.1, low=0.0, high=1.0, least=0.0)
    with pytest.raises(ModelError, match=r"\[1.0, 0.0\], which is empty"):
        maximise_chi_square([[0.5, 0.5]], [0.0, 1.0], 0.1, low=1.0, high=0.0)

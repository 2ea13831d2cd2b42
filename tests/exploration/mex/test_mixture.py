"""The gradient of a mixture's value, and maximisers against a grid."""

import itertools

import numpy as np
import pytest

from mdps.mixtures import random_mixture, tabular_mixture
from rltheory import FiniteHorizonMDP, ModelError
from rltheory.exploration.mex.mixture import base_kernels, maximiser, mex_mixture, objective, value_gradient


@pytest.mark.parametrize("eta", [0.0, 0.1])
def test_gradients_are_those_of_differences(eta):
    rng = np.random.default_rng(0)
    model = random_mixture(4, 2, d=3, H=5, rng=0)
    base, _ = base_kernels(model)
    counts, w = rng.integers(0, 4, size=base.shape[:3]).astype(float), rng.dirichlet(np.ones(3))
    sizes = (base, model.r[None], model.mu, model.H, counts, eta)
    _, gradient = objective(*sizes, w)
    for i, step in enumerate(1e-6 * np.eye(3)):
        difference = (objective(*sizes, w + step)[0] - objective(*sizes, w - step)[0]) / 2e-6
        assert gradient[i] == pytest.approx(difference, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_no_point_of_a_grid_is_higher_than_where_climbs_end(seed):
    rng = np.random.default_rng(seed)
    model = random_mixture(4, 2, d=3, H=4, concentration=0.2, rng=seed)
    base, truth = base_kernels(model)
    counts = rng.poisson(rng.random() * 20 * np.moveaxis(base @ truth, 0, 0)).astype(float)
    sizes = (base, model.r[None], model.mu, model.H, counts, 0.01)
    found = objective(*sizes, maximiser(*sizes, np.full(3, 1 / 3), 100))[0]
    grid = [np.array(w) / 20 for w in itertools.product(range(21), repeat=3) if sum(w) == 20]
    assert found >= max(objective(*sizes, np.maximum(w, 1e-12))[0] for w in grid) - 1e-4


def test_the_value_is_that_of_the_model_at_the_true_weights():
    model = random_mixture(4, 2, d=3, H=4, rng=5)
    base, truth = base_kernels(model)
    assert np.allclose(base @ truth, model.kernel(0))
    assert value_gradient(base, model.r[None], model.mu, 4, truth)[0] == pytest.approx(
        mex_mixture(model, 1, eta=0.1, rng=0).optimum
    )


def test_a_mixture_is_learned():
    model = random_mixture(4, 2, d=3, H=4, concentration=0.2, total_reward=4.0, rng=1)
    run = mex_mixture(model, 150, eta=0.05, rng=0)
    assert run.regret[-50:].mean() < 0.02 * run.optimum
    assert run.error[-1] < run.error[:10].max()


def test_features_that_are_no_kernels_are_refused():
    P = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    table = tabular_mixture(FiniteHorizonMDP(P, np.zeros((2, 1)), 2))
    with pytest.raises(ModelError, match="features are not kernels up to one factor"):
        mex_mixture(table, 5, eta=0.1)

"""The half coin's return is uniform on [0, 2]: its law satisfies the distributional Bellman equation."""

import numpy as np
import pytest

from mdps.half_coin import half_coin, half_coin_cdf


def test_the_uniform_law_is_the_fixed_point():
    model, y = half_coin(), np.linspace(-1, 3, 401)
    after = sum(p * half_coin_cdf((y - r) / model.gamma) for p, r in zip(model.prob[0], model.reward[0], strict=True))
    assert after == pytest.approx(half_coin_cdf(y), abs=1e-15)


def test_the_distribution_function_is_that_of_the_uniform_law():
    assert half_coin_cdf([-1.0, 0.0, 0.5, 2.0, 5.0]).tolist() == [0.0, 0.0, 0.25, 1.0, 1.0]

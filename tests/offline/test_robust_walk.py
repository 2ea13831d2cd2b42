"""The published experiment with a walk whose first step is perturbed, read off a figure to a hundredth."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory.offline import exact_values, r2pvi
from rltheory.robust import TV


@pytest.mark.parametrize(
    ("lam", "published"),
    [
        (0.1, [1.575, 1.345, 1.095]),
        (0.2, [1.605, 1.275, 0.990]),
        (0.3, [1.660, 1.255, 0.875]),
        (0.6, [1.720, 1.205, 0.700]),
    ],
)
def test_mean_returns_are_the_published_ones(lam, published):
    model = mdps.robust_walk(0.3)
    options = {"beta": 1.0, "ridge": 0.1, "bonus": "l2", "clip_low": False, "least": "sampled"}
    policies = [
        r2pvi(rl.collect(model, None, 100, rng=seed), model, divergence=TV(lam=lam), **options).policy
        for seed in range(20)
    ]
    for q, expected in zip([0.0, 0.5, 1.0], published, strict=True):
        target = mdps.robust_walk_target(q, 0.3)
        returns = [exact_values(target, policy=policy)[0][0, 0] for policy in policies]
        # Other datasets and 100 test episodes there: their standard error is about 0.04.
        assert np.mean(returns) == pytest.approx(expected, abs=0.1)

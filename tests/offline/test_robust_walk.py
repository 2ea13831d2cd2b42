"""The published experiment with a walk whose first step is perturbed, read off a figure to a hundredth."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory.offline import Tally, drpvi, exact_values, r2pvi
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


@pytest.mark.parametrize(("rho", "expected"), [(0.0, 1.62425), (0.3, 1.32425), (0.37, 1.25425)])
def test_a_small_ball_around_the_jump_to_the_goal_leaves_the_nominal_choice(rho, expected):
    value, least_jump = learned_against_a_turned_jump(rho)
    assert value == pytest.approx(expected, abs=1e-5)
    assert not least_jump


@pytest.mark.parametrize(("rho", "expected"), [(0.38, 1.24765), (0.5, 1.22365)])
def test_beyond_a_radius_of_0_37575_the_walk_is_preferred_to_the_jump(rho, expected):
    value, least_jump = learned_against_a_turned_jump(rho)
    assert value == pytest.approx(expected, abs=1e-5)
    assert least_jump


def learned_against_a_turned_jump(rho):
    """Return the value without sampling errors, and whether the action is the one with the least chance of a jump."""
    model, radii = mdps.robust_walk(0.2), np.zeros((3, 4))
    radii[0, 3] = rho
    solution = drpvi(Tally.expected(model, 1e6), model, divergence=TV(rho=radii), beta=0.0, ridge=1e-9)
    jump = model.phi[model.pair_start[0] : model.pair_start[1], 3]
    return solution.value[0, 0], jump[solution.policy[0, 0]] == jump.min()

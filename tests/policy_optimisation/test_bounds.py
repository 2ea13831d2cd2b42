"""The right sides, at places where they are known by hand."""

import numpy as np
import pytest

from proofs_check import verify
from proofs_check.policy_optimisation import THEOREMS
from rltheory.policy_optimisation import bounds


def test_errors_of_mirror_descent_add_up_to_a_geometric_sum():
    error, c0, gamma = 3.0, 0.5, 0.8
    for k in range(1, 8):
        error = gamma * error + c0 * gamma ** (2 * k - 1)
        assert error == pytest.approx(bounds.mirror_descent_error(gamma, k, c0, 3.0))


def test_soft_policy_iteration_contracts_like_policy_iteration():
    error = bounds.entropy_gradient_error(0.9, 0.1, 1.0, 5, initial_error=2.0, initial_log_distance=7.0)
    assert error == pytest.approx(0.9**5 * 2.0)


def test_the_optimal_baseline_has_the_least_second_moment():
    probability, norm, returns = np.array([0.2, 0.5, 0.3]), np.array([2.0, 1.0, 0.5]), np.array([1.0, -1.0, 4.0])
    best = bounds.optimal_baseline(probability, norm, returns)
    grid = np.linspace(-3, 3, 60_001)
    moments = (probability * norm**2) @ (returns[:, None] - grid) ** 2
    assert best == pytest.approx(grid[np.argmin(moments)], abs=1e-4)


def test_where_nothing_is_learnt_no_baseline_is_needed():
    assert bounds.optimal_baseline([1.0], [0.0], [5.0]) == 0.0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.name)
def test_a_false_variant_is_refuted_from_any_seed(theorem, seed):
    verification = verify(theorem, examples=10, rng=seed)
    assert verification.passed, verification.in_words()


def test_one_action_leaves_nothing_to_learn_and_any_step_does():
    assert bounds.politex_step(0.5, 1, 10) == 1
    assert bounds.politex_loss(0.5, 1, 10, step=0.25) == pytest.approx(2 * 0.25 * 4 / 8)

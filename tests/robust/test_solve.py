"""`robust.solve` chooses by the kind of model."""

import pickle

import numpy as np
import pytest

import mdps
from rltheory.robust import TV
from rltheory.robust.s_rectangular import s_rectangular_value_iteration
from rltheory.robust.solve import solve


def test_a_discounted_model_is_solved_to_tol():
    solution = solve(mdps.river_swim(5, gamma=0.95), TV(rho=0.05), tol=1e-6)
    assert solution.gap <= 1e-6
    assert repr(solution).startswith("RobustSolution(CONVERGED, gap=")
    assert "robust modified policy iteration" in repr(solution)


def test_linear_models_are_moved_by_factors_and_tabular_ones_by_pairs():
    walk = mdps.robust_walk()
    by_factors, by_pairs = solve(walk, TV(rho=0.1)), solve(walk.to_finite_horizon(), TV(rho=0.1))
    assert by_factors.worst_kernel(0).shape == (4, 5)
    assert by_pairs.worst_kernel(0).shape == (80, 5)
    assert by_pairs.start_value <= by_factors.start_value


def test_answers_cannot_be_changed():
    solution = solve(mdps.robust_walk(), TV(lam=1.0))
    with pytest.raises(ValueError, match="read-only"):
        solution.value[0] = np.inf


@pytest.mark.parametrize(
    "answer",
    [
        lambda: solve(mdps.robust_walk(), TV(lam=1.0)),
        lambda: solve(mdps.river_swim(3, gamma=0.9), TV(rho=0.1)),
        lambda: s_rectangular_value_iteration(mdps.river_swim(3, gamma=0.5), TV(rho=0.1)),
    ],
)
def test_answers_travel_between_processes(answer):
    solution = answer()
    copy, t = pickle.loads(pickle.dumps(solution)), 0 if solution.value.ndim == 2 else None
    assert np.array_equal(copy.worst_kernel(t), solution.worst_kernel(t))

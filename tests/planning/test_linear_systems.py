"""Every system of a policy is solved, by a solver that can be afforded, and what is not accurate is not taken."""

import numpy as np
import pytest
import scipy.sparse as sp

import mdps
from rltheory.planning import linear_systems
from rltheory.planning.krylov import bicgstab
from rltheory.planning.linear_systems import eliminated_in_a_band, solve_policy_system

RANDOM = mdps.garnet(20_000, 1, 5, rng=0).P
LINE = mdps.random_walk(50_000).P


def square(n):
    """Return the kernel of a walk on a square grid."""
    step = sp.csr_array(mdps.random_walk(n - 2).P)
    return sp.csr_array(sp.kron(step, sp.eye_array(n)) / 2 + sp.kron(sp.eye_array(n), step) / 2)


def residual(P, gamma, x, b, transpose=False):
    matrix = P.T if transpose else P
    return np.abs(x - gamma * (matrix @ x) - b).max() / np.abs(x).max()


def never(*_, **__):
    raise AssertionError("this must not be called")


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize(
    ("P", "gamma", "method"),
    [
        (mdps.river_swim(100).P[::2], 0.99, "dense LU"),
        (LINE, 0.9999, "sparse LU in a narrow band"),
        (square(60), 0.9999, "sparse LU in a narrow band"),
        (RANDOM, 0.99, "BiCGSTAB"),
        (square(200), 0.99, "BiCGSTAB"),
    ],
    ids=["small", "line", "square", "random", "large square"],
)
def test_each_system_goes_to_the_solver_that_suits_it(P, gamma, method, transpose):
    b = np.random.default_rng(0).normal(size=P.shape[0])
    x, used = solve_policy_system(P, gamma, b, transpose=transpose)
    assert used == method
    assert residual(P, gamma, x, b, transpose) <= 1e-13


def test_a_random_graph_is_never_factorised(monkeypatch):
    """Sparse LU fills in: of 20,000 states the factors take minutes, of 200,000 no machine has the memory."""
    monkeypatch.setattr("scipy.sparse.linalg.splu", never)
    b = np.random.default_rng(1).normal(size=20_000)
    x, _ = solve_policy_system(RANDOM, 1 - 1e-6, b)
    assert residual(RANDOM, 1 - 1e-6, x, b) <= 1e-13


@pytest.mark.parametrize(
    ("P", "method"), [(square(200), "sparse LU"), (RANDOM, "Gauss-Seidel sweeps")], ids=["square", "random"]
)
@pytest.mark.parametrize("transpose", [False, True])
def test_where_bicgstab_fails_something_else_does_it(P, method, transpose, monkeypatch):
    monkeypatch.setattr(linear_systems, "bicgstab", lambda _matrix, b, _guess: (np.full(b.size, 7.0), False))
    b = np.random.default_rng(2).normal(size=P.shape[0])
    x, used = solve_policy_system(P, 0.9, b, transpose=transpose)
    assert used == method
    assert residual(P, 0.9, x, b, transpose) <= 1e-13


@pytest.mark.parametrize("P", [RANDOM, square(60)], ids=["random", "square"])
def test_bicgstab_says_whether_it_is_accurate(P):
    matrix = sp.csr_array(sp.eye_array(P.shape[0]) - 0.99 * P)
    x, accurate = bicgstab(matrix, np.ones(P.shape[0]))
    assert accurate
    assert np.allclose(x, 100)


def test_bicgstab_says_so_where_it_stalls():
    line = mdps.random_walk(5000).P[1:-1, 1:-1]
    assert not bicgstab(sp.csr_array(sp.eye_array(5000) - line), np.ones(5000))[1]


@pytest.mark.parametrize("size", [1e-250, 1e-20, 1.0, 1e200])
def test_the_size_of_the_right_hand_side_does_not_matter(size):
    matrix = sp.csr_array(sp.eye_array(20_000) - 0.99 * RANDOM)
    b = np.random.default_rng(3).normal(size=20_000)
    x, accurate = bicgstab(matrix, size * b)
    assert accurate
    assert np.allclose(x / size, bicgstab(matrix, b)[0], rtol=1e-10, atol=1e-10)


def test_a_guess_that_solves_the_system_is_returned_as_it_is():
    matrix, x = sp.csr_array(sp.eye_array(20_000) - 0.5 * RANDOM), np.arange(20_000.0)
    found, accurate = bicgstab(matrix, matrix @ x, x)
    assert accurate
    assert np.array_equal(found, x)
    assert bicgstab(matrix, np.zeros(20_000))[0].tolist() == [0] * 20_000


def test_a_band_is_solved_both_ways():
    matrix = sp.csr_array(sp.eye_array(LINE.shape[0]) - 0.99 * LINE)
    b, solve = np.random.default_rng(4).normal(size=LINE.shape[0]), eliminated_in_a_band(matrix)
    assert np.abs(matrix @ solve(b) - b).max() < 1e-11
    assert np.abs(matrix.T @ solve(b, trans="T") - b).max() < 1e-11
    assert eliminated_in_a_band(RANDOM) is None


def test_a_singular_band_has_no_finite_solution():
    cycle = sp.csr_array(np.roll(np.eye(500), 1, axis=1))
    solve = eliminated_in_a_band(sp.csr_array(sp.eye_array(500) - cycle))
    assert not np.isfinite(solve(np.ones(500))).all()

"""BiCGSTAB: its preconditioned product against dense matrices, its corrections against direct solutions.

What becomes of systems on which it stalls is tested with `linear_systems`.
"""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps, paired, policies
from rltheory.planning import krylov
from rltheory.planning.krylov import VECTORS, bicgstab, corrected
from rltheory.planning.policy_system import fill, residual, room_for_systems

few_states = discounted_mdps(gammas=(0.5, 0.0, 0.9, 0.99))


def system_of(mdp, policy):
    system = room_for_systems(mdp)
    fill(system, mdp, policy)
    return system


def matrix_of(system):
    """Return C, dense."""
    start = system.start.astype(np.int64)
    columns, weights = system.columns[: start[-1]].astype(np.int64), system.weights[: start[-1]]
    return sp.csr_array((weights, columns, start), shape=(system.size, system.size)).toarray()


def large_system(gamma=0.99):
    mdp = mdps.garnet(2000, 3, 5, rng=0, gamma=gamma)
    return system_of(mdp, np.random.default_rng(0).integers(3, size=2000))


def room(n):
    """Return space to work in that holds nothing of use."""
    return np.full((VECTORS, n), np.nan)


def largest_residual(system, x):
    return residual(system.start, system.columns, system.weights, system.b, x, np.empty(system.size))


vectors = st.integers(0, 2**32).map(np.random.default_rng)


@given(paired(few_states, policies), vectors)
def test_triangular_solves_are_those_of_the_parts_of_the_matrix(drawn, rng):
    system = system_of(*drawn)
    C, one = matrix_of(system), np.eye(system.size)
    y, t = rng.normal(size=system.size), np.full(system.size, np.nan)
    krylov._backwards(*system.arrays[:4], y, t)
    assert np.allclose(t, np.linalg.solve(one - np.triu(C), y), rtol=1e-12, atol=1e-12)
    r = y.copy()
    krylov._forwards(*system.arrays[:4], r)
    assert np.allclose(r, np.linalg.solve(one - np.tril(C), y), rtol=1e-12, atol=1e-12)


def textbook(system, x, rounds):
    """Return what rounds of BiCGSTAB on the preconditioned system make of a guess (Saad 2003, algorithm 7.7)."""
    C, one = matrix_of(system), np.eye(system.size)
    lower, upper = one - np.tril(C), one - np.triu(C)
    matrix = np.linalg.solve(lower, one - C) @ np.linalg.inv(upper)
    r = np.linalg.solve(lower, system.b - (one - C) @ x)
    shadow, p, y = r, r, np.zeros(system.size)
    for _ in range(rounds):
        q = matrix @ p
        alpha = (shadow @ r) / (shadow @ q)
        s = r - alpha * q
        t = matrix @ s
        omega = (t @ s) / (t @ t)
        y = y + alpha * p + omega * s
        before, r = r, s - omega * t
        p = r + (shadow @ r) / (shadow @ before) * alpha / omega * (p - omega * q)
    return x + np.linalg.solve(upper, y)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("rounds", [1, 2, 4])
def test_rounds_are_those_of_the_textbook_with_the_preconditioned_matrix(rounds, seed):
    """Eisenstat's trick, one sweep each way instead of a product and two triangular solves, changes rounding alone."""
    rng = np.random.default_rng(seed)
    mdp = mdps.garnet(60, 2, 4, rng=rng, gamma=0.999)
    system, x = system_of(mdp, rng.integers(2, size=60)), 100 * rng.normal(size=60)
    found, made = corrected(system, x, room(60), reduction=0.0, rounds=rounds)
    assert made == rounds
    assert np.allclose(found, textbook(system, x, rounds), rtol=1e-7, atol=1e-7)


@given(paired(few_states, policies), vectors)
def test_small_systems_are_solved_from_any_guess(drawn, rng):
    system = system_of(*drawn)
    value = np.linalg.solve(np.eye(system.size) - matrix_of(system), system.b)
    guess = rng.normal(size=system.size) * 10
    before = guess.copy()
    x, rounds = corrected(system, guess, room(system.size), reduction=1e-12, rounds=50)
    assert np.array_equal(guess, before), "the guess is not overwritten"
    assert np.allclose(x, value, rtol=1e-7, atol=1e-7)
    assert rounds <= 50


def test_the_residual_falls_as_far_as_was_asked():
    system = large_system()
    x = np.zeros(system.size)
    for reduction in (1e-2, 1e-5, 1e-9):
        better, _ = corrected(system, x, room(system.size), reduction=reduction, rounds=200)
        # The norm that is measured is that of the preconditioned residual.
        assert largest_residual(system, better) <= 30 * reduction * largest_residual(system, x)
        assert largest_residual(system, better) >= 1e-6 * reduction * largest_residual(system, x), "no more than asked"


def test_it_needs_tens_of_rounds_where_sweeps_need_thousands():
    system = large_system(gamma=0.9999)
    x, _ = corrected(system, np.zeros(system.size), room(system.size), reduction=1e-8, rounds=40)
    assert largest_residual(system, x) <= 1e-6 * largest_residual(system, np.zeros(system.size))


def test_a_guess_whose_residual_is_small_enough_is_returned():
    system = large_system()
    x, _ = corrected(system, np.zeros(system.size), room(system.size), reduction=1e-6, rounds=200)
    size = largest_residual(system, x)
    same, rounds = corrected(system, x, room(system.size), reduction=1e-6, rounds=200, enough=size)
    assert rounds == 0
    assert np.array_equal(same, x)
    assert not np.shares_memory(same, x)


def test_a_guess_that_is_not_finite_is_returned():
    system = large_system()
    guess = np.full(system.size, np.inf)
    x, rounds = corrected(system, guess, room(system.size), reduction=1e-6, rounds=200)
    assert rounds == 0
    assert np.array_equal(x, guess)


def test_interrupts_change_no_bit(monkeypatch):
    system = large_system()
    together = corrected(system, np.zeros(system.size), room(system.size), reduction=1e-8, rounds=60)[0]
    monkeypatch.setattr(krylov, "steps_at_once", lambda _work: 1)
    one_by_one, rounds = corrected(system, np.zeros(system.size), room(system.size), reduction=1e-8, rounds=60)
    assert np.array_equal(one_by_one, together)
    assert 5 < rounds < 60


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_the_limit_on_rounds_holds(rounds, monkeypatch):
    system, made = large_system(0.9999), []
    true = krylov._rounds
    monkeypatch.setattr(krylov, "_rounds", lambda *arguments: made.append(arguments[-1]) or true(*arguments))
    _, told = corrected(system, np.zeros(system.size), room(system.size), reduction=1e-15, rounds=rounds)
    assert sum(made) == told == rounds


@given(st.integers(0, 2**32), st.integers(1, 30))
def test_matrices_of_dominant_diagonal_are_solved_however_their_entries_are_stored(seed, n):
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.3)
    np.fill_diagonal(dense, 0)
    np.fill_diagonal(dense, (np.abs(dense).sum(axis=1) + 1) * rng.choice([-1, 1], size=n))
    matrix = sp.csr_array(dense)
    for row in range(n):  # columns in no order
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        shuffle = rng.permutation(part.stop - part.start)
        matrix.indices[part], matrix.data[part] = matrix.indices[part][shuffle], matrix.data[part][shuffle]
    matrix.has_sorted_indices = False
    x = rng.normal(size=n)
    found, accurate = bicgstab(matrix, dense @ x)
    if accurate:
        assert np.allclose(found, x, rtol=1e-9, atol=1e-9)
    assert accurate == (
        np.abs(dense @ x - matrix @ found).max() <= 1e-13 * max(np.abs(found).max(), np.abs(dense @ x).max())
    )

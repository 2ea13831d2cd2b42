from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.games.nash.small_games import enclosed_value, simplex_strategies, small_zero_sum


@st.composite
def matrices(draw, largest=6):
    """Draw payoffs that are all different, or tie often, at several scales."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, n = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    scale = draw(st.sampled_from([1e-6, 1.0, 1e9]))
    return scale * (rng.integers(-2, 3, (m, n)).astype(float) if draw(st.booleans()) else rng.normal(size=(m, n)))


def exact_value(A):
    """Return the value by Shapley and Snow's theorem, in rational numbers: some square kernel proves it."""
    A = [[Fraction(float(x)) for x in row] for row in A]
    m, n = len(A), len(A[0])
    for k in range(1, min(m, n) + 1):
        for rows in combinations(range(m), k):
            for columns in combinations(range(n), k):
                kernel = [[A[i][j] for j in columns] for i in rows]
                q = indifferent(kernel)
                p = indifferent([list(column) for column in zip(*kernel, strict=True)])
                if p is None or q is None or min(p + q) < 0:
                    continue
                high = max(sum(A[i][j] * x for j, x in zip(columns, q, strict=True)) for i in range(m))
                low = min(sum(A[i][j] * x for i, x in zip(rows, p, strict=True)) for j in range(n))
                if low == high:
                    return low
    raise AssertionError("Shapley and Snow's theorem would be false")


def indifferent(kernel):
    """Return the weights of columns that make all rows equal, summing to one; None if they are not unique."""
    k = len(kernel)
    system = [[*row, Fraction(-1), Fraction(0)] for row in kernel] + [[Fraction(1)] * k + [Fraction(0), Fraction(1)]]
    for c in range(k + 1):
        pivot = next((i for i in range(c, k + 1) if system[i][c] != 0), None)
        if pivot is None:
            return None
        system[c], system[pivot] = system[pivot], system[c]
        system[c] = [x / system[c][c] for x in system[c]]
        for i in range(k + 1):
            if i != c:
                system[i] = [x - system[i][c] * y for x, y in zip(system[i], system[c], strict=True)]
    return [row[-1] for row in system[:k]]


@given(matrices(largest=4))
def test_the_value_is_that_of_exact_rational_arithmetic(A):
    value, _, _, solved = small_zero_sum(A)
    assert solved
    assert abs(Fraction(float(value)) - exact_value(A)) <= 1e-11 * Fraction(float(np.abs(A).max()))


@given(matrices())
def test_both_strategies_are_distributions_which_prove_the_value(A):
    value, p, q, solved = small_zero_sum(A)
    assert solved
    assert min(p.min(), q.min()) >= 0
    assert p.sum() == pytest.approx(1, abs=1e-14)
    assert q.sum() == pytest.approx(1, abs=1e-14)
    rounding = 1e-11 * np.abs(A).max()
    assert value - rounding <= (p @ A).min()
    assert (A @ q).max() <= value + rounding


@given(matrices())
def test_the_simplex_method_alone_finds_the_value_that_the_kernels_find(A):
    p, q = np.empty(A.shape[0]), np.empty(A.shape[1])
    assert simplex_strategies(A, p, q)
    low, high = enclosed_value(A, p, q)
    assert high - low <= 1e-9 * np.abs(A).max()


@pytest.mark.parametrize(
    ("A", "value", "p", "q"),
    [
        ([[1, -1], [-1, 1]], 0, [1 / 2, 1 / 2], [1 / 2, 1 / 2]),
        ([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], 0, [1 / 3] * 3, [1 / 3] * 3),
        ([[9, 0], [0, 1]], 0.9, [0.1, 0.9], [0.1, 0.9]),
        ([[4, 2], [5, 3]], 3, [0, 1], [0, 1]),
        ([[1, -2, -3], [-1, 1, 5], [7, 1, -3]], 1, None, None),
    ],
    ids=["matching pennies", "rock paper scissors", "two by two", "saddle point", "supports of unequal sizes"],
)
def test_a_game_of_the_textbooks_has_its_value_and_strategies(A, value, p, q):
    found = small_zero_sum(np.array(A, dtype=float))
    assert found[3]
    assert found[0] == pytest.approx(value, abs=1e-12)
    for ours, theirs in zip(found[1:3], (p, q), strict=True):
        assert theirs is None or ours == pytest.approx(theirs, abs=1e-12)


def test_the_symmetric_game_on_which_comparing_floats_for_equality_finds_nothing_is_solved():
    A = np.array(
        [
            [0, -1, -1, -1, 1, -1],
            [1, 0, 1, -1, -1, -1],
            [1, -1, 0, -1, -1, 1],
            [1, 1, 1, 0, -1, -1],
            [-1, 1, 1, 1, 0, -1],
            [1, 1, -1, 1, 1, 0.0],
        ]
    )
    value, p, _, solved = small_zero_sum(A)
    assert solved
    assert value == pytest.approx(0, abs=1e-14)
    assert p == pytest.approx([0, 0, 1 / 3, 0, 1 / 3, 1 / 3], abs=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (5, 4)])
def test_what_is_not_finite_is_not_called_solved(bad, sizes):
    A = np.arange(sizes[0] * sizes[1], dtype=float).reshape(sizes) % 3
    A[1, 1] = bad
    assert not small_zero_sum(A)[3]


def test_games_of_twenty_to_sixty_actions_are_solved_as_well():
    rng = np.random.default_rng(0)
    for size in (20, 40, 60):
        for payoffs in (rng.normal(size=(size, size)), rng.integers(-1, 2, (size, size)).astype(float)):
            assert small_zero_sum(payoffs)[3]

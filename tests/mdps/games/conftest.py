"""Exact oracles for games of two players: every extreme equilibrium, by Fractions."""

from fractions import Fraction
from itertools import combinations

import pytest


def solution(rows, right):
    """Return the only solution of a square system, or None."""
    table = [[*row, b] for row, b in zip(rows, right, strict=True)]
    n = len(table)
    for k in range(n):
        pivot = next((i for i in range(k, n) if table[i][k] != 0), None)
        if pivot is None:
            return None
        table[k], table[pivot] = table[pivot], table[k]
        table[k] = [x / table[k][k] for x in table[k]]
        for i in range(n):
            if i != k and table[i][k] != 0:
                factor = table[i][k]
                table[i] = [x - factor * y for x, y in zip(table[i], table[k], strict=True)]
    return [row[-1] for row in table]


def vertices(matrix, own_first):
    """Return the vertices of {x >= 0, matrix x <= 1}, as strategies, each with the labels of its tight rows."""
    n, k = len(matrix[0]), len(matrix)
    unit = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    rows = [*unit, *matrix] if own_first else [*matrix, *unit]
    right = [Fraction(0)] * n + [Fraction(1)] * k if own_first else [Fraction(1)] * k + [Fraction(0)] * n
    found = {}
    for tight in combinations(range(n + k), n):
        x = solution([rows[i] for i in tight], [right[i] for i in tight])
        if x is None or not any(x) or min(x) < 0:
            continue
        values = [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]
        if max(values) <= 1:
            every = [*x, *values] if own_first else [*values, *x]
            labels = frozenset(i for i, value in enumerate(every) if value == right[i])
            found[tuple(value / sum(x) for value in x)] = labels
    return found


def all_extreme_equilibria(game):
    """Return all extreme equilibria: exactly one of them means that there is exactly one equilibrium.

    With positive payoffs, the vertices of the best-reply polytopes {x >= 0, B'x <= 1} and {y >= 0, A y <= 1} whose
    labels together are all m + n (Mangasarian 1964; von Stengel 2002).
    """
    A, B = ([[Fraction(float(x)) for x in row] for row in u] for u in game.payoffs)
    shift = 1 - min(*map(min, A), *map(min, B))
    A, B = ([[x + shift for x in row] for row in u] for u in (A, B))
    m, n = game.n_actions
    ours = vertices([list(column) for column in zip(*B, strict=True)], own_first=True)
    theirs = vertices(A, own_first=False)
    return {(p, q) for p, left in ours.items() for q, right in theirs.items() if len(left | right) == m + n}


@pytest.fixture
def extreme_equilibria():
    return all_extreme_equilibria

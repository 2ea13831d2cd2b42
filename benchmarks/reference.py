r"""How far a value vector is from the optimum, proven without the solvers under test.

For any v, with :math:`d = T v - v` (MacQueen 1966; Porteus 1971),

.. math:: T v + \frac{\gamma}{1-\gamma} \min d \;\le\; v^* \;\le\; T v + \frac{\gamma}{1-\gamma} \max d .

Both ends are computed by NumPy alone, where possible in extended precision (64 bits of mantissa), which makes rounding
some two thousand times smaller than in the solvers. So it does not matter where v comes from: a bad one gives a wide
bracket.
"""

from __future__ import annotations

import numpy as np

from rltheory import MDP

_BLOCK = 10_000_000


def bracket(mdp: MDP, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two ends of the inequality above, each of shape (n_states,) and in extended precision."""
    v = v.astype(np.longdouble)
    gamma = np.longdouble(mdp.gamma)
    backed_up = np.maximum.reduceat(mdp.r + gamma * _expected(mdp, v), mdp.pair_start[:-1])
    d = backed_up - v
    return backed_up + gamma / (1 - gamma) * d.min(), backed_up + gamma / (1 - gamma) * d.max()


def error_bound(value: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return the largest distance that a value may have from an optimum within the bracket; inf for NaN."""
    distance = np.maximum(upper - value, value - lower).max()
    return float(distance) if np.isfinite(distance) else float("inf")


def _expected(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Return P v, in blocks of rows that keep the products' memory small."""
    offsets, expected = mdp.P.indptr, np.empty(mdp.n_pairs, dtype=v.dtype)
    blocks = np.searchsorted(offsets, np.arange(0, mdp.P.nnz, _BLOCK))
    for first, last in zip(blocks, [*blocks[1:], mdp.n_pairs], strict=True):
        entries = slice(offsets[first], offsets[last])
        products = mdp.P.data[entries] * v[mdp.P.indices[entries]]
        expected[first:last] = np.add.reduceat(products, offsets[first:last] - offsets[first])
    return expected

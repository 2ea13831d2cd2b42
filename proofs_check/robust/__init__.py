"""Theorems of robust dynamic programming: the worst case of one expectation, and what it does to a whole model."""

from proofs_check.robust import calculus, duality, dynamic, norms, rates, state

THEOREMS = (
    *duality.THEOREMS,
    *calculus.THEOREMS,
    *rates.THEOREMS,
    *norms.THEOREMS,
    *state.THEOREMS,
    *dynamic.THEOREMS,
)
"""In the order in which one would teach them."""

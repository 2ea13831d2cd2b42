"""Theorems of the worst case of one expectation, the inner problem of robust dynamic programming."""

from proofs_check.robust import calculus, duality, rates

THEOREMS = (*duality.THEOREMS, *calculus.THEOREMS, *rates.THEOREMS)
"""In the order in which one would teach them."""

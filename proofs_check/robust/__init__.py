"""Theorems of robust dynamic programming: the worst case of one expectation, and what it does to a whole model."""

from proofs_check.robust import calculus, duality, dynamic, rates

THEOREMS = (*duality.THEOREMS, *calculus.THEOREMS, *rates.THEOREMS, *dynamic.THEOREMS)
"""In the order in which one would teach them."""

"""Theorems of laws of the return."""

from proofs_check.distributional import evaluation, projections

THEOREMS = (*projections.THEOREMS, *evaluation.THEOREMS)
"""In the order in which one would teach them."""

"""Theorems of laws of the return."""

from proofs_check.distributional import certificates, evaluation, projections

THEOREMS = (*projections.THEOREMS, *evaluation.THEOREMS, *certificates.THEOREMS)
"""In the order in which one would teach them."""

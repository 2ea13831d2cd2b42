"""Theorems of laws of the return, and of optimising their functionals."""

from proofs_check.distributional import certificates, cvar, evaluation, projections, stock, stock_grid

THEOREMS = (
    *projections.THEOREMS,
    *evaluation.THEOREMS,
    *certificates.THEOREMS,
    *stock.THEOREMS,
    *stock_grid.THEOREMS,
    *cvar.THEOREMS,
)
"""In the order in which one would teach them."""

"""Theorems of laws of the return, and of optimising their functionals."""

from proofs_check.distributional import (
    axioms,
    certificates,
    control,
    cvar,
    entropic,
    evaluation,
    failures,
    not_contractions,
    programs,
    projections,
    risk_levels,
    stock,
    stock_grid,
    tails,
)

THEOREMS = (
    *projections.THEOREMS,
    *evaluation.THEOREMS,
    *certificates.THEOREMS,
    *stock.THEOREMS,
    *stock_grid.THEOREMS,
    *control.THEOREMS,
    *failures.THEOREMS,
    *programs.THEOREMS,
    *cvar.THEOREMS,
    *entropic.THEOREMS,
    *risk_levels.THEOREMS,
    *tails.THEOREMS,
    *axioms.THEOREMS,
)
"""In the order in which one would teach them."""

CLAIMS = not_contractions.CLAIMS

"""Theorems of exploration: how far noise strays, how often there is news, what optimism costs, what nobody avoids."""

from proofs_check.exploration import concentration, lower, lsvi_ucb, potential, recursions, vtr

THEOREMS = (
    *potential.THEOREMS,
    *recursions.THEOREMS,
    *concentration.THEOREMS,
    *vtr.THEOREMS,
    *lsvi_ucb.THEOREMS,
    *lower.THEOREMS,
)
"""In the order in which one would teach them."""

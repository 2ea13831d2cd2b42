"""Theorems of exploration: what optimism costs, with probability, and what is true of its parts in every case."""

from proofs_check.exploration import tabular

THEOREMS = (*tabular.THEOREMS,)
"""In the order in which one would teach them."""

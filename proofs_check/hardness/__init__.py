"""Theorems of hardness: what no planner can, what no log shows, and what nobody finds who sees nothing."""

from proofs_check.hardness import batch, blind, queries

THEOREMS = (*queries.THEOREMS, *batch.THEOREMS, *blind.THEOREMS)
"""In the order in which one would teach them."""

CLAIMS = (*batch.CLAIMS, *blind.CLAIMS)

REMARKS = (*queries.REMARKS, *batch.REMARKS, *blind.REMARKS)

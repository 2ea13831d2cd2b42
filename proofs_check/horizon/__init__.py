"""Theorems of lookahead: what it sees, what it costs to learn by it, and what regression makes of it."""

from proofs_check.horizon import lookahead, regression, sampling

THEOREMS = (*lookahead.THEOREMS, *sampling.THEOREMS, *regression.THEOREMS)
"""In the order in which one would teach them."""

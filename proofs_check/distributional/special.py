"""Risk measures that need a way of their own: entropic risk, levels of risk, sums of tails, and what all inherit."""

from proofs_check.distributional import axioms, entropic, risk_levels, tails

THEOREMS = (*entropic.THEOREMS, *risk_levels.THEOREMS, *tails.THEOREMS, *axioms.THEOREMS)
"""In the order in which one would teach them."""

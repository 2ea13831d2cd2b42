"""Theorems of games: what players do, and how far a profile is from the point where nobody wants to deviate."""

from proofs_check.games import correlated, learning, markov, nash, preference, quantal, risk, risk_quantal

THEOREMS = (
    *nash.THEOREMS,
    *correlated.THEOREMS,
    *quantal.THEOREMS,
    *risk.THEOREMS,
    *risk_quantal.THEOREMS,
    *learning.THEOREMS,
    *preference.THEOREMS,
    *markov.THEOREMS,
)
"""In the order in which one would teach them."""

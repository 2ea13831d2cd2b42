"""Published experiments as checks: printed numbers that must come out again, and what can be said of them exactly."""

from proofs_check.experiments import put, walk

THEOREMS = (*put.THEOREMS, *walk.THEOREMS)
"""In the order in which one would teach them."""

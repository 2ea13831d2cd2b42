r"""Theorems of total rewards without a discount: reaching a goal, and the shortest way there.

A policy is *proper* if it reaches the goal almost surely from everywhere; $T$ is the undiscounted Bellman operator,
goal states being absorbing and without reward.
"""

from proofs_check.total import reachability, shortest_paths

THEOREMS = (*reachability.THEOREMS, *shortest_paths.THEOREMS)
"""In the order in which one would teach them."""

"""Theorems of submodular reinforcement learning: memory, gradients, greed, curvature, upper bounds, walks."""

from proofs_check.submodular import bandits, curvature, gradients, graphs, memory, relaxations

THEOREMS = (
    *memory.THEOREMS,
    *gradients.THEOREMS,
    *bandits.THEOREMS,
    *curvature.THEOREMS,
    *relaxations.THEOREMS,
    *graphs.THEOREMS,
)
"""In the order in which one would teach them."""

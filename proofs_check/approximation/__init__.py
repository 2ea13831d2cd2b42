r"""Theorems of approximation and abstraction in discounted MDPs, one file for each circle of ideas.

Notation as in `proofs_check.planning`; $d^\pi$ is the normalised discounted occupancy of states, $\|x\|_{2,\mu}$ the
Euclidean norm with weights $\mu$, and M replaces each value by an average of values.
"""

from proofs_check.approximation import (
    aggregation,
    averagers,
    conservative,
    designs,
    policy_iteration,
    residuals,
    temporal_differences,
    value_iteration,
)

THEOREMS = (
    *value_iteration.THEOREMS,
    *policy_iteration.THEOREMS,
    *residuals.THEOREMS,
    *averagers.THEOREMS,
    *temporal_differences.THEOREMS,
    *aggregation.THEOREMS,
    *conservative.THEOREMS,
    *designs.THEOREMS,
)
"""In the order in which one would teach them."""

"""Theorems of imitation: what watching costs, and what asking costs."""

from proofs_check.imitation import asking, watching

THEOREMS = (*watching.THEOREMS, *asking.THEOREMS)
"""In the order in which one would teach them."""

CLAIMS = (*watching.CLAIMS, *asking.CLAIMS)

REMARKS = (*watching.REMARKS, *asking.REMARKS)

"""Theorems of offline learning: what pessimism proves, how large penalties must be, and what no learner can do."""

from proofs_check.offline import confidence, coverage, errors, hard_rewards, lemma

THEOREMS = (*errors.THEOREMS, *lemma.THEOREMS, *confidence.THEOREMS, *coverage.THEOREMS, *hard_rewards.THEOREMS)
"""In the order in which one would teach them."""

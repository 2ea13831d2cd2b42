r"""Theorems of bandits, one file for each circle of ideas.

Throughout n rounds, k arms with gaps $\Delta_a$, $N_a$ pulls of arm a, and R the regret $\sum_a \Delta_a N_a$. Means
over runs are exact on coins, where a learner is a rule: by its counts, or by all histories one by one.
"""

from proofs_check.bandits import divergences, lower, upper

THEOREMS = (*divergences.THEOREMS, *upper.THEOREMS, *lower.THEOREMS)
"""In the order in which one would teach them."""

REMARKS = lower.REMARKS

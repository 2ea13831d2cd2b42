"""What can no planner and no learner do? Adversaries that answer queries, needles, locks, blind policies.

A lower bound is a game: whoever claims to be fast plays against an instance that is chosen to be bad for *him*. Here
the opponents can be run: a table that gives nothing away, a tree with one reward, a lock that the logging policy hardly
ever opens, a graph whose independent sets are the best policies of somebody who sees nothing. ``bounds`` holds what
they prove.
"""

from rltheory.hardness import bounds
from rltheory.hardness.batch import least_reached, lock_failure
from rltheory.hardness.blind import BlindPolicy, best_blind_policy
from rltheory.hardness.features import nearly_orthogonal, needle_error
from rltheory.hardness.needle import needle_success, search
from rltheory.hardness.reluctant_table import ReluctantTable, seek_goals

__all__ = [
    "BlindPolicy",
    "ReluctantTable",
    "best_blind_policy",
    "bounds",
    "least_reached",
    "lock_failure",
    "nearly_orthogonal",
    "needle_error",
    "needle_success",
    "search",
    "seek_goals",
]

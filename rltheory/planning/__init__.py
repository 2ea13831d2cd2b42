"""The model is known: what is the best policy, and how good is it?

Every algorithm returns a `Solution` whose ``lower`` and ``upper`` are proven to enclose the value of the returned
policy and the optimal value, rounding included.
"""

from rltheory.planning import bounds
from rltheory.planning.backup import backup, greedy, policy_backup, q_values
from rltheory.planning.backward_induction import backward_induction
from rltheory.planning.enclosure import Enclosure, enclose
from rltheory.planning.evaluation import evaluate_policy, occupancy
from rltheory.planning.iterates import Iterate, modified_policy_iterates, policy_iterates, value_iterates
from rltheory.planning.linear_program import linear_program
from rltheory.planning.modified_policy_iteration import modified_policy_iteration
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.solution import PolicyValue, Solution, Status
from rltheory.planning.solve import solve
from rltheory.planning.value_iteration import value_iteration

__all__ = [
    "Enclosure",
    "Iterate",
    "PolicyValue",
    "Solution",
    "Status",
    "backup",
    "backward_induction",
    "bounds",
    "enclose",
    "evaluate_policy",
    "greedy",
    "linear_program",
    "modified_policy_iterates",
    "modified_policy_iteration",
    "occupancy",
    "policy_backup",
    "policy_iterates",
    "policy_iteration",
    "q_values",
    "solve",
    "value_iterates",
    "value_iteration",
]

"""The model is known: what is the best policy, and how good is it?

Every algorithm returns a `Solution` whose ``lower`` and ``upper`` are proven to enclose the value of the returned
policy and the optimal value, rounding included.
"""

from rltheory.planning import bounds
from rltheory.planning.average_linear_program import average_linear_program
from rltheory.planning.average_policy_iteration import average_policy_iteration
from rltheory.planning.average_reward import average_reward
from rltheory.planning.average_solution import AverageRewardSolution, PolicyGain
from rltheory.planning.backup import backup, greedy, policy_backup, q_values
from rltheory.planning.backward_induction import backward_induction
from rltheory.planning.constrained import ConstrainedSolution, constrained
from rltheory.planning.enclosure import Enclosure, enclose
from rltheory.planning.evaluation import evaluate_policy, occupancy
from rltheory.planning.exact import ExactSolution, solve_exactly
from rltheory.planning.gain_bounds import GainEnclosure, enclose_gain
from rltheory.planning.gauss_seidel import gauss_seidel_policy_iteration
from rltheory.planning.graph import (
    EndComponents,
    communicating_classes,
    is_communicating,
    is_unichain,
    is_weakly_communicating,
    maximal_end_components,
    period,
    recurrent_classes,
    strongly_connected_components,
)
from rltheory.planning.iterates import Iterate, modified_policy_iterates, policy_iterates, value_iterates
from rltheory.planning.linear_program import linear_program
from rltheory.planning.modified_policy_iteration import modified_policy_iteration
from rltheory.planning.poisson import evaluate_average_reward
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.qualitative import (
    has_improper_policy,
    is_proper,
    prob0_max,
    prob0_min,
    prob1_max,
    prob1_min,
    proper_policy,
)
from rltheory.planning.reachability import maximal_reachability, minimal_reachability
from rltheory.planning.relative_value_iteration import relative_value_iteration
from rltheory.planning.shaping import shaped, shaping_potential, with_bonus
from rltheory.planning.shortest_path import shortest_path
from rltheory.planning.solution import Criterion, PolicyValue, Solution, Status
from rltheory.planning.solve import solve
from rltheory.planning.threads import use_threads
from rltheory.planning.value_iteration import value_iteration

__all__ = [
    "AverageRewardSolution",
    "ConstrainedSolution",
    "Criterion",
    "Enclosure",
    "EndComponents",
    "ExactSolution",
    "GainEnclosure",
    "Iterate",
    "PolicyGain",
    "PolicyValue",
    "Solution",
    "Status",
    "average_linear_program",
    "average_policy_iteration",
    "average_reward",
    "backup",
    "backward_induction",
    "bounds",
    "communicating_classes",
    "constrained",
    "enclose",
    "enclose_gain",
    "evaluate_average_reward",
    "evaluate_policy",
    "gauss_seidel_policy_iteration",
    "greedy",
    "has_improper_policy",
    "is_communicating",
    "is_proper",
    "is_unichain",
    "is_weakly_communicating",
    "linear_program",
    "maximal_end_components",
    "maximal_reachability",
    "minimal_reachability",
    "modified_policy_iterates",
    "modified_policy_iteration",
    "occupancy",
    "period",
    "policy_backup",
    "policy_iterates",
    "policy_iteration",
    "prob0_max",
    "prob0_min",
    "prob1_max",
    "prob1_min",
    "proper_policy",
    "q_values",
    "recurrent_classes",
    "relative_value_iteration",
    "shaped",
    "shaping_potential",
    "shortest_path",
    "solve",
    "solve_exactly",
    "strongly_connected_components",
    "use_threads",
    "value_iterates",
    "value_iteration",
    "with_bonus",
]

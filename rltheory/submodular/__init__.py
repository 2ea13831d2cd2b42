"""What changes when rewards have diminishing returns? The state that was seen once is worth less the second time.

`SubmodularMDP` joins dynamics and a set function of `functions`. `solve_exact` finds the optimum of small models;
`greedy_path`, `beam_search`, `adaptive_greedy`, `recursive_greedy`, `semigradient` and `modular_planning` plan in large
ones, each beside an upper bound of `relaxation`, and `subpo` climbs by policy gradients. `curvature` and
`check_submodular` tell what theory may promise.
"""

from rltheory.submodular import bounds, estimators, functions, relaxation
from rltheory.submodular.adaptive_greedy import adaptive_greedy
from rltheory.submodular.beam_search import beam_search
from rltheory.submodular.certificate import certificate
from rltheory.submodular.certified import Certified, Status
from rltheory.submodular.choices import SetPolicy
from rltheory.submodular.curvature import curvature, instance_curvature, last_gains
from rltheory.submodular.estimation import ValueEstimate, estimate_value, most_of_a_path, sample_paths
from rltheory.submodular.evaluation import path_law, policy_value
from rltheory.submodular.exact import optimal_values, solve_exact
from rltheory.submodular.extensions import lovasz_extension, multilinear_extension, sampled_multilinear_extension
from rltheory.submodular.finite_trials import Trials, finite_trials
from rltheory.submodular.gradient import derandomised, exact_gradient
from rltheory.submodular.greedy_paths import greedy_path
from rltheory.submodular.histories import count_histories, solve_histories
from rltheory.submodular.history_policy import HistorySoftmax
from rltheory.submodular.independent_rounding import round_to_actions
from rltheory.submodular.lazy_greedy import GreedySet, greedy, lazy_greedy
from rltheory.submodular.linear_policy import LinearSoftmax
from rltheory.submodular.markov_optimum import solve_markov
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.modular_planning import modular_planning
from rltheory.submodular.policies import MarkovSoftmax, SoftmaxPolicy
from rltheory.submodular.policy_run import PolicyRun
from rltheory.submodular.properties import PropertyCheck, Violation, check_monotone, check_submodular
from rltheory.submodular.reachable import reachable_elements, reachable_states
from rltheory.submodular.recursive_greedy import Excursion, recursive_greedy
from rltheory.submodular.rollouts import roll_out
from rltheory.submodular.semigradient import semigradient
from rltheory.submodular.subpo import modpo, subpo
from rltheory.submodular.trajectories import Trajectories, all_trajectories
from rltheory.submodular.update_rules import adam, ascent

__all__ = [
    "Certified",
    "Excursion",
    "GreedySet",
    "HistorySoftmax",
    "LinearSoftmax",
    "MarkovSoftmax",
    "PolicyRun",
    "PropertyCheck",
    "SetPolicy",
    "SoftmaxPolicy",
    "Status",
    "SubmodularMDP",
    "Trajectories",
    "Trials",
    "ValueEstimate",
    "Violation",
    "adam",
    "adaptive_greedy",
    "all_trajectories",
    "ascent",
    "beam_search",
    "bounds",
    "certificate",
    "check_monotone",
    "check_submodular",
    "count_histories",
    "curvature",
    "derandomised",
    "estimate_value",
    "estimators",
    "exact_gradient",
    "finite_trials",
    "functions",
    "greedy",
    "greedy_path",
    "instance_curvature",
    "last_gains",
    "lazy_greedy",
    "lovasz_extension",
    "modpo",
    "modular_planning",
    "most_of_a_path",
    "multilinear_extension",
    "optimal_values",
    "path_law",
    "policy_value",
    "reachable_elements",
    "reachable_states",
    "recursive_greedy",
    "relaxation",
    "roll_out",
    "round_to_actions",
    "sample_paths",
    "sampled_multilinear_extension",
    "semigradient",
    "solve_exact",
    "solve_histories",
    "solve_markov",
    "subpo",
]

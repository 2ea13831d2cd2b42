"""What theory promises of submodular reinforcement learning: one pure function a theorem."""

from rltheory.submodular.bounds.curvature import modular_bracket, modular_planning
from rltheory.submodular.bounds.failures import forgetful, modular_revisits, myopic
from rltheory.submodular.bounds.graphs import (
    euler_tour,
    orienteering_hardness,
    recursive_greedy,
    recursive_greedy_depth,
)
from rltheory.submodular.bounds.greedy import PARTITION_GREEDY, cardinality_greedy, greedy_optimum, local_optimum
from rltheory.submodular.bounds.relaxation import coverage_rounding, independent_cover, tangent

__all__ = [
    "PARTITION_GREEDY",
    "cardinality_greedy",
    "coverage_rounding",
    "euler_tour",
    "forgetful",
    "greedy_optimum",
    "independent_cover",
    "local_optimum",
    "modular_bracket",
    "modular_planning",
    "modular_revisits",
    "myopic",
    "orienteering_hardness",
    "recursive_greedy",
    "recursive_greedy_depth",
    "tangent",
]

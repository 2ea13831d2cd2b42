"""What can no policy exceed? Upper bounds by additive functions that lie above F, each proven by one backward pass."""

from rltheory.submodular.relaxation.linear import LinearRelaxation, linear_relaxation
from rltheory.submodular.relaxation.linear_program import linear_bound
from rltheory.submodular.relaxation.majorant import Majorant, UpperBound, additive_bound
from rltheory.submodular.relaxation.oracle import everything_bound, gains_bound, modular_bound, oracle_bound
from rltheory.submodular.relaxation.window import window_bound

__all__ = [
    "LinearRelaxation",
    "Majorant",
    "UpperBound",
    "additive_bound",
    "everything_bound",
    "gains_bound",
    "linear_bound",
    "linear_relaxation",
    "modular_bound",
    "oracle_bound",
    "window_bound",
]

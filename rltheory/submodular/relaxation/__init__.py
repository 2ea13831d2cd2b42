"""What can no policy exceed? Upper bounds by additive functions that lie above F, each proven by one backward pass."""

from rltheory.submodular.relaxation.best import best_bound
from rltheory.submodular.relaxation.concave import (
    ConcaveRelaxation,
    LogDeterminant,
    Saturation,
    concave_relaxation,
)
from rltheory.submodular.relaxation.frank_wolfe import frank_wolfe_bound
from rltheory.submodular.relaxation.linear import LinearRelaxation, linear_relaxation
from rltheory.submodular.relaxation.linear_program import linear_bound
from rltheory.submodular.relaxation.majorant import Majorant, UpperBound, additive_bound
from rltheory.submodular.relaxation.oracle import everything_bound, gains_bound, modular_bound, oracle_bound
from rltheory.submodular.relaxation.window import window_bound

__all__ = [
    "ConcaveRelaxation",
    "LinearRelaxation",
    "LogDeterminant",
    "Majorant",
    "Saturation",
    "UpperBound",
    "additive_bound",
    "best_bound",
    "concave_relaxation",
    "everything_bound",
    "frank_wolfe_bound",
    "gains_bound",
    "linear_bound",
    "linear_relaxation",
    "modular_bound",
    "oracle_bound",
    "window_bound",
]

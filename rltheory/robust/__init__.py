"""The model may be wrong: what is the worst that a kernel near the nominal one can do?

A divergence says how far is near, with the weight of a penalty or the radius of a ball. `worst_case` solves the inner
problem of robust dynamic programming exactly, and `solve` the whole.
"""

from rltheory.robust import bounds
from rltheory.robust.backward_induction import robust_backward_induction
from rltheory.robust.divergences import KL, L1, TV, ChiSquare, CressieRead, Divergence, LInf
from rltheory.robust.evaluation import evaluate_robustly
from rltheory.robust.inner import WorstCase, worst_case, worst_case_kernels, worst_case_values
from rltheory.robust.s_rectangular import s_rectangular_evaluation, s_rectangular_value_iteration
from rltheory.robust.solution import RobustSolution
from rltheory.robust.solve import solve
from rltheory.robust.state_choice import StateWorstCase, worst_case_of_state
from rltheory.robust.value_iteration import robust_value_iteration

__all__ = [
    "KL",
    "L1",
    "TV",
    "ChiSquare",
    "CressieRead",
    "Divergence",
    "LInf",
    "RobustSolution",
    "StateWorstCase",
    "WorstCase",
    "bounds",
    "evaluate_robustly",
    "robust_backward_induction",
    "robust_value_iteration",
    "s_rectangular_evaluation",
    "s_rectangular_value_iteration",
    "solve",
    "worst_case",
    "worst_case_kernels",
    "worst_case_of_state",
    "worst_case_values",
]

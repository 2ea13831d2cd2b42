"""The model may be wrong: what is the worst that a kernel near the nominal one can do?

A divergence says how far is near, with the weight of a penalty or the radius of a ball, and `worst_case` solves the
inner problem of robust dynamic programming exactly.
"""

from rltheory.robust import bounds
from rltheory.robust.divergences import KL, L1, TV, ChiSquare, CressieRead, Divergence, LInf
from rltheory.robust.inner import WorstCase, worst_case, worst_case_kernels, worst_case_values
from rltheory.robust.rectangular_budget import BudgetedChoice, rectangular_budget

__all__ = [
    "KL",
    "L1",
    "TV",
    "BudgetedChoice",
    "ChiSquare",
    "CressieRead",
    "Divergence",
    "LInf",
    "WorstCase",
    "bounds",
    "rectangular_budget",
    "worst_case",
    "worst_case_kernels",
    "worst_case_values",
]

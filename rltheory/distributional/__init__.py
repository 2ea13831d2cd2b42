"""The model is known: what if the goal is a functional of the return's law, not its mean?

Risk, targets and budgets are functionals K of the law of the return. A stock remembers what was collected, and makes
dynamic programming possible for those that theory says it can optimise; the others get a way of their own, or an error
that says why.
"""

from rltheory.distributional import risk
from rltheory.distributional.functional import Axioms, Functional
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.distributional.metrics import cramer, kolmogorov, wasserstein
from rltheory.distributional.projections import project_categorical, project_quantile
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Layer, Unfolded, unfold
from rltheory.distributional.utility_values import best_expectation

__all__ = [
    "Axioms",
    "DiscreteLaw",
    "Functional",
    "Layer",
    "StockPolicy",
    "Unfolded",
    "best_expectation",
    "cramer",
    "kolmogorov",
    "mixture",
    "project_categorical",
    "project_quantile",
    "risk",
    "unfold",
    "wasserstein",
]

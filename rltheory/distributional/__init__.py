"""The model is known: what if the goal is a functional of the return's law, not its mean?

Risk, targets and budgets are functionals K of the law of the return. A stock remembers what was collected, and makes
dynamic programming possible for those that theory says it can optimise; the others get a way of their own, or an error
that says why.
"""

from rltheory.distributional import bounds, risk
from rltheory.distributional.categorical import categorical_evaluation, categorical_fixed_point
from rltheory.distributional.chain import OutcomeChain, outcome_chain, return_range
from rltheory.distributional.cvar import cvar_curve, maximise_cvar, maximise_mean_cvar
from rltheory.distributional.dominance import first_order_join, second_order_join
from rltheory.distributional.entropic import EntropicSolution, maximise_entropic, maximise_evar
from rltheory.distributional.exact_laws import exact_return_laws, return_law
from rltheory.distributional.functional import Axioms, Functional
from rltheory.distributional.lattice import Lattice, LatticePolicy, lattice_values
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.distributional.law_constraints import CVaRAtLeast, ExpectationAtLeast, reaches
from rltheory.distributional.markovise import markovise
from rltheory.distributional.metrics import cramer, kolmogorov, wasserstein
from rltheory.distributional.nested import NestedRisk, nested_risk
from rltheory.distributional.occupancy import (
    maximise_concave,
    maximise_over_laws,
    maximise_variance,
    minimise_cramer,
    minimise_wasserstein,
)
from rltheory.distributional.oce import maximise_oce
from rltheory.distributional.optimistic import maximise_optimistic_cvar
from rltheory.distributional.policy_iteration import distributional_policy_iteration
from rltheory.distributional.projections import project_categorical, project_quantile
from rltheory.distributional.quantile_dp import quantile_evaluation
from rltheory.distributional.return_laws import ReturnLaws
from rltheory.distributional.risk_levels import (
    ChowEstimate,
    LevelCurves,
    chow_cvar,
    evaluate_cvar_by_levels,
    value_at_risk_by_levels,
)
from rltheory.distributional.spectral import alternate_spectral, maximise_spectral
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_grid import GridPolicy, GridValues, grid_values, maximise_on_stock_grid
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.target import (
    generate_return,
    maximise_target_probability,
    maximise_value_at_risk,
    penalised_shortfalls,
    regulate,
)
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.unfold import Layer, Unfolded, unfold
from rltheory.distributional.utility import maximise_utility
from rltheory.distributional.utility_values import best_expectation
from rltheory.distributional.value_iteration import distributional_value_iteration

__all__ = [
    "Axioms",
    "CVaRAtLeast",
    "ChowEstimate",
    "DiscreteLaw",
    "EntropicSolution",
    "ExpectationAtLeast",
    "Functional",
    "GridPolicy",
    "GridValues",
    "Lattice",
    "LatticePolicy",
    "Layer",
    "LevelCurves",
    "NestedRisk",
    "OutcomeChain",
    "ReturnLaws",
    "StockPolicy",
    "StockSolution",
    "TwoSlopes",
    "Unfolded",
    "alternate_spectral",
    "best_expectation",
    "bounds",
    "categorical_evaluation",
    "categorical_fixed_point",
    "chow_cvar",
    "cramer",
    "cvar_curve",
    "distributional_policy_iteration",
    "distributional_value_iteration",
    "evaluate_cvar_by_levels",
    "exact_return_laws",
    "first_order_join",
    "generate_return",
    "grid_values",
    "kolmogorov",
    "lattice_values",
    "markovise",
    "maximise_concave",
    "maximise_cvar",
    "maximise_entropic",
    "maximise_evar",
    "maximise_mean_cvar",
    "maximise_oce",
    "maximise_on_stock_grid",
    "maximise_optimistic_cvar",
    "maximise_over_laws",
    "maximise_spectral",
    "maximise_target_probability",
    "maximise_utility",
    "maximise_value_at_risk",
    "maximise_variance",
    "minimise_cramer",
    "minimise_wasserstein",
    "mixture",
    "nested_risk",
    "outcome_chain",
    "penalised_shortfalls",
    "project_categorical",
    "project_quantile",
    "quantile_evaluation",
    "reaches",
    "regulate",
    "return_law",
    "return_range",
    "risk",
    "second_order_join",
    "unfold",
    "value_at_risk_by_levels",
    "wasserstein",
]

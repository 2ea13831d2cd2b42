"""How well can values be estimated from samples? Importance sampling and its kin, and planning in a learned model.

An estimator is a function from a `Dataset` to an `Estimate`; beside it stands what it does in a known model, exactly:
its mean and variance by dynamic programming. `plug_in` learns a model from samples of every pair and certifies its
plan. ``bounds`` holds what theory promises of means, frequencies, plans and ratios.
"""

from rltheory.estimation import bounds
from rltheory.estimation.doubly_robust import doubly_robust, target_values
from rltheory.estimation.estimate import Estimate
from rltheory.estimation.importance_sampling import (
    importance_sampling,
    per_decision_importance_sampling,
    weighted_importance_sampling,
)
from rltheory.estimation.marginalised import marginalised_importance_sampling, visit_ratios
from rltheory.estimation.moments import (
    Moments,
    cramer_rao,
    doubly_robust_moments,
    growth_rate,
    importance_sampling_moments,
    marginalised_moments,
    pair_ratio_moments,
    per_decision_moments,
    ratio_second_moment,
    weighted_importance_sampling_variance,
)
from rltheory.estimation.plug_in import PlugIn, plan_with_counts, plug_in

__all__ = [
    "Estimate",
    "Moments",
    "PlugIn",
    "bounds",
    "cramer_rao",
    "doubly_robust",
    "doubly_robust_moments",
    "growth_rate",
    "importance_sampling",
    "importance_sampling_moments",
    "marginalised_importance_sampling",
    "marginalised_moments",
    "pair_ratio_moments",
    "per_decision_importance_sampling",
    "per_decision_moments",
    "plan_with_counts",
    "plug_in",
    "ratio_second_moment",
    "target_values",
    "visit_ratios",
    "weighted_importance_sampling",
    "weighted_importance_sampling_variance",
]

"""What theory promises about laws of the return: one pure function a theorem, put to the test by `proofs_check`."""

from rltheory.distributional.bounds.evaluation import (
    categorical_cramer,
    categorical_cvar,
    categorical_functional,
    categorical_projection_cramer,
    categorical_projection_w1,
    categorical_variance,
    categorical_w1,
    categorical_w2,
    cramer_contraction,
    discounted_steps,
    distance_to_fixed_point,
    kolmogorov_distance,
    quantile_projection_w1,
    quantile_w1,
    return_law_contraction,
    sweeps_to_fixed_point,
)
from rltheory.distributional.bounds.special import entropic_tail, evar_grid_error, evar_levels, hoeffding_entropic
from rltheory.distributional.bounds.stock import (
    cvar_grid_loss,
    quadratic_truncation_error,
    stationary_greedy_loss,
    stock_continuity,
    stock_grid_error,
    truncation_error,
    truncation_horizon,
)

"""What samples promise of an estimate: one pure function a theorem, and `proofs_check` puts each to the test."""

from rltheory.estimation.bounds.generative import (
    deviation_factor,
    loss_by_variance,
    loss_of_samples,
    plug_in_loss,
    samples_by_rows,
    samples_by_value,
    samples_by_variance,
    value_error_by_variance,
    value_error_of_samples,
)
from rltheory.estimation.bounds.laws import (
    dvoretzky_kiefer_wolfowitz,
    expected_distance,
    log_events,
    sum_over_visits,
    weissman,
)
from rltheory.estimation.bounds.means import (
    anytime_hoeffding,
    bernstein,
    empirical_bernstein,
    freedman,
    hoeffding,
    peeling_weight,
)
from rltheory.estimation.bounds.off_policy import (
    marginalised_second_moment,
    ratio_growth,
    ratio_second_moment,
)

__all__ = [
    "anytime_hoeffding",
    "bernstein",
    "deviation_factor",
    "dvoretzky_kiefer_wolfowitz",
    "empirical_bernstein",
    "expected_distance",
    "freedman",
    "hoeffding",
    "log_events",
    "loss_by_variance",
    "loss_of_samples",
    "marginalised_second_moment",
    "peeling_weight",
    "plug_in_loss",
    "ratio_growth",
    "ratio_second_moment",
    "samples_by_rows",
    "samples_by_value",
    "samples_by_variance",
    "sum_over_visits",
    "value_error_by_variance",
    "value_error_of_samples",
    "weissman",
]

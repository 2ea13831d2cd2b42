"""Theorems of exploration: how far noise strays, how often there is news, what optimism costs, what nobody avoids."""

from proofs_check.exploration import (
    concentration,
    lower,
    lsvi_ucb,
    mex,
    mex_zero_sum,
    mixtures,
    moments,
    optimism,
    orders,
    potential,
    printed,
    recursions,
    tabular,
    vtr,
)

THEOREMS = (
    *potential.THEOREMS,
    *recursions.THEOREMS,
    *concentration.THEOREMS,
    *optimism.THEOREMS,
    *tabular.THEOREMS,
    *vtr.THEOREMS,
    *mixtures.THEOREMS,
    *moments.THEOREMS,
    *mex.THEOREMS,
    *mex_zero_sum.THEOREMS,
    *lsvi_ucb.THEOREMS,
    *lower.THEOREMS,
)
"""In the order in which one would teach them."""

CLAIMS = printed.CLAIMS

REMARKS = (*orders.REMARKS, *moments.REMARKS, *printed.REMARKS)

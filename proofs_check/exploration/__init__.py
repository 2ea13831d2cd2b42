"""Theorems of exploration: how far noise strays, how often there is news, what optimism costs, what nobody avoids."""

from proofs_check.exploration import (
    concentration,
    lower,
    lsvi_ucb,
    mex,
    mixtures,
    optimism,
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
    *mex.THEOREMS,
    *lsvi_ucb.THEOREMS,
    *lower.THEOREMS,
)
"""In the order in which one would teach them."""

CLAIMS = printed.CLAIMS

REMARKS = printed.REMARKS

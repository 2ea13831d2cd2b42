"""Theorems of exploration: how far noise strays, how often there is news, what optimism costs, what nobody avoids."""

from proofs_check.exploration import (
    concentration,
    lower,
    lsvi_ucb,
    mex,
    mixtures,
    moments,
    optimism,
    potential,
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
    *lsvi_ucb.THEOREMS,
    *lower.THEOREMS,
)
"""In the order in which one would teach them."""

REMARKS = moments.REMARKS

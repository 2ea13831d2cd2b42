"""There is only a dataset: how good a policy can be learned from it, and proven to be?

Pessimistic value iteration in linear models: `pevi` for the nominal model, `r2pvi` against a nature that pays for what
it changes, `drpvi` against one that moves within a ball, `va_drpvi` with transitions weighted by their variances.
`lsvi` is the same without pessimism.
"""

from rltheory.offline import bounds
from rltheory.offline.drpvi import drpvi
from rltheory.offline.estimates import estimated_worst_case
from rltheory.offline.exact import exact_values
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.maximisers import maximise_chi_square, maximise_tv
from rltheory.offline.pevi import lsvi, pevi
from rltheory.offline.r2pvi import r2pvi
from rltheory.offline.regression import Regression, regress
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Tally
from rltheory.offline.uncertainty import coverage
from rltheory.offline.va_drpvi import conditional_variances, va_drpvi

__all__ = [
    "LinearKnowledge",
    "OfflineSolution",
    "Regression",
    "Tally",
    "bounds",
    "conditional_variances",
    "coverage",
    "drpvi",
    "estimated_worst_case",
    "exact_values",
    "lsvi",
    "maximise_chi_square",
    "maximise_tv",
    "pevi",
    "r2pvi",
    "regress",
    "va_drpvi",
]

r"""Maximise to explore: play what is best in the model that is best, counting what it promises and how it fits.

.. math:: f_k = \arg\max_f \Big\{ V_f(\mu) + \eta \sum_{j < k} \sum_t \ln P_{f,t}(s'_j \mid s_j, a_j) \Big\} .

One maximisation balances the two sides of exploration, without bonus and without a confidence set: a model that
promises much is tried, and loses likelihood if it is wrong.
"""

from rltheory.exploration.mex.discrepancy import hellinger_discrepancies
from rltheory.exploration.mex.finite import MexRun, mex
from rltheory.exploration.mex.mixture import mex_mixture
from rltheory.exploration.mex.zero_sum import mex_zero_sum

__all__ = ["MexRun", "hellinger_discrepancies", "mex", "mex_mixture", "mex_zero_sum"]

r"""Expectiles: where gains and losses balance when they are weighed differently.

The expectile e of level :math:`\alpha` (Newey and Powell 1987) solves

.. math:: \alpha \, E (X - e)_+ = (1 - \alpha) \, E (e - X)_+ ,

so it is a mean in which what lies below e weighs :math:`1 - \alpha` and what lies above :math:`\alpha`. For
:math:`\alpha \le 1/2` no other division of the sorted atoms into low and high gives a smaller such mean, and so e is
the least of n numbers. It is then coherent (Bellini, Klar, Müller and Rosazza Gianin 2014). It is neither convex nor
concave in the law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import COHERENT, MEAN, NEITHER, ScaleFree, holding, require


@dataclass(frozen=True, slots=True)
class Expectile(ScaleFree):
    r"""The expectile of level :math:`\alpha`.

    Parameters
    ----------
    alpha : float
        In (0, 1); below 1/2 averse to risk, 1/2 the mean.

    Raises
    ------
    CriterionError
        If alpha is outside (0, 1).

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.Expectile(0.25)(DiscreteLaw([0.0, 4.0]))
    1.0
    """

    alpha: float

    def __post_init__(self) -> None:
        require(0 < self.alpha < 1, "alpha", self.alpha, "the level of an expectile is in (0, 1); 1/2 is the mean")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the expectile."""
        mass, part = np.cumsum(law.prob), np.cumsum(law.prob * law.atoms)
        low, high = 1 - self.alpha, self.alpha
        means = (low * part + high * (part[-1] - part)) / (low * mass + high * (mass[-1] - mass))
        return float(means.min() if self.alpha <= 0.5 else means.max())

    @property
    def axioms(self) -> Axioms:
        """Coherent if alpha is below 1/2, not superadditive above, all axioms at 1/2."""
        if self.alpha == 0.5:
            return MEAN
        return holding(*COHERENT) if self.alpha < 0.5 else NEITHER

    def lipschitz(self, spread: float) -> float:
        """Return the ratio of the larger weight to the smaller."""
        return max(self.alpha, 1 - self.alpha) / min(self.alpha, 1 - self.alpha)

"""Functionals of a law: risk measures, utilities and targets, each with the axioms that it satisfies.

Every one is a frozen record that is called on a `DiscreteLaw`, and tells by its ``axioms``,
``indifferent_to_discount`` and ``lipschitz`` how, and whether, dynamic programming can optimise it. Larger is better,
and ``tau`` is the mass of the lower tail: 1 is neutral to risk, and near 0 only the worst counts.
"""

from rltheory.distributional.risk.distortions import CumulativeProspectWeight, Distortion, DualPower, Power, Wang
from rltheory.distributional.risk.entropic import Entropic, EVaR
from rltheory.distributional.risk.equivalents import CertaintyEquivalent, OptimisedCertaintyEquivalent
from rltheory.distributional.risk.expectiles import Expectile
from rltheory.distributional.risk.moments import Mean, MeanVariance, Semideviation, Variance
from rltheory.distributional.risk.quantiles import EssentialInfimum, EssentialSupremum, LowerQuantile, ValueAtRisk
from rltheory.distributional.risk.spectral import Spectral
from rltheory.distributional.risk.tails import CVaR, OptimisticCVaR
from rltheory.distributional.risk.targets import NegativeCramer, NegativeWasserstein, TargetProbability
from rltheory.distributional.risk.utilities import ExpectedUtility

__all__ = [
    "CVaR",
    "CertaintyEquivalent",
    "CumulativeProspectWeight",
    "Distortion",
    "DualPower",
    "EVaR",
    "Entropic",
    "EssentialInfimum",
    "EssentialSupremum",
    "ExpectedUtility",
    "Expectile",
    "LowerQuantile",
    "Mean",
    "MeanVariance",
    "NegativeCramer",
    "NegativeWasserstein",
    "OptimisedCertaintyEquivalent",
    "OptimisticCVaR",
    "Power",
    "Semideviation",
    "Spectral",
    "TargetProbability",
    "ValueAtRisk",
    "Variance",
    "Wang",
]

"""Others act too: what will the players do, and how far is a profile from the point where nobody wants to deviate?"""

from rltheory.games.deviations import (
    correlated_gains,
    deviation_payoffs,
    expected_payoffs,
    exploitability,
    gains,
    nash_conv,
)
from rltheory.games.equilibrium import CorrelatedEquilibrium, Equilibrium, mediated, nash_profile
from rltheory.games.normal_form import NormalFormGame

__all__ = [
    "CorrelatedEquilibrium",
    "Equilibrium",
    "NormalFormGame",
    "correlated_gains",
    "deviation_payoffs",
    "expected_payoffs",
    "exploitability",
    "gains",
    "mediated",
    "nash_conv",
    "nash_profile",
]

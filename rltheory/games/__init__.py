"""Others act too: what will the players do, and how far is a profile from the point where nobody wants to deviate?

Games in normal form and their Nash, correlated and quantal response equilibria are here; players averse to risk in
`risk`, games with states in `markov`, those who learn in `learning`, and games of preferences in `preference`. Every
equilibrium carries its certificate: the most that a player gains by deviating.
"""

from rltheory.games import bounds, learning, markov, nash, preference, risk
from rltheory.games.correlated import correlated_equilibrium, correlated_extremes, maximum_entropy_correlated
from rltheory.games.deviations import (
    correlated_gains,
    deviation_payoffs,
    expected_payoffs,
    exploitability,
    gains,
    nash_conv,
)
from rltheory.games.double_oracle import double_oracle
from rltheory.games.equilibrium import CorrelatedEquilibrium, Equilibrium, mediated, nash_profile
from rltheory.games.markov import MarkovGame
from rltheory.games.nash import nash_equilibria, nash_equilibrium, zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.quantal import LogitEquilibrium, logit_equilibrium, logit_residual, logit_response
from rltheory.games.quantal_branch import LogitBranch, logit_branch
from rltheory.games.risk import risk_averse_equilibrium, risk_quantal_equilibrium

__all__ = [
    "CorrelatedEquilibrium",
    "Equilibrium",
    "LogitBranch",
    "LogitEquilibrium",
    "MarkovGame",
    "NormalFormGame",
    "bounds",
    "correlated_equilibrium",
    "correlated_extremes",
    "correlated_gains",
    "deviation_payoffs",
    "double_oracle",
    "expected_payoffs",
    "exploitability",
    "gains",
    "learning",
    "logit_branch",
    "logit_equilibrium",
    "logit_residual",
    "logit_response",
    "markov",
    "maximum_entropy_correlated",
    "mediated",
    "nash",
    "nash_conv",
    "nash_equilibria",
    "nash_equilibrium",
    "nash_profile",
    "preference",
    "risk",
    "risk_averse_equilibrium",
    "risk_quantal_equilibrium",
    "zero_sum",
]

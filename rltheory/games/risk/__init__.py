"""Players who are averse to the risk that the others are: best responses, equilibria, and proofs of how good they are.

`risk_averse_equilibrium` finds a profile at which everyone's mean less variance is as large as it can be, and
`risk_quantal_equilibrium` one of players who also make mistakes. What else than the variance is feared, an aversion
object says.
"""

from rltheory.games.risk.best_response import Aversion, BestResponse, best_response, response_gap
from rltheory.games.risk.column_generation import column_generation
from rltheory.games.risk.dynamics import damped_best_response, risk_averse_fictitious_play
from rltheory.games.risk.mirror_prox import quantal_mirror_prox
from rltheory.games.risk.own_variance import best_pure_profile, full_variance_gains, full_variance_utility
from rltheory.games.risk.path import equilibrium_path
from rltheory.games.risk.penalties import LogBarrier, NegativeEntropy, Penalty
from rltheory.games.risk.play import risk_averse_profile
from rltheory.games.risk.polyhedral import CVaR, PolyhedralAversion, Semideviation, Shortfall
from rltheory.games.risk.quantal import quantal_profile, risk_quantal_equilibrium
from rltheory.games.risk.smooth import Entropic, MeanVariance, PartialMoment, ReverseEntropic, SmoothAversion
from rltheory.games.risk.solve import risk_averse_equilibria, risk_averse_equilibrium
from rltheory.games.risk.two_by_two import two_by_two_equilibria

__all__ = [
    "Aversion",
    "BestResponse",
    "CVaR",
    "Entropic",
    "LogBarrier",
    "MeanVariance",
    "NegativeEntropy",
    "PartialMoment",
    "Penalty",
    "PolyhedralAversion",
    "ReverseEntropic",
    "Semideviation",
    "Shortfall",
    "SmoothAversion",
    "best_pure_profile",
    "best_response",
    "column_generation",
    "damped_best_response",
    "equilibrium_path",
    "full_variance_gains",
    "full_variance_utility",
    "quantal_mirror_prox",
    "quantal_profile",
    "response_gap",
    "risk_averse_equilibria",
    "risk_averse_equilibrium",
    "risk_averse_fictitious_play",
    "risk_averse_profile",
    "risk_quantal_equilibrium",
    "two_by_two_equilibria",
]

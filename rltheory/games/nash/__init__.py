"""Nash equilibria of games in normal form: all of them, one of them, or what can be said without finding any."""

from rltheory.games.nash.components import NashSubset, nash_components
from rltheory.games.nash.coordination import payoff_dominant, risk_dominant
from rltheory.games.nash.dominance import Elimination, Removal, dominating_strategy, eliminate_dominated
from rltheory.games.nash.lemke_howson import lemke_howson, lemke_howson_equilibria
from rltheory.games.nash.n_player import limiting_nash, n_player_nash, polished_nash
from rltheory.games.nash.n_player_supports import all_n_player_nash, n_player_equilibria
from rltheory.games.nash.potential import exact_potential, four_cycle_violation, ordinal_potential
from rltheory.games.nash.pure import best_response_graph, pure_equilibria, pure_nash
from rltheory.games.nash.small_games import small_zero_sum
from rltheory.games.nash.solve import nash_equilibria, nash_equilibrium
from rltheory.games.nash.support_enumeration import support_enumeration, support_equilibria
from rltheory.games.nash.vertex_enumeration import is_nondegenerate, vertex_enumeration
from rltheory.games.nash.zero_sum import has_constant_sum, zero_sum

__all__ = [
    "Elimination",
    "NashSubset",
    "Removal",
    "all_n_player_nash",
    "best_response_graph",
    "dominating_strategy",
    "eliminate_dominated",
    "exact_potential",
    "four_cycle_violation",
    "has_constant_sum",
    "is_nondegenerate",
    "lemke_howson",
    "lemke_howson_equilibria",
    "limiting_nash",
    "n_player_equilibria",
    "n_player_nash",
    "nash_components",
    "nash_equilibria",
    "nash_equilibrium",
    "ordinal_potential",
    "payoff_dominant",
    "polished_nash",
    "pure_equilibria",
    "pure_nash",
    "risk_dominant",
    "small_zero_sum",
    "support_enumeration",
    "support_equilibria",
    "vertex_enumeration",
    "zero_sum",
]

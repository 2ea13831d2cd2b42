"""How far must one look ahead? Games of H steps in which a policy looks k steps ahead and then explores at random.

`analyse` finds for which k every greedy policy is optimal, the gaps that show it, and the planning window; sticky
actions included. `exploration_occupancy` and `exploration_laws` say where exploration goes and what it earns.
"""

from rltheory.horizon.analysis import analyse, normalised
from rltheory.horizon.occupancy import ExplorationOccupancy, exploration_occupancy
from rltheory.horizon.rational import analyse_exactly
from rltheory.horizon.report import HorizonReport
from rltheory.horizon.returns import ExplorationLaws, exploration_laws
from rltheory.horizon.simple_bound import SimpleBound, simple_bound
from rltheory.horizon.sticky import base_states, count_sticky_states, sticky_model

__all__ = [
    "ExplorationLaws",
    "ExplorationOccupancy",
    "HorizonReport",
    "SimpleBound",
    "analyse",
    "analyse_exactly",
    "base_states",
    "count_sticky_states",
    "exploration_laws",
    "exploration_occupancy",
    "normalised",
    "simple_bound",
    "sticky_model",
]

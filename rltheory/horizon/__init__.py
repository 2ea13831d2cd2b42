"""How far must one look ahead? Games of H steps in which a policy looks k steps ahead and then explores at random.

`analyse` finds for which k every greedy policy is optimal, the gaps that show it, and the planning window; sticky
actions included. `gorp_runs` and `sqirl` learn by looking ahead, `exact_horizon` says exactly how many episodes that
takes, and `compare` puts what theory promises beside what was measured. `exploration_occupancy` and `exploration_laws`
say where exploration goes and what it earns.
"""

from rltheory.horizon import bounds
from rltheory.horizon.analysis import analyse, normalised
from rltheory.horizon.comparison import Comparison, compare
from rltheory.horizon.contest import Score, Ties
from rltheory.horizon.gap_bound import GapBound
from rltheory.horizon.gorp import GorpRuns, gorp_runs
from rltheory.horizon.gorp_success import ExactHorizon, exact_horizon, gorp_success, least_episodes
from rltheory.horizon.occupancy import ExplorationOccupancy, exploration_occupancy
from rltheory.horizon.optimism import optimistic_timesteps
from rltheory.horizon.promises import promises, sticky_promises
from rltheory.horizon.proved_bound import proved_horizon
from rltheory.horizon.rational import analyse_exactly
from rltheory.horizon.regression import Batch, Estimator, FiniteClass, LinearLeastSquares, TabularAverage
from rltheory.horizon.report import HorizonReport
from rltheory.horizon.returns import ExplorationLaws, exploration_laws
from rltheory.horizon.search import SampleComplexity, gorp_sample_complexity, sqirl_sample_complexity
from rltheory.horizon.simple_bound import simple_bound
from rltheory.horizon.sqirl import Data, SqirlRun, sqirl
from rltheory.horizon.sticky import base_states, count_sticky_states, sticky_model
from rltheory.horizon.tighter_bound import tighter_episodes, tighter_horizon

__all__ = [
    "Batch",
    "Comparison",
    "Data",
    "Estimator",
    "ExactHorizon",
    "ExplorationLaws",
    "ExplorationOccupancy",
    "FiniteClass",
    "GapBound",
    "GorpRuns",
    "HorizonReport",
    "LinearLeastSquares",
    "SampleComplexity",
    "Score",
    "SqirlRun",
    "TabularAverage",
    "Ties",
    "analyse",
    "analyse_exactly",
    "base_states",
    "bounds",
    "compare",
    "count_sticky_states",
    "exact_horizon",
    "exploration_laws",
    "exploration_occupancy",
    "gorp_runs",
    "gorp_sample_complexity",
    "gorp_success",
    "least_episodes",
    "normalised",
    "optimistic_timesteps",
    "promises",
    "proved_horizon",
    "simple_bound",
    "sqirl",
    "sqirl_sample_complexity",
    "sticky_model",
    "sticky_promises",
    "tighter_episodes",
    "tighter_horizon",
]

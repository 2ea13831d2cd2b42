"""What the world is: finite MDPs, stationary or of finite horizon or linear, outcome models and datasets."""

from rltheory.models.dataset import Dataset
from rltheory.models.errors import ConvergenceWarning, CriterionError, ModelError
from rltheory.models.finite_horizon import FiniteHorizonMDP
from rltheory.models.linear import LinearMDP
from rltheory.models.mdp import MDP
from rltheory.models.outcomes import OutcomeModel
from rltheory.models.sampling import collect

__all__ = [
    "MDP",
    "ConvergenceWarning",
    "CriterionError",
    "Dataset",
    "FiniteHorizonMDP",
    "LinearMDP",
    "ModelError",
    "OutcomeModel",
    "collect",
]

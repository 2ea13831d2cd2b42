"""What the world is: finite MDPs (stationary, of finite horizon, linear, linear mixtures), outcome models, datasets."""

from rltheory.models.dataset import Dataset
from rltheory.models.errors import ConvergenceWarning, CriterionError, ModelError
from rltheory.models.finite_horizon import FiniteHorizonMDP
from rltheory.models.linear import LinearMDP
from rltheory.models.linear_mixture import LargestNorm, LinearMixtureMDP
from rltheory.models.mdp import MDP
from rltheory.models.outcomes import OutcomeModel
from rltheory.models.sampling import collect

__all__ = [
    "MDP",
    "ConvergenceWarning",
    "CriterionError",
    "Dataset",
    "FiniteHorizonMDP",
    "LargestNorm",
    "LinearMDP",
    "LinearMixtureMDP",
    "ModelError",
    "OutcomeModel",
    "collect",
]

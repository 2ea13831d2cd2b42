"""RL theory that you can run: exact solvers, proven enclosures, falsifiable theorems.

Importing this package imports NumPy only; a wing is loaded when one of its names is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rltheory import models
from rltheory.models import (
    MDP,
    ConvergenceWarning,
    CriterionError,
    Dataset,
    FiniteHorizonMDP,
    LinearMDP,
    LinearMixtureMDP,
    ModelError,
    OutcomeModel,
    collect,
)

if TYPE_CHECKING:
    from rltheory import (
        bandits,
        distributional,
        estimation,
        exploration,
        games,
        hardness,
        horizon,
        imitation,
        io,
        offline,
        planning,
        plotting,
        policy_optimisation,
        robust,
        submodular,
    )
    from rltheory.planning import (
        PolicyValue,
        Solution,
        Status,
        backward_induction,
        evaluate_policy,
        linear_program,
        modified_policy_iteration,
        occupancy,
        policy_iteration,
        solve,
        value_iteration,
    )

__version__ = "0.1.0"

_WINGS = (
    "bandits",
    "distributional",
    "estimation",
    "exploration",
    "games",
    "hardness",
    "horizon",
    "imitation",
    "io",
    "offline",
    "planning",
    "plotting",
    "policy_optimisation",
    "robust",
    "submodular",
)
_PLANNING = (
    "PolicyValue",
    "Solution",
    "Status",
    "backward_induction",
    "evaluate_policy",
    "linear_program",
    "modified_policy_iteration",
    "occupancy",
    "policy_iteration",
    "solve",
    "value_iteration",
)

__all__ = [
    "MDP",
    "ConvergenceWarning",
    "CriterionError",
    "Dataset",
    "FiniteHorizonMDP",
    "LinearMDP",
    "LinearMixtureMDP",
    "ModelError",
    "OutcomeModel",
    "PolicyValue",
    "Solution",
    "Status",
    "backward_induction",
    "bandits",
    "collect",
    "distributional",
    "estimation",
    "evaluate_policy",
    "exploration",
    "games",
    "hardness",
    "horizon",
    "imitation",
    "io",
    "linear_program",
    "models",
    "modified_policy_iteration",
    "occupancy",
    "offline",
    "planning",
    "plotting",
    "policy_iteration",
    "policy_optimisation",
    "robust",
    "solve",
    "submodular",
    "value_iteration",
]


def __getattr__(name: str) -> Any:
    if name in _WINGS:
        return importlib.import_module(f"rltheory.{name}")
    if name in _PLANNING:
        return getattr(importlib.import_module("rltheory.planning"), name)
    raise AttributeError(f"module 'rltheory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

"""What if one climbs instead of solving? Policy gradients, natural gradients, mirror descent, Politex and entropy.

The model is known and every gradient and value is exact, so that what is left is the climb itself. Each algorithm is a
function from a small discounted `MDP` to a frozen record of all its policies and their values; ``bounds`` holds what
theory promises of them.
"""

from rltheory.policy_optimisation import bounds
from rltheory.policy_optimisation.deterministic_mixture import DeterministicMixture, deterministic_mixture
from rltheory.policy_optimisation.entropy import entropy_policy_gradient
from rltheory.policy_optimisation.mirror_descent import mirror_descent
from rltheory.policy_optimisation.natural_policy_gradient import natural_policy_gradient
from rltheory.policy_optimisation.politex import politex
from rltheory.policy_optimisation.run import PolicyRun
from rltheory.policy_optimisation.softmax_gradient import PolicyGradient, policy_gradient, softmax_ascent

__all__ = [
    "DeterministicMixture",
    "PolicyGradient",
    "PolicyRun",
    "bounds",
    "deterministic_mixture",
    "entropy_policy_gradient",
    "mirror_descent",
    "natural_policy_gradient",
    "policy_gradient",
    "politex",
    "softmax_ascent",
]

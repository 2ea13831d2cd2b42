"""How much does learning cost? Learners that meet an unknown model, episode after episode, and their exact regret.

A learner returns a `LearningRun`. Its confidence set is as wide as `Theory`, `Data` or `Scaled` says.
"""

from rltheory.exploration import bounds
from rltheory.exploration.learning_run import LearningRun
from rltheory.exploration.radius import Data, Radius, Scaled, Theory

__all__ = ["Data", "LearningRun", "Radius", "Scaled", "Theory", "bounds"]

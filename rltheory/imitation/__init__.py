"""What if there is an expert to watch instead of a reward? Behaviour cloning, DAgger, and what a mistake costs.

Someone knows what to do in a model of finite horizon. Cloning watches his episodes; DAgger (Ross, Gordon and Bagnell
2011) lets the learner act, and asks the expert what he would have done. Both reduce imitation to guessing actions:
``bounds`` holds what a wrong guess costs, and `certify` computes it exactly for one learner.
"""

from rltheory.imitation import bounds
from rltheory.imitation.behaviour_cloning import behaviour_cloning, cloned_expert
from rltheory.imitation.certificate import Imitation, certify
from rltheory.imitation.dagger import DaggerRun, dagger
from rltheory.imitation.losses import disagreement, recoverability

__all__ = [
    "DaggerRun",
    "Imitation",
    "behaviour_cloning",
    "bounds",
    "certify",
    "cloned_expert",
    "dagger",
    "disagreement",
    "recoverability",
]

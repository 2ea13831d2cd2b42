"""How much does learning cost? Learners that meet an unknown model, episode after episode, and their exact regret.

A learner returns a `LearningRun`. Its confidence set is as wide as `Theory`, `Data` or `Scaled` says. In tables:
`ucbvi`, `ucb_q`, `mvp`, `posterior_sampling`, `ucrl2`; in linear mixtures: `ucrl_vtr`, `ucrl_vtr_plus`,
`hf_ucrl_vtr_plus`; in linear models: `lsvi_ucb`; in classes of models: `mex`. Without rewards, for all of them:
`rf_ucrl`, `rf_express`, `ucrl_rfe`, `ucrl_rfe_plus`, `hf_ucrl_rfe`. Against rewards that change: `oppo`.
"""

from rltheory.exploration import bounds, mex
from rltheory.exploration.hf_ucrl_rfe import hf_ucrl_rfe
from rltheory.exploration.hf_ucrl_rfe_joint import hf_ucrl_rfe_joint
from rltheory.exploration.hf_ucrl_vtr_plus import hf_ucrl_vtr_plus
from rltheory.exploration.largest_width import LargestWidth, ascent, signs, vertices
from rltheory.exploration.learning_run import LearningRun
from rltheory.exploration.lsvi_ucb import lsvi_ucb
from rltheory.exploration.mvp import mvp
from rltheory.exploration.oppo import OppoRun, oppo
from rltheory.exploration.posterior_sampling import posterior_sampling
from rltheory.exploration.radius import Data, Radius, Scaled, Theory
from rltheory.exploration.reward_free import RewardFreePlan, RewardFreeRun
from rltheory.exploration.reward_free_model import RewardFreeModel
from rltheory.exploration.rf_express import rf_express
from rltheory.exploration.rf_ucrl import rf_ucrl
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi, ucbvi_bernstein
from rltheory.exploration.ucrl2 import ucrl2
from rltheory.exploration.ucrl_rfe import ucrl_rfe
from rltheory.exploration.ucrl_rfe_plus import ucrl_rfe_plus
from rltheory.exploration.ucrl_vtr import ucrl_vtr
from rltheory.exploration.ucrl_vtr_plus import ucrl_vtr_plus

__all__ = [
    "Data",
    "LargestWidth",
    "LearningRun",
    "OppoRun",
    "Radius",
    "RewardFreeModel",
    "RewardFreePlan",
    "RewardFreeRun",
    "Scaled",
    "Theory",
    "ascent",
    "bounds",
    "hf_ucrl_rfe",
    "hf_ucrl_rfe_joint",
    "hf_ucrl_vtr_plus",
    "lsvi_ucb",
    "mex",
    "mvp",
    "oppo",
    "posterior_sampling",
    "rf_express",
    "rf_ucrl",
    "signs",
    "ucb_q",
    "ucbvi",
    "ucbvi_bernstein",
    "ucrl2",
    "ucrl_rfe",
    "ucrl_rfe_plus",
    "ucrl_vtr",
    "ucrl_vtr_plus",
    "vertices",
]

"""What does one state cost to learn? Bandits: learners, their exact regret, and what no learner can avoid.

The arms are `BernoulliArms` or `GaussianArms`, a learner is a function from them to a frozen `BanditRun`: `ucb`,
`kl_ucb`, `thompson`, `explore_then_commit`, `successive_elimination`. On coins a learner is a rule, too (`rules`),
whose regret `count_law` computes without drawing anything, beside the least under a prior, `bayes_optimum`. ``bounds``
holds what theory promises, and what it forbids.
"""

from rltheory.bandits import bounds, rules
from rltheory.bandits.arms import Arms, BernoulliArms, GaussianArms
from rltheory.bandits.bayes import BayesOptimum, bayes_optimum
from rltheory.bandits.commit import explore_then_commit
from rltheory.bandits.elimination import successive_elimination
from rltheory.bandits.exact import CountLaw, count_law, expected_bayes_reward, expected_regret
from rltheory.bandits.kl_ucb import kl_ucb
from rltheory.bandits.run import BanditRun
from rltheory.bandits.thompson import thompson
from rltheory.bandits.ucb import ucb

__all__ = [
    "Arms",
    "BanditRun",
    "BayesOptimum",
    "BernoulliArms",
    "CountLaw",
    "GaussianArms",
    "bayes_optimum",
    "bounds",
    "count_law",
    "expected_bayes_reward",
    "expected_regret",
    "explore_then_commit",
    "kl_ucb",
    "rules",
    "successive_elimination",
    "thompson",
    "ucb",
]

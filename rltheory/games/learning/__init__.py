"""How do players learn? Rules that regret little, fictitious play and the replicator, and proofs of what comes out."""

from rltheory.games.learning.fictitious_play import fictitious_play, lowest, stay
from rltheory.games.learning.hedge import hedge, optimistic_hedge
from rltheory.games.learning.regret import external_regret, swap_regret
from rltheory.games.learning.regret_matching import regret_matching, regret_matching_plus
from rltheory.games.learning.replicator import discrete_replicator, replicator
from rltheory.games.learning.rule import Rule, strategies_against
from rltheory.games.learning.run import LearningRun
from rltheory.games.learning.self_play import plays, record, self_play
from rltheory.games.learning.swap_hedge import stationary, swap_hedge

__all__ = [
    "LearningRun",
    "Rule",
    "discrete_replicator",
    "external_regret",
    "fictitious_play",
    "hedge",
    "lowest",
    "optimistic_hedge",
    "plays",
    "record",
    "regret_matching",
    "regret_matching_plus",
    "replicator",
    "self_play",
    "stationary",
    "stay",
    "strategies_against",
    "swap_hedge",
    "swap_regret",
]

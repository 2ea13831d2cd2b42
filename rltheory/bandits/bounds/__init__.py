"""What theory promises of bandits, and what it forbids: one pure function a theorem."""

from rltheory.bandits.bounds.divergences import (
    SHARP_BRETAGNOLLE_HUBER,
    bretagnolle_huber,
    bretagnolle_huber_distance,
    history_divergence,
    kl_bernoulli,
    kl_gaussian,
)
from rltheory.bandits.bounds.lower import (
    minimax_regret,
    needle_gap,
    needle_regret,
    pulls_needed,
    two_worlds_regret,
)
from rltheory.bandits.bounds.upper import (
    commit_regret,
    commit_tries,
    commit_tuned_regret,
    elimination_regret,
    elimination_width,
    ucb_regret,
    ucb_wait,
    ucb_worst_regret,
)

__all__ = [
    "SHARP_BRETAGNOLLE_HUBER",
    "bretagnolle_huber",
    "bretagnolle_huber_distance",
    "commit_regret",
    "commit_tries",
    "commit_tuned_regret",
    "elimination_regret",
    "elimination_width",
    "history_divergence",
    "kl_bernoulli",
    "kl_gaussian",
    "minimax_regret",
    "needle_gap",
    "needle_regret",
    "pulls_needed",
    "two_worlds_regret",
    "ucb_regret",
    "ucb_wait",
    "ucb_worst_regret",
]

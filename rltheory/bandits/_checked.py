"""The checks that learners share: each message names the argument, the number and what it must be."""

from __future__ import annotations

from typing import Any

from rltheory.bandits.arms import Arms, BernoulliArms
from rltheory.models import ModelError
from rltheory.models._validation import checked_positive, checked_whole


def checked_rounds(arms: Arms, rounds: int) -> int:
    """Return a number of rounds in which every arm can be pulled."""
    if checked_whole("rounds", rounds, 1) < arms.n_arms:
        raise ModelError(f"rounds is {rounds}; {arms.n_arms} arms cannot all be pulled in so few")
    return int(rounds)


def checked_sigma(arms: Arms, sigma: float | None) -> float:
    """Return how noisy a learner takes rewards to be: by default as much as they are, and 1 if they are certain."""
    if sigma is None:
        return 0.5 if isinstance(arms, BernoulliArms) else arms.noise or 1.0
    return checked_positive("sigma", sigma)


def checked_coins(arms: Any, method: str) -> BernoulliArms:
    """Return arms that are coins."""
    if not isinstance(arms, BernoulliArms):
        raise ModelError(f"arms are {type(arms).__name__}; {method} is for BernoulliArms")
    return arms

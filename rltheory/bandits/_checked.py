"""The checks that learners share: each message names the argument, the number and what it must be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.bandits.arms import Arms, BernoulliArms
from rltheory.models import ModelError


def checked_whole(name: str, value: int, least: int) -> int:
    """Return a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ModelError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    return int(value)


def checked_rounds(arms: Arms, rounds: int) -> int:
    """Return a number of rounds in which every arm can be pulled."""
    if checked_whole("rounds", rounds, 1) < arms.n_arms:
        raise ModelError(f"rounds is {rounds}; {arms.n_arms} arms cannot all be pulled in so few")
    return int(rounds)


def checked_sigma(arms: Arms, sigma: float | None) -> float:
    """Return how noisy a learner takes rewards to be: by default as much as they are, and 1 if they are certain."""
    if sigma is None:
        return 0.5 if isinstance(arms, BernoulliArms) else arms.noise or 1.0
    if not 0 < sigma < math.inf:
        raise ModelError(f"sigma is {sigma!r}; rewards are subgaussian for a finite number above 0")
    return float(sigma)


def checked_coins(arms: Any, method: str) -> BernoulliArms:
    """Return arms that are coins."""
    if not isinstance(arms, BernoulliArms):
        raise ModelError(f"arms are {type(arms).__name__}; {method} is for BernoulliArms")
    return arms

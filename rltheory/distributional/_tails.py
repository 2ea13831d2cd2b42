"""The means of the worst and of the best part of a law, and what a level may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.models import ModelError


def checked_level(level: Any, name: str = "tau") -> float:
    """Return a level in (0, 1]."""
    if not (np.ndim(level) == 0 and math.isfinite(level) and 0 < level <= 1):
        raise ModelError(f"{name} is {level}; it is the mass of a tail, in (0, 1]")
    return float(level)


def lower_tail_mean(law: DiscreteLaw, tau: float) -> float:
    """Return the mean of the worst part of mass tau, which is CVaR; for tau = 0 the least atom."""
    if tau <= 0:
        return float(law.atoms[0])
    used = np.diff(np.minimum(law.cumulative, tau), prepend=0.0)
    return float(used @ law.atoms) / tau


def upper_tail_mean(law: DiscreteLaw, tau: float) -> float:
    """Return the mean of the best part of mass tau, which is the optimistic CVaR."""
    return -lower_tail_mean(law.scale(-1.0), tau)

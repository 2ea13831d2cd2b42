"""Checks of the instances' parameters: the message names the parameter, the number and what it must be."""

from __future__ import annotations

import math

import numpy as np

from rltheory import ModelError


def whole(name: str, value: int, least: int) -> int:
    """Return a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ModelError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    return int(value)


def number(name: str, value: float, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a finite number between ``least`` and ``most``."""
    if not (
        isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value) and least <= value <= most
    ):
        raise ModelError(f"{name} is {value!r}; it must be a number {_range(least, most)}")
    return float(value)


def probability(name: str, value: float) -> float:
    """Return a number in [0, 1]."""
    return number(name, value, 0, 1)


def positive(name: str, value: float) -> float:
    """Return a finite number above 0."""
    if not number(name, value) > 0:
        raise ModelError(f"{name} is {value!r}; it must be above 0")
    return float(value)


def inner_discount(gamma: float) -> float:
    """Return a discount strictly between 0 and 1, where every bound of the discounted theory is finite and not 0."""
    if not 0 < number("gamma", gamma) < 1:
        raise ModelError(f"gamma is {gamma!r}; this instance needs 0 < gamma < 1")
    return float(gamma)


def _range(least: float, most: float) -> str:
    if math.isinf(most):
        return "that is finite" if math.isinf(least) else f"of at least {least:g}"
    return f"in [{least:g}, {most:g}]"

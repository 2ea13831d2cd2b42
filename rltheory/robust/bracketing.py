"""Two steps that all searches for a single number share: halve a bracket, then try the point of Ridders' method."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True)
def point_of_ridders(low, high, f_low, f_middle, f_high):  # type: ignore[no-untyped-def]
    """Return where an increasing function may be 0, from its ends and its middle; the middle if one is infinite.

    Ridders (1979): the three values are made a line by an exponential factor, and the secant of that line is taken.
    """
    middle = 0.5 * (low + high)
    bent = f_middle * f_middle - f_low * f_high
    if not (math.isfinite(bent) and bent > 0.0):
        return middle
    return middle - (middle - low) * f_middle / math.sqrt(bent)


@njit(cache=True, nogil=True)
def narrowed(low, high, f_low, f_high, x, f):  # type: ignore[no-untyped-def]
    """Return the bracket, and the values at its ends, with x in place of the end of the same sign."""
    return (x, high, f, f_high) if f < 0.0 else (low, x, f_low, f)

"""From when on does a bound on regret say something? From when on it is below what no regret exceeds."""

from __future__ import annotations

from collections.abc import Callable

from rltheory.models import ModelError


def first_informative_episode(
    bound: Callable[[int], float], trivial: Callable[[int], float], *, limit: int = 10**18
) -> int:
    """Return the least number of episodes for which a bound is below the trivial one.

    It is found by doubling and bisection, for a bound that stays below once it is.

    Parameters
    ----------
    bound : callable
        Of the number K of episodes, at least 1.
    trivial : callable
        Of K: v K, if no episode loses more than v.
    limit : int
        The largest number that is tried.

    Raises
    ------
    ModelError
        If the bound is not below the trivial one at any power of 2 up to the limit.

    Examples
    --------
    >>> first_informative_episode(lambda K: 100 + 10 * K**0.5, lambda K: 1.0 * K)
    262
    """
    high = 1
    while bound(high) >= trivial(high):
        high *= 2
        if high > limit:
            raise ModelError(f"with up to {limit} episodes the bound is not below the trivial one")
    low = high // 2  # at which the bound says nothing, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bound(middle) < trivial(middle) else (middle, high)
    return high

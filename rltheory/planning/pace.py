"""How much compiled work may be done in one go: while a compiled loop runs, Python hears no interrupt.

A sweep costs about a nanosecond or two for each number that it touches, ten where memory is far away. Loops of many
sweeps are called for so many at a time as take about a tenth of a second; one sweep alone, over a model of 100 million
transitions, may take longer.
"""

from __future__ import annotations

_WORK_AT_ONCE = 20_000_000


def steps_at_once(work: int, most: int | None = None) -> int:
    """Return how many steps may be taken before Python is asked whether it was interrupted.

    Parameters
    ----------
    work : int
        Numbers touched in one step.
    most : int, optional
        A limit on the answer.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> steps_at_once(1000, most=500), steps_at_once(5_000_000), steps_at_once(10**9)
    (500, 4, 1)
    """
    steps = max(1, _WORK_AT_ONCE // max(work, 1))
    return steps if most is None else min(steps, most)

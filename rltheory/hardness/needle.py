r"""A needle in a tree: one sequence of k actions is rewarded, and the only way to find it is to try.

A planner with local access may ask for the outcome of any action in a state that it has met. In a tree all these
answers are 0, but for one sequence of k actions; so all that a planner does before it finds the needle is to exclude
sequences, one a query, and after q queries it has found it with probability :math:`q / A^k` if the needle was hidden at
random (Szepesvari 2022, lecture 5).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import checked_whole

Path = tuple[int, ...]
Planner = Callable[[Callable[[Sequence[int]], float]], Sequence[int]]
"""Asks for the rewards of sequences of actions, and returns the sequence that it would play."""


def needle_success(planner: Planner, n_actions: int, depth: int) -> float:
    """Compute how often a planner finds the needle, over all places where it may be.

    Parameters
    ----------
    planner : callable
        Takes a function from sequences of actions to rewards, calls it as often as it likes, and returns a sequence of
        ``depth`` actions.
    n_actions, depth : int
        Of the tree.

    Returns
    -------
    float
        Exact probability, for a needle hidden at random.

    Raises
    ------
    ModelError
        If the planner returns no sequence of ``depth`` actions.

    Examples
    --------
    >>> from rltheory.hardness import needle_success, search
    >>> needle_success(lambda ask: search(ask, n_actions=3, depth=4, queries=26, rng=0), n_actions=3, depth=4) * 81
    27.0
    """
    needles = list(itertools.product(range(n_actions), repeat=depth))
    found = 0
    for needle in needles:

        def ask(path: Sequence[int], needle: Path = needle) -> float:
            return float(tuple(path) == needle)

        answer = tuple(planner(ask))
        if len(answer) != depth:
            raise ModelError(f"the planner returned {answer}; it must return {depth} actions")
        found += answer == needle
    return found / len(needles)


def search(
    ask: Callable[[Sequence[int]], float],
    *,
    n_actions: int,
    depth: int,
    queries: int,
    rng: int | np.random.Generator | None = None,
) -> Path:
    """Try sequences of actions in random order, none twice, and return the first that is rewarded.

    Parameters
    ----------
    ask : callable
        From a sequence of actions to its reward.
    n_actions, depth : int
        Of the tree.
    queries : int
        How many sequences may be tried.
    rng : int or numpy.random.Generator, optional
        Draws the order.

    Returns
    -------
    tuple of int
        The needle if it was found, a sequence that was not tried otherwise.

    Raises
    ------
    ModelError
        If ``queries`` is not a whole number of at least 0.

    Examples
    --------
    >>> from rltheory.hardness import search
    >>> search(lambda path: float(path == (1, 0, 1)), n_actions=2, depth=3, queries=8)
    (1, 0, 1)
    """
    queries = checked_whole("queries", queries, 0)
    order = np.random.default_rng(rng).permutation(n_actions**depth)
    shape = (n_actions,) * depth
    path: Path = ()
    for number in order[: queries + 1]:
        path = tuple(int(a) for a in np.unravel_index(number, shape))
        if queries > 0 and ask(path) > 0:
            break
        queries -= 1
    return path

r"""The published tighter bound on the episodes of greedy over random policy: failure bounded from the end backwards.

With :math:`f_a = 1` for a suboptimal action and :math:`f_a = F_{t+1}(f(s, a))` for an optimal one,

.. math::

   F_t(s) = \min_{\text{methods}}\; \max_p \Big\{ \sum_z p_z f_{z_1} : l_z \le p_z \le u_z,\ \sum_z p_z = 1 \Big\},

over the states that optimal actions reach, where :math:`[l_z, u_z]` bounds the probability that sequence z wins by one
of the methods of `intervals`. The least m with :math:`F_0(s_0) \le 1/2` is found by bisection of its logarithm, to one
hundredth.

This is for comparison with published numbers, and for m beyond what exact laws have room for: `least_episodes` is exact
and faster. The binomial method leaves out what is won with a mean of 0, so that numbers that rest on it are to be
quoted rather than relied on.

Laidlaw, Russell and Dragan (2023), appendix C.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.horizon import bounds, intervals
from rltheory.horizon._game import Game, Layer, backed_up, layers
from rltheory.horizon.gorp import require_few_sequences
from rltheory.horizon.returns import backward_laws
from rltheory.horizon.table import checked_lookahead
from rltheory.models import OutcomeModel

_MOST_EPISODES = 10**100
_MOST_BINOMIAL = 10**6
_MOST_SLICED = 100
_AT_ONCE = 2**22
_QUICK, _QUICK_FURTHER = 20_000, 500
"""Pairs of sequences to compare, over all places: a few seconds for k = 1, well below a second for each larger k."""


def tighter_episodes(
    model: OutcomeModel, H: int, k: int, *, exploration: Any = None, optimal_within: float = 0.0
) -> float:
    """Return a number of episodes that is enough for greedy over random policy, by the published tighter bounds.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with one start state, ``gamma = 1`` and as many actions in every state.
    H : int
        Steps of the game.
    k : int
        Lookahead in 1..H.
    exploration : array_like, shape (H, n_states, n_actions) or (n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    optimal_within : float
        Loss at which an action still counts as optimal, in reward units, beyond rounding. The published tables have
        1e-4.

    Returns
    -------
    float
        The number m; ``inf`` if none is enough.

    Raises
    ------
    ModelError, CriterionError
        As `gorp_runs` does.

    Examples
    --------
    >>> import rltheory as rl
    >>> choice = rl.OutcomeModel.from_tables([[1, 2], [-1, -1], [-1, -1]], [[0, 0], [1, 0], [0, 0]], gamma=1.0, mu=0)
    >>> tighter_episodes(choice, H=2, k=1)
    1.0
    """
    game = Game.of(model, H, exploration, optimal_within)
    k = checked_lookahead(k, H)
    require_few_sequences(game.n_actions, k)
    played = _played(game, k)
    binary = bool(np.isin(game.reward, (0.0, game.value.max())).all()) and k == 1

    def enough(m: int) -> bool:
        return _failure(game, played, float(m), binary) <= 0.5

    low, high = 0, _MOST_EPISODES
    if not enough(high):
        return math.inf
    while high - low > 1 and 100 * (high - low) > high:
        middle = math.isqrt(high * (low + 1))
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def tighter_horizon(model: OutcomeModel, H: int, *, exploration: Any = None, optimal_within: float = 0.0) -> float:
    r"""Return the bound on the effective horizon by `tighter_episodes`, :math:`\min_k \{k + \log_A m\} \le H`, if it is quick.

    Parameters
    ----------
    model, H, exploration, optimal_within
        As for `tighter_episodes`.

    Returns
    -------
    float
        The least over the lookaheads that take no more than seconds, of at most 100 sequences each; nan if k = 1 takes
        longer.

    Raises
    ------
    ModelError, CriterionError
        As `tighter_episodes` does.

    Examples
    --------
    >>> import mdps
    >>> round(tighter_horizon(mdps.horizon_lock(4), 4), 3)
    3.807
    """  # noqa: E501
    game, reached = Game.of(model, H, exploration, optimal_within), math.nan
    for k in range(1, game.H + 1):
        if game.n_actions**k > _MOST_SLICED or k >= reached:
            break
        pairs = sum(layer.ends.size * layer.ends.shape[1] for layer in layers(game, k))
        if pairs > (_QUICK if k == 1 else _QUICK_FURTHER):
            break
        m = tighter_episodes(model, H, k, exploration=exploration, optimal_within=optimal_within)
        reached = min(float(H) if math.isnan(reached) else reached, bounds.effective_horizon(k, m, game.n_actions))
    return reached


Played = list[tuple[Layer, intervals.Sequences]]
"""What is compared at each step, and what is known of the sequences."""


def _played(game: Game, k: int) -> Played:
    """Return what the bound reads, for each step as far as an optimal player gets."""
    expected = game.explored(), game.value, backed_up(game.next_state, game.reward, game.H, np.min)
    moments = _moments(game)
    return [
        (
            layer,
            intervals.Sequences(
                *(layer.earned + value[layer.then, layer.ends] for value in expected),
                *(moment[layer.then, layer.ends] for moment in moments),
            ),
        )
        for layer in layers(game, k)
    ]


def _failure(game: Game, played: Played, m: float, binary: bool) -> float:
    """Return the bound on the probability that some choice is suboptimal."""
    after = np.zeros(game.reward.shape[0])
    for layer, known in reversed(played):
        worth = np.where(layer.optimal, after[layer.successors], 1.0)
        worth = np.repeat(worth, known.mean.shape[1] // worth.shape[1], axis=1)
        after = np.zeros_like(after)
        after[layer.states] = _bounded(game, known, worth, m, binary)
    return float(after[game.start]) if played else 0.0


def _bounded(game: Game, known: intervals.Sequences, worth: np.ndarray, m: float, binary: bool) -> np.ndarray:
    """Return the least of what the methods bound the failure by, as many states at a time as there is room for."""
    n_sequences = worth.shape[1]
    at_once = max(1, _AT_ONCE // (100 * n_sequences**2))
    best = intervals.largest_mean(worth, intervals.bennett(known, m, game.within))
    for first in range(0, best.size, at_once):
        rows = slice(first, first + at_once)
        if n_sequences <= _MOST_SLICED:
            bounded = [intervals.berry_esseen(known[rows], m), intervals.bernstein(known[rows], m)]
            if binary and m <= _MOST_BINOMIAL:
                bounded.append(intervals.binomial(_on_unit(known[rows], game.value.max()), m))
            for interval in bounded:
                best[rows] = np.minimum(best[rows], intervals.largest_mean(worth[rows], interval))
    return best


def _on_unit(known: intervals.Sequences, largest: float) -> intervals.Sequences:
    """Return the same for rewards that are divided by the largest return, which is all that a binomial law needs."""
    scale = largest or 1.0
    return intervals.Sequences(known.mean / scale, known.best, known.worst, known.variance, known.third)


def _moments(game: Game) -> tuple[np.ndarray, np.ndarray]:
    """Return variance and third absolute central moment of the rewards to come, shape (H + 1, S)."""
    laws = backward_laws(game.table, game.exploration, game.H)
    return laws.moment(2), laws.moment(3)

r"""The exact probability that greedy over random policy succeeds, and the least number of episodes that is enough.

As the game is deterministic and every episode is new, the choices at different steps are independent given the state:

.. math::

   P_t(s) = \sum_a 1[a \text{ optimal}]\; P(\text{a sequence that begins with } a \text{ wins at } (t, s))\;
   P_{t+1}(f(s, a)), \qquad P_H = 1,

over the states that optimal actions reach, where who wins is a contest of independent means (`contest`) whose laws are
m-fold convolutions of laws of returns (`lattice`), or, where the largest of m returns counts, the m-th powers of their
distribution functions. So :math:`m_k`, the least m with :math:`P_0(s_0) \ge 1/2`, and the
effective horizon :math:`H_k = k + \log_A m_k` are numbers, not bounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon._game import Game, Layer, layers
from rltheory.horizon.contest import LARGEST_CONTEST, Score, Ties, checked_score, checked_ties, expected_worth, room
from rltheory.horizon.gorp import require_few_sequences
from rltheory.horizon.lattice import ReturnLaws, return_laws, unit_of
from rltheory.horizon.returns import backward_laws
from rltheory.horizon.table import checked_lookahead
from rltheory.models import ModelError, OutcomeModel
from rltheory.models._validation import checked_whole

_MANY_DIGITS = 64
_MOST_OF_A_MAXIMUM = 2**52
"""Draws of which the largest counts: 1 minus the chance of each is told apart from 1, and their number is exact."""


Contests = list[tuple[Layer, np.ndarray]]
"""What is compared at each step, and the laws of the return after each sequence, in units above the least of the state,
shape (C, Z, n)."""


def gorp_success(
    model: OutcomeModel,
    H: int,
    k: int,
    m: int,
    *,
    ties: Ties = Ties.UNIFORM,
    score: Score = Score.MEAN,
    exploration: Any = None,
    optimal_within: float = 0.0,
) -> float:
    """Return the exact probability that `gorp_runs` finds an optimal sequence.

    Parameters
    ----------
    model, H, k, m, ties, score, exploration, optimal_within
        As for `gorp_runs`; rewards must be whole multiples of one unit.

    Returns
    -------
    float

    Raises
    ------
    ModelError, CriterionError
        As `gorp_runs` does, and if exact laws are out of reach.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.gorp_success import gorp_success
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> gorp_success(lock, H=3, k=2, m=1), gorp_success(lock, H=3, k=3, m=1)
    (0.75, 1.0)
    """
    game = Game.of(model, H, exploration, optimal_within)
    k, m, rule = checked_lookahead(k, H), checked_whole("m", m, 1), (checked_ties(ties), checked_score(score))
    return success(contests(game, k, _laws(game)), model.n_states, m, *rule)


def least_episodes(
    model: OutcomeModel,
    H: int,
    k: int,
    *,
    ties: Ties = Ties.UNIFORM,
    score: Score = Score.MEAN,
    exploration: Any = None,
    optimal_within: float = 0.0,
    probability: float = 0.5,
) -> float:
    r"""Return the least number of episodes m at which greedy over random policy succeeds often enough.

    By doubling and bisection: m is enough and m - 1 is not, though the probability need not increase everywhere.

    Parameters
    ----------
    model, H, k, ties, score, exploration, optimal_within
        As for `gorp_success`.
    probability : float
        Probability of success asked for, in (0, 1); 1/2 in the definition of the effective horizon.

    Returns
    -------
    float
        The number m; ``inf`` if no number is enough that an exact law can be had for.

    Raises
    ------
    ModelError, CriterionError
        As `gorp_success` does.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.contest import Ties
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> least_episodes(lock, H=3, k=1, ties=Ties.ADVERSARIAL)
    3.0
    """
    game = Game.of(model, H, exploration, optimal_within)
    _require_probability(probability)
    rule = checked_ties(ties), checked_score(score)
    return _least(game, contests(game, checked_lookahead(k, H), _laws(game)), *rule, probability)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactHorizon:
    r"""The effective horizon by definition: :math:`\min_k \{ k + \log_A m_k \}`.

    Parameters
    ----------
    effective_horizon : float
        The least of the horizons, H at most.
    k, m : int
        A lookahead that attains it, and its number of episodes.
    H, n_actions : int
        Steps of the game and number of actions.
    episodes : tuple of float
        The number :math:`m_k` for k = 1, 2, ... as far as they could matter; ``inf`` where it is too large to.
    """

    effective_horizon: float
    k: int
    m: int
    H: int
    n_actions: int
    episodes: tuple[float, ...]

    @property
    def timesteps(self) -> float:
        r"""Sample complexity :math:`H^2 A^k m_k` at the best k."""
        return bounds.gorp_timesteps(self.H, self.n_actions, self.k, self.m)

    def __repr__(self) -> str:
        return f"ExactHorizon({self.effective_horizon:.6g} at k={self.k}, m={self.m}: {self.timesteps:.6g} timesteps)"

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each lookahead.

        Returns
        -------
        list of dict
        """
        return [
            {"k": k, "m": m, "effective_horizon": bounds.effective_horizon(k, m, self.n_actions)}
            for k, m in enumerate(self.episodes, start=1)
        ]


def exact_horizon(
    model: OutcomeModel,
    H: int,
    *,
    ties: Ties = Ties.UNIFORM,
    score: Score = Score.MEAN,
    exploration: Any = None,
    optimal_within: float = 0.0,
) -> ExactHorizon:
    """Return the effective horizon by its definition.

    Lookaheads are tried in turn while they are below the least horizon so far; the last, k = H with m = 1, is sure.

    Parameters
    ----------
    model, H, ties, score, exploration, optimal_within
        As for `gorp_success`.

    Returns
    -------
    ExactHorizon

    Raises
    ------
    ModelError, CriterionError
        As `gorp_success` does.

    Examples
    --------
    >>> import rltheory as rl
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> exact_horizon(lock, H=3)
    ExactHorizon(2 at k=1, m=2: 36 timesteps)
    """
    game, rule = Game.of(model, H, exploration, optimal_within), (checked_ties(ties), checked_score(score))
    laws = _laws(game)
    best, at, found = float(H), (H, 1), []
    for k in range(1, H):
        if k >= best:
            break
        matters = float(game.n_actions) ** min(best - k, _MANY_DIGITS)
        found.append(_least(game, contests(game, k, laws), *rule, 0.5, matters))
        reached = bounds.effective_horizon(k, found[-1], game.n_actions)
        if reached < best:
            best, at = reached, (k, int(found[-1]))
    return ExactHorizon(best, *at, H, game.n_actions, tuple(found))


def _laws(game: Game) -> ReturnLaws:
    unit_of(game.table.reward)  # refuse before the work
    return return_laws(backward_laws(game.table, game.exploration, game.H))


def contests(game: Game, k: int, laws: ReturnLaws) -> Contests:
    """Return the contests of all steps, as far as a game lasts that is played optimally."""
    require_few_sequences(game.n_actions, k)
    return [(layer, _sequence_laws(layer, laws)) for layer in layers(game, k)]


def _sequence_laws(layer: Layer, laws: ReturnLaws) -> np.ndarray:
    """Return the laws of the return after all sequences of actions, over the values that they have, (C, Z, n)."""
    to_come = laws.law[layer.then][layer.ends]
    state, sequence, place = np.nonzero(to_come)
    value = place + np.rint(layer.earned / laws.unit).astype(np.int64)[state, sequence]
    least = np.full(layer.states.size, np.iinfo(np.int64).max)
    np.minimum.at(least, state, value)
    value -= least[state]
    compared = np.zeros((*layer.ends.shape, value.max() + 1))
    compared[state, sequence, value] = to_come[state, sequence, place]
    return compared


def success(compared: Contests, n_states: int, m: int, ties: Ties, score: Score = Score.MEAN) -> float:
    """Return the probability that every contest is won by an optimal action, m draws for each sequence."""
    chance = np.ones(n_states)
    for layer, laws in reversed(compared):
        worth = np.where(layer.optimal, chance[layer.successors], 0.0)
        each = laws.shape[1] // worth.shape[1]
        chance = np.ones(n_states)
        chance[layer.states] = _won(laws, np.repeat(worth, each, axis=1), m, ties, score)
    return float(chance[compared[0][0].states[0]]) if compared else 1.0


def _won(laws: np.ndarray, worth: np.ndarray, m: int, ties: Ties, score: Score) -> np.ndarray:
    """Return `expected_worth` of many contests, as many at a time as there is room for, skipping what is decided."""
    won = worth[:, 0].copy()
    open_ = np.flatnonzero(np.ptp(worth, axis=1))
    at_once = max(1, LARGEST_CONTEST // (4 * room(laws.shape[1], laws.shape[2], 1 if score is Score.MAX else m)))
    for first in range(0, open_.size, at_once):
        these = open_[first : first + at_once]
        won[these] = expected_worth(laws[these], worth[these], m, ties, score)
    return won


def _least(
    game: Game,
    compared: Contests,
    ties: Ties,
    score: Score,
    probability: float,
    most_that_matters: float = math.inf,
) -> float:
    def enough(m: int) -> bool:
        return success(compared, game.reward.shape[0], m, ties, score) >= probability

    most = _MOST_OF_A_MAXIMUM if compared else 1
    if score is Score.MEAN:
        most = min((_most_draws(*laws.shape[1:]) for _, laws in compared), default=1)
    most = max(1, math.floor(min(most, most_that_matters)))
    low, high = 0, 1
    while not enough(high):
        if high >= most:
            return math.inf
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def _most_draws(n_sequences: int, n_values: int) -> int:
    """Return the largest m whose contest has room."""
    return (LARGEST_CONTEST // n_sequences - 1) // max(n_values - 1, 1)


def _require_probability(probability: float) -> None:
    if not 0 < probability < 1:
        raise ModelError(f"probability is {probability!r}; it must be in (0, 1)")

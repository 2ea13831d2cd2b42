r"""Greedy over random policy (GORP): try every short sequence of actions, then explore, and keep the best first action.

For t = 0..H-1, with the actions before t already chosen,

.. math::

   \hat Q(z) = \frac1m \sum_{j=1}^m \text{return of episode } j, \qquad z \in \{1..A\}^{\min(k,\, H - t)},
   \qquad a_t = \text{first action of } \arg\max_z \hat Q(z),

where an episode plays the actions chosen so far, then z, then the exploration policy to the end. Every episode is used
once. In a deterministic game :math:`E \max_z \hat Q(z)` is what lookahead k sees: the best of :math:`Q^k_t`.

The published programs also have a variant for k = 1 that puts the largest of the m returns in place of their mean
(`Score.MAX`). It asks whether an action *can* lead to the best return, not whether it does on average: in a
deterministic game it is right in the end for every k, if the exploration policy can play an optimal one.

Who wins among equal means matters more than one would think (`Ties`): the published programs take the first, which
favours the actions that come first.

Laidlaw, Russell and Dragan (2023), "Bridging RL theory and practice with the effective horizon", section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import _rollouts
from rltheory.horizon._game import Game
from rltheory.horizon.contest import Score, Ties, checked_score, checked_ties
from rltheory.horizon.table import checked_lookahead
from rltheory.models import ModelError, OutcomeModel
from rltheory.models._drawable import drawable
from rltheory.models._validation import checked_whole, frozen
from rltheory.planning.threads import cut, on_each

_MOST_SEQUENCES = 10**7
_MUCH_WORK = 10**6
_CODES = {Ties.FIRST: 0, Ties.UNIFORM: 1, Ties.ADVERSARIAL: 2}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GorpRuns:
    """What independent runs of greedy over random policy have returned.

    Parameters
    ----------
    k, m : int
        Lookahead, and episodes for each sequence.
    actions : ndarray of int, shape (runs, H)
        The sequence that each run has chosen.
    returns : ndarray, shape (runs,)
        What it earns, in reward units.
    steps : ndarray of int, shape (runs,)
        Timesteps that the run has taken; episodes end early in terminal states.
    best : float
        The optimal return.
    within : float
        A run has succeeded if it loses no more than this.
    """

    k: int
    m: int
    actions: np.ndarray
    returns: np.ndarray
    steps: np.ndarray
    best: float
    within: float

    @property
    def succeeded(self) -> np.ndarray:
        """Which runs have found an optimal sequence, shape (runs,)."""
        return self.returns >= self.best - self.within

    def __repr__(self) -> str:
        done, runs = int(self.succeeded.sum()), self.returns.size
        return f"GorpRuns(k={self.k}, m={self.m}: {done} of {runs} optimal, {self.steps.mean():.4g} timesteps each)"

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each run.

        Returns
        -------
        list of dict
        """
        columns = zip(self.returns.tolist(), self.steps.tolist(), self.succeeded.tolist(), strict=True)
        return [
            {"run": run, "return": earned, "steps": steps, "optimal": optimal}
            for run, (earned, steps, optimal) in enumerate(columns)
        ]


def gorp_runs(
    model: OutcomeModel,
    H: int,
    k: int,
    m: int,
    *,
    runs: int = 1,
    ties: Ties = Ties.UNIFORM,
    score: Score = Score.MEAN,
    exploration: Any = None,
    optimal_within: float = 0.0,
    rng: int | np.random.Generator | None = None,
) -> GorpRuns:
    """Play greedy over random policy, several times.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with one start state, ``gamma = 1`` and as many actions in every state.
    H : int
        Steps of the game.
    k : int
        Lookahead in 1..H; 1 tries single actions.
    m : int
        Episodes for each sequence of k actions.
    runs : int
        Independent runs. Run i has a seed of its own, so that it is the same whatever the number of runs or threads.
    ties : Ties
        Who wins among equal scores.
    score : Score
        What counts of the m returns: their mean, or the largest (published for k = 1).
    exploration : array_like, shape (H, n_states, n_actions) or (n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    optimal_within : float
        Loss at which actions and runs still count as optimal, in reward units, beyond rounding.
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    GorpRuns

    Raises
    ------
    ModelError
        If a number is out of range, states differ in their number of actions, or a policy does not fit.
    CriterionError
        If the model is not deterministic, discounts, or has several start states.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.gorp import gorp_runs
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> gorp_runs(lock, H=3, k=3, m=1, rng=0)
    GorpRuns(k=3, m=1: 1 of 1 optimal, 30 timesteps each)
    """
    game = Game.of(model, H, exploration, optimal_within)
    k, m, runs = checked_lookahead(k, H), checked_whole("m", m, 1), checked_whole("runs", runs, 1)
    require_few_sequences(game.n_actions, k)
    ties, score = checked_ties(ties), checked_score(score)
    seeds = np.random.default_rng(rng).integers(2**64, size=runs, dtype=np.uint64)
    actions = np.empty((runs, H), dtype=np.int64)
    returns, steps = np.empty(runs), np.empty(runs, dtype=np.int64)
    told = (
        game.next_state,
        game.reward,
        game.terminal,
        drawable(game.exploration),
        game.value,
        game.within,
    )

    def loop(first: int, last: int) -> None:
        part = slice(first, last)
        _rollouts.gorp_runs(
            *(*told, game.start, k, m, score is Score.MAX, _CODES[ties], seeds[part]),
            *(actions[part], returns[part], steps[part]),
        )

    work = H**2 * game.n_actions**k * m
    on_each(cut(np.arange(runs + 1) * min(work, _MUCH_WORK)), loop)
    return GorpRuns(k, m, frozen(actions), frozen(returns), frozen(steps), game.best_return, game.within)


def require_few_sequences(n_actions: int, k: int) -> None:
    """Refuse a lookahead with more sequences than memory holds."""
    if n_actions**k > _MOST_SEQUENCES:
        raise ModelError(
            f"k is {k}; {n_actions} actions have {n_actions}^{k} sequences of that length, and at most"
            f" {_MOST_SEQUENCES} are tried"
        )

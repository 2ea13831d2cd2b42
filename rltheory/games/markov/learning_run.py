"""What learning to play a Markov game gives: how exploitable the players' output is, exactly, as they go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.games.markov.backward_induction import require_horizon
from rltheory.games.markov.certificate import markov_gains
from rltheory.games.markov.game import MarkovGame
from rltheory.models import CriterionError, ModelError
from rltheory.models._validation import frozen

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarkovLearningRun:
    """A run of a learner in a Markov game.

    Parameters
    ----------
    game : MarkovGame
        The world, which the learner saw through episodes only.
    episodes : ndarray of int, shape (K,)
        After how many episodes the output was looked at; the first entry is 0.
    exploitability : ndarray, shape (K,)
        The most that one player gains by deviating from the output, under the game's start distribution, in reward
        units: exact, by solving the player's MDP in the true game.
    law : ndarray, shape (H, n_joint)
        The output at the end: a law over joint actions for each step and state.
    method : str
        The algorithm.
    """

    game: MarkovGame = field(repr=False)
    episodes: np.ndarray
    exploitability: np.ndarray
    law: np.ndarray
    method: str

    def __post_init__(self) -> None:
        for name in ("episodes", "exploitability", "law"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each time that the output was looked at.

        Returns
        -------
        list of dict
            With keys ``episodes, exploitability``.
        """
        pairs = zip(self.episodes.tolist(), self.exploitability.tolist(), strict=True)
        return [{"episodes": k, "exploitability": gain} for k, gain in pairs]

    def __repr__(self) -> str:
        return (
            f"MarkovLearningRun({self.method}, {self.episodes[-1]} episodes, exploitability"
            f" {self.exploitability[0]:.3g} to {self.exploitability[-1]:.3g})"
        )

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td>{row['episodes']}</td><td>{row['exploitability']:.4g}</td></tr>"
            for row in self.to_rows()[-_ROWS_SHOWN:]
        )
        return f"<p>{escape(repr(self))}</p><table><tr><th>episodes</th><th>exploitability</th></tr>{body}</table>"


def start_exploitability(game: MarkovGame, law: np.ndarray) -> float:
    """Return the most that one player gains by deviating, under the start distribution."""
    return float((markov_gains(game, law) @ game.mu).max())


def checked_checkpoints(episodes: int, checkpoints: Iterable[int] | None) -> list[int]:
    """Return when to look at the output: at 0, at powers of two and at the end, unless told otherwise.

    Raises
    ------
    ModelError
        If a number is out of range, or not whole.
    """
    if isinstance(episodes, bool) or not isinstance(episodes, (int, np.integer)) or episodes < 1:
        raise ModelError(f"episodes is {episodes!r}; it is a whole number of at least 1")
    if checkpoints is None:
        checkpoints = (2**k for k in range(int(episodes).bit_length()))
    checkpoints = list(checkpoints)
    for k in checkpoints:
        if not isinstance(k, (int, np.integer)):
            raise ModelError(f"checkpoints has {k!r}; they are whole numbers of episodes")
    chosen = sorted({0, int(episodes), *map(int, checkpoints)})
    if chosen[0] < 0 or chosen[-1] > episodes:
        raise ModelError(f"checkpoints reach from {chosen[0]} to {chosen[-1]}; they are within 0..{episodes}")
    return chosen


def unit_rewards(game: MarkovGame) -> np.ndarray:
    """Return the rewards moved and scaled to [0, 1] by player, shape (H, n_players, n_joint).

    Raises
    ------
    CriterionError
        If the game has no horizon, or discounts.
    """
    require_horizon(game)
    if game.gamma != 1:
        raise CriterionError(f"gamma is {game.gamma:g}; the learners' constants are for episodes without a discount")
    r = np.stack([game.rewards(t) for t in range(game.H or 0)])
    low, high = r.min(axis=(0, 2), keepdims=True), r.max(axis=(0, 2), keepdims=True)
    return (r - low) / np.where(high > low, high - low, 1.0)


def uniform_law(game: MarkovGame) -> np.ndarray:
    """Return the law under which all joint actions of a state have the same probability, shape (H, n_joint)."""
    sizes = np.diff(game.joint_start)
    return np.tile(1 / np.repeat(sizes, sizes), (game.H or 1, 1))


class Sampler:
    """Draws first and next states from a game's distributions, by inverting them at uniform numbers."""

    def __init__(self, game: MarkovGame, rng: np.random.Generator) -> None:
        self._rng, self._start = rng, np.cumsum(game.mu)
        self._kernels = [game.rows(t) for t in range(game.H or 0)]

    def first(self) -> int:
        """Draw the state in which an episode begins."""
        return self.choice(self._start)

    def following(self, t: int, row: int) -> int:
        """Draw the state that follows a joint row at a step."""
        P = self._kernels[t]
        own = slice(P.indptr[row], P.indptr[row + 1])
        return int(P.indices[own][self.choice(np.cumsum(P.data[own]))])

    def choice(self, cumulated: np.ndarray) -> int:
        """Draw a number from a distribution that is given cumulated; its last entry stands for one."""
        return int(np.searchsorted(cumulated, self._rng.random() * cumulated[-1], side="right"))

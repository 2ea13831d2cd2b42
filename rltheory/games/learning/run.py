"""The answer to "what came out of learning?": the law of what was played, its certificates, and how they fell."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.games.equilibrium import CorrelatedEquilibrium, Equilibrium, mediated, nash_profile
from rltheory.games.normal_form import NormalFormGame
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LearningRun:
    r"""What players who learn have played, in T rounds.

    Parameters
    ----------
    game : NormalFormGame
        What was played.
    method : str
        The rules of the players.
    rounds : int
        The number T.
    joint : ndarray, shape (m_1, ..., m_n)
        The mean over rounds of the law of joint actions, :math:`\frac1T \sum_t \prod_i p_{t,i}(a_i)`.
    last_profile : tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        The strategies of round T.
    checkpoints : ndarray of int, shape (K,)
        Numbers of rounds, increasing; the last one is T.
    regrets : ndarray, shape (K, n)
        Proven upper bounds on the external regret of each player after so many rounds, or on 0 if that is more, in
        payoff units.
    gaps : ndarray, shape (K,)
        NashConv of the average strategies after so many rounds, a proven upper bound in payoff units; of a zero-sum
        game, the duality gap.
    """

    game: NormalFormGame = field(repr=False)
    method: str
    rounds: int
    joint: np.ndarray
    last_profile: tuple[np.ndarray, ...]
    checkpoints: np.ndarray
    regrets: np.ndarray
    gaps: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "last_profile", tuple(frozen(p) for p in self.last_profile))
        for name in ("joint", "checkpoints", "regrets", "gaps"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def average(self) -> Equilibrium:
        """Average strategies as an approximate Nash equilibrium, with their certificate."""
        return nash_profile(self.game, averages(self.joint), method=self.method, iterations=self.rounds)

    @property
    def last(self) -> Equilibrium:
        """Strategies of the last round as an approximate Nash equilibrium, with their certificate."""
        return nash_profile(self.game, self.last_profile, method=self.method, iterations=self.rounds)

    @property
    def coarse(self) -> CorrelatedEquilibrium:
        """What was played as an approximate coarse correlated equilibrium: each gain is a regret over T."""
        return mediated(self.game, self.joint, coarse=True, method=self.method)

    @property
    def correlated(self) -> CorrelatedEquilibrium:
        """What was played as an approximate correlated equilibrium: each gain is a swap regret over T."""
        return mediated(self.game, self.joint, coarse=False, method=self.method)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each checkpoint and player.

        Returns
        -------
        list of dict
            With keys ``rounds, player, regret, gap``.
        """
        return [
            {"rounds": int(t), "player": self.game.player_name(i), "regret": float(regret), "gap": float(gap)}
            for t, regrets, gap in zip(self.checkpoints, self.regrets, self.gaps, strict=True)
            for i, regret in enumerate(regrets)
        ]

    def __repr__(self) -> str:
        return (
            f"LearningRun({self.method}, {self.rounds} rounds, gap of the averages {self.gaps[-1]:.3g},"
            f" largest regret {self.regrets[-1].max():.3g})"
        )

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td>{t}</td><td>{regrets.max():.6g}</td><td>{gap:.6g}</td></tr>"
            for t, regrets, gap in zip(self.checkpoints, self.regrets, self.gaps, strict=True)
        )
        head = "<tr><th>rounds</th><th>largest regret</th><th>gap of the averages</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{body}</table>"


def averages(joint: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return each player's own share of a law over joint actions."""
    marginals = [joint.sum(axis=tuple(j for j in range(joint.ndim) if j != i)) for i in range(joint.ndim)]
    return tuple(p / p.sum() for p in marginals)

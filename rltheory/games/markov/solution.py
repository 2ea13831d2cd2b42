"""The answers to a Markov game: of zero-sum games a value with proven ends, of others a profile with proven gains."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.games.markov.game import MarkovGame
from rltheory.models import ModelError
from rltheory.models._validation import frozen
from rltheory.planning.solution import Status

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ZeroSumSolution:
    """A solved zero-sum Markov game, with the proof of its accuracy.

    Parameters
    ----------
    value : ndarray, shape (n_states,), or (H + 1, n_states) for a finite horizon
        What the second player pays the first one when both play well: the middle of ``lower`` and ``upper``.
    profile : tuple of 2 ndarray, of shapes (n_states, m) and (n_states, n), or after H
        Stationary policies, or one for each step; probabilities, with zeros where a state has fewer actions.
    lower, upper : ndarray, shaped like ``value``
        Proven, rounding included: the first policy secures ``lower`` whatever the second player does, and the second
        policy holds the first player down to ``upper``. So ``lower <= value of the game <= upper``, and the difference
        is what both players together can gain at most by deviating (the duality gap, NashConv).
    status : Status
        Why the algorithm stopped.
    iterations : int
        How many times all stage games were solved.
    history : ndarray
        Width of the enclosure by the stage games after each time, in reward units; empty for a finite horizon.
    method : str
        The algorithm.
    game : MarkovGame
        What was solved.
    """

    value: np.ndarray
    profile: tuple[np.ndarray, np.ndarray]
    lower: np.ndarray
    upper: np.ndarray
    status: Status
    iterations: int
    history: np.ndarray
    method: str
    game: MarkovGame = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper", "history"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))
        object.__setattr__(self, "profile", tuple(frozen(np.asarray(p)) for p in self.profile))

    @property
    def gap(self) -> float:
        """Largest width of the enclosure, in reward units: the number to quote; it bounds the exploitability."""
        return float((self.upper - self.lower).max())

    @property
    def start_value(self) -> float:
        """Value under the game's start distribution, in reward units."""
        return float(self.game.mu @ (self.value if self.value.ndim == 1 else self.value[0]))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state (of the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``state, value, lower, upper, first, second``, the last two being the players' mixed strategies.
        """
        value, lower, upper = (x if x.ndim == 1 else x[0] for x in (self.value, self.lower, self.upper))
        p, q = (x if x.ndim == 2 else x[0] for x in self.profile)
        return [
            {
                "state": self.game.state_name(s),
                "value": float(value[s]),
                "lower": float(lower[s]),
                "upper": float(upper[s]),
                "first": _mixture(self.game, 0, p[s]),
                "second": _mixture(self.game, 1, q[s]),
            }
            for s in range(value.size)
        ]

    def __repr__(self) -> str:
        return (
            f"ZeroSumSolution({self.status.name}, gap={self.gap:.3g}, values {self.value.min():.6g} to"
            f" {self.value.max():.6g}, {self.iterations} rounds of {self.method})"
        )

    def _repr_html_(self) -> str:
        names, rows = ("state", "value", "lower", "upper", "first", "second"), self.to_rows()
        body = "".join(
            f"<tr><td>{escape(row['state'])}</td>"
            + "".join(f"<td>{row[name]:.6g}</td>" for name in names[1:4])
            + "".join(f"<td>{escape(row[name])}</td>" for name in names[4:])
            + "</tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        head = "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more states</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p><table>{head}{body}</table>{more}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarkovEquilibrium:
    """How the players of a Markov game play, with the most that any of them gains by deviating.

    Parameters
    ----------
    game : MarkovGame
        What is played.
    profile : tuple of n ndarray, of shapes (H, n_states, m_i) or (n_states, m_i), or None
        A policy for each player, played independently; None if a mediator draws.
    law : ndarray, shape (H, n_joint) or (n_joint,), or None
        The mediator's law over joint actions, `MarkovGame.joint_start` telling whose rows are whose; None if the
        players play independently.
    value : ndarray, shape (n_players, H + 1, n_states) or (n_players, n_states)
        What each player maximises, at the profile: the expected return, or a nested risk measure of it.
    gains : ndarray, shape (n_players, n_states)
        Upper bounds on what each player gains by deviating, from each state as the first, in reward units.
    stage_gains : ndarray, shape (n_players, H, n_states), or empty
        What each player gains at most in the stage games, given that all go on as they should.
    concept : str
        Which equilibrium it is.
    method : str
        The algorithm.
    """

    game: MarkovGame = field(repr=False)
    profile: tuple[np.ndarray, ...] | None
    law: np.ndarray | None
    value: np.ndarray
    gains: np.ndarray
    stage_gains: np.ndarray
    concept: str
    method: str

    def __post_init__(self) -> None:
        for name in ("law", "value", "gains", "stage_gains"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))
        if self.profile is not None:
            object.__setattr__(self, "profile", tuple(frozen(np.asarray(p)) for p in self.profile))

    @property
    def exploitability(self) -> float:
        """Largest gain of one player, from the worst first state: the number to quote."""
        return float(self.gains.max())

    @property
    def start_value(self) -> np.ndarray:
        """Value of each player under the game's start distribution, shape (n_players,), in reward units."""
        first = self.value if self.value.ndim == 2 else self.value[:, 0]
        return first @ self.game.mu

    def joint(self, state: int, t: int | None = None) -> np.ndarray:
        """Return the law over joint actions in a state, shape (m_1, ..., m_n).

        Parameters
        ----------
        state : int
            The state.
        t : int, optional
            The step, where play depends on it.

        Returns
        -------
        ndarray

        Raises
        ------
        ModelError
            If there is no such step, or a step is missing.
        """
        from rltheory.games.markov.profiles import joint_law

        law = joint_law(self.game, self.profile if self.law is None else self.law)
        if len(law) > 1 and (t is None or not 0 <= t < len(law)):
            raise ModelError(f"there is no step {t}; steps are 0..{len(law) - 1}")
        own = slice(self.game.joint_start[state], self.game.joint_start[state + 1])
        return law[t or 0 if len(law) > 1 else 0, own].reshape(self.game.action_counts[state])

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state and player (at the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``state, player, value, gain``.
        """
        first = self.value if self.value.ndim == 2 else self.value[:, 0]
        return [
            {
                "state": self.game.state_name(s),
                "player": self.game.player_name(i),
                "value": float(first[i, s]),
                "gain": float(self.gains[i, s]),
            }
            for s in range(self.game.n_states)
            for i in range(self.game.n_players)
        ]

    def __repr__(self) -> str:
        values = ", ".join(f"{v:.6g}" for v in self.start_value)
        return (
            f"MarkovEquilibrium({self.concept}, exploitability={self.exploitability:.3g}, start value ({values}),"
            f" {self.method})"
        )

    def _repr_html_(self) -> str:
        names, rows = ("state", "player", "value", "gain"), self.to_rows()
        body = "".join(
            f"<tr><td>{escape(row['state'])}</td><td>{escape(row['player'])}</td>"
            f"<td>{row['value']:.6g}</td><td>{row['gain']:.3g}</td></tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        head = "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more rows</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}</p><table>{head}{body}</table>{more}"


def _mixture(game: MarkovGame, player: int, strategy: np.ndarray) -> str:
    names = None if game.action_names is None else game.action_names[player]
    return ", ".join(f"{a if names is None else names[a]}: {strategy[a]:.3g}" for a in np.flatnonzero(strategy))

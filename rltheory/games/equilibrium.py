"""The answer to "what will the players do?": a profile, or a joint law, and the proof that nobody wants to deviate."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.games.deviations import certificate, correlated_gains
from rltheory.games.normal_form import NormalFormGame, checked_profile
from rltheory.models._validation import frozen

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Equilibrium:
    """A profile of mixed strategies, with the most that any player gains by deviating.

    Parameters
    ----------
    game : NormalFormGame
        What was played.
    profile : tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        Mixed strategies.
    gains : ndarray, shape (n,)
        Proven upper bounds on what each player gains by deviating, in the units of what the players maximise; computed
        from the profile alone, whatever the solver did.
    value : ndarray, shape (n,)
        What each player maximises, at the profile: the expected payoff, or one that is averse to risk.
    concept : str
        Which equilibrium it is, such as ``"Nash"``.
    method : str
        The algorithm.
    iterations : int
        How many steps it took; 0 where nothing is iterated.
    """

    game: NormalFormGame = field(repr=False)
    profile: tuple[np.ndarray, ...]
    gains: np.ndarray
    value: np.ndarray
    concept: str
    method: str
    iterations: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "profile", tuple([frozen(np.asarray(p)) for p in self.profile]))
        object.__setattr__(self, "gains", frozen(np.asarray(self.gains)))
        object.__setattr__(self, "value", frozen(np.asarray(self.value)))

    @property
    def exploitability(self) -> float:
        """Largest gain of one player by deviating: the number to quote."""
        return float(self.gains.max())

    @property
    def nash_conv(self) -> float:
        """Sum of all players' gains."""
        return float(self.gains.sum())

    @property
    def joint(self) -> np.ndarray:
        """Law over joint actions when all play independently, shape (m_1, ..., m_n)."""
        law = np.ones(())
        for p in self.profile:
            law = np.multiply.outer(law, p)
        return law

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each action of each player.

        Returns
        -------
        list of dict
            With keys ``player, action, probability``.
        """
        return [
            {
                "player": self.game.player_name(i),
                "action": self.game.action_name(i, a),
                "probability": float(p[a]),
            }
            for i, p in enumerate(self.profile)
            for a in range(p.size)
        ]

    def __repr__(self) -> str:
        values = ", ".join(f"{v:.6g}" for v in self.value)
        return f"Equilibrium({self.concept}, exploitability={self.exploitability:.3g}, value ({values}), {self.method})"

    def _repr_html_(self) -> str:
        played = [row for row in self.to_rows() if row["probability"] > 0]
        body = "".join(
            f"<tr><td>{escape(row['player'])}</td><td>{escape(row['action'])}</td>"
            f"<td>{row['probability']:.6g}</td></tr>"
            for row in played[:_ROWS_SHOWN]
        )
        more = f"<p>... and {len(played) - _ROWS_SHOWN} more actions</p>" if len(played) > _ROWS_SHOWN else ""
        head = "<tr><th>player</th><th>action</th><th>probability</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{body}</table>{more}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CorrelatedEquilibrium:
    """A mediator's law over joint actions, with the most that any player gains by not doing as told.

    Parameters
    ----------
    game : NormalFormGame
        What was played.
    joint : ndarray, shape (m_1, ..., m_n)
        The law.
    gains : ndarray, shape (n,)
        Proven upper bounds on what each player gains, in payoff units.
    value : ndarray, shape (n,)
        Expected payoffs.
    concept : str
        ``"correlated"`` or ``"coarse correlated"``.
    method : str
        The algorithm.
    """

    game: NormalFormGame = field(repr=False)
    joint: np.ndarray
    gains: np.ndarray
    value: np.ndarray
    concept: str
    method: str

    def __post_init__(self) -> None:
        for name in ("joint", "gains", "value"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def exploitability(self) -> float:
        """Largest gain of one player by not doing as told: the number to quote."""
        return float(self.gains.max())

    @property
    def welfare(self) -> float:
        """Sum of all expected payoffs."""
        return float(self.value.sum())

    def __repr__(self) -> str:
        values = ", ".join(f"{v:.6g}" for v in self.value)
        return (
            f"CorrelatedEquilibrium({self.concept}, exploitability={self.exploitability:.3g}, value ({values}),"
            f" {self.method})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def nash_profile(game: NormalFormGame, profile: Any, *, method: str, iterations: int = 0) -> Equilibrium:
    """Return a profile with its certificate as an approximate Nash equilibrium, whoever found it.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    profile : sequence of n array_like
        A mixed strategy for each player, or the number of an action.
    method : str
        Where the profile comes from.
    iterations : int
        How many steps it took.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ModelError
        If the profile does not fit the game.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, nash_profile
    >>> nash_profile(NormalFormGame.symmetric([[4, 1], [3, 3]]), [0, 0], method="by hand").exploitability < 1e-13
    True
    """
    profile = checked_profile(game, profile)
    return Equilibrium(game, profile, *certificate(game, profile), "Nash", method, iterations)


def mediated(game: NormalFormGame, joint: Any, *, coarse: bool, method: str) -> CorrelatedEquilibrium:
    """Return a joint law with its certificate as an approximate (coarse) correlated equilibrium.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    joint : array_like, shape (m_1, ..., m_n)
        A law over joint actions.
    coarse : bool
        Whether players may only ignore the mediator altogether.
    method : str
        Where the law comes from.

    Returns
    -------
    CorrelatedEquilibrium

    Raises
    ------
    ModelError
        If ``joint`` is not a distribution over joint actions.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, mediated
    >>> chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    >>> mediated(chicken, [[0.5, 0.25], [0.25, 0]], coarse=False, method="by hand").welfare
    10.5
    """
    concept = "coarse correlated" if coarse else "correlated"
    found = correlated_gains(game, joint, coarse=coarse)
    value = np.array([float((u * np.asarray(joint)).sum()) for u in game.payoffs])
    return CorrelatedEquilibrium(game, np.asarray(joint, dtype=np.float64), found, value, concept, method)

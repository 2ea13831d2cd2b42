r"""Games in normal form: each player has finitely many actions, and all choose at once.

Player i receives :math:`u_i(a_1, \dots, a_n)`. A *profile* is a mixed strategy for each player,
:math:`\sigma = (\sigma_1, \dots, \sigma_n)`, played independently:

.. math:: u_i(\sigma) = \sum_a \Big( \prod_j \sigma_j(a_j) \Big) u_i(a).

Payoffs are rewards: larger is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NormalFormGame:
    """A game of n players in normal form.

    Parameters
    ----------
    payoffs : sequence of n array_like, each of shape (m_1, ..., m_n)
        ``payoffs[i][a_1, ..., a_n]`` is what player i receives, in payoff units; m_j is the number of actions of
        player j.
    player_names : sequence of str, optional
        One for each player.
    action_names : sequence of n sequences of str, optional
        For each player, one for each action.

    Raises
    ------
    ModelError
        If an array has another shape than (m_1, ..., m_n) with n the number of arrays, or an entry is not finite.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> stag_hunt = NormalFormGame([[[4, 1], [3, 3]], [[4, 3], [1, 3]]])
    >>> stag_hunt
    NormalFormGame(2 players, 2 x 2 actions)
    >>> NormalFormGame.zero_sum([[1, -1], [-1, 1]]).is_zero_sum
    True
    """

    payoffs: Any
    player_names: Any = None
    action_names: Any = None

    def __post_init__(self) -> None:
        arrays = tuple(valid.real_array(u, f"payoffs[{i}]") for i, u in enumerate(self.payoffs))
        if not arrays:
            raise ModelError("there are no payoffs; a game has at least one player")
        sizes = arrays[0].shape
        for i, u in enumerate(arrays):
            _check_payoffs(u, i, sizes, len(arrays))
        valid.set_fields(
            self,
            {
                "payoffs": tuple(valid.frozen(u) for u in arrays),
                "player_names": valid.checked_names(self.player_names, (len(arrays),), "player_names"),
                "action_names": _checked_action_names(self.action_names, sizes),
            },
        )

    @classmethod
    def zero_sum(cls, A: Any, **names: Any) -> NormalFormGame:
        """Return the game in which the second player pays the first one.

        Parameters
        ----------
        A : array_like, shape (m, n)
            What the row player receives.
        **names
            As for the class.

        Returns
        -------
        NormalFormGame

        Examples
        --------
        >>> NormalFormGame.zero_sum([[0, 1]]).payoffs[1]
        array([[-0., -1.]])
        """
        A = valid.real_array(A, "A")
        return cls((A, -A), **names)

    @classmethod
    def symmetric(cls, A: Any, **names: Any) -> NormalFormGame:
        """Return the game of two players in which both receive ``A[own action, other's action]``.

        Parameters
        ----------
        A : array_like, shape (m, m)
            Payoffs by own action and the other's.
        **names
            As for the class.

        Returns
        -------
        NormalFormGame

        Examples
        --------
        >>> float(NormalFormGame.symmetric([[3, 0], [5, 1]]).payoffs[1][0, 1])
        5.0
        """
        A = valid.real_array(A, "A")
        return cls((A, A.T), **names)

    @property
    def n_players(self) -> int:
        """Number n of players."""
        return len(self.payoffs)

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Numbers (m_1, ..., m_n) of actions."""
        return self.payoffs[0].shape

    @property
    def is_zero_sum(self) -> bool:
        """Whether there are two players, and what one receives the other pays."""
        return self.n_players == 2 and bool((self.payoffs[0] == -self.payoffs[1]).all())

    @property
    def payoff_ranges(self) -> np.ndarray:
        """Largest minus least payoff of each player, shape (n,): the scale of tolerances."""
        return np.array([float(np.ptp(u)) for u in self.payoffs])

    def opponents_view(self, player: int) -> np.ndarray:
        """Return a player's payoffs as a matrix: own actions by joint actions of all others, these in C order.

        Parameters
        ----------
        player : int
            Which player.

        Returns
        -------
        ndarray, shape (m_i, product of the others' m_j)

        Examples
        --------
        >>> NormalFormGame([[[4, 1], [3, 3]], [[4, 3], [1, 3]]]).opponents_view(1)
        array([[4., 1.],
               [3., 3.]])
        """
        return np.moveaxis(self.payoffs[player], player, 0).reshape(self.n_actions[player], -1)

    def player_name(self, player: int) -> str:
        """Return the name of a player, or the number."""
        return str(player) if self.player_names is None else self.player_names[player]

    def action_name(self, player: int, action: int) -> str:
        """Return the name of an action, or the number."""
        return str(action) if self.action_names is None else self.action_names[player][action]

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.n_actions))
        return f"NormalFormGame({self.n_players} players, {sizes} actions)"

    def _repr_html_(self) -> str:
        if self.n_players != 2 or max(self.n_actions) > _ROWS_SHOWN:
            return f"<p>{escape(repr(self))}</p>"
        first, second = self.payoffs
        columns = range(self.n_actions[1])
        head = "".join(f"<th>{escape(self.action_name(1, b))}</th>" for b in columns)
        body = "".join(
            f"<tr><th>{escape(self.action_name(0, a))}</th>"
            + "".join(f"<td>{first[a, b]:g}, {second[a, b]:g}</td>" for b in columns)
            + "</tr>"
            for a in range(self.n_actions[0])
        )
        return f"<p>{escape(repr(self))}</p><table><tr><th></th>{head}</tr>{body}</table>"


def _check_payoffs(u: np.ndarray, player: int, sizes: tuple[int, ...], n_players: int) -> None:
    if u.ndim != n_players or 0 in u.shape:
        raise ModelError(
            f"the payoffs of player {player} have shape {u.shape}; with {n_players} players there must be"
            f" {n_players} axes, and every player needs an action"
        )
    if u.shape != sizes:
        raise ModelError(f"the payoffs of player {player} have shape {u.shape}, those of player 0 {sizes}")
    bad = np.argwhere(~np.isfinite(u))
    if bad.size:
        place = tuple(map(int, bad[0]))
        raise ModelError(f"the payoff of player {player} at actions {place} is {u[place]}; payoffs are finite")


def _checked_action_names(given: Any, sizes: tuple[int, ...]) -> tuple[tuple[str, ...], ...] | None:
    if given is None:
        return None
    given = tuple(given)
    if len(given) != len(sizes):
        raise ModelError(f"action_names has {len(given)} entries; with {len(sizes)} players there must be {len(sizes)}")
    return tuple(
        valid.checked_names(names, (m,), f"action_names[{i}]") or ()
        for i, (names, m) in enumerate(zip(given, sizes, strict=True))
    )


def checked_strategy(strategy: Any, m: int, name: str) -> np.ndarray:
    """Return a mixed strategy over m actions; an action's number stands for playing it for certain.

    Raises
    ------
    ModelError
        If it has another length, a negative entry, or does not sum to one within 1e-9.
    """
    if isinstance(strategy, (int, np.integer)) and not isinstance(strategy, bool):
        if not 0 <= strategy < m:
            raise ModelError(f"{name} is action {strategy}; actions are 0..{m - 1}")
        return valid.frozen(np.eye(m)[strategy])
    p = valid.real_array(strategy, name)
    if p.shape != (m,):
        raise ModelError(f"{name} has shape {p.shape}; with {m} actions it must be ({m},)")
    if not (p >= 0).all():
        action = int(np.argmin(p >= 0))
        raise ModelError(f"{name} plays action {action} with probability {p[action]}; a probability is at least 0")
    total = float(p.sum())
    if abs(total - 1) > valid.ROW_SUM_TOLERANCE:
        raise ModelError(f"{name} sums to {total:.12g}; a mixed strategy sums to 1")
    return valid.frozen(p)


def checked_profile(game: NormalFormGame, profile: Any) -> tuple[np.ndarray, ...]:
    """Return a mixed strategy for each player, read-only.

    Raises
    ------
    ModelError
        If a strategy is missing or is none; the message names the player.
    """
    profile = tuple(profile)
    if len(profile) != game.n_players:
        raise ModelError(f"the profile has {len(profile)} strategies; the game has {game.n_players} players")
    return tuple(
        checked_strategy(strategy, m, f"the strategy of player {game.player_name(i)}")
        for i, (strategy, m) in enumerate(zip(profile, game.n_actions, strict=True))
    )

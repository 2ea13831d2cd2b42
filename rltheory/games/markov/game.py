r"""Markov games: n players act at once in a state, each is paid, and the state moves on.

In state s player i has :math:`m_i(s)` actions. A joint action :math:`a = (a_1, \dots, a_n)` pays :math:`r_i(s, a)` to
player i and leads to :math:`s'` with probability :math:`P(s' \mid s, a)` (Shapley 1953, who called them stochastic
games). With one player it is an `MDP`, with one state a repeated game in normal form, and where in each state at most
one player has a choice it is a game of turns.

Like an MDP, a game is stored as sparse rows, one for each state and joint action; the rows of a state are adjacent, its
joint actions in C order, the last player's action changing fastest. Once all players but one are fixed, the rows of
that player's actions are averages of these, which makes an MDP (`game_against`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.games.markov import _layouts as layouts
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class PlayerPairs(PairModel):
    """The pairs of a state and an own action of one player, laid out as in an `MDP`."""

    pair_start: np.ndarray
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarkovGame:
    """A finite Markov game of n players: discounted, or of H steps.

    Parameters
    ----------
    P : csr_array, shape (n_joint, n_states) or (H * n_joint, n_states)
        One distribution over next states for each state and joint action, those of a state adjacent and in C order;
        step after step if it changes with the step.
    r : ndarray, shape (n_players, n_joint) or (H, n_players, n_joint)
        Expected reward of each player, in reward units.
    action_counts : ndarray of int, shape (n_states, n_players)
        How many actions each player has in each state, at least 1.
    gamma : float
        Discount: in [0, 1) without a horizon, in [0, 1] with one.
    H : int, optional
        Number of steps; by default the game never ends.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    state_names, player_names : sequence of str, optional
        One for each state, one for each player.
    action_names : sequence of n sequences of str, optional
        For each player, one name for each action, the same in all states.

    Raises
    ------
    ModelError
        If the data do not describe a game: the message names the state, the joint action, the number and the way out.

    See Also
    --------
    MarkovGame.from_arrays, MarkovGame.zero_sum, MarkovGame.from_function : the usual ways to build one.

    Examples
    --------
    Matching pennies until heads meet heads:

    >>> from rltheory.games.markov import MarkovGame
    >>> P = [[[[0, 1], [1, 0]], [[1, 0], [1, 0]]], [[[0, 1], [0, 1]], [[0, 1], [0, 1]]]]
    >>> pennies = [[1, -1], [-1, 1]]
    >>> MarkovGame.zero_sum(P, [pennies, [[0, 0], [0, 0]]], gamma=0.9)
    MarkovGame(2 players, 2 states, 8 joint actions, 8 transitions, gamma=0.9)
    """

    P: csr_array
    r: np.ndarray
    action_counts: np.ndarray
    gamma: float
    H: int | None = None
    mu: np.ndarray = None  # type: ignore[assignment]  # filled in below
    state_names: Sequence[Any] | None = None
    player_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None
    joint_start: np.ndarray = field(init=False)
    row_sum_error: float = field(init=False)

    def __post_init__(self) -> None:
        H = _checked_steps(self.H)
        counts = layouts.checked_counts(self.action_counts)
        n_states, n_players = counts.shape
        start = valid.frozen(np.concatenate([[0], np.cumsum(counts.prod(axis=1))]))
        P = layouts.checked_joint_rows(valid.sparse_rows(self.P), counts, start, H)
        rows, error = valid.checked_rows(P, start, stacked=P.shape[0] != start[-1])
        names = None if self.action_names is None else tuple(self.action_names)
        if names is not None and len(names) != n_players:
            raise ModelError(f"action_names has {len(names)} entries; one for each of {n_players} players is needed")
        valid.set_fields(
            self,
            {
                "P": rows,
                "r": layouts.checked_payoffs(self.r, counts, start, H),
                "action_counts": counts,
                "gamma": _checked_discount(self.gamma, H),
                "H": H,
                "mu": valid.start_distribution(self.mu, n_states),
                "state_names": valid.checked_names(self.state_names, (n_states,), "state_names"),
                "player_names": valid.checked_names(self.player_names, (n_players,), "player_names"),
                "action_names": None
                if names is None
                else tuple(
                    valid.checked_names(own, (int(counts[:, i].max()),), f"action_names[{i}]")
                    for i, own in enumerate(names)
                ),
                "joint_start": start,
                "row_sum_error": error,
            },
        )

    @classmethod
    def from_arrays(
        cls, P: Any, r: Any, gamma: float, *, H: int | None = None, allowed: Any = None, **description: Any
    ) -> MarkovGame:
        """Build a game from product arrays, in which every action is listed for every state.

        Parameters
        ----------
        P : array_like, shape (n_states, m_1, ..., m_n, n_states)
            ``P[s, a_1, ..., a_n, s2]``; with a leading axis of length H if it changes with the step.
        r : array_like, shape (n, n_states, m_1, ..., m_n)
            ``r[i, s, a_1, ..., a_n]`` is what player i receives; with a leading axis of length H if it changes.
        gamma : float
            Discount.
        H : int, optional
            Number of steps.
        allowed : sequence of n array_like of bool, each of shape (n_states, m_i), optional
            Which actions a player has in a state; entries of the others are left out unread.
        **description
            ``mu``, ``state_names``, ``player_names``, ``action_names`` as for the class.

        Returns
        -------
        MarkovGame

        Raises
        ------
        ModelError
            As for the class, and for shapes that do not fit together.

        Examples
        --------
        >>> import numpy as np
        >>> from rltheory.games.markov import MarkovGame
        >>> stag_hunt = [[[[4, 1], [3, 3]]], [[[4, 3], [1, 3]]]]
        >>> MarkovGame.from_arrays(np.ones((1, 2, 2, 1)), stag_hunt, gamma=1.0, H=3)
        MarkovGame(2 players, 1 states, 4 joint actions, 4 transitions, gamma=1, 3 steps)
        """
        P, r, counts = layouts.product_arrays(P, r, H, allowed)
        return cls(P, r, counts, gamma, H, **description)

    @classmethod
    def zero_sum(
        cls, P: Any, r: Any, gamma: float, *, H: int | None = None, allowed: Any = None, **description: Any
    ) -> MarkovGame:
        """Build a game of two players in which the second one pays the first one.

        Parameters
        ----------
        P : array_like, shape (n_states, m, n, n_states)
            ``P[s, a, b, s2]``; with a leading axis of length H if it changes with the step.
        r : array_like, shape (n_states, m, n)
            What the first player receives; with a leading axis of length H if it changes with the step.
        gamma, H, allowed, **description
            As for `from_arrays`.

        Returns
        -------
        MarkovGame

        Raises
        ------
        ModelError
            As for `from_arrays`.
        """
        r = valid.real_array(r, "r")
        if r.ndim not in (3, 4):
            raise ModelError(f"r has shape {r.shape}; it must be (n_states, m, n), after H if it changes with the step")
        return cls.from_arrays(P, np.stack([r, -r], axis=r.ndim - 3), gamma, H=H, allowed=allowed, **description)

    @classmethod
    def from_function(
        cls,
        step: Callable[[Hashable, tuple[Hashable, ...]], Iterable[tuple[float, Hashable, Sequence[float]]]],
        starts: Iterable[Hashable],
        actions: Sequence[Sequence[Hashable]] | Callable[[Hashable], Sequence[Sequence[Hashable]]],
        gamma: float,
        *,
        H: int | None = None,
        max_states: int = 100_000,
    ) -> MarkovGame:
        """Build a game by exploring a Python function from the start states, breadth first.

        Parameters
        ----------
        step : callable
            ``step(state, joint_action)`` returns ``[(probability, next_state, rewards), ...]``, one reward for each
            player. States are any hashable values; a next state that occurs twice is added up.
        starts : iterable of states
            Where play begins, with equal probability; they become states 0, 1, 2, ...
        actions : sequence of n sequences, or callable
            The actions of each player, or a function of the state that returns them.
        gamma : float
            Discount.
        H : int, optional
            Number of steps.
        max_states : int
            Exploration that finds more is ended with an error.

        Returns
        -------
        MarkovGame
            With the states' ``str`` as names, and the actions' where every state has the same.

        Raises
        ------
        ModelError
            As for the class, and if more than ``max_states`` states are reachable.

        Examples
        --------
        Two walkers on 0, 1, 2; whoever is alone on 2 is paid by the other:

        >>> from rltheory.games.markov import MarkovGame
        >>> def step(places, moves):
        ...     new = tuple(min(max(p + m, 0), 2) for p, m in zip(places, moves))
        ...     lead = (new[0] == 2) - (new[1] == 2)
        ...     return [(1.0, new, (lead, -lead))]
        >>> MarkovGame.from_function(step, [(0, 0)], [(-1, 1), (-1, 1)], gamma=0.9)
        MarkovGame(2 players, 9 states, 36 joint actions, 36 transitions, gamma=0.9)
        """
        P, r, counts, description = layouts.explored(step, starts, actions, max_states)
        return cls(P, r, counts, gamma, H, **description)

    @property
    def n_players(self) -> int:
        """Number n of players."""
        return self.action_counts.shape[1]

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.action_counts.shape[0]

    @property
    def n_joint(self) -> int:
        """Number of pairs of a state and a joint action."""
        return int(self.joint_start[-1])

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Largest number of actions of each player."""
        return tuple(int(m) for m in self.action_counts.max(axis=0))

    @property
    def joint_state(self) -> np.ndarray:
        """State of each joint row, shape (n_joint,)."""
        return np.repeat(np.arange(self.n_states), np.diff(self.joint_start))

    @property
    def joint_actions(self) -> np.ndarray:
        """Action of each player in each joint row, shape (n_joint, n_players)."""
        return layouts.joint_actions(self.action_counts, self.joint_start)

    @property
    def is_zero_sum(self) -> bool:
        """Whether there are two players, and what one receives the other pays."""
        return self.n_players == 2 and bool((self.r[..., 0, :] == -self.r[..., 1, :]).all())

    @property
    def is_stationary(self) -> bool:
        """Whether neither dynamics nor rewards change with the step."""
        return self.P.shape[0] == self.n_joint and self.r.ndim == 2

    def rows(self, t: int = 0) -> csr_array:
        """Return the kernel of step t, shape (n_joint, n_states)."""
        self._check_step(t)
        return self.P if self.P.shape[0] == self.n_joint else self.P[t * self.n_joint : (t + 1) * self.n_joint]

    def rewards(self, t: int = 0) -> np.ndarray:
        """Return the rewards of step t, shape (n_players, n_joint)."""
        self._check_step(t)
        return self.r[t] if self.r.ndim == 3 else self.r

    def _check_step(self, t: int) -> None:
        if not 0 <= t < (self.H or 1):
            raise ModelError(f"there is no step {t}; steps are 0..{(self.H or 1) - 1}")

    def pairs(self, player: int) -> PlayerPairs:
        """Return the pairs of a state and an own action of a player, laid out as those of an `MDP`."""
        start = np.concatenate([[0], np.cumsum(self.action_counts[:, player])])
        names = None if self.action_names is None else self.action_names[player]
        return PlayerPairs(start, self.state_names, names)

    def stage(self, state: int, t: int = 0, value: Any = None) -> NormalFormGame:
        r"""Return the game in normal form that is played in a state: :math:`r_i(s, \cdot) + \gamma P v_i`.

        Parameters
        ----------
        state : int
            The state.
        t : int
            The step, if the game changes with it.
        value : array_like, shape (n_players, n_states), optional
            What each player expects from the next state on; by default nothing.

        Returns
        -------
        NormalFormGame
        """
        payoffs = self.rewards(t)
        if value is not None:
            payoffs = payoffs + self.gamma * (self.rows(t) @ np.asarray(value, dtype=np.float64).T).T
        return self.stage_of(payoffs, state)

    def stage_of(self, payoffs: np.ndarray, state: int) -> NormalFormGame:
        """Return the game in normal form of one state, given payoffs of all joint rows, shape (n_players, n_joint)."""
        own = slice(self.joint_start[state], self.joint_start[state + 1])
        sizes = self.action_counts[state]
        names = self.action_names if tuple(sizes) == self.n_actions else None
        return NormalFormGame([u[own].reshape(sizes) for u in payoffs], self.player_names, names)

    def state_name(self, state: int) -> str:
        """Return the name of a state, its index where it has none."""
        return str(state) if self.state_names is None else self.state_names[state]

    def player_name(self, player: int) -> str:
        """Return the name of a player, or the number."""
        return str(player) if self.player_names is None else self.player_names[player]

    def __repr__(self) -> str:
        horizon = "" if self.H is None else f", {self.H} steps"
        return (
            f"MarkovGame({self.n_players} players, {self.n_states} states, {self.n_joint} joint actions,"
            f" {self.P.nnz} transitions, gamma={self.gamma:g}{horizon})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def _checked_steps(H: int | None) -> int | None:
    if H is not None and valid.checked_horizon(H) == 0:
        raise ModelError("H is 0; a game has at least one step, or None for a game that never ends")
    return None if H is None else int(H)


def _checked_discount(gamma: float, H: int | None) -> float:
    gamma = valid.checked_gamma(gamma)
    if H is None and gamma == 1:
        raise ModelError("gamma is 1 and the game never ends; pass gamma < 1, or a number H of steps")
    return gamma

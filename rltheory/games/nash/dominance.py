r"""Actions that no one who maximises need play: dominance, by pure and by mixed strategies, and its iteration.

Action b of player i is *strictly dominated* if some strategy is better whatever the others do,

.. math:: \max_{\sigma} \min_{a_{-i}} \big( u_i(\sigma, a_{-i}) - u_i(b, a_{-i}) \big) > 0,

which is the value of a zero-sum game; equivalently, b is a best response to no joint law of the others (Pearce 1984).
Such an action is played in no equilibrium, and what is left after all rounds does not depend on the order; nor do the
equilibria. It is *weakly dominated* if some strategy is never worse and sometimes better, a linear program. Equilibria
may be lost with weakly dominated actions, and the order matters: here, each round removes all that are dominated in the
game it begins with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.games.nash.small_games import small_zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError
from rltheory.models._validation import frozen

_TIE = 1e-9
_BETTER = 1e-7  # what a linear program must gain by, above what its tolerance can feign


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """An action that was removed, and why.

    Parameters
    ----------
    player, action : int
        In the numbers of the original game.
    by : ndarray, shape (m_player,)
        The strategy that dominates it, over the original actions.
    margin : float
        By how much that is better at least, in payoff units, against all that the others had left; of weak dominance,
        by how much it is better at most.
    round : int
        In which round, from 1.
    """

    player: int
    action: int
    by: np.ndarray
    margin: float
    round: int


@dataclass(frozen=True, slots=True, eq=False)
class Elimination:
    """What is left after iterated elimination, and the record of what was removed.

    Parameters
    ----------
    game : NormalFormGame
        The original.
    kept : tuple of n tuples of int
        The actions of each player that are left.
    removals : tuple of Removal
        In the order of the rounds.
    """

    game: NormalFormGame
    kept: tuple[tuple[int, ...], ...]
    removals: tuple[Removal, ...]

    @property
    def reduced(self) -> NormalFormGame:
        """The game between the actions that are left, under their names."""
        names = tuple(tuple(self.game.action_name(i, a) for a in left) for i, left in enumerate(self.kept))
        payoffs = [u[np.ix_(*self.kept)] for u in self.game.payoffs]
        return NormalFormGame(payoffs, player_names=self.game.player_names, action_names=names)

    def extended(self, profile: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """Return a profile of the reduced game as one of the original.

        Parameters
        ----------
        profile : tuple of n ndarray

        Returns
        -------
        tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        """
        whole = tuple(np.zeros(m) for m in self.game.n_actions)
        for p, left, strategy in zip(whole, self.kept, profile, strict=True):
            p[list(left)] = strategy
        return whole

    def __repr__(self) -> str:
        left = " x ".join(str(len(actions)) for actions in self.kept)
        return f"Elimination({left} actions left, {len(self.removals)} removed)"


def dominating_strategy(
    game: NormalFormGame, player: int, action: int, *, strict: bool = True, mixed: bool = True
) -> np.ndarray | None:
    """Return a strategy that dominates an action.

    Parameters
    ----------
    game : NormalFormGame
    player, action : int
        Whose action, and which.
    strict : bool
        Whether it must be better against everything, or only never worse and sometimes better.
    mixed : bool
        Whether mixed strategies are considered where no action dominates.

    Returns
    -------
    ndarray, shape (m_player,), or None
        None if the action is not dominated: with a margin of 1e-9 of the player's range of payoffs for strict dominance
        and by actions, and of 1e-7 for weak dominance by mixed strategies.

    Raises
    ------
    ModelError
        If there is no such player or action.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.dominance import dominating_strategy
    >>> game = NormalFormGame([[[4, 0], [0, 4], [1, 1]], [[0, 0], [0, 0], [0, 0]]])
    >>> dominating_strategy(game, 0, 2)
    array([0.5, 0.5, 0. ])
    >>> dominating_strategy(game, 0, 2, mixed=False) is None
    True
    """
    if not 0 <= player < game.n_players or not 0 <= action < game.n_actions[player]:
        raise ModelError(
            f"there is no action {action} of player {player}; the game has actions {game.n_actions} of its players"
        )
    found = _dominating(game.opponents_view(player), action, float(game.payoff_ranges[player]), strict, mixed)
    return None if found is None else frozen(found[0])


def eliminate_dominated(game: NormalFormGame, *, strict: bool = True, mixed: bool = True) -> Elimination:
    """Remove dominated actions, round after round, until none is left.

    Parameters
    ----------
    game : NormalFormGame
    strict, mixed : bool
        As for `dominating_strategy`.

    Returns
    -------
    Elimination

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.dominance import eliminate_dominated
    >>> eliminate_dominated(NormalFormGame.symmetric([[3, 0], [5, 1]])).kept
    ((1,), (1,))
    """
    kept = [list(range(m)) for m in game.n_actions]
    removals: list[Removal] = []
    while removed := _dominated(game, kept, strict, mixed, removals[-1].round + 1 if removals else 1):
        removals += removed
        for removal in removed:
            kept[removal.player].remove(removal.action)
    return Elimination(game, tuple(map(tuple, kept)), tuple(removals))


def _dominated(game: NormalFormGame, kept: list[list[int]], strict: bool, mixed: bool, number: int) -> list[Removal]:
    """Return what a round removes."""
    removed = []
    for player, (m, scale) in enumerate(zip(game.n_actions, game.payoff_ranges, strict=True)):
        left = np.moveaxis(game.payoffs[player][np.ix_(*kept)], player, 0).reshape(len(kept[player]), -1)
        for place, action in enumerate(kept[player]):
            found = _dominating(left, place, float(scale), strict, mixed)
            if found is not None:
                removed.append(Removal(player, action, _spread(found[0], kept[player], m), found[1], number))
    return removed


def _spread(strategy: np.ndarray, actions: list[int], m: int) -> np.ndarray:
    whole = np.zeros(m)
    whole[actions] = strategy
    return frozen(whole)


def _dominating(
    payoffs: np.ndarray, action: int, scale: float, strict: bool, mixed: bool
) -> tuple[np.ndarray, float] | None:
    """Return a dominating strategy with its margin: own actions are rows of the payoffs."""
    if len(payoffs) == 1 or not scale > 0:
        return None
    advantage = (payoffs - payoffs[action]) / scale
    candidates = list(np.eye(len(payoffs)))
    if mixed:
        candidates += _by_zero_sum_game(advantage, action) if strict else _by_linear_program(advantage, action)
    for strategy, better in zip(candidates, [_TIE] * len(payoffs) + [_TIE if strict else _BETTER], strict=False):
        gained = strategy @ advantage
        if gained.min() > _TIE if strict else gained.min() >= -_TIE and gained.max() > better:
            return strategy, scale * float(gained.min() if strict else gained.max())
    return None


def _by_zero_sum_game(advantage: np.ndarray, action: int) -> list[np.ndarray]:
    """Return the strategy whose least advantage is largest, without the action itself."""
    others = np.delete(advantage, action, axis=0)
    return [np.insert(small_zero_sum(np.ascontiguousarray(others))[1], action, 0.0)]


def _by_linear_program(advantage: np.ndarray, action: int) -> list[np.ndarray]:
    """Return the strategy that is never worse and better by most in sum, if there is one."""
    from scipy.optimize import linprog

    others = np.delete(advantage, action, axis=0)
    found = linprog(
        -others.sum(axis=1), -others.T, np.zeros(others.shape[1]), np.ones((1, len(others))), [1.0], method="highs"
    )
    if found.status != 0:
        return []
    weights = np.maximum(found.x, 0.0)
    return [np.insert(weights / weights.sum(), action, 0.0)]

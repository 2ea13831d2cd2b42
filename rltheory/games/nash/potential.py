r"""Potential games (Monderer and Shapley 1996): all players as if they climbed one hill.

A function :math:`\Phi` of joint actions is an *exact potential* if for all players,

.. math:: u_i(b, a_{-i}) - u_i(a) = \Phi(b, a_{-i}) - \Phi(a);

a *weighted* one if the left side is w_i times the right side, with w_i > 0; a *generalised ordinal* one if the right
side is positive wherever the left side is. A maximum of any of them is an equilibrium in pure strategies. An exact one
exists if and only if the gains of the deviators around every cycle of four, in which two players move in turn, sum to
zero (ibid., Corollary 2.9): the mixed second differences of u_i - u_j vanish. A generalised ordinal one exists if and
only if no sequence of improvements of one player at a time returns to where it began (ibid., Lemma 2.5).
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError, ModelError
from rltheory.models import _validation as valid

_TIE = 1e-9
_IMPROVEMENT = 1e-12


def four_cycle_violation(game: NormalFormGame, *, weights: Any = None) -> float:
    """Return the largest sum of gains around a cycle of four through actions 0: zero in exact potential games only.

    Parameters
    ----------
    game : NormalFormGame
    weights : array_like, shape (n,), optional
        Positive; each player's payoffs are divided by hers. By default 1.

    Returns
    -------
    float
        In payoff units. Cycles that do not pass through action 0 of either mover sum to at most four times as much.

    Raises
    ------
    ModelError
        If a weight is not positive.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.potential import four_cycle_violation
    >>> four_cycle_violation(NormalFormGame.zero_sum([[1, -1], [-1, 1]]))
    8.0
    """
    return max((abs(violation) for violation, *_ in _cycles(_weighted(game, weights))), default=0.0)


def exact_potential(game: NormalFormGame, *, weights: Any = None) -> np.ndarray:
    r"""Return the potential of an exact (or weighted) potential game, zero where all play action 0.

    .. math:: \Phi(a) = \sum_i u_i(a_1, \dots, a_i, 0, \dots, 0) - u_i(a_1, \dots, a_{i-1}, 0, \dots, 0)

    Parameters
    ----------
    game : NormalFormGame
    weights : array_like, shape (n,), optional
        As for `four_cycle_violation`.

    Returns
    -------
    ndarray, shape (m_1, ..., m_n)
        In payoff units.

    Raises
    ------
    CriterionError
        If there is none, up to 1e-9 of the payoffs' range; the message names a cycle.
    ModelError
        If a weight is not positive.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.potential import exact_potential
    >>> exact_potential(NormalFormGame.symmetric([[3, 0], [5, 1]]))
    array([[0., 2.],
           [2., 3.]])
    """
    payoffs = _weighted(game, weights)
    worst = max(_cycles(payoffs), default=None, key=lambda cycle: abs(cycle[0]))
    if worst is not None and abs(worst[0]) > _TIE * max(float(np.ptp(u)) for u in payoffs):
        violation, i, j, actions = worst
        raise CriterionError(
            f"there is no such potential: as players {i} and {j} move in turn between action 0 and actions {actions[i]}"
            f" and {actions[j]} (the others play {tuple(a for k, a in enumerate(actions) if k not in (i, j))}), the"
            f" gains sum to {violation:g}"
        )
    potential = np.zeros(game.n_actions)
    for i, u in enumerate(payoffs):
        others_at_zero = u[(*[slice(None)] * (i + 1), *[slice(0, 1)] * (u.ndim - i - 1))]
        potential += others_at_zero - others_at_zero.take([0], axis=i)
    return potential


def ordinal_potential(game: NormalFormGame) -> np.ndarray:
    """Return a generalised ordinal potential: the most improvements in a row that can lead to a joint action.

    Parameters
    ----------
    game : NormalFormGame
        With up to some 10^5 joint actions.

    Returns
    -------
    ndarray of int, shape (m_1, ..., m_n)
        Larger after each improvement of one player by more than 1e-12 of her range of payoffs.

    Raises
    ------
    CriterionError
        If there is none; the message names a cycle of improvements.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.potential import ordinal_potential
    >>> ordinal_potential(NormalFormGame([[[1, 0], [2, 0]], [[1, 2], [0, 3]]]))
    array([[0, 1],
           [1, 2]])
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(game.payoffs[0].size))
    number = np.arange(game.payoffs[0].size).reshape(game.n_actions)
    for player, (u, width) in enumerate(zip(game.payoffs, game.payoff_ranges, strict=True)):
        for a, b in combinations(range(game.n_actions[player]), 2):
            gain = (u.take(b, axis=player) - u.take(a, axis=player)).ravel()
            at_a, at_b = number.take(a, axis=player).ravel(), number.take(b, axis=player).ravel()
            up, down = gain > _IMPROVEMENT * width, gain < -_IMPROVEMENT * width
            graph.add_edges_from(zip(at_a[up].tolist(), at_b[up].tolist(), strict=True))
            graph.add_edges_from(zip(at_b[down].tolist(), at_a[down].tolist(), strict=True))
    try:
        layers = list(nx.topological_generations(graph))
    except nx.NetworkXUnfeasible:
        cycle = [tuple(map(int, np.unravel_index(a, game.n_actions))) for a, _ in nx.find_cycle(graph)]
        raise CriterionError(f"there is no ordinal potential: each of {cycle} improves on the one before") from None
    height = np.empty(number.size, dtype=np.int64)
    for level, layer in enumerate(layers):
        height[layer] = level
    return height.reshape(game.n_actions)


def _weighted(game: NormalFormGame, weights: Any) -> list[np.ndarray]:
    if weights is None:
        return list(game.payoffs)
    weights = valid.real_array(weights, "weights")
    if weights.shape != (game.n_players,) or not (weights > 0).all() or not np.isfinite(weights).all():
        raise ModelError(
            f"weights is {weights.tolist()}; there must be a positive one for each of {game.n_players} players"
        )
    return [u / w for u, w in zip(game.payoffs, weights, strict=True)]


def _cycles(payoffs: list[np.ndarray]) -> list[tuple[float, int, int, tuple[int, ...]]]:
    """Return for each pair of players the worst cycle between actions 0 and others: its sum, and the actions."""
    found = []
    for i, j in combinations(range(len(payoffs)), 2):
        difference = payoffs[i] - payoffs[j]
        by_i = difference - difference.take([0], axis=i)
        mixed = by_i - by_i.take([0], axis=j)
        worst = np.unravel_index(int(np.abs(mixed).argmax()), mixed.shape)
        found.append((float(mixed[worst]), i, j, tuple(map(int, worst))))
    return found

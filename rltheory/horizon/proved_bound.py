r"""A proved bound on the effective horizon: how many episodes tell the best action from the best suboptimal one.

At (t, s) let g be the gap between the largest :math:`Q^k_t(s, \cdot)` and the largest of a suboptimal action, and let
z = (s', a') run over the leaves of the tree of the next k actions, where exploring earns :math:`q_z`, the best policy
:math:`q^*_z` and the worst one :math:`w_z`. A return after z has range :math:`q^*_z - w_z` and, by Bhatia and Davis
(2000), variance at most :math:`(q^*_z - q_z)(q_z - w_z)`. With B and :math:`\bar v` the largest of these,

.. math:: m_k = \max_{t, s} \Big\lceil \Big( \frac{8 \bar v}{g^2} + \frac{4 B}{3 g} \Big) \log(2 H A^k) \Big\rceil

episodes are enough for probability 1/2, whatever the signs of rewards (`bounds.gorp_episodes`). The maximum is over the
steps and states that are reached by actions whose :math:`Q^k` exceeds that of every suboptimal one, which are all that
a run visits before it first goes wrong. `simple_bound` is the published relative, which lacks the second term.

After Laidlaw, Russell and Dragan (2023), "Bridging RL theory and practice with the effective horizon".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon._game import Game, backed_up
from rltheory.horizon.gap_bound import GapBound
from rltheory.horizon.sweep import TIE_ATOL, TIE_RTOL
from rltheory.models import OutcomeModel


def proved_horizon(model: OutcomeModel, H: int, *, exploration: Any = None, optimal_within: float = 0.0) -> GapBound:
    """Return the proved bound on the effective horizon.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with one start state, ``gamma = 1`` and as many actions in every state.
    H : int
        Steps of the game.
    exploration : array_like, shape (H, n_states, n_actions) or (n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    optimal_within : float
        Loss at which an action still counts as optimal, in reward units, beyond rounding.

    Returns
    -------
    GapBound

    Raises
    ------
    ModelError, CriterionError
        As `gorp_runs` does.

    Examples
    --------
    >>> import rltheory as rl
    >>> choice = rl.OutcomeModel.from_tables([[-1, -1]], [[1, 0]], gamma=1.0, mu=0)
    >>> proved_horizon(choice, H=5).to_rows()
    [{'k': 1, 'm': 1.0, 'gap': 1.0, 'variance': 0.0, 'effective_horizon': 1.0}]
    """
    game = Game.of(model, H, exploration, optimal_within)
    explored, worst = game.explored(), backed_up(game.next_state, game.reward, game.H, np.min)
    variance, spread = np.zeros((2, *explored.shape))
    for t in range(game.H):
        q, best, least = game.q(explored, t), game.q(game.value, t), game.q(worst, t)
        variance[t], spread[t] = ((q - least) * (best - q)).max(axis=1), (best - least).max(axis=1)
    reached, found, k = float(game.H), [], 1
    while k < reached:  # as k alone is below the least horizon so far
        hardest = _hardest(game, k, explored, variance, spread)
        if hardest is not None:
            found.append((k, *hardest))
            reached = min(reached, bounds.effective_horizon(k, hardest[0], game.n_actions))
        explored, variance, spread = game.look_ahead(explored), _deeper(game, variance), _deeper(game, spread)
        k += 1
    return GapBound.of(reached, game.H, game.n_actions, found)


def _deeper(game: Game, largest: np.ndarray) -> np.ndarray:
    """Return the largest leaf value one step further on; the leaves of the last step stay."""
    deeper = largest.copy()
    for t in range(game.H - 1):
        deeper[t] = largest[t + 1][game.next_state].max(axis=1)
    return deeper


def _hardest(
    game: Game, k: int, value: np.ndarray, variance: np.ndarray, spread: np.ndarray
) -> tuple[float, float, float] | None:
    """Return the most episodes asked for, with gap and variance there; None if a suboptimal action ties."""
    hardest, states = (0.0, math.inf, 0.0), np.array([game.start])
    shift = TIE_ATOL * np.abs(game.value).max() if (game.reward < 0).any() else 0.0
    for t in range(game.H):
        q = game.q(value, t)[states]
        misleading = np.where(game.optimal(t)[states], -np.inf, q).max(axis=1)
        gap = q.max(axis=1) - misleading
        if (gap <= TIE_RTOL * np.abs(q).max(axis=1) + shift).any():
            return None
        for v, b, g in set(zip(variance[t, states].tolist(), spread[t, states].tolist(), gap.tolist(), strict=True)):
            asked = bounds.gorp_episodes(v, b, g, game.H, game.n_actions, k)
            hardest = max(hardest, (asked, g, v), key=lambda place: place[0])
        states = np.unique(game.next_state[states][q > misleading[:, None]])
    return hardest

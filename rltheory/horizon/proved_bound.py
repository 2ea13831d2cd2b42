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
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon._game import Game, backed_up
from rltheory.horizon.sweep import TIE_ATOL, TIE_RTOL
from rltheory.models import OutcomeModel


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProvedHorizon:
    r"""An upper bound on the effective horizon, with what it is made of for each lookahead that works.

    Parameters
    ----------
    effective_horizon : float
        The least :math:`k + \log_A m_k`, or H if that is less.
    H, n_actions : int
        Steps and actions.
    k : tuple of int
        Lookaheads for which no suboptimal action ties with the best.
    episodes : tuple of float
        The number :math:`m_k` of each.
    gaps, variances : tuple of float
        Gap and variance bound at the place that asks for the most episodes, in (squared) reward units.
    """

    effective_horizon: float
    H: int
    n_actions: int
    k: tuple[int, ...]
    episodes: tuple[float, ...]
    gaps: tuple[float, ...]
    variances: tuple[float, ...]

    def __repr__(self) -> str:
        return f"ProvedHorizon(effective_horizon={self.effective_horizon:.6g}: {self.timesteps:.6g} timesteps)"

    @property
    def timesteps(self) -> float:
        r"""Sample complexity :math:`H^2 A^{H_k}` of the best lookahead."""
        return bounds.gorp_timesteps(self.H, self.n_actions, self.effective_horizon, 1)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each lookahead that works.

        Returns
        -------
        list of dict
        """
        horizons = [bounds.effective_horizon(k, m, self.n_actions) for k, m in zip(self.k, self.episodes, strict=True)]
        columns = zip(self.k, self.episodes, self.gaps, self.variances, horizons, strict=True)
        return [dict(zip(("k", "m", "gap", "variance", "effective_horizon"), row, strict=True)) for row in columns]


def proved_horizon(
    model: OutcomeModel, H: int, *, exploration: Any = None, optimal_within: float = 0.0
) -> ProvedHorizon:
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
    ProvedHorizon

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
    columns = zip(*found, strict=True) if found else [()] * 4
    return ProvedHorizon(reached, game.H, game.n_actions, *map(tuple, columns))


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

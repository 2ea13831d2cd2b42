"""What a bound on the effective horizon by gaps is made of: the answer of `simple_bound` and of `proved_horizon`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GapBound:
    r"""An upper bound on the effective horizon, and what it is made of, for each lookahead for which it is defined.

    Parameters
    ----------
    effective_horizon : float
        The least of H and of :math:`k + \log_A m_k` over these lookaheads, in steps.
    H, n_actions : int
        Steps of the game, and actions.
    k : tuple of int, length n
        Lookaheads for which no suboptimal action ties with the best, below the bound on those before (H at first).
    episodes : tuple of int or float, length n
        The number :math:`m_k` of each, a whole one; ``inf`` beyond the floats.
    gap, variance : ndarray, shape (n,)
        Gap in reward units, and bound on the variance in squared reward units, of the state that needs most episodes.
        The gap is infinite where every action is optimal.
    """

    effective_horizon: float
    H: int
    n_actions: int
    k: tuple[int, ...]
    episodes: tuple[float, ...]
    gap: np.ndarray
    variance: np.ndarray

    @classmethod
    def of(
        cls, effective_horizon: float, H: int, n_actions: int, rows: Sequence[tuple[int, float, float, float]]
    ) -> GapBound:
        """Put together the rows (k, m_k, gap, variance) of the lookaheads."""
        k, episodes, gap, variance = zip(*rows, strict=True) if rows else [()] * 4
        return cls(effective_horizon, H, n_actions, k, episodes, frozen(np.array(gap)), frozen(np.array(variance)))

    @property
    def timesteps(self) -> float:
        r"""Sample complexity :math:`H^2 A^{\mathcal H}` with the effective horizon."""
        return bounds.gorp_timesteps(self.H, self.n_actions, self.effective_horizon, 1)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row for each lookahead, for a table: ``k, m, gap, variance, effective_horizon``.

        Returns
        -------
        list of dict
        """
        return [
            {
                "k": k,
                "m": m,
                "gap": gap,
                "variance": v,
                "effective_horizon": bounds.effective_horizon(k, m, self.n_actions),
            }
            for k, m, gap, v in zip(self.k, self.episodes, self.gap.tolist(), self.variance.tolist(), strict=True)
        ]

    def __repr__(self) -> str:
        return f"GapBound(effective_horizon={self.effective_horizon:.6g}: {self.timesteps:.6g} timesteps)"

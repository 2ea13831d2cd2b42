"""What an analysis of lookahead answers: least k, worst greedy returns, gaps, planning window, effective horizon."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.models import CriterionError
from rltheory.models._validation import frozen

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HorizonReport:
    r"""How far one must look ahead in a game of H steps. Arrays of shape (K,) answer for k = 1..K.

    Parameters
    ----------
    H, n_states, n_actions : int
        Sizes of the game.
    sticky : float
        Probability that the last action is repeated.
    optimal_return, exploration_return, worst_return : float
        Expected returns of the best policy, of the exploration policy and of the worst one, in reward units.
    return_range : (float, float)
        The least and the largest return that can happen.
    unit_returns : bool
        Whether rewards are at least 0 and returns at most 1, as the theory of stochastic games assumes.
    worst_greedy_return : ndarray, shape (K,)
        Expected return of the worst policy that is greedy for :math:`Q^k`.
    published_gap : ndarray, shape (K,)
        :math:`\max_a Q^k - \max\{Q^k(a) : a \text{ suboptimal}\}`, the least one that a greedy policy meets: 0 if and
        only if a greedy policy can choose a suboptimal action, infinite if it meets none. The gap of the analysis of
        deterministic games (Laidlaw, Russell and Dragan 2023).
    q_gap : ndarray, shape (K,)
        :math:`\Delta_k = \max_a Q^k - \max\{Q^k(a) : a \text{ not greedy}\}`, the least one that a greedy policy meets;
        infinite if all actions tie wherever it goes. The gap of the theory of stochastic games (Laidlaw, Zhu, Russell
        and Dragan 2024).
    planning_window : int or None
        The least W such that every policy is optimal that is greedy for the best return of the next W steps, with
        nothing counted beyond; None if it was not asked for.
    method : str
        How it was computed.
    """

    H: int
    n_states: int
    n_actions: int
    sticky: float
    optimal_return: float
    exploration_return: float
    worst_return: float
    return_range: tuple[float, float]
    unit_returns: bool
    worst_greedy_return: np.ndarray
    published_gap: np.ndarray
    q_gap: np.ndarray
    planning_window: int | None
    method: str

    def __post_init__(self) -> None:
        for name in ("worst_greedy_return", "published_gap", "q_gap"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name), dtype=np.float64)))

    @property
    def max_k(self) -> int:
        """The largest lookahead K that was analysed."""
        return self.published_gap.size

    @property
    def solvable(self) -> np.ndarray:
        """Whether every policy greedy for :math:`Q^k` is optimal ("k-QVI-solvable"), shape (K,)."""
        return self.published_gap > 0

    @property
    def min_k(self) -> int | None:
        """The least k of 1..K for which it is, None if there is none; H always is."""
        return int(np.argmax(self.solvable)) + 1 if self.solvable.any() else None

    @property
    def effective_horizon(self) -> np.ndarray:
        r"""Stochastic effective horizon of each k, in steps, shape (K,): infinite unless solvable.

        .. math:: \bar H_k = k + \log_A \frac{1}{\Delta_k^2}, \qquad \Delta_k = \min(1, \text{q\_gap}),

        and :math:`\bar H_k = k` for a single action. Learning needs about :math:`A^{\bar H_k}` episodes.

        Raises
        ------
        CriterionError
            Unless rewards are at least 0 and returns at most 1.
        """
        if not self.unit_returns:
            low, high = self.return_range
            raise CriterionError(
                "the stochastic effective horizon needs rewards of at least 0 and returns of at most 1; returns here"
                f" are in [{low:g}, {high:g}]: analyse normalised(model, H)"
            )
        each = enumerate(zip(self.q_gap.tolist(), self.solvable.tolist(), strict=True), start=1)
        return np.array(
            [bounds.stochastic_effective_horizon(k, gap if ok else 0.0, self.n_actions) for k, (gap, ok) in each]
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row for each lookahead, for a table.

        Returns
        -------
        list of dict
            With keys ``k, solvable, worst greedy return, published gap, q gap`` and, where it is defined,
            ``effective horizon``.
        """
        rows: list[dict[str, Any]] = [
            {
                "k": k,
                "solvable": bool(self.solvable[k - 1]),
                "worst greedy return": float(self.worst_greedy_return[k - 1]),
                "published gap": float(self.published_gap[k - 1]),
                "q gap": float(self.q_gap[k - 1]),
            }
            for k in range(1, self.max_k + 1)
        ]
        if self.unit_returns:
            for row, horizon in zip(rows, self.effective_horizon.tolist(), strict=True):
                row["effective horizon"] = horizon
        return rows

    def __repr__(self) -> str:
        least = f"min_k {self.min_k}" if self.min_k else f"min_k above {self.max_k}"
        window = "" if self.planning_window is None else f", planning window {self.planning_window}"
        return (
            f"HorizonReport({self.H} steps, {self.n_actions} actions: {least}{window}, optimal return"
            f" {self.optimal_return:.6g}, exploration {self.exploration_return:.6g})"
        )

    def _repr_html_(self) -> str:
        rows = self.to_rows()
        head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
        body = "".join(
            "<tr>"
            + "".join(f"<td>{x:.6g}</td>" if isinstance(x, float) else f"<td>{x}</td>" for x in row.values())
            + "</tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more lookaheads</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>{more}"

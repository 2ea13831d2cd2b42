"""What a run on a bandit gives: the arm of every round, and so the regret, exactly and without the noise of rewards."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.bandits.arms import Arms
from rltheory.models import ModelError
from rltheory.models._validation import frozen

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BanditRun:
    """A run of a learner of n rounds.

    Parameters
    ----------
    method : str
        The algorithm.
    gaps : ndarray, shape (n_arms,)
        What a pull of each arm loses on average, in reward units.
    arm : ndarray of int, shape (n,)
        The arm that was pulled in each round.
    reward : ndarray, shape (n,)
        What it earned.

    Raises
    ------
    ModelError
        If arms and rewards are not equally many.
    """

    method: str
    gaps: np.ndarray
    arm: np.ndarray
    reward: np.ndarray

    def __post_init__(self) -> None:
        if np.shape(self.arm) != np.shape(self.reward):
            raise ModelError(f"{np.size(self.arm)} arms were pulled for {np.size(self.reward)} rewards")
        for name in ("gaps", "arm", "reward"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def n_rounds(self) -> int:
        """Number of rounds, n."""
        return int(self.arm.size)

    @property
    def pulls(self) -> np.ndarray:
        """How often each arm was pulled, shape (n_arms,)."""
        return np.bincount(self.arm, minlength=self.gaps.size)

    @property
    def regret(self) -> np.ndarray:
        """Gap of the arm of each round, shape (n,), in reward units: the pseudo-regret, which rewards do not enter."""
        regret: np.ndarray = self.gaps[self.arm]
        return regret

    @property
    def cumulative_regret(self) -> np.ndarray:
        """Sum of the regrets up to each round, shape (n,), in reward units."""
        return np.cumsum(self.regret)

    @property
    def total_regret(self) -> float:
        """The regret of the run, in reward units."""
        return float(self.gaps @ self.pulls)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each round that doubles the number of rounds, and for the last.

        Returns
        -------
        list of dict
            With keys ``rounds, arm, regret``, the last one cumulative and in reward units.
        """
        doubling = 2 ** np.arange(max(self.n_rounds, 1).bit_length())
        looked_at = [t for t in doubling.tolist() if t < self.n_rounds] + [self.n_rounds] * (self.n_rounds > 0)
        total = self.cumulative_regret
        return [{"rounds": t, "arm": int(self.arm[t - 1]), "regret": float(total[t - 1])} for t in looked_at]

    def __repr__(self) -> str:
        return (
            f"BanditRun({self.method}, {self.n_rounds} rounds, {self.gaps.size} arms, regret {self.total_regret:.4g})"
        )

    def _repr_html_(self) -> str:
        rows = self.to_rows()[-_ROWS_SHOWN:]
        head = "".join(f"<th>{escape(name)}</th>" for name in (rows[0] if rows else ()))
        body = "".join("<tr>" + "".join(f"<td>{number:.4g}</td>" for number in row.values()) + "</tr>" for row in rows)
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def record(method: str, arms: Arms, played: tuple[np.ndarray, np.ndarray]) -> BanditRun:
    """Return the run of a learner that pulled some arms for some rewards."""
    return BanditRun(method, arms.gaps, *played)

"""The answer to "what came out of policy gradients?": the policy, how it learned, and what it may still miss."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import CriterionError
from rltheory.models._validation import frozen
from rltheory.submodular.certified import Certified
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import SoftmaxPolicy
from rltheory.submodular.reachable import successor_tables
from rltheory.submodular.relaxation.oracle import oracle_bound

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyRun:
    """What a run of policy gradients has learned.

    Parameters
    ----------
    mdp : SubmodularMDP
        What was learned from.
    method : str
        The algorithm.
    policy : SoftmaxPolicy
        After the last round.
    returns : ndarray, shape (rounds,)
        Mean of F over the batch of each round, in reward units: the learning curve, of the policy before the update.
    errors : ndarray, shape (rounds,)
        Standard errors of these means.
    batch : int
        Paths sampled in each round.
    best_path : ndarray of int, shape (H + 1,)
        The best path seen.
    best_return : float
        F of it: where nothing is random, a value that a deterministic Markov policy reaches.
    """

    mdp: SubmodularMDP = field(repr=False)
    method: str
    policy: SoftmaxPolicy
    returns: np.ndarray
    errors: np.ndarray
    batch: int
    best_path: np.ndarray
    best_return: float

    def __post_init__(self) -> None:
        for name in ("returns", "errors", "best_path"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def rounds(self) -> int:
        """Number of updates."""
        return self.returns.size

    @property
    def rollouts(self) -> int:
        """Number of paths sampled in all."""
        return self.rounds * self.batch

    def certified(self, *, upper: float | None = None) -> Certified:
        """Make the policy deterministic, compute its J exactly, and put an upper bound beside it.

        Parameters
        ----------
        upper : float, optional
            A proven bound, such as those of `relaxation`; by default `oracle_bound`, the quickest.

        Returns
        -------
        Certified
            Of the policy that takes the likeliest action at each step and state, or after each history.

        Raises
        ------
        ModelError
            If too many histories are possible to compute J (`policy_value`).
        """
        modal = self.policy.modal
        path = _only_path(self.mdp, modal)
        gains = None if path is None else self.mdp.F.gains_along(self.mdp.elements(path[None]))[0]
        if upper is None:
            upper = oracle_bound(self.mdp, () if path is None else path).value
        return Certified(
            policy_value(self.mdp, modal),
            upper,
            self.method,
            policy=modal,
            path=path,
            gains=gains,
            history=self.returns,
            evaluations=self.rollouts,
            model=self.mdp,
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each round.

        Returns
        -------
        list of dict
            With keys ``round, rollouts, mean, error``: rollouts so far, and the batch's mean with its standard error.
        """
        return [
            {"round": t, "rollouts": (t + 1) * self.batch, "mean": float(mean), "error": float(error)}
            for t, (mean, error) in enumerate(zip(self.returns, self.errors, strict=True))
        ]

    def __repr__(self) -> str:
        return (
            f"PolicyRun({self.method}, {self.rollouts:,} rollouts, mean return {self.returns[-1]:.4g}"
            f" +- {self.errors[-1]:.2g}, best {self.best_return:.6g})"
        )

    def _repr_html_(self) -> str:
        rows = self.to_rows()
        shown = [rows[i] for i in np.unique(np.linspace(0, len(rows) - 1, _ROWS_SHOWN).astype(int))]
        body = "".join("<tr>" + "".join(f"<td>{x:.6g}</td>" for x in row.values()) + "</tr>" for row in shown)
        head = "".join(f"<th>{name}</th>" for name in shown[0])
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def _only_path(mdp: SubmodularMDP, modal: Any) -> np.ndarray | None:
    """Return the states that a deterministic policy passes, where nothing is random."""
    try:
        tables = successor_tables(mdp)
    except CriterionError:
        return None
    path = [int(np.argmax(mdp.mu))]
    for h, successors in enumerate(tables):
        action = modal[h, path[-1]] if isinstance(modal, np.ndarray) else modal(path)
        path.append(int(successors[mdp.pair_start[path[-1]] + action]))
    return np.array(path)

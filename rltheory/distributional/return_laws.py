r"""The answer to "what is the law of this policy's return?": one law for each state, and how far from the truth.

Projections, unfinished iterations and rounding put laws off by :math:`\varepsilon(s)` in one step, in :math:`w_1`.
Since :math:`w_1` is convex along mixtures and shrinks by :math:`\gamma` in a step, the distances e to the true laws
satisfy

.. math:: e(s) \le \varepsilon(s) + \gamma \sum_{s'} P(s' \mid s)\, e(s')
          \quad\Longrightarrow\quad e \le (I - \gamma P)^{-1} \varepsilon .

The same is true of :math:`\ell_2^2`, where :math:`\varepsilon` is the squared error of a projection, by Pythagoras;
and, with :math:`\gamma^2`, of the variance that projections add, whose root is a distance in :math:`w_2`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.distributional.chain import OutcomeChain
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.models import ConvergenceWarning, ModelError
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.rounding import largest_size
from rltheory.planning.solution import Status

_U = 2.0**-53
_LEVELS = (0.05, 0.5, 0.95)
_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReturnLaws:
    r"""The law of the return from each state, with the proof of its accuracy.

    Parameters
    ----------
    support : ndarray, shape (n_states, m)
        Atoms of each state, not decreasing, in reward units.
    prob : ndarray, shape (n_states, m)
        Their probabilities; atoms may have none.
    w1_bound : ndarray, shape (n_states,)
        Proven bound on :math:`w_1 = \int |F - G|` to the true law of each state, in reward units, rounding included.
    cramer_bound : ndarray, shape (n_states,)
        The same for :math:`\ell_2 = (\int (F - G)^2)^{1/2}`, in square roots of reward units.
    chain : OutcomeChain
        What was evaluated.
    method : str
        How.
    sweeps : int
        Number of sweeps over the states.
    status : Status
        Why the algorithm stopped.
    """

    support: np.ndarray
    prob: np.ndarray
    w1_bound: np.ndarray
    cramer_bound: np.ndarray
    chain: OutcomeChain = field(repr=False)
    method: str
    sweeps: int = 0
    status: Status = Status.CONVERGED

    def __post_init__(self) -> None:
        for name in ("support", "prob", "w1_bound", "cramer_bound"):
            view = np.asarray(getattr(self, name), dtype=np.float64).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.prob.shape[0]

    @property
    def mean(self) -> np.ndarray:
        """Expected return of each state, in reward units, shape (n_states,)."""
        return (self.prob * self.support).sum(axis=1)

    @property
    def variance(self) -> np.ndarray:
        """Variance of each state's return, in squared reward units, shape (n_states,)."""
        return (self.prob * (self.support - self.mean[:, None]) ** 2).sum(axis=1)

    def law(self, state: int | None = None) -> DiscreteLaw:
        """Return the law of the return from a state, or from the model's start distribution.

        Parameters
        ----------
        state : int, optional
            By default the start is drawn from ``mu``.

        Returns
        -------
        DiscreteLaw

        Raises
        ------
        ModelError
            If there is no such state.
        """
        if state is None:
            started = np.flatnonzero(self.chain.mu)
            return mixture([self.law(int(s)) for s in started], self.chain.mu[started])
        if not 0 <= state < self.n_states:
            raise ModelError(f"state is {state}; states are 0..{self.n_states - 1}")
        return DiscreteLaw(self.support[state], self.prob[state])

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row for each state, for a table.

        Returns
        -------
        list of dict
            With keys ``state, mean, deviation``, quantiles ``5%, 50%, 95%`` and ``within`` (the bound in w_1).
        """
        rows = []
        for s, (mean, variance) in enumerate(zip(self.mean.tolist(), self.variance.tolist(), strict=True)):
            quantiles = self.law(s).quantile(_LEVELS).tolist()
            told = {f"{level:.0%}": quantile for level, quantile in zip(_LEVELS, quantiles, strict=True)}
            row = {"state": self.chain.state_name(s), "mean": mean, "deviation": variance**0.5, **told}
            rows.append(row | {"within": float(self.w1_bound[s])})
        return rows

    def __repr__(self) -> str:
        return (
            f"ReturnLaws({self.n_states} states, {self.prob.shape[1]} atoms, w1 within {self.w1_bound.max():.3g},"
            f" {self.sweeps} sweeps of {self.method})"
        )

    def _repr_html_(self) -> str:
        rows = self.to_rows()[:_ROWS_SHOWN]
        head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
        body = "".join(
            "<tr>"
            + "".join(f"<td>{x:.6g}</td>" if isinstance(x, float) else f"<td>{escape(str(x))}</td>" for x in row)
            + "</tr>"
            for row in (one.values() for one in rows)
        )
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def accumulated(chain: OutcomeChain, local: np.ndarray, power: int = 1) -> np.ndarray:
    r"""Return a vector e with :math:`e \ge \varepsilon + \gamma^k P e`: what errors of each step add up to.

    Parameters
    ----------
    chain : OutcomeChain
        With ``gamma < 1``.
    local : ndarray, shape (n_states,)
        The errors :math:`\varepsilon \ge 0` of one step.
    power : int
        k: 1 for distances, 2 for variances.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    P, discount = chain.transitions, chain.gamma**power
    total, _ = solve_policy_system(P, discount, local)
    missing = (local + discount * (P @ total) - total).max() + 4 * _U * total.max()
    return np.maximum(total + max(0.0, missing) / (1 - discount), local)


def rounding_error(chain: OutcomeChain, support: np.ndarray) -> float:
    """Bound what rounding changes in one projected step, in w_1 and in reward units.

    An atom moves by a few roundings of its value. A probability is a sum of at most 2 m B products, and the relative
    error of all, times the width of the support, bounds the distance.
    """
    width, terms = float((support[:, -1] - support[:, 0]).max()), 2 * support.shape[1] * chain.prob.shape[1] + 8
    return _U * (terms * width + 8 * (largest_size(support) + largest_size(chain.reward)))


def reached_status(reached: float, tol: float) -> Status:
    """Return why an iteration ended: within ``tol``, or (with a warning) because rounding let it come no closer."""
    if reached <= tol:
        return Status.CONVERGED
    status = Status.ROUNDING_FLOOR
    warnings.warn(f"gap {reached:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=3)
    return status

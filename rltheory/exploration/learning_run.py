r"""What learning by exploration gives: the regret of every episode, exactly, beside what the learner believed.

The regret of episode k is $V^*(\mu) - V^{\pi_k}(\mu)$ in the true model, by dynamic programming and not by the
episode's return, so that a curve has no noise but that of the data. Beside it stand the learner's optimistic value, its
radius and whether the truth was in its confidence set, which is what theorems are conditional on.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import frozen

_ROWS_SHOWN = 12
_CURVES = ("regret", "optimistic_value", "radius", "error", "plan_error", "log_det")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LearningRun:
    """A run of a learner of K episodes.

    Parameters
    ----------
    method : str
        The algorithm.
    optimum : float
        The optimal value of the true model under its start distribution, in reward units.
    regret : ndarray, shape (K,)
        The optimum less the value of the policy that was played, in each episode; at least 0 within rounding.
    policy : ndarray of int, shape (H, n_states)
        The policy of the last episode.
    optimistic_value : ndarray, shape (K,), optional
        What the learner believed the optimum to be, before each episode.
    radius : ndarray, shape (K,), optional
        The radius of the confidence set, before each episode, in the unit that the algorithm names.
    error : ndarray, shape (K,), optional
        The distance of the estimate from the truth in the norm of the confidence set.
    plan_error : ndarray, shape (K,), optional
        Where ``error`` is the largest of several regressions, that of the one that plans, which optimism depends on.
    log_det : ndarray, shape (K,), optional
        The logarithm of the determinant of the data over that of the ridge.
    policies : ndarray of int, shape (K, H, n_states), optional
        The policy of every episode, where the learner was asked to record them.

    Raises
    ------
    ModelError
        If two of the curves have different lengths.
    """

    method: str
    optimum: float
    regret: np.ndarray
    policy: np.ndarray
    optimistic_value: np.ndarray | None = None
    radius: np.ndarray | None = None
    error: np.ndarray | None = None
    plan_error: np.ndarray | None = None
    log_det: np.ndarray | None = None
    policies: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("policy", "policies", *_CURVES):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))
        for name in _CURVES:
            curve = getattr(self, name)
            if curve is not None and curve.shape != self.regret.shape:
                raise ModelError(f"{name} has shape {curve.shape}; {self.n_episodes} episodes need one number each")
        if self.policies is not None and self.policies.shape != (self.n_episodes, *self.policy.shape):
            raise ModelError(f"policies has shape {self.policies.shape}; {self.n_episodes} episodes need one each")

    @property
    def n_episodes(self) -> int:
        """Number of episodes, K."""
        return self.regret.size

    @property
    def cumulative_regret(self) -> np.ndarray:
        """Sum of the regrets up to each episode, shape (K,), in reward units."""
        return np.cumsum(self.regret)

    @property
    def covered(self) -> np.ndarray | None:
        """Whether the truth was in the confidence set before each episode, shape (K,); None where there is none."""
        return None if self.error is None or self.radius is None else self.error <= self.radius

    @property
    def plan_covered(self) -> np.ndarray | None:
        """As `covered`, of the regression that plans alone where the learner has several."""
        if self.plan_error is None or self.radius is None:
            return self.covered
        return self.plan_error <= self.radius

    @property
    def optimistic(self) -> np.ndarray | None:
        """Whether the learner's value was no less than the optimum, within rounding, shape (K,)."""
        if self.optimistic_value is None:
            return None
        return self.optimistic_value >= self.optimum - 1e-9 * max(1.0, abs(self.optimum))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each episode that doubles the number of episodes, and for the last.

        Returns
        -------
        list of dict
            With keys ``episodes, regret`` (cumulative, in reward units), and ``optimistic_value, radius, error,
            log_det`` of that episode where the run has them.
        """
        doubling = 2 ** np.arange(max(self.n_episodes, 1).bit_length())
        looked_at = [k for k in doubling.tolist() if k < self.n_episodes] + [self.n_episodes] * (self.n_episodes > 0)
        curves = {name: getattr(self, name) for name in ("optimistic_value", "radius", "error", "log_det")}
        total = self.cumulative_regret
        return [
            {"episodes": k, "regret": float(total[k - 1])}
            | {name: float(curve[k - 1]) for name, curve in curves.items() if curve is not None}
            for k in looked_at
        ]

    def __repr__(self) -> str:
        total = float(self.regret.sum())
        last = f", {self.regret[-1]:.3g} in the last" if self.n_episodes else ""
        return f"LearningRun({self.method}, {self.n_episodes} episodes, regret {total:.4g}{last})"

    def _repr_html_(self) -> str:
        rows = self.to_rows()[-_ROWS_SHOWN:]
        head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in (rows[0] if rows else ()))
        body = "".join("<tr>" + "".join(f"<td>{number:.4g}</td>" for number in row.values()) + "</tr>" for row in rows)
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def empty_record(record: bool, episodes: int, policy: np.ndarray) -> np.ndarray:
    """Return room for the policy of every episode, or of none; kernels fill what there is."""
    return np.empty((episodes if record else 0, *policy.shape), dtype=np.int64)


def from_curves(
    method: str,
    optimum: float,
    curves: np.ndarray,
    policy: np.ndarray,
    *,
    unit: float = 1.0,
    policies: np.ndarray | None = None,
) -> LearningRun:
    """Return the run of a learner whose curves are played and optimistic values, radii, errors and log-determinants.

    ``curves`` has shape (K, 5), with values in multiples of ``unit``, or (K, 6) with the error of the plan.
    """
    played, optimistic, radius, error, log_det, *plan_error = curves.T
    return LearningRun(
        method,
        optimum,
        optimum - unit * played,
        policy,
        optimistic_value=unit * optimistic,
        radius=radius,
        error=error,
        log_det=log_det,
        plan_error=plan_error[0] if plan_error else None,
        policies=policies,
    )

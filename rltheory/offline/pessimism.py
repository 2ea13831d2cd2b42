r"""The loop that all offline learners here share: regress, take off a penalty, clip, be greedy.

.. math::

   \hat Q_t = \mathrm{clip}\big( r_t + \phi \hat w_t(\hat V_{t+1}) - \Gamma_t,\; 0,\; H - t \big), \qquad
   \hat\pi_t = \operatorname{argmax}_a \hat Q_t, \qquad \hat V_t = \max_a \hat Q_t .

An algorithm is an estimate of the weights and a penalty, which does not depend on the values. With the penalty added
instead of taken off, the same regressions give an optimistic companion :math:`\hat U_t \ge \hat V_t`: wherever
penalties cover the errors for both, :math:`\hat V_t \le V^{\hat\pi}_t \le V^*_t \le \hat U_t`, since worst cases are
monotone in the values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.regression import Regression
from rltheory.offline.solution import OfflineSolution
from rltheory.planning.best_rows import best_rows
from rltheory.robust import Divergence

Estimate = Callable[[int, Regression, np.ndarray], np.ndarray]
"""Step, its regression and the values of the next step to weights (d,)."""


def pessimistic_iteration(
    regressions: Sequence[Regression],
    known: LinearKnowledge,
    estimate: Estimate,
    penalty: np.ndarray,
    *,
    method: str,
    reward: np.ndarray | None,
    clip_low: bool = True,
    divergence: Divergence | None = None,
    confidence: float | None = None,
) -> OfflineSolution:
    """Go backwards through the steps once, with a pessimistic and an optimistic value.

    Parameters
    ----------
    regressions : sequence of Regression
        One for each step.
    known : LinearKnowledge
        Features and the horizon.
    estimate : callable
        What the algorithm is.
    penalty : ndarray, shape (H, n_pairs)
        What is taken off.
    method : str
        Its name.
    reward : ndarray, shape (H, n_pairs), or None
        Known rewards; None if the weights hold them.
    clip_low : bool
        Whether values are at least 0.
    divergence : Divergence, optional
        For the answer.
    confidence : float, optional
        Probability with which penalties cover the errors of both values, if that is known.

    Returns
    -------
    OfflineSolution
    """
    H, n_states = known.H, known.n_states
    value, upper = np.zeros((H + 1, n_states)), np.zeros((H + 1, n_states))
    policy, weights, upper_weights = np.zeros((H, n_states), dtype=np.int64), *np.zeros((2, H, known.d))
    bottom = 0.0 if clip_low else -np.inf

    def greedy(t: int, w: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        q = known.phi @ w + margin + (0.0 if reward is None else reward[t])
        return best_rows(np.maximum(np.minimum(q, known.most[t]), bottom), known.pair_start)

    for t in reversed(range(H)):
        weights[t] = estimate(t, regressions[t], value[t + 1])
        upper_weights[t] = estimate(t, regressions[t], upper[t + 1])
        value[t], policy[t] = greedy(t, weights[t], -penalty[t])
        upper[t], _ = greedy(t, upper_weights[t], penalty[t])
    return OfflineSolution(
        value,
        policy,
        penalty,
        weights,
        method,
        divergence,
        upper=upper,
        upper_weights=upper_weights,
        confidence=confidence,
        learned_rewards=reward is None,
    )


def elliptical(beta: np.ndarray, regressions: Sequence[Regression]) -> np.ndarray:
    r"""Return the penalties :math:`\beta_t \|\phi\|_{\Lambda_t^{-1}}`, for beta of shape (H,)."""
    return np.array([b * regression.elliptical_norms() for b, regression in zip(beta, regressions, strict=True)])


def factorwise(cost: np.ndarray, phi: np.ndarray, bonus: str) -> np.ndarray:
    r"""Return the penalties :math:`\sum_i \phi_i c_{t,i}`, or smaller ones, for costs of factors of shape (H, d).

    The sum is ``"l1"``; the root of the sum of squares, ``"l2"``, is up to :math:`\sqrt d` times smaller.
    """
    if bonus not in ("l1", "l2"):
        raise ModelError(f"bonus is {bonus!r}; it must be 'l1', of theory, or 'l2', of the published experiments")
    return cost @ np.abs(phi).T if bonus == "l1" else np.sqrt(cost**2 @ (phi**2).T)


def deviations(regressions: Sequence[Regression], d: int) -> np.ndarray:
    r"""Return :math:`\sqrt{(\Lambda_t^{-1})_{ii}}` of every step and factor, shape (H, d)."""
    return np.sqrt([regression.inverse_diagonal() for regression in regressions]).reshape(-1, d)


def chosen_beta(beta: Any, shape: tuple[int, ...], **formulas: Callable[[], Any]) -> np.ndarray:
    """Return the multipliers of a penalty: a number as it is, a word by its formula."""
    if isinstance(beta, str):
        if beta not in formulas:
            raise ModelError(f"beta is {beta!r}; it must be a number, or one of {', '.join(map(repr, formulas))}")
        found = np.asarray(formulas[beta]() if shape[0] else 0.0, dtype=np.float64)
        if not np.isfinite(found).all():
            raise ModelError(f"beta = {beta!r} is infinite for these parameters; give a number")
        return np.broadcast_to(found, shape)
    given = np.asarray(beta, dtype=np.float64)
    if not (np.isfinite(given) & (given >= 0)).all():
        raise ModelError(f"beta is {beta!r}; a multiplier is finite and at least 0")
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise ModelError(f"beta has shape {given.shape}; it must broadcast to {shape}") from None


def proven_confidence(beta: Any, delta: float, holds: bool = True) -> float | None:
    """Return 1 - delta for a derived multiplier if what its derivation assumes holds, and None without a proof."""
    return 1 - delta if isinstance(beta, str) and beta == "derived" and holds else None


def checked_delta(delta: float) -> float:
    """Return a failure probability in (0, 1)."""
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a failure probability is in (0, 1)")
    return float(delta)

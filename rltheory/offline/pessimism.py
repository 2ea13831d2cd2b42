r"""The loop that all offline learners here share: regress, take off a penalty, clip, be greedy.

.. math::

   \hat Q_t = \mathrm{clip}\big( r_t + \phi \hat w_t - \Gamma_t,\; 0,\; H - t \big), \qquad
   \hat\pi_t = \operatorname{argmax}_a \hat Q_t, \qquad \hat V_t = \max_a \hat Q_t .

An algorithm is an estimate of the weights and a penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.regression import Regression, regress
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Tally
from rltheory.planning.best_rows import best_rows
from rltheory.robust import Divergence

Estimate = Callable[[int, Regression, np.ndarray], np.ndarray]
"""Step, its regression and the values of the next step to weights (d,)."""
Penalty = Callable[[int, Regression], np.ndarray]
"""Step and its regression to penalties of all pairs (n_pairs,)."""


def pessimistic_iteration(
    tally: Tally,
    known: LinearKnowledge,
    estimate: Estimate,
    penalise: Penalty,
    *,
    method: str,
    reward: np.ndarray | None,
    ridge: float,
    clip_low: bool = True,
    divergence: Divergence | None = None,
) -> OfflineSolution:
    """Go backwards through the steps once.

    Parameters
    ----------
    tally : Tally
        The data.
    known : LinearKnowledge
        Features and the horizon.
    estimate, penalise : callable
        What the algorithm is.
    method : str
        Its name.
    reward : ndarray, shape (H, n_pairs), or None
        Known rewards; None if the weights hold them.
    ridge : float
        Of the regressions.
    clip_low : bool
        Whether values are at least 0.
    divergence : Divergence, optional
        For the answer.

    Returns
    -------
    OfflineSolution
    """
    H, n_states = known.H, known.n_states
    value, policy = np.zeros((H + 1, n_states)), np.zeros((H, n_states), dtype=np.int64)
    penalty, weights = np.zeros((H, known.n_pairs)), np.zeros((H, known.d))
    for t in reversed(range(H)):
        regression = regress(known.phi, tally.counts[t], ridge)
        weights[t], penalty[t] = estimate(t, regression, value[t + 1]), penalise(t, regression)
        q = known.phi @ weights[t] - penalty[t] + (0.0 if reward is None else reward[t])
        q = np.minimum(q, known.most[t])
        value[t], policy[t] = best_rows(np.maximum(q, 0.0) if clip_low else q, known.pair_start)
    return OfflineSolution(value, policy, penalty, weights, method, divergence)


def elliptical(beta: np.ndarray) -> Penalty:
    r"""Return the penalty :math:`\beta_t \|\phi\|_{\Lambda^{-1}}`, for beta of shape (H,)."""
    return lambda t, regression: beta[t] * regression.elliptical_norms()


def factorwise(beta: np.ndarray, phi: np.ndarray, bonus: str) -> Penalty:
    r"""Return the penalty :math:`\sum_i \phi_i \beta_{t,i} \sqrt{(\Lambda^{-1})_{ii}}`, or a smaller one.

    The sum is ``"l1"``; the root of the sum of squares, ``"l2"``, is up to :math:`\sqrt d` times smaller.
    """
    if bonus not in ("l1", "l2"):
        raise ModelError(f"bonus is {bonus!r}; it must be 'l1', of theory, or 'l2', of the published experiments")
    if bonus == "l1":
        return lambda t, regression: np.abs(phi) @ (beta[t] * np.sqrt(regression.inverse_diagonal()))
    return lambda t, regression: np.linalg.norm(phi * (beta[t] * np.sqrt(regression.inverse_diagonal())), axis=1)


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


def checked_delta(delta: float) -> float:
    """Return a failure probability in (0, 1)."""
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a failure probability is in (0, 1)")
    return float(delta)

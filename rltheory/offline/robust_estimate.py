"""What the robust learners share: known rewards, a divergence that fits, and an estimate step by step."""

from __future__ import annotations

import numpy as np

from rltheory.models import LinearMDP, ModelError
from rltheory.models import _validation as valid
from rltheory.offline.estimates import estimated_worst_case
from rltheory.offline.exact import step_divergence
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.pessimism import Estimate
from rltheory.offline.regression import Regression
from rltheory.robust import Divergence


def worst_case_estimate(
    divergence: Divergence, known: LinearKnowledge, *, centred: bool, clipped: bool, least: str
) -> Estimate:
    """Return the estimate of a robust learner: step, regression and values to weights."""
    if least not in ("states", "sampled"):
        raise ModelError(f"least is {least!r}; it must be 'states' or 'sampled'")
    check_parameters(divergence, known)
    top = known.value_range

    def estimate(t: int, regression: Regression, v: np.ndarray) -> np.ndarray:
        reached = v[regression.sampled] if least == "sampled" and regression.sampled.size else v
        return estimated_worst_case(
            step_divergence(divergence, t, known.H, known.d),
            regression.factors,
            v,
            least=float(reached.min()),
            top=float(top[t + 1]),
            centred=centred,
            clipped=clipped,
        )

    return estimate


def with_rewards(model_features: LinearKnowledge | LinearMDP) -> LinearKnowledge:
    """Return what is known of a model, which must include its rewards."""
    known = LinearKnowledge.of(model_features)
    if known.reward is None:
        raise ModelError("the rewards are unknown; a robust learner needs them (LinearKnowledge(..., reward=...))")
    return known


def check_theory(beta: object, bonus: str, known: LinearKnowledge) -> None:
    """Check that features are distributions over the factors, where a multiplier of theory assumes it."""
    if not isinstance(beta, str) or bonus != "l1":
        return
    sums = known.phi.sum(axis=1)
    wrong = (known.phi < 0).any(axis=1) | (np.abs(sums - 1) > valid.ROW_SUM_TOLERANCE)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ModelError(
            f"the features of {valid.place(row, known.pair_start)} sum to {sums[row]:.12g}, the least being"
            f" {known.phi[row].min():.12g} ({int(wrong.sum())} bad rows); beta = {beta!r} needs simplex features, which"
            " are at least 0 and sum to 1 (a number for beta does not)"
        )


def check_parameters(divergence: Divergence, known: LinearKnowledge) -> None:
    """Check that there is a weight or a radius for every step and factor."""
    try:
        np.broadcast_to(divergence.parameter, (known.H, known.d))
    except ValueError:
        raise ModelError(
            f"{type(divergence).__name__} has parameters of shape {np.shape(divergence.parameter)}; they must broadcast"
            f" to (H, d) = ({known.H}, {known.d})"
        ) from None

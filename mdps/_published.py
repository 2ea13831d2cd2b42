"""How the reference code of Tang, Liu and Xu (2025) sets its learners up, where it differs from theory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rltheory import Dataset
    from rltheory.offline import LinearKnowledge, OfflineSolution
    from rltheory.robust import Divergence

Learner: TypeAlias = "Callable[[Dataset, LinearKnowledge], OfflineSolution]"
"""What turns data, and what is known of the model, into a policy."""


def published_learner(
    divergence: Divergence | None, *, beta: float, ridge: float, learn_rewards: bool = False
) -> Learner:
    """Return PEVI without a divergence, DRPVI for a ball, R2PVI for a penalty.

    No value is clipped at 0, the penalty for uncertainty is the root of a sum of squares, and with total variation
    nature moves mass to the worst state that was seen. Maxima over the dual variable are exact here; there they are
    where the method of Nelder and Mead stops.
    """
    from rltheory.offline import drpvi, pevi, r2pvi
    from rltheory.robust import TV

    def learn(data: Dataset, known: LinearKnowledge) -> OfflineSolution:
        if divergence is None:
            return pevi(data, known, beta=beta, ridge=ridge, clip_low=False, learn_rewards=learn_rewards)
        if isinstance(divergence, TV) and not divergence.is_penalty:
            return drpvi(
                data,
                known,
                divergence=divergence,
                beta=beta,
                ridge=ridge,
                bonus="l2",
                clip_low=False,
                least="sampled",
            )
        return r2pvi(
            data, known, divergence=divergence, beta=beta, ridge=ridge, bonus="l2", clip_low=False, least="sampled"
        )

    return learn

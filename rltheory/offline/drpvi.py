r"""DRPVI: pessimistic value iteration when nature moves every factor within a ball of total variation.

As `r2pvi`, with the dual of the ball,

.. math::

   \hat w_{t,i}(V) = \max_\alpha \; \hat\mu_{t,i} [V]_\alpha - \rho\, (\alpha - V_{\min})_+ ,

whose weights are signed: it is maximised exactly, piece by piece (`maximisers`). Liu and Xu (2024).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import LinearMDP, ModelError
from rltheory.offline import bounds
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.pessimism import checked_delta, chosen_beta, factorwise, pessimistic_iteration
from rltheory.offline.regression import checked_ridge
from rltheory.offline.robust_estimate import with_rewards, worst_case_estimate
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally
from rltheory.robust import TV


def drpvi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    divergence: TV,
    beta: Any = "derived",
    ridge: float = 1.0,
    delta: float = 0.05,
    centred: bool = False,
    bonus: str = "l1",
    clip_low: bool = True,
    least: str = "states",
) -> OfflineSolution:
    r"""Learn a policy from data that is good against a nature with a radius for every factor.

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions of the nominal model.
    model_features : LinearKnowledge or LinearMDP
        Features, rewards and the horizon; the factors of a model are not read.
    divergence : TV with ``rho``
        The radius broadcasts to (H, d); 0 leaves a factor as it is.
    beta : "derived", "paper" or array_like
        Multiplier of the penalty: `bounds.tv_beta`, `bounds.published_drpvi_beta`, or numbers that broadcast to (H, d).
    ridge, delta, centred, bonus, clip_low, least
        As for `r2pvi`.

    Returns
    -------
    OfflineSolution

    Raises
    ------
    ModelError
        As for `r2pvi`.

    References
    ----------
    Liu and Xu (2024), algorithm 1.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline, robust
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 2000, rng=1)
    >>> solution = offline.drpvi(data, model, divergence=robust.TV(rho=0.2), beta=0.1)
    >>> bool((solution.suboptimality(model) < 0.1).all())
    True
    """
    if not isinstance(divergence, TV) or divergence.is_penalty:
        raise ModelError(f"drpvi was given {divergence!r}; it is for TV with rho (r2pvi is for penalties)")
    known = with_rewards(model_features)
    ridge, delta = checked_ridge(ridge), checked_delta(delta)
    tally = Tally.of(data, known)
    multipliers = chosen_beta(
        beta,
        (known.H, known.d),
        derived=lambda: _derived(known, delta, ridge, tally.independent),
        paper=lambda: bounds.published_drpvi_beta(known.d, known.H, max(tally.n_trajectories, 1.0), delta),
    )
    return pessimistic_iteration(
        tally,
        known,
        worst_case_estimate(divergence, known, centred=centred, clipped=clip_low, least=least),
        factorwise(multipliers, known.phi, bonus),
        method="DRPVI",
        reward=known.reward,
        ridge=ridge,
        clip_low=clip_low,
        divergence=divergence,
    )


def _derived(known: LinearKnowledge, delta: float, ridge: float, independent: bool) -> np.ndarray:
    """Return the multiplier of each step, for all its factors."""
    sizes = (known.d, known.n_states, known.H, delta)
    functions = math.log(known.n_states) if independent else None
    later = known.value_range[1:]
    betas = [bounds.tv_beta(*sizes, largest=B, ridge=ridge, log_functions=functions) for B in later]
    return np.array(betas).reshape(-1, 1)

r"""DRPVI and DRVI-L: pessimistic value iteration when nature moves every factor within a ball.

As `r2pvi`, with the dual of a ball of total variation or of relative entropy,

.. math::

   \hat w_{t,i}(V) = \max_\alpha \; \hat\mu_{t,i} [V]_\alpha - \rho\, (\alpha - V_{\min})_+ ,
   \qquad \hat w_{t,i}(V) = \max_{l > 0} \; -l \ln \tilde\mu_{t,i} e^{-V / l} - l \rho .

The weights of the first are signed: it is maximised exactly, piece by piece (`maximisers`; Liu and Xu 2024). In the
second (DRVI-L; Ma, Liang, Xia, Zhang, Blanchet, Liu, Zhao and Zhou 2022) signed weights would let the largest value win
as l falls to 0, so that the measures are made distributions before (`levels`). Its maximiser is at most
:math:`(\tilde\mu V - V_{\min}) / \rho`, which may be far above H.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from rltheory.models import LinearMDP, ModelError
from rltheory.offline import bounds
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.pessimism import (
    checked_delta,
    chosen_beta,
    deviations,
    factorwise,
    pessimistic_iteration,
    proven_confidence,
)
from rltheory.offline.regression import checked_ridge, regress_steps
from rltheory.offline.robust_estimate import check_parameters, check_theory, with_rewards, worst_case_estimate
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally
from rltheory.robust import KL, TV, Divergence
from rltheory.robust.backup import place_in_table
from rltheory.robust.radii import require_radii


def drpvi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    divergence: TV | KL,
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
    divergence : TV or KL with ``rho``
        The radius broadcasts to (H, d); 0 leaves a factor as it is. Of total variation it is in [0, 1], or inf, which
        allows everything, as 1 does.
    beta : "derived", "paper" or array_like
        Multiplier of the penalty: `bounds.tv_beta`, `bounds.published_drpvi_beta`, or numbers that broadcast to (H, d).
        For relative entropy the derived penalty of a factor is `bounds.kl_ball_error`, which is no multiple of
        :math:`\sqrt{(\Lambda^{-1})_{ii}}`, and there is no published multiplier.
    ridge, delta, centred, bonus, clip_low, least
        As for `r2pvi`.

    Returns
    -------
    OfflineSolution
        With a ``confidence`` of 1 - delta for the derived multiplier under the conditions of theory.

    Raises
    ------
    ModelError
        As for `r2pvi`, and if a radius of total variation is above 1 and finite.

    References
    ----------
    Liu and Xu (2024); Ma, Liang, Xia, Zhang, Blanchet, Liu, Zhao and Zhou (2022).

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline, robust
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 2000, rng=1)
    >>> for ball in (robust.TV(rho=0.2), robust.KL(rho=0.1)):
    ...     solution = offline.drpvi(data, model, divergence=ball, beta=0.1)
    ...     print(solution.method, bool((solution.suboptimality(model) < 0.1).all()))
    DRPVI True
    DRVI-L True
    """
    if not isinstance(divergence, (TV, KL)) or divergence.is_penalty:
        raise ModelError(f"drpvi was given {divergence!r}; it is for TV and KL with rho (r2pvi is for penalties)")
    known = with_rewards(model_features)
    check_theory(beta, bonus, known)
    ridge, delta = checked_ridge(ridge), checked_delta(delta)
    check_radius(divergence, known)
    estimate = worst_case_estimate(divergence, known, centred=centred, clipped=clip_low, least=least)
    tally = Tally.of(data, known)
    regressions = regress_steps(tally, known.phi, ridge)
    off = deviations(regressions, known.d)
    if isinstance(divergence, KL) and isinstance(beta, str):
        cost = _entropic_cost(beta, known, delta, ridge, tally.independent, divergence.rho, off)
    else:
        cost = off * chosen_beta(
            beta,
            (known.H, known.d),
            derived=lambda: _derived(known, delta, ridge, tally.independent),
            paper=lambda: bounds.published_drpvi_beta(known.d, known.H, max(tally.n_trajectories, 1.0), delta),
        )
    return pessimistic_iteration(
        regressions,
        known,
        estimate,
        factorwise(cost, known.phi, bonus),
        method="DRVI-L" if isinstance(divergence, KL) else "DRPVI",
        reward=known.reward,
        clip_low=clip_low,
        divergence=divergence,
        confidence=proven_confidence(beta, delta, bonus == "l1" and clip_low and least == "states"),
    )


def check_radius(divergence: Divergence, known: LinearKnowledge) -> None:
    """Check that there is a radius for each step and factor, and none that no kernel can have."""
    check_parameters(divergence, known)
    sizes = (known.H, known.d)
    place = partial(place_in_table, sizes, known.d, lambda i: f"factor {i}")
    require_radii(divergence, np.broadcast_to(divergence.rho, sizes), place)


def _functions(known: LinearKnowledge, independent: bool) -> float | None:
    """Return the logarithm of how many functions are regressed: level sets of two values, or all there are."""
    return math.log(2 * known.n_states) if independent else None


def _derived(known: LinearKnowledge, delta: float, ridge: float, independent: bool) -> np.ndarray:
    """Return the multiplier of each step, for all its factors."""
    sizes, functions = (known.d, known.n_states, known.H, delta), _functions(known, independent)
    later = known.value_range[1:]
    betas = [bounds.tv_beta(*sizes, largest=B, ridge=ridge, log_functions=functions) for B in later]
    return np.array(betas).reshape(-1, 1)


def _entropic_cost(
    beta: str,
    known: LinearKnowledge,
    delta: float,
    ridge: float,
    independent: bool,
    radius: Any,
    off: np.ndarray,
) -> np.ndarray:
    """Return the derived penalty of each step and factor, shape (H, d)."""
    if beta != "derived":
        raise ModelError(f"beta is {beta!r}; for {KL.__name__} with rho it must be a number, or 'derived'")
    if not known.H:
        return off
    units = bounds.deviation(
        known.d, known.n_states, known.H, delta, ridge=ridge, log_functions=_functions(known, independent)
    )
    return known.value_range[1:, None] * bounds.kl_ball_error(1.0, radius, units * off)

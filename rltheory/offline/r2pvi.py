r"""R2PVI: pessimistic value iteration when nature pays a penalty for every factor that it moves.

With the ridge regression of step t (`regression`) and the worst case that it estimates (`estimates`),

.. math::

   \hat Q_t(s, a) = \mathrm{clip}\Big( r_t(s, a) + \sum_i \phi_i(s, a) \hat w_{t,i}(\hat V_{t+1})
   - \sum_i \phi_i(s, a)\, \beta_{t,i} \sqrt{(\Lambda_t^{-1})_{ii}},\; 0,\; H - t \Big).

If :math:`|\phi (\hat w_t - w_t(\hat V_{t+1}))|` is at most the penalty everywhere, the values are below those of the
policy, and its loss is at most twice the expected sum of penalties (`uncertainty`). Tang, Liu and Xu (2025).
"""

from __future__ import annotations

import math
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
from rltheory.offline.robust_estimate import check_theory, with_rewards, worst_case_estimate
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally
from rltheory.robust import KL, TV, ChiSquare, Divergence


def r2pvi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    divergence: Divergence,
    beta: Any = "derived",
    ridge: float = 1.0,
    delta: float = 0.05,
    centred: bool = False,
    bonus: str = "l1",
    clip_low: bool = True,
    least: str = "states",
) -> OfflineSolution:
    r"""Learn a policy from data that is good against a nature that pays for what it changes.

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions of the nominal model. With ``data.folds()`` the steps share no trajectory, and a smaller beta is
        enough.
    model_features : LinearKnowledge or LinearMDP
        Features, rewards and the horizon; the factors of a model are not read.
    divergence : TV, KL or ChiSquare with ``lam``
        What nature pays, in reward units; the weight broadcasts to (H, d), and inf leaves a factor as it is.
    beta : "derived", "paper" or array_like
        Multiplier of the penalty: enough with probability 1 - delta (`bounds.tv_beta` and its kin), the published one,
        or numbers that broadcast to (H, d). The first two are meant for theory, where ``bonus``, ``clip_low`` and
        ``least`` are at their defaults and features are distributions, and are too large to learn from little data.
    ridge : float
        Constant of the regressions, above 0.
    delta : float
        Failure probability for which beta is meant.
    centred : bool
        Whether regressions are centred, so that the ridge pulls towards the least value instead of 0.
    bonus : "l1" or "l2"
        The penalty of theory, or the smaller root of a sum of squares of the published experiments.
    clip_low : bool
        Whether values are clipped at 0, and moments to their ranges; the published experiments do neither.
    least : "states" or "sampled"
        Where nature may move mass to, for total variation: all states, or those that step t was seen to lead to, as
        the published experiments have it.

    Returns
    -------
    OfflineSolution
        With a ``confidence`` of 1 - delta for the derived multiplier under the conditions of theory.

    Raises
    ------
    ModelError
        If the divergence has no penalty form here, rewards are unknown, data and model do not fit, a step has no
        transition, an argument is out of range, or a multiplier of theory meets features that are no distributions.

    References
    ----------
    Tang, Liu and Xu (2025); the l2 penalty and ``clip_low=False`` are those of its reference code.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline, robust
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 2000, rng=1)
    >>> solution = offline.r2pvi(data, model, divergence=robust.TV(lam=0.5), beta=0.1)
    >>> bool((solution.suboptimality(model) < 0.1).all())
    True
    """
    if not (isinstance(divergence, (TV, KL, ChiSquare)) and divergence.is_penalty):
        raise ModelError(
            f"r2pvi was given {divergence!r}; it is for TV, KL and ChiSquare with lam (drpvi is for balls)"
        )
    known = with_rewards(model_features)
    check_theory(beta, bonus, known)
    ridge, delta = checked_ridge(ridge), checked_delta(delta)
    estimate = worst_case_estimate(divergence, known, centred=centred, clipped=clip_low, least=least)
    tally, shape = Tally.of(data, known), (known.H, known.d)
    multipliers = chosen_beta(
        beta,
        shape,
        derived=lambda: _derived(divergence, known, delta, ridge, centred, tally.independent),
        paper=lambda: _published(divergence, known, delta, tally.n_trajectories),
    )
    regressions = regress_steps(tally, known.phi, ridge)
    return pessimistic_iteration(
        regressions,
        known,
        estimate,
        factorwise(multipliers * deviations(regressions, known.d), known.phi, bonus),
        method="R2PVI",
        reward=known.reward,
        clip_low=clip_low,
        divergence=divergence,
        confidence=proven_confidence(beta, delta, bonus == "l1" and clip_low and least == "states"),
    )


def _derived(
    divergence: Divergence, known: LinearKnowledge, delta: float, ridge: float, centred: bool, independent: bool
) -> np.ndarray:
    """Return the multipliers of every step and factor that cover the errors with probability 1 - delta."""
    lam, sizes = np.broadcast_to(divergence.lam, (known.H, known.d)), (known.d, known.n_states, known.H, delta)
    truncations = known.n_states if isinstance(divergence, ChiSquare) else 1
    functions = math.log(2 * truncations) if independent else None  # of the pessimistic value and of the optimistic

    def one(largest: float, weight: float) -> float:
        if isinstance(divergence, KL):
            return bounds.kl_beta(
                *sizes, largest=largest, ridge=ridge, lam=weight, centred=centred, log_functions=functions
            )
        if isinstance(divergence, ChiSquare):
            return bounds.chi_square_beta(*sizes, largest=largest, ridge=ridge, lam=weight, log_functions=functions)
        capped = min(weight, largest) if centred else largest
        return bounds.tv_beta(*sizes, largest=capped, ridge=ridge, log_functions=functions)

    def all_factors(largest: float, weights: np.ndarray) -> np.ndarray:
        different, place = np.unique(weights, return_inverse=True)
        return np.array([one(largest, float(weight)) for weight in different])[place]

    later = known.value_range[1:]
    return np.array([all_factors(float(B), lam[t]) for t, B in enumerate(later)]).reshape(known.H, known.d)


def _published(divergence: Divergence, known: LinearKnowledge, delta: float, K: float) -> np.ndarray | float:
    """Return the multiplier of the paper."""
    sizes = (known.d, known.H, max(K, 1.0), delta)
    if isinstance(divergence, TV):
        return bounds.published_tv_beta(*sizes)
    formula = bounds.published_kl_beta if isinstance(divergence, KL) else bounds.published_chi_square_beta
    return np.vectorize(lambda weight: formula(*sizes, lam=float(weight)), otypes=[float])(divergence.lam)

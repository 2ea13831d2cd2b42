r"""VA-DRPVI: transitions that say little, because what follows them varies much, count less.

A first half of the data estimates how much: with :math:`V'` from `drpvi` and its regressions :math:`z_1` of
:math:`V'_{t+1}` and :math:`z_2` of its square,

.. math::

   \hat\sigma_t^2(s, a) = \max\big\{ 1,\; \mathrm{clip}(\phi z_2, 0, H^2) - \mathrm{clip}(\phi z_1, 0, H)^2 - c \big\} ,

and on the other half `drpvi` runs with weighted regressions and its penalty,

.. math::

   \Sigma_t = \sum_\tau \frac{\phi_\tau \phi_\tau^\top}{\hat\sigma_t^2} + \gamma I, \qquad
   \hat\mu_{t,i}\, g = \Big[ \Sigma_t^{-1} \sum_\tau \frac{\phi_\tau\, g(s'_\tau)}{\hat\sigma_t^2} \Big]_i , \qquad
   \Gamma_t = \sum_i \phi_i\, \beta_{t,i} \sqrt{(\Sigma_t^{-1})_{ii}} .

Regressions are linear in counts, so that these are the ordinary ones of counts divided by :math:`\hat\sigma_t^2`. The
paper's penalty is smaller by a factor of H, as variances, unlike ranges, add up to the square of H over a whole
episode: Liu and Xu (2024).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from rltheory.models import Dataset, LinearMDP, ModelError
from rltheory.offline import bounds
from rltheory.offline.drpvi import drpvi
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.pessimism import checked_delta
from rltheory.offline.regression import regress_steps
from rltheory.offline.robust_estimate import with_rewards
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally
from rltheory.robust import TV


def va_drpvi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    divergence: TV,
    variance_data: Data | None = None,
    beta: Any = "derived",
    ridge: float | None = None,
    delta: float = 0.05,
    correction: float = 0.0,
    centred: bool = False,
    bonus: str = "l1",
    clip_low: bool = True,
    least: str = "states",
) -> OfflineSolution:
    r"""Learn a policy as `drpvi` does, with transitions weighted by their estimated variances.

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions of the nominal model.
    model_features : LinearKnowledge or LinearMDP
        Features, rewards and the horizon; the factors of a model are not read.
    divergence : TV with ``rho``
        As for `drpvi`.
    variance_data : Dataset, tuple of Dataset, or Tally, optional
        What variances are estimated from, independent of ``data``; by default every other episode of ``data`` is set
        aside for it. ``variance_data=data`` uses the same twice, as the published code does; then nothing is proven.
    beta : "derived", "paper" or array_like
        Multiplier of the penalty: `bounds.tv_beta`, which holds for weights of at most 1 that do not depend on their
        data, and gains nothing by them; `bounds.published_va_drpvi_beta` with c = 1; or numbers that broadcast to
        (H, d). `drpvi` takes the first two, or the same numbers, on the data for variances.
    ridge : float, optional
        Constant of the weighted regressions, above 0; 1 / H^2 by default. It is 1 on the data for variances.
    delta : float
        Failure probability for which beta is meant.
    correction : float
        What the paper takes off the variances for their own errors, of order :math:`d H^3 / \sqrt{K \kappa}` with
        :math:`\kappa` the least eigenvalue of the features' second moments, in squared reward units; 0 by default, as
        in the published code.
    centred, bonus, clip_low, least
        As for `r2pvi`.

    Returns
    -------
    OfflineSolution
        With a ``confidence`` of 1 - delta for the derived multiplier under the conditions of theory.

    Raises
    ------
    ModelError
        As for `drpvi`, and if counts are given that cannot be halved, or the correction is negative.

    References
    ----------
    Liu and Xu (2024), in its computationally cheap form.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline, robust
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 4000, rng=1)
    >>> solution = offline.va_drpvi(data, model, divergence=robust.TV(rho=0.2), beta=0.1)
    >>> bool((solution.suboptimality(model) < 0.1).all())
    True
    """
    if not isinstance(divergence, TV) or divergence.is_penalty:
        raise ModelError(f"va_drpvi was given {divergence!r}; it is for TV with rho")
    known, delta = with_rewards(model_features), checked_delta(delta)
    twice = variance_data is data
    data, variance_data = _halves(data) if variance_data is None else (data, variance_data)
    learn = partial(
        drpvi, divergence=divergence, delta=delta, centred=centred, bonus=bonus, clip_low=clip_low, least=least
    )
    first = learn(variance_data, known, beta=beta)
    variance = conditional_variances(variance_data, known, first.value, correction=correction)
    tally = Tally.of(data, known)
    if isinstance(beta, str) and beta == "paper":
        beta = bounds.published_va_drpvi_beta(known.d, max(known.H, 1), max(tally.n_trajectories, 1.0), delta)
    ridge = 1 / max(known.H, 1) ** 2 if ridge is None else ridge
    found = learn(tally.weighted(1 / variance), known, beta=beta, ridge=ridge)
    return replace(found, method="VA-DRPVI", confidence=None if twice else found.confidence)


def conditional_variances(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    value: np.ndarray,
    *,
    ridge: float = 1.0,
    correction: float = 0.0,
) -> np.ndarray:
    r"""Return estimated variances of the value of the next state, at least 1, by ridge regression of two moments.

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions.
    model_features : LinearKnowledge or LinearMDP
        Features and the horizon.
    value : ndarray, shape (H + 1, n_states)
        Values.
    ridge : float
        Constant of the regressions, above 0.
    correction : float
        What is taken off before the maximum with 1; at least 0.

    Returns
    -------
    ndarray, shape (H, n_pairs)
        In squared reward units.

    Raises
    ------
    ModelError
        If data and model do not fit, or a number is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.offline import LinearKnowledge, Tally
    >>> known = LinearKnowledge([[1.0], [1.0]], [0, 1, 2], H=1, most=4.0)
    >>> tally = Tally((np.array([[50.0, 50.0], [0.0, 0.0]]),), np.zeros((1, 2)))
    >>> conditional_variances(tally, known, np.array([[0.0, 0.0], [0.0, 4.0]]), ridge=1e-9).round(6)
    array([[4., 4.]])
    """
    if not 0 <= correction < np.inf:
        raise ModelError(f"correction is {correction!r}; what is taken off a variance is finite and at least 0")
    known = LinearKnowledge.of(model_features)
    top, variance = known.value_range[0], np.ones((known.H, known.n_pairs))
    for t, regression in enumerate(regress_steps(Tally.of(data, known), known.phi, ridge)):
        mean, square = (known.phi @ (regression.factors @ moment) for moment in (value[t + 1], value[t + 1] ** 2))
        spread = np.clip(square, 0, top**2) - np.clip(mean, 0, top) ** 2
        variance[t] = np.maximum(1.0, spread - correction)
    return variance


def _halves(data: Data) -> tuple[Data, Data]:
    """Return the episodes of odd and of even number, of each dataset."""
    if isinstance(data, Tally):
        raise ModelError("counts have no episodes to set aside; give variance_data, what variances are estimated from")
    if isinstance(data, tuple):
        first, second = zip(*map(_halves_of_one, data), strict=True) if data else ((), ())
        return tuple(first), tuple(second)
    return _halves_of_one(data)


def _halves_of_one(data: Dataset) -> tuple[Dataset, Dataset]:
    columns = ("step", "state", "action", "reward", "next_state")
    odd = data.episode % 2 == 1
    first, second = (replace(data, **{name: getattr(data, name)[half] for name in columns}) for half in (~odd, odd))
    return first, second

r"""The worst case of one expectation when the factors are estimated: signed measures in place of distributions.

For a value function V of the next step, its least value m, and the estimated factor :math:`\hat\mu_i`,

==================  ==================================================================================================
`TV` with lam       :math:`\hat\mu_i \min(V, m + \lambda)`
`KL` with lam       :math:`-\lambda \ln` of :math:`\hat\mu_i e^{-V/\lambda}`, clipped so that the result is in [m, B]
`ChiSquare`, lam    :math:`\max_\alpha e_1 + (e_1^2 - e_2) / (4\lambda)`, with :math:`e_1 = \hat\mu_i [V]_\alpha`
                    clipped to [0, B] and :math:`e_2 = \hat\mu_i [V]_\alpha^2` clipped to [0, B^2]
`TV` with rho       :math:`\max_\alpha \hat\mu_i [V]_\alpha - \rho (\alpha - m)_+`
`KL` with rho       :math:`\max_l -l \ln(\tilde\mu_i e^{-V/l}) - l \rho`, :math:`\tilde\mu_i` the nearby distribution of
                    `levels`
==================  ==================================================================================================

where B is the largest value there can be. With a true factor each is `worst_case`. A ridge pulls estimates to zero, and
is no friend of the exponential: there, zero stands for a large value. Centring takes a constant off what is regressed
and adds it back, m where V is regressed and 1 = exp(0) where exp((m - V) / lam) is, so that the pull is towards m.

For a ball of relative entropy a signed measure has no useful dual: if the state of least value has a negative weight,
however small, the moment is negative for small l, and the supremum over l is the largest value there can be. So the
measure is made a distribution first; the dual is then concave, and solved with a proof by `worst_case_values`. The
ridge's pull is to the value 0 of a mass that it takes away, or centred to m, in either case to a low one.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import ModelError
from rltheory.offline.levels import laws_of_levels
from rltheory.offline.maximisers import maximise_chi_square, maximise_tv
from rltheory.robust import KL, TV, ChiSquare, Divergence, worst_case_values


def estimated_worst_case(
    divergence: Divergence,
    factors: np.ndarray,
    v: np.ndarray,
    *,
    least: float,
    top: float,
    centred: bool = False,
    clipped: bool = True,
) -> np.ndarray:
    """Return the estimated worst expectation of v for every factor.

    Parameters
    ----------
    divergence : TV, KL or ChiSquare with ``lam``, or TV or KL with ``rho``
        One parameter, or one for each factor; lam = inf leaves a factor as it is, rho = inf puts no constraint on it.
    factors : ndarray, shape (d, n_states)
        Signed measures, such as `Regression.factors`.
    v : ndarray, shape (n_states,)
        Values of the next step.
    least, top : float
        Least value of a state, and the largest that there can be.
    centred : bool
        Whether a constant is taken off before the regression.
    clipped : bool
        Whether estimates of moments are clipped to the range that values in [0, top] have.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ModelError
        If there is no estimate for the divergence.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.offline import estimated_worst_case
    >>> from rltheory.robust import TV
    >>> estimated_worst_case(TV(lam=1.0), np.array([[0.5, 0.5]]), np.array([0.0, 4.0]), least=0.0, top=4.0)
    array([0.5])
    """
    parameter = np.broadcast_to(divergence.parameter, factors.shape[:1])
    shift = least if centred else 0.0
    if isinstance(divergence, TV) and not divergence.is_penalty:
        radius = np.minimum(parameter, 1.0)  # 1 allows everything already
        low, high = min(0.0, least - shift), max(top, v.max()) - shift
        return shift + maximise_tv(factors, v - shift, radius, low=low, high=high, least=least - shift)
    if isinstance(divergence, KL) and not divergence.is_penalty:
        levels, laws = laws_of_levels(factors, v, shift)
        return worst_case_values(divergence, laws, levels)
    if isinstance(divergence, TV):
        capped = np.minimum(v, least + parameter[:, None])
        return shift + ((capped - shift) * factors).sum(axis=1)
    if isinstance(divergence, KL):
        robust = _entropic(parameter, factors, v, least, top, centred)
    elif isinstance(divergence, ChiSquare) and divergence.is_penalty:
        low = min(0.0, float(v.min()) - shift)
        clip = (0.0, top - shift) if clipped else (-np.inf, np.inf)
        high = max(top, v.max()) - shift
        robust = shift + maximise_chi_square(factors, v - shift, parameter, low=low, high=high, clip=clip)
    else:
        raise ModelError(
            f"there is no estimate for {divergence!r}; TV, KL and ChiSquare with lam, TV and KL with rho have one"
        )
    return np.where(np.isinf(parameter), shift + factors @ (v - shift), robust)


def _entropic(
    lam: np.ndarray, factors: np.ndarray, v: np.ndarray, least: float, top: float, centred: bool
) -> np.ndarray:
    """Return the soft minimum; exponents are shifted by the least value, which changes nothing but the rounding."""
    # A state without weight may lie far below the least of the others, where the exponential overflows.
    exponents = np.where(factors != 0, (least - v) / lam[:, None], 0.0)
    mean = 1 + (factors * np.expm1(exponents)).sum(axis=1) if centred else (factors * np.exp(exponents)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = np.where(mean > 0, -lam * np.log(np.maximum(mean, 0)), np.inf)
    return np.clip(least + loss, least, max(top, least))

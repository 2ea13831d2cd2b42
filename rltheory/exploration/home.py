r"""The high-order moment estimator: how noisy is a value, with the noise of that estimate, and so on, level by level.

A regression of the value V of next states is best weighted by the inverse of its variance
:math:`\langle \phi_{V^2}, \theta\rangle - \langle \phi_V, \theta\rangle^2`, which takes a regression of :math:`V^2`,
which is best weighted by the inverse of *its* variance, which takes one of :math:`V^4`. Level m regresses
:math:`V^{2^m}`, with features :math:`x_m = \phi_{V^{2^m}}(s, a)`, and

.. math::

   \mathrm{var}_m &= [\langle x_{m+1}, \theta_{m+1} \rangle]_{[0,1]} - [\langle x_m, \theta_m \rangle]_{[0,1]}^2 , \\
   E_m &= \min\{1, 2\beta \|x_m\|_{\dot\Sigma_m^{-1}}\} + \min\{1, \beta \|x_{m+1}\|_{\dot\Sigma_{m+1}^{-1}}\} , \\
   \sigma_m^2 &= \max\{\gamma^2 \|x_m\|_{\Sigma_m^{-1}},\ \mathrm{var}_m + E_m,\ \alpha^2\} ,

with 1 in place of :math:`\mathrm{var}_m + E_m` at the last level. What is not yet known of a pair is measured by the
running :math:`\Sigma_m`, and what is noise by the :math:`\dot\Sigma_m` that is frozen while an episode lasts. With
:math:`2^M` of the order of the number of steps ever played the last level no longer matters, and with it goes the
horizon.

Source: Zhou and Gu (2022), algorithm 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels

_NOTHING = 1e-150
"""The square of less than this is no normal number."""


@njit(cache=True)
def moment_features(phi, value, successor, x, y, power):  # type: ignore[no-untyped-def]
    r"""Fill ``x[m]`` with the features of :math:`V^{2^m}` at a pair, and ``y[m]`` with its value at the next state.

    Parameters
    ----------
    phi : ndarray, shape (n_states, d)
        Features of the pair.
    value : ndarray, shape (n_states,)
        V, in [0, 1].
    successor : int
        The next state.
    x, y : ndarray, shapes (M, d) and (M,)
        Filled.
    power : ndarray, shape (n_states,)
        Overwritten.

    Returns
    -------
    int
        How many levels are not zero everywhere.
    """
    power[:] = value
    x[:], y[:] = 0.0, 0.0
    for m in range(x.shape[0]):
        kernels.value_features(phi, power, x[m])
        y[m] = power[successor]
        largest = 0.0
        for s in range(power.size):
            largest = max(largest, power[s])
            power[s] = power[s] * power[s] if power[s] > _NOTHING else 0.0
        if largest == 0.0:
            return m
    return x.shape[0]


@njit(cache=True)
def moment_variances(x, theta, frozen, running, beta, alpha, gamma, levels, variance):  # type: ignore[no-untyped-def]
    r"""Fill ``variance[m]`` with :math:`\sigma_m^2`, for the first levels.

    Parameters
    ----------
    x, theta : ndarray, shape (M, d)
        Features of the moments and the frozen estimates.
    frozen, running : ndarray, shape (M, d, d)
        :math:`\dot\Sigma_m^{-1}` and :math:`\Sigma_m^{-1}`.
    beta, alpha, gamma : float
        Radius, least standard deviation, and the weight of what is unknown.
    levels : int
        How many to fill; features beyond them are zero.
    variance : ndarray, shape (M,)
        Filled.

    Examples
    --------
    Where all is known and nothing is noise, the floor remains:

    >>> import numpy as np
    >>> x, known, variance = np.array([[0.5], [0.25]]), np.zeros((2, 1, 1)), np.empty(2)
    >>> moment_variances(x, np.ones((2, 1)), known, known, 1.0, 0.1, 1.0, 2, variance)
    >>> variance
    array([0.01, 1.  ])
    """
    last = x.shape[0] - 1
    width = beta * np.sqrt(kernels.squared_norm(frozen[0], x[0]))
    mean = min(max(kernels.dot(x[0], theta[0]), 0.0), 1.0)
    for m in range(levels):
        noise = 1.0
        if m < last:
            next_width = beta * np.sqrt(kernels.squared_norm(frozen[m + 1], x[m + 1]))
            next_mean = min(max(kernels.dot(x[m + 1], theta[m + 1]), 0.0), 1.0)
            noise = next_mean - mean * mean + min(1.0, 2.0 * width) + min(1.0, next_width)
            width, mean = next_width, next_mean
        unknown = gamma * gamma * np.sqrt(kernels.squared_norm(running[m], x[m]))
        variance[m] = max(unknown, noise, alpha * alpha)


@njit(cache=True)
def add_moments(x, y, variance, levels, gram, inverse, moment, work):  # type: ignore[no-untyped-def]
    """Add what a step tells each level, weighted by one over its variance; return the growth of the first log-det."""
    growth = 0.0
    for m in range(levels):
        weight = 1.0 / variance[m]
        grown = kernels.add_observation(inverse[m], moment[m], x[m], y[m], weight, work)
        kernels.add_outer(gram[m], x[m], weight)
        if m == 0:
            growth = grown
    return growth

r"""The scale at which a row tilted by :math:`e^{-\theta g}` is at a given relative entropy, by Newton's method.

With :math:`Z = E_p e^{-\theta g}` and the mean m and variance s of g in the tilted row,
:math:`\mathrm{KL} = -\theta m - \ln Z` and :math:`\mathrm{KL}' = \theta s`. Near :math:`\theta = 0` it is
:math:`\theta^2 s / 2`, so that the equation :math:`\sqrt{2 \mathrm{KL}} = \sqrt{2 \rho}` is almost linear: a handful
of steps, of one exponential for each entry, are enough unless the radius or the row is extreme. `tilting` takes the
last step with a relative entropy in which nothing cancels, checks what comes out, and searches if it is not good.
"""

from __future__ import annotations

import math

from numba import njit

_MOST_STEPS = 12
_CLOSE = 1e-8
_LEAST = 1e-14
_LARGEST_MOVE = 8.0
_LEAST_SQUARE = 1e-280  # smaller ones lose their digits


@njit(cache=True, nogil=True)
def scale_of_ball(weight, gap, rho):  # type: ignore[no-untyped-def]
    """Return the logarithm of b = 1 / theta at relative entropy rho, and how fast the latter falls with it.

    The second is 0 where Newton's method gave up.
    The relative entropy is a difference here, which is the less accurate the smaller it is.
    """
    mean, second = 0.0, 0.0
    for i in range(gap.size):
        mean += weight[i] * gap[i]
        second += weight[i] * gap[i] * gap[i]
    if not _LEAST_SQUARE < second < math.inf:
        return math.log(gap[gap.size - 1]), 0.0
    wanted = math.sqrt(2.0 * rho)
    theta = wanted / math.sqrt(max(second - mean * mean, _LEAST * second))
    for _ in range(_MOST_STEPS):
        z, mean, second = 0.0, 0.0, 0.0
        for i in range(gap.size):
            t = weight[i] * math.exp(-theta * gap[i])
            z += t
            mean += t * gap[i]
            second += t * gap[i] * gap[i]
        mean, second = mean / z, second / z
        found, variance = math.sqrt(2.0 * max(-theta * mean - math.log(z), 0.0)), second - mean * mean
        slope = theta * (theta * variance)
        if not (found > 0.0 and slope > 0.0):
            return -math.log(theta), 0.0
        move = (wanted - found) * found / slope
        theta *= min(max(1.0 + move, 1.0 / _LARGEST_MOVE), _LARGEST_MOVE)
        if abs(move) <= _CLOSE:
            break
    return -math.log(theta), theta * (theta * variance)

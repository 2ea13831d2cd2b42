r"""The worst kernels of Cressie and Read's divergences: one curve of tilted rows, and three questions about it.

Let g be the gaps of the values above their least one, on the support of the nominal row p. The kernel that minimises
:math:`E_\mu g + \lambda D_k(\mu \| p)` has density :math:`t = (f_k^*)'((\eta - g) / \lambda)`, where the multiplier
:math:`\eta` makes it sum to one. Written with its scale taken out, it is

.. math::

   t_b \propto \begin{cases} (1 + g / b)^{-1/(1-k)} & k < 1 \\ e^{-g / b} & k = 1 \\
   (1 - g / b)_+^{1/(k-1)} & k > 1 \end{cases}
   \qquad \lambda = |k - 1|\, b\, Z^{k-1} \;\; (b \text{ if } k = 1), \qquad
   \eta = \lambda f_k'(1 / Z),

with the normaliser :math:`Z = E_p[\text{right side}]`. As b grows from 0 to infinity, the row goes from the least value
to p: the weight :math:`\lambda(b)` and the mean grow, the divergence falls. So a penalty, a ball and the least budget
for a given mean each ask for one b, and Ridders' method (1979) finds it to rounding, on a logarithmic scale. For k > 1
the states with gaps below b are found first, and the scale is that of b minus the largest of them: for large k the mass
at that state is a high root of the difference. Weak and strong duality certify the answer: for *any* :math:`\eta` and
:math:`\lambda`, and any kernel that is allowed,

.. math::

   \eta - \lambda E_p f_k^*\big((\eta - g) / \lambda\big) \;[\, - \lambda\rho \,]
   \;\le\; \text{optimum} \;\le\; E_\mu g \;[\, + \lambda D_k(\mu \| p) \,] .

All is computed from ln t, so that nothing cancels for weights, radii and probabilities of extreme size.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from rltheory.robust import relative_entropy
from rltheory.robust.bracketing import narrowed, point_of_ridders

_WEIGHT, _DIVERGENCE, _MEAN = 0, 1, 2
_MOST_STEPS = 200
_ROUNDING = 4e-16
_SERIES = 0.05  # where (1 + k) |t - 1| is smaller, the terms of f cancel, and nine of its series are exact to rounding
_LEAST_LOG = -650.0
_LEAST_FLOAT = 5e-324
_CLOSE = 1e-14
_MOST_REFINEMENTS = 3
_NEAR = 0.01


@njit(cache=True, nogil=True)
def power_ratio(power, log_t):  # type: ignore[no-untyped-def]
    """Return (t^power - 1) / power, and ln t for power 0."""
    return log_t if power == 0.0 else math.expm1(power * log_t) / power


@njit(cache=True, nogil=True)
def f_of(k, log_t):  # type: ignore[no-untyped-def]
    """Return f_k(t), without cancellation near t = 1, k = 0 and k = 1."""
    if log_t == -np.inf:
        return 1.0 / k if k > 0.0 else np.inf
    u = math.expm1(log_t)
    if (1.0 + k) * abs(u) < _SERIES:
        total, coefficient = 0.0, 1.0
        for j in range(2, 11):  # the sum of binomial(k - 2, j - 2) u^j / (j (j - 1))
            total += coefficient / (j * (j - 1))
            coefficient *= (k - j) / (j - 1) * u
        return total * u * u
    if k < 0.5:
        return (u - power_ratio(k, log_t)) / (1.0 - k)
    t = 1.0 + u if u > -0.5 else math.exp(log_t)
    return (t * power_ratio(k - 1.0, log_t) - u) / k


@njit(cache=True, nogil=True)
def cressie_read(k, mu, p):  # type: ignore[no-untyped-def]
    """Return the divergence of mu from p, infinite if mu leaves the support of p."""
    total = 0.0
    for i in range(mu.size):
        if p[i] > 0.0:
            total += p[i] * f_of(k, math.log(mu[i] / p[i]) if mu[i] > 0.0 else -np.inf)
        elif mu[i] > 0.0:
            return np.inf
    return total


@njit(cache=True, nogil=True)
def tilt(k, anchor, log_delta, weight, gap, log_t):  # type: ignore[no-untyped-def]
    """Fill the logarithm of the density at b = anchor + delta on the curve; return ln b and ln Z.

    For k > 1 the anchor is the largest gap below b: what its state keeps depends on delta alone, however small.
    """
    delta = math.exp(log_delta)
    b = max(anchor + delta, _LEAST_FLOAT)
    log_b = log_delta if anchor == 0.0 else math.log(b)
    change = 0.0
    for i in range(gap.size):
        g = gap[i]
        if g == 0.0:
            log_tilt = 0.0
        elif k == 1.0:
            log_tilt = -g / b
        elif k < 1.0:
            log_tilt = math.log1p(g / b) / (k - 1.0)
        elif g > anchor:
            log_tilt = -np.inf
        elif g < 0.5 * b:
            log_tilt = math.log1p(-g / b) / (k - 1.0)
        elif g < anchor:
            log_tilt = math.log((anchor - g + delta) / b) / (k - 1.0)
        else:
            log_tilt = (log_delta - log_b) / (k - 1.0)
        log_t[i] = log_tilt
        change += weight[i] * math.expm1(log_tilt)
    log_z = math.log1p(change) if change > -0.5 else log_mean_exp(weight, log_t)
    for i in range(gap.size):
        log_t[i] -= log_z
    return log_b, log_z


@njit(cache=True, nogil=True)
def log_mean_exp(weight, exponent):  # type: ignore[no-untyped-def]
    """Return ln E exp(exponent), for exponents of at most 0 that are not all very small."""
    total = 0.0
    for i in range(weight.size):
        total += weight[i] * math.exp(exponent[i])
    return math.log(total)


@njit(cache=True, nogil=True)
def log_weight(k, log_b, log_z):  # type: ignore[no-untyped-def]
    """Return the logarithm of the weight of the penalty whose worst kernel is at b."""
    return log_b if k == 1.0 else math.log(abs(k - 1.0)) + log_b + (k - 1.0) * log_z


@njit(cache=True, nogil=True)
def mean_and_divergence(k, weight, gap, log_t):  # type: ignore[no-untyped-def]
    """Return E_mu g and the divergence of mu from the nominal row."""
    mean, divergence = 0.0, 0.0
    for i in range(gap.size):
        mean += weight[i] * math.exp(log_t[i]) * gap[i]
        divergence += weight[i] * f_of(k, log_t[i])
    return mean, divergence


@njit(cache=True, nogil=True)
def dual(k, lam, eta, weight, log_t):  # type: ignore[no-untyped-def]
    """Return eta - lam E f*((eta - g) / lam), with f*(f'(t)) = (t^k - 1) / k on the curve: for k = 1 of mean zero."""
    total = 0.0
    if k == 1.0:
        return eta
    for i in range(weight.size):
        total += weight[i] * (power_ratio(k, log_t[i]) if log_t[i] > -np.inf else -1.0 / k)
    return eta - lam * total


@njit(cache=True, nogil=True)
def exponentiate(log_t):  # type: ignore[no-untyped-def]
    """Turn logarithms of densities into densities, in place."""
    for i in range(log_t.size):
        log_t[i] = math.exp(log_t[i])


@njit(cache=True, nogil=True)
def log_excess(question, k, anchor, log_delta, target, weight, gap, density):  # type: ignore[no-untyped-def]
    """Return the logarithm of what the row at b has, over what is wanted, with the sign that makes it increase."""
    log_b, log_z = tilt(k, anchor, log_delta, weight, gap, density)
    if question == _WEIGHT:
        return log_weight(k, log_b, log_z) - math.log(target)
    mean, divergence = mean_and_divergence(k, weight, gap, density)
    found, sign = (divergence, -1.0) if question == _DIVERGENCE else (mean, 1.0)
    return sign * math.log(found / target) if found > 0.0 else -sign * np.inf


@njit(cache=True, nogil=True)
def block_below(question, k, target, weight, gap, density):  # type: ignore[no-untyped-def]
    """Return the last state whose gap is below the b that is looked for, by bisection; k > 1."""
    inside, outside = 0, gap.size
    while outside - inside > 1:
        middle = (inside + outside) // 2
        g = gap[middle]
        if g == 0.0 or log_excess(question, k, g, -np.inf, target, weight, gap, density) < 0.0:
            inside = middle
        else:
            outside = middle
    return inside


@njit(cache=True, nogil=True)
def find_on_curve(question, k, target, weight, gap, density):  # type: ignore[no-untyped-def]
    """Return anchor and ln delta of the row that has what is wanted (for a ball: from within); not all gaps are 0.

    The ends are moved apart until they enclose it, then Ridders' method follows.
    """
    last = gap.size - 1
    anchor, length = 0.0, gap[last]
    if k > 1.0:
        state = block_below(question, k, target, weight, gap, density)
        anchor = gap[state]
        length = gap[state + 1] - anchor if state < last else anchor
    high, step = math.log(length), 4.0
    low = high - step
    f_low = log_excess(question, k, anchor, low, target, weight, gap, density)
    f_high = log_excess(question, k, anchor, high, target, weight, gap, density)
    least = -np.inf if anchor > 0.0 else _LEAST_LOG
    while f_low > 0.0 and low > least:
        step *= 2.0
        low, high, f_high = max(low - step, least), low, f_low
        f_low = log_excess(question, k, anchor, low, target, weight, gap, density)
    while f_high < 0.0 and high < -_LEAST_LOG and (k <= 1.0 or anchor == gap[last]):
        step *= 2.0
        low, high, f_low = high, min(high + step, -_LEAST_LOG), f_high
        f_high = log_excess(question, k, anchor, high, target, weight, gap, density)
    if f_low > 0.0:
        return anchor, low
    for _ in range(_MOST_STEPS):
        if f_high <= _ROUNDING or high - low <= _ROUNDING * max(1.0, abs(high)):
            break
        middle = 0.5 * (low + high)
        f = log_excess(question, k, anchor, middle, target, weight, gap, density)
        x = point_of_ridders(low, high, f_low, f, f_high)
        low, high, f_low, f_high = narrowed(low, high, f_low, f_high, middle, f)
        if low < x < high:
            f = log_excess(question, k, anchor, x, target, weight, gap, density)
            low, high, f_low, f_high = narrowed(low, high, f_low, f_high, x, f)
    return anchor, high


@njit(cache=True, nogil=True)
def least_mass(weight, gap):  # type: ignore[no-untyped-def]
    """Return the mass at the least value; gaps increase from 0."""
    total = 0.0
    for i in range(gap.size):
        if gap[i] > 0.0:
            break
        total += weight[i]
    return min(total, 1.0)


@njit(cache=True, nogil=True)
def multiplier_of_sum(k, lam, log_z):  # type: ignore[no-untyped-def]
    """Return eta = lam f'(1 / Z)."""
    return lam * power_ratio(k - 1.0, -log_z)


@njit(cache=True, nogil=True)
def penalised(k, weight, gap, lam, density):  # type: ignore[no-untyped-def]
    """Fill the density of the worst kernel; return lower and upper end of the optimum, and eta."""
    anchor, log_delta = 0.0, math.log(lam)
    if k != 1.0:
        anchor, log_delta = find_on_curve(_WEIGHT, k, lam, weight, gap, density)
    _, log_z = tilt(k, anchor, log_delta, weight, gap, density)
    eta = multiplier_of_sum(k, lam, log_z)
    if k == 1.0:  # -lam ln E exp(-g / lam), in closed form
        exponentiate(density)
        return eta, eta, eta
    mean, divergence = mean_and_divergence(k, weight, gap, density)
    upper = mean + lam * divergence
    lower = dual(k, lam, eta, weight, density)
    exponentiate(density)
    return min(max(lower, 0.0), upper), upper, eta


@njit(cache=True, nogil=True)
def most_divergence(k, mass):  # type: ignore[no-untyped-def]
    """Return the divergence of the row that has gone to the least value, of the given mass."""
    rest = 1.0 - mass
    return mass * f_of(k, -math.log(mass)) + (rest * f_of(k, -np.inf) if rest > 0.0 else 0.0)


@njit(cache=True, nogil=True)
def at_least_value(weight, gap, mass, density):  # type: ignore[no-untyped-def]
    """Fill the density of the row that is all at the least value."""
    for i in range(gap.size):
        density[i] = 1.0 / mass if gap[i] == 0.0 else 0.0


@njit(cache=True, nogil=True)
def constrained(k, weight, gap, rho, density):  # type: ignore[no-untyped-def]
    """Fill the density of the worst kernel of a ball; return both ends of the optimum, and the price of the radius."""
    mass, spread = least_mass(weight, gap), gap[gap.size - 1]
    if spread == 0.0 or rho >= most_divergence(k, mass):
        at_least_value(weight, gap, mass, density)
        return 0.0, 0.0, 0.0
    log_b, log_z, upper = on_sphere(k, weight, gap, rho, density)
    lam = math.exp(log_weight(k, log_b, log_z))
    lower = dual(k, lam, multiplier_of_sum(k, lam, log_z), weight, density) - lam * rho
    exponentiate(density)
    return min(max(lower, 0.0), upper), upper, lam


@njit(cache=True, nogil=True)
def on_sphere(k, weight, gap, rho, log_t):  # type: ignore[no-untyped-def]
    """Fill the logarithm of the density at divergence rho; return ln b, ln Z and the mean."""
    if k == 1.0:
        log_scale, slope = relative_entropy.scale_of_ball(weight, gap, rho)
        for _ in range(_MOST_REFINEMENTS):
            log_b, log_z = tilt(k, 0.0, log_scale, weight, gap, log_t)
            mean, divergence = mean_and_divergence(k, weight, gap, log_t)
            if abs(divergence - rho) <= _CLOSE * rho:
                return log_b, log_z, mean
            if not abs(divergence - rho) <= _NEAR * slope:
                break
            log_scale += (divergence - rho) / slope
    anchor, log_delta = find_on_curve(_DIVERGENCE, k, rho, weight, gap, log_t)
    log_b, log_z = tilt(k, anchor, log_delta, weight, gap, log_t)
    mean, _ = mean_and_divergence(k, weight, gap, log_t)
    return log_b, log_z, mean


@njit(cache=True, nogil=True)
def least_budget(k, weight, gap, wanted, density):  # type: ignore[no-untyped-def]
    """Fill the density of the nearest row with mean ``wanted`` in (0, nominal mean); return its divergence, price."""
    anchor, log_delta = find_on_curve(_MEAN, k, wanted, weight, gap, density)
    log_b, log_z = tilt(k, anchor, log_delta, weight, gap, density)
    _, divergence = mean_and_divergence(k, weight, gap, density)
    exponentiate(density)
    return divergence, math.exp(log_weight(k, log_b, log_z))

r"""How well data tell two worlds apart: relative entropies, and what they leave to chance.

:math:`\mathrm{KL}(P, Q) = E_P \ln(dP/dQ)`. To test P against Q is to choose an event A and to be wrong with
probabilities P(A) and Q(A^c); the least sum of the two is one minus the total variation of P and Q.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SHARP_BRETAGNOLLE_HUBER = 0.8359057675008524
r"""The largest c with :math:`P(A) + Q(A^c) \ge c\, e^{-\mathrm{KL}(P, Q)}` for all P, Q and A.

Relative entropy only shrinks when all but A is forgotten, so let :math:`P(A) = a` and :math:`Q(A^c) = b`. Inside the
square :math:`e^{-\mathrm{KL}} / (a + b)` is stationary only where :math:`a = 1 - 2b` and, with :math:`u = 1 - b`,
:math:`\ln\frac{2u}{2u - 1} = \frac1u`, whose difference is decreasing in u: once, at u = 0.6275005. On the border it
is at most 1. Its value there is 1/c."""


def kl_bernoulli(p: float, q: float) -> float:
    r"""Relative entropy of coins: :math:`p \ln\frac pq + (1-p) \ln\frac{1-p}{1-q}`; infinity where q forbids p.

    Examples
    --------
    >>> round(kl_bernoulli(0.5, 0.25), 6), kl_bernoulli(1.0, 1.0), kl_bernoulli(0.5, 0.0)
    (0.143841, 0.0, inf)
    """
    total = 0.0
    for mine, other, change in ((p, q, q - p), (1 - p, 1 - q, p - q)):
        if mine > 0 and abs(change) < mine / 2:  # a quotient near 1 has lost the digits that matter
            total -= mine * math.log1p(change / mine)
        elif mine > 0:
            total += mine * math.log(mine / other) if other > 0 else math.inf
    return max(total, 0.0)


def kl_gaussian(mean: float, other: float, sigma: float = 1.0) -> float:
    r"""Relative entropy of Gaussian laws of one deviation: :math:`(m - m')^2 / (2 \sigma^2)`.

    Without deviation the means are seen at once: 0 or infinity.

    Examples
    --------
    >>> kl_gaussian(0.0, 1.0), kl_gaussian(0.0, 1.0, sigma=0.0)
    (0.5, inf)
    """
    if mean == other:
        return 0.0
    return (mean - other) ** 2 / (2 * sigma**2) if sigma > 0 else math.inf


def bretagnolle_huber(kl: float, constant: float = 0.5) -> float:
    r"""Least sum of the two errors of any test: :math:`P(A) + Q(A^c) \ge \frac12 e^{-\mathrm{KL}(P, Q)}`.

    Bretagnolle and Huber (1979); Lattimore and Szepesvari (2020), theorem 14.2. The constant may be as large as
    `SHARP_BRETAGNOLLE_HUBER`.

    Examples
    --------
    >>> bretagnolle_huber(0.0), round(bretagnolle_huber(0.0, SHARP_BRETAGNOLLE_HUBER), 4)
    (0.5, 0.8359)
    """
    return constant * math.exp(-kl)


def bretagnolle_huber_distance(kl: float) -> float:
    r"""Largest total variation: :math:`\mathrm{TV}(P, Q) \le \sqrt{1 - e^{-\mathrm{KL}(P, Q)}}`, which is below 1.

    Bretagnolle and Huber (1979). By :math:`\int \sqrt{dP\,dQ} \ge e^{-\mathrm{KL}/2}` (Jensen) and
    :math:`(\int \sqrt{dP\,dQ})^2 \le 1 - \mathrm{TV}^2` (Cauchy and Schwarz). Pinsker's :math:`\sqrt{\mathrm{KL}/2}` is
    smaller where both worlds are near, and says nothing where KL is above 2.

    Examples
    --------
    >>> bretagnolle_huber_distance(0.0), round(bretagnolle_huber_distance(3.0), 4)
    (0.0, 0.9748)
    """
    return math.sqrt(-math.expm1(-kl))


def history_divergence(pulls: Any, divergences: Any) -> float:
    r"""Relative entropy of what a learner sees in two bandits: :math:`\sum_a E_\nu N_a\, \mathrm{KL}(\nu_a, \nu'_a)`.

    Lattimore and Szepesvari (2020), lemma 15.1. ``pulls`` are the mean pulls in the first bandit: only what is tried
    tells the bandits apart. An arm that is never pulled counts 0, however it differs.

    Examples
    --------
    >>> history_divergence([3.0, 0.0], [0.5, float("inf")])
    1.5
    """
    pulls, divergences = np.asarray(pulls, float), np.asarray(divergences, float)
    tried = pulls > 0
    return float(pulls[tried] @ divergences[tried])

r"""What theory promises of greedy choices: of sets, of items with random outcomes, and of one item from each part."""

from __future__ import annotations

import math

PARTITION_GREEDY = 0.5
r"""Part of the optimum that greedy reaches with one choice from each part, one after the other: $J \ge J^* / 2$.

Fisher, Nemhauser and Wolsey (1978); attained where step 0 may take x of worth 1 or y of worth $1 - \delta$ and step 1
has x alone: greedy 1, optimum $2 - \delta$.
"""


def cardinality_greedy(curvature: float = 1.0, choices: int | None = None) -> float:
    r"""Part of the optimum that greedy reaches with k free choices: $(1 - (1 - c/k)^k) / c$, above $(1 - e^{-c}) / c$.

    Which is $1 - (1 - 1/k)^k > 1 - 1/e$ for c = 1. Nemhauser, Wolsey and Fisher (1978), theorem 4.2; with curvature c
    Conforti and Cornuéjols (1984), theorem 2.3. By Golovin and Krause (2011), theorem 5, the part of c = 1 also holds
    of items with random outcomes: of what is left to gain, each choice gains one k-th.

    Parameters
    ----------
    curvature : float
        Total curvature c of F, in [0, 1].
    choices : int, optional
        Number k of choices, at least 1; by default any.

    Examples
    --------
    >>> round(cardinality_greedy(), 4), cardinality_greedy(0.0), cardinality_greedy(choices=2)
    (0.6321, 1.0, 0.75)
    """
    if curvature == 0 or choices == 1:
        return 1.0
    log_left = -curvature if choices is None else choices * math.log1p(-curvature / choices)
    return -math.expm1(log_left) / curvature


def greedy_optimum(value: float, first: float, factor: float) -> float:
    r"""Largest optimum that is consistent with what greedy reached: $J^* \le F_0 + (J - F_0) / \alpha$.

    The first state is everybody's, so that the promise is about the gains after it: $J - F_0 \ge \alpha (J^* - F_0)$.

    Parameters
    ----------
    value : float
        J of greedy, in reward units.
    first : float
        Expected worth of the first state, in reward units.
    factor : float
        The part that is promised, in (0, 1].

    Examples
    --------
    >>> greedy_optimum(3.0, 1.0, 0.5)
    5.0
    """
    return first + (value - first) / factor


def local_optimum() -> float:
    r"""Part of the optimum at any stationary point of a monotone DR-submodular function over a convex set: 1/2.

    Hassani, Soltanolkotabi and Karbasi (2017), theorem 4.2. In bandit dynamics J of policies that ignore the state is
    such a function of their probabilities.
    """
    return 0.5

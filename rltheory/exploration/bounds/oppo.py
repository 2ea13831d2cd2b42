r"""What mirror descent over policies loses to any fixed choice, whatever the adversary does.

Sources: Freund and Schapire (1999); Cai, Yang, Jin and Wang (2020).
"""

from __future__ import annotations

import math


def mirror_descent(n_actions: int, K: int, *, rate: float, largest: float) -> float:
    r"""Most that :math:`\sum_k \langle Q^k, \pi^* - \pi^k\rangle` can be: :math:`\ln A / \alpha + \alpha K L^2 / 8`.

    For Q in [0, L], and policies that start uniform and are multiplied by :math:`e^{\alpha Q^k}`.

    Parameters
    ----------
    n_actions, K : int
        Numbers of actions and of rounds.
    rate : float
        :math:`\alpha`.
    largest : float
        L.

    Examples
    --------
    >>> round(mirror_descent(2, 100, rate=0.2, largest=1.0), 3)
    5.966
    """
    return math.log(n_actions) / rate + rate * K * largest**2 / 8


def mirror_descent_rate(n_actions: int, K: int, *, largest: float) -> float:
    r"""Rate for which `mirror_descent` is least, :math:`\sqrt{8 \ln A / (K L^2)}`; that of two actions for one.

    Examples
    --------
    >>> round(mirror_descent_rate(2, 100, largest=1.0), 4)
    0.2355
    """
    return math.sqrt(8 * math.log(max(n_actions, 2)) / K) / largest

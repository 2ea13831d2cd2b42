r"""What theory promises of walks in graphs: recursive greedy, and walks around trees."""

from __future__ import annotations

import math


def recursive_greedy_depth(hops: int) -> int:
    r"""Depth of recursion that halves a walk of so many hops down to single hops: $\lceil \log_2 m \rceil$.

    Parameters
    ----------
    hops : int
        Number m of hops between nodes that count, at least 1.

    Examples
    --------
    >>> [recursive_greedy_depth(m) for m in (1, 2, 3, 4, 5)]
    [0, 1, 2, 2, 3]
    """
    return max(hops - 1, 0).bit_length()


def recursive_greedy(hops: int) -> float:
    r"""Part of the best walk's value that recursive greedy reaches, if deep enough: $1 / (1 + \lceil \log_2 m \rceil)$.

    Chekuri and Pál (2005), theorem 1, told by hops m instead of nodes $k = m + 1$. With a guess of the middle node and
    of the budget of the first half, $f_X(P) \ge f_X(P_1) + f_{X \cup P_1}(P_2) \ge (f_X(P_1^*) + f_{X \cup P}(P_2^*)) /
    L \ge (f_X(P^*) - f_X(P)) / L$ where each half has the factor 1 / L; so the factor of the whole is 1 / (1 + L).

    Parameters
    ----------
    hops : int
        Number m of hops between nodes that count on the best walk, at least 1.

    Examples
    --------
    >>> recursive_greedy(1), recursive_greedy(4)
    (1.0, 0.3333333333333333)
    """
    return 1 / (1 + recursive_greedy_depth(hops))


def orienteering_hardness(optimum: float, power: float = 1.0) -> float:
    r"""Growth of the factor that no polynomial algorithm beats, up to a constant: $\log^{1 - \epsilon} OPT$.

    Chekuri and Pál (2005), section 1, through group Steiner trees (Halperin and Krauthgamer 2003), unless NP has
    quasi-polynomial randomised algorithms. A model without chance is enough.

    Parameters
    ----------
    optimum : float
        Value of the best policy, in reward units, at least 1.
    power : float
        $1 - \epsilon$, below 1 in the theorem.

    Examples
    --------
    >>> orienteering_hardness(math.e)
    1.0
    """
    return math.log(optimum) ** power


def euler_tour(cost: int) -> int:
    r"""Steps that are enough to walk around a tree of so many edges, and so to see all its nodes: 2 c.

    Each edge is passed once in each direction. So a group Steiner tree of cost c becomes a walk of length 2 c that
    meets the same groups, which is how orienteering inherits its hardness (Halperin and Krauthgamer 2003; Chekuri and
    Pál 2005).

    Parameters
    ----------
    cost : int
        Sum c of the lengths of the tree's edges.

    Examples
    --------
    >>> euler_tour(3)
    6
    """
    return 2 * cost

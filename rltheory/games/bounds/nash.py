"""How many equilibria a game can have."""

from __future__ import annotations

from math import comb

from rltheory.models import ModelError


def most_vertices(dimension: int, facets: int) -> int:
    r"""Return the most vertices of a polytope: the upper bound theorem (McMullen 1970).

    .. math::

       \Phi(d, f) = \binom{f - \lceil d/2 \rceil}{\lfloor d/2 \rfloor}
       + \binom{f - \lfloor d/2 \rfloor - 1}{\lceil d/2 \rceil - 1}

    Parameters
    ----------
    dimension : int
        d, at least 1.
    facets : int
        f, more than d.

    Returns
    -------
    int

    Raises
    ------
    ModelError
        If there is no such polytope.

    Examples
    --------
    >>> most_vertices(3, 6)  # the cube
    8
    """
    if not 1 <= dimension < facets:
        raise ModelError(f"no polytope has dimension {dimension} and {facets} facets; f > d >= 1 is needed")
    low, high = dimension // 2, (dimension + 1) // 2
    return comb(facets - high, low) + comb(facets - low - 1, high - 1)


def most_equilibria(m: int, n: int) -> int:
    r"""Return a bound on the number of equilibria of a nondegenerate m x n game (Keiding 1997; von Stengel 2002).

    .. math:: \min\{\Phi(m, m + n),\, \Phi(n, m + n)\} - 1

    An equilibrium is a vertex of either best response polytope, with at most one partner in the other; and 0 is none.
    The bound is attained for 2 x 2 and 3 x 3 games, by 2^m - 1, and not for 4 x 4 (19, where 15 is the truth).

    Parameters
    ----------
    m, n : int
        Numbers of actions.

    Returns
    -------
    int

    Raises
    ------
    ModelError
        If a player has no action.

    Examples
    --------
    >>> most_equilibria(2, 2), most_equilibria(3, 3)
    (3, 7)
    """
    return min(most_vertices(m, m + n), most_vertices(n, m + n)) - 1

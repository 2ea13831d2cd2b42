r"""Is elimination cheap? It is if the states can be numbered so that moves lead to near numbers.

LU factors of a matrix whose entries are within w places of the diagonal stay within them, and cost about n w^2
operations (Golub and Van Loan 2013, section 4.3): nothing on a line, where w is 1 or 2, and far too much in a random
graph, where w is a part of n. The numbering of reverse Cuthill and McKee (1969; George and Liu 1981) goes through the
graph by breadth-first levels, and finds a narrow band if there is one to be found.

A state that nearly all others lead to, as where a walk is reset, would be near to everything. Such *hubs* are few and
are numbered last; k of them add k full rows and columns to the factors and leave the band of the others as
it is.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, csr_matrix

MOST_WORK = 1e9
_HUB = 10.0
_MOST_HUBS = 50


def narrow_band(P: csr_array, *, most_work: float = MOST_WORK) -> np.ndarray | None:
    """Return an order of the states in which sparse LU without reordering or pivoting is cheap, if one is found.

    Parameters
    ----------
    P : csr_array, shape (n, n)
        Only where its entries are matters. ``I - gamma P`` needs no pivoting if P is the kernel of a policy.
    most_work : float
        How many multiplications are cheap; a thousand million take about a second.

    Returns
    -------
    ndarray of int, shape (n,), or None
        ``P[order][:, order]`` is banded, but for few rows and columns at the end.

    Examples
    --------
    A walk, its states shuffled, is put in line again; a random graph has no line:

    >>> import mdps, numpy as np
    >>> shuffled = np.random.default_rng(0).permutation(1002)
    >>> walk = mdps.random_walk(1000).P[shuffled][:, shuffled]
    >>> order = narrow_band(walk)
    >>> half_bandwidth(walk[order][:, order])
    2
    >>> narrow_band(mdps.garnet(10_000, 1, 5, rng=0).P) is None
    True
    """
    from scipy.sparse.csgraph import reverse_cuthill_mckee  # takes long to import

    n = P.shape[0]
    hub = _hubs(P)
    n_hubs = int(hub.sum())
    if n_hubs > _MOST_HUBS:
        return None
    others = np.flatnonzero(~hub)
    inner = P[others][:, others] if n_hubs else P
    order = reverse_cuthill_mckee(csr_matrix(inner), symmetric_mode=False)
    width = half_bandwidth(inner, order) + n_hubs
    if float(n) * (width + 1.0) ** 2 > most_work:
        return None
    return np.concatenate([others[order], np.flatnonzero(hub)])


def half_bandwidth(P: csr_array, order: np.ndarray | None = None) -> int:
    """Return how far from the diagonal the entries of a square matrix are at most, its states renumbered by an order.

    Parameters
    ----------
    P : csr_array, shape (n, n)
    order : ndarray of int, shape (n,), optional
        The state to be numbered 0, then the one to be numbered 1, and so on; by default none is renumbered.

    Returns
    -------
    int

    Examples
    --------
    >>> half_bandwidth(csr_array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]))
    2
    >>> half_bandwidth(csr_array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), np.array([0, 2, 1]))
    1
    """
    place = np.empty(P.shape[0], dtype=np.int64)
    place[np.arange(place.size) if order is None else order] = np.arange(place.size)
    row = np.repeat(place, np.diff(P.indptr))
    return int(np.abs(row - place[P.indices]).max(initial=0))


def envelope(P: csr_array, order: np.ndarray) -> int:
    """Return how many places of a renumbered matrix elimination can fill, below the diagonal and on it.

    In each row those from the first entry to the diagonal, the matrix being taken for symmetric.

    Parameters
    ----------
    P : csr_array, shape (n, n)
    order : ndarray of int, shape (n,)
        As for `half_bandwidth`.

    Returns
    -------
    int

    References
    ----------
    George and Liu (1981), section 4.2.

    Examples
    --------
    >>> envelope(csr_array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), np.array([0, 2, 1]))
    5
    """
    place = np.empty(P.shape[0], dtype=np.int64)
    place[order] = np.arange(place.size)
    row, column = np.repeat(place, np.diff(P.indptr)), place[P.indices]
    first = np.arange(place.size)
    np.minimum.at(first, np.maximum(row, column), np.minimum(row, column))
    return int((np.arange(place.size) - first).sum()) + place.size


def _hubs(P: csr_array) -> np.ndarray:
    """Return the states with so many neighbours that no narrow band could have room for them."""
    n = P.shape[0]
    neighbours = np.diff(P.indptr) + np.bincount(P.indices, minlength=n)
    return neighbours > _HUB * np.sqrt(n)

r"""How far apart are two laws?

With distribution functions F, G and their inverses (quantile functions),

.. math::

   w_p = \Big( \int_0^1 |F^{-1}(u) - G^{-1}(u)|^p \, du \Big)^{1/p}, \qquad
   \ell_2 = \Big( \int (F(x) - G(x))^2 \, dx \Big)^{1/2}, \qquad
   \mathrm{ks} = \sup_x |F(x) - G(x)|.

The first is the cost of the best transport, which on the line moves quantiles to quantiles, and
:math:`w_1 = \int |F - G| \, dx`. Since :math:`|F - G| \le 1`, and by Cauchy and Schwarz over an interval of length R
that holds both laws,

.. math:: \ell_2^2 \le w_1 \le \sqrt{R}\, \ell_2, \qquad w_p \le w_q \quad (p \le q).

With one random reward and discount for both, the step :math:`X \mapsto R + \gamma X` brings laws closer by
:math:`\gamma` in every :math:`w_p` and by :math:`\sqrt\gamma` in :math:`\ell_2`, and no closer in ks (Bellemare, Dabney
and Rowland 2023, chapter 4). All are computed by merging sorted atoms or levels, with no error but rounding.
"""

from __future__ import annotations

import numpy as np

from rltheory.distributional.law import LEVEL_TOLERANCE, DiscreteLaw
from rltheory.models import ModelError


def wasserstein(law: DiscreteLaw, other: DiscreteLaw, p: float = 1.0) -> float:
    r"""Return :math:`w_p = (\int_0^1 |F^{-1} - G^{-1}|^p)^{1/p}`, in reward units.

    Parameters
    ----------
    law, other : DiscreteLaw
        Two laws.
    p : float
        At least 1; ``numpy.inf`` for the largest distance between quantiles. It ignores stretches of less than 1e-12 of
        mass, which may be rounding. For finite p they count, and rounding of the levels, about 1e-16, enters as
        1e-16 to the power 1/p.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If ``p < 1``.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.distributional import DiscreteLaw
    >>> coin, three = DiscreteLaw([0.0, 1.0]), DiscreteLaw([0.0, 1.0, 3.0], [0.5, 0.25, 0.25])
    >>> wasserstein(coin, three), wasserstein(coin, three, p=2), wasserstein(coin, three, p=np.inf)
    (0.5, 1.0, 2.0)
    """
    if not p >= 1:
        raise ModelError(f"p is {p}; it is at least 1 (numpy.inf is allowed)")
    mass, distance = _moves(law, other)
    if p == np.inf:
        return float(distance[mass > LEVEL_TOLERANCE].max())
    largest = float(distance.max()) or 1.0  # the powers of what is left neither overflow nor vanish
    return largest * float(mass @ (distance / largest) ** p) ** (1 / p)


def cramer(law: DiscreteLaw, other: DiscreteLaw) -> float:
    r"""Return :math:`\ell_2 = (\int (F - G)^2 dx)^{1/2}`, the Cramér distance, in square roots of reward units.

    Parameters
    ----------
    law, other : DiscreteLaw
        Two laws.

    Returns
    -------
    float

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> cramer(DiscreteLaw.point(0.0), DiscreteLaw([0.0, 4.0]))
    1.0
    """
    length, difference = _differences(law, other)
    return float(np.sqrt(length @ difference**2))


def kolmogorov(law: DiscreteLaw, other: DiscreteLaw) -> float:
    r"""Return :math:`\sup_x |F(x) - G(x)|`, a probability.

    Parameters
    ----------
    law, other : DiscreteLaw
        Two laws.

    Returns
    -------
    float

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> kolmogorov(DiscreteLaw.point(0.0), DiscreteLaw([0.0, 4.0]))
    0.5
    """
    return float(np.abs(_differences(law, other)[1]).max(initial=0.0))


def _moves(law: DiscreteLaw, other: DiscreteLaw) -> tuple[np.ndarray, np.ndarray]:
    """Return the masses that the best transport moves, and how far it moves each of them."""
    ends, other_ends = law.cumulative, other.cumulative
    levels = np.union1d(ends, other_ends)
    x = law.atoms[np.searchsorted(ends, levels)]
    y = other.atoms[np.searchsorted(other_ends, levels)]
    return np.diff(levels, prepend=0.0), np.abs(x - y)


def _differences(law: DiscreteLaw, other: DiscreteLaw) -> tuple[np.ndarray, np.ndarray]:
    """Return the lengths of the intervals between all atoms, and F - G on each."""
    places = np.union1d(law.atoms, other.atoms)
    return np.diff(places), (law.cdf(places) - other.cdf(places))[:-1]

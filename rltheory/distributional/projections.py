r"""Laws with few atoms in place of laws with many: the categorical and the quantile projection.

**Categorical.** The mass at y between neighbours :math:`z_i \le y \le z_{i+1}` of a fixed support is shared between
them,

.. math::

   \Pi_C \delta_y = \frac{z_{i+1} - y}{z_{i+1} - z_i} \, \delta_{z_i}
                    + \frac{y - z_i}{z_{i+1} - z_i} \, \delta_{z_{i+1}},

and :math:`\Pi_C` is linear in the law. On each cell of the support the distribution function becomes its average over
the cell. So :math:`\Pi_C` keeps the mean, is the orthogonal projection in :math:`\ell_2`, and brings no two laws
further apart in :math:`\ell_2`, in :math:`w_1` or in ks (it may in :math:`w_\infty`). Sharing a mass is a
mean-preserving spread: :math:`E f(\Pi_C X) \ge E f(X)` for convex f, and CVaR, or any concave expected utility, can
only fall: what is computed on a grid is a certified lower bound. Distances are

.. math:: w_1(\Pi_C \nu, \nu) \le \Delta / 2, \qquad \ell_2^2(\Pi_C \nu, \nu) \le \Delta / 4

for cells of length at most :math:`\Delta`, attained by a point in the middle of a cell
(Rowland, Bellemare, Dabney, Munos and Teh 2018).

**Quantile.** :math:`\Pi_Q` puts m atoms of equal mass at the quantiles of level :math:`(2i - 1) / (2m)`. No m equal
atoms are closer in :math:`w_1`, and over an interval of length R, :math:`w_1(\Pi_Q \nu, \nu) \le R / (2m)`. No two laws
come further apart in :math:`w_\infty`. But they may in :math:`w_1` and in :math:`\ell_2`, and the mean is not kept
(Dabney, Rowland, Bellemare and Munos 2018).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.models import ModelError

_ROUNDING = 1e-12


def project_categorical(law: DiscreteLaw, support: Any, *, clip: bool = False) -> DiscreteLaw:
    r"""Share the mass of each atom between the two nearest points of a support.

    Parameters
    ----------
    law : DiscreteLaw
        Any law within the support.
    support : array_like, shape (m,)
        Increasing, in reward units; steps may differ.
    clip : bool
        Whether what is outside goes to the ends. The mean is then not kept, and nor are the bounds that rest on it.
        Rounding, up to 1e-12 times the largest number of the support, is no outside.

    Returns
    -------
    DiscreteLaw
        On those points of the support that get mass.

    Raises
    ------
    ModelError
        If the support is not increasing, or the law lies outside.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> project_categorical(DiscreteLaw([0.5, 3.0]), [0.0, 2.0, 4.0])
    DiscreteLaw({0: 0.375, 2: 0.375, 4: 0.25})
    """
    z = _checked_support(support)
    least, most, room = law.atoms[0], law.atoms[-1], _ROUNDING * np.abs(z).max()
    if not clip and (least < z[0] - room or most > z[-1] + room):
        raise ModelError(
            f"the law lies in [{least:g}, {most:g}], outside the support [{z[0]:g}, {z[-1]:g}]; "
            "a wider support keeps the mean, clip=True does not"
        )
    y = np.clip(law.atoms, z[0], z[-1])
    above = np.searchsorted(z, y)
    below = np.maximum(above - 1, 0)
    share = np.divide(z[above] - y, z[above] - z[below], out=np.zeros_like(y), where=above > below)
    mass = np.bincount(below, law.prob * share, z.size) + np.bincount(above, law.prob * (1 - share), z.size)
    return DiscreteLaw(z, mass)


def project_quantile(law: DiscreteLaw, m: int) -> DiscreteLaw:
    r"""Put m equal atoms at the lower quantiles of level :math:`(2i - 1) / (2m)`, i = 1..m.

    Parameters
    ----------
    law : DiscreteLaw
        Any law.
    m : int
        Number of atoms; equal ones are merged.

    Returns
    -------
    DiscreteLaw

    Raises
    ------
    ModelError
        If ``m < 1``.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> project_quantile(DiscreteLaw([0.0, 1.0, 5.0], [0.5, 0.375, 0.125]), 2)
    DiscreteLaw({0: 0.5, 1: 0.5})
    """
    if m < 1:
        raise ModelError(f"m is {m}; at least one atom is needed")
    return DiscreteLaw(law.quantile((2 * np.arange(m) + 1) / (2 * m)))


def _checked_support(support: Any) -> np.ndarray:
    z = np.asarray(support, dtype=np.float64)
    if z.ndim != 1 or z.size == 0 or not np.isfinite(z).all():
        raise ModelError(f"support has shape {z.shape}; it is a list of finite numbers")
    steps = np.diff(z)
    if not (steps > 0).all():
        worst = int(np.argmin(steps > 0))
        raise ModelError(f"support[{worst + 1}] = {z[worst + 1]:g} follows {z[worst]:g}; a support increases")
    return z

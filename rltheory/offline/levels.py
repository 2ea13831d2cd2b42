r"""From the signed measures of a regression to distributions, for functionals that need them.

For values v and a signed measure :math:`\hat\mu_i` let :math:`\hat F_i(x) = 1 - \hat\mu_i \{v > x\}` be its
distribution function over values: a mass that the ridge has taken away is put at the bottom. Its largest value so far,

.. math::

   \tilde F_i(x) = \max_{y \le x} \mathrm{clip}(\hat F_i(y), 0, 1),

is that of a distribution. If :math:`\hat F_i` is off by at most :math:`\varepsilon_i` everywhere, so is
:math:`\tilde F_i`, because the truth is nondecreasing: nothing is lost, and every worst case of a distribution can then
be taken exactly.
"""

from __future__ import annotations

import numpy as np

_ROUNDING = 1e-12


def laws_of_levels(factors: np.ndarray, v: np.ndarray, bottom: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels of v, and for each signed measure a distribution over them.

    Parameters
    ----------
    factors : ndarray, shape (d, n_states)
        Signed measures.
    v : ndarray, shape (n_states,)
        Values.
    bottom : float
        Value at which missing mass is put; if it is above the least of v, that.

    Returns
    -------
    levels : ndarray, shape (k,)
        The bottom and all different values, ascending.
    laws : ndarray, shape (d, k)
        Distributions.

    Examples
    --------
    >>> import numpy as np
    >>> laws_of_levels(np.array([[0.5, 0.7, -0.2]]), np.array([0.0, 2.0, 1.0]), bottom=0.0)
    (array([0., 1., 2.]), array([[0.5, 0. , 0.5]]))
    """
    levels, place = np.unique(np.append(v, min(bottom, v.min())), return_inverse=True)
    missing = 1 - factors.sum(axis=1)
    masses = np.column_stack([factors, np.where(np.abs(missing) <= _ROUNDING, 0.0, missing)])
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(levels.size))
    below = np.cumsum(np.add.reduceat(masses[:, order], first, axis=1), axis=1)
    below = np.maximum.accumulate(np.clip(below, 0.0, 1.0), axis=1)
    below[:, -1] = 1.0
    return levels, np.diff(below, axis=1, prepend=0.0)

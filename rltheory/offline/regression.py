r"""Ridge regression of one step, and what it says of the unknown factors.

With the Gram matrix and the counts N of a step,

.. math::

   \Lambda = \sum_\tau \phi_\tau \phi_\tau^\top + \gamma I, \qquad
   \hat\mu = \Lambda^{-1} \Phi^\top N, \qquad
   \hat\mu_i g = \Big[ \Lambda^{-1} \sum_\tau \phi_\tau\, g(s'_\tau) \Big]_i ,

so that one signed measure for each factor holds the regression of *every* function g of the next state. The two
measures of uncertainty are :math:`\sqrt{(\Lambda^{-1})_{ii}}` for a factor and
:math:`\|\phi\|_{\Lambda^{-1}} = \sqrt{\phi^\top \Lambda^{-1} \phi}` for a pair. The ``ridge`` :math:`\gamma` is the
regression's own and has nothing to do with the weight ``lam`` of a divergence.

Both are linear in the counts, which need not be whole: a regression whose transitions have the weights
:math:`1 / \sigma^2(s, a)` is that of the counts divided by :math:`\sigma^2` (`Tally.weighted`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.offline.tally import Tally


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """The ridge regression of one step, factored once; made by `regress`.

    Parameters
    ----------
    phi : ndarray, shape (n_pairs, d)
        Features.
    cholesky : ndarray, shape (d, d)
        Lower triangle with ``cholesky @ cholesky.T`` the Gram matrix.
    factors : ndarray, shape (d, n_states)
        The estimated factors, signed measures.
    sampled : ndarray of int
        Next states with a positive count.
    ridge : float
        Constant on the diagonal of the Gram matrix.
    """

    phi: np.ndarray
    cholesky: np.ndarray
    factors: np.ndarray
    sampled: np.ndarray
    ridge: float

    def weights(self, sums: np.ndarray) -> np.ndarray:
        r"""Return :math:`\Lambda^{-1} \Phi^\top y` for sums y of targets over each pair, shape (n_pairs,)."""
        from scipy.linalg import cho_solve

        return cho_solve((self.cholesky, True), self.phi.T @ sums)

    def inverse_diagonal(self) -> np.ndarray:
        r"""Return the diagonal of :math:`\Lambda^{-1}`, shape (d,)."""
        return np.square(self._whitened(np.eye(self.phi.shape[1]))).sum(axis=0)

    def log_determinant(self) -> float:
        r"""Return :math:`\ln\det(\Lambda / \gamma)`, what data have added to the volume."""
        return float(2 * np.log(np.diag(self.cholesky)).sum() - len(self.cholesky) * np.log(self.ridge))

    def elliptical_norms(self) -> np.ndarray:
        r"""Return :math:`\|\phi\|_{\Lambda^{-1}}` of every pair, shape (n_pairs,)."""
        return np.sqrt(np.square(self._whitened(self.phi.T)).sum(axis=0))

    def _whitened(self, columns: np.ndarray) -> np.ndarray:
        from scipy.linalg import solve_triangular

        return solve_triangular(self.cholesky, columns, lower=True)


def regress_steps(tally: Tally, phi: np.ndarray, ridge: float) -> list[Regression]:
    """Return the regression of every step."""
    return [regress(phi, counts, ridge) for counts in tally.counts]


def checked_ridge(ridge: float) -> float:
    """Return the constant of a regression, a positive number."""
    if not 0 < ridge < np.inf:
        raise ModelError(f"ridge is {ridge!r}; it must be a positive number")
    return float(ridge)


def regress(phi: np.ndarray, counts: Any, ridge: float) -> Regression:
    """Return the ridge regression of one step.

    Parameters
    ----------
    phi : ndarray, shape (n_pairs, d)
        Features.
    counts : array_like or sparse array, shape (n_pairs, n_states)
        How often each pair led to each state.
    ridge : float
        Constant added to the diagonal of the Gram matrix, above 0.

    Returns
    -------
    Regression

    Raises
    ------
    ModelError
        If the ridge is not a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.offline import regress
    >>> regression = regress(np.eye(2), np.array([[3.0, 0.0], [1.0, 2.0]]), ridge=1.0)
    >>> regression.factors
    array([[0.75, 0.  ],
           [0.25, 0.5 ]])
    >>> regression.inverse_diagonal()
    array([0.25, 0.25])
    """
    from scipy.linalg import cho_solve
    from scipy.sparse import csr_array

    ridge = checked_ridge(ridge)
    counts = csr_array(counts)
    visits = counts.sum(axis=1)
    cholesky = np.linalg.cholesky(phi.T @ (visits[:, None] * phi) + ridge * np.eye(phi.shape[1]))
    factors = cho_solve((cholesky, True), (counts.T @ phi).T)
    sampled = np.unique(counts.indices[counts.data > 0])
    return Regression(phi, cholesky, factors, sampled, ridge)

r"""Linear relaxations of set functions: what a path can earn if only the number of its visits counts.

With $n_v$ the visits to element v, many a function is the optimum of a small linear program in amounts y,

.. math:: F(A) \;\le\; \max\,\{\, q \cdot y \;:\; 0 \le y \le u,\;\; G y \le B n + b \,\},

since n = 1 on A satisfies it. The families of this wing:

* coverage: item j is covered by as much as it is visited, $y_j \le \sum_{v \in C_j} n_v$, $y_j \le 1$;
* budget-additive: an element is collected at most once, $x_v \le n_v$, $x_v \le 1$, and of kind k counts
  $z_k \le \sum_v a_{vk} x_v$, $z_k \le D_k$;
* facility location: customer j is served by one element at most, $\sum_v y_{jv} \le 1$, and $y_{jv} \le n_v$.

Any multipliers $\lambda \ge 0$ of its rows give an additive majorant (weak duality):

.. math:: F(A) \;\le\; \lambda \cdot b + \sum_j u_j \big(q_j - (G^\top \lambda)_j\big)_+
          + \sum_{v \in A} (B^\top \lambda)_v .
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from rltheory.models import CriterionError, ModelError
from rltheory.planning.rounding import growth, outward
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.relaxation.majorant import Majorant

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class LinearRelaxation:
    """The program ``max q y`` such that ``0 <= y <= u`` and ``G y <= B n + b``, for any visits n.

    Parameters
    ----------
    worth : ndarray, shape (n_amounts,)
        q, in reward units for each unit of an amount.
    most : ndarray, shape (n_amounts,)
        u.
    use : csr_array, shape (n_rows, n_amounts)
        G.
    supply : csr_array, shape (n_rows, n_elements)
        B, non-negative: what a visit allows.
    free : ndarray, shape (n_rows,)
        b, what is allowed without any visit.
    """

    worth: np.ndarray
    most: np.ndarray
    use: csr_array
    supply: csr_array
    free: np.ndarray

    def majorant(self, multipliers: np.ndarray) -> Majorant:
        """Return the additive majorant of any multipliers, rounded up.

        Parameters
        ----------
        multipliers : ndarray, shape (n_rows,)
            What one more unit of each row would be worth; negative ones count as zero.

        Returns
        -------
        Majorant

        Raises
        ------
        ModelError
            If multipliers have the wrong shape or are not finite.
        """
        price = np.maximum(np.asarray(multipliers, dtype=np.float64), 0.0)
        if price.shape != self.free.shape or not np.isfinite(price).all():
            raise ModelError(
                f"multipliers have shape {price.shape}; they must be finite and of shape {self.free.shape}"
            )
        longest = int(np.bincount(self.use.indices, minlength=self.most.size).max())
        # What rounding takes from the difference is a part of both its terms, not of the difference.
        size = np.abs(self.use).T @ price + np.abs(self.worth)
        left = np.maximum(self.worth - self.use.T @ price + outward(growth(longest + 2.0) * size, longest), 0.0)
        constant = outward(float(self.free @ price + self.most @ left), price.size + left.size)
        weight = outward(self.supply.T @ price, price.size)
        return Majorant(constant, weight)


@singledispatch
def linear_relaxation(F: Any) -> LinearRelaxation:
    """Return the linear relaxation of a set function.

    Parameters
    ----------
    F : Coverage, BudgetAdditive or FacilityLocation
        The function.

    Returns
    -------
    LinearRelaxation

    Raises
    ------
    CriterionError
        If the family has none here.

    Examples
    --------
    >>> program = linear_relaxation(Coverage.from_sets([[0, 1], [1]], weights=[1.0, 2.0]))
    >>> majorant = program.majorant(np.array([1.0, 0.0]))
    >>> round(majorant.constant, 9), majorant.weight.round(9)
    (2.0, array([1., 0.]))
    """
    raise CriterionError(
        f"{type(F).__name__} has no linear relaxation here; frank_wolfe_bound takes log-determinants, and oracle_bound"
        " any monotone submodular function"
    )


@linear_relaxation.register
def _coverage(F: Coverage) -> LinearRelaxation:
    each = sp.eye_array(F.n_items, format="csr")
    return LinearRelaxation(F.weights, np.ones(F.n_items), each, sp.csr_array(F.covers.T), np.zeros(F.n_items))


@linear_relaxation.register
def _budget_additive(F: BudgetAdditive) -> LinearRelaxation:
    n, kinds = F.n_elements, F.n_kinds
    collected = sp.eye_array(n, n + kinds, format="csr")
    counted = sp.hstack([-F.amounts.T, sp.eye_array(kinds)])
    return LinearRelaxation(
        np.concatenate([np.zeros(n), np.ones(kinds)]),
        np.concatenate([np.ones(n), F.budgets]),
        sp.csr_array(sp.vstack([collected, counted])),
        sp.csr_array(sp.eye_array(n + kinds, n)),
        np.zeros(n + kinds),
    )

r"""Linear relaxations of set functions: what a path can earn if only the number of its visits counts.

With $n_v$ the visits to element v, many a function is the optimum of a small linear program in amounts y,

.. math:: F(A) \;\le\; \max\,\{\, q \cdot y \;:\; 0 \le y \le u,\;\; G y \le B n + b \,\},

since n = 1 on A satisfies it. The families of this wing:

* coverage: item j is covered by as much as it is visited, $y_j \le \sum_{v \in C_j} n_v$, $y_j \le 1$ (with
  probabilities as coefficients, if an element covers it with a probability);
* budget-additive: an element is collected at most once, $x_v \le n_v$, $x_v \le 1$, and of kind k counts
  $z_k \le \sum_v a_{vk} x_v$, $z_k \le D_k$;
* facility location: customer j is served by one element at most, $\sum_v y_{jv} \le 1$, and $y_{jv} \le n_v$;
* sums, functions of visits, and truncations of these.

Any multipliers $\lambda \ge 0$ of its rows give an additive majorant (weak duality):

.. math:: F(A) \;\le\; \lambda \cdot b + \sum_j u_j \big(q_j - (G^\top \lambda)_j\big)_+
          + \sum_{v \in A} (B^\top \lambda)_v .
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from rltheory.models import CriterionError, ModelError
from rltheory.planning.rounding import growth, outward
from rltheory.submodular.functions.algebra import Pullback, Truncation, WeightedSum
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage
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

    def value(self, visits: np.ndarray) -> float:
        """Return the optimum of the program at visits of shape (n_elements,), in reward units, as HiGHS finds it."""
        from scipy.optimize import linprog

        if self.worth.size == 0:  # nothing can be collected, and HiGHS takes no program without variables
            return 0.0
        supply = self.supply @ visits + self.free
        bounds = np.stack([np.zeros(self.most.size), self.most], axis=1)
        found = linprog(-self.worth, A_ub=self.use, b_ub=supply, bounds=bounds, method="highs")
        if not found.success:
            raise CriterionError(f"HiGHS failed on the relaxation at these visits ({found.message})")
        return float(-found.fun)

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
        longest = int(np.bincount(self.use.indices, minlength=self.most.size).max(initial=0))
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
    F : Coverage, ProbabilisticCoverage, BudgetAdditive, FacilityLocation, Modular, WeightedSum, Pullback or Truncation
        The function; of the last three, made of functions that have one.

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
    most = F.amounts.copy()  # one element earns no more than a budget, so that this bound is below the sum of its gains
    most.data = np.minimum(most.data, F.budgets[most.indices])
    counted = sp.hstack([-most.T, sp.eye_array(kinds)])
    return LinearRelaxation(
        np.concatenate([np.zeros(n), np.ones(kinds)]),
        np.concatenate([np.ones(n), F.budgets]),
        sp.csr_array(sp.vstack([collected, counted])),
        sp.csr_array(sp.eye_array(n + kinds, n)),
        np.zeros(n + kinds),
    )


@linear_relaxation.register
def _probabilistic(F: ProbabilisticCoverage) -> LinearRelaxation:
    each = sp.eye_array(F.n_items, format="csr")
    return LinearRelaxation(F.weights, np.ones(F.n_items), each, sp.csr_array(F.prob.T), np.zeros(F.n_items))


@linear_relaxation.register
def _modular(F: Modular) -> LinearRelaxation:
    each = sp.eye_array(F.n_elements, format="csr")
    return LinearRelaxation(F.weights, np.ones(F.n_elements), each, each, np.zeros(F.n_elements))


@linear_relaxation.register
def _facility_location(F: FacilityLocation) -> LinearRelaxation:
    element, customer = np.nonzero(F.benefits)
    amounts = np.arange(element.size)
    ones = np.ones(element.size)
    served = sp.csr_array((ones, (customer, amounts)), shape=(F.n_customers, element.size))
    serves = sp.csr_array((ones, (amounts, element)), shape=(element.size, F.n_elements))
    return LinearRelaxation(
        F.benefits[element, customer],
        ones,
        sp.csr_array(sp.vstack([sp.eye_array(element.size), served])),
        sp.csr_array(sp.vstack([serves, sp.csr_array((F.n_customers, F.n_elements))])),
        np.concatenate([np.zeros(element.size), np.ones(F.n_customers)]),
    )


@linear_relaxation.register
def _sum(F: WeightedSum) -> LinearRelaxation:
    parts = [linear_relaxation(part) for part in F.functions]
    return LinearRelaxation(
        np.concatenate([c * part.worth for c, part in zip(F.weights, parts, strict=True)]),
        np.concatenate([part.most for part in parts]),
        sp.block_diag([part.use for part in parts], format="csr"),
        sp.vstack([part.supply for part in parts], format="csr"),
        np.concatenate([part.free for part in parts]),
    )


@linear_relaxation.register
def _pullback(F: Pullback) -> LinearRelaxation:
    inner = linear_relaxation(F.F)
    return replace(inner, supply=sp.csr_array(inner.supply[:, F.image]))


@linear_relaxation.register
def _truncation(F: Truncation) -> LinearRelaxation:
    inner = linear_relaxation(F.F)
    rows, amounts = inner.use.shape
    counted = sp.csr_array(np.append(-inner.worth, 1.0)[None])
    return LinearRelaxation(
        np.append(np.zeros(amounts), 1.0),
        np.append(inner.most, F.cap),
        sp.csr_array(sp.vstack([sp.hstack([inner.use, sp.csr_array((rows, 1))]), counted])),
        sp.csr_array(sp.vstack([inner.supply, sp.csr_array((1, inner.supply.shape[1]))])),
        np.append(inner.free, 0.0),
    )

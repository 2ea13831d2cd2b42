r"""Laws at the nodes of an unfolded model: what the algorithms of distributional control compute with.

In absolute bookkeeping the return-distribution Bellman operator is a mixture and nothing else: the law of
:math:`c_0 + G` given a node and an action is

.. math:: \nu(k, a) = \sum_{k'} P(k' \mid k, a)\, \nu(k'), \qquad \nu(k) = \delta_{b_H(k)} \text{ in the last layer},

so that atoms are never added up or multiplied, and are exact. In rescaled bookkeeping the same law is that of
:math:`\gamma^t (c_t + G_t)`, and :math:`K(c_t + G_t)` is K of it, divided by :math:`\gamma^t`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rltheory.distributional.bounds.control import start_distance, value_iteration_error, value_iteration_sweeps
from rltheory.distributional.functional import Functional
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.distributional.requirements import Convention, missing_axiom, require_bookkeeping, require_lipschitz
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Unfolded, unfold, without_rounding
from rltheory.models import CriterionError, ModelError, OutcomeModel


@dataclass(frozen=True, slots=True, eq=False)
class LawProblem:
    """A functional to be maximised over policies on the nodes of an unfolded model.

    Parameters
    ----------
    unfolded : Unfolded
        The nodes.
    functional : Functional
        K, larger is better.
    convention : {"rescaled", "absolute"}
        Whether K is asked about ``c_t + G_t`` or about ``c_0 + G``.
    stock : float
        Stock at the start, in reward units.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``.
    tail : float
        What is taken for the discounted return after the last layer, in units of step 0.
    error : float
        How far K may be wrong because of that.
    proven : bool
        Whether K satisfies the axioms.
    """

    unfolded: Unfolded
    functional: Functional
    convention: Convention
    stock: float
    start: int | None
    tail: float
    error: float
    proven: bool

    @property
    def atoms(self) -> np.ndarray:
        """The absolute stock of each last node, with what comes after it."""
        return without_rounding(self.unfolded.layers[-1].stock + self.tail)

    def last_laws(self) -> list[DiscreteLaw]:
        """Return the laws of the last layer: constants."""
        return [DiscreteLaw.point(x) for x in self.atoms.tolist()]

    def row_laws(self, t: int, following: Sequence[DiscreteLaw]) -> list[DiscreteLaw]:
        """Return the law of each row of step t, given those of the next layer's nodes."""
        prob, successor = self.unfolded.prob(t), self.unfolded.layers[t].successor
        return [mixture([following[k] for k in nodes], p) for nodes, p in zip(successor.tolist(), prob, strict=True)]

    def worth(self, t: int, law: DiscreteLaw) -> float:
        """Return K of a law met at step t, in the problem's bookkeeping."""
        rescales = self.convention == "rescaled" and t > 0
        return float(self.functional(law.scale(self.unfolded.model.gamma**-t) if rescales else law))

    def outcome(self, policy: StockPolicy) -> tuple[float, DiscreteLaw]:
        """Return K of the law of ``c_0 + G`` under a policy, and the law of G."""
        law = DiscreteLaw(self.atoms, policy.masses(self.start)[-1])
        return float(self.functional(law)), DiscreteLaw(without_rounding(law.atoms - self.stock), law.prob)


def law_problem(
    model: OutcomeModel,
    functional: Functional,
    *,
    H: int | None,
    stock: float,
    start: int | None,
    convention: Convention,
    tol: float,
    unproven: bool,
    max_nodes: int,
) -> LawProblem:
    """Check that a functional can be optimised, and unfold the model as far as is needed.

    Parameters are those of `distributional_value_iteration`, which says what is raised.

    Returns
    -------
    LawProblem
    """
    require_bookkeeping(model, H, convention)
    if not np.isfinite(stock) or np.ndim(stock) != 0:
        raise ModelError(f"stock is {stock}; it must be a finite number")
    if not tol > 0:
        raise ModelError(f"tol is {tol}; it must be positive")
    reason = missing_axiom(functional, model.gamma, convention)
    if reason and not unproven:
        raise CriterionError(reason)
    tail = error = 0.0
    if H is None:
        H, tail, error = _enough_steps(model, functional, tol)
    unfolded = unfold(model, H, start=start, stock=stock, max_nodes=max_nodes)
    return LawProblem(unfolded, functional, convention, float(stock), start, tail, error, reason is None)


def _enough_steps(model: OutcomeModel, functional: Functional, tol: float) -> tuple[int, float, float]:
    """Return how many steps prove a gap of ``tol``, what is taken for the rest, and the error of that."""
    rewards = model.reward[model.prob > 0]
    least, largest = float(rewards.min()), float(rewards.max())
    gamma, middle = model.gamma, (least + largest) / 2 / (1 - model.gamma)
    constant = require_lipschitz(functional, (largest - least) / (1 - gamma))
    distance = start_distance(gamma, least, largest, middle)
    n = value_iteration_sweeps(gamma, tol, constant, distance)
    return n, gamma**n * middle, value_iteration_error(gamma, n, constant, distance)

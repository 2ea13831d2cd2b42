r"""Additive majorants: the one way in which this wing proves that no policy does better.

If numbers c and $w \ge 0$ satisfy, for every path,

.. math:: F(\tau) \;\le\; c + \sum_{h=0}^{H} w(s_h),

then every policy, whatever it remembers, has $J(\pi) \le c + \mathbb{E}_\pi \sum_h w(s_h)$, and the right side is an
ordinary finite-horizon MDP, which backward induction solves and encloses, rounding included. Relaxations differ only in
how they find c and w: a linear program through its multipliers, a concave program through a tangent plane, an oracle
through the gains at a set. Whatever inaccurate solver proposed them, the bound stands on the inequality alone.

Of a function of *visits*, w has one entry for each step and state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import frozen, real_array
from rltheory.planning import backward_induction
from rltheory.planning.rounding import growth, outward, row_sum_error
from rltheory.submodular.model import SubmodularMDP


@dataclass(frozen=True, slots=True, eq=False)
class Majorant:
    r"""Numbers with $F(A) \le c + \sum_{v \in A} w_v$ for every set A, so that c and w bound every path.

    Parameters
    ----------
    constant : float
        c, in reward units.
    weight : ndarray, shape (n_elements,)
        w, non-negative, in reward units for each visit.

    Raises
    ------
    ModelError
        If a weight is negative or not finite: a second visit would then lower what is meant to be an upper bound.
    """

    constant: float
    weight: np.ndarray

    def __post_init__(self) -> None:
        weight = real_array(self.weight, "weight")
        wrong = ~(np.isfinite(weight) & (weight >= 0))
        if wrong.any():
            v = int(np.argmax(wrong))
            raise ModelError(f"weight of element {v} is {weight[v]:.6g}; a majorant needs finite weights >= 0")
        object.__setattr__(self, "weight", frozen(weight))
        object.__setattr__(self, "constant", float(self.constant))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UpperBound:
    """What no policy exceeds, with the additive function that proves it where there is one.

    Parameters
    ----------
    value : float
        The bound, in reward units, rounding included.
    method : str
        How it was found.
    majorant : Majorant, optional
        The proof, where it is a function that is additive over visits.
    visits : ndarray, shape (n_elements,), optional
        Expected visits at the optimum of the relaxation, where the method computes them.
    occupancy : ndarray, shape (H, n_pairs), optional
        Expected visits to each pair at each step at the optimum of the relaxation, where the method computes them.
    history : ndarray
        The bound after each round, where there are rounds.
    """

    value: float
    method: str
    majorant: Majorant | None = None
    visits: np.ndarray | None = None
    occupancy: np.ndarray | None = None
    history: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("visits", "occupancy", "history"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def to_rows(self) -> list[dict[str, float | str]]:
        """Return one dictionary.

        Returns
        -------
        list of dict
            With keys ``method, upper``.
        """
        return [{"method": self.method, "upper": self.value}]

    def __repr__(self) -> str:
        return f"UpperBound({self.value:.6g}, {self.method})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def additive_bound(mdp: SubmodularMDP, majorant: Majorant) -> float:
    r"""Return what no policy exceeds if the majorant is one of F: $c + \max_\pi \mathbb{E} \sum_h w(s_h)$.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    majorant : Majorant
        With one weight for each element of ``mdp.F``.

    Returns
    -------
    float
        In reward units, rounded up.

    Raises
    ------
    ModelError
        If the majorant belongs to another ground set.

    Examples
    --------
    Two states, one of worth 2, and actions that go where they like:

    >>> import numpy as np
    >>> from rltheory.submodular import SubmodularMDP
    >>> class Worth:
    ...     n_elements = 2
    >>> mdp = SubmodularMDP(np.array([[[1, 0], [0, 1]], [[1, 0], [0, 1]]]), Worth(), H=3, mu=0)
    >>> round(additive_bound(mdp, Majorant(1.0, np.array([0.0, 2.0]))), 9)
    7.0
    """
    if majorant.weight.shape != (mdp.F.n_elements,):
        raise ModelError(f"majorant has {majorant.weight.size} weights; F has {mdp.F.n_elements} elements")
    weight = majorant.weight.reshape(-1, mdp.n_states)
    model = mdp.with_rewards(weight if mdp.counts_visits else weight[0])
    longest, eta = _rows(mdp)
    rewards = outward(growth(longest + 2.0) * mdp.H * float(weight.max()), 4)
    steps = float(mdp.mu @ (weight[0] + backward_induction(model).upper[0]))
    steps = outward(steps, mdp.n_states) + rewards
    # Rows and a start that sum to 1 + eta weigh the constant by as much as they weigh all paths together.
    excess = max(math.fsum(mdp.mu) * (1 + eta) ** mdp.H - 1, 1 - math.fsum(mdp.mu) * (1 - eta) ** mdp.H)
    constant = majorant.constant + (outward(abs(majorant.constant) * excess, mdp.H) if excess > 0 else 0.0)
    return float(np.nextafter(steps + constant, np.inf))


def _rows(mdp: SubmodularMDP) -> tuple[int, float]:
    """Return the largest number of successors of a pair, and how far sums of rows are from one."""
    dynamics = mdp.dynamics
    steps = [dynamics.rows(0)] if dynamics.is_stationary else [dynamics.rows(h) for h in range(mdp.H)]
    return max(int(np.diff(P.indptr).max()) for P in steps), max(row_sum_error(P) for P in steps)

r"""Constraints on the law of ``stock + G``: expectations, probabilities of reaching a target, and CVaR.

Each is linear in the law, or, for CVaR, one of finitely many linear ones: the constraint
:math:`\mathrm{CVaR}_\tau \ge \kappa` says that :math:`b + E(X - b)_- / \tau \ge \kappa` for some b, and the maximum
over b is at an atom (Rockafellar and Uryasev 2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.occupancy_program import Utility, utility_rows
from rltheory.models import ModelError

Row = tuple[np.ndarray, float]
"""A function of the atoms, and the least that its expectation may be."""


@dataclass(frozen=True, slots=True)
class ExpectationAtLeast:
    """The constraint ``E f(stock + G) >= level``.

    Parameters
    ----------
    utility : callable
        f, a function of arrays.
    level : float
        In units of f.
    """

    utility: Utility
    level: float

    def branches(self, atoms: np.ndarray) -> list[Row]:
        """Return the constraint as a row over the atoms and its level: the only branch."""
        return [(utility_rows([self.utility], atoms)[0], self.level)]


@dataclass(frozen=True, slots=True)
class CVaRAtLeast:
    """The constraint that the mean of the worst ``tau`` of ``stock + G`` is at least ``level``.

    Parameters
    ----------
    tau : float
        Lower-tail mass, in (0, 1].
    level : float
        In reward units.
    """

    tau: float
    level: float

    def branches(self, atoms: np.ndarray) -> list[Row]:
        """Return one linear constraint for each atom that the quantile may be: one of them must hold."""
        if not 0 < self.tau <= 1:
            raise ModelError(f"tau is {self.tau}; it is a mass in (0, 1]")
        able = atoms[atoms >= self.level] if atoms[-1] >= self.level else atoms[-1:]
        return [(b + np.minimum(atoms - b, 0) / self.tau, self.level) for b in able]


Constraint = ExpectationAtLeast | CVaRAtLeast


def reaches(target: float, probability: float) -> ExpectationAtLeast:
    """Return the constraint ``P(stock + G >= target) >= probability``.

    Parameters
    ----------
    target : float
        In reward units.
    probability : float
        In [0, 1].

    Returns
    -------
    ExpectationAtLeast
    """
    return ExpectationAtLeast(lambda x: (x >= target).astype(np.float64), probability)

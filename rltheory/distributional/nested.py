r"""Nested risk, a risk measure of one step applied again at every step: not the risk of the return.

.. math:: V_t(s) = \max_a \rho\big[ R + \gamma V_{t+1}(S') \big], \qquad V_H = 0.

It is time-consistent and solved in the space of values (Ruszczyński 2010), which is its appeal; but what it optimises
is :math:`\rho[R_1 + \gamma \rho[R_2 + \dots]]`, whose meaning for the return is unclear: nested CVaR may be above or
below the CVaR of the return. With entropic risk of constant level it differs from `maximise_entropic`, whose level
decays, if there is a discount. For expectations, and for entropic risk and worst cases without discount, the two agree.

If :math:`\rho` is monotone and :math:`\rho(X + c) = \rho(X) + c`, so is each step a :math:`\gamma`-contraction that
moves constants by :math:`\gamma`, and the bounds of MacQueen (1966) hold: with :math:`d = TV - V` and :math:`c = \gamma
/ (1 - \gamma)`

.. math:: TV + c \min d \;\le\; V^* \;\le\; TV + c \max d.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Functional
from rltheory.distributional.law import DiscreteLaw
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.planning.best_rows import best_rows

_TIE = 1e-12

Risk = Functional | Callable[[DiscreteLaw], float]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NestedRisk:
    """The best nested risk from every state.

    Parameters
    ----------
    value, lower, upper : ndarray, shape (n_states,)
        ``lower <= optimum <= upper`` up to rounding, and their midpoint, in reward units.
    policy : ndarray of int, shape (H, n_states), or (n_states,) for an infinite horizon
        The greedy action of each state.
    sweeps : int
        How many steps were made.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    policy: np.ndarray
    sweeps: int

    def __post_init__(self) -> None:
        for array in (self.value, self.lower, self.upper, self.policy):
            array.flags.writeable = False

    @property
    def gap(self) -> float:
        """Largest width of the enclosure, in reward units."""
        return float((self.upper - self.lower).max())

    def __repr__(self) -> str:
        return f"NestedRisk({self.value.size} states, gap={self.gap:.2g}, {self.sweeps} sweeps)"


def nested_risk(model: OutcomeModel, functional: Risk, *, H: int | None = None, tol: float = 1e-8) -> NestedRisk:
    """Maximise a nested risk: not the risk of the return, but that of each step's reward and the value that follows.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1`` if the horizon is infinite.
    functional : Functional, or any function of a DiscreteLaw
        What is applied to the law of ``R + gamma V(S')`` at each step, such as a CVaR.
    H : int, optional
        Number of steps; infinite by default, which needs a `Functional` that is monotone and invariant to translations.
    tol : float
        Largest ``gap`` in reward units for an infinite horizon; a finite one is exact.

    Returns
    -------
    NestedRisk

    Raises
    ------
    CriterionError
        If the horizon is infinite, and gamma is 1 or the functional not monotone and translation invariant.
    ModelError
        If H or tol is out of range.

    Examples
    --------
    The mean is the one functional that every nesting leaves alone:

    >>> import rltheory as rl
    >>> from rltheory.distributional.nested import nested_risk
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> nested_risk(offer, lambda law: law.mean, H=2).value
    array([3.])
    """
    if H is None:
        return _stationary(model, functional, tol)
    if H < 0:
        raise ModelError(f"H is {H}; it is a number of steps, at least 0")
    v, policy = np.zeros(model.n_states), np.zeros((H, model.n_states), dtype=np.int64)
    for t in reversed(range(H)):
        v, policy[t] = _step(model, functional, v)
    return NestedRisk(v, v.copy(), v.copy(), policy, H)


def _stationary(model: OutcomeModel, functional: Risk, tol: float) -> NestedRisk:
    axioms = getattr(functional, "axioms", None)
    if model.gamma >= 1:
        raise CriterionError("gamma is 1, and a nested risk of an infinite horizon may not exist; give H")
    if axioms is None or not (axioms.monotone and axioms.translation_invariant):
        raise CriterionError(
            f"{functional!r} does not promise to be monotone and invariant to translations, without which steps need"
            " not contract; give H"
        )
    if not tol > 0:
        raise ModelError(f"tol is {tol}; it is an accuracy in reward units, above 0")
    v, factor, sweeps = np.zeros(model.n_states), model.gamma / (1 - model.gamma), 0
    while True:
        backed_up, policy = _step(model, functional, v)
        sweeps += 1
        difference = backed_up - v
        floor = 4 * np.finfo(float).eps * np.abs(backed_up).max() / (1 - model.gamma)
        if factor * np.ptp(difference) <= max(tol, floor):
            lower, upper = backed_up + factor * difference.min(), backed_up + factor * difference.max()
            return NestedRisk((lower + upper) / 2, lower, upper, policy, sweeps)
        v = backed_up


def _step(model: OutcomeModel, functional: Risk, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best risk of reward and what follows, for each state, and the lowest action that attains it."""
    outcomes = model.reward + model.gamma * v[model.next_state]
    q = np.array([functional(DiscreteLaw(x, p / p.sum())) for x, p in zip(outcomes, model.prob, strict=True)])
    return best_rows(q, model.pair_start, _TIE * (1 + np.abs(q).max()))

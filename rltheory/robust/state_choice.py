r"""The worst case of one state whose rows nature moves together: one budget, or one penalty, for all of its actions.

.. math::

   \min_{\sum_a D(\mu_a \| p_a) \le \kappa} \sum_a \pi_a (r_a + E_{\mu_a} V) \qquad \text{or} \qquad
   \min_\mu \sum_a \big\{ \pi_a (r_a + E_{\mu_a} V) + \lambda D(\mu_a \| p_a) \big\},

maximised over the policy, or of a given one (s-rectangular; Wiesemann, Kuhn and Rustem 2013; Ho, Petrik and Wiesemann
2021). Nature moves before the action is drawn, so that the divergences are not weighted with the policy: the penalty is
the Lagrangian of the budget, and each is an envelope of the other as in `inner`. To randomise pays, for then she cannot
ruin the one action that will be played. `levelling` finds the best policy, `sharing` answers a given one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import ROW_SUM_TOLERANCE, frozen
from rltheory.robust.divergences import Divergence, LInf
from rltheory.robust.inner import checked_rows, checked_values
from rltheory.robust.radii import require_radii
from rltheory.robust.rows import Problem, problem_of
from rltheory.robust.states import answer_states


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StateWorstCase:
    """The worst case of one state, and how it comes about.

    Parameters
    ----------
    value : float
        In reward units.
    policy : ndarray, shape (n_actions,)
        Probabilities of the actions: the best ones, or those that were given.
    kernels : ndarray, shape (n_actions, n_states)
        What nature does.
    spent : ndarray, shape (n_actions,)
        The divergence of each of her rows.
    price : float
        What nature pays for a unit of it: the weight of the penalty, or the price of the budget; 0 where a larger
        budget is no worse, and infinity where nothing is moved.
    lower, upper : float
        Proven up to rounding. Of the best policy: it guarantees ``lower``, and no policy gets more than ``upper`` from
        the kernels. Of a given one: no kernels leave it less than ``lower``, and these leave it ``upper``.
    """

    value: float
    policy: np.ndarray
    kernels: np.ndarray
    spent: np.ndarray
    price: float
    lower: float
    upper: float

    @property
    def gap(self) -> float:
        """How far the proven ends are apart: rounding."""
        return self.upper - self.lower

    def __repr__(self) -> str:
        return f"StateWorstCase({self.value:.10g}, gap {self.gap:.1g}, policy {self.policy.round(6).tolist()})"


def worst_case_of_state(divergence: Divergence, P: Any, r: Any, v: Any, *, policy: Any = None) -> StateWorstCase:
    r"""Return the worst case of a randomised action, the best one or a given one, if nature moves all rows of a state.

    .. math::

       \max_\pi \min_\mu \sum_a \pi_a (r_a + E_{\mu_a} V) \;[\, + \lambda \sum_a D(\mu_a \| p_a) \,]
       \qquad \text{or, with } \textstyle\sum_a D(\mu_a \| p_a) \le \kappa , \text{ without the bracket}

    Parameters
    ----------
    divergence : TV, L1, KL, ChiSquare or CressieRead
        Its weight ``lam`` is :math:`\lambda`, its radius ``rho`` the budget :math:`\kappa`; one number.
    P : array_like, shape (n_actions, n_states)
        Nominal rows.
    r : array_like, shape (n_actions,)
        Rewards.
    v : array_like, shape (n_states,)
        Values of the states, in reward units; discounted already.
    policy : array_like, shape (n_actions,), optional
        Probabilities of the actions; by default the best ones.

    Returns
    -------
    StateWorstCase

    Raises
    ------
    ModelError
        If the divergence has no single parameter, or is the sup-norm, whose budgets do not add up; if the budget is
        larger than what all rows together can spend; if arrays do not fit or are not distributions.

    References
    ----------
    Wiesemann, Kuhn and Rustem (2013); Ho, Petrik and Wiesemann (2021).

    Examples
    --------
    Two actions that risk the same: nature can spoil either, and half of her budget is wasted on each.

    >>> from rltheory.robust import TV, worst_case_of_state
    >>> worst_case_of_state(TV(rho=0.5), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0])
    StateWorstCase(0.75, gap 0, policy [0.5, 0.5])
    >>> worst_case_of_state(TV(rho=0.5), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0], policy=[1, 0]).value
    0.5

    If she pays 0.6 for each unit of mass, it is not worth it once no action is played with more than 0.6:

    >>> worst_case_of_state(TV(lam=0.6), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0], policy=[0.5, 0.5]).value
    1.0
    """
    v = checked_values(v)
    P = np.asarray(P, dtype=np.float64)
    if P.ndim != 2 or not P.shape[0]:
        raise ModelError(f"P has shape {P.shape}; it must be (n_actions, n_states), with at least one action")
    problem, rows, r = state_problem(divergence), checked_rows(P, v.size), _checked_rewards(r, P.shape[0])
    if np.ndim(divergence.parameter):
        raise ModelError(f"{divergence!r} has an array of parameters; one state needs one (divergence.with_parameter)")
    require_radii(divergence, divergence.parameter, lambda _: "rho", actions=r.size)
    given = None if policy is None else _checked_mixture(policy, r.size)
    whole = (np.array([0, r.size]), v, np.array([divergence.parameter]))
    found = answer_states(problem, rows, r, *whole, policy=given, with_kernels=True)
    lower, upper, price = float(found.lower[0]), float(found.upper[0]), float(found.price[0])
    value = lower + (upper - lower) / 2
    kernels, spent = frozen(found.kernels.toarray()), frozen(found.spent * problem.unit)
    price = price / problem.unit
    return StateWorstCase(value, frozen(found.policy), kernels, spent, price, lower, upper)


def state_problem(divergence: Divergence) -> Problem:
    """Return the algorithm of a divergence that adds up over the rows of a state."""
    if isinstance(divergence, LInf):
        raise ModelError(f"{divergence!r} does not add up over actions; use TV, L1, KL, ChiSquare or CressieRead")
    return problem_of(divergence)


def _checked_rewards(r: Any, n_actions: int) -> np.ndarray:
    r = np.ascontiguousarray(r, dtype=np.float64)
    if r.shape != (n_actions,):
        raise ModelError(f"r has shape {r.shape}; with {n_actions} rows it must be ({n_actions},)")
    if not np.isfinite(r).all():
        action = int(np.argmin(np.isfinite(r)))
        raise ModelError(f"the reward of action {action} is {r[action]}; rewards are finite")
    return r


def _checked_mixture(policy: Any, n_actions: int) -> np.ndarray:
    """Return the probabilities of actions, their rounding divided out."""
    policy = np.ascontiguousarray(policy, dtype=np.float64)
    if policy.shape != (n_actions,) or not (policy >= 0).all() or not abs(policy.sum() - 1) <= ROW_SUM_TOLERANCE:
        raise ModelError(f"policy is {policy.tolist()}; it must be a distribution over the {n_actions} actions")
    return policy / policy.sum()

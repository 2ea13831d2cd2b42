r"""The level of risk as a state: exact for a fixed policy and for the value at risk, and wrong for the best CVaR.

Let outcome b have probability :math:`p_b` and be followed by the return :math:`X_b`. A quantile or a CVaR of the
mixture is found by handing each outcome a level :math:`y_b` of its own (Pflug and Pichler 2016):

.. math::

   \tau\,\mathrm{CVaR}_\tau(X) = \min\Big\{ \sum_b p_b\, y_b\, \mathrm{CVaR}_{y_b}(X_b) \;:\;
   \sum_b p_b y_b = \tau,\; 0 \le y_b \le 1 \Big\},

.. math::

   \mathrm{VaR}_\tau(X) = \sup\Big\{ \min_b \mathrm{VaR}_{y_b}(X_b) \;:\;
   \sum_b p_b y_b \le \tau,\; 0 \le y_b \le 1 \Big\} \quad (\tau < 1,\; \mathrm{VaR}_1 = \infty).

The lower tail :math:`Z(y) = y\,\mathrm{CVaR}_y` is convex and piecewise linear; its slopes are the atoms of the law,
and the minimum, an infimal convolution, sorts the slopes of all outcomes together: it *is* the mixture. Nothing is
discretised here, and one recursion gives all levels at once. It begins at the law of 0 and repeats

.. math:: \text{law}(s) = \bigvee_a \sum_b p_b \;\text{law of}\; r_b + \gamma X_b, \qquad X_b \sim \text{law}(s'_b).

What differs is how actions are joined (`dominance`):

* **Fixed policy**: they are mixed. The result is the law of the return.
* **Value at risk**: each quantile is the best of any action, the join of the first order. This is exact: for the target
  y the action that minimises :math:`P(G < y)` does not depend on the level, and a policy with stock knows y minus what
  it collected (Hau, Delage, Ghavamzadeh and Petrik 2023).
* **CVaR**: each CVaR is the best of any action, the join of the second order. This is the recursion of Chow, Tamar,
  Mannor and Pavone (2015), and it over-estimates: the maximum over actions stands *inside* the minimum over levels, so
  that another action may answer each level, while a policy must choose before nature picks the level (Hau et al. 2023;
  `mdps.hau`). The result is an upper bound of the best CVaR, and not more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from rltheory.distributional._arguments import checked_level
from rltheory.distributional._chow_policy import Recommended
from rltheory.distributional._level_recursion import SAME, Laws, check_start, law_at_start, level_laws
from rltheory.distributional.dominance import first_order_join, second_order_join
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.distributional.risk.tails import lower_tail_mean
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.unfold import unfold
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import ModelError, OutcomeModel


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LevelCurves:
    """A CVaR at every level, state and step, from the recursion over levels.

    Parameters
    ----------
    tau : float
        The level that was asked for.
    value : float
        CVaR at that level from the start, in reward units.
    laws : tuple of tuple of DiscreteLaw, of lengths H + 1 and n_states
        ``laws[t][s]`` has at each level y the CVaR that the recursion gives state s at step t.
    curve : DiscreteLaw
        The same from the start.
    """

    tau: float
    value: float
    laws: tuple[tuple[DiscreteLaw, ...], ...] = field(repr=False)
    curve: DiscreteLaw

    def cvar(self, level: float) -> float:
        """Return the recursion's CVaR from the start at another level in (0, 1]."""
        return lower_tail_mean(self.curve, checked_level(level, "level"))

    def __repr__(self) -> str:
        return f"LevelCurves(CVaR_{self.tau:g} = {self.value:.6g}, {self.curve.atoms.size} pieces over all levels)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChowEstimate:
    """What the recursion of Chow et al. (2015) says of the best CVaR: an over-estimate, and a policy.

    Parameters
    ----------
    value : float
        Chow's value: *not* the best CVaR but an upper bound of it.
    lower, upper : float
        Proven: the best CVaR is between what the recommended policy attains, and ``value``.
    curves : LevelCurves
        Chow's value at every level, state and step.
    law : DiscreteLaw
        The law of the return under the recommended policy, which plays the action that is greedy at its level (ties:
        the lowest) and hands each outcome the level at which the minimum is attained.
    """

    value: float
    lower: float
    upper: float
    curves: LevelCurves = field(repr=False)
    law: DiscreteLaw

    def __repr__(self) -> str:
        enclosed = f"the best CVaR_{self.curves.tau:g} is in [{self.lower:.6g}, {self.upper:.6g}]"
        return f"ChowEstimate({self.value:.6g}; {enclosed})"


def evaluate_cvar_by_levels(
    model: OutcomeModel, policy: Any, tau: float, *, H: int, start: int | None = None
) -> LevelCurves:
    r"""Evaluate the CVaR of the return of a fixed policy by the recursion of Pflug and Pichler (2016), exactly.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    policy : array_like
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions), or either with a leading axis of
        length H.
    tau : float
        Level in (0, 1], the mass of the lower tail.
    H : int
        Number of steps.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.

    Returns
    -------
    LevelCurves
        Its ``curve`` is the law of the return.

    Raises
    ------
    ModelError
        If an argument is out of range, or the policy does not fit the model.
    CriterionError
        If the laws of one step have more than two million atoms.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.risk_levels import evaluate_cvar_by_levels
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> evaluate_cvar_by_levels(coin, [0], 0.5, H=2).value
    0.5
    """
    tau = checked_level(tau)
    weights = _pair_weights(model, policy, H)

    def mixed(laws: Laws, pair: int, t: int) -> DiscreteLaw:
        weight = weights[t][pair : pair + len(laws)]
        return mixture(laws, weight / weight.sum())

    return _curves(model, tau, H, start, mixed)


def chow_cvar(model: OutcomeModel, tau: float, *, H: int, start: int | None = None) -> ChowEstimate:
    r"""Run the recursion of Chow et al. (2015) for the best CVaR, exactly: it gives an over-estimate.

    .. math::

       V_t(s, \tau) = \max_a \min_\xi \sum_b p_b \xi_b \big[ r_b + \gamma V_{t+1}(s'_b, \tau \xi_b) \big],
       \qquad 0 \le \xi_b \le 1/\tau,\; \sum_b p_b \xi_b = 1.

    For a fixed policy this is right; with the maximum over actions inside the minimum over :math:`\xi` it is at least
    the best CVaR, with equality at level 1, and strictly above it in general, however fine the levels. It is here to be
    compared with (`maximise_cvar` has the optimum), and for the upper bound.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    tau : float
        Level in (0, 1], the mass of the lower tail.
    H : int
        Number of steps.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.

    Returns
    -------
    ChowEstimate

    Raises
    ------
    ModelError
        If an argument is out of range.
    CriterionError
        If the laws of one step have more than two million atoms.

    Examples
    --------
    Half of the time 200 comes for sure, else one may choose; the best CVaR at level 1/2 is 50:

    >>> import rltheory as rl
    >>> from rltheory.distributional.risk_levels import chow_cvar
    >>> choice = [[(0.25, 3, -600.0), (0.75, 3, 600.0)], [(1.0, 3, 0.0)], [(0.5, 3, -100.0), (0.5, 3, 400.0)]]
    >>> first, sure, end = [[(0.5, 1, 0.0), (0.5, 2, 0.0)]], [[(1.0, 3, 200.0)]], [[(1.0, 3, 0.0)]]
    >>> chow_cvar(rl.OutcomeModel.from_lists([first, choice, sure, end], gamma=1.0), 0.5, H=2, start=0)
    ChowEstimate(100; the best CVaR_0.5 is in [0, 100])
    """
    tau = checked_level(tau)
    curves = _curves(model, tau, H, start, lambda laws, pair, t: reduce(second_order_join, laws))
    law = Recommended(model, curves.laws).law_from_start(tau, start)
    return ChowEstimate(curves.value, min(lower_tail_mean(law, tau), curves.value), curves.value, curves, law)


def value_at_risk_by_levels(model: OutcomeModel, tau: float, *, H: int, start: int | None = None) -> StockSolution:
    r"""Maximise the value at risk of the return, the upper tau-quantile, by the recursion over levels; this is exact.

    .. math::

       V_t(s, \alpha) = \max_a \sup\Big\{ \min_b \big[ r_b + \gamma V_{t+1}(s'_b, \zeta_b) \big] \;:\;
       \sum_b p_b \zeta_b \le \alpha,\; 0 \le \zeta_b \le 1 \Big\},

    because :math:`P(X < x) = \sum_b p_b P(X_b < x) \le \alpha` if and only if such levels exist.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    tau : float
        Level in (0, 1], the mass of the lower tail; levels within 1e-12 of a probability are taken for it.
    H : int
        Number of steps.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.

    Returns
    -------
    StockSolution
        Its ``policy`` falls below the value with the least probability; ``stock`` is minus the value.

    Raises
    ------
    ModelError
        If an argument is out of range.
    CriterionError
        If the laws of one step have more than two million atoms, or too many nodes can be met.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.risk_levels import value_at_risk_by_levels
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> [value_at_risk_by_levels(offer, tau, H=2).value for tau in (0.2, 0.3, 0.5)]
    [2.0, 3.0, 4.0]
    """
    tau = checked_level(tau)
    curves = _curves(model, tau, H, start, lambda laws, pair, t: reduce(first_order_join, laws))
    target = float(curves.curve.quantile(tau, side="upper"))
    nodes = unfold(model, H, start=start, stock=-target)
    grain = SAME * (1 + np.abs(nodes.layers[-1].stock).max())
    _, policy = best_expectation(nodes, (nodes.layers[-1].stock >= -grain).astype(float))
    law = policy.law(start).shift(target)
    value = float(law.quantile(tau, side="upper"))
    method = "recursion over levels, joined in the first order"
    return StockSolution(value, value, max(value, target), -target, policy, law, method, np.array([target]))


def _pair_weights(model: OutcomeModel, policy: Any, H: int) -> list[np.ndarray]:
    """Return the probability of each pair at its state, for each step."""
    from rltheory.planning.backup import checked_policy

    policy = np.asarray(policy)
    whole = policy.dtype.kind in "iu"
    stationary = policy.ndim == (1 if whole else 2)
    if not stationary and policy.shape[:1] != (H,):
        raise ModelError(
            f"policy has shape {policy.shape}; it must be that of a stationary policy, or have {H} steps first"
        )
    weights = []
    for step in [policy] * H if stationary else policy:
        checked = checked_policy(model, step)
        place = np.arange(model.n_pairs) - model.pair_start[model.pair_state]
        chosen = checked[model.pair_state]
        weights.append((chosen == place).astype(float) if checked.ndim == 1 else chosen[np.arange(place.size), place])
    return weights


def _curves(
    model: OutcomeModel, tau: float, H: int, start: int | None, joined: Callable[[Laws, int, int], DiscreteLaw]
) -> LevelCurves:
    check_start(model, start)
    laws = level_laws(model, H, joined)
    curve = law_at_start(laws[0], model, start)
    return LevelCurves(tau, lower_tail_mean(curve, tau), laws, curve)

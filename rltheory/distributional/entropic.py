r"""Entropic risk and EVaR: the static risk measures that need no stock, but a level that decays with time.

The entropic risk :math:`\mathrm{ERM}_\beta[X] = -\frac1\beta \ln E e^{-\beta X}` (the mean for :math:`\beta = 0`, the
worst case for :math:`\beta = \infty`) is the only risk measure, besides those two, with a tower property, and scaling
changes its level: :math:`\mathrm{ERM}_\beta[\gamma X] = \gamma\, \mathrm{ERM}_{\beta\gamma}[X]`. Hence :math:`\sup_\pi
\mathrm{ERM}_\beta[G]` over all history-dependent policies is :math:`V_0` of

.. math:: V_t(s) = \max_a \mathrm{ERM}_{\beta\gamma^t}\big[ R + \gamma V_{t+1}(S') \big], \qquad V_H = 0,

and the greedy policy, deterministic and Markov but dependent on time, attains it (Hau, Petrik and Ghavamzadeh 2023).
With the same level at every step the recursion optimises something else, a nested risk (`nested_risk`).

**Infinite horizon.** Let D be the spread of discounted returns. By Hoeffding's lemma :math:`E X - \beta D^2/8 \le
\mathrm{ERM}_\beta[X] \le E X`, and also :math:`\mathrm{ERM}_\beta[X] \ge E X - D`. Hence with the risk-neutral optimum
:math:`v^*` and :math:`\epsilon_N = \min(\beta\gamma^N D/8, 1) D`

.. math:: v^* - \epsilon_N \;\le\; \mathrm{ERM}_{\beta\gamma^N}\big[G^{\pi^*}\big] \;\le\;
   \sup_\pi \mathrm{ERM}_{\beta\gamma^N}[G^\pi] \;\le\; v^*.

The recursion is monotone, and a constant added to :math:`V_N` is :math:`\gamma^N` times it in :math:`V_0`. So N steps
that begin at :math:`v^*` give an upper bound of :math:`V_0`, and playing their greedy policy and then :math:`\pi^*`
loses at most :math:`\gamma^N \epsilon_N`, of order :math:`\gamma^{2N}`: the level decays to risk neutrality while the
rest loses weight.

**EVaR** is the supremum over levels of :math:`\mathrm{ERM}_\beta + \ln(\alpha)/\beta`, and the two suprema commute. In
the temperature :math:`\theta = 1/\beta` the sum is :math:`\mathrm{ERM}^*_{1/\theta} - \theta\,|\ln\alpha|`, a maximum
of concave functions, one for each policy, and hence with many peaks; beyond :math:`(\text{best mean} - \text{best worst
case}) / |\ln\alpha|` it is below the worst case itself, :math:`\theta = 0`. Intervals of temperatures are halved as
long as their bound (`_entropic_steps.over_intervals`, whose error is of second order in the width, but for ties between
actions) is above the best value found plus ``tol``. With the bound of first order that ERM* increases with the
temperature one gets the uniform grid `bounds.entropic.evar_levels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from rltheory.distributional._arguments import checked_level
from rltheory.distributional._entropic_steps import Tail, at_start, backward, over_intervals
from rltheory.distributional._level_recursion import check_start
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import unfold
from rltheory.models import CriterionError, ModelError, OutcomeModel

_INTERVALS = 8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EntropicSolution:
    """The best entropic risk, or EVaR, of the return.

    Parameters
    ----------
    value : float
        At the start, in reward units: the midpoint of the bounds.
    lower, upper : float
        ``lower <= what the policy attains <= optimum <= upper``, up to rounding (about 1e-14 of the returns a step).
    beta : float
        The level at step 0, in 1 / reward units; for EVaR the best one.
    values : ndarray, shape (H + 1, n_states)
        :math:`V_t(s)`, an upper bound (and for a finite horizon the optimum) of entropic risk at level beta gamma**t of
        the return from step t.
    policy : ndarray of int, shape (H, n_states)
        The action of each state at each step.
    tail_policy : ndarray of int, shape (n_states,), optional
        The risk-neutral policy that goes on for ever after; none for a finite horizon.
    method : str
        How it was found.
    """

    value: float
    lower: float
    upper: float
    beta: float
    values: np.ndarray
    policy: np.ndarray
    tail_policy: np.ndarray | None
    method: str
    model: OutcomeModel = field(repr=False)
    start: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper"):
            object.__setattr__(self, name, float(getattr(self, name)))
        for array in (self.values, self.policy):
            array.flags.writeable = False

    @property
    def gap(self) -> float:
        """Width of the enclosure, in reward units."""
        return self.upper - self.lower

    @property
    def law(self) -> DiscreteLaw:
        """The law of the return under the policy from the start; found when asked for, by unfolding over the stock.

        Raises
        ------
        CriterionError
            If the horizon is infinite, since then there is no law with finitely many atoms.
        """
        if self.tail_policy is not None:
            raise CriterionError("the return of an infinite horizon has no law with finitely many atoms; give H")
        nodes = unfold(self.model, self.policy.shape[0], start=self.start)
        actions = [act[layer.state] for act, layer in zip(self.policy, nodes.layers, strict=False)]
        return StockPolicy.deterministic(nodes, actions).law(self.start)

    def __repr__(self) -> str:
        return f"EntropicSolution(value={self.value:.6g}, gap={self.gap:.2g}, beta={self.beta:.6g}; {self.method})"


def maximise_entropic(
    model: OutcomeModel, beta: float, *, H: int | None = None, start: int | None = None, tol: float = 1e-8
) -> EntropicSolution:
    r"""Maximise the entropic risk of the return over all policies.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1`` if the horizon is infinite.
    beta : float
        Level at step 0 in [0, inf], in 1 / reward units: 0 is the mean, infinity the worst case. It decays as
        :math:`\beta\gamma^t`, which is what makes the objective the entropic risk of the whole return.
    H : int, optional
        Number of steps; infinite by default.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.
    tol : float
        Largest ``gap`` in reward units for an infinite horizon; a finite one is exact.

    Returns
    -------
    EntropicSolution

    Raises
    ------
    CriterionError
        If beta is negative, or the horizon infinite without discount.
    ModelError
        If H, start or tol is out of range.

    Examples
    --------
    Waiting is worth 1, a coin on 0 or 3 more on average, but not at level 1:

    >>> import rltheory as rl
    >>> from rltheory.distributional.entropic import maximise_entropic
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> [round(maximise_entropic(offer, beta, H=1).value, 6) for beta in (0.0, 0.25, 1.0)]
    [1.5, 1.225105, 1.0]
    """
    if not beta >= 0:
        raise CriterionError(f"beta is {beta}; it is a level of risk aversion, in [0, inf]")
    check_start(model, start)
    tail = Tail.after(model, H, tol, beta)
    values, policy = backward(model, float(beta), tail)
    upper = at_start(model, start, values[0], float(beta))
    lower = upper - tail.loss(model.gamma, beta)
    method = "backward induction at a decaying level" + ("" if H is not None else f", risk neutral after {tail.steps}")
    middle = (lower + upper) / 2
    return EntropicSolution(middle, lower, upper, float(beta), values, policy, tail.policy, method, model, start)


def maximise_evar(
    model: OutcomeModel, alpha: float, *, H: int | None = None, start: int | None = None, tol: float = 1e-6
) -> EntropicSolution:
    r"""Maximise the entropic value at risk, :math:`\sup_\beta \{\mathrm{ERM}_\beta[G] + \ln(\alpha)/\beta\}`.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1`` if the horizon is infinite.
    alpha : float
        Level in (0, 1]: 1 is the mean, and towards 0 EVaR tends to the worst case; it is a lower bound of CVaR at the
        same level.
    H : int, optional
        Number of steps; infinite by default.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.
    tol : float
        Largest ``gap``, in reward units.

    Returns
    -------
    EntropicSolution
        Its ``beta`` is the best level found (infinity if the worst case itself is best), and ``policy`` is optimal for
        entropic risk at that level.

    Raises
    ------
    ModelError
        If alpha, H, start or tol is out of range.
    CriterionError
        If the horizon is infinite without discount.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.entropic import maximise_evar
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> [round(maximise_evar(offer, alpha, H=1).value, 4) for alpha in (0.25, 0.9, 1.0)]
    [1.0, 1.0, 1.5]
    """
    alpha = checked_level(alpha, "alpha")
    check_start(model, start)
    if not tol > 0:
        raise ModelError(f"tol is {tol}; it is an accuracy in reward units, above 0")
    price = -math.log(alpha)
    theta, upper = _best_temperature(model, price, start, tol / 2, Tail.after(model, H, tol / 2, math.inf))
    beta = 0.0 if alpha == 1 else 1 / theta if theta > 0 else math.inf
    at_best = maximise_entropic(model, beta, H=H, start=start, tol=tol / 2)
    lower = at_best.lower - theta * price
    upper = max(upper, lower)
    method = "branch and bound over temperatures; " + at_best.method
    return replace(at_best, value=(lower + upper) / 2, lower=lower, upper=upper, method=method)


def _best_temperature(
    model: OutcomeModel, price: float, start: int | None, tol: float, tail: Tail
) -> tuple[float, float]:
    """Return the temperature of the best value found, and an upper bound of the supremum."""
    worst, mean = (at_start(model, start, backward(model, beta, tail)[0][0], beta) for beta in (math.inf, 0.0))
    if price == 0 or mean <= worst:
        return 0.0, mean
    theta, best, upper = 0.0, worst, worst
    half = np.full(_INTERVALS, (mean - worst) / price / (2 * _INTERVALS))
    centre = half * (2 * np.arange(_INTERVALS) + 1)
    while centre.size:
        exact, low, high = over_intervals(model, centre, half, start, tail)
        bound = np.maximum(low - (centre - half) * price, high - (centre + half) * price)
        found = exact - centre * price
        if found.max() > best:
            theta, best = float(centre[found.argmax()]), float(found.max())
        live = (bound > best + tol) & (centre + half / 2 > centre)
        upper = max(upper, bound[~live].max(initial=worst))
        half, centre = half[live] / 2, centre[live]
        half, centre = np.concatenate([half, half]), np.concatenate([centre - half, centre + half])
    return theta, max(best, upper)

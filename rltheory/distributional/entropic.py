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
the temperature :math:`\theta = 1/\beta`, ERM* is nondecreasing, so that on :math:`[\theta, \theta']`

.. math:: \mathrm{ERM}^*_{1/\theta} - \theta\,|\ln\alpha| \;\le\; \mathrm{ERM}^*_{1/\theta'} - \theta\,|\ln\alpha|,

and beyond :math:`(\text{best mean} - \text{best worst case}) / |\ln\alpha|` nothing is better than the worst case
itself, :math:`\theta = 0`. Intervals whose bound is above the best value found plus ``tol`` are halved until there are
none. (`bounds.special.evar_levels` is the uniform grid that the same inequality proves right.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from rltheory.distributional._level_recursion import check_start
from rltheory.distributional._tails import checked_level
from rltheory.distributional.bounds.special import entropic_tail
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import unfold
from rltheory.models import CriterionError, ModelError, OutcomeModel

_TIE = 1e-12
_MEAN_BELOW = 1e-200  # levels that would lose digits to subnormal numbers; the difference to the mean is far below them
_BATCH = 2_000_000


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
    tail = _Tail.of(model, H, tol, beta)
    values, q = _backward(model, np.array([float(beta)]), tail)
    policy = [_lowest_best(model, step[0]) for step in q]
    upper = float(_at_start(model, start, values[0], np.array([float(beta)]))[0])
    lower = upper - tail.loss(model.gamma, beta)
    rows = np.array(policy, dtype=np.int64).reshape(tail.steps, model.n_states)
    method = "backward induction at a decaying level" + ("" if H is not None else f", risk neutral after {tail.steps}")
    return EntropicSolution(
        (lower + upper) / 2,
        lower,
        upper,
        float(beta),
        np.array([step[0] for step in values]),
        rows,
        tail.policy,
        method,
        model,
        start,
    )


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
    price = -math.log(alpha)
    theta, upper = _best_temperature(model, price, start, tol / 2, _Tail.of(model, H, tol / 2, math.inf))
    beta = 0.0 if alpha == 1 else 1 / theta if theta > 0 else math.inf
    at_best = maximise_entropic(model, beta, H=H, start=start, tol=tol / 2)
    lower = at_best.lower - theta * price
    upper = max(upper, lower)
    method = "branch and bound over temperatures; " + at_best.method
    return replace(at_best, value=(lower + upper) / 2, lower=lower, upper=upper, method=method)


def _best_temperature(
    model: OutcomeModel, price: float, start: int | None, tol: float, tail: _Tail
) -> tuple[float, float]:
    """Return the temperature of the best value found, and an upper bound of the supremum."""
    worst, mean = _optima(model, np.array([math.inf, 0.0]), start, tail)
    if price == 0 or mean <= worst:
        return 0.0, float(mean)
    theta = np.array([0.0, (mean - worst) / price])
    risk = np.append(worst, _optima(model, 1 / theta[1:], start, tail))
    while True:
        best = np.max(risk - theta * price)
        upper = risk[1:] - theta[:-1] * price
        middle = (theta[:-1] + theta[1:]) / 2
        live = (upper > best + tol) & (middle > theta[:-1]) & (middle < theta[1:])
        if not live.any():
            return float(theta[np.argmax(risk - theta * price)]), float(max(best, upper.max()))
        found = _optima(model, 1 / middle[live], start, tail)
        place = np.flatnonzero(live) + 1
        theta, risk = np.insert(theta, place, middle[live]), np.insert(risk, place, found)


@dataclass(frozen=True, slots=True)
class _Tail:
    """How many steps are made, and what follows them."""

    steps: int
    value: np.ndarray
    width: float
    spread: float
    policy: np.ndarray | None

    @classmethod
    def of(cls, model: OutcomeModel, H: int | None, tol: float, beta: float) -> _Tail:
        if H is not None:
            if H < 0:
                raise ModelError(f"H is {H}; it is a number of steps, at least 0")
            return cls(H, np.zeros(model.n_states), 0.0, 0.0, None)
        if model.gamma >= 1:
            raise CriterionError("gamma is 1, and returns of an infinite horizon may not exist; give H")
        if not tol > 0:
            raise ModelError(f"tol is {tol}; it is an accuracy in reward units, above 0")
        from rltheory.planning import solve

        neutral = solve(model.to_mdp(), tol=tol / 8)
        happens = model.reward[model.prob > 0]
        spread = float(np.ptp(happens)) / (1 - model.gamma)
        steps = 0
        while entropic_tail(model.gamma, beta, spread, steps) > tol / 4:
            steps += 1
        return cls(steps, neutral.upper, neutral.gap, spread, neutral.policy)

    def loss(self, gamma: float, beta: float) -> float:
        return gamma**self.steps * self.width + entropic_tail(gamma, beta, self.spread, self.steps)


def _backward(model: OutcomeModel, beta: np.ndarray, tail: _Tail) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the values (K, n_states) of each step and what each pair is worth (K, n_pairs), for K levels at once."""
    values, worth = [np.tile(tail.value, (beta.size, 1))], []
    for t in reversed(range(tail.steps)):
        level = beta * model.gamma**t if model.gamma**t > 0 else np.zeros_like(beta)
        q = _entropic(model.reward + model.gamma * values[-1][:, model.next_state], model.prob, level)
        worth.append(q)
        values.append(np.maximum.reduceat(q, model.pair_start[:-1], axis=1))
    return values[::-1], worth[::-1]


def _optima(model: OutcomeModel, beta: np.ndarray, start: int | None, tail: _Tail) -> np.ndarray:
    """Return an upper bound (the optimum for a finite horizon) of entropic risk at the start, for each level."""
    size = max(1, _BATCH // model.prob.size)
    parts = [beta[k : k + size] for k in range(0, beta.size, size)]
    return np.concatenate([_at_start(model, start, _backward(model, part, tail)[0][0], part) for part in parts])


def _at_start(model: OutcomeModel, start: int | None, values: np.ndarray, beta: np.ndarray) -> np.ndarray:
    if start is None:
        return _entropic(values[:, None], model.mu[None], beta)[:, 0]
    return values[:, start]


def _entropic(x: np.ndarray, prob: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the entropic risk along the last axis of x (K, n, B), at K levels, of laws prob (n, B)."""
    low = np.where(prob > 0, x, np.inf).min(axis=-1)
    above = np.where(prob > 0, x - low[..., None], 0.0)
    neutral, extreme = beta <= _MEAN_BELOW, np.isinf(beta)
    level = np.where(neutral | extreme, 1.0, beta)[:, None]
    missing = (prob * np.expm1(-level[..., None] * above)).sum(axis=-1)
    kept = (prob * np.exp(-level[..., None] * above)).sum(axis=-1)
    # Near 1 the logarithm needs its argument's distance to 1, elsewhere the argument.
    log = np.where(missing > -0.5, np.log1p(np.maximum(missing, -0.5)), np.log(kept))
    excess = np.where(neutral[:, None], (prob * above).sum(axis=-1), np.where(extreme[:, None], 0.0, -log / level))
    return low + excess


def _lowest_best(model: OutcomeModel, q: np.ndarray) -> np.ndarray:
    """Return each state's lowest action that is best, but for rounding."""
    best = np.maximum.reduceat(q, model.pair_start[:-1])
    good = np.flatnonzero(q >= best[model.pair_state] - _TIE * (1 + np.abs(q).max(initial=0.0)))
    _, first = np.unique(model.pair_state[good], return_index=True)
    return good[first] - model.pair_start[:-1]

r"""The best optimistic CVaR, the mean of the best part of the return's law: a game that chance may have to decide.

Optimistic CVaR is a minimum, :math:`\mathrm{OCVaR}_\tau(\nu) = \min_b h_\nu(b)` with :math:`h_\nu(b) = b + E_\nu (X -
b)_+ / \tau`, which is linear in the law and convex in b. It is concave in the law: mixing two laws may beat both. The
laws that policies achieve are a polytope, so by the minimax theorem

.. math:: \max_\pi \mathrm{OCVaR}_\tau[G^\pi] = \min_b g(b), \qquad
   g(b) = b + \frac1\tau \max_\pi E (G^\pi - b)_+ = \max_{\pi \text{ deterministic}} h_\pi(b),

with *continuous* b: g is convex and piecewise linear, its minimum need not be at a sum of rewards, and the policy that
is best in expectation at the minimum need not be optimal.

**Search.** With the law of a policy that is best at b come the two one-sided slopes of :math:`h_\pi` there, :math:`1 -
P(G \ge b)/\tau` and :math:`1 - P(G > b)/\tau`. If 0 is between them, b minimises :math:`h_\pi` and g, and the policy is
optimal. Else the line with the slope nearer to 0 stays below g; it has the minimum on one side. The next b is where the
lines from either side cross. At most one b is needed for each linear piece of g, so the search is finite.

**Policy.** It ends if g is no higher than the crossing :math:`(\hat b, m)` itself. Then :math:`m \le h_{\pi_1}(\hat b)
\le g(\hat b) = m` for the policies of both lines, so both touch at :math:`\hat b`; with :math:`\lambda` such that
:math:`\lambda \times` slope 1 + :math:`(1 - \lambda) \times` slope 2 = 0 the function :math:`h` of the mixture has its
minimum there. Drawing policy 1 with probability :math:`\lambda`, else policy 2, once at the start, attains m; a policy
with stock that gives each action its conditional probability has the same law, and is what is returned. Two policies
are enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional._arguments import checked_level
from rltheory.distributional.risk.tails import OptimisticCVaR
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import OutcomeModel

_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class _Support:
    """A policy that is best at b, the value g(b), and the one-sided slopes of its own function there."""

    b: float
    value: float
    left: float
    right: float
    policy: StockPolicy

    @classmethod
    def at(cls, nodes: Unfolded, b: float, tau: float, start: int | None) -> _Support:
        stock = nodes.layers[-1].stock
        _, policy = best_expectation(nodes, np.maximum(stock - b, 0.0))
        law = policy.law(start)
        grain = _SAME * (1 + abs(b))
        above = 1.0 - float(law.cdf(b + grain))
        not_below = 1.0 - float(law.cdf(b - grain))
        excess = law.expect(lambda x: np.maximum(x - b, 0.0))
        return cls(b, b + excess / tau, 1 - not_below / tau, 1 - above / tau, policy)

    @property
    def is_minimum(self) -> bool:
        """Whether 0 is between the slopes, so that the policy is optimal."""
        return self.left <= _SAME and self.right >= -_SAME


def maximise_optimistic_cvar(model: OutcomeModel, tau: float, *, H: int, start: int | None = None) -> StockSolution:
    r"""Maximise the mean of the best part, of mass tau, of the return's law.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    tau : float
        Level in (0, 1], the mass of the upper tail; 1 is the mean.
    H : int
        Number of steps.
    start : int, optional
        State at step 0; by default drawn from ``mu``.

    Returns
    -------
    StockSolution
        ``policy`` is randomised where that is better than every deterministic one, or as good; ``lower`` is what it
        attains, and ``upper`` the minimum over b.

    Raises
    ------
    ModelError
        If an argument is out of range.
    CriterionError
        If too many nodes can be met.

    Examples
    --------
    Either 2 for sure, or 5 with probability 1/4. The best halves have means 2 and 2.5; taking the lottery with
    probability 2/3 fills the half with as many fives and twos as it takes for a mean of 3:

    >>> import rltheory as rl
    >>> from rltheory.distributional.optimistic import maximise_optimistic_cvar
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 2.0)], [(0.25, 0, 5.0), (0.75, 0, 0.0)]]], gamma=1.0)
    >>> best = maximise_optimistic_cvar(offer, 0.5, H=1)
    >>> best.value, best.law
    (3.0, DiscreteLaw({0: 0.5, 2: 0.333333, 5: 0.166667}))
    """
    tau = checked_level(tau)
    nodes = unfold(model, H, start=start)
    stock = nodes.layers[-1].stock
    low, high = (_Support.at(nodes, float(b), tau, start) for b in (stock.min(), stock.max()))
    while True:
        for end in (low, high):
            if end.is_minimum:
                return _answer(end.policy, end, tau, start)
        crossing = (high.value - low.value - high.left * high.b + low.right * low.b) / (low.right - high.left)
        promised = low.value + low.right * (crossing - low.b)
        middle = _Support.at(nodes, float(np.clip(crossing, low.b, high.b)), tau, start)
        if middle.value <= promised + _SAME * (1 + abs(promised)):
            share = high.left / (high.left - low.right)
            policy = _mixed(low.policy, high.policy, share, start)
            return _answer(policy, middle, tau, start)
        low, high = (middle, high) if middle.right < 0 else (low, middle)


def _answer(policy: StockPolicy, at: _Support, tau: float, start: int | None) -> StockSolution:
    law = policy.law(start)
    value = OptimisticCVaR(tau)(law)
    method = "lines below a convex function of the threshold; " + (
        "deterministic" if policy.is_deterministic else "a mixture of two policies"
    )
    return StockSolution(value, value, max(value, at.value), 0.0, policy, law, method, np.array([at.b]))


def _mixed(first: StockPolicy, second: StockPolicy, share: float, start: int | None) -> StockPolicy:
    """Return the policy with stock whose law is that of drawing the first with probability ``share``."""
    nodes, weights = first.unfolded, []
    for t, (mass, other) in enumerate(zip(first.masses(start)[:-1], second.masses(start)[:-1], strict=True)):
        of_first, together = share * mass, share * mass + (1 - share) * other
        part = np.where(together > 0, of_first / np.where(together > 0, together, 1.0), share)
        row_part = np.repeat(part, np.diff(nodes.layers[t].row_start))
        weights.append(row_part * first.weights[t] + (1 - row_part) * second.weights[t])
    return StockPolicy(nodes, tuple(weights))

r"""All risk-averse equilibria of a game of two players with two actions each.

Let p and q be the probabilities with which the players play their first actions. With the row player's payoffs
[[a, b], [c, d]] and :math:`\Delta = a - b - c + d`, the derivative of her objective in p is linear in p,

.. math::

   G(q, p) = N(q) - D(q)\, p, \qquad
   N(q) = q \Delta - (d - b) - 2 \gamma q (1 - q) \Delta (c - d), \qquad D(q) = 2 \gamma q (1 - q) \Delta^2 \ge 0,

and the other player's likewise, with the roles exchanged. So an equilibrium has both at an end of
:math:`[\epsilon, 1 - \epsilon]`, with derivatives that point outwards; or one at an end and the other at the root of a
linear function; or both inside, where :math:`p = N_1(q) / D_1(q)` and q is a root of the polynomial of degree 5

.. math:: D_1^2 N_2(N_1 / D_1) - q\, D_1^2 D_2(N_1 / D_1) .

In symmetric equilibria of a symmetric game p is a root of the cubic :math:`G(p, p)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.best_response import trembling
from rltheory.games.risk.play import checked_aversions, risk_averse_profile
from rltheory.games.risk.smooth import MeanVariance
from rltheory.models import ModelError

_NEAR, _EDGE = 1e-9, 1e-12


def two_by_two_equilibria(game: NormalFormGame, *, gamma: Any, tremble: float = 0.0) -> list[Equilibrium]:
    """Return all risk-averse equilibria of a 2 x 2 game, unless they form a continuum.

    Parameters
    ----------
    game : NormalFormGame
        Two players with two actions each.
    gamma : float or sequence of 2 floats
        Weight of the variance, at least 0, in units of one over payoff.
    tremble : float
        Least probability of every action, in [0, 1/2).

    Returns
    -------
    list of Equilibrium
        Ordered by the first player's probability of her first action, largest first. Of a continuum, as where a player
        is indifferent whatever the other does, some points are returned.

    Raises
    ------
    ModelError
        If the game has other sizes.
    CriterionError
        If gamma or the tremble is out of range.

    Examples
    --------
    As risk is disliked more, only both hunting the hare survives.

    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import two_by_two_equilibria
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> for gamma in (0.2, 0.5):
    ...     print([float(found.profile[0][0].round(4)) for found in two_by_two_equilibria(stag_hunt, gamma=gamma,
    ...                                                                                   tremble=0.1)])
    [0.9, 0.8144, 0.1]
    [0.1]
    """
    if game.n_actions != (2, 2):
        raise ModelError(f"the game has {game.n_actions} actions; two_by_two_equilibria needs (2, 2)")
    trembling(2, tremble)
    aversions = checked_aversions(game, gamma, None)
    first, second = (
        Slope.of(game.opponents_view(i), one.gamma) for i, one in enumerate(aversions) if isinstance(one, MeanVariance)
    )
    found: list[tuple[float, float]] = []
    for p, q in _candidates(first, second, tremble, 1 - tremble):
        if all(abs(p - other) + abs(q - another) > _NEAR for other, another in found):
            found.append((p, q))
    return [
        risk_averse_profile(
            game, [[p, 1 - p], [q, 1 - q]], gamma=gamma, tremble=tremble, method="roots of the derivatives"
        )
        for p, q in sorted(found, reverse=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """The derivative N(q) - D(q) p of a player's objective in her probability p of the first action.

    Parameters
    ----------
    N, D : Polynomial
        Of degree 2 in the other's probability q.
    scale : float
        Size of its values, for tolerances.
    """

    N: Polynomial
    D: Polynomial
    scale: float

    @classmethod
    def of(cls, payoffs: np.ndarray, gamma: float) -> Slope:
        """Return the derivative for a player's own payoffs by own and other's action."""
        (a, b), (c, d) = payoffs
        total = a - b - c + d
        q, risk = Polynomial([0.0, 1.0]), Polynomial([0.0, 1.0, -1.0]) * (2 * gamma * total)
        spread = float(np.ptp(payoffs))
        return cls(q * total - (d - b) - risk * (c - d), risk * total, spread + gamma * spread**2)

    def __call__(self, q: float, p: float) -> float:
        """Return G(q, p)."""
        return float(self.N(q) - self.D(q) * p)

    def points_outwards(self, q: float, p: float, low: float) -> bool:
        """Whether an end p is a best response to q."""
        outward = -1.0 if p == low else 1.0
        return outward * self(q, p) >= -1e-12 * self.scale

    def responses_inside(self, q: float) -> list[float]:
        """Return the p at which the derivative is 0."""
        bend = self.D(q)
        return [float(self.N(q) / bend)] if bend > 0 else []


def _candidates(first: Slope, second: Slope, low: float, high: float) -> Iterator[tuple[float, float]]:
    """Yield the equilibria by the three cases, some of them maybe twice."""
    for p, q in itertools.product((high, low), repeat=2):
        if first.points_outwards(q, p, low) and second.points_outwards(p, q, low):
            yield p, q
    for end in (high, low):
        for inside in second.responses_inside(end):
            if low + _EDGE < inside < high - _EDGE and first.points_outwards(inside, end, low):
                yield end, inside
        for inside in first.responses_inside(end):
            if low + _EDGE < inside < high - _EDGE and second.points_outwards(inside, end, low):
                yield inside, end
    for near in _both_inside(first, second):
        p, q = _polished(first, second, *near)
        inside = low + _EDGE < min(p, q) and max(p, q) < high - _EDGE
        if inside and _stationary(first, second, p, q):
            yield p, q


def _both_inside(first: Slope, second: Slope) -> Iterator[tuple[float, float]]:
    """Yield the real solutions of both derivatives being 0."""
    if not first.D.coef.any() and second.D.coef.any():
        yield from ((p, q) for q, p in _both_inside(second, first))
        return
    N, D = first.N, first.D
    if not D.coef.any():  # neither minds risk: Nash's mixed equilibrium
        yield from itertools.product(_real_roots(second.N), _real_roots(N))
        return
    q = Polynomial([0.0, 1.0])
    rows = ((k, _coefficient(second.N, k) - q * _coefficient(second.D, k)) for k in range(3))
    resultant = sum(row * N**k * D ** (2 - k) for k, row in rows)
    for root in _real_roots(resultant):
        yield from ((p, root) for p in first.responses_inside(root))
        if first.D(root) == 0 == first.N(root):
            yield from ((p, root) for p in _real_roots(second.N - root * second.D))


def _coefficient(polynomial: Polynomial, k: int) -> float:
    return float(polynomial.coef[k]) if k < polynomial.coef.size else 0.0


def _real_roots(polynomial: Any) -> list[float]:
    """Return the real parts of roots that are nearly real; none of the zero polynomial."""
    coefficients = np.trim_zeros(polynomial.coef, "b")
    if coefficients.size < 2:
        return []
    roots = np.roots(coefficients[::-1])
    return [float(root.real) for root in roots if abs(root.imag) < 1e-5 * (1 + abs(root))]


def _polished(first: Slope, second: Slope, p: float, q: float) -> tuple[float, float]:
    """Take Newton's steps to the point where both derivatives are 0."""
    for _ in range(20):
        slopes = np.array([first(q, p), second(p, q)])
        J = np.array(
            [
                [-first.D(q), first.N.deriv()(q) - first.D.deriv()(q) * p],
                [second.N.deriv()(p) - second.D.deriv()(p) * q, -second.D(p)],
            ]
        )
        step = np.linalg.lstsq(J, -slopes, rcond=None)[0]
        p, q = p + float(step[0]), q + float(step[1])
        if np.abs(step).max() < 1e-15 or not np.isfinite(step).all():
            break
    return p, q


def _stationary(first: Slope, second: Slope, p: float, q: float) -> bool:
    return abs(first(q, p)) <= 1e-9 * first.scale and abs(second(p, q)) <= 1e-9 * second.scale

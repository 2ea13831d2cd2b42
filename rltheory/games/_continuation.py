r"""The curve of logit equilibria that begins at uniform play, point by point, through its turning points.

Points y = (x, nu) with F(y) = 0 are followed along the unit tangent t, :math:`F'(y)\, t = 0`, in which nu first rises
(pseudo-arclength continuation: Keller 1977; for logit equilibria Turocy 2005):

- predict :math:`y + h t`, and correct by Newton's method on F = 0 in the plane through the prediction across t;
- the next tangent is the one that makes an acute angle with the last;
- h doubles after an easy correction and is halved where the corrector does not contract, the curve bends too much, or a
  probability moves by more than 0.1.

Where nu turns, the tangent has no part along nu; the point is found by false position. The Jacobian of F with the
tangent below it is never singular along a smooth curve: if its sign changes, the step may have jumped to another branch
and is halved; if it changes along short steps too, another branch was crossed, and the walk goes straight on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rltheory.games._logit import LogitSystem

MOST_POINTS = 10_000
"""Before a walk gives up."""
_FIRST_STEP = 0.05
_SHORTEST = 1e-10
_CORRECTIONS = 5
_LEAST_COSINE = 0.97
_EASY_COSINE = 0.995
_LARGEST_MOVE = 0.1
_SUSPICIOUS = 1e-3


class Point(NamedTuple):
    """A point of the curve, with what the next step needs, and whether nu turns there or another branch was crossed."""

    x: np.ndarray
    nu: float
    tangent: np.ndarray
    sign: float
    turns: bool = False
    branches: bool = False


@dataclass
class Curve:
    """A walk along the curve from uniform play; it ends at ``nu_max``, or before if it gets stuck."""

    system: LogitSystem
    nu_max: float
    max_steps: int

    def __iter__(self) -> Iterator[Point]:
        last, h = self._start(), _FIRST_STEP
        yield last
        if last.nu >= self.nu_max:
            return
        for _ in range(self.max_steps):
            found = self._step(last, h)
            while found is None:
                h *= 0.5
                if h < _SHORTEST:
                    return
                found = self._step(last, h)
            point, easy = found
            if last.tangent[-1] * point.tangent[-1] < 0:
                turn = self._turn(last, point, h)
                if turn.nu >= self.nu_max:
                    yield self._landed(last, turn)
                    return
                yield turn
            if point.nu >= self.nu_max:
                yield self._landed(last, point)
                return
            yield point
            last, h = point, 2 * h if easy else h

    def _start(self) -> Point:
        x = self.system.uniform
        tangent, sign = self._tangent(x, 0.0, np.append(np.zeros(x.size), 1.0))
        return Point(x, 0.0, tangent, sign)

    def _step(self, last: Point, h: float) -> tuple[Point, bool] | None:
        """Advance by h, and say whether that was easy; None if it did not succeed."""
        corrected = self._corrected(last, h)
        if corrected is None:
            return None
        x, nu, steps = corrected
        tangent, sign = self._tangent(x, nu, last.tangent)
        cosine = float(tangent @ last.tangent)
        move = float(np.abs(np.exp(x) - np.exp(last.x)).max())
        sign = sign or last.sign  # zero is rounding: the branch point itself was hit
        branches = sign != last.sign
        jumped = branches and h > _SUSPICIOUS * (1 + nu)
        if jumped or not (nu >= 0 and cosine >= _LEAST_COSINE and move <= _LARGEST_MOVE):
            return None
        return Point(x, nu, tangent, sign, branches=branches), steps < _CORRECTIONS and cosine >= _EASY_COSINE

    def _corrected(self, last: Point, h: float) -> tuple[np.ndarray, float, int] | None:
        """Return the point of the curve in the plane h ahead, and the number of corrections."""
        y, before = np.append(last.x, last.nu) + h * last.tangent, np.inf
        for step in range(_CORRECTIONS + 1):
            F, J, by_nu = self.system.linearised(y[:-1], y[-1])
            size = float(np.abs(F).max())
            if size <= self.system.tolerance(abs(y[-1])):
                return y[:-1], float(y[-1]), step
            if not size <= 0.5 * before:
                return None
            try:
                change = np.linalg.solve(_bordered(J, by_nu, last.tangent), np.append(F, 0.0))
            except np.linalg.LinAlgError:
                return None
            if not np.abs(change).max() <= 0.5 * h:
                return None
            y, before = y - change, size
        return None

    def _tangent(self, x: np.ndarray, nu: float, along: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the unit tangent at a point, on the side of a vector, and the sign of the bordered Jacobian."""
        _, J, by_nu = self.system.linearised(x, nu)
        end = np.append(np.zeros(x.size), 1.0)
        try:
            tangent = np.linalg.solve(_bordered(J, by_nu, along), end)
        except np.linalg.LinAlgError:
            return along, 0.0
        tangent /= np.linalg.norm(tangent)
        return tangent, float(np.linalg.slogdet(_bordered(J, by_nu, tangent))[0])

    def _turn(self, last: Point, point: Point, h: float) -> Point:
        """Find where the tangent has no part along nu, by false position on the length of the step (Illinois)."""
        low, high, at_low, at_high = 0.0, h, last.tangent[-1], point.tangent[-1]
        found = point
        for _ in range(40):
            middle = high - at_high * (high - low) / (at_high - at_low)
            tried = self._step(last, middle)
            if tried is None:
                break
            found = tried[0]
            slope = found.tangent[-1]
            if abs(slope) < 1e-10 or high - low < 1e-12 * h:
                break
            if slope * at_high < 0:
                low, at_low = high, at_high
            else:
                at_low *= 0.5
            high, at_high = middle, slope
        return found._replace(turns=True)

    def _landed(self, last: Point, point: Point) -> Point:
        """Return the point at which the segment to the last one meets the end of the walk."""
        share = (self.nu_max - last.nu) / (point.nu - last.nu)
        x, _, converged = self.system.solved(last.x + share * (point.x - last.x), self.nu_max)
        return point._replace(x=x, nu=self.nu_max, turns=False) if converged else point


def _bordered(J: np.ndarray, by_nu: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.vstack((np.column_stack((J, by_nu)), below))

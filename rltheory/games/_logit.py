"""The logit fixed point as a system of equations in log-probabilities, of scaled payoffs; and its Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

_ROUNDING = 2.0**-52
_CONVERGED = 1e-13
_SHORTEST = 2.0**-30


@dataclass(frozen=True)
class LogitSystem:
    r"""The equations :math:`F(x, \nu) = x - \log \mathrm{softmax}(\nu\, u(\mathrm{softmax}\, x)) = 0`, x of all.

    Payoffs are regrets divided by the largest of all players, which changes no response: what a player loses against
    the best response to each joint action of the others. So :math:`\nu = \lambda \cdot` ``scale`` has no unit.
    """

    regrets: tuple[np.ndarray, ...]
    scale: float

    @classmethod
    def of(cls, game: NormalFormGame) -> LogitSystem:
        """Scale the payoffs of a game."""
        size = max(float(np.abs(u).max()) for u in game.payoffs) or 1.0
        shares = [u / size for u in game.payoffs]
        regrets = [u - u.max(axis=i, keepdims=True) for i, u in enumerate(shares)]
        largest = max(float(-u.min()) for u in regrets) or 1.0
        if not np.isfinite(largest * size):
            raise ModelError(f"payoffs differ by {largest:g} * {size:g}, more than a float can hold; divide them")
        return cls(tuple(u / largest for u in regrets), largest * size)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of actions."""
        return self.regrets[0].shape

    @cached_property
    def blocks(self) -> tuple[slice, ...]:
        """Where each player's actions are in a row of all."""
        ends = np.cumsum((0, *self.sizes))
        return tuple(slice(a, b) for a, b in pairwise(ends))

    @property
    def uniform(self) -> np.ndarray:
        """Log-probabilities of uniform play."""
        return np.concatenate([np.full(m, -np.log(m)) for m in self.sizes])

    def split(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the part of each player, along the last axis."""
        return tuple(x[..., block] for block in self.blocks)

    def profile(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the mixed strategies; x need not be normalised, so that rounding of the sums does no harm."""
        return tuple(np.exp(log_softmax(part)) for part in self.split(x))

    def response(self, x: np.ndarray, nu: float) -> np.ndarray:
        """Return the log-probabilities of the logit responses to a profile."""
        values, _ = values_and_slopes(self.regrets, self.profile(x))
        return np.concatenate([log_softmax(nu * u) for u in values])

    def residual(self, x: np.ndarray, nu: float) -> np.ndarray:
        """Return F."""
        return x - self.response(x, nu)

    def linearised(self, x: np.ndarray, nu: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return F, its Jacobian in x, and its derivative in nu."""
        profile = self.profile(x)
        values, slopes = values_and_slopes(self.regrets, profile)
        F, by_nu = np.empty_like(x), np.empty_like(x)
        for block, u, p in zip(self.blocks, values, profile, strict=True):
            response = log_softmax(nu * u)
            weights = np.exp(response)
            F[block] = x[block] - response
            by_nu[block] = weights @ u - u
            slopes[block] -= weights @ slopes[block]
            slopes[:, block] = (slopes[:, block] - (slopes[:, block] @ p)[:, None]) * p
        return F, np.eye(x.size) - nu * slopes, by_nu

    def tolerance(self, nu: float) -> float:
        """Return what rounding leaves of F, where responses are this sharp."""
        return _CONVERGED + 4 * sum(self.sizes) * _ROUNDING * nu

    def solved(self, x: np.ndarray, nu: float, max_steps: int = 100) -> tuple[np.ndarray, int, bool]:
        """Run Newton's method with steps halved until they reduce F; also say how many, and if it converged."""
        F, J, _ = self.linearised(x, nu)
        size = float(np.abs(F).max())
        for step in range(max_steps):
            if size <= self.tolerance(nu):
                return x, step, True
            direction, length, reached = _direction(J, F), 1.0, np.inf
            while not reached < size:
                if length < _SHORTEST:
                    return x, step, False
                trial = np.minimum(x - length * direction, 0.0)
                F, J, _ = self.linearised(trial, nu)
                reached, length = float(np.abs(F).max()), 0.5 * length
            x, size = trial, reached
        return x, max_steps, size <= self.tolerance(nu)


def values_and_slopes(payoffs: tuple[np.ndarray, ...], profile: tuple[np.ndarray, ...]) -> tuple[list, np.ndarray]:
    """Return what each action of each player is worth, and how that depends on the others' probabilities.

    The slopes are one square matrix over all players' actions, zero between two actions of one player.
    """
    n, sizes = len(payoffs), [p.size for p in profile]
    ends = np.cumsum([0, *sizes])
    values, slopes = [], np.zeros((ends[-1], ends[-1]))
    for i, u in enumerate(payoffs):
        for j in range(n):
            if j != i:
                between = _averaged(u, profile, i, j)
                slopes[ends[i] : ends[i + 1], ends[j] : ends[j + 1]] = between
        values.append(u if n == 1 else between @ profile[j if j != i else j - 1])
    return values, slopes


def _averaged(u: np.ndarray, profile: tuple[np.ndarray, ...], i: int, j: int) -> np.ndarray:
    """Average over all players but i and j; actions of i are rows."""
    for k in reversed(range(len(profile))):
        if k not in (i, j):
            u = np.tensordot(u, profile[k], axes=(k, 0))
    return u if i < j else u.T


def log_softmax(z: np.ndarray) -> np.ndarray:
    """Return z less the logarithm of the sum of its exponentials."""
    z = z - z.max()
    return z - np.log(np.exp(z).sum())


def _direction(J: np.ndarray, F: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(J, F)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(J, F, rcond=None)[0]

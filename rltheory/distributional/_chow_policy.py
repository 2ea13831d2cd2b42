"""What the policy that Chow's recursion recommends attains: it walks through states, steps and levels."""

from __future__ import annotations

import numpy as np

from rltheory.distributional._level_recursion import SAME, compact, followed
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.distributional.risk.tails import lower_tail_mean
from rltheory.models import OutcomeModel

_TIE = 1e-12


class Recommended:
    """The policy that Chow's recursion recommends, on states (step, state, level)."""

    def __init__(self, model: OutcomeModel, laws: tuple[tuple[DiscreteLaw, ...], ...]) -> None:
        self._model, self._laws = model, laws
        self._found: dict[tuple[int, int, float], DiscreteLaw] = {}

    def law_from_start(self, tau: float, start: int | None) -> DiscreteLaw:
        """Return the law of its return if it begins with level tau, which it splits among random starts."""
        if start is not None:
            return self._law(0, start, tau)
        states = np.flatnonzero(self._model.mu)
        prob = self._model.mu[states]
        levels = split([self._laws[0][s] for s in states], prob, tau)
        return mixture([self._law(0, int(s), y) for s, y in zip(states, levels, strict=True)], prob)

    def _law(self, t: int, s: int, level: float) -> DiscreteLaw:
        if t == len(self._laws) - 1:
            return DiscreteLaw.point(0.0)
        key = (t, s, round(level, 12))
        if key not in self._found:
            self._found[key] = self._followed(t, s, level)
        return self._found[key]

    def _followed(self, t: int, s: int, level: float) -> DiscreteLaw:
        model, following = self._model, self._laws[t + 1]
        rows = range(model.pair_start[s], model.pair_start[s + 1])
        worth = [lower_tail_mean(followed(model, i, following), level) for i in rows]
        tie = _TIE * (1 + max(map(abs, worth)))
        i = next(i for i, x in zip(rows, worth, strict=True) if x >= max(worth) - tie)
        happens = np.flatnonzero(model.prob[i] > 0)
        reward, prob = model.reward[i, happens], model.prob[i, happens]
        reached = model.next_state[i, happens].tolist()
        levels = split(
            [following[z].scale(model.gamma).shift(r) for z, r in zip(reached, reward, strict=True)], prob, level
        )
        laws = [
            self._law(t + 1, z, y).scale(model.gamma).shift(r) for z, y, r in zip(reached, levels, reward, strict=True)
        ]
        return compact(mixture(laws, prob / prob.sum()))


def split(laws: list[DiscreteLaw], prob: np.ndarray, level: float) -> list[float]:
    """Return levels that attain the minimum: of each law all that is below a common quantile, and a share of it."""
    quantile = float(compact(mixture(laws, prob / prob.sum())).quantile(level))
    grain = 2 * SAME * max(1.0, *(np.abs(law.atoms).max() for law in laws))
    below = np.array([float(law.cdf(quantile - grain)) for law in laws])
    at_most = np.array([float(law.cdf(quantile + grain)) for law in laws])
    room = prob @ (at_most - below)
    share = np.clip((level - prob @ below) / room, 0.0, 1.0) if room > 0 else 0.0
    return np.clip(below + share * (at_most - below), 0.0, 1.0).tolist()

r"""Steps of the entropic recursion, for many levels at once, and affine bounds of it over intervals of temperatures.

A step is :math:`\mathrm{ERM}_\beta[X]` with :math:`X = R + \gamma V(S')`. In the temperature :math:`\theta = 1/\beta`
it equals :math:`\min_Q \{ E_Q X + \theta\, \mathrm{KL}(Q \| P) \}`, the minimum being at :math:`Q \propto P
e^{-X/\theta}`: it is concave in :math:`(\theta, X)` jointly, and lies below its tangents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.bounds.entropic import entropic_tail
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.planning.best_rows import best_rows

_TIE = 1e-12
_MEAN_BELOW = 1e-200  # levels that would lose digits to subnormal numbers; the difference to the mean is far below them
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True)
class Tail:
    """How many steps are made, and what follows them."""

    steps: int
    value: np.ndarray
    width: float
    spread: float
    policy: np.ndarray | None

    @classmethod
    def after(cls, model: OutcomeModel, H: int | None, tol: float, beta: float) -> Tail:
        """Return H steps, or as many as make the loss at level beta at most half of tol."""
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
        """How far the optimum, and the policy's value, may be below what the recursion gives."""
        return gamma**self.steps * self.width + entropic_tail(gamma, beta, self.spread, self.steps)


def backward(model: OutcomeModel, beta: float, tail: Tail) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of each step, shape (steps + 1, n_states), and the lowest best actions, at one level."""
    values, policy = [tail.value], []
    for t in reversed(range(tail.steps)):
        x = model.reward + model.gamma * values[-1][model.next_state]
        q = entropic(x, model.prob, np.array([_decayed(beta, model.gamma**t)]))[0]
        policy.append(_lowest_best(model, q))
        values.append(np.maximum.reduceat(q, model.pair_start[:-1]))
    rows = np.array(policy[::-1], dtype=np.int64).reshape(tail.steps, model.n_states)
    return np.array(values[::-1]), rows


def at_start(model: OutcomeModel, start: int | None, values: np.ndarray, beta: float) -> float:
    """Return the entropic risk of values from one state, or from a random one."""
    return float(entropic(values, model.mu[None], np.array([beta]))[0, 0]) if start is None else float(values[start])


def entropic(x: np.ndarray, prob: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the entropic risk along the last axis of x (K, n, B) or (n, B), at K levels, of laws prob (n, B)."""
    low = _least(x, prob)
    above = np.where(prob > 0, x - low[..., None], 0.0)
    neutral, extreme = beta <= _MEAN_BELOW, np.isinf(beta)
    level = np.where(neutral | extreme, 1.0, beta)[:, None]
    missing = (prob * np.expm1(-level[..., None] * above)).sum(axis=-1)
    kept = (prob * np.exp(-level[..., None] * above)).sum(axis=-1)
    # Near 1 the logarithm needs its argument's distance to 1, elsewhere the argument.
    log = np.where(missing > -0.5, np.log1p(np.maximum(missing, -0.5)), np.log(kept))
    excess = np.where(neutral[:, None], (prob * above).sum(axis=-1), np.where(extreme[:, None], 0.0, -log / level))
    return low + excess


def over_intervals(
    model: OutcomeModel, centre: np.ndarray, half: np.ndarray, start: int | None, tail: Tail
) -> np.ndarray:
    r"""Return for each interval of temperatures the optimum at its centre, and upper bounds at both ends, shape (3, K).

    If :math:`V_{t+1}(\theta) \le A + (\theta - \theta_0) B` in each state, then by the tangent of the step

    .. math::

       \mathrm{ERM}_{1/\theta_t}[R + \gamma V_{t+1}] \le \mathrm{ERM}_{1/\theta_{0,t}}[R + \gamma A] + (\theta -
       \theta_0) \big( \gamma^{-t}\, \mathrm{KL}(Q \| P) + \gamma E_Q B \big), \qquad \theta_t = \theta / \gamma^t,

    and the largest over actions is a convex function of the temperature, below the line that joins its ends.
    """
    size = max(1, _BATCH // (3 * model.prob.size))
    parts = [slice(k, k + size) for k in range(0, centre.size, size)]
    return np.concatenate([_over_some(model, centre[part], half[part], start, tail) for part in parts], axis=1)


def _over_some(model: OutcomeModel, centre: np.ndarray, half: np.ndarray, start: int | None, tail: Tail) -> np.ndarray:
    exact = low = high = np.tile(tail.value, (centre.size, 1))
    for t in reversed(range(tail.steps)):
        pairs = _step(
            [model.reward + model.gamma * v[:, model.next_state] for v in (exact, low, high)],
            model.prob,
            model.gamma**t,
            centre,
            half,
        )
        exact, low, high = (np.maximum.reduceat(q, model.pair_start[:-1], axis=1) for q in pairs)
    if start is not None:
        return np.stack([v[:, start] for v in (exact, low, high)])
    drawn = _step([v[:, None] for v in (exact, low, high)], model.mu[None], 1.0, centre, half)
    return np.stack([v[:, 0] for v in drawn])


def _step(
    bounded: list[np.ndarray],
    prob: np.ndarray,
    discount: float,
    centre: np.ndarray,
    half: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return entropic risks at the centres, and the tangent's ends, of variables (K, n, B) given in the same way."""
    exact, low, high = bounded
    level = np.array([_decayed(1 / theta, discount) for theta in centre.tolist()])
    middle = (low + high) / 2
    risk = entropic(middle, prob, level)
    tilted = prob * np.exp(-level[:, None, None] * np.where(prob > 0, middle - _least(middle, prob)[..., None], 0.0))
    tilted /= tilted.sum(axis=-1, keepdims=True)
    # Temperature times relative entropy is what the risk is above the tilted mean.
    divergence = (risk - (tilted * middle).sum(axis=-1)) / centre[:, None]
    climb = half[:, None] * divergence + (tilted * (high - low)).sum(axis=-1) / 2
    return entropic(exact, prob, level), risk - climb, risk + climb


def _decayed(beta: float, discount: float) -> float:
    """Return the level after discounting; 0 if nothing is left of what it would weigh."""
    return beta * discount if discount > 0 else 0.0


def _least(x: np.ndarray, prob: np.ndarray) -> np.ndarray:
    return np.where(prob > 0, x, np.inf).min(axis=-1)


def _lowest_best(model: OutcomeModel, q: np.ndarray) -> np.ndarray:
    """Return each state's lowest action that is best, but for rounding."""
    return best_rows(q, model.pair_start, _TIE * (1 + np.abs(q).max(initial=0.0)))[1]

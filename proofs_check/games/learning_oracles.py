"""Runs of players who learn, written straight from the definitions, and sequences of gains that are hard on them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import softmax

SHAPLEY = (
    np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
)
"""Payoffs of Shapley's game (1964)."""


def hedge(gains: np.ndarray, step: float) -> np.ndarray:
    """Return what Hedge plays, shape (T, n)."""
    return softmax(step * (np.cumsum(gains, axis=0) - gains), axis=1)


def hedge_averages(A: np.ndarray, rounds: int, steps: tuple[float, float], *, optimistic: bool) -> list[np.ndarray]:
    """Return the average strategies of two players of Hedge in a zero-sum game, by multiplying factors."""
    p, q = (np.full(n, 1 / n) for n in A.shape)
    weights, totals = [p, q], [np.zeros(n) for n in A.shape]
    for _ in range(rounds):
        gains = [A @ q, -(A.T @ p)]
        totals = [total + s for total, s in zip(totals, (p, q), strict=True)]
        weights = [w * np.exp(eta * (g - g.max())) for w, eta, g in zip(weights, steps, gains, strict=True)]
        weights = [w / w.sum() for w in weights]
        played = weights
        if optimistic:
            played = [w * np.exp(eta * g) for w, eta, g in zip(weights, steps, gains, strict=True)]
        p, q = (w / w.sum() for w in played)
    return [total / rounds for total in totals]


def duality_gap(A: np.ndarray, p: np.ndarray, q: np.ndarray) -> float:
    """Return what the two players of a zero-sum game could gain together."""
    return float((A @ q).max() - (p @ A).min())


def regret_matching_regret(gains: np.ndarray, *, plus: bool) -> float:
    """Return the external regret of regret matching, or of regret matching+."""
    n = gains.shape[1]
    regrets, earned, floor = np.zeros(n), 0.0, 0.0 if plus else -np.inf
    for g in gains:
        positive = np.maximum(regrets, 0)
        p = positive / positive.sum() if positive.any() else np.full(n, 1 / n)
        earned += p @ g
        regrets = np.maximum(regrets + g - p @ g, floor)
    return float(gains.sum(axis=0).max() - earned)


def swap_hedge(gains: np.ndarray, step: float) -> np.ndarray:
    """Return what Blum and Mansour's rule over Hedge plays, by solving for the stationary law each round."""
    n = gains.shape[1]
    totals, played = np.zeros((n, n)), []
    for g in gains:
        Q = softmax(step * totals, axis=1)
        p = np.linalg.lstsq(np.vstack([Q.T - np.eye(n), np.ones(n)]), np.r_[np.zeros(n), 1], rcond=None)[0]
        totals += np.outer(p, g)
        played.append(p)
    return np.array(played)


def external_regret(played: np.ndarray, gains: np.ndarray) -> float:
    """Return what the best single action would have earned more."""
    return max(float((gains[:, a] - (played * gains).sum(axis=1)).sum()) for a in range(gains.shape[1]))


def swap_regret(played: np.ndarray, gains: np.ndarray) -> float:
    """Return what the best action in place of each would have earned more."""
    actions = range(gains.shape[1])
    return sum(max(float(played[:, a] @ (gains[:, b] - gains[:, a])) for b in actions) for a in actions)


def best_replies(
    A: np.ndarray, B: np.ndarray, rounds: int, start: tuple[int, int], seed: int, *, second_has_seen: bool = False
) -> np.ndarray:
    """Return the actions of fictitious play in whole numbers, ties settled at random, shape (rounds, 2)."""
    rng = np.random.default_rng(seed)
    first, second = np.zeros(A.shape[0], dtype=int), np.zeros(B.shape[1], dtype=int)
    (i, j), history = start, []
    for t in range(rounds):
        if t > 0:
            i = _one_of_the_best(first, rng)
            j = _one_of_the_best(second + B[i] if second_has_seen else second, rng)
        history.append((i, j))
        first, second = first + A[:, j], second + B[i]
    return np.array(history)


def _one_of_the_best(total: np.ndarray, rng: np.random.Generator) -> int:
    best = np.flatnonzero(total == total.max())
    return int(best[0] if best.size == 1 else rng.choice(best))


def replicator_regrets(A: np.ndarray, p: np.ndarray, q: np.ndarray, time: float) -> np.ndarray:
    """Return the row player's regret for each action under the continuous replicator dynamics, by an integral."""
    m = p.size

    def velocity(t: float, x: np.ndarray) -> np.ndarray:
        p, q = x[:m] / x[:m].sum(), x[m:-m] / x[m:-m].sum()  # or sums would run away from one, exponentially
        row, column = A @ q - p @ A @ q, p @ A @ q - p @ A
        return np.concatenate([p * row, q * column, row])

    path = solve_ivp(
        velocity, (0.0, time), np.concatenate([p, q, np.zeros(m)]), method="DOP853", rtol=1e-10, atol=1e-12
    )
    return path.y[-m:, -1]


def turns_then_a_run(rounds: int) -> np.ndarray:
    """Return gains of two actions that take turns, until at last one gains alone: nearly the worst for Hedge."""
    gains = np.eye(2)[np.arange(rounds) % 2]
    run = int(5 * np.sqrt(rounds / (8 * np.log(2))))
    gains[rounds - run :] = [1, 0]
    return gains


def phases(n: int, length: int) -> np.ndarray:
    """Return gains of one action after the other, each for a while."""
    return np.repeat(np.eye(n), length, axis=0)


@lru_cache(maxsize=4)
def near_one_action(n: int, rounds: int) -> np.ndarray:
    """Return gains that keep regret matching close to its first action, where a round costs most."""
    regrets, gains = np.zeros(n), np.zeros((rounds, n))
    for t in range(rounds):
        positive = np.maximum(regrets, 0)
        p = positive / positive.sum() if positive.any() else np.full(n, 1 / n)
        gains[t] = np.eye(n)[0] if t == 0 or (regrets[1:] >= p[0]).all() else 1 - np.eye(n)[0]
        regrets = regrets + gains[t] - p @ gains[t]
    return gains

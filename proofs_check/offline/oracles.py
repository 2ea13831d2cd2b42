"""Offline learners written anew, and the truth that they are compared with: dense matrices and closed forms.

A nature is a divergence with one weight or radius, or None for the nominal model. Data are counts of shape
(H, n_pairs, n_states).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from proofs_check.robust.dynamic_oracles import closed_form
from proofs_check.robust.oracles import chi_square_ball
from rltheory import LinearMDP
from rltheory.robust import TV, ChiSquare, Divergence

Nature = Divergence | None
Worst = Callable[[int, np.ndarray, np.ndarray], float]
"""From a step, a nominal row and values of the next step to the worst case."""
Penalise = Callable[[int, np.ndarray, np.ndarray], np.ndarray]
"""From a step, the errors of the weights (d,) and the inverse of the Gram matrix to penalties (n_pairs,)."""


class Learned(NamedTuple):
    """What a learner found, and by how much each of its estimates is off."""

    value: np.ndarray
    policy: np.ndarray
    penalty: np.ndarray
    error: np.ndarray
    inverse: np.ndarray


def learn(
    model: LinearMDP,
    counts: np.ndarray,
    nature: Nature,
    *,
    ridge: float,
    penalise: Penalise,
    learn_rewards: bool = False,
) -> Learned:
    """Run pessimistic value iteration on counts; penalties may depend on the true errors, which the model tells."""
    H, n_pairs, n_states = counts.shape
    value, policy = np.zeros((H + 1, n_states)), np.zeros((H, n_states), dtype=int)
    penalty, error, inverses = np.zeros((H, n_pairs)), np.zeros((H, n_pairs)), np.zeros((H, model.d, model.d))
    for t in reversed(range(H)):
        inverses[t], factors = regression(model.phi, counts[t], ridge)
        truth = np.array([worst_case(nature, p, value[t + 1]) for p in model.step_factors(t)])
        off = estimate(nature, factors, value[t + 1], top=H - 1.0 - t) - truth
        if learn_rewards:
            earned = counts[t].sum(axis=1) * model.rewards(t)
            off += inverses[t] @ (model.phi.T @ earned) - model.step_theta(t)
        error[t], penalty[t] = model.phi @ off, penalise(t, off, inverses[t])
        q = model.rewards(t) + model.phi @ truth + error[t] - penalty[t]
        value[t], policy[t] = greedy(model, np.clip(q, 0, H - t))
    return Learned(value, policy, penalty, error, inverses)


def regression(phi: np.ndarray, counts: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the inverse of the Gram matrix, and the estimated factors."""
    inverse = np.linalg.inv((phi.T * counts.sum(axis=1)) @ phi + ridge * np.eye(phi.shape[1]))
    return inverse, inverse @ (phi.T @ counts)


def greedy(model: LinearMDP, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest entry of every state, and its action."""
    start = model.pair_start
    best = np.array([np.argmax(q[start[s] : start[s + 1]]) for s in range(model.n_states)])
    return q[start[:-1] + best], best


def none(model: LinearMDP) -> Penalise:
    """Trust the estimates."""
    return lambda t, off, inverse: np.zeros(model.n_pairs)


def just_enough(model: LinearMDP) -> Penalise:
    r"""Penalise each factor by its own error, as a multiplier |error| / sqrt(inverse_ii) of each factor does."""
    return lambda t, off, inverse: model.phi @ np.abs(off)


def just_enough_elliptical(model: LinearMDP) -> Penalise:
    """Take the smallest multiplier of the elliptical norm that covers the errors of all pairs."""

    def penalise(t: int, off: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        norms = elliptical_norms(model.phi, inverse)
        return norms * (np.abs(model.phi @ off) / norms).max()

    return penalise


def elliptical_norms(phi: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Return the norm of every row of phi."""
    return np.sqrt(np.sum((phi @ inverse) * phi, axis=1))


def values(model: LinearMDP, worst: Worst, policy: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the worst-case values of a policy (H, n_states), or of the best one, and that policy."""
    value, chosen = np.zeros((model.H + 1, model.n_states)), np.zeros((model.H, model.n_states), dtype=int)
    for t in reversed(range(model.H)):
        w = np.array([worst(t, p, value[t + 1]) for p in model.step_factors(t)])
        q = model.rewards(t) + model.phi @ w
        if policy is None:
            value[t], chosen[t] = greedy(model, q)
        else:
            value[t], chosen[t] = q[model.pair_start[:-1] + policy[t]], policy[t]
    return value, chosen


def against(nature: Nature) -> Worst:
    """Return a nature that is the same at every step."""
    return lambda t, p, v: worst_case(nature, p, v)


def worst_case(nature: Nature, p: np.ndarray, v: np.ndarray) -> float:
    """Return the worst expectation of v when a row may be moved."""
    if nature is None:
        return float(p @ v)
    if not isinstance(nature, ChiSquare):
        return float(closed_form(nature, p, v))
    p, v = p[p > 0], v[p > 0]
    return max(a - nature.lam - p @ np.maximum(a - v, 0) ** 2 / (4 * nature.lam) for a in _levels(p, v, nature.lam))


def _levels(p: np.ndarray, v: np.ndarray, lam: float) -> np.ndarray:
    """Return candidates for the root of E (alpha - V)_+ = 2 lam: one for each number of values below it."""
    order = np.argsort(v)
    return (2 * lam + np.cumsum(p[order] * v[order])) / np.cumsum(p[order])


def worst_row(nature: Nature, p: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the row that attains `worst_case`."""
    if nature is None:
        return p
    mu, least = p.copy(), int(np.argmin(v))
    if isinstance(nature, TV) and nature.is_penalty:
        mu[v > v[least] + nature.lam] = 0
        mu[least] += 1 - mu.sum()
    elif isinstance(nature, TV):
        left = float(nature.rho)
        for s in np.argsort(-v):
            taken = min(left, mu[s])
            mu[s], left = mu[s] - taken, left - taken
        mu[least] += float(nature.rho) - left
    elif isinstance(nature, ChiSquare):
        below = _levels(p[p > 0], v[p > 0], nature.lam)
        alpha = max(below, key=lambda a: a - p @ np.maximum(a - v, 0) ** 2 / (4 * nature.lam))
        mu = p * np.maximum(alpha - v, 0)
    else:
        mu = p * np.exp((v[p > 0].min() - v) / nature.lam, where=p > 0, out=np.zeros_like(p))
    return mu / mu.sum()


def estimate(nature: Nature, factors: np.ndarray, v: np.ndarray, top: float) -> np.ndarray:
    """Return what a learner takes for the worst case, from signed measures (d, n_states)."""
    least = v.min()
    if nature is None:
        return factors @ v
    if isinstance(nature, TV) and nature.is_penalty:
        return factors @ np.minimum(v, least + nature.lam)
    if isinstance(nature, TV):
        alphas = np.concatenate([[0.0, top], v])
        means = factors @ np.minimum(v[:, None], alphas)
        return (means - nature.rho * np.maximum(alphas - least, 0)).max(axis=1)
    if isinstance(nature, ChiSquare):
        return np.array([_chi_square_estimate(w, v, float(nature.lam), top) for w in factors])
    mean = factors @ np.exp((least - v) / nature.lam)
    return np.array([top if x <= 0 else np.clip(least - nature.lam * np.log(x), least, top) for x in mean])


def _chi_square_estimate(w: np.ndarray, v: np.ndarray, lam: float, top: float) -> float:
    """Maximise e1 + (e1^2 - e2) / (4 lam) over alpha: at an end of a piece, at a clip, or at a vertex."""
    ends = np.unique(np.concatenate([[0.0, top], np.clip(v, 0, top)]))
    above = np.array([w[v > low].sum() for low in ends[:-1]])
    A, C = (np.array([w[v <= low] @ v[v <= low] ** k for low in ends[:-1]]) for k in (1, 2))
    with np.errstate(all="ignore"):
        clips = [-A / above, (top - A) / above, np.sqrt(-C / above), np.sqrt((top**2 - C) / above)]
        inner = np.nan_to_num(np.array([*clips, (2 * lam + A) / (1 - above)]), posinf=0.0, neginf=0.0)
    alphas = np.concatenate([ends, np.clip(inner, ends[:-1], ends[1:]).ravel()])
    capped = np.minimum(v, alphas[:, None])
    e1, e2 = np.clip(capped @ w, 0, top), np.clip(capped**2 @ w, 0, top**2)
    return float((e1 + (e1**2 - e2) / (4 * lam)).max())


def largest_mean(nature: Nature, radius: float, p: np.ndarray, f: np.ndarray) -> float:
    """Return the largest expectation of f over rows within a radius of p."""
    if nature is None or radius == 0 or f.max() == f.min():
        return float(p @ f)
    if isinstance(nature, TV):
        return -float(closed_form(TV(rho=min(radius, 1.0)), p, -f))
    if isinstance(nature, ChiSquare):
        return -chi_square_ball(p, -f, radius)
    p, f = p[p > 0], f[p > 0]
    if radius >= -np.log(p[f == f.max()].sum()):
        return float(f.max())

    def dual(x: float) -> float:
        lam = np.exp(x)
        return float(f.max() + lam * np.log(p @ np.exp((f - f.max()) / lam)) + lam * radius)

    return float(minimize_scalar(dual, bounds=(-16, 12), method="bounded", options={"xatol": 1e-9}).fun)


def radius_afforded(nature: Nature, later: np.ndarray) -> float:
    """Return how far nature can go: its ball, or what the largest of the later values pays for."""
    if nature is None:
        return 0.0
    return float(later.max() / nature.lam) if nature.is_penalty else float(nature.rho)


Means = Callable[[int, np.ndarray, np.ndarray], float]
"""From a step, a nominal row and a function of the next state to its expectation under what nature does."""


def expected_sum(model: LinearMDP, policy: np.ndarray, costs: np.ndarray, means: Means) -> np.ndarray:
    """Return the expected sum of costs (steps, n_pairs) along a policy from every first state."""
    total = np.zeros(model.n_states)
    for t in reversed(range(len(costs))):
        later = np.array([means(t, p, total) for p in model.step_factors(t)])
        total = (costs[t] + model.phi @ later)[model.pair_start[:-1] + policy[t]]
    return total


def nominal(t: int, p: np.ndarray, f: np.ndarray) -> float:
    """Return the expectation when nature does nothing."""
    return float(p @ f)


def worst_against(nature: Nature, value: np.ndarray) -> Means:
    """Return expectations under what nature does against given values."""
    return lambda t, p, f: float(worst_row(nature, p, value[t + 1]) @ f)


def admissible(nature: Nature, value: np.ndarray) -> Means:
    """Return the largest expectations under what nature can afford, or may do, with the best values given."""
    return lambda t, p, f: largest_mean(nature, radius_afforded(nature, value[t + 1]), p, f)

"""Small robust problems, and worst cases written anew: closed forms, and kernels that nature may choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rltheory import MDP, FiniteHorizonMDP, LinearMDP
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, Divergence, LInf

LAMS, RHOS = (0.05, 0.3, 1.0, 4.0), (0.0, 0.05, 0.3, 1.0)


def penalties() -> SearchStrategy[Divergence]:
    """Draw a divergence with a weight."""
    drawn = [kind(lam=lam) for kind in (TV, KL, ChiSquare, L1) for lam in LAMS]
    return st.sampled_from([*drawn, *(CressieRead(k, lam=lam) for k in (0.5, 3.0) for lam in LAMS)])


def balls() -> SearchStrategy[Divergence]:
    """Draw a divergence with a radius."""
    return st.sampled_from([kind(rho=rho) for kind in (TV, KL, ChiSquare, L1, LInf) for rho in RHOS])


def divergences() -> SearchStrategy[Divergence]:
    """Draw a penalty or a ball."""
    return penalties() | balls()


def with_closed_form() -> SearchStrategy[Divergence]:
    """Draw a divergence that `closed_form` knows."""
    return st.sampled_from([TV(lam=x) for x in LAMS] + [TV(rho=x) for x in RHOS] + [KL(lam=x) for x in LAMS])


def closed_form(divergence: Any, p: np.ndarray, v: np.ndarray) -> float:
    """Return the worst case of total variation, of both kinds, or of a penalty with relative entropy."""
    if isinstance(divergence, TV) and divergence.is_penalty:
        return p @ np.minimum(v, v.min() + divergence.lam)
    if isinstance(divergence, TV):
        return max(p @ np.minimum(v, a) - min(divergence.rho, 1.0) * (a - v.min()) for a in v)
    if not (isinstance(divergence, KL) and divergence.is_penalty):
        raise ValueError(f"there is no closed form of {divergence!r}")
    least = v[p > 0].min()
    return least - divergence.lam * np.log(p[p > 0] @ np.exp(-(v[p > 0] - least) / divergence.lam))


def charge(divergence: Divergence, mu: np.ndarray, p: np.ndarray) -> float:
    """Return what nature pays for mu: the penalty, or nothing inside a ball."""
    return divergence.lam * divergence.divergence(mu, p) if divergence.is_penalty else 0.0


def random_kernel(divergence: Divergence, p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a row on the support of p that nature may choose: a mixture, so near to p that it is in the ball."""
    mu = np.where(p > 0, rng.dirichlet(np.full(p.size, 0.3)) + 1e-12, 0.0)
    mu /= mu.sum()
    if divergence.is_penalty:
        return mu
    far = divergence.divergence(mu, p)
    return p + (mu - p) * (min(1.0, divergence.rho / far) if far > 0 else 1.0)


Inner = Callable[[np.ndarray, np.ndarray], float]
"""From a nominal row and values to the worst case."""


def robust_values(model: LinearMDP | FiniteHorizonMDP, inner: Inner, policy: np.ndarray | None = None) -> np.ndarray:
    """Return the optimum, or the value of a stationary policy, at every step; nature moves factors or rows of pairs."""
    value = np.zeros((model.H + 1, model.n_states))
    for t in reversed(range(model.H)):
        if isinstance(model, LinearMDP):
            w = np.array([inner(p, value[t + 1]) for p in model.step_factors(t)])
            q = model.phi @ (model.step_theta(t) + w)
        else:
            w = np.array([inner(p / p.sum(), value[t + 1]) for p in model.rows(t).toarray()])
            q = model.rewards(t) + model.gamma * w
        start = model.pair_start[:-1]
        value[t] = np.maximum.reduceat(q, start) if policy is None else q[start + policy]
    return value


def robust_operator(mdp: MDP, inner: Inner, v: np.ndarray) -> np.ndarray:
    """Apply the robust optimality operator of a discounted model once."""
    w = np.array([inner(p / p.sum(), v) for p in mdp.P.toarray()])
    return np.maximum.reduceat(mdp.r + mdp.gamma * w, mdp.pair_start[:-1])


def robust_fixed_point(mdp: MDP, inner: Inner) -> np.ndarray:
    """Return the fixed point of the robust operator, by so many sweeps that no more than rounding is left."""
    v = np.zeros(mdp.n_states)
    for _ in range(int(np.ceil(np.log(1e-14) / np.log(mdp.gamma))) if mdp.gamma else 1):
        v = robust_operator(mdp, inner, v)
    return v

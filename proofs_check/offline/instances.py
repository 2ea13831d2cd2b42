"""Small linear models with data: counts drawn pair by pair, or by trajectories of the uniform policy."""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from mdps.linear_strategies import linear_mdps
from rltheory import LinearMDP
from rltheory.robust import KL, TV, ChiSquare

RIDGES = st.sampled_from([0.01, 0.1, 1.0])
LAMS, RHOS = (0.05, 0.3, 1.0, 4.0), (0.05, 0.3, 0.9)

PENALTIES = st.sampled_from([kind(lam=lam) for kind in (TV, KL, ChiSquare) for lam in LAMS])
"""The natures of R2PVI."""
BALLS = st.sampled_from([TV(rho=rho) for rho in RHOS])
"""The natures of DRPVI."""


@st.composite
def with_counts(draw: DrawFn, *also: SearchStrategy[Any], most: int = 300) -> tuple[Any, ...]:
    """Draw a linear model, counts of transitions from pairs drawn evenly, a ridge and further arguments."""
    model = draw(linear_mdps(max_states=3, max_actions=2, max_horizon=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    K = draw(st.sampled_from([k for k in (0, 3, 30, 300) if k <= most]))
    visits = rng.multinomial(K, np.full(model.n_pairs, 1 / model.n_pairs), size=model.H)
    counts = np.array([rng.multinomial(visits[t], model.kernel(t)) for t in range(model.H)], dtype=float)
    return (model, counts, draw(RIDGES), *(draw(one) for one in also))


def random_models(n_states: int, n_actions: int, d: int, H: int) -> SearchStrategy[LinearMDP]:
    """Draw a seed of `mdps.random_linear_mdp`."""
    return st.builds(partial(mdps.random_linear_mdp, n_states, n_actions, d, H), rng=st.integers(0, 10**6))


def simulate(model: LinearMDP, K: int, rng: np.random.Generator) -> np.ndarray:
    """Return the counts of K trajectories of the uniform policy, of shape (H, n_pairs, n_states)."""
    counts = np.zeros((model.H, model.n_pairs, model.n_states))
    chances = 1 / np.diff(model.pair_start)
    states = rng.multinomial(K, model.mu)
    for t in range(model.H):
        visits = np.concatenate(
            [rng.multinomial(n, np.full(round(1 / c), c)) for n, c in zip(states, chances, strict=True)]
        )
        counts[t] = rng.multinomial(visits, model.kernel(t))
        states = counts[t].sum(axis=0).astype(int)
    return counts


def visit_laws(model: LinearMDP) -> list[np.ndarray]:
    """Return the law of the pair at every step under the uniform policy."""
    law, counts, found = model.mu, np.diff(model.pair_start), []
    for t in range(model.H):
        found.append(np.repeat(law / counts, counts))
        law = found[-1] @ model.kernel(t)
    return found


def simulate_folds(model: LinearMDP, K: int, rng: np.random.Generator) -> np.ndarray:
    """Return counts in which every step has K trajectories of its own, of which earlier and later steps are unseen."""
    return np.array(
        [rng.multinomial(rng.multinomial(K, law), model.kernel(t)) for t, law in enumerate(visit_laws(model))],
        dtype=float,
    )

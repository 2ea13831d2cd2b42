"""Experts and learners in small worlds without discount, and what they earn, step by step from the start."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.strategies import laws
from rltheory import FiniteHorizonMDP

Apprenticeship = tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]
"""A world, an expert and a learner, both of shape (H, n_states, n_actions)."""


@st.composite
def apprenticeships(draw: DrawFn, *, max_steps: int = 4, max_states: int = 3, certain: bool = False) -> Apprenticeship:
    """Draw an `Apprenticeship` with rewards in [0, 1]; the expert is deterministic if ``certain``."""
    H, S, A = draw(st.integers(1, max_steps)), draw(st.integers(1, max_states)), draw(st.integers(1, 3))
    P = draw(laws(H * S * A, S, uneven=False)).reshape(H, S, A, S)
    r = draw(hnp.arrays(np.int64, (H, S, A), elements=st.integers(0, 4), fill=st.nothing())) / 4
    model = FiniteHorizonMDP(P, r, H, mu=draw(laws(1, S, uneven=False))[0])
    expert = np.eye(A)[draw(hnp.arrays(np.int64, (H, S), elements=st.integers(0, A - 1), fill=st.nothing()))]
    if not certain and draw(st.booleans()):
        expert = draw(laws(H * S, A, uneven=False)).reshape(H, S, A)
    other = draw(laws(H * S, A, uneven=False)).reshape(H, S, A)
    x = draw(st.sampled_from([0.1, 1e-3, 0.5, 1.0]))
    return model, expert, (1 - x) * expert + x * other


def tables(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray) -> Apprenticeship:
    """Return an expert of actions and a learner of probabilities, both stationary, as an `Apprenticeship`."""
    H, A = model.H, model.n_actions
    return model, np.array([np.eye(A)[expert]] * H), np.array([learner] * H)


def dense(model: FiniteHorizonMDP) -> tuple[np.ndarray, np.ndarray]:
    """Return transition probabilities and rewards of all steps, (H, S, A, S) and (H, S, A)."""
    shape = (model.H, model.n_states, model.n_actions)
    return np.broadcast_to(model.P, (*shape, model.n_states)), np.broadcast_to(model.r, shape)


def visits(model: FiniteHorizonMDP, policy: np.ndarray) -> np.ndarray:
    """Return the probability of each state at each step, forwards from the start."""
    P, _ = dense(model)
    found = [model.mu]
    for t in range(model.H - 1):
        found.append(np.einsum("s,sa,sax->x", found[-1], policy[t], P[t]))
    return np.array(found)


def earned(model: FiniteHorizonMDP, policy: np.ndarray) -> float:
    """Return the expected return, added up forwards."""
    return float(np.einsum("ts,tsa,tsa->", visits(model, policy), policy, dense(model)[1]))


def errors(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray, visitor: np.ndarray) -> np.ndarray:
    """Return the mean total variation distance of each step in the states of a visitor."""
    overlap = np.minimum(expert, learner).sum(axis=2)
    return (visits(model, visitor) * (1 - overlap)).sum(axis=1)


def state_paths(model: FiniteHorizonMDP, policy: np.ndarray) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield every sequence of H states, with its probability under a policy."""
    P, _ = dense(model)
    for path in itertools.product(range(model.n_states), repeat=model.H):
        chance = float(model.mu[path[0]])
        for t in range(model.H - 1):
            chance *= float(policy[t, path[t]] @ P[t, path[t], :, path[t + 1]])
        if chance > 0:
            yield path, chance

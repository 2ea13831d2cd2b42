"""Random models of every kind that is hard for floating point, for comparison with exact rational arithmetic."""

import numpy as np
import pytest

from rltheory import MDP

HARD_GAMMAS = (0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)


def hard_rows(rng, kind, owner, n_states):
    """Draw rows: Dirichlet, deterministic, nearly reducible (left with probability down to 1e-13), small fractions."""
    m = owner.size
    if kind == "dirichlet":
        rows = rng.dirichlet(np.full(n_states, rng.choice([0.1, 1.0])), size=m)
    elif kind == "deterministic":
        rows = np.eye(n_states)[rng.integers(n_states, size=m)]
    elif kind == "nearly reducible":
        leave = 10.0 ** -rng.integers(3, 14)
        rows = (1 - leave) * np.eye(n_states)[owner] + leave * rng.dirichlet(np.ones(n_states), size=m)
    else:
        rows = rng.integers(0, 4, size=(m, n_states)) + np.eye(n_states)[rng.integers(n_states, size=m)]
    return MDP.normalised(rows)


@pytest.fixture
def hard_mdp():
    """Return a function from a generator to a random MDP of at most five states."""

    def draw(rng) -> MDP:
        n_states = int(rng.integers(1, 6))
        counts = rng.integers(1, 4, size=n_states)
        owner = np.repeat(np.arange(n_states), counts)
        kind = rng.choice(["dirichlet", "deterministic", "nearly reducible", "fractions"])
        rewards = rng.normal(size=owner.size) * rng.choice([1.0, 1e6, 1e-6])
        if rng.random() < 0.3:
            rewards = np.round(rewards)
        return MDP.from_pairs(
            hard_rows(rng, kind, owner, n_states), rewards, float(rng.choice(HARD_GAMMAS)), states=owner
        )

    return draw

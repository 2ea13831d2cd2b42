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


def tangled_row(rng, kind, owner, n_states, leave):
    """Draw one row; partners and blocks make end components, some of them left with probability ``leave`` only."""

    def point(state):
        return np.eye(n_states)[state]

    anywhere, partner = rng.integers(n_states), (owner ^ 1) % n_states
    if kind == "deterministic":
        return point(anywhere)
    if kind == "pairs":
        return point(anywhere) + rng.integers(1, 4) * point(rng.integers(n_states))
    if kind == "dirichlet":
        return rng.dirichlet(np.full(n_states, rng.choice([0.1, 1.0])))
    if kind == "self":
        return (1 - leave) * point(owner) + leave * rng.dirichlet(np.ones(n_states))
    if kind == "block":
        return (1 - leave) * point(partner) + leave * point(anywhere)
    return point(partner) if rng.random() < 0.6 else point(anywhere) + point(rng.integers(n_states))


def tangled_rewards(rng, kind, rows, owner):
    """Draw rewards; those of kind "potential" make cycles whose total is zero, or would be but for rounding."""
    if kind == "negative":
        return -rng.random(owner.size)
    if kind == "both signs":
        return rng.normal(size=owner.size) - 1.5
    if kind == "zeros":
        return -rng.integers(0, 2, size=owner.size).astype(float)
    if kind == "integers":
        return rng.integers(-3, 2, size=owner.size).astype(float)
    h = rng.integers(-3, 4, size=rows.shape[1]) * rng.choice([1.0, 0.1])
    return h[owner] - rows @ h - (rng.random(owner.size) < 0.5)


@pytest.fixture
def tangled_mdp():
    """Return a function from a generator to a random MDP at gamma = 1, full of end components, and a goal."""
    kinds = ("deterministic", "pairs", "dirichlet", "self", "block", "partner")
    prices = ("negative", "both signs", "zeros", "integers", "potential")

    def draw(rng, *, traps: bool) -> tuple[MDP, list[int]]:
        n_states = int(rng.integers(2, 7))
        owner = np.repeat(np.arange(n_states), rng.integers(1, 4, size=n_states))
        kind, leave = rng.choice([*kinds, "mixed"]), 10.0 ** -rng.integers(1, 16)
        rows = np.array(
            [tangled_row(rng, rng.choice(kinds) if kind == "mixed" else kind, s, n_states, leave) for s in owner]
        )
        for trap in rng.integers(n_states, size=rng.integers(3) if traps else 0):
            rows[owner == trap] = np.eye(n_states)[trap]
        rows = MDP.normalised(rows)
        if rng.random() < 0.2:  # rows that sum to one only within 1e-7
            rows = rows.astype(np.float32).astype(np.float64)
        rewards = tangled_rewards(rng, rng.choice(prices), rows, owner) * rng.choice([1.0, 1.0, 1e6, 1e-6])
        goal = np.unique(rng.integers(n_states, size=rng.integers(1, 3))).tolist()
        return MDP.from_pairs(rows, rewards, 1.0, states=owner), goal

    return draw

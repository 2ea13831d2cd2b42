"""The published experiment with an American put option, with its own stream of random numbers."""

import numpy as np
import pytest
from numpy.random import RandomState

import mdps
from rltheory import Dataset
from rltheory.offline import LinearKnowledge, pevi, r2pvi
from rltheory.robust import TV

H, STRIKE, TRAINING, TEST = 20, 100.0, 100, 100
RISES = [0.2, 0.4, 0.6, 0.8, 1.0]
START = 99.17022004702574  # what RandomState(1).uniform(95, 105) gives


def prices_of(s0):
    """Return all prices after 0, 1, ..., H moves, from no rise to all; node (moves, rises) at moves (moves + 1) / 2."""
    return np.array([s0 * 1.02**k * 0.98 ** (n - k) for n in range(H + 1) for k in range(n + 1)])


def node(moves, rises):
    return moves * (moves + 1) // 2 + rises


def experiment(replication):
    """Return what the learner knows, over the trees of the training and of the test price, and 100 training paths."""
    first = RandomState(replication).uniform(95, 105)
    prices = np.concatenate([prices_of(first), prices_of(START)])
    hold, payoff = mdps.price_features(prices), np.maximum(STRIKE - prices, 0.0)
    phi = np.stack([hold, np.zeros_like(hold)], axis=1).reshape(-1, hold.shape[1])
    reward = np.stack([np.zeros_like(payoff), payoff], axis=1).reshape(-1)
    # Held, the option is taken to be worth a unit a step at most; exercised, it is worth what it pays.
    cap = [np.stack([np.full_like(payoff, H - t), payoff], axis=1).reshape(-1) for t in range(H)]
    known = LinearKnowledge(phi, np.arange(0, phi.shape[0] + 1, 2), H, reward=reward, most=cap)
    rises = np.cumsum(RandomState(1).random_sample((TRAINING, H)) < 0.5, axis=1)
    nodes = node(np.arange(H + 1), np.concatenate([np.zeros((TRAINING, 1), int), rises], axis=1))
    held = np.zeros(TRAINING * H)
    return known, Dataset(
        step=np.tile(np.arange(H), TRAINING),
        state=nodes[:, :-1].reshape(-1),
        action=held.astype(int),
        reward=held,
        next_state=nodes[:, 1:].reshape(-1),
        n_states=prices.size,
        n_actions=2,
        H=H,
    )


def mean_return(policy, p):
    """Return the mean payoff of 100 episodes; after exercise the remaining steps still use up a number each."""
    draws, offset, total = RandomState(1), node(H, H) + 1, 0.0
    draws.uniform(95, 105)
    prices = prices_of(START)
    for _ in range(TEST):
        t, rises = 0, 0
        while t < H and policy[t, offset + node(t, rises)] == 0:
            rises += int(draws.random_sample() < p)
            t += 1
        if t < H:
            total += max(STRIKE - prices[node(t, rises)], 0.0)
            draws.random_sample(H - t - 1)
    return total / TEST


LEARNERS = {
    "PEVI": lambda data, known: pevi(data, known, beta=0.1, clip_low=False, learn_rewards=False),
    "TV(lam=1)": lambda data, known: r2pvi(
        data, known, divergence=TV(lam=1.0), beta=0.1, bonus="l2", clip_low=False, least="sampled"
    ),
    "TV(lam=5)": lambda data, known: r2pvi(
        data, known, divergence=TV(lam=5.0), beta=0.1, bonus="l2", clip_low=False, least="sampled"
    ),
}


@pytest.mark.parametrize(
    ("learner", "published"),
    [
        ("PEVI", [6.278773, 5.020447, 2.199472, 0.294869, 0.0]),
        ("TV(lam=1)", [1.406818, 1.318247, 1.140056, 0.877427, 0.553187]),
        ("TV(lam=5)", [4.769118, 4.318642, 2.211471, 0.571973, 0.0]),
    ],
)
def test_the_published_returns_are_reproduced(learner, published):
    solutions = []
    for replication in range(3):
        known, data = experiment(replication)
        solutions.append(LEARNERS[learner](data, known))
    returns = [np.mean([mean_return(solution.policy, p) for solution in solutions]) for p in RISES]
    np.testing.assert_allclose(returns, published, atol=1e-6)

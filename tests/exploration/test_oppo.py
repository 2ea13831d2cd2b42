"""Mirror descent against its bound, and optimistic evaluation against the true values of policies."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.mixtures import random_mixture
from rltheory import ModelError
from rltheory.exploration import Scaled, Theory
from rltheory.exploration.bounds.oppo import mirror_descent, mirror_descent_rate
from rltheory.exploration.oppo import improved, oppo
from rltheory.planning import backward_induction


@given(st.integers(0, 10**6), st.integers(1, 4), st.floats(0.01, 3))
def test_mirror_descent_loses_no_more_than_its_bound(seed, A, rate):
    rng = np.random.default_rng(seed)
    K, policy, gained = 60, np.full(A, 1 / A), 0.0
    q = np.where(rng.random((K, A)) < 0.5, rng.random((K, A)), rng.integers(0, 2, (K, A)))
    for row in q:
        gained += policy @ row
        policy = improved(policy, row, rate)
    assert q.sum(axis=0).max() - gained <= mirror_descent(A, K, rate=rate, largest=1.0) + 1e-9


def test_the_rate_makes_the_bound_least():
    best = mirror_descent_rate(3, 50, largest=2.0)
    at = [mirror_descent(3, 50, rate=x * best, largest=2.0) for x in (0.9, 1.0, 1.1)]
    assert at[1] < min(at[0], at[2])


@pytest.mark.parametrize("seed", range(3))
def test_where_the_truth_is_covered_policies_are_believed_to_be_worth_no_less_than_they_are(seed):
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=seed)
    run = oppo(model, np.random.default_rng(seed).random((150, 3, 3, 2)), delta=0.1, rng=seed)
    assert run.covered.all()
    assert (run.optimistic_values >= run.values - 1e-9).all()


def test_the_best_fixed_policy_is_best_for_the_mean_reward():
    model = random_mixture(3, 2, d=2, H=3, rng=0)
    rewards = np.random.default_rng(0).random((20, 3, 3, 2))
    optimum = backward_induction(model.replace(r=rewards.mean(axis=0)).to_finite_horizon()).value[0] @ model.mu
    assert oppo(model, rewards, rng=0).best.mean() == pytest.approx(optimum)


def test_regret_per_episode_falls():
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=0)
    rewards = np.random.default_rng(1).random((800, 3, 3, 2)) * [1.0, 0.5]
    losses = (run := oppo(model, rewards, radius=Scaled(0.3), rng=0)).best - run.values
    assert losses[-200:].mean() < 0.5 * losses[:200].mean()


def test_what_cannot_be_is_named():
    model = random_mixture(3, 2, d=2, H=3, rng=0)
    with pytest.raises(ModelError, match=r"rewards have shape \(3, 3, 2\); it must be \(K, 3, 3, 2\)"):
        oppo(model, np.zeros((3, 3, 2)))
    with pytest.raises(ModelError, match=r"the reward of episode 1, step 0, state 0, action 0 is 2\.0"):
        oppo(model, np.stack([np.zeros((3, 3, 2)), np.full((3, 3, 2), 2.0)]))
    with pytest.raises(ModelError, match=r"radius is Theory\(\)"):
        oppo(model, np.zeros((2, 3, 3, 2)), radius=Theory())

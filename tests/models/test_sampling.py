"""Trajectories: they follow the model and the policy, and do not depend on how many are collected at once."""

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import chi2, kstest

import mdps
from mdps.linear_strategies import linear_mdps
from mdps.strategies import finite_horizon_mdps, outcome_models, paired, policies, stochastic_policies
from rltheory import MDP, FiniteHorizonMDP, ModelError, OutcomeModel, collect, occupancy

COLUMNS = ("step", "state", "action", "reward", "next_state")
COIN = OutcomeModel.from_lists([[[(0.5, 0, 1.0), (0.25, 1, -1.0), (0.25, 1, 5.0)]], [[(1.0, 1, 0.0)]]], gamma=0.9, mu=0)


@given(paired(finite_horizon_mdps(), stochastic_policies))
def test_what_happens_can_happen_and_earns_the_expected_reward(drawn):
    model, policy = drawn
    data = collect(model, policy, 5, rng=0)
    assert len(data) == 5 * model.H
    for t in range(model.H):
        seen = data.at(t)
        row = model.pair_start[seen.state] + seen.action
        assert (policy[t, seen.state, seen.action] > 0).all()
        assert (model.rows(t).toarray()[row, seen.next_state] > 0).all()
        np.testing.assert_array_equal(seen.reward, model.rewards(t)[row])
        if t == 0:
            assert (model.mu[seen.state] > 0).all()


@given(paired(finite_horizon_mdps(), policies))
def test_an_action_is_a_policy_that_takes_it_for_sure(drawn):
    model, policy = drawn
    first, second = collect(model, policy, 4, rng=3), collect(model, np.eye(model.n_actions)[policy], 4, rng=3)
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(first, column), getattr(second, column))


@given(outcome_models())
def test_rewards_of_outcomes_come_with_their_next_state(model):
    data = collect(model, None, 20, H=3, rng=0)
    for state, action, reward, next_state in zip(data.state, data.action, data.reward, data.next_state, strict=True):
        row = model.pair_start[state] + action
        listed = (model.next_state[row] == next_state) & (model.reward[row] == reward) & (model.prob[row] > 0)
        assert listed.any()


def of_both(first, second):
    return {column: np.concatenate([getattr(first, column), getattr(second, column)]) for column in COLUMNS}


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_collecting_in_parts_gives_the_same_data(noise):
    model = mdps.random_linear_mdp(4, 3, 3, 5, rng=0)
    at_once = collect(model, None, 100, noise=noise, rng=7)
    stream = np.random.default_rng(7)
    parts = of_both(*(collect(model, None, size, noise=noise, rng=stream) for size in (60, 40)))
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(at_once, column), parts[column])


def test_noise_changes_rewards_only():
    model = mdps.random_linear_mdp(4, 3, 3, 5, rng=0)
    without, noisy = collect(model, None, 1, rng=7), collect(model, None, 1, noise=1e-3, rng=7)
    np.testing.assert_array_equal(without.state, noisy.state)
    assert 0 < np.abs(noisy.reward - without.reward).max() < 0.01


@given(linear_mdps())
def test_a_linear_model_is_sampled_as_its_tabular_self(model):
    first, second = collect(model, None, 3, rng=1), collect(model.to_finite_horizon(), None, 3, rng=1)
    np.testing.assert_array_equal(first.next_state, second.next_state)


def test_frequencies_are_those_of_the_kernel_and_of_the_policy():
    """Pearson's statistics of the visits of each step and of the successors of each pair: false alarm 1 in 10^4."""
    model = mdps.random_linear_mdp(3, 2, 3, 4, zeros=True, rng=2).to_finite_horizon()
    policy = np.random.default_rng(3).dirichlet(np.ones(2), size=(4, 3))
    counts = collect(model, policy, 20_000, rng=4).counts()
    statistic, freedom = 0.0, 0
    for t in range(model.H):
        visits = counts[t].sum(axis=-1)
        visited = visits.reshape(-1) > 0
        for seen, law in [
            (visits.reshape(-1), occupancy(model, policy)[t]),
            *zip(counts[t].reshape(-1, 3)[visited], model.rows(t).toarray()[visited], strict=True),
        ]:
            assert (seen[law == 0] == 0).all()
            expected = seen.sum() * law[law > 0]
            statistic += ((seen[law > 0] - expected) ** 2 / expected).sum()
            freedom += expected.size - 1
    assert chi2.sf(statistic, freedom) > 1e-4


def test_frequencies_of_outcomes_are_their_probabilities():
    """A fair die with three faces, 10^4 throws: the false-alarm rate is 1 in 10^4."""
    thrown = collect(COIN, None, 10_000, H=1, rng=0).reward
    expected = 10_000 * np.array([0.5, 0.25, 0.25])
    seen = np.array([(thrown == reward).sum() for reward in (1.0, -1.0, 5.0)])
    assert chi2.sf(((seen - expected) ** 2 / expected).sum(), 2) > 1e-4


def test_noise_is_normal():
    """Kolmogorov-Smirnov, false alarm 1 in 10^4."""
    model = FiniteHorizonMDP([[[1.0]]], [[2.0]], H=2)
    rewards = collect(model, None, 5_000, noise=3.0, rng=0).reward
    assert kstest((rewards - 2) / 3, "norm").pvalue > 1e-4


@given(paired(finite_horizon_mdps(), stochastic_policies))
def test_tables_have_a_row_for_each_trajectory_and_rows_are_trajectories(drawn):
    model, policy = drawn
    data = collect(model, policy, 6, rng=0)
    if model.H:
        assert data.table("state").shape == (6, model.H)
        np.testing.assert_array_equal(data.table("state")[:, 1:], data.table("next_state")[:, :-1])
        np.testing.assert_array_equal(data.episode, np.repeat(np.arange(6), model.H))


def test_an_mdp_is_sampled_for_a_number_of_steps():
    mdp = MDP.from_arrays([[[0.0, 1.0]], [[1.0, 0.0]]], [1.0, 2.0], gamma=0.9, mu=0)
    assert collect(mdp, [0, 0], 1, H=4, rng=0).reward.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"H": None}, "H is None; an MDP or OutcomeModel needs a number of steps"),
        (
            {"model": FiniteHorizonMDP([[[1.0]]], [[2.0]], H=2)},
            "H is 2; an MDP or OutcomeModel needs",
        ),
        ({"n_trajectories": -1}, "n_trajectories is -1; it must be a whole number of at least 0"),
        ({"noise": -1.0}, r"noise is -1\.0; a standard deviation is a finite number of at least 0"),
        ({"policy": [1, 0]}, "policy takes action 1 in state 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    arguments = {"model": COIN, "policy": None, "n_trajectories": 2, "H": 2} | arguments
    with pytest.raises(ModelError, match=message):
        collect(**arguments)

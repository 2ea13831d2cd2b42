from random import Random

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from mdps.strategies import (
    EXTREME_GAMMAS,
    datasets,
    discounted_mdps,
    finite_horizon_mdps,
    outcome_models,
    paired,
    policies,
    stochastic_policies,
    unit_reward_mdps,
    value_vectors,
)
from rltheory import MDP

SEARCH = settings(max_examples=5000, database=None, derandomize=True, deadline=None)


def found(strategy, condition):
    """Return any example that satisfies the condition."""
    return find(strategy, condition, settings=settings(SEARCH, phases=[Phase.generate]))


def some_search_ends_with(description, strategy, condition, *, describe):
    """Tell whether one of eight searches for a simple example ends with the one described.

    The shrinker works step by step, so that some searches (one in six, of models) end in a corner of their own.
    """
    searches = (find(strategy, condition, settings=SEARCH, random=Random(seed)) for seed in range(8))
    return any(describe(example) == description for example in searches)


@given(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6))
def test_rows_of_drawn_models_sum_to_one_within_rounding(mdp):
    assert isinstance(mdp, MDP)
    np.testing.assert_allclose(mdp.P.sum(axis=1), 1, atol=1e-15 * mdp.n_states)
    assert np.abs(mdp.r).max() <= 1e6


@given(unit_reward_mdps(max_states=3, max_actions=2, ragged=False))
def test_sizes_and_ranges_are_kept(mdp):
    assert mdp.n_states <= 3
    assert mdp.n_pairs == mdp.n_states * mdp.n_actions
    assert ((mdp.r >= 0) & (mdp.r <= 1)).all()


@given(paired(discounted_mdps(), value_vectors, policies, stochastic_policies))
def test_what_belongs_to_a_model_fits_it(drawn):
    mdp, v, policy, mixed = drawn
    assert v.shape == policy.shape == (mdp.n_states,)
    assert ((policy >= 0) & (policy < mdp.action_counts)).all()
    assert mixed.shape == (mdp.n_states, mdp.n_actions)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    assert not mixed[np.arange(mdp.n_actions) >= mdp.action_counts[:, None]].any()


@given(paired(finite_horizon_mdps(), policies, stochastic_policies))
def test_policies_of_a_finite_horizon_have_a_step_axis(drawn):
    model, policy, mixed = drawn
    assert policy.shape == (model.H, model.n_states)
    assert ((policy >= 0) & (policy < model.action_counts)).all()
    assert mixed.shape == (model.H, model.n_states, model.n_actions)


@given(outcome_models())
def test_outcome_models_have_an_expectation(model):
    assert model.to_mdp().n_states == model.n_states


@given(datasets())
def test_data_are_counted(data):
    assert data.counts().sum() == len(data)


@pytest.mark.parametrize(
    "condition",
    [
        lambda mdp: len(set(mdp.action_counts.tolist())) > 1,
        lambda mdp: mdp.r.min() < 0 < mdp.r.max(),
        lambda mdp: mdp.gamma == 0,
        lambda mdp: mdp.gamma == 0.9999,
        lambda mdp: 0 < mdp.P.data.min() < 1e-8,
        lambda mdp: mdp.P.nnz == mdp.n_pairs and mdp.n_states == 5,
        lambda mdp: mdp.P.nnz == mdp.n_pairs * mdp.n_states and mdp.n_states == 5,
        lambda mdp: np.abs(mdp.r).max() > 1e5,
        lambda mdp: not np.allclose(mdp.mu, mdp.mu[0]),
    ],
    ids=[
        "ragged",
        "both-signs",
        "myopic",
        "long-sighted",
        "nearly-reducible",
        "deterministic",
        "dense",
        "large",
        "skewed-start",
    ],
)
def test_every_kind_of_model_is_drawn(condition):
    assert condition(found(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6), condition))


@pytest.mark.parametrize(
    "condition",
    [
        lambda model: model.H == 0,
        lambda model: not isinstance(model.P, np.ndarray) and len(set(model.action_counts.tolist())) > 1,
        lambda model: not isinstance(model.P, np.ndarray) and not model.is_stationary and model.H > 1,
        lambda model: isinstance(model.P, np.ndarray) and model.P.ndim == 4 and model.H > 1,
        lambda model: model.is_stationary and model.H > 1,
    ],
    ids=["no-steps", "sparse-ragged", "sparse-changing", "dense-changing", "stationary"],
)
def test_every_kind_of_finite_horizon_is_drawn(condition):
    assert condition(found(finite_horizon_mdps(), condition))


def test_the_simplest_model_has_one_state_one_action_and_no_reward():
    assert some_search_ends_with(
        (1, 1, [0.0]),
        discounted_mdps(),
        lambda mdp: True,
        describe=lambda mdp: (mdp.n_states, mdp.n_pairs, mdp.r.tolist()),
    )


def test_models_shrink_to_deterministic_rows_and_round_rewards():
    assert some_search_ends_with(
        (3, 3, 3, [0.0, 0.0, 0.375]),
        discounted_mdps(),
        lambda mdp: mdp.n_states >= 3 and mdp.r.max() > 0.3,
        describe=lambda mdp: (mdp.n_states, mdp.n_pairs, mdp.P.nnz, sorted(mdp.r.tolist())),
    )


def test_chance_shrinks_to_a_fair_coin():
    assert some_search_ends_with(
        (2, 2, [0.5, 0.5, 1.0]),
        discounted_mdps(max_states=3, max_actions=1),
        lambda mdp: mdp.P.nnz > mdp.n_pairs,
        describe=lambda mdp: (mdp.n_states, mdp.n_pairs, sorted(mdp.P.data.tolist())),
    )


def test_data_shrink_to_one_transition():
    assert some_search_ends_with(
        (1, 1, 1, 1),
        datasets(),
        lambda data: len(data) > 0,
        describe=lambda data: (len(data), data.n_states, data.n_actions, data.H),
    )


def test_a_failing_example_is_reported_with_its_arrays():
    @settings(max_examples=50, database=None, derandomize=True)
    @given(discounted_mdps())
    def nothing_is_ever_earned(mdp):
        assert mdp.r.max() <= 0

    with pytest.raises(AssertionError) as failure:
        nothing_is_ever_earned()
    assert any("r = [0.125]" in line for line in failure.value.__notes__)

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

import mdps
from mdps.linear_strategies import linear_mdps
from rltheory import ModelError

SEARCH = settings(max_examples=3000, database=None, derandomize=True, deadline=None, phases=[Phase.generate])


@pytest.mark.parametrize(("d", "zeros"), [(1, False), (4, False), (4, True), (9, True)])
def test_random_models_have_anchors_and_rewards_between_zero_and_one(d, zeros):
    model = mdps.random_linear_mdp(3, 2, d, 5, zeros=zeros, rng=1)
    anchors = min(d, 6)
    np.testing.assert_array_equal(model.phi[:anchors], np.eye(d)[:anchors])
    assert np.linalg.matrix_rank(model.phi) == anchors
    assert model.factors.shape == (5, d, 3)
    assert model.theta.shape == (5, d)
    assert 0 <= model.reward_range[0] <= model.reward_range[1] <= 1
    assert ((model.factors == 0).sum(axis=-1) == zeros).all()


def test_the_same_seed_gives_the_same_model():
    first, second = (mdps.random_linear_mdp(3, 2, 2, 2, rng=5) for _ in range(2))
    np.testing.assert_array_equal(first.phi, second.phi)
    np.testing.assert_array_equal(first.factors, second.factors)
    np.testing.assert_array_equal(first.theta, second.theta)


def test_a_single_state_is_never_missed():
    assert (mdps.random_linear_mdp(1, 2, 3, 2, zeros=True, rng=0).factors > 0).all()


def test_sizes_below_one_are_named():
    with pytest.raises(ModelError, match="d is 0; it must be a whole number of at least 1"):
        mdps.random_linear_mdp(3, 2, 0, 5)


@given(linear_mdps(max_reward=2.0, ragged=False))
def test_drawn_models_keep_to_their_limits(model):
    assert 0 <= model.reward_range[0] <= model.reward_range[1] <= 2 + 1e-12
    assert (model.action_counts == model.n_actions).all()
    assert 1 <= model.H <= 4


@pytest.mark.parametrize(
    "condition",
    [
        lambda model: (model.action_counts != model.n_actions).any(),
        lambda model: model.factors.ndim == 3 and model.H > 1 and model.theta.ndim == 1,
        lambda model: model.is_stationary and model.H > 1,
        lambda model: (model.factors == 0).any() and model.d == 3 and model.n_states == 4,
        lambda model: (model.phi.max(axis=1) < 1).all() and model.d > 1,
        lambda model: np.linalg.matrix_rank(model.phi) < min(model.d, model.n_pairs),
    ],
    ids=["ragged", "factors-change", "stationary", "zeros", "mixtures", "rank-deficient"],
)
def test_models_of_every_kind_are_drawn(condition):
    assert condition(find(linear_mdps(), condition, settings=SEARCH))

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import discounted_mdps, finite_horizon_mdps, outcome_models
from proofs_check.moves import interval, movable, moved
from rltheory import MDP, FiniteHorizonMDP

SEEDS = st.integers(0, 2**32 - 1)


@given(st.one_of(discounted_mdps(), finite_horizon_mdps(), outcome_models()), SEEDS)
def test_a_moved_model_is_valid_and_its_rewards_stay_in_the_interval(model, seed):
    rng, reward = np.random.default_rng(seed), "reward" if hasattr(model, "reward") else "r"
    low, high = interval([model])
    changed = model
    for _ in range(5):
        if low <= high:
            changed = moved(changed, (low, high), rng)
    rewards = getattr(changed, reward)
    assert type(changed) is type(model)
    assert rewards.shape == getattr(model, reward).shape
    assert ((low <= rewards) & (rewards <= high)).all()
    assert changed.gamma == model.gamma
    assert np.array_equal(changed.mu, model.mu)


@pytest.mark.parametrize("seed", range(4))
def test_a_model_without_steps_keeps_its_dynamics(seed):
    model = FiniteHorizonMDP(np.zeros((0, 1, 1, 1)), [[0.0]], H=0)
    assert moved(model, (0.0, 1.0), np.random.default_rng(seed)).P.shape == (0, 1, 1, 1)


@given(SEEDS)
def test_distributions_stay_distributions_on_no_larger_support(seed):
    rows = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    changed = moved(rows, (0.0, 1.0), np.random.default_rng(seed))
    assert np.allclose(changed.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert (changed >= 0).all()
    assert not changed[rows == 0].any()


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4), SEEDS)
def test_one_item_of_a_tuple_moves_within_the_interval(numbers, seed):
    low, high = interval([tuple(numbers)])
    changed = moved(tuple(numbers), (low, high), np.random.default_rng(seed))
    assert all(low <= x <= high for x in changed)
    assert sum(x != y for x, y in zip(changed, numbers, strict=True)) <= 1


@pytest.mark.parametrize("argument", [3, True, "word", None, np.array([0, 1]), (1, 2)], ids=repr)
def test_whole_numbers_and_words_do_not_move(argument):
    assert not movable(argument)
    with pytest.raises(ValueError, match="does not move"):
        moved(argument, (0.0, 1.0), np.random.default_rng(0))


def test_a_move_leaves_the_original_as_it_was():
    mdp = MDP.from_arrays([[[0.5, 0.5]], [[0.0, 1.0]]], [0.0, 1.0], gamma=0.5)
    rng = np.random.default_rng(0)
    for _ in range(20):
        moved(mdp, (0.0, 1.0), rng)
    assert mdp.P.toarray().tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert mdp.r.tolist() == [0.0, 1.0]

"""Mixtures against what they are made of, and the norm condition that theory asks for."""

import numpy as np
import pytest
from hypothesis import assume, given

import mdps
from mdps import mixtures
from mdps.mixture_strategies import linear_mixtures
from mdps.strategies import finite_horizon_mdps
from rltheory import FiniteHorizonMDP, ModelError


@pytest.mark.parametrize("per_step", [False, True])
def test_a_random_mixture_attains_the_norm_and_pays_at_most_what_it_should(per_step):
    model = mixtures.random_mixture(4, 2, d=3, H=5, total_reward=2.0, per_step=per_step, rng=0)
    assert model.largest_norm().upper == pytest.approx(1.0)
    assert sum(model.rewards(t).max() for t in range(5)) <= 2.0
    assert model.is_stationary is not per_step


def test_the_same_seed_gives_the_same_mixture():
    first, second = (mixtures.random_mixture(3, 2, d=2, H=2, rng=7) for _ in range(2))
    np.testing.assert_array_equal(first.phi, second.phi)


@given(finite_horizon_mdps(max_states=3, max_actions=2, max_horizon=3))
def test_embeddings_say_what_the_table_says(model):
    assume(model.H > 0 and (model.action_counts == model.n_actions).all())
    model = model.replace(gamma=1.0)
    for embed in (mixtures.tabular_mixture, mixtures.support_mixture):
        mixture = embed(model)
        assert mixture.largest_norm().upper <= 1 + 1e-12
        for t in range(model.H):
            table = model.rows(t).toarray().reshape(model.n_states, model.n_actions, model.n_states)
            np.testing.assert_allclose(mixture.kernel(t), table, atol=1e-12)
            np.testing.assert_array_equal(mixture.rewards(t).reshape(-1), model.rewards(t))


def test_a_graph_that_is_known_needs_fewer_features():
    walk = mdps.chain(4, slip=0.1, gamma=1.0).finite_horizon(3)
    assert mixtures.support_mixture(walk).d == 16 < mixtures.tabular_mixture(walk).d == 32
    assert np.linalg.norm(mixtures.tabular_mixture(walk).theta) <= 2.0 * np.sqrt(8)


def test_a_sure_drift_walks():
    model = mixtures.drifting_walk(4, H=6, weights=[1, 0, 0, 0, 0])
    assert model.kernel(0)[1].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert model.kernel(0)[0, 0].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("H", [16, 256])
def test_the_lazy_chain_moves_as_often_in_an_episode_whatever_its_length(H):
    model = mixtures.lazy_chain(4, H=H, rng=0)
    P = model.kernel(0)
    moves = 1 - P[1, 0, 1]
    assert H * moves == pytest.approx(12.0)
    assert P[4, :, 4].tolist() == pytest.approx([1.0, 1.0])
    assert P[1, 1, 2] > 0.7 * moves - 1e-12
    assert P[1, 0, 0] > 0.7 * moves - 1e-12


@given(linear_mixtures())
def test_drawn_mixtures_are_within_their_promises(model):
    assert model.largest_norm().upper <= 1 + 1e-9
    assert sum(model.rewards(t).max() for t in range(model.H)) <= 1 + 1e-12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mixtures.random_mixture(3, 0, d=2, H=2), "n_actions is 0"),
        (lambda: mixtures.random_mixture(3, 1, d=2, H=2, concentration=0.0), "concentration is 0.0"),
        (lambda: mixtures.mixture_of_kernels(np.eye(2), [1.0], np.zeros((2, 1)), 2), r"kernels has shape \(2, 2\)"),
        (lambda: mixtures.lazy_chain(3, 4, d=2), "d is 2"),
        (lambda: mixtures.tabular_mixture(mdps.chain(3, gamma=0.5).finite_horizon(2)), "gamma is 0.5"),
        (lambda: mixtures.tabular_mixture(ragged()), "state 1 has 2 actions and state 0 has 1"),
    ],
    ids=["actions", "concentration", "axes", "kernels", "discount", "ragged"],
)
def test_what_cannot_be_is_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()


def ragged():
    from scipy.sparse import csr_array

    return FiniteHorizonMDP(csr_array([[1.0, 0], [0, 1], [1, 0]]), np.zeros(3), 2, pair_start=[0, 1, 3])

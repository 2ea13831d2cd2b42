import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import FiniteHorizonMDP, LinearMixtureMDP, ModelError
from rltheory.models.linear_mixture import LARGEST_EXACT_SUPPORT, _largest_norm


def mixture_of_kernels(d=3, n_states=4, n_actions=2, H=3, *, seed=0, changes=False):
    """Return a mixture of d random kernels, whose features attain norm one at the constant value."""
    rng = np.random.default_rng(seed)
    phi = np.moveaxis(rng.dirichlet(np.ones(n_states), size=(d, n_states, n_actions)), 0, -1) / np.sqrt(d)
    theta = np.sqrt(d) * rng.dirichlet(np.ones(d), size=H if changes else None)
    return LinearMixtureMDP(phi, theta, rng.random((n_states, n_actions)), H, 0)


@pytest.mark.parametrize("changes", [False, True], ids=["stationary", "changing"])
def test_the_kernel_is_the_mixture_of_the_kernels(changes):
    model = mixture_of_kernels(changes=changes)
    tabular = model.to_finite_horizon()
    assert isinstance(tabular, FiniteHorizonMDP)
    for t in range(3):
        expected = sum(weight * model.phi[..., i] for i, weight in enumerate(model.step_theta(t)))
        np.testing.assert_allclose(model.kernel(t), expected, atol=1e-15)
        np.testing.assert_allclose(tabular.rows(t).toarray(), expected.reshape(8, 4), atol=1e-15)
    assert model.is_stationary is not changes


def test_the_expected_value_is_linear_in_the_mixture():
    model, value = mixture_of_kernels(), np.array([0.3, -1.0, 2.0, 0.5])
    np.testing.assert_allclose(model.value_features(value) @ model.theta, model.kernel(0) @ value, atol=1e-14)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_largest_norm_is_that_of_the_best_set_of_states(seed, n_states):
    rows = np.random.default_rng(seed).normal(size=(n_states, 3))
    brute = max(
        np.linalg.norm(rows[list(chosen)].sum(axis=0))
        for k in range(n_states + 1)
        for chosen in itertools.combinations(range(n_states), k)
    )
    norm = _largest_norm(rows, 0, 0)
    assert norm.lower == pytest.approx(brute, abs=1e-12)
    assert norm.upper == pytest.approx(brute, abs=1e-12)
    assert np.linalg.norm(rows[list(norm.states)].sum(axis=0)) == pytest.approx(brute, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_many_successors_are_searched_between_two_ends(seed):
    """One coordinate: the best set holds all of one sign, which both ends find."""
    rows = np.random.default_rng(seed).normal(size=(LARGEST_EXACT_SUPPORT + 6, 1))
    best = max(np.maximum(rows, 0).sum(), np.maximum(-rows, 0).sum())
    norm = _largest_norm(rows, 0, 0)
    assert norm.lower == pytest.approx(best)
    assert norm.upper == pytest.approx(best)
    wide = _largest_norm(np.random.default_rng(seed).normal(size=(LARGEST_EXACT_SUPPORT + 6, 4)), 0, 0)
    assert wide.lower <= wide.upper <= 2 * wide.lower


def test_a_mixture_that_is_no_kernel_is_refused():
    model = mixture_of_kernels()
    with pytest.raises(ModelError, match=r"state 0, action 0 goes to state \d with probability -"):
        LinearMixtureMDP(model.phi, [10.0, -5.0, -5.0 + np.sqrt(3)], model.r, 3)
    with pytest.raises(ModelError, match=r"state 0, action 0 sums to 0\.5 \(8 bad rows\)"):
        LinearMixtureMDP(model.phi, model.theta / 2, model.r, 3)


def test_features_that_are_too_long_are_refused():
    model = mixture_of_kernels()
    with pytest.raises(ModelError, match=r"indicator of states \[0, 1, 2, 3\] at state \d, action \d have norm 1\.73"):
        LinearMixtureMDP(model.phi * np.sqrt(3), model.theta / np.sqrt(3), model.r, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phi": np.zeros((4, 2, 3, 3))}, r"phi has shape \(4, 2, 3, 3\); it must be"),
        ({"theta": np.ones(2)}, r"theta has shape \(2,\); with 3 features it must be \(3,\) or \(3, 3\)"),
        ({"r": np.ones(4)}, r"r has shape \(4,\); it must be \(4, 2\) or \(3, 4, 2\)"),
        ({"theta": [1.0, np.nan, 0.0]}, "theta has coordinate 1 = nan"),
        ({"pair_start": np.array([0, 1, 2, 3, 8])}, "pair_start does not fit phi"),
    ],
    ids=["phi", "theta", "r", "nan", "pair_start"],
)
def test_what_does_not_fit_is_named(changes, message):
    with pytest.raises(ModelError, match=message):
        mixture_of_kernels().replace(**changes)


def test_a_step_out_of_range_is_refused():
    with pytest.raises(ModelError, match=r"there is no step 3; steps are 0\.\.2"):
        mixture_of_kernels().kernel(3)

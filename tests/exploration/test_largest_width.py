"""Largest widths against all vertices, and the two quick ways against the exact one."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from rltheory import ModelError
from rltheory.exploration.largest_width import ascent, signs, vertices


def problem(seed, n_states=4, n_actions=2, d=3):
    rng = np.random.default_rng(seed)
    phi = rng.normal(size=(n_states, n_actions, n_states, d)) * (rng.random((n_states, n_actions, n_states, 1)) < 0.8)
    root = rng.normal(size=(d, d))
    return phi, np.linalg.inv(0.1 * np.eye(d) + root @ root.T)


def by_hand(phi, inverse):
    """Return the largest width over the vertices of the cube."""
    n = phi.shape[2]
    sets = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)
    x = np.einsum("vn,sand->savd", sets, phi)
    return np.sqrt(np.einsum("savd,de,save->sav", x, inverse, x).max(axis=2))


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4))
def test_the_gray_code_visits_every_vertex(seed, n_states, d):
    phi, inverse = problem(seed, n_states, 2, d)
    np.testing.assert_allclose(vertices(phi, inverse).lower, by_hand(phi, inverse), rtol=1e-9, atol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 4))
def test_no_value_in_the_cube_is_wider_than_a_vertex(seed, d):
    phi, inverse = problem(seed, 4, 2, d)
    values = np.random.default_rng(seed).random((20, 4))
    x = np.einsum("vn,sand->savd", values, phi)
    widths = np.sqrt(np.einsum("savd,de,save->sav", x, inverse, x))
    assert (widths <= vertices(phi, inverse).upper[..., None] + 1e-9).all()


@pytest.mark.parametrize("search", [signs, ascent], ids=["signs", "ascent"])
@given(seed=st.integers(0, 10**6), d=st.integers(1, 4))
def test_quick_ways_enclose_the_largest_width(search, seed, d):
    phi, inverse = problem(seed, 4, 2, d)
    exact, found = vertices(phi, inverse).lower, search(phi, inverse)
    assert (found.lower <= exact + 1e-9).all()
    assert (found.upper >= exact - 1e-9).all()
    x = np.einsum("san,sand->sad", found.states.astype(float), phi)
    np.testing.assert_allclose(found.lower, np.sqrt(np.einsum("sad,de,sae->sa", x, inverse, x)), atol=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 4))
def test_signs_lose_no_more_than_the_root_of_the_number_of_features(seed, d):
    phi, inverse = problem(seed, 4, 2, d)
    exact, found = vertices(phi, inverse).lower, signs(phi, inverse)
    assert (np.sqrt(d) * found.lower >= exact - 1e-9).all()
    assert (found.upper <= np.sqrt(d) * found.lower + 1e-9).all()


@given(st.integers(0, 10**6))
def test_no_exchange_of_one_step_improves_what_ascent_finds(seed):
    phi, inverse = problem(seed)
    found = ascent(phi, inverse)
    x = np.einsum("san,sand->sad", found.states.astype(float), phi)
    gradient = np.einsum("sand,de,sae->san", phi, inverse, x)
    y = np.einsum("san,sand->sad", (gradient > 0).astype(float), phi)
    assert (np.sqrt(np.einsum("sad,de,sae->sa", y, inverse, y)) <= found.lower + 1e-9).all()


def test_too_many_sets_are_refused():
    phi = np.ones((21, 1, 21, 1))
    with pytest.raises(ModelError, match="state 0, action 0 has 21 successors"):
        vertices(phi, np.eye(1))
    with pytest.raises(ModelError, match="there are 17 features"):
        signs(np.ones((2, 1, 2, 17)), np.eye(17))

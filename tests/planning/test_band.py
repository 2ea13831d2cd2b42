"""Narrow bands are found where there are any, and elimination in the order found is as cheap as it promises."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.linalg import splu

import mdps
from rltheory.planning.band import half_bandwidth, narrow_band


def shuffled(P, rng=0):
    order = np.random.default_rng(rng).permutation(P.shape[0])
    return sp.csr_array(P[order][:, order])


def corridor(length, width):
    """Return the kernel of a walk on a grid."""
    step = [sp.csr_array(mdps.random_walk(n - 2).P if n > 2 else np.full((n, n), 1 / n)) for n in (length, width)]
    return sp.csr_array(sp.kron(step[0], sp.eye_array(width)) / 2 + sp.kron(sp.eye_array(length), step[1]) / 2)


def with_hubs(P, hubs):
    """Return the kernel of the same walk, sent back to one of the hubs every tenth step."""
    n = P.shape[0]
    back = sp.csr_array(
        (np.full(n * len(hubs), 1 / len(hubs)), (np.repeat(np.arange(n), len(hubs)), np.tile(hubs, n))), shape=(n, n)
    )
    return sp.csr_array(0.9 * P + 0.1 * back)


@given(st.integers(1, 8), st.integers(0, 10**6))
def test_the_half_bandwidth_is_that_of_the_dense_matrix(n, seed):
    rng = np.random.default_rng(seed)
    dense, order = (rng.random((n, n)) < 0.3).astype(float), rng.permutation(n)
    where = np.argwhere(dense[order][:, order])
    assert half_bandwidth(sp.csr_array(dense), order) == np.abs(where[:, 0] - where[:, 1]).max(initial=0)


@pytest.mark.parametrize(
    ("P", "widest"),
    [(mdps.random_walk(10_000).P, 2), (corridor(1000, 10), 25), (corridor(60, 60), 125)],
    ids=["line", "corridor", "square"],
)
def test_a_shuffled_walk_is_put_in_line_again(P, widest):
    P = shuffled(P)
    order = narrow_band(P)
    assert np.array_equal(np.sort(order), np.arange(P.shape[0]))
    assert half_bandwidth(P[order][:, order]) <= widest


@pytest.mark.parametrize("hubs", [[17], [0, 50, 99, 1000, 2999]])
def test_hubs_come_last_and_elimination_stays_cheap(hubs):
    P = shuffled(with_hubs(mdps.random_walk(3000).P, hubs))
    order = narrow_band(P)
    busiest = np.argsort(np.bincount(P.indices))[-len(hubs) :]
    assert set(order[-len(hubs) :]) == set(busiest)
    system = (sp.eye_array(P.shape[0], format="csr") - 0.99 * P)[order][:, order].tocsc()
    factors = splu(system, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    assert factors.nnz < (6 + 2 * len(hubs)) * P.shape[0]


def test_elimination_in_the_order_found_needs_no_more_than_the_band():
    P = shuffled(corridor(500, 20))
    order = narrow_band(P)
    ordered = P[order][:, order]
    system = (sp.eye_array(P.shape[0], format="csr") - 0.99 * ordered).tocsc()
    factors = splu(system, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    assert factors.nnz <= 2 * P.shape[0] * (half_bandwidth(ordered) + 1)


@pytest.mark.parametrize(
    "P",
    [mdps.garnet(20_000, 1, 5, rng=0).P, sp.csr_array(np.full((1200, 1200), 1 / 1200)), corridor(300, 300)],
    ids=["random", "dense", "large square"],
)
def test_where_there_is_no_narrow_band_none_is_promised(P):
    assert narrow_band(shuffled(P)) is None


def test_what_is_cheap_can_be_said():
    P = corridor(300, 300)
    assert narrow_band(P, most_work=1e11) is not None
    assert narrow_band(mdps.random_walk(1000).P, most_work=1.0) is None


def test_one_state_is_a_band_of_its_own():
    assert narrow_band(sp.csr_array([[1.0]])).tolist() == [0]

"""Models without a way back: their values by one search, against policy iteration and by hand."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.oracles import lp_value
from proofs_check.rational import rational_optimum
from rltheory import MDP, policy_iteration
from rltheory.planning.acyclic import acyclic_value


def random_dag(rng, *, loops=True, back=False):
    """Draw a model whose moves lead up a hidden order, from a state to itself, and if asked once back."""
    n = int(rng.integers(2, 12))
    order, owner = rng.permutation(n), np.repeat(np.arange(n), rng.integers(1, 4, size=n))
    place = np.argsort(order)
    weights = rng.random((owner.size, n)) * (rng.random((owner.size, n)) < 0.4)
    weights *= place[None, :] > place[owner][:, None]
    if loops:
        weights[np.arange(owner.size), owner] = rng.random(owner.size) * (rng.random(owner.size) < 0.5)
    if back:
        first, last = np.sort(rng.choice(n, size=2, replace=False))
        weights[np.flatnonzero(owner == order[first])[0], order[last]] = 1.0
        weights[np.flatnonzero(owner == order[last])[-1], order[first]] = 1e-9
    stuck = weights.sum(axis=1) == 0
    weights[stuck, owner[stuck]] = 1.0
    gamma = rng.choice([0.0, 0.5, 0.9, 0.999])
    return MDP.from_pairs(MDP.normalised(weights), rng.normal(size=owner.size), gamma, states=owner)


seeds = st.integers(0, 2**32).map(np.random.default_rng)


@given(seeds, st.booleans())
def test_the_value_of_a_random_graph_without_a_way_back_is_exact_but_for_rounding(rng, loops):
    mdp = random_dag(rng, loops=loops)
    exact = np.array([float(x) for x in rational_optimum(mdp)])
    assert np.allclose(acyclic_value(mdp), exact, rtol=1e-12, atol=1e-12 * np.abs(exact).max())


@given(seeds)
def test_one_way_back_however_unlikely_is_noticed(rng):
    assert acyclic_value(random_dag(rng, back=True)) is None


@given(discounted_mdps())
def test_what_it_returns_of_any_model_is_the_value(mdp):
    v = acyclic_value(mdp)
    cyclic = has_cycle(mdp)
    assert (v is None) == cyclic
    if v is not None:
        assert np.allclose(v, lp_value(mdp), rtol=1e-8, atol=1e-8)


def has_cycle(mdp):
    """Tell whether some way leads back, by powers of the adjacency matrix without its diagonal."""
    leads = np.zeros((mdp.n_states, mdp.n_states), dtype=np.int64)
    row, column = mdp.P.nonzero()
    leads[mdp.pair_state[row], column] = 1
    np.fill_diagonal(leads, 0)
    return bool(np.linalg.matrix_power(leads, mdp.n_states).any())


@pytest.mark.parametrize(
    "mdp", [mdps.river_swim(6), mdps.cycle(5), mdps.garnet(50, 2, 3, rng=0)], ids=["swim", "cycle", "garnet"]
)
def test_models_with_a_way_back_are_refused(mdp):
    assert acyclic_value(mdp.replace(gamma=0.9)) is None


def test_absorbing_states_alone_are_worth_a_geometric_series():
    mdp = MDP.from_arrays(np.repeat(np.eye(3)[:, None], 2, axis=1), [[3, 1], [-1, 0], [5, 7]], gamma=0.9)
    assert np.allclose(acyclic_value(mdp), [30, 0, 70], rtol=1e-14)


def test_one_state_that_is_left_and_reached_again_only_from_itself():
    assert np.isclose(acyclic_value(mdps.single_state(gamma=0.5).replace(r=[1.0]))[0], 2)


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_path_of_any_length_is_followed(shuffled):
    """Recursion would end at a thousand states."""
    n = 200_000
    order = np.random.default_rng(0).permutation(n) if shuffled else np.arange(n)
    to = np.empty(n, dtype=np.int64)
    to[order] = np.append(order[1:], order[-1])
    r = np.zeros(n)
    r[order[-1]] = 1.0
    mdp = MDP.from_pairs(sp.csr_array((np.ones(n), (np.arange(n), to)), shape=(n, n)), r, 0.9999, n_actions=1)
    expected = 1e4 * 0.9999 ** np.arange(n - 1, -1.0, -1)
    assert np.allclose(acyclic_value(mdp)[order], expected, rtol=1e-9)


def test_a_layered_model_has_the_value_that_policy_iteration_finds():
    rng = np.random.default_rng(0)
    layers, width, branching = 20, 50, 4
    n = layers * width
    states = np.repeat(np.arange(n), 3)
    first = np.minimum((states // width + 1) * width, n - width)[:, None]
    rows = np.repeat(np.arange(3 * n), branching)
    columns = (first + rng.integers(width, size=(3 * n, branching))).ravel()
    last = np.repeat(states >= n - width, branching)
    columns[last] = np.repeat(states, branching)[last]
    P = sp.csr_array((np.full(rows.size, 1 / branching), (rows, columns)), shape=(3 * n, n))
    mdp = MDP.from_pairs(P, rng.random(3 * n), 0.99, n_actions=3)
    assert np.allclose(acyclic_value(mdp), policy_iteration(mdp).value, rtol=1e-10)

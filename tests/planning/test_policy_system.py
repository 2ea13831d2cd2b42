"""The equations of a policy, x = b + C x with self-loops summed up, against dense matrices."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given

import mdps
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, paired, policies, value_vectors
from proofs_check.oracles import exact_policy_value
from rltheory import MDP
from rltheory.planning.policy_system import fill, residual, room_for_systems

any_mdps = discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=100.0)


def dense_system(mdp, policy):
    """Return C and b by their definition."""
    rows = mdp.pair_start[:-1] + policy
    P, r = mdp.P.toarray()[rows], mdp.r[rows]
    stay = np.diag(P)
    moves = 1 / (1 - mdp.gamma * stay)
    return mdp.gamma * moves[:, None] * (P - np.diag(stay)), moves * r


def dense(system):
    """Return C as the arrays say it."""
    used = slice(int(system.start[-1]))
    shape = (system.size, system.size)
    return sp.csr_array(
        (system.weights[used], system.columns[used].astype(np.int64), system.start.astype(np.int64)), shape=shape
    ).toarray()


@given(paired(any_mdps, policies))
def test_the_system_is_its_definition(drawn):
    mdp, policy = drawn
    system = room_for_systems(mdp)
    fill(system, mdp, policy)
    C, b = dense_system(mdp, policy)
    assert np.allclose(dense(system), C, rtol=1e-12, atol=0)
    assert np.allclose(system.b, b, rtol=1e-12, atol=0)
    assert system.size == mdp.n_states


@given(paired(any_mdps, policies))
def test_columns_before_the_middle_are_states_before_and_none_is_the_state_itself(drawn):
    mdp, policy = drawn
    system = room_for_systems(mdp)
    fill(system, mdp, policy)
    for s in range(mdp.n_states):
        before = system.columns[system.start[s] : system.middle[s]]
        after = system.columns[system.middle[s] : system.start[s + 1]]
        assert (before < s).all()
        assert (after > s).all()


@given(paired(any_mdps, policies))
def test_its_solution_is_the_value_of_the_policy(drawn):
    mdp, policy = drawn
    system = room_for_systems(mdp)
    fill(system, mdp, policy)
    value = np.linalg.solve(np.eye(mdp.n_states) - dense(system), system.b)
    assert np.allclose(value, exact_policy_value(mdp, policy), rtol=1e-9, atol=1e-9)


@given(paired(any_mdps, value_vectors, policies))
def test_the_residual_is_its_definition(drawn):
    mdp, v, policy = drawn
    system, out = room_for_systems(mdp), np.full(mdp.n_states, np.nan)
    fill(system, mdp, policy)
    largest = residual(system.start, system.columns, system.weights, system.b, v, out)
    C, b = dense_system(mdp, policy)
    size = np.abs(b).max() + np.abs(v).max()
    assert np.allclose(out, b + C @ v - v, rtol=0, atol=1e-13 * size)
    assert largest == np.abs(out).max()


@given(paired(any_mdps, policies, policies))
def test_a_system_that_is_overwritten_is_as_good_as_new(drawn):
    mdp, first, second = drawn
    again, fresh = room_for_systems(mdp), room_for_systems(mdp)
    fill(again, mdp, first)
    fill(again, mdp, second)
    fill(fresh, mdp, second)
    used = int(fresh.start[-1])
    for name, end in (("start", None), ("middle", None), ("b", None), ("columns", used), ("weights", used)):
        assert np.array_equal(getattr(again, name)[:end], getattr(fresh, name)[:end])


def test_there_is_room_for_the_longest_rows_and_no_more():
    """Of ragged action sets, each state has room for its own longest row."""
    rows = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])
    mdp = MDP.from_pairs(sp.csr_array(rows), np.zeros(4), 0.9, pair_start=[0, 2, 3, 4])
    assert room_for_systems(mdp).columns.size == 2 + 3 + 1


def test_a_state_that_is_never_left_has_no_equation_with_others():
    mdp = MDP.from_arrays([[[1.0, 0.0]], [[0.5, 0.5]]], [3.0, 1.0], gamma=0.9)
    system = room_for_systems(mdp)
    fill(system, mdp, np.zeros(2, dtype=np.int64))
    assert system.start.tolist() == [0, 0, 1]
    assert np.isclose(system.b[0], 30, rtol=1e-15)


def test_indices_of_64_bits_make_the_same_system():
    mdp = mdps.garnet(50, 3, 5, rng=0)
    rows = sp.csr_array((mdp.P.data, mdp.P.indices.astype(np.int64), mdp.P.indptr.astype(np.int64)), shape=mdp.P.shape)
    wide = MDP.from_pairs(rows, mdp.r, mdp.gamma, n_actions=3)
    policy = np.random.default_rng(0).integers(3, size=50)
    narrow_system, wide_system = room_for_systems(mdp), room_for_systems(wide)
    fill(narrow_system, mdp, policy)
    fill(wide_system, wide, policy)
    assert np.array_equal(dense(wide_system), dense(narrow_system))
    assert np.array_equal(wide_system.b, narrow_system.b)

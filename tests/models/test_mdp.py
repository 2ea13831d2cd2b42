"""The MDP record: what it accepts, what it refuses and in which words, and what it must not do to its input."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import rltheory as rl
from mdps.strategies import discounted_mdps
from rltheory import MDP, ModelError

P = np.array([[[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], [[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]]])
R = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 3.0]])


def test_pair_rows_stand_in_the_order_state_action():
    mdp = MDP.from_arrays(P, R, gamma=0.9)
    assert np.array_equal(mdp.P.toarray(), P.reshape(6, 2))
    assert np.array_equal(mdp.r, R.reshape(-1))
    assert (mdp.n_states, mdp.n_actions, mdp.n_pairs) == (2, 3, 6)
    assert mdp.pair_state.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    "build",
    [
        lambda: MDP.from_arrays(P.transpose(1, 0, 2), R, gamma=0.9, axes="ass"),
        lambda: MDP.from_arrays([sp.csr_array(P[:, a]) for a in range(3)], R, gamma=0.9, axes="ass"),
        lambda: MDP.from_pairs(P.reshape(6, 2), R.reshape(-1), gamma=0.9, n_actions=3),
        lambda: MDP.from_pairs(sp.csr_matrix(P.reshape(6, 2)), R.reshape(-1), gamma=0.9, pair_start=[0, 3, 6]),
        lambda: MDP.from_pairs(
            P.reshape(6, 2)[::-1], R.reshape(-1)[::-1], gamma=0.9, states=[1, 1, 1, 0, 0, 0], actions=[2, 1, 0, 2, 1, 0]
        ),
        lambda: MDP.from_arrays(P, np.broadcast_to(R[:, :, None], P.shape), gamma=0.9),
        lambda: MDP.from_pairs(
            sp.coo_array(P.reshape(6, 2)), sp.csr_array(np.repeat(R.reshape(-1, 1), 2, axis=1)), gamma=0.9, n_actions=3
        ),
    ],
    ids=["ass", "sparse-actions", "dense-pairs", "csr-pairs", "shuffled-pairs", "transition-rewards", "sparse-rewards"],
)
def test_every_layout_builds_the_same_model(build):
    mdp = build()
    assert np.array_equal(mdp.P.toarray(), P.reshape(6, 2))
    assert np.allclose(mdp.r, R.reshape(-1), rtol=1e-15)


def test_a_state_reward_is_earned_by_each_of_its_actions():
    assert MDP.from_arrays(P, [5.0, 7.0], gamma=0.9).r.tolist() == [5, 5, 5, 7, 7, 7]


def test_rewards_of_transitions_are_averaged_over_the_transitions_that_can_happen():
    by_transition = np.array([[[10.0, 0.0]] * 3, [[np.inf, 1.0]] + [[0.0, 4.0]] * 2])
    mdp = MDP.from_pairs(
        P.reshape(6, 2), np.nan_to_num(by_transition.reshape(6, 2), posinf=9.0), gamma=0.5, n_actions=3
    )
    assert np.allclose(mdp.r, [9, 2, 5, 1, 0, 3], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.int8, bool])
def test_other_number_types_are_converted(dtype):
    table = np.array([[[1, 0]], [[0, 1]]], dtype=dtype)
    mdp = MDP.from_arrays(table, np.array([[1], [0]], dtype=dtype), gamma=0.5)
    assert mdp.P.data.dtype == np.float64
    assert mdp.r.tolist() == [1, 0]


def test_single_precision_rows_are_accepted_as_they_are():
    table = np.array([[[0.1, 0.9]], [[1 / 3, 2 / 3]]], dtype=np.float32)
    mdp = MDP.from_arrays(table, [0, 0], gamma=0.5)
    assert np.array_equal(mdp.P.toarray(), table.reshape(2, 2).astype(float))


def test_data_of_the_right_type_are_not_copied():
    rows = sp.csr_array(P.reshape(6, 2))
    mdp = MDP.from_pairs(rows, R.reshape(-1), gamma=0.9, n_actions=3)
    assert np.shares_memory(mdp.P.data, rows.data)
    assert np.shares_memory(mdp.P.indices, rows.indices)


@pytest.mark.slow
def test_a_model_of_a_million_states_is_built_without_a_copy():
    n = 1_000_000
    columns = 4 * np.random.default_rng(0).integers(0, n // 4, size=(4 * n, 4), dtype=np.int32) + np.arange(4)
    columns = np.sort(columns.astype(np.int32), axis=1)
    indptr = np.arange(0, 16 * n + 1, 4, dtype=np.int32)
    rows = sp.csr_array((np.full(16 * n, 0.25), columns.reshape(-1), indptr), shape=(4 * n, n))
    mdp = MDP.from_pairs(rows, np.zeros(4 * n), gamma=0.9, n_actions=4)
    assert np.shares_memory(mdp.P.data, rows.data)
    assert np.shares_memory(mdp.P.indices, rows.indices)


def test_arrays_are_read_only_and_the_callers_stay_writable():
    rows = sp.csr_array(P.reshape(6, 2))
    mdp = MDP.from_pairs(rows, R.reshape(-1), gamma=0.9, n_actions=3)
    for array in (mdp.P.data, mdp.P.indices, mdp.P.indptr, mdp.r, mdp.mu, mdp.pair_start):
        assert not array.flags.writeable
    assert rows.data.flags.writeable


def test_wide_indices_are_narrowed_since_sweeps_read_them():
    wide = sp.csr_array((np.ones(1), np.zeros(1, dtype=np.int64), np.array([0, 1], dtype=np.int64)), shape=(1, 1))
    P = MDP.from_pairs(wide, [1.0], gamma=0.5, n_actions=1).P
    assert P.indices.dtype == P.indptr.dtype == np.int32
    assert wide.indices.dtype == np.int64


def test_fields_cannot_be_replaced_in_place():
    with pytest.raises(AttributeError):
        MDP.from_arrays(P, R, gamma=0.9).gamma = 0.5


def test_duplicate_entries_of_a_row_are_added_up():
    rows = sp.csr_array((np.array([0.5, 0.5]), np.array([0, 0]), np.array([0, 2])), shape=(1, 1))
    assert MDP.from_pairs(rows, [1.0], gamma=0.5, n_actions=1).P.toarray().tolist() == [[1.0]]


def test_forbidden_actions_leave_ragged_action_sets_with_their_names():
    rewards = R.copy()
    rewards[0, 1] = -np.inf
    mdp = MDP.from_arrays(P, rewards, gamma=0.9, allowed=np.isfinite(rewards), action_names=["a", "b", "c"])
    assert mdp.action_counts.tolist() == [2, 3]
    assert [mdp.action_name(0, a) for a in range(2)] == ["a", "c"]
    assert [mdp.action_name(1, a) for a in range(3)] == ["a", "b", "c"]


def test_labels_of_pairs_that_skip_numbers_become_names():
    mdp = MDP.from_pairs(np.ones((3, 1)), [1, 2, 3], gamma=0.5, states=[0, 0, 0], actions=[7, 3, 5])
    assert mdp.r.tolist() == [2, 3, 1]
    assert mdp.action_names == ("3", "5", "7")


def test_exploring_a_function_finds_the_reachable_states_in_order():
    def step(state, action):
        return [(0.5, state, 1.0), (0.5, min(state + action, 3), 1.0)]

    mdp = MDP.from_function(step, starts=[1], actions=lambda s: [1, 2] if s < 3 else [0], gamma=0.5)
    assert mdp.state_names == ("1", "2", "3")
    assert mdp.action_counts.tolist() == [2, 2, 1]
    assert mdp.mu.tolist() == [1, 0, 0]


def test_exploration_without_end_is_ended():
    with pytest.raises(ModelError, match="more than max_states = 100 states"):
        MDP.from_function(lambda s, _a: [(1.0, s + 1, 0.0)], starts=[0], actions=[0], gamma=0.5, max_states=100)


def changed(index, value):
    table = P.copy()
    table[index] = value
    return table


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"P": changed((1, 1, 0), 0.98)}, r"state 1, action 1 \(row 4\) sums to 0\.98 \(1 bad rows\); MDP\.normalised"),
        ({"P": changed((1, 2), [-0.5, 1.5])}, r"state 1, action 2 \(row 5\) goes to state 0 with probability -0\.5"),
        ({"P": changed((0, 0, 1), np.nan)}, r"state 0, action 0 \(row 0\) goes to state 1 with probability nan"),
        ({"r": [[0, 0, np.inf], [0, 0, 0]]}, r"reward of state 0, action 2 \(row 2\) is inf; .*leave an action out"),
        ({"r": [[0, np.nan, 0], [0, 0, 0]]}, r"reward of state 0, action 1 \(row 1\) is nan"),
        ({"r": np.zeros((3, 2))}, r"r has shape \(3, 2\); it must be \(2,\), \(2, 3\) or \(2, 3, 2\)"),
        ({"P": P.transpose(1, 0, 2)}, r"P has shape \(3, 2, 2\); with axes='sas' .* looks like axes='ass'"),
        ({"P": P[0]}, r"P has shape \(3, 2\); with axes='sas' it must be"),
        ({"P": P + 0j}, r"P has dtype complex128; real numbers are needed"),
        ({"gamma": 1.5}, r"gamma is 1\.5; a discount is a number in \[0, 1\]"),
        ({"gamma": float("nan")}, r"gamma is nan"),
        ({"gamma": "0.9"}, r"gamma is '0\.9'"),
        ({"mu": [0.5, 0.4]}, r"mu sums to 0\.9; a distribution sums to 1"),
        ({"mu": [1.5, -0.5]}, r"mu of state 1 is -0\.5"),
        ({"mu": 2}, r"mu is the state 2; states are 0\.\.1"),
        ({"mu": [1.0]}, r"mu has shape \(1,\); with 2 states it must be \(2,\)"),
        ({"state_names": ["one"]}, r"state_names has 1 entries; 2 are needed"),
        ({"action_names": ["a", "b"]}, r"action_names has 2 entries; 3 are needed"),
        ({"allowed": [[True, True, True], [False, False, False]]}, r"state 1 has no action \(1 such states\); give it"),
        ({"axes": "aas"}, r"axes is 'aas'"),
    ],
)
def test_bad_arrays_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        MDP.from_arrays(**({"P": P, "r": R, "gamma": 0.9} | arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one of n_actions, pair_start and states"),
        ({"n_actions": 2}, r"P has 3 rows; 1 states with 2 actions have 2"),
        ({"pair_start": [0, 2]}, "pair_start runs from 0 to 2; it must run from 0 to the 3 rows of P"),
        ({"pair_start": [0.0, 3.0]}, "pair_start has dtype float64; integer indices are needed"),
        ({"states": [0, 0, 1]}, r"states names state 1 for row 2; states are 0\.\.0"),
        ({"states": [0, 0]}, r"states has shape \(2,\); with 3 rows it must be \(3,\)"),
        ({"states": [0, 0, 0], "actions": [0, 1, 1]}, "state 0, action 1 has two rows"),
        ({"actions": [0, 1, 2], "n_actions": 3}, "give states too"),
    ],
)
def test_bad_pairs_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        MDP.from_pairs(np.ones((3, 1)), np.zeros(3), 0.9, **arguments)


def test_an_index_out_of_range_is_named():
    rows = sp.csr_array((np.ones(2), np.array([0, 0]), np.array([0, 1, 2])), shape=(2, 2))
    rows.indices[1] = 5
    with pytest.raises(ModelError, match=r"state 1, action 0 \(row 1\) leads to state 5; states are 0\.\.1"):
        MDP.from_pairs(rows, np.zeros(2), 0.9, n_actions=1)


def test_integers_that_float64_cannot_hold_are_refused():
    with pytest.raises(ModelError, match=r"r holds integers of 2\*\*53 or more"):
        MDP.from_pairs(np.ones((1, 1)), np.array([2**53 + 1]), 0.9, n_actions=1)


def test_normalised_rescales_and_refuses_what_it_cannot():
    assert np.allclose(MDP.normalised(sp.csr_array([[2.0, 6.0]])).toarray(), [[0.25, 0.75]])
    with pytest.raises(ModelError, match="row 1 of P is all zero"):
        MDP.normalised([[1, 1], [0, 0]])
    with pytest.raises(ModelError, match="negative or non-finite"):
        MDP.normalised([[1, -1]])


def test_the_summary_and_the_table_name_the_sizes_and_escape_names():
    mdp = MDP.from_arrays(P, R, gamma=0.9, state_names=["<left>", "right"])
    assert repr(mdp) == "MDP(2 states, 6 state-action pairs, at most 3 actions, 10 transitions, gamma=0.9)"
    assert "&lt;left&gt;" in mdp._repr_html_()


def test_replace_checks_again():
    mdp = MDP.from_arrays(P, R, gamma=0.9)
    assert mdp.replace(gamma=0.5).gamma == 0.5
    with pytest.raises(ModelError, match="gamma is 2"):
        mdp.replace(gamma=2)


@given(discounted_mdps())
def test_drawn_models_survive_their_own_constructor(mdp):
    again = rl.MDP(mdp.P, mdp.r, mdp.gamma, mdp.mu, mdp.pair_start)
    assert np.array_equal(again.P.toarray(), mdp.P.toarray())


def exact_row_sum_error(mdp):
    """Return how far the sum of any row is from one, in rationals."""
    rows = (mdp.P.data[first:last] for first, last in zip(mdp.P.indptr, mdp.P.indptr[1:], strict=False))
    return max(abs(sum(map(Fraction, row)) - 1) for row in rows)


@given(st.integers(0, 2**32), st.integers(1, 60), st.sampled_from(["drawn", "single precision", "equal", "uneven"]))
def test_the_error_of_row_sums_is_a_true_bound_and_not_much_more(seed, n, kind):
    rng = np.random.default_rng(seed)
    rows = np.full((3, n), 1 / n) if kind == "equal" else rng.dirichlet(np.ones(n), size=3)
    if kind == "uneven":
        rows = MDP.normalised(10.0 ** rng.uniform(-12, 0, size=(3, n)))
    if kind == "single precision":
        rows = rows.astype(np.float32).astype(np.float64)
    mdp = MDP.from_pairs(
        np.pad(rows, ((0, n - 1), (0, 0)), mode="edge"), np.zeros(n + 2), 0.9, pair_start=[0, *range(3, n + 3)]
    )
    exact = exact_row_sum_error(mdp)
    assert exact <= Fraction(mdp.row_sum_error) <= 2 * exact + 4 * n * Fraction(2) ** -53


def test_rows_of_one_entry_have_no_error():
    assert MDP.from_arrays(np.eye(5)[:, None], np.zeros(5), gamma=0.9).row_sum_error == 0


def test_the_error_is_that_of_the_worst_row():
    rows = np.eye(4)
    rows[2, 2] = 1 - 2.0**-24
    mdp = MDP.from_pairs(rows, np.zeros(4), 0.9, n_actions=1)
    assert 2.0**-24 <= mdp.row_sum_error <= 2.0**-24 * (1 + 1e-14)


def test_the_error_of_row_sums_survives_copies_and_is_measured_again_where_rows_are_replaced():
    exact = np.eye(2)
    loose = exact * np.array([1.0, 1 - 2.0**-24])
    mdp = MDP.from_pairs(loose, np.zeros(2), 0.9, n_actions=1)
    for same in (pickle.loads(pickle.dumps(mdp)), copy.copy(mdp), copy.deepcopy(mdp), mdp.replace(gamma=0.5)):
        assert same.row_sum_error == mdp.row_sum_error > 0
        assert np.array_equal(same.P.toarray(), loose)
    assert mdp.replace(P=sp.csr_array(exact)).row_sum_error == 0

"""The rows of one policy, copied or read where they are, sweep as the operator of the policy does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps, paired, policies
from rltheory.planning import policy_backup, policy_rows
from rltheory.planning.backup import policy_rows as exact_rows
from rltheory.planning.policy_rows import PolicyRows


def swept(rows, v):
    backed_up = np.empty(v.size)
    extremes = rows.sweep(v, backed_up)
    assert extremes == ((backed_up - v).min(), (backed_up - v).max())
    return backed_up


@pytest.mark.parametrize("worth_copying", [1, 10**6], ids=["where they are", "copied"])
@given(paired(discounted_mdps(), lambda mdp: st.lists(policies(mdp), min_size=1, max_size=4)))
def test_each_policy_that_is_chosen_is_swept(worth_copying, drawn):
    mdp, chosen = drawn
    v = np.random.default_rng(0).normal(size=mdp.n_states)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy_rows, "_WORTH_COPYING", worth_copying)
        rows = PolicyRows(mdp)
    for policy in chosen:
        rows.choose(policy)
        assert np.allclose(swept(rows, v), policy_backup(mdp, v, policy), rtol=1e-12, atol=1e-12)


def test_long_rows_are_not_copied():
    dense = mdps.garnet(300, 2, 300, rng=0)
    rows = PolicyRows(dense)
    rows.choose(np.zeros(300, dtype=np.int64))
    assert any(np.shares_memory(array, dense.P.data) for array in rows.arrays)
    short = PolicyRows(mdps.garnet(300, 2, 5, rng=0))
    assert sum(array.nbytes for array in short.arrays) < 300 * (5 * 12 + 4 + 4 + 8) + 1


def test_of_a_second_policy_only_what_changed_is_fetched():
    mdp = mdps.garnet(50, 3, 5, rng=0)
    rows, first = PolicyRows(mdp), np.zeros(50, dtype=np.int64)
    rows.choose(first)
    marked = rows.arrays[3]
    marked[:] = np.nan
    second = first.copy()
    second[7] = 2
    rows.choose(second)
    P, r = exact_rows(mdp.P, mdp.r, mdp.pair_start, second)
    begin, end = int(rows.arrays[0][7]), int(rows.arrays[1][7])
    assert np.array_equal(marked[begin:end], P[[7]].data)
    assert np.isnan(np.delete(marked, np.arange(begin, end))).all()
    assert np.array_equal(rows.arrays[4], r)

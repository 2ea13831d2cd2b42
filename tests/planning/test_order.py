"""Orders of the states: how far they lead, and models whose states are renumbered."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from rltheory import MDP, policy_iteration
from rltheory.planning.order import level_order, renumbered, spread

any_mdps = discounted_mdps(max_states=8)


def shuffle(mdp, seed=0):
    return renumbered(mdp, np.random.default_rng(seed).permutation(mdp.n_states))


def open_grid(n):
    return mdps.gridworld("S" + "." * (n - 1) + ("\n" + "." * n) * (n - 2) + "\n" + "." * (n - 1) + "G", 0.2)


@given(any_mdps)
def test_the_spread_is_its_definition(mdp):
    row, column = mdp.P.nonzero()
    distance = np.abs(mdp.pair_state[row] - column)
    n, others = mdp.n_states, len({*zip(mdp.pair_state[row[distance > 0]], column[distance > 0], strict=True)})
    near = (distance > 0) & (distance <= max(1, min(np.floor(np.sqrt(n)), n**2 // (5 * max(others, 1)))))
    local = np.unique(mdp.pair_state[row[near]]).size
    assert spread(mdp) == (distance.max(), local >= mdp.n_states / 2)


@pytest.mark.parametrize(
    ("mdp", "expected"),
    [
        (mdps.river_swim(1000), (1, True)),
        (open_grid(30), (30, True)),
        (mdps.forest(500), (499, True)),
        (mdps.single_state(), (0, False)),
        (MDP.from_pairs(sp.eye_array(50, format="csr"), np.zeros(50), 0.9, n_actions=1), (0, False)),
    ],
    ids=["line", "grid", "line with resets", "one state", "absorbing states"],
)
def test_the_spread_of_known_graphs(mdp, expected):
    assert spread(mdp) == expected


@pytest.mark.parametrize("mdp", [mdps.river_swim(1000), open_grid(50)], ids=["line", "grid"])
def test_a_shuffle_is_not_local_and_levels_undo_it(mdp):
    shuffled = shuffle(mdp)
    assert not spread(shuffled)[1]
    width, local = spread(renumbered(shuffled, level_order(shuffled)))
    assert local
    # Levels of a line have one state, of a square from its corner at most n; a move may lead to the next level.
    assert width <= 2 * max(spread(mdp)[0], 1)


@given(any_mdps)
def test_levels_name_each_state_once(mdp):
    assert sorted(level_order(mdp)) == list(range(mdp.n_states))


def test_levels_are_found_however_many_actions_lead_to_the_same_state():
    """As many as 256: a count of them in 8 bits would be zero, and the line be lost."""
    n, copies = 64, 256
    rows = sp.csr_array((np.ones(n), (np.arange(n), np.minimum(np.arange(n) + 1, n - 1))), shape=(n, n))
    line = MDP.from_pairs(rows[np.repeat(np.arange(n), copies)], np.zeros(n * copies), 0.9, n_actions=copies)
    shuffled = shuffle(line, 1)
    assert spread(renumbered(shuffled, level_order(shuffled))) == (1, True)


@given(any_mdps, st.randoms(use_true_random=False))
def test_renumbering_is_its_definition(mdp, random):
    order = np.arange(mdp.n_states)
    random.shuffle(order)
    new, P = renumbered(mdp, order), mdp.P.toarray()
    assert new.gamma == mdp.gamma
    assert np.array_equal(new.mu, mdp.mu[order])
    assert np.array_equal(new.action_counts, mdp.action_counts[order])
    for k, s in enumerate(order):
        mine, theirs = (slice(*m.pair_start[i : i + 2]) for m, i in ((new, k), (mdp, s)))
        assert np.array_equal(new.r[mine], mdp.r[theirs])
        assert np.array_equal(new.P.toarray()[mine], P[theirs][:, order])
    assert new.P.has_sorted_indices


@given(any_mdps, st.randoms(use_true_random=False))
def test_renumbering_back_gives_the_same_model(mdp, random):
    order = np.arange(mdp.n_states)
    random.shuffle(order)
    back = renumbered(renumbered(mdp, order), np.argsort(order))
    for name in ("r", "mu", "pair_start"):
        assert np.array_equal(getattr(back, name), getattr(mdp, name))
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(back.P, name), getattr(mdp.P, name))


@given(any_mdps, st.randoms(use_true_random=False))
def test_a_renumbered_model_has_the_same_values_renumbered(mdp, random):
    order = np.arange(mdp.n_states)
    random.shuffle(order)
    assert np.allclose(policy_iteration(renumbered(mdp, order)).value, policy_iteration(mdp).value[order], atol=2e-8)

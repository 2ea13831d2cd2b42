"""Gymnasium's tables become models: probabilities, rewards, ends and errors."""

import sys

import numpy as np
import pytest

from rltheory.io import from_gymnasium, outcomes_from_gymnasium
from rltheory.models import ModelError

gymnasium = pytest.importorskip("gymnasium")

TAXI = next(name for name in ("Taxi-v3", "Taxi-v4") if name in gymnasium.registry)
CLIFF = "CliffWalking-v1" if "CliffWalking-v1" in gymnasium.registry else "CliffWalking-v0"
HEADS_ENDS = {0: {0: [(0.5, 0, 1.0, True), (0.5, 0, 0.0, False)]}}


@pytest.mark.parametrize("name", ["FrozenLake-v1", "FrozenLake8x8-v1", TAXI, CLIFF])
def test_the_model_has_the_probabilities_and_expected_rewards_of_the_table(name):
    env = gymnasium.make(name)
    n_states, n_actions = env.observation_space.n, env.action_space.n
    reward, ends = np.zeros((n_states, n_actions)), np.zeros((n_states, n_actions))
    for state, actions in env.unwrapped.P.items():
        for action, outcomes in actions.items():
            reward[state, action] = sum(p * r for p, _, r, _ in outcomes)
            ends[state, action] = sum(p for p, _, _, terminated in outcomes if terminated)

    mdp = from_gymnasium(env, gamma=0.9)

    pairs = n_states * n_actions
    absorbing = [s for s in range(mdp.n_states) if all(mdp.P[mdp.pair_start[s] + a, s] == 1 for a in range(n_actions))]
    assert mdp.r[:pairs] == pytest.approx(reward.ravel(), abs=1e-15)
    assert mdp.P[:pairs][:, absorbing].sum(axis=1) == pytest.approx(ends.ravel(), abs=1e-15)
    assert mdp.mu[:n_states] == pytest.approx(env.unwrapped.initial_state_distrib)


@pytest.mark.parametrize(
    ("name", "states"), [("FrozenLake-v1", 16), ("FrozenLake8x8-v1", 64), (TAXI, 501), (CLIFF, 49)]
)
def test_an_end_is_added_only_where_a_terminated_transition_leads_to_a_state_that_goes_on(name, states):
    mdp = from_gymnasium(name, gamma=0.99)

    assert mdp.n_states == states
    assert ("end" in (mdp.state_names or ())) == (states % 2 == 1)


def test_an_id_that_was_withdrawn_though_its_table_is_the_same_still_works():
    """Gymnasium 1.3 replaced Taxi-v3 by Taxi-v4, which differs only for a rainy city or a fickle passenger."""
    old, new = from_gymnasium("Taxi-v3", gamma=0.9), from_gymnasium(TAXI, gamma=0.9)
    assert np.array_equal(old.P.toarray(), new.P.toarray())
    assert np.array_equal(old.r, new.r)


def test_the_taxi_is_paid_for_a_passenger_once():
    mdp = from_gymnasium(TAXI, gamma=0.99)
    paid = np.flatnonzero(mdp.r == 20)

    assert paid.size == 4
    assert (mdp.P[paid][:, [500]].toarray() == 1).all()
    assert mdp.r[-6:].tolist() == [0] * 6


def test_duplicate_successors_are_added_up():
    mdp = from_gymnasium("FrozenLake-v1", gamma=0.99)

    # From the corner, "left" slips up or down: two of three outcomes stay.
    assert mdp.P[0].toarray().ravel()[[0, 4]] == pytest.approx([2 / 3, 1 / 3])


def test_cells_and_moves_have_names():
    lake, cliff = from_gymnasium("FrozenLake-v1", gamma=1.0), from_gymnasium(CLIFF, gamma=1.0)

    assert lake.state_name(6) == "(1, 2)"
    assert lake.action_names == ("left", "down", "right", "up")
    assert (cliff.state_name(36), cliff.state_name(48)) == ("(3, 0)", "end")
    assert cliff.action_names == ("up", "right", "down", "left")


def test_the_outcome_model_keeps_what_the_expectation_hides():
    game = outcomes_from_gymnasium(HEADS_ENDS, gamma=0.9)

    assert sorted(zip(game.prob[0], game.next_state[0], game.reward[0], strict=True)) == [(0.5, 0, 0), (0.5, 1, 1)]
    assert game.to_mdp().r[0] == 0.5


def test_a_terminated_self_loop_without_reward_needs_no_end():
    mdp = from_gymnasium({0: {0: [(1.0, 1, 1.0, True)]}, 1: {0: [(1.0, 1, 0.0, True)]}}, gamma=0.9)

    assert mdp.n_states == 2


def test_a_terminal_state_that_pays_for_ever_is_cut_off():
    mdp = from_gymnasium({0: {0: [(1.0, 1, 0.0, True)]}, 1: {0: [(1.0, 1, 1.0, True)]}}, gamma=0.9)

    assert mdp.P.toarray().tolist() == [[0, 0, 1]] * 3


def test_a_bare_table_starts_where_it_is_told():
    assert from_gymnasium(HEADS_ENDS, gamma=0.9).mu.tolist() == [1, 0]
    assert from_gymnasium([[[(1.0, 1, 0.0, False)]], [[(1.0, 0, 0.0, False)]]], gamma=0.9, mu=1).mu.tolist() == [0, 1]


def test_labels_of_actions_are_kept_and_states_may_differ_in_theirs():
    stay = [(1.0, 0, 0.0, False)]
    mdp = from_gymnasium({0: {"go": [(1.0, 1, 1.0, False)], "stay": stay}, 1: {"back": stay}}, gamma=0.9)

    assert mdp.action_counts.tolist() == [2, 1]
    assert (mdp.action_name(0, 1), mdp.action_name(1, 0)) == ("stay", "back")


def test_options_reach_the_environment():
    assert outcomes_from_gymnasium("FrozenLake-v1", 1.0, is_slippery=False).is_deterministic


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("Blackjack-v1", {}, "Blackjack-v1 has no transition table `P`"),
        ("NoSuchGame-v0", {}, r"gymnasium .* cannot make 'NoSuchGame-v0': .*doesn't exist"),
        ("FrozenLake-v99", {}, "v99"),
        ("no_such_module:Game-v0", {}, "no_such_module"),
        ("FrozenLake-v1", {"slippery": True}, "slippery"),
        (HEADS_ENDS, {"is_slippery": True}, "is_slippery can only be passed on beside an id"),
        ({0: {0: [(1.0, 0, 0.0)]}}, {}, r"state 0, action 0 lists \(1.0, 0, 0.0\)"),
        ({0: {0: [(1.0, 7, 0.0, False)]}}, {}, r"state 0, action 0 leads to state 7; states are 0..0"),
        ({0: {0: [(0.9, 0, 0.0, False)]}}, {}, r"state 0, action 0 .* sums to 0\.9"),
        ({0: {0: []}}, {}, "has no outcome"),
        ({1: {0: [(1.0, 1, 0.0, False)]}}, {}, "none is called 0"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(source, options, message):
    with pytest.raises(ModelError, match=message):
        from_gymnasium(source, gamma=0.9, **options)


def test_a_missing_gymnasium_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)

    with pytest.raises(ImportError, match=r"pip install rltheory\[io\]"):
        from_gymnasium("FrozenLake-v1", gamma=0.9)

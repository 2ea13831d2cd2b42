"""Laws of returns against every sequence of actions, and against the distributional wing."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.horizon_strategies import explorations, games
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional.exact_laws import return_law
from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.horizon.analysis import analyse
from rltheory.horizon.returns import exploration_laws


def assert_same_law(law, other):
    np.testing.assert_allclose(law.atoms, other.atoms, atol=1e-12)
    np.testing.assert_allclose(law.prob, other.prob, atol=1e-12)


@given(games(max_outcomes=1, min_reward=-2), st.integers(1, 4))
def test_in_a_deterministic_game_the_law_counts_the_sequences_of_actions(model, H):
    state, reward = (x.reshape(model.n_states, model.n_actions) for x in (model.next_state, model.reward))
    returns = []
    for actions in itertools.product(range(model.n_actions), repeat=H):
        s, total = 0, 0.0
        for a in actions:
            total += reward[s, a]
            s = state[s, a]
        returns.append(total)
    assert_same_law(exploration_laws(model, H).law(0, 0), DiscreteLaw(returns))


@given(games(min_reward=-2), st.integers(1, 4), st.data())
def test_under_a_stationary_policy_the_law_is_that_of_the_distributional_wing(model, H, data):
    exploration = data.draw(explorations(model, 1))
    exploration = None if exploration is None else exploration.reshape(model.n_states, model.n_actions)
    uniform = np.full((model.n_states, model.n_actions), 1 / model.n_actions)
    laws = exploration_laws(model, H, exploration=exploration)
    for t in range(H + 1):
        expected = return_law(model, uniform if exploration is None else exploration, H - t, start=0)
        assert_same_law(laws.law(t, 0), expected)


@given(games(min_reward=-2), st.integers(1, 3), st.data())
def test_exploration_mixes_the_laws_of_its_actions(model, H, data):
    exploration = data.draw(explorations(model, H))
    laws = exploration_laws(model, H, exploration=exploration)
    for t in range(H):
        weights = np.full(model.n_actions, 1 / model.n_actions)
        if exploration is not None:
            weights = exploration[t, 0] if exploration.ndim == 3 else exploration[0]
        mixed = mixture([laws.action_law(t, 0, a) for a in range(model.n_actions)], weights)
        assert_same_law(laws.law(t, 0), mixed.merged(1e-12))


@given(games(min_reward=-2), st.integers(1, 4), st.data())
def test_the_mean_is_the_value_of_exploration(model, H, data):
    exploration = data.draw(explorations(model, H))
    laws = exploration_laws(model, H, exploration=exploration)
    assert laws.mean[0, 0] == pytest.approx(analyse(model, H, exploration=exploration).exploration_return, abs=1e-12)
    assert laws.variance[0, 0] == pytest.approx(laws.law(0, 0).variance, abs=1e-12)
    assert (laws.mean[H] == 0).all()


@given(games(max_states=3, max_actions=2, min_reward=-2), st.integers(1, 4), st.sampled_from([0.25, 0.5]), st.data())
def test_the_mean_with_sticky_actions_is_that_of_the_analysis(model, H, p, data):
    exploration = data.draw(explorations(model, H))
    laws = exploration_laws(model, H, exploration=exploration, sticky=p)
    report = analyse(model, H, exploration=exploration, sticky=p, window=False)
    assert laws.mean[0, model.n_states * model.n_actions] == pytest.approx(report.exploration_return, abs=1e-12)


@given(games(max_outcomes=1, max_actions=2, min_reward=-2), st.integers(1, 4), st.sampled_from([0.25, 0.5]))
def test_the_law_with_sticky_actions_counts_choices_and_what_sticks(model, H, p):
    n_actions, law = model.n_actions, {}
    for chosen in itertools.product(range(n_actions), repeat=H):
        for sticks in itertools.product((False, True), repeat=H - 1):
            s, total, executed = 0, 0.0, chosen[0]
            for a, stuck in zip(chosen, (False, *sticks), strict=True):
                executed = executed if stuck else a
                total += model.reward[s * n_actions + executed, 0]
                s = int(model.next_state[s * n_actions + executed, 0])
            chance = n_actions ** -float(H) * p ** sum(sticks) * (1 - p) ** (H - 1 - sum(sticks))
            law[total] = law.get(total, 0.0) + chance
    found = exploration_laws(model, H, sticky=p).law(0, model.n_states * n_actions)
    assert_same_law(found, DiscreteLaw(list(law), list(law.values())).merged(1e-12))


def test_sums_that_only_rounding_tells_apart_are_one_atom():
    model = OutcomeModel.from_tables([[1, 2], [-1, -1], [-1, -1]], [[0.1, 0.3], [0.2, 0.2], [0.0, 0.0]], 1.0, mu=0)
    assert exploration_laws(model, 2).law(0, 0).atoms.size == 1


def test_atoms_may_be_merged_more_coarsely():
    model = OutcomeModel.from_tables([[0, 0]], [[0.0, 1e-5]], 1.0, mu=0)
    assert exploration_laws(model, 1).law(0, 0).atoms.size == 2
    assert exploration_laws(model, 1, merge_within=1e-4).law(0, 0).prob.tolist() == [1.0]


def test_too_many_atoms_are_refused_with_ways_out():
    model = OutcomeModel.from_tables([[0, 0, 0]], [[0.0, 1.0, np.pi]], 1.0, mu=0)
    with pytest.raises(CriterionError, match=r"atoms are needed at step .* merge atoms with merge_within"):
        exploration_laws(model, 100, max_atoms=1000)


@pytest.mark.parametrize(("t", "state"), [(-1, 0), (4, 0), (0, 5), (0, -1)])
def test_a_step_or_a_state_that_does_not_exist_is_named(t, state):
    with pytest.raises(ModelError, match=f"step {t}, state {state} does not exist; steps are 0..3, states 0..3"):
        exploration_laws(mdps.horizon_lock(3), 3).law(t, state)


@pytest.mark.parametrize(("t", "action"), [(3, 0), (0, 2)])
def test_an_action_that_cannot_be_taken_is_named(t, action):
    with pytest.raises(ModelError, match=f"action {action} at step {t} does not exist"):
        exploration_laws(mdps.horizon_lock(3), 3).action_law(t, 0, action)


def test_a_distance_is_not_negative():
    with pytest.raises(ModelError, match="merge_within is -1"):
        exploration_laws(mdps.horizon_lock(3), 3, merge_within=-1)

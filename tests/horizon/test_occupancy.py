"""Occupancies against sparse matrices, covering lengths against episodes."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.horizon_strategies import explorations, games
from rltheory.horizon.occupancy import exploration_occupancy


@given(games(), st.integers(1, 5), st.data())
def test_maxima_and_sums_are_those_of_the_occupancies_of_each_step(model, H, data):
    exploration = data.draw(explorations(model, H))
    uniform = np.full((model.n_states, model.n_actions), 1 / model.n_actions)
    policy = uniform if exploration is None else exploration
    steps = rl.occupancy(model.finite_horizon(H), policy).reshape(H, model.n_states, model.n_actions)
    ours = exploration_occupancy(model, H, exploration=exploration)
    np.testing.assert_allclose(ours.largest, steps.max(axis=0), atol=1e-14)
    np.testing.assert_allclose(ours.total, steps.sum(axis=0), atol=1e-14)
    np.testing.assert_allclose(ours.largest_state, steps.sum(axis=2).max(axis=0), atol=1e-14)
    np.testing.assert_allclose(ours.total_state, steps.sum(axis=(0, 2)), atol=1e-14)
    assert ours.total.sum() == pytest.approx(H)


@given(games(max_states=3, max_actions=2), st.integers(1, 4), st.sampled_from([0.25, 0.5]), st.data())
def test_sticky_occupancies_are_those_of_all_histories(model, H, p, data):
    """Every state and last executed action, pushed forward by hand; at the first step nothing sticks."""
    exploration = data.draw(explorations(model, H))
    n_states, A = model.n_states, model.n_actions
    policy = np.broadcast_to(1 / A if exploration is None else exploration, (H, n_states, A))
    law, pairs = {(0, None): 1.0}, np.zeros((H, n_states * (A + 1), A))
    for t in range(H):
        after = {}
        for (s, last), mass in law.items():
            index = n_states * A + s if last is None else s * A + last
            pairs[t, index] += mass * policy[t, s]
            executed = policy[t, s] if last is None else (1 - p) * policy[t, s] + p * np.eye(A)[last]
            for a, row in enumerate(range(s * A, s * A + A)):
                own = slice(s * A, s * A + A)
                harmless = (model.next_state[own] == s) & (model.reward[own] == 0)
                stays = (harmless | (model.prob[own] == 0)).all()
                for chance, f in zip(model.prob[row], model.next_state[row].tolist(), strict=True):
                    key = (s, last) if stays else (f, a)
                    after[key] = after.get(key, 0.0) + mass * executed[a] * chance
        law = after
    ours = exploration_occupancy(model, H, exploration=exploration, sticky=p)
    np.testing.assert_allclose(ours.largest, pairs.max(axis=0), atol=1e-14)
    np.testing.assert_allclose(ours.total, pairs.sum(axis=0), atol=1e-14)


def test_a_game_that_is_over_is_not_counted_when_it_is_sticky_either():
    # State 0 at the first step, digit 1 entered by the first action, digit 2 by the second.
    assert exploration_occupancy(mdps.decoy(2), 3, sticky=0.25).counted.sum() == 3


@pytest.mark.parametrize(("H", "n_actions"), [(1, 2), (4, 2), (3, 5)])
def test_exploration_comes_to_the_last_digit_of_a_lock_with_the_chance_of_all_digits_before(H, n_actions):
    occupancy = exploration_occupancy(mdps.horizon_lock(H, n_actions), H)
    assert occupancy.counted.sum() == H  # the end is not counted
    assert occupancy.min_state_occupancy == pytest.approx(n_actions ** -(H - 1.0))
    assert occupancy.min_state_action_occupancy == pytest.approx(n_actions ** -float(H))
    assert occupancy.covering_length == np.ceil(np.log(2 * H * n_actions) * n_actions**H * (1 - 1e-12))


def test_after_the_covering_length_half_of_the_learners_have_seen_every_pair():
    H, rng = 3, np.random.default_rng(0)
    n = int(exploration_occupancy(mdps.horizon_lock(H), H).covering_length)
    # An episode is H coins; pair (i, a) is seen if the first i coins are right and the next one is a.
    coins = rng.integers(0, 2, (2000, n, H))
    reached = np.concatenate([np.ones((2000, n, 1), dtype=int), coins.cumprod(axis=2)[:, :, :-1]], axis=2)
    seen = np.stack([(reached * (coins == a)).any(axis=1) for a in (0, 1)])
    assert seen.all(axis=(0, 2)).mean() >= 0.5


def test_an_action_that_is_never_taken_is_never_covered():
    exploration = np.array([[0.0, 1.0]] * 4)
    occupancy = exploration_occupancy(mdps.horizon_lock(3), 3, exploration=exploration)
    assert occupancy.min_state_occupancy == 1.0
    assert occupancy.min_state_action_occupancy == 0.0
    assert occupancy.covering_length == np.inf


def test_a_game_that_is_over_has_nothing_to_cover():
    over = rl.OutcomeModel.from_tables([[0, 0]], [[0.0, 0.0]], 1.0, mu=0)
    assert exploration_occupancy(over, 3).covering_length == 0


def test_the_answer_is_one_line():
    assert repr(exploration_occupancy(mdps.horizon_lock(2), 2)) == (
        "ExplorationOccupancy(2 states counted, least occupancy 0.25, covering length at most 9 episodes)"
    )

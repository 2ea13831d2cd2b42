"""Errors and recoverability: by hand, and against every episode one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given

import mdps
from proofs_check.imitation.instances import apprenticeships
from rltheory import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.imitation import certify, disagreement, recoverability


def every_episode(model, policy):
    """Return the expected return and the visits of each step, by adding up over all episodes."""
    value, visits = 0.0, np.zeros((model.H, model.n_states))
    rows = [model.rows(t).toarray().reshape(model.n_states, model.n_actions, -1) for t in range(model.H)]
    rewards = [model.rewards(t).reshape(model.n_states, model.n_actions) for t in range(model.H)]
    steps = itertools.product(range(model.n_states), range(model.n_actions))
    for episode in itertools.product(list(steps), repeat=model.H):
        chance, total = model.mu[episode[0][0]], 0.0
        for t, (s, a) in enumerate(episode):
            chance *= policy[t, s, a] * (rows[t - 1][(*episode[t - 1], s)] if t else 1)
            total += rewards[t][s, a]
        value += chance * total
        for t, (s, _) in enumerate(episode):
            visits[t, s] += chance
    return value, visits


@given(apprenticeships(max_steps=3, max_states=2))
def test_a_certificate_agrees_with_all_episodes(drawn):
    model, expert, learner = drawn
    answer = certify(model, expert, learner)
    best, seen = every_episode(model, expert)
    value, own = every_episode(model, learner)
    apart = np.abs(expert - learner).sum(axis=2) / 2
    assert answer.gap == pytest.approx(best - value, abs=1e-12)
    assert answer.seen_errors == pytest.approx((seen * apart).sum(axis=1), abs=1e-12)
    assert answer.own_errors == pytest.approx((own * apart).sum(axis=1), abs=1e-12)
    assert answer.gap <= min(answer.cloning_bound, answer.interaction_bound) + 1e-12


def test_a_fall_costs_all_that_is_left_and_a_slip_one_reward():
    steep, expert, _ = mdps.steep_path(4)
    assert recoverability(steep, expert).tolist() == [4, 3, 2, 1]
    gentle, expert, _ = mdps.gentle_path(4)
    assert recoverability(gentle, expert).tolist() == [1, 1, 1, 1]


def test_a_stochastic_expert_is_measured_by_the_best_of_his_actions():
    model = FiniteHorizonMDP([[[1.0]] * 3], [[3.0, 1.0, 0.0]], 1)
    assert recoverability(model, [[0.0, 0.5, 0.5]]).tolist() == [1]
    assert recoverability(model, [[0.5, 0.0, 0.5]]).tolist() == [3]


def test_whose_visits_count_is_up_to_the_caller():
    model, expert, clone = mdps.side_road(3, error=0.5)
    assert disagreement(model, expert, clone).tolist() == [0.5, 0.5, 0.5]
    assert disagreement(model, expert, clone, visited_by=clone).tolist() == [0.5, 0.75, 0.875]


def test_rewards_of_another_width_stretch_the_bound():
    model, expert, clone = mdps.steep_path(5, error=0.1)
    wide = FiniteHorizonMDP(model.P, 3 * model.r - 1, 5, mu=model.mu)
    assert certify(wide, expert, clone).cloning_bound == pytest.approx(3 * certify(model, expert, clone).cloning_bound)


def test_the_rows_and_the_name_of_a_certificate():
    answer = certify(*mdps.gentle_path(2, error=0.5))
    assert answer.to_rows()[1] == {"step": 1, "seen_error": 0.5, "own_error": 0.5, "recoverability": 1.0}
    assert repr(answer) == "Imitation(gap 1, at most 1.5 by what was seen, 1 by its own errors)"
    with pytest.raises(ValueError, match="read-only"):
        answer.own_errors[0] = 0


def test_no_steps_cost_nothing():
    assert certify(FiniteHorizonMDP([[[1.0]]], [[1.0]], 0), [0], [0]).gap == 0


def test_models_that_do_not_fit_are_refused():
    with pytest.raises(CriterionError, match="has no horizon"):
        recoverability(mdps.river_swim(3), [0, 0, 0])
    with pytest.raises(CriterionError, match=r"gamma is 0\.5"):
        recoverability(FiniteHorizonMDP([[[1.0]]], [[1.0]], 2, gamma=0.5), [0])
    ragged = mdps.forest(gamma=1.0).finite_horizon(2)
    assert recoverability(ragged, [0] * ragged.n_states).shape == (2,)
    uneven = mdps.gambler(4, gamma=1.0).finite_horizon(2)
    with pytest.raises(ModelError, match=r"state 0 has 1 of \d actions"):
        recoverability(uneven, [0] * uneven.n_states)

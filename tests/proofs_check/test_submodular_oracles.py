"""Brute force over histories, policies and sets, where the answer is known by hand."""

import numpy as np
import pytest

from mdps.submodular import coin_mirror
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import FORK, HALVES, LATE, STAR, STUCK, TWINS, free_choice
from rltheory.submodular.functions import Coverage


def test_a_coin_has_two_sides_and_eight_plans():
    runs = oracles.runs(coin_mirror())
    assert len(runs.states) == 2 * 2**3
    assert runs.chance.tolist() == [0.5] * 16
    assert sorted(set(map(tuple, runs.worth.tolist()))) == [(0, 1, 1, 1), (0, 1, 1, 2)]


def test_the_coin_is_worth_two_to_who_remembers_and_three_halves_to_others():
    mdp = coin_mirror()
    assert oracles.optimum(mdp) == 2.0
    assert oracles.markov_optimum(mdp) == 1.5
    assert oracles.first_worth(mdp) == 0.0


def test_a_policy_is_asked_for_actions_or_probabilities_and_only_where_it_comes():
    runs = oracles.runs(coin_mirror())
    asked = []

    def other_letter(path):
        asked.append(path)
        return int(path[1] == 1) if len(path) == 3 else np.array([1.0, 0.0])

    assert runs.value_of(other_letter) == 2.0
    assert sorted(asked) == [(0,), (0, 1), (0, 1, 3), (0, 2), (0, 2, 3)]


def test_a_table_and_the_same_answers_are_worth_the_same():
    runs, table = oracles.runs(STAR), np.tile([0.25, 0.75], (3, 3, 1))
    # The ends differ unless both choices at the hub are alike: 1 + 2 * 1/4 * 3/4.
    assert runs.value(table) == pytest.approx(1.375)
    assert runs.value_of(lambda path: table[0, 0]) == pytest.approx(1.375)


def test_the_hub_needs_the_step():
    assert oracles.markov_optimum(STAR) == 2.0
    assert oracles.markov_optimum(STAR, stationary=True) == 1.0


def test_gradients_of_one_choice_are_those_of_a_logistic_function():
    """With J = 5 p + 2 (1 - p) and p = 1/2 the slope in the first logit is 3/4; the next gain alone says -1/4."""
    logits = np.zeros((2, 4, 2))
    np.testing.assert_allclose(oracles.gradient(LATE, logits)[0, 0], [0.75, -0.75], atol=1e-15)
    np.testing.assert_allclose(oracles.gradient(LATE, logits, myopic=True)[0, 0], [-0.25, 0.25], atol=1e-15)


def test_gradients_by_rows_are_those_by_steps_and_states():
    logits = np.random.default_rng(0).normal(size=(3, 3, 2))
    by_rows = oracles.gradient(STAR, logits.reshape(9, 2), lambda states: states[:, :-1] + 3 * np.arange(3))
    np.testing.assert_allclose(by_rows.reshape(3, 3, 2), oracles.gradient(STAR, logits), atol=1e-15)


def test_complex_steps_agree_with_differences():
    logits, step = np.random.default_rng(1).normal(size=(2, 3, 2)), 1e-6
    runs, moved = oracles.runs(FORK), np.zeros((2, 3, 2))
    moved[0, 0, 1] = step
    ends = [runs.value(oracles.softmax(logits + sign * moved)) for sign in (1, -1)]
    assert oracles.gradient(FORK, logits)[0, 0, 1] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)


def test_independent_draws_of_two_items_overlap_half_of_the_time():
    mdp = free_choice(Coverage.from_sets([[], [0], [1]]), 2)
    assert oracles.open_loop(mdp)(np.full((2, 3), [0.0, 0.5, 0.5])) == pytest.approx(1.5)
    assert oracles.open_loop(mdp)(np.full((2, 3), [0.0, 0.25, 0.25])) == pytest.approx(2 * (1 - 0.75**2))


def test_visits_of_a_step_are_drawn_from_its_own_arms():
    assert oracles.open_loop(STUCK)(np.eye(2)[[0, 0]]) == 1.0
    assert oracles.open_loop(STUCK)(np.eye(2)[[1, 1]]) == oracles.optimum(STUCK) == 2.0


def test_twins_keep_nothing_and_separate_elements_everything():
    assert oracles.least_kept(TWINS) == 0.0
    assert oracles.least_kept(Coverage.from_sets([[0], [1]])) == 1.0
    assert oracles.least_kept(Coverage.from_sets([[], []])) == 1.0
    assert oracles.best_of_size(HALVES, 2) == 4.0
    assert len(oracles.subsets(4)) == 16


def test_walks_are_limited_by_the_budget_and_bound_for_the_target():
    star = {0: {1: 1, 2: 2}, 1: {0: 1}, 2: {0: 2}}
    F = Coverage.from_sets([[], [0], [1]], weights=[1, 4])
    assert [oracles.best_walk(star, F, 0, budget) for budget in range(5)] == [0, 1, 4, 4, 5]
    assert oracles.best_walk(star, F, 0, 1, target=2) == -np.inf
    assert [oracles.best_walk(star, F, 0, budget, target=0) for budget in (0, 2, 4, 6)] == [0, 1, 4, 5]

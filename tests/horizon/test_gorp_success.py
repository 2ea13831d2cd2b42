"""The exact probability of success: published and closed-form values, enumeration, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import deterministic_games, with_lookahead
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.horizon import bounds
from rltheory.horizon.contest import Score, Ties
from rltheory.horizon.gorp_success import exact_horizon, gorp_success, least_episodes
from rltheory.horizon.proved_bound import proved_horizon
from rltheory.io import load_bridge


@pytest.mark.parametrize(
    ("ties", "m", "enough", "short"),
    [(Ties.FIRST, 30, 0.50877, 0.492443), (Ties.UNIFORM, 18, 0.501067, 0.483546)],
    ids=["first", "uniform"],
)
def test_freeway_is_solved_with_the_episodes_that_were_computed_independently(shared_data, ties, m, enough, short):
    freeway = load_bridge(shared_data("bridge/freeway_10_fs30/mdp.npz"))
    assert least_episodes(freeway, 10, 1, ties=ties) == m
    assert gorp_success(freeway, 10, 1, m, ties=ties) == pytest.approx(enough, abs=5e-7 if m == 18 else 5e-6)
    assert gorp_success(freeway, 10, 1, m - 1, ties=ties) == pytest.approx(short, abs=5e-7)


@pytest.mark.parametrize(("ties", "chance"), [(Ties.FIRST, 1.0), (Ties.UNIFORM, 0.984995)], ids=["first", "uniform"])
def test_one_episode_solves_the_maze(shared_data, ties, chance):
    maze = load_bridge(shared_data("bridge/maze_easy_l0_30_fs1/mdp.npz"))
    assert least_episodes(maze, 30, 1, ties=ties) == 1
    assert gorp_success(maze, 30, 1, 1, ties=ties) == pytest.approx(chance, abs=5e-7)


@pytest.mark.parametrize(
    ("H", "n_actions", "ties", "episodes"),
    [
        (5, 2, Ties.ADVERSARIAL, [15, 7, 3, 1, 1]),
        (4, 4, Ties.ADVERSARIAL, [48, 12, 3, 1]),
        (5, 2, Ties.UNIFORM, [7, 4, 2, 1, 1]),
        (6, 3, Ties.ADVERSARIAL, [194, 65, 21, 7, 2, 1]),
    ],
    ids=["lost", "lost, A=4", "even", "lost, A=3"],
)
def test_a_lock_needs_the_episodes_of_the_closed_form(H, n_actions, ties, episodes):
    lock = mdps.horizon_lock(H, n_actions)
    assert [least_episodes(lock, H, k, ties=ties) for k in range(1, H + 1)] == episodes
    lost = 1.0 if ties is Ties.ADVERSARIAL else 1 - 1 / n_actions
    for k in range(1, H + 1):
        closed = bounds.lock_success(H, n_actions, k, 5, lost_ties=lost)
        assert gorp_success(lock, H, k, 5, ties=ties) == pytest.approx(closed, abs=1e-12)


def test_the_horizons_of_a_lock_are_its_length_but_for_a_little():
    horizons = [
        row["effective_horizon"] for row in exact_horizon(mdps.horizon_lock(5), 5, ties=Ties.ADVERSARIAL).to_rows()
    ]
    np.testing.assert_allclose(horizons, [4.907, 4.807, 4.585, 4.0], atol=5e-4)
    assert exact_horizon(mdps.horizon_lock(10), 10, ties=Ties.ADVERSARIAL).effective_horizon == 9
    assert exact_horizon(mdps.horizon_lock(6, 3), 6, ties=Ties.ADVERSARIAL).effective_horizon == pytest.approx(
        5.631, abs=5e-4
    )
    assert exact_horizon(mdps.horizon_lock(5), 5).effective_horizon == pytest.approx(3.807, abs=5e-4)


@settings(max_examples=30)
@given(with_lookahead(deterministic_games(max_steps=3, least=-2)), st.sampled_from([1, 2, 5]))
def test_the_chance_is_that_of_enumerated_paths(game, m):
    model, H, k = game
    expected = oracles.success_probability(model, H, k, m)
    assert gorp_success(model, H, k, m, ties=Ties.ADVERSARIAL) == pytest.approx(expected, abs=1e-12)


@given(deterministic_games(max_actions=3, least=-2))
def test_seeing_to_the_end_is_sure_with_one_episode(game):
    model, H = game
    assert gorp_success(model, H, H, 1, ties=Ties.ADVERSARIAL) == pytest.approx(1)


@settings(max_examples=15)
@given(deterministic_games(least=-2))
def test_the_exact_horizon_is_at_most_the_proved_one_and_that_at_most_the_game(game):
    model, H = game
    exact, proved = exact_horizon(model, H, ties=Ties.ADVERSARIAL), proved_horizon(model, H)
    assert exact.effective_horizon <= proved.effective_horizon + 1e-9 <= H + 2e-9


@pytest.mark.parametrize(("H", "m"), [(1, 1), (4, 1), (4, 9), (7, 30)])
def test_dense_rewards_are_found_with_the_chance_of_fair_coins(H, m):
    """The right action is ahead by m; what follows is the difference of two sums of m n fair coins."""
    n = np.arange(H)
    closed = np.prod(binom.sf(m * n - m, 2 * m * n, 0.5))
    found = gorp_success(mdps.dense_rewards(), H, 1, m, ties=Ties.ADVERSARIAL)
    assert found == pytest.approx(closed, abs=1e-12)


def test_a_bandit_without_noise_needs_to_try_each_arm_once():
    bandit = OutcomeModel.from_tables([[-1, -1, -1]], [[0.25, 1.0, 0.5]], 1.0, mu=0)
    found = exact_horizon(bandit, 1)
    assert (found.k, found.m, found.effective_horizon) == (1, 1, 1)
    assert gorp_success(bandit, 1, 1, 1, ties=Ties.ADVERSARIAL) == 1


@settings(max_examples=15)
@given(with_lookahead(deterministic_games(max_actions=3, least=-2)), st.permutations(range(3)), st.sampled_from([1, 4]))
def test_names_of_actions_do_not_matter_unless_the_first_wins_ties(game, order, m):
    model, H, k = game
    order = [a for a in order if a < model.n_actions]
    rows = np.arange(model.n_pairs).reshape(-1, model.n_actions)[:, order].ravel()
    renamed = model.replace(next_state=model.next_state[rows], reward=model.reward[rows])
    for ties in (Ties.UNIFORM, Ties.ADVERSARIAL):
        chance = gorp_success(model, H, k, m, ties=ties)
        assert gorp_success(renamed, H, k, m, ties=ties) == pytest.approx(chance, abs=1e-12)


def test_harder_ties_never_help():
    chances = [gorp_success(mdps.decoy(3, prize=0.1), 4, 2, 5, ties=ties) for ties in (Ties.ADVERSARIAL, Ties.UNIFORM)]
    assert chances[0] < chances[1]


def test_returns_without_noise_need_one_episode():
    assert least_episodes(mdps.decoy(1, 2, prize=0.9), 2, 2) == 1


def test_no_number_of_episodes_helps_where_the_lookahead_misleads():
    assert gorp_success(mdps.farsighted_trap(), 3, 2, 3000) < 1e-3
    # Exploration that always fails the lock is sure of the prize.
    clumsy = np.tile([1.0, 0.0], (5, 1))
    assert least_episodes(mdps.decoy(3, prize=0.3), 4, 1, exploration=clumsy) == math.inf


@pytest.mark.parametrize("m", [1, 4, 30])
def test_the_largest_return_opens_a_decoy_that_the_mean_does_not(m):
    """Enter if any of m episodes opens the lock, and so on at each digit: 1 - (1 - 2^-j)^m with j digits to guess."""
    decoy = mdps.decoy(3, prize=0.3)
    closed = np.prod([1 - (1 - 2.0**-j) ** m for j in (3, 2, 1)])  # the last digit is then tried itself
    found = gorp_success(decoy, 4, 1, m, ties=Ties.ADVERSARIAL, score=Score.MAX)
    assert found == pytest.approx(closed, abs=1e-12)


def test_the_least_number_of_episodes_of_which_the_largest_counts():
    decoy = mdps.decoy(3, prize=0.3)
    m = int(least_episodes(decoy, 4, 1, score=Score.MAX))
    assert gorp_success(decoy, 4, 1, m, score=Score.MAX) >= 0.5 > gorp_success(decoy, 4, 1, m - 1, score=Score.MAX)
    # Means are never right: the lock is worth 1/8.
    assert gorp_success(decoy, 4, 1, 300) < 1e-6


@given(with_lookahead(deterministic_games(max_actions=3, least=-2)), st.sampled_from(Ties))
def test_of_one_episode_the_largest_return_is_the_mean(game, ties):
    model, H, k = game
    chances = [gorp_success(model, H, k, 1, ties=ties, score=score) for score in Score]
    assert chances[0] == pytest.approx(chances[1], abs=1e-12)


@settings(max_examples=30)
@given(with_lookahead(deterministic_games(least=-2)))
def test_the_largest_of_many_returns_is_right_for_every_lookahead(game):
    """Random play is optimal from any state with probability 2^-3 at least, and nothing beats the best return."""
    model, H, k = game
    assert gorp_success(model, H, k, 500, ties=Ties.UNIFORM, score=Score.MAX) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("n_returns", [2, 3])
def test_a_lock_has_the_same_odds_by_means_and_by_maxima(n_returns):
    """Of 0 and 1, a mean is above 0 just if the largest is; wrong digits never earn."""
    lock = mdps.horizon_lock(4, n_returns)
    chances = [gorp_success(lock, 4, 1, 9, ties=Ties.ADVERSARIAL, score=score) for score in Score]
    assert chances[0] == pytest.approx(chances[1], abs=1e-12)


def test_what_cannot_be_exact_is_refused():
    odd = mdps.horizon_lock(3).replace(reward=mdps.horizon_lock(3).reward * np.sqrt(2) + np.pi / 100)
    with pytest.raises(CriterionError, match="not whole multiples"):
        gorp_success(odd, 3, 1, 2)
    with pytest.raises(CriterionError, match="gorp_runs"):
        gorp_success(mdps.horizon_lock(3), 3, 1, 10**9)
    with pytest.raises(ModelError, match="probability is 1"):
        least_episodes(mdps.horizon_lock(3), 3, 1, probability=1)
    with pytest.raises(ModelError, match="ties is 1"):
        exact_horizon(mdps.horizon_lock(3), 3, ties=1)
    with pytest.raises(ModelError, match=r"score is 'max'.*Score\.MAX"):
        gorp_success(mdps.horizon_lock(3), 3, 1, 1, score="max")

"""Learners round by round: what they must do, and that on average they do what their rules do exactly."""

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.bandits import (
    BernoulliArms,
    GaussianArms,
    expected_regret,
    explore_then_commit,
    kl_ucb,
    rules,
    successive_elimination,
    thompson,
    ucb,
)

COINS = BernoulliArms([0.3, 0.8])
N = 25
LEARNERS = {
    "UCB": (lambda seed: ucb(COINS, N, rng=seed), rules.ucb_rule(N)),
    "KL-UCB": (lambda seed: kl_ucb(COINS, N, rng=seed), rules.kl_ucb_rule()),
    "Thompson": (lambda seed: thompson(COINS, N, rng=seed), rules.thompson_rule()),
    "commit": (lambda seed: explore_then_commit(COINS, N, tries=3, rng=seed), rules.commit_rule(3)),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_the_mean_regret_of_runs_is_that_of_the_rule(name):
    run, rule = LEARNERS[name]
    regrets = np.array([run(seed).total_regret for seed in range(4000)])
    error = regrets.std() / np.sqrt(regrets.size)
    assert abs(regrets.mean() - expected_regret(COINS, N, rule)) <= 4.5 * error


@pytest.mark.parametrize("name", sorted(set(LEARNERS) - {"Thompson"}))
def test_every_choice_of_a_run_is_that_of_the_rule(name):
    run, rule = LEARNERS[name]
    for seed in range(50):
        played = run(seed)
        pulled = np.eye(2, dtype=int)[played.arm]
        pulls = np.cumsum(pulled, axis=0) - pulled
        won = pulled * played.reward[:, None].astype(int)
        chosen = rule(pulls, np.cumsum(won, axis=0) - won)
        assert chosen[np.arange(N), played.arm].min() == 1


def test_the_regret_is_of_means_and_not_of_rewards():
    run = ucb(GaussianArms([0.0, 1.0]), 500, rng=3)
    assert run.total_regret == run.pulls[0] == pytest.approx(run.cumulative_regret[-1])
    assert set(run.regret.tolist()) <= {0.0, 1.0}


def test_certain_rewards_are_pulled_where_the_index_says():
    width, counts = np.sqrt(4 * np.log(200)), np.ones(2)
    for _ in range(198):
        counts[np.argmax(np.array([0.0, 1.0]) + width / np.sqrt(counts))] += 1
    assert ucb(GaussianArms([0.0, 1.0], sigma=0.0), 200, sigma=1.0).pulls.tolist() == counts.tolist()


def test_elimination_drops_an_arm_as_soon_as_the_gap_shows():
    rounds, delta, gap = 10_000, 0.05, 0.5
    turns = int(4 * np.log(rounds / delta) / gap**2) + 1  # the first m with 2 sqrt(ln(n / delta) / m) < gap
    run = successive_elimination(GaussianArms([0.0, gap], sigma=0.0), rounds, delta=delta)
    assert run.pulls.tolist() == [turns, rounds - turns]


def test_elimination_pulls_arms_in_turn_while_they_are_alike():
    run = successive_elimination(GaussianArms([0.0, 0.0, 0.0]), 100, delta=1e-9, rng=0)
    assert run.arm.tolist() == [t % 3 for t in range(100)]


def test_every_arm_is_tried_before_one_is_kept():
    run = explore_then_commit(GaussianArms([0.0, 1.0, 2.0]), 40, tries=5, rng=0)
    assert run.arm[:15].tolist() == [t % 3 for t in range(15)]
    assert len(set(run.arm[15:].tolist())) == 1


@pytest.mark.parametrize("learner", [ucb, thompson, kl_ucb], ids=lambda learner: learner.__name__)
def test_a_seed_gives_one_run(learner):
    assert np.array_equal(learner(COINS, 200, rng=5).arm, learner(COINS, 200, rng=5).arm)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ucb(COINS, 1), "rounds is 1; 2 arms cannot all be pulled in so few"),
        (lambda: ucb(COINS, 10, sigma=0.0), r"sigma is 0\.0"),
        (lambda: kl_ucb(GaussianArms([0.0]), 10), "KL-UCB is for BernoulliArms"),
        (lambda: thompson(COINS, 2.5), r"rounds is 2\.5"),
        (lambda: explore_then_commit(COINS, 10, tries=6), "tries is 6; each of 2 arms"),
        (lambda: successive_elimination(COINS, 10, delta=1.0), r"delta is 1\.0"),
    ],
    ids=["too few rounds", "no deviation", "not coins", "half a round", "too many tries", "sure to fail"],
)
def test_what_cannot_be_played_is_said(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_a_run_shows_its_growth():
    run = ucb(COINS, 100, rng=0)
    assert [row["rounds"] for row in run.to_rows()] == [1, 2, 4, 8, 16, 32, 64, 100]
    assert repr(run).startswith("BanditRun(UCB, 100 rounds, 2 arms, regret ")
    assert "<th>regret</th>" in run._repr_html_()

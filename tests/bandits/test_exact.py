"""Exact regrets and the Bayes optimum, against enumeration, closed forms, and all learners one by one."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.bandits import oracles
from proofs_check.bandits.instances import METHOD, chances, rule_of
from rltheory import ModelError
from rltheory.bandits import (
    BernoulliArms,
    bayes_optimum,
    count_law,
    expected_bayes_reward,
    expected_regret,
    rules,
)


@given(st.integers(2, 3).flatmap(chances), st.integers(0, 5), METHOD)
def test_the_law_of_counts_is_that_of_histories(means, rounds, method):
    law = count_law(BernoulliArms(means), rounds, rule_of(method, max(rounds, 1)))
    seen = oracles.histories(means[None], rounds, rule_of(method, max(rounds, 1)))
    assert law.probability.sum() == pytest.approx(1.0)
    assert law.expected_pulls == pytest.approx(seen.mean_pulls[0])
    assert law.expected_reward == pytest.approx(float(means @ seen.mean_pulls[0]))  # Wald


def test_situations_of_many_coins_are_told_apart():
    """Two coins of ten are tossed at random: 15 rounds, so that counts have more digits than a 64-bit number."""
    law = count_law(BernoulliArms(np.zeros(10)), 15, lambda pulls, _: np.tile(np.eye(10)[:2].mean(0), (len(pulls), 1)))
    assert law.pulls[:, 0].tolist() == list(range(16))
    assert law.probability == pytest.approx([math.comb(15, m) / 2**15 for m in range(16)])


def test_a_commitment_after_one_toss_each():
    p, q, n = 0.7, 0.4, 9
    wrong = q * (1 - p)
    assert expected_regret(BernoulliArms([p, q]), n, rules.commit_rule(1)) == pytest.approx(0.3 * (1 + (n - 2) * wrong))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=2))
def test_thompson_sampling_takes_each_of_two_coins_as_often_as_its_posterior_draw_is_larger(seen):
    successes, failures = np.array(seen).T
    (a, c), (b, d) = successes + 1, failures + 1
    larger = sum(  # of Beta(c, d) over Beta(a, b), for whole numbers
        math.exp(math.lgamma(a + i) + math.lgamma(b + d) - math.lgamma(a + b + i + d))
        / ((d + i) * math.exp(math.lgamma(1 + i) + math.lgamma(d) - math.lgamma(1 + i + d)))
        * math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))
        for i in range(int(c))
    )
    law = rules.thompson_rule()((successes + failures)[None], successes[None])
    assert law[0, 1] == pytest.approx(larger)


def test_two_tosses_under_uniform_priors():
    assert bayes_optimum(2).reward == pytest.approx(1 / 2 + (1 / 2) * (2 / 3) + (1 / 2) * (1 / 2))
    assert bayes_optimum(2).prophet == pytest.approx(2 * 2 / 3)


@pytest.mark.parametrize("prior", [((1, 1), (1, 1)), ((3, 1), (0.5, 0.5)), ((1, 2), (2, 1))])
def test_no_decision_tree_of_three_tosses_earns_more_than_the_optimum(prior):
    """All trees: a first coin, one for each of two outcomes, and one for each of four."""
    best = 0.0
    for first, *rest in itertools.product((0, 1), repeat=7):
        earned = 0.0
        for outcomes in itertools.product((0, 1), repeat=3):
            coins = (first, rest[outcomes[0]], rest[2 + 2 * outcomes[0] + outcomes[1]])
            weight, counts = 1.0, np.array(prior, float)
            for coin, won in zip(coins, outcomes, strict=True):
                weight *= counts[coin, 0 if won else 1] / counts[coin].sum()
                counts[coin, 0 if won else 1] += 1
            earned += weight * sum(outcomes)
        best = max(best, earned)
    assert bayes_optimum(3, prior).reward == pytest.approx(best)


@given(METHOD, st.integers(1, 7))
def test_the_bayes_reward_of_a_rule_is_its_average_over_coins(method, rounds):
    """Gauss-Legendre quadrature over both probabilities, which is exact for polynomials."""
    node, weight = np.polynomial.legendre.leggauss(6)
    rule = rule_of(method, rounds)
    average = sum(
        w * u / 4 * count_law(BernoulliArms([(x + 1) / 2, (y + 1) / 2]), rounds, rule).expected_reward
        for x, w in zip(node, weight, strict=True)
        for y, u in zip(node, weight, strict=True)
    )
    assert expected_bayes_reward([[1, 1], [1, 1]], rounds, rule) == pytest.approx(average)


def test_the_optimal_learner_earns_what_it_plans():
    optimum = bayes_optimum(25, [(2, 1), (1, 1)])
    assert expected_bayes_reward([(2, 1), (1, 1)], 25, optimum.rule) == pytest.approx(optimum.reward)


def test_a_known_coin_beside_a_certain_one_needs_no_learning():
    optimum = bayes_optimum(10, [(1e9, 1e9), (1e-3, 1e9)])
    assert optimum.reward == pytest.approx(5.0)
    assert optimum.regret == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: count_law(BernoulliArms([0.5, 0.5]), 2, lambda n, s: n + 1.0), "must be a distribution"),
        (lambda: count_law(BernoulliArms([0.5, 0.5]), 2, lambda n, s: np.ones(3)), r"the rule returned shape \(3,\)"),
        (lambda: bayes_optimum(3, [(1, 1)]), "prior has 1 coins"),
        (lambda: bayes_optimum(101), "tables for more than 100"),
        (lambda: expected_bayes_reward([(1, 0)], 3, rules.uniform_rule), r"prior of arm 0 is \[1\.0, 0\.0\]"),
    ],
    ids=["no law", "no table", "one coin", "too long", "improper prior"],
)
def test_what_makes_no_sense_is_said(call, message):
    with pytest.raises(ModelError, match=message):
        call()

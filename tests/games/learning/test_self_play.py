from itertools import islice

import numpy as np
import pytest
from scipy.optimize import linprog

from rltheory import ModelError
from rltheory.games import NormalFormGame, correlated_gains, nash_conv
from rltheory.games.learning import (
    external_regret,
    hedge,
    optimistic_hedge,
    plays,
    record,
    regret_matching,
    regret_matching_plus,
    self_play,
    swap_hedge,
    swap_regret,
)

RULES = {
    "hedge": hedge(0.2),
    "optimistic": optimistic_hedge(0.4),
    "matching": regret_matching(),
    "plus": regret_matching_plus(),
    "swap": swap_hedge(0.3),
}


def random_game(*sizes, seed=0):
    rng = np.random.default_rng(seed)
    return NormalFormGame([rng.normal(size=sizes) for _ in sizes])


def gains_seen(game, profiles):
    """Return the gains of each player in each round, by the definition of the expectation."""
    if game.n_players == 2:
        A, B = game.payoffs
        return [np.array([A @ q for _, q in profiles]), np.array([p @ B for p, _ in profiles])]
    A, B, C = game.payoffs
    return [
        np.array([np.einsum("abc,b,c->a", A, q, r) for _, q, r in profiles]),
        np.array([np.einsum("abc,a,c->b", B, p, r) for p, _, r in profiles]),
        np.array([np.einsum("abc,a,b->c", C, p, q) for p, q, _ in profiles]),
    ]


def value(A):
    """Return the value of a matrix, by HiGHS."""
    m, n = A.shape
    found = linprog(
        np.r_[np.zeros(m), -1],
        A_ub=np.c_[-A.T, np.ones(n)],
        b_ub=np.zeros(n),
        A_eq=[np.r_[np.ones(m), 0]],
        b_eq=[1],
        bounds=[(0, None)] * m + [(None, None)],
    )
    return -found.fun


@pytest.mark.parametrize("rules", [("hedge", "hedge"), ("optimistic", "plus"), ("matching", "optimistic")])
def test_the_compiled_loop_plays_what_the_rules_say(rules):
    game = random_game(4, 5)
    rules = [RULES[name] for name in rules]
    run = self_play(game, rules, rounds=150, checkpoints=[1, 70])
    profiles = list(plays(game, rules, rounds=150))
    law = sum(np.multiply.outer(p, q) for p, q in profiles) / 150
    np.testing.assert_allclose(run.joint, law, atol=1e-12)
    for ours, theirs in zip(run.last_profile, profiles[-1], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)
    np.testing.assert_array_equal(run.checkpoints, [1, 70, 150])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sizes", [(3, 4), (2, 3, 2)])
def test_regrets_are_those_of_the_gains_that_were_seen(rule, sizes):
    game = random_game(*sizes)
    run = self_play(game, RULES[rule], rounds=60, checkpoints=[10])
    profiles = list(plays(game, RULES[rule], rounds=60))
    for k, t in enumerate(run.checkpoints):
        for i, gains in enumerate(gains_seen(game, profiles[:t])):
            strategies = np.array([profile[i] for profile in profiles[:t]])
            assert run.regrets[k, i] == pytest.approx(max(external_regret(strategies, gains), 0), abs=1e-9)
            if t == run.rounds:
                swaps = swap_regret(strategies, gains)
                assert run.correlated.gains[i] * t == pytest.approx(swaps, abs=1e-9)
                assert run.coarse.gains[i] * t == pytest.approx(run.regrets[k, i], abs=1e-9)


def test_the_certificates_are_those_of_deviations():
    game = random_game(4, 3)
    run = self_play(game, regret_matching_plus(), rounds=300)
    averages = run.joint.sum(axis=1), run.joint.sum(axis=0)
    assert run.gaps[-1] == pytest.approx(nash_conv(game, averages))
    assert run.average.nash_conv == pytest.approx(run.gaps[-1])
    np.testing.assert_allclose(run.coarse.gains, correlated_gains(game, run.joint, coarse=True))
    np.testing.assert_array_equal(run.checkpoints, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])


@pytest.mark.parametrize("rule", ["optimistic", "plus", "matching"])
def test_averages_approach_the_value_of_a_zero_sum_game(rule):
    A = np.random.default_rng(3).normal(size=(6, 8))
    run = self_play(NormalFormGame.zero_sum(A), RULES[rule], rounds=20_000)
    p, q = run.average.profile
    assert (A @ q).max() - run.gaps[-1] <= value(A) <= (A @ q).max() + 1e-9
    assert (p @ A).min() - 1e-9 <= value(A) <= (p @ A).min() + run.gaps[-1]
    assert run.gaps[-1] < 0.05 * np.ptp(A)


def test_in_a_zero_sum_game_the_gap_of_the_averages_is_the_sum_of_the_regrets():
    game = NormalFormGame.zero_sum(np.random.default_rng(4).uniform(size=(5, 5)))
    run = self_play(game, hedge(0.1), rounds=500)
    profiles = list(plays(game, hedge(0.1), rounds=500))
    regrets = [
        external_regret(np.array([profile[i] for profile in profiles]), gains)
        for i, gains in enumerate(gains_seen(game, profiles))
    ]
    assert run.gaps[-1] == pytest.approx(sum(regrets) / 500, abs=1e-12)


def test_a_step_size_means_the_same_in_every_unit():
    game = random_game(3, 3)
    larger = NormalFormGame([1e3 * u + 5 for u in game.payoffs])
    ours, theirs = (self_play(g, hedge(0.3), rounds=50) for g in (game, larger))
    np.testing.assert_allclose(ours.joint, theirs.joint, atol=1e-10)
    np.testing.assert_allclose(1e3 * ours.regrets, theirs.regrets, rtol=1e-6, atol=1e-6)


def test_players_whose_payoffs_are_constant_do_not_move():
    run = self_play(NormalFormGame([np.ones((2, 3)), np.zeros((2, 3))]), hedge(0.5), rounds=10)
    np.testing.assert_allclose(run.joint, 1 / 6)
    assert run.regrets.max() < 1e-12


def test_chicken_learned_without_swap_regret_is_nearly_correlated():
    chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    run = self_play(chicken, swap_hedge(0.05), rounds=4000)
    assert run.correlated.exploitability <= 7 * np.sqrt(2 * np.log(2) / (2 * 4000)) * 1.2
    assert run.correlated.exploitability >= run.coarse.exploitability


def test_one_player_alone_finds_the_best_action():
    run = self_play(NormalFormGame([[0.0, 1.0, 0.5]]), hedge(0.5), rounds=200)
    assert np.argmax(run.last_profile[0]) == 1
    assert run.last.exploitability < 1e-9


def test_tables_and_bad_arguments():
    game = random_game(2, 2)
    run = self_play(game, regret_matching(), rounds=3)
    assert {"rounds", "player", "regret", "gap"} == set(run.to_rows()[0])
    assert len(run.to_rows()) == 6
    assert repr(run).startswith("LearningRun(regret matching, 3 rounds, gap of the averages ")
    assert "<th>largest regret</th>" in run._repr_html_()
    with pytest.raises(ModelError, match="there are 3 rules; the game has 2 players"):
        self_play(game, [regret_matching()] * 3, rounds=3)
    with pytest.raises(ModelError, match="rounds is 0; a number of rounds is whole and at least 1"):
        self_play(game, regret_matching(), rounds=0)
    with pytest.raises(ModelError, match=r"checkpoints has 4; with 3 rounds they are 1\.\.3"):
        self_play(game, regret_matching(), rounds=3, checkpoints=[2, 4])
    with pytest.raises(ModelError, match=r"checkpoints has 1\.5; they are whole numbers of rounds"):
        self_play(game, regret_matching(), rounds=3, checkpoints=[1.5])
    with pytest.raises(ModelError, match="the profiles end 1 rounds too early"):
        record(game, islice(plays(game, regret_matching(), 9), 2), 3, method="short")
    with pytest.raises(ModelError, match="the profile has 1 strategies"):
        record(game, [[0]], 1, method="short")

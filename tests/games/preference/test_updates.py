from itertools import islice

import cvxpy as cp
import numpy as np
import pytest
from scipy.special import rel_entr, softmax

from rltheory.games.preference import (
    PreferenceGame,
    best_response,
    inpo,
    inpo_schedule,
    nash_md,
    nash_md_schedule,
    preference_gap,
    regularised_nash,
    sppo,
)

RNG = np.random.default_rng(0)
HALF = np.triu(RNG.uniform(-0.5, 0.5, (4, 4)), 1)
GAME = PreferenceGame(0.5 + HALF - HALF.T, 0.3, RNG.dirichlet(np.ones(4)))
START = RNG.dirichlet(np.ones(4))
CIRCLE = PreferenceGame.rock_paper_scissors(tau=0.1)


def maximiser(gain):
    """Return the policy that maximises a concave function, by an interior-point method."""
    p = cp.Variable(4, nonneg=True)
    cp.Problem(cp.Maximize(gain(p)), [cp.sum(p) == 1]).solve(solver=cp.CLARABEL)
    return p.value


def kl(p, q):
    return cp.sum(cp.kl_div(p, q))


def test_inpo_is_the_step_of_mirror_descent_that_it_says():
    _, found = islice(inpo(GAME, eta=0.8, start=START), 2)
    expected = maximiser(lambda p: (GAME.P @ START) @ p - 0.3 * kl(p, GAME.ref) - 0.5 * kl(p, START))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_nash_md_is_the_step_of_mirror_descent_against_the_mixture():
    _, found = islice(nash_md(GAME, step=0.8, start=START), 2)
    mixture = START**0.76 * GAME.ref**0.24
    mixture /= mixture.sum()
    expected = maximiser(lambda p: 0.8 * (GAME.P @ mixture) @ p - kl(p, mixture))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_with_the_least_eta_and_the_largest_step_two_of_them_are_best_responses():
    _, found = islice(inpo(GAME, eta=GAME.tau, start=START), 2)
    np.testing.assert_allclose(found, best_response(GAME, START), rtol=1e-12)
    _, found = islice(nash_md(GAME, step=1 / GAME.tau, start=START), 2)
    np.testing.assert_allclose(found, best_response(GAME, GAME.ref), rtol=1e-12)


def test_the_schedules_are_the_defaults():
    assert [inpo_schedule(0.5)(t) for t in (0, 2)] == [0.5, 1.0]
    assert [nash_md_schedule(0.5)(t) for t in (0, 2)] == [2.0, 1.0]
    for update, options in ((inpo, {"eta": inpo_schedule(0.3)}), (nash_md, {"step": nash_md_schedule(0.3)})):
        for ours, theirs in zip(islice(update(GAME), 5), islice(update(GAME, **options), 5), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("game", [GAME, CIRCLE], ids=["drawn", "circle"])
def test_last_policies_of_inpo_and_nash_md_approach_the_equilibrium(game):
    n = game.n_answers
    start = softmax(np.arange(n))
    optimum = regularised_nash(game).profile[0]
    *_, last = islice(inpo(game, eta=game.tau + 1 / (4 * game.tau), start=start), 800)
    np.testing.assert_allclose(last, optimum, atol=1e-8)
    *_, last = islice(nash_md(game, start=start), 2000)
    assert rel_entr(optimum, last).sum() <= 1 / (2 * game.tau**2 * 2000)


def test_nash_md_with_a_constant_step_stops_short_and_inpo_does_not():
    skewed = PreferenceGame(CIRCLE.P, 0.5, [0.7, 0.2, 0.1])
    gaps = [
        preference_gap(skewed, list(islice(run, 500))[-1]) for run in (nash_md(skewed, step=1.0), inpo(skewed, eta=1))
    ]
    assert gaps[1] < 1e-12
    assert gaps[0] > 1e-6


def test_best_responses_go_round_in_a_circle():
    start = [0.34, 0.33, 0.33]
    gaps = [preference_gap(CIRCLE, p) for p in islice(inpo(CIRCLE, eta=CIRCLE.tau, start=start), 60)]
    assert min(gaps[20:]) > 10 * gaps[0]


def test_sppo_moves_outwards_in_a_circle_while_its_average_approaches_the_middle():
    policies = np.array(list(islice(sppo(CIRCLE, step=0.1, start=[0.4, 0.35, 0.25]), 5000)))
    assert policies[:200].max() < policies[-200:].max()
    np.testing.assert_allclose(policies.mean(axis=0), 1 / 3, atol=0.03)


def test_sppo_is_hedge_against_oneself():
    policies = list(islice(sppo(GAME, step=0.7, start=START), 6))
    weights = START * np.exp(0.7 * GAME.P @ np.sum(policies[:5], axis=0))
    np.testing.assert_allclose(policies[5], weights / weights.sum(), rtol=1e-12)

from itertools import islice

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.learning import discrete_replicator, replicator

RPS = NormalFormGame.zero_sum([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])


def divergence_from_thirds(p):
    return -np.log(3 * p).mean(axis=-1)


def test_two_actions_that_differ_by_a_constant_follow_the_logistic_curve():
    game = NormalFormGame([[[1.5], [0.5]], [[0.0], [0.0]]])
    times = np.linspace(0, 10, 7)
    p, q = replicator(game, [[0.1, 0.9], 0], times)
    np.testing.assert_allclose(p[:, 0], 1 / (1 + 9 * np.exp(-times)), rtol=1e-8)
    np.testing.assert_array_equal(q, 1.0)


def test_a_zero_sum_game_conserves_the_divergence_from_its_interior_equilibrium():
    p, q = replicator(RPS, [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], np.linspace(0, 60, 50))
    total = divergence_from_thirds(p) + divergence_from_thirds(q)
    np.testing.assert_allclose(total, total[0], rtol=1e-7)
    assert np.ptp(p, axis=0).min() > 0.05  # the orbit does not converge


def test_the_path_agrees_with_small_steps_of_runge_and_kutta():
    rng = np.random.default_rng(0)
    game = NormalFormGame([rng.normal(size=(2, 3, 2)) for _ in range(3)])
    start = [rng.dirichlet(np.ones(m)) for m in (2, 3, 2)]

    def field(profile):
        p, q, r = profile
        A, B, C = game.payoffs
        values = np.einsum("abc,b,c->a", A, q, r), np.einsum("abc,a,c->b", B, p, r), np.einsum("abc,a,b->c", C, p, q)
        return [p * (v - p @ v) for p, v in zip(profile, values, strict=True)]

    def along(profile, slope, h):
        return [p + h * s for p, s in zip(profile, slope, strict=True)]

    profile, h = start, 0.01
    for _ in range(300):
        a = field(profile)
        b = field(along(profile, a, h / 2))
        c = field(along(profile, b, h / 2))
        d = field(along(profile, c, h))
        profile = along(profile, [w + 2 * x + 2 * y + z for w, x, y, z in zip(a, b, c, d, strict=True)], h / 6)
    for ours, expected in zip(replicator(game, start, [3.0]), profile, strict=True):
        np.testing.assert_allclose(ours[0], expected, atol=1e-8)


def test_actions_that_are_not_there_stay_away_and_an_equilibrium_stays():
    p, q = replicator(RPS, [[0.5, 0.5, 0.0], 0], [0.0, 50.0])
    assert p[1, 2] == 0
    assert p[1, 1] > 0.999  # paper beats rock
    np.testing.assert_array_equal(q, [[1, 0, 0], [1, 0, 0]])
    for strategies in replicator(RPS, [np.ones(3) / 3] * 2, [0, 5]):
        np.testing.assert_allclose(strategies, 1 / 3)
    for strategies in replicator(RPS, [np.ones(3) / 3] * 2, [0.0]):
        np.testing.assert_allclose(strategies, 1 / 3)


def test_small_discrete_steps_follow_the_continuous_path():
    background, rounds = 1e4, 20_000
    start = [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]]
    *_, last = islice(discrete_replicator(RPS, start, background=background), rounds + 1)
    for ours, expected in zip(last, replicator(RPS, start, [rounds / background]), strict=True):
        np.testing.assert_allclose(ours, expected[0], atol=1e-3)


def test_one_discrete_step_by_hand():
    game = NormalFormGame.symmetric([[1.0, 4.0], [3.0, 2.0]])
    _, (p, _) = islice(discrete_replicator(game, [[0.5, 0.5], [0.25, 0.75]]), 2)
    np.testing.assert_allclose(p, [3.25 / 5.5, 2.25 / 5.5])


def test_discrete_steps_among_equals_move_outwards_in_rock_paper_scissors():
    # Both play p, who earns 0: by Jensen's inequality the divergence from the thirds grows in every step.
    start = [[0.4, 0.3, 0.3]] * 2
    far = [divergence_from_thirds(p) for p, _ in islice(discrete_replicator(RPS, start, background=3.0), 200)]
    assert (np.diff(far) > 0).all()


def test_bad_times_and_backgrounds_are_named():
    with pytest.raises(ModelError, match="it is a list of times that are finite, at least 0, and do not decrease"):
        replicator(RPS, [0, 0], [1.0, 0.5])
    with pytest.raises(
        ModelError, match=r"the least payoff of player 0 is -1, with the background 0; .* raise background"
    ):
        discrete_replicator(RPS, [0, 0], background=1.0)

"""Facts about single games that are not lists of equilibria."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import mdps
from mdps import games
from rltheory.games import NormalFormGame, correlated_gains, exploitability
from rltheory.models import ModelError


def welfare_bounds(game, coarse=False):
    """Return the least and the most that a (coarse) correlated equilibrium pays to all players together."""
    rows = []
    for i, u in enumerate(game.payoffs):
        for advised in range(game.n_actions[i]):
            for instead in range(game.n_actions[i]):
                gain = np.take(u, [instead], axis=i) - u
                told = np.indices(u.shape)[i] == advised
                rows.append((gain if coarse else gain * told).ravel())
    total = sum(game.payoffs).ravel()
    answers = [
        linprog(sign * total, A_ub=rows, b_ub=np.zeros(len(rows)), A_eq=np.ones((1, total.size)), b_eq=[1])
        for sign in (1, -1)
    ]
    return answers[0].fun, -answers[1].fun


def test_the_games_are_reached_from_the_instances():
    assert mdps.games is games


def test_every_game_of_the_table_names_what_can_be_done():
    assert games.chicken().action_name(1, 0) == "swerve"
    assert games.matching_pennies().player_name(0) == "even"
    assert games.blotto(2, 2).action_name(0, 0) == "0-2"


def test_swerving_by_a_mediators_advice_is_best_for_both_together():
    game = games.chicken()
    assert welfare_bounds(game)[1] == pytest.approx(10.5)
    assert welfare_bounds(game, coarse=True)[1] == pytest.approx(10.5)
    assert correlated_gains(game, [[0.5, 0.25], [0.25, 0]]).max() < 1e-12


def test_correlation_pays_up_to_one_in_the_game_of_shapley():
    assert welfare_bounds(games.shapley_game()) == pytest.approx((2 / 3, 1))
    assert welfare_bounds(games.shapley_game(), coarse=True)[1] == pytest.approx(1)


def test_a_dilemma_has_no_coarse_correlated_equilibrium_but_defection():
    assert welfare_bounds(games.prisoners_dilemma(), coarse=True) == pytest.approx((2, 2))


@pytest.mark.parametrize(("lam", "p", "q"), [(0.5, 0.8307, 0.4181), (1, 0.8936, 0.3128), (5, 0.7020, 0.1171)])
def test_the_quantal_responses_quoted_reproduce_themselves(lam, p, q):
    def logit(gain):
        return 1 / (1 + math.exp(-lam * gain))

    assert logit(9 * q - (1 - q)) == pytest.approx(p, abs=2e-3)
    assert logit((1 - p) - p) == pytest.approx(q, abs=1e-4)


@pytest.mark.parametrize("table", [(4, 1, 3, 3), (10, -10, 5, 5), (4, 0, 3, 2), (5, 0, 1, 1)])
@pytest.mark.parametrize("epsilon", [0.01, 0.05, 0.1])
def test_at_the_largest_weight_trust_is_worth_neither_more_nor_less(table, epsilon):
    a, b, c, d = table
    A, delta = games.stag_hunt(*table).payoffs[0], a - c + d - b
    top = 1 - epsilon
    weight = (top * delta - (d - b)) / (2 * epsilon * top * delta * ((c - d) + top * delta))
    q = np.array([top, epsilon])

    def utility(p):
        paid = np.array([p, 1 - p]) @ A
        return paid @ q - weight * (paid**2 @ q - (paid @ q) ** 2)

    assert (utility(top + 1e-4) - utility(top - 1e-4)) / 2e-4 == pytest.approx(0, abs=1e-7 * abs(A).max() ** 2)


@pytest.mark.parametrize("k", range(1, 7))
def test_the_games_of_selten_and_chmura_come_in_pairs(k):
    constant, other = games.selten_chmura(k), games.selten_chmura(k + 6)
    assert np.ptp(sum(constant.payoffs)) == 0
    assert np.ptp(sum(other.payoffs)) > 0
    added = [v - u for u, v in zip(constant.payoffs, other.payoffs, strict=True)]
    assert (added[0] == added[0][0, 1] * np.array([[0, 1], [0, 1]])).all()
    assert (added[1] == added[0][0, 1] * np.array([[1, 1], [0, 0]])).all()


def test_people_are_not_in_equilibrium():
    for k in (1, 2, 3, 10, 11, 12):
        up, left = games.selten_chmura_frequencies(k)
        assert exploitability(games.selten_chmura(k), [(up, 1 - up), (left, 1 - left)]) > 0.05


@pytest.mark.parametrize(("crash", "delay"), [(1, 0), (10, 0), (100, 0), (10, 2)])
def test_dearer_crashes_are_rarer(crash, delay):
    game = games.merge(crash, delay)
    go = (1 + delay) / (1 + delay + crash)
    mixed = [(1 - go, go)] * 2

    assert exploitability(game, mixed) <= 1e-12 * game.payoff_ranges.max()
    assert games.crash_probability(game, mixed) == pytest.approx(go**2)
    assert games.crash_probability(game, [0, 1]) == 0
    assert games.crash_probability(game, [1, 1]) == 1


def test_dominance_takes_a_round_for_every_step_of_the_ladder():
    A = games.undercutting(6).payoffs[0]
    for top in range(5, 0, -1):
        left = A[: top + 1, : top + 1]
        dominated = [a for a in range(top + 1) if any((left[b] > left[a]).all() for b in range(top + 1))]
        assert dominated == [top]
        # The others are best replies to something: nothing else, mixed or not, dominates them.
        assert set(left.argmax(axis=0)) == set(range(top))


def test_a_road_is_as_slow_as_it_is_full():
    delays = [[1, 5, 7], [2, 3, 9]]
    game = games.congestion(delays)
    for profile in np.ndindex(2, 2, 2):
        for i, road in enumerate(profile):
            assert game.payoffs[i][profile] == -delays[road][profile.count(road) - 1]


@given(st.integers(1, 4), st.integers(1, 3), st.data())
def test_the_potential_changes_by_what_the_mover_gains(n, m, data):
    delays = data.draw(st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=m, max_size=m))
    game, potential = games.congestion(delays), games.congestion_potential(delays)
    for i, u in enumerate(game.payoffs):
        assert (np.diff(u, axis=i) == np.diff(potential, axis=i)).all()
    best = np.unravel_index(potential.argmax(), potential.shape)
    assert exploitability(game, [int(a) for a in best]) <= 1e-12 * max(game.payoff_ranges.max(), 1)


def test_on_the_roads_by_default_one_or_two_of_three_take_the_first():
    game = games.congestion()
    stable = [profile for profile in np.ndindex(2, 2, 2) if exploitability(game, list(profile)) < 1e-12]
    assert {profile.count(0) for profile in stable} == {1, 2}
    assert len(stable) == 6


def test_blotto_between_equals_is_worth_nothing():
    A = games.blotto(5, 3).payoffs[0]
    assert (A == -A.T).all()
    names = games.blotto(5, 3, enemies=3).action_names
    assert [len(side) for side in names] == [math.comb(7, 2), math.comb(5, 2)]
    game = games.blotto(3, 2, enemies=1)
    for a, mine in enumerate(game.action_names[0]):
        for b, other in enumerate(game.action_names[1]):
            won = [
                (int(x) > int(y)) - (int(x) < int(y)) for x, y in zip(mine.split("-"), other.split("-"), strict=True)
            ]
            assert game.payoffs[0][a, b] == sum(won)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.7, 1.0])
def test_payoffs_have_the_covariance_asked_for(rho):
    game = games.covariant_game((30, 30, 30), rho, rng=1)
    found = np.cov([u.ravel() for u in game.payoffs])
    wanted = np.full((3, 3), rho) + (1 - rho) * np.eye(3)
    assert np.abs(found - wanted).max() < 5 * math.sqrt(2 / 27_000)  # five standard errors
    if rho == -0.5:
        assert np.abs(sum(game.payoffs)).max() < 1e-12


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 99))
def test_the_same_seed_gives_the_same_game(sizes, seed):
    draws = [
        lambda rng: games.random_game(sizes, rng=rng),
        lambda rng: games.covariant_game(sizes, 0.3, rng=rng),
        lambda rng: games.random_ties(sizes, 3, rng=rng),
        lambda rng: games.random_potential(sizes, rng=rng)[0],
    ]
    for draw in draws:
        first, again = draw(seed), draw(np.random.default_rng(seed))
        assert first.n_actions == tuple(sizes)
        assert all((u == v).all() for u, v in zip(first.payoffs, again.payoffs, strict=True))
    assert {float(x) for u in draws[2](seed).payoffs for x in u.flat} <= {0, 1, 2}
    game, potential = games.random_potential(sizes, rng=seed)
    best = np.unravel_index(potential.argmax(), potential.shape)
    assert exploitability(game, [int(a) for a in best]) < 1e-12


def test_random_zero_sum_games_are_of_zero_sum():
    game = games.random_zero_sum(3, 5, rng=0)
    assert game.is_zero_sum
    assert game.n_actions == (3, 5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: games.stag_hunt(3, 1, 3, 3), r"a, b, c, d are 3, 1, 3, 3; .* a > c and d > b"),
        (lambda: games.prisoners_dilemma(temptation=2), "descend"),
        (lambda: games.asymmetric_matching_pennies(0), "stake is 0"),
        (lambda: games.rock_paper_scissors(4), "n is 4"),
        (lambda: games.travellers_dilemma(bonus=1), "bonus is 1"),
        (lambda: games.travellers_dilemma(5, 4), "low is 5 and high is 4"),
        (lambda: games.undercutting(0), "n is 0"),
        (lambda: games.selten_chmura(13), "number is 13"),
        (lambda: games.selten_chmura_frequencies(4), "game 4 are not known here; those of 1, 2, 3, 10, 11, 12 are"),
        (lambda: games.merge(crash=0), "crash is 0"),
        (lambda: games.crash_probability(games.chicken(), [0, 0]), "none is named go"),
        (lambda: games.kuhn_equilibrium(0.5), "alpha is 0.5"),
        (lambda: games.congestion([1, 2]), "delays has shape"),
        (lambda: games.covariant_game((2, 2, 2), -0.6), "rho is -0.6"),
        (lambda: games.random_game(()), "at least one player"),
        (lambda: games.random_ties((2, 0)), r"n_actions\[1\] is 0"),
        (lambda: games.blotto(-1), "soldiers is -1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_parameter_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()


def test_a_function_that_is_no_game_returns_what_it_says():
    built = [getattr(games, name) for name in games.__all__]
    assert all(callable(function) and function.__doc__ for function in built)
    assert isinstance(games.high_risk(), NormalFormGame)

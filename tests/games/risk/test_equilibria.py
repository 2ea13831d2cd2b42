import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import ConvergenceWarning, CriterionError, ModelError
from rltheory.games import NormalFormGame, exploitability
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import (
    CVaR,
    Entropic,
    MeanVariance,
    PartialMoment,
    Shortfall,
    best_pure_profile,
    column_generation,
    damped_best_response,
    equilibrium_path,
    full_variance_gains,
    full_variance_utility,
    risk_averse_equilibria,
    risk_averse_equilibrium,
    risk_averse_fictitious_play,
    risk_averse_profile,
    two_by_two_equilibria,
)

STAG_HUNT = NormalFormGame.symmetric([[4, 1], [3, 3]])
UNIT = 3 * (1 + 4 * 3)  # of tolerances in the stag hunt at gamma 1: the spread, and the slope's change over it
RISKY = np.array([[5.0, 5, -20], [3, 3, 3], [4, 4, 0]])
MERGE = NormalFormGame.symmetric([[-20, 3, 4], [0, 1, 2], [-1, 0, 1]], action_names=[["go", "creep", "yield"]] * 2)


@given(st.integers(0, 2**32 - 1))
def test_a_certified_equilibrium_of_any_number_of_players_is_found(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    sizes = tuple(rng.integers(1, 5, size=n))
    game = NormalFormGame([rng.integers(-4, 5, size=sizes) for _ in range(n)])
    gamma, tremble = float(rng.choice([0.0, 0.2, 2.0])), float(rng.choice([0.0, 0.05]))
    found = risk_averse_equilibrium(game, gamma=gamma, tremble=tremble, starts=96)
    # Every objective is concave: no pure strategy, as often as trembles allow, is better by more than the gains.
    for i, p in enumerate(found.profile):
        assert p.min() >= tremble - 1e-12
        others = np.ones(1)
        for j, q in enumerate(found.profile):
            if j != i:
                others = np.outer(others, q).ravel()
        M = game.opponents_view(i)
        here = objective(p, M, others, gamma)
        assert found.value[i] == pytest.approx(here, abs=1e-9)
        m = p.size
        for direction in [*np.eye(m), *rng.dirichlet(np.ones(m), size=5)]:
            other = tremble + (1 - m * tremble) * direction
            assert objective(other, M, others, gamma) <= here + found.gains[i] + 1e-9


def objective(p, M, q, gamma):
    mean = M @ q
    covariance = (M * q) @ M.T - np.outer(mean, mean)
    return p @ mean - gamma * p @ covariance @ p


def test_without_aversion_and_trembles_it_is_an_equilibrium_of_nash():
    rng = np.random.default_rng(0)
    for _ in range(10):
        game = NormalFormGame(rng.normal(size=(2, 4, 4)))
        assert exploitability(game, risk_averse_equilibrium(game, gamma=0.0).profile) < 1e-8


def test_the_symmetric_equilibrium_of_rock_paper_scissors_stays_for_every_gamma():
    rps = NormalFormGame.zero_sum([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    for gamma in (0.0, 0.5, 5.0):
        thirds = [np.full(3, 1 / 3)] * 2
        assert risk_averse_profile(rps, thirds, gamma=gamma, method="").exploitability < 1e-11
        found = risk_averse_equilibrium(rps, gamma=gamma, start=[0, 1])
        np.testing.assert_allclose(found.profile, thirds, atol=1e-8)


def test_several_searches_find_all_equilibria_of_a_stag_hunt():
    found = risk_averse_equilibria(STAG_HUNT, gamma=0.3, tremble=0.05)
    exact = two_by_two_equilibria(STAG_HUNT, gamma=0.3, tremble=0.05)
    np.testing.assert_allclose(
        sorted(e.profile[0][0] for e in found), sorted(e.profile[0][0] for e in exact), atol=1e-8
    )
    assert len(found) == 3


def test_a_path_leaves_the_stag_at_the_threshold():
    tremble = 0.1
    threshold = bounds.stag_threshold(4, 1, 3, 3, tremble)
    gammas = threshold * np.array([0.0, 0.5, 0.9, 0.999, 1.001, 1.5])
    path = equilibrium_path(STAG_HUNT, gammas, tremble=tremble, start=[0, 0])
    stag = [float(e.profile[0][0]) for e in path]
    np.testing.assert_allclose(stag, [0.9] * 4 + [0.1] * 2, atol=1e-9)
    assert max(e.exploitability for e in path) < 1e-9


def test_the_high_risk_action_is_given_up_as_aversion_grows():
    one = NormalFormGame.symmetric(RISKY)
    neutral = risk_averse_equilibrium(one, gamma=0.0, tremble=0.01, start=[0, 0])
    averse = risk_averse_equilibrium(one, gamma=1.0, tremble=0.01, start=[0, 0])
    assert neutral.profile[0][0] == pytest.approx(0.98)
    assert averse.profile[0][0] == pytest.approx(0.01)


def test_crashes_become_rare_where_two_lanes_merge():
    path = equilibrium_path(MERGE, [0.0, 0.05, 0.1, 0.2, 0.4], tremble=0.01)
    crash = [float(e.joint[0, 0]) for e in path]
    assert max(e.exploitability for e in path) < 1e-8
    assert all(later < sooner for sooner, later in itertools.pairwise(crash))


@pytest.mark.parametrize("solver", [damped_best_response, column_generation])
def test_solvers_agree_where_one_equilibrium_is_left(solver):
    found = solver(STAG_HUNT, gamma=1.0, tremble=0.1)
    np.testing.assert_allclose(found.profile, [[0.1, 0.9]] * 2, atol=1e-8)
    assert found.exploitability <= 1e-9 * UNIT


def test_fictitious_play_comes_near_and_says_how_near():
    found = risk_averse_fictitious_play(STAG_HUNT, gamma=1.0, tremble=0.1, tol=1e-3)
    assert found.exploitability <= 1e-3 * UNIT
    assert found.method == "fictitious play"


def test_where_best_responses_cycle_the_certificate_and_a_warning_say_so():
    pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    with pytest.warns(ConvergenceWarning, match=r"exploitability .* is above tol 1e-09 .* damped best response"):
        found = damped_best_response(pennies, gamma=0.0, step=1.0, start=[0, 0], max_iterations=50)
    assert found.exploitability >= 1


def test_column_generation_needs_few_actions_and_agrees_over_all_of_them():
    rng = np.random.default_rng(7)
    game = NormalFormGame(rng.normal(size=(2, 40, 40)))
    found = column_generation(game, gamma=0.2, tremble=1e-3)
    again = risk_averse_profile(game, found.profile, gamma=0.2, tremble=1e-3, method="")
    assert again.exploitability == found.exploitability < 1e-8
    assert (found.profile[0] > 1e-3 + 1e-9).sum() < 20
    assert "of 40" in found.method


@pytest.mark.parametrize(
    "aversion",
    [MeanVariance(0.4), Entropic(0.8), PartialMoment(0.5, target=3.0), CVaR(0.2), Shortfall(2.0, target=3.0)],
    ids=repr,
)
def test_every_aversion_has_the_safe_equilibrium_certified(aversion):
    found = risk_averse_equilibrium(STAG_HUNT, aversion=aversion, tremble=0.1, start=[1, 1])
    np.testing.assert_allclose(found.profile, [[0.1, 0.9]] * 2, atol=1e-9)
    assert found.exploitability < 1e-8


def test_players_may_differ_in_what_they_fear():
    mixed = risk_averse_equilibrium(STAG_HUNT, aversion=(MeanVariance(0.0), CVaR(0.5)), tremble=0.05, start=[1, 1])
    assert mixed.exploitability < 1e-9
    twice = risk_averse_equilibrium(STAG_HUNT, gamma=[0.1, 3.0], tremble=0.1)
    assert twice.exploitability < 1e-9


def test_a_second_order_entropic_equilibrium_is_nearly_risk_averse():
    game, tau = NormalFormGame(np.random.default_rng(8).normal(size=(2, 3, 3))), 0.01
    found = risk_averse_equilibrium(game, aversion=Entropic(tau))
    gains = risk_averse_profile(game, found.profile, gamma=tau / 2, method="").gains
    for gain, spread in zip(gains, game.payoff_ranges, strict=True):
        assert gain <= 2 * bounds.entropic_mean_variance_error(tau, spread) + 1e-9


def test_a_game_has_no_equilibrium_if_players_mind_the_variance_of_their_own_mixing():
    game = NormalFormGame([[[3, 0], [0, 1]], [[0, 1], [1, 0]]])
    grid = [np.array([k / 80, 1 - k / 80]) for k in range(81)]
    least = min(full_variance_gains(game, [p, q], gamma=1.0).max() for p in grid for q in grid)
    # The row player's gain changes by at most 12 per unit of her own probability and 18 of the other's, and the other
    # player's by less: between points of the grid, at most 1/160 away in each, the larger one stays above 0.
    assert least > 0.3 > (12 + 18) / 160
    with pytest.warns(ConvergenceWarning, match=r"there may be no equilibrium"):
        found = risk_averse_equilibrium(game, gamma=1.0, own_variance=True)
    assert found.exploitability >= least
    assert risk_averse_equilibrium(game, gamma=1.0).exploitability < 1e-9


def test_with_own_variance_the_pure_equilibria_of_a_stag_hunt_remain():
    found = best_pure_profile(STAG_HUNT, gamma=2.0)
    assert found.exploitability < 1e-11
    assert found.concept == "risk-averse, own variance"


def test_the_full_variance_is_that_of_the_joint_law():
    rng = np.random.default_rng(9)
    M, p, q = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4))
    joint = np.outer(p, q)
    mean = (joint * M).sum()
    assert full_variance_utility(p, M, q, 2.0) == pytest.approx(mean - 2 * ((joint * M**2).sum() - mean**2))


def test_a_search_without_success_warns():
    game = NormalFormGame(np.random.default_rng(10).normal(size=(2, 40, 40)))
    with pytest.warns(ConvergenceWarning, match=r"try another start or method"):
        found = risk_averse_equilibrium(game, gamma=0.0, starts=1)
    assert found.exploitability > 1e-6


def test_bad_questions_are_named():
    with pytest.raises(CriterionError, match=r"gamma is None and aversion is None; exactly one is needed"):
        risk_averse_equilibrium(STAG_HUNT)
    with pytest.raises(CriterionError, match=r"exactly one is needed"):
        risk_averse_equilibrium(STAG_HUNT, gamma=1.0, aversion=CVaR(0.1))
    with pytest.raises(CriterionError, match=r"gamma is -0.5; an aversion to risk is at least 0 and finite"):
        risk_averse_equilibrium(STAG_HUNT, gamma=-0.5)
    with pytest.raises(CriterionError, match=r"gamma is inf"):
        risk_averse_equilibrium(STAG_HUNT, gamma=np.inf)
    with pytest.raises(CriterionError, match=r"tremble is 0.5; with 2 actions it must be in \[0, 1/2\)"):
        risk_averse_equilibrium(STAG_HUNT, gamma=1.0, tremble=0.5)
    with pytest.raises(CriterionError, match=r"tremble is nan"):
        risk_averse_equilibrium(STAG_HUNT, gamma=1.0, tremble=np.nan)
    with pytest.raises(CriterionError, match=r"own_variance needs gamma"):
        risk_averse_equilibrium(STAG_HUNT, aversion=CVaR(0.1), own_variance=True)
    with pytest.raises(CriterionError, match=r"own_variance needs gamma, and takes no other aversion"):
        risk_averse_equilibrium(STAG_HUNT, gamma=1.0, aversion=CVaR(0.1), own_variance=True)
    with pytest.raises(CriterionError, match=r"aversion is 0.5; it must be an aversion such as"):
        risk_averse_equilibrium(STAG_HUNT, aversion=0.5)
    with pytest.raises(CriterionError, match=r"aversions with kinks have none"):
        column_generation(STAG_HUNT, aversion=CVaR(0.5))
    with pytest.raises(CriterionError, match=r"step is 0; a part of the way is in \(0, 1\]"):
        damped_best_response(STAG_HUNT, gamma=1.0, step=0)
    with pytest.raises(
        ModelError, match=r"the strategy of player 1 plays action 0 with probability 0.0, below the trem"
    ):
        risk_averse_profile(STAG_HUNT, [[0.5, 0.5], [0.0, 1.0]], gamma=1.0, tremble=0.1, method="")
    with pytest.raises(ModelError, match=r"the profile has 1 strategies; the game has 2 players"):
        risk_averse_profile(STAG_HUNT, [[0.5, 0.5]], gamma=1.0, method="")

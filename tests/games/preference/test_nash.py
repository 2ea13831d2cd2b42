import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logsumexp, rel_entr, softmax

from rltheory.games.preference import (
    PreferenceGame,
    best_response,
    certified,
    objective,
    preference_gap,
    regularised_nash,
)
from rltheory.models import ConvergenceWarning


@st.composite
def solved_games(draw):
    """Draw a game with its equilibrium: the reference policy is made for it, by the condition of a fixed point."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, tau = draw(st.integers(1, 6)), draw(st.sampled_from([0.05, 0.3, 1.0, 5.0]))
    half = np.triu(rng.uniform(-0.5, 0.5, (n, n)), 1)
    P = 0.5 + half - half.T
    policy = rng.dirichlet(np.ones(n)) * 0.99 + 0.01 / n
    return PreferenceGame(P, tau, softmax(np.log(policy) - P @ policy / tau)), policy, rng


@given(solved_games())
def test_the_equilibrium_is_found_to_machine_precision(drawn):
    game, policy, _ = drawn
    found = regularised_nash(game)
    np.testing.assert_allclose(found.profile[0], policy, atol=1e-12)
    assert found.exploitability < 1e-12
    np.testing.assert_allclose(found.value, 0.5, atol=1e-12)
    assert found.concept == "regularised Nash"


@given(solved_games())
def test_the_gap_is_what_a_best_response_gains_and_no_response_gains_more(drawn):
    game, _, rng = drawn
    policy, other = rng.dirichlet(np.ones(game.n_answers), size=2)
    gap = preference_gap(game, policy)
    by_gibbs = game.tau * logsumexp(np.log(game.ref) + game.P @ policy / game.tau) - 0.5
    assert gap == pytest.approx(by_gibbs + game.tau * rel_entr(policy, game.ref).sum(), abs=1e-12)
    assert objective(game, best_response(game, policy), policy) - 0.5 == pytest.approx(gap, abs=1e-12)
    assert objective(game, other, policy) - 0.5 <= gap
    assert objective(game, other, policy) + objective(game, policy, other) == pytest.approx(1)


@pytest.mark.parametrize("tau", [0.1, 1.0])
def test_the_equilibrium_minimises_what_the_other_can_get(tau):
    rng = np.random.default_rng(0)
    half = np.triu(rng.uniform(-0.5, 0.5, (4, 4)), 1)
    game = PreferenceGame(0.5 + half - half.T, tau, rng.dirichlet(np.ones(4)))
    p = cp.Variable(4, nonneg=True)
    response = tau * cp.log_sum_exp(np.log(game.ref) + game.P @ p / tau)
    program = cp.Problem(cp.Minimize(response + tau * cp.sum(cp.kl_div(p, game.ref))), [cp.sum(p) == 1])
    program.solve(solver=cp.CLARABEL)
    assert program.value == pytest.approx(0.5, abs=1e-6)
    np.testing.assert_allclose(regularised_nash(game).profile[0], p.value, atol=1e-3)


def test_two_answers_solve_one_equation():
    game = PreferenceGame([[0.5, 0.9], [0.1, 0.5]], 0.3, [0.2, 0.8])
    # P(0 > pi) - P(1 > pi) is 0.4 whatever pi is; with two answers an opponent does not matter.
    expected = brentq(lambda x: x - expit(math.log(0.25) + 0.4 / 0.3), 0, 1)
    assert regularised_nash(game).profile[0][0] == pytest.approx(expected, abs=1e-12)


def test_a_circle_with_a_uniform_reference_is_solved_by_symmetry():
    found = regularised_nash(PreferenceGame.rock_paper_scissors(tau=0.01))
    np.testing.assert_allclose(found.profile[0], 1 / 3, atol=1e-15)


def test_small_weights_approach_the_unregularised_equilibrium():
    P = 0.5 + 0.5 * np.array([[0, -1, 0.5], [1, 0, -1], [-0.5, 1, 0]])
    found = regularised_nash(PreferenceGame(P, 1e-5))
    np.testing.assert_allclose(found.profile[0], [0.4, 0.2, 0.4], atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_small_weights_are_solved_to_machine_precision(seed):
    half = np.triu(np.random.default_rng(seed).choice([-0.5, 0.5], (20, 20)), 1)
    assert regularised_nash(PreferenceGame(0.5 + half - half.T, 1e-5)).exploitability < 1e-13


def test_large_weights_leave_the_reference_policy():
    game = PreferenceGame.bradley_terry([0, 5, 1], tau=1e8, ref=[0.2, 0.3, 0.5])
    np.testing.assert_allclose(regularised_nash(game, tol=1e-4).profile[0], game.ref, atol=1e-7)


def test_a_policy_that_plays_one_answer_has_a_gap_even_where_its_best_response_underflows():
    game = PreferenceGame([[0.5, 1.0], [0.0, 0.5]], tau=1e-4)
    assert best_response(game, 1)[1] == 0.0
    assert preference_gap(game, 1) == pytest.approx(0.5, abs=1e-9)
    assert certified(game, 0, method="by hand").exploitability == pytest.approx(
        1e-4 * math.log1p(math.exp(-5e3)), abs=1e-10
    )


def test_a_gap_above_the_tolerance_warns():
    with pytest.warns(ConvergenceWarning, match="above tol = 1e-30: raise tol or tau"):
        regularised_nash(PreferenceGame.rock_paper_scissors(tau=0.1), tol=1e-30)

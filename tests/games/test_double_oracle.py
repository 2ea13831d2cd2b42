from itertools import permutations, product

import numpy as np
import pytest
from scipy.optimize import linprog

from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame
from rltheory.games.bounds.markov import double_oracle_rounds
from rltheory.games.double_oracle import double_oracle


def _matrix_value(A):
    m, n = A.shape
    program = linprog(
        [0.0] * m + [-1.0],
        A_ub=np.hstack([-A.T, np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=[[1.0] * m + [0.0]],
        b_eq=[1.0],
        bounds=[(0, 1)] * m + [(None, None)],
    )
    return -program.fun


def _kuhn_poker():
    """Return the 27 x 64 game: one of three cards each, one unit in the pot each, one bet of one unit."""
    first = list(product(("pass, fold", "pass, call", "bet"), repeat=3))
    second = list(product(product((False, True), repeat=2), repeat=3))  # whether she bets after a pass, calls a bet

    def paid(own, others, mine, theirs):
        stake = 1 if mine > theirs else -1
        plan, (bets, calls) = own[mine], others[theirs]
        if plan == "bet":
            return 2 * stake if calls else 1
        if not bets:
            return stake
        return 2 * stake if plan == "pass, call" else -1

    deals = list(permutations(range(3), 2))
    return np.array([[np.mean([paid(p, q, *deal) for deal in deals]) for q in second] for p in first])


def test_kuhn_poker_is_worth_a_loss_of_one_eighteenth():
    game = NormalFormGame.zero_sum(_kuhn_poker())
    found = double_oracle(game)
    assert game.n_actions == (27, 64)
    assert found.value[0] == pytest.approx(-1 / 18, abs=1e-12)
    assert found.exploitability < 1e-12
    assert found.iterations < 20  # of at most 90


@pytest.mark.parametrize("seed", range(5))
def test_the_value_is_that_of_a_linear_program(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(rng.integers(1, 12), rng.integers(1, 12)))
    found = double_oracle(NormalFormGame.zero_sum(A), start=(A.shape[0] - 1, A.shape[1] - 1))
    assert found.value[0] == pytest.approx(_matrix_value(A), abs=1e-9)
    assert found.exploitability < 1e-11
    assert found.iterations <= double_oracle_rounds(*A.shape)


def test_guessing_a_number_needs_every_action():
    assert double_oracle(NormalFormGame.zero_sum(np.eye(6))).iterations == double_oracle_rounds(6, 6)


def test_a_tolerance_ends_it_early():
    game = NormalFormGame.zero_sum(np.random.default_rng(0).normal(size=(30, 30)))
    rough, exact = double_oracle(game, tol=1.0), double_oracle(game)
    assert rough.iterations < exact.iterations
    assert rough.nash_conv <= 1.0 + 1e-12


def test_what_makes_no_sense_is_refused():
    with pytest.raises(CriterionError, match="not a zero-sum game"):
        double_oracle(NormalFormGame.symmetric([[3, 0], [5, 1]]))
    with pytest.raises(ModelError, match=r"action 2 of player 1; actions are 0\.\.1"):
        double_oracle(NormalFormGame.zero_sum(np.eye(2)), start=(0, 2))
    with pytest.raises(ModelError, match="start has 1 entries"):
        double_oracle(NormalFormGame.zero_sum(np.eye(2)), start=(0,))
    with pytest.raises(ModelError, match="tol is -1"):
        double_oracle(NormalFormGame.zero_sum(np.eye(2)), tol=-1)
    with pytest.raises(ModelError, match="more than a float can hold"):
        double_oracle(NormalFormGame.zero_sum(1.5e308 * np.array([[1, -1], [-1, 1]])))

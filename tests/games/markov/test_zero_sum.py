"""Shapley's value iteration, strategy iteration, Newton's method and the double oracle answer the same question."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import rltheory as rl
from rltheory import ConvergenceWarning, CriterionError, ModelError
from rltheory.games.markov import (
    MarkovGame,
    markov_double_oracle,
    markov_gains,
    newton_iteration,
    shapley_backup,
    shapley_iteration,
    strategy_iteration,
    zero_sum_backward_induction,
)
from rltheory.planning.solution import Status

SOLVERS = [shapley_iteration, strategy_iteration, newton_iteration, markov_double_oracle]
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.__name__)


def _matrix_value(A):
    """Solve max v subject to p A >= v by HiGHS."""
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


def _value_by_programs(game, sweeps):
    v = np.zeros(game.n_states)
    for _ in range(sweeps):
        stages = [game.stage(s, value=[v, -v]).payoffs[0] for s in range(game.n_states)]
        v = np.array([_matrix_value(A) for A in stages])
    return v


@every_solver
@pytest.mark.parametrize("seed", range(2))
def test_the_value_is_that_of_linear_programs(random_game, solver, seed):
    game = random_game(seed, 3, (3, 4), gamma=0.5)
    solution = solver(game, tol=1e-9)
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-9
    assert solution.value == pytest.approx(_value_by_programs(game, 40), abs=1e-8)


@every_solver
def test_a_matrix_game_for_ever_is_worth_its_value_over_one_less_the_discount(solver):
    A = np.random.default_rng(0).normal(size=(5, 4))
    solution = solver(MarkovGame.zero_sum(np.ones((1, 5, 4, 1)), A[None], gamma=0.9), tol=1e-8)
    assert solution.value[0] == pytest.approx(_matrix_value(A) / 0.1, abs=1e-7)


@every_solver
@pytest.mark.parametrize("entries", [(9, 0, 0, 1), (3, -2, -7, 5), (1, 2, 3, 4), (0, -3, -1, 0)])
def test_the_ends_enclose_the_rational_value(solver, entries):
    a, b, c, d = entries
    saddle = max(min(a, b), min(c, d))
    mixed = saddle < min(max(a, c), max(b, d))
    exact = Fraction(a * d - b * c, a + d - b - c) if mixed else Fraction(saddle)
    solution = solver(MarkovGame.zero_sum(np.ones((1, 2, 2, 1)), [[[a, b], [c, d]]], gamma=0.75), tol=1e-10)
    assert Fraction(solution.lower[0]) <= 4 * exact <= Fraction(solution.upper[0])


@every_solver
@pytest.mark.parametrize("player", [0, 1])
def test_a_game_that_one_player_plays_is_an_mdp(solver, player):
    rng = np.random.default_rng(1)
    P, r = rng.dirichlet(np.ones(5), size=(5, 3)), rng.normal(size=(5, 3))
    sign = 1 if player == 0 else -1
    game = MarkovGame.zero_sum(np.expand_dims(P, 2 - player), np.expand_dims(sign * r, 2 - player), gamma=0.9)
    expected = sign * rl.policy_iteration(rl.MDP.from_arrays(P, r, gamma=0.9)).value
    assert solver(game, tol=1e-8).value == pytest.approx(expected, abs=1e-7)


@every_solver
def test_turns_are_maxima_and_minima(solver):
    rng = np.random.default_rng(2)
    P, r = rng.dirichlet(np.ones(4), size=(4, 3)), rng.normal(size=(4, 3))
    counts = np.array([[3, 1], [1, 3], [3, 1], [1, 3]])
    game = MarkovGame(P.reshape(12, 4), np.stack([r.reshape(-1), -r.reshape(-1)]), counts, gamma=0.7)
    v = np.zeros(4)
    for _ in range(100):
        q = r + 0.7 * P @ v
        v = np.where(counts[:, 0] == 3, q.max(axis=1), q.min(axis=1))
    assert solver(game, tol=1e-8).value == pytest.approx(v, abs=1e-7)


@every_solver
def test_a_symmetric_game_is_worth_nothing(solver):
    rng = np.random.default_rng(3)
    r = rng.normal(size=(3, 3, 3))
    P = rng.dirichlet(np.ones(3), size=(3, 3, 3))
    P = (P + P.transpose(0, 2, 1, 3)) / 2
    game = MarkovGame.zero_sum(P, r - r.transpose(0, 2, 1), gamma=0.8)
    solution = solver(game, tol=1e-9)
    assert (solution.lower <= 0).all()
    assert (solution.upper >= 0).all()


@every_solver
def test_the_ends_enclose_the_value_and_bound_all_gains(random_game, solver):
    game = random_game(4, 6, (3, 3), gamma=0.9)
    rough, fine = solver(game, tol=0.5), shapley_iteration(game, tol=1e-9)
    assert (rough.lower <= fine.value + 1e-9).all()
    assert (fine.value <= rough.upper + 1e-9).all()
    assert (markov_gains(game, rough.profile).sum(axis=0) <= rough.upper - rough.lower + 1e-9).all()


@every_solver
def test_no_discounted_future_leaves_one_matrix_game(random_game, solver):
    game = random_game(5, 4, (3, 2), gamma=0.0)
    expected = [_matrix_value(game.stage(s).payoffs[0]) for s in range(4)]
    assert solver(game, tol=1e-9).value == pytest.approx(expected, abs=1e-8)


@every_solver
def test_an_accuracy_beyond_rounding_is_not_claimed(random_game, solver):
    game = random_game(6, 3, (2, 2), gamma=0.9)
    with pytest.warns(ConvergenceWarning, match="gap"):
        solution = solver(game, tol=1e-300)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.gap < 1e-8


@every_solver
def test_a_limit_that_was_not_reached_is_not_blamed(random_game, solver):
    # Some of these accuracies the bracket reaches, and the certificate does not.
    name = "max_sweeps" if solver is shapley_iteration else "max_rounds"
    game = random_game(0, 4, (3, 3), gamma=0.9, ragged=False)
    for tol in 10.0 ** np.arange(-13, -11, 0.0625):
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            assert solver(game, tol=tol, **{name: 10_000}).status is not Status.LIMIT_REACHED


def test_a_limit_that_comes_first_is_named(random_game):
    with pytest.warns(ConvergenceWarning, match="limit"):
        solution = shapley_iteration(random_game(7, gamma=0.99), tol=1e-9, max_sweeps=2)
    assert solution.status is Status.LIMIT_REACHED
    assert solution.iterations == 2


def test_strategies_of_a_backup_prove_it(random_game):
    game = random_game(8, 5, (4, 3))
    v = np.random.default_rng(8).normal(size=5)
    sweep = shapley_backup(game, v)
    for s in range(5):
        A = game.stage(s, value=[v, -v]).payoffs[0]
        m, n = A.shape
        assert (sweep.p[s, :m] @ A).min() == pytest.approx(sweep.backed_up[s], abs=1e-12)
        assert (A @ sweep.q[s, :n]).max() == pytest.approx(sweep.backed_up[s], abs=1e-12)
        assert sweep.error[s] < 1e-11


def test_a_backup_of_what_does_not_fit_is_refused(random_game):
    with pytest.raises(ModelError, match=r"v has shape \(2,\); with 4 states"):
        shapley_backup(random_game(8), np.zeros(2))
    with pytest.raises(CriterionError, match="not a zero-sum game"):
        shapley_backup(random_game(8, zero_sum=False), np.zeros(4))


def _of_van_der_wals_kind():
    """Two states, the second one absorbing; see `rltheory.games.markov.newton`."""
    stay = np.array([[1.0, 0.0], [1.0, 1.0]])
    P = np.zeros((2, 2, 2, 2))
    P[0, ..., 0], P[0, ..., 1], P[1, ..., 1] = stay, 1 - stay, 1.0
    return MarkovGame.zero_sum(P, [[[3.0, 6.5], [2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]], gamma=0.75)


def test_newtons_method_goes_round_in_circles():
    game = _of_van_der_wals_kind()
    with pytest.warns(ConvergenceWarning, match="limit"):
        solution = newton_iteration(game, safeguard=False, max_rounds=41)
    assert np.array_equal(solution.history[1:-2], solution.history[3:])
    assert solution.gap > 1


def test_the_safeguard_breaks_the_circle():
    solution = newton_iteration(_of_van_der_wals_kind(), tol=1e-9)
    assert solution.value == pytest.approx([6.5, 0.0], abs=1e-9)


def test_newtons_method_needs_few_sweeps(random_game):
    game = random_game(9, 20, (3, 3), gamma=0.99)
    assert newton_iteration(game, tol=1e-8).iterations <= 12


@pytest.mark.parametrize("by_step", [False, True])
def test_a_finite_horizon_is_solved_by_backward_induction(random_game, by_step):
    game = random_game(10, 3, (2, 3), gamma=0.9, H=4, by_step=by_step)
    v = np.zeros(3)
    for t in reversed(range(4)):
        v = np.array([_matrix_value(game.stage(s, t, [v, -v]).payoffs[0]) for s in range(3)])
    solution = zero_sum_backward_induction(game)
    assert solution.value[0] == pytest.approx(v, abs=1e-8)
    assert solution.gap < 1e-10
    assert markov_double_oracle(game, tol=1e-9).value[0] == pytest.approx(v, abs=1e-8)


def test_dominated_actions_are_never_added():
    rng = np.random.default_rng(11)
    r = rng.normal(size=(3, 6, 6))
    r[:, 2:], r[:, :2, 2:] = -10.0, 10.0  # all but the first two actions are bad for who takes them
    P = np.repeat(rng.dirichlet(np.ones(3), size=(3, 1, 1)), 36, axis=1).reshape(3, 6, 6, 3)
    solution = markov_double_oracle(MarkovGame.zero_sum(P, r, gamma=0.9))
    assert not solution.profile[0][:, 2:].any()
    assert not solution.profile[1][:, 2:].any()


@every_solver
def test_a_game_without_a_value_is_refused(random_game, solver):
    with pytest.raises(CriterionError, match="not a zero-sum game"):
        solver(random_game(12, zero_sum=False))


@pytest.mark.parametrize("solver", SOLVERS[:3], ids=lambda solver: solver.__name__)
def test_a_horizon_is_pointed_to_the_right_solver(random_game, solver):
    with pytest.raises(CriterionError, match="zero_sum_backward_induction"):
        solver(random_game(13, H=2))
    with pytest.raises(CriterionError, match="shapley_iteration"):
        zero_sum_backward_induction(random_game(13))


@every_solver
def test_a_tolerance_is_positive(random_game, solver):
    with pytest.raises(ModelError, match="tol is 0"):
        solver(random_game(14), tol=0)


@every_solver
def test_a_limit_is_positive_and_goes_by_its_name(random_game, solver):
    name = "max_sweeps" if solver is shapley_iteration else "max_rounds"
    with pytest.raises(ModelError, match=f"{name} is 0; at least 1"):
        solver(random_game(14), **{name: 0})


def test_the_answer_shows_itself(random_game):
    game = random_game(15, 2, (2, 2), ragged=False)
    solution = shapley_iteration(game)
    assert "CONVERGED" in repr(solution)
    assert "<table>" in solution._repr_html_()
    assert {row["state"] for row in solution.to_rows()} == {"0", "1"}
    assert solution.start_value == pytest.approx(solution.value[0])


def test_nothing_is_printed_or_warned(random_game, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shapley_iteration(random_game(16))
    assert not capsys.readouterr().out

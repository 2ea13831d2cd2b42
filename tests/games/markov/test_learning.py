import numpy as np
import pytest
from scipy.optimize import linprog

from rltheory import CriterionError, ModelError
from rltheory.games import mediated
from rltheory.games.markov import MarkovGame, markov_gains, nash_vi, v_learning


def _coarse(game):
    """Return a coarse correlated equilibrium by HiGHS."""
    shape = game.n_actions
    rows = [
        (np.take(u, [a], axis=i) - u).reshape(-1) for i, u in enumerate(game.payoffs) for a in range(game.n_actions[i])
    ]
    program = linprog(
        np.zeros(np.prod(shape)), A_ub=rows, b_ub=np.zeros(len(rows)), A_eq=np.ones((1, np.prod(shape))), b_eq=[1.0]
    )
    x = np.maximum(program.x, 0.0)
    return mediated(game, (x / x.sum()).reshape(shape), coarse=True, method="linear program")


@pytest.fixture
def duel():
    """Return two rounds of one of two matrix games, drawn anew, in which uniform play is far from an equilibrium."""
    r = [[[9.0, 0.0], [0.0, 1.0]], [[1.0, 5.0], [0.0, 2.0]]]
    return MarkovGame.zero_sum(np.full((2, 2, 2, 2), 0.5), r, gamma=1.0, H=2, mu=0)


def test_v_learning_improves_on_uniform_play(duel):
    """If it did so with probability 1/2 only, all ten seeds would agree with probability 0.001."""
    runs = [v_learning(duel, 500, checkpoints=[], rng=seed) for seed in range(10)]
    assert all(run.exploitability[-1] < run.exploitability[0] for run in runs)


def test_nash_vi_improves_on_uniform_play(duel):
    """If it did so with probability 1/2 only, all ten seeds would agree with probability 0.001."""
    runs = [nash_vi(duel, 30, _coarse, checkpoints=[], rng=seed) for seed in range(10)]
    assert all(run.exploitability[-1] < run.exploitability[0] for run in runs)


@pytest.mark.parametrize(
    "learn",
    [lambda game, rng: v_learning(game, 20, rng=rng), lambda game, rng: nash_vi(game, 20, _coarse, rng=rng)],
    ids=["v_learning", "nash_vi"],
)
def test_runs_are_reproducible_and_certified(duel, learn):
    first, second, other = learn(duel, 7), learn(duel, 7), learn(duel, 8)
    assert np.array_equal(first.law, second.law)
    assert not np.array_equal(first.law, other.law)
    assert first.episodes.tolist() == [0, 1, 2, 4, 8, 16, 20]
    assert first.exploitability[-1] == pytest.approx((markov_gains(duel, first.law) @ duel.mu).max())


def test_v_learning_takes_any_number_of_players(random_game):
    game = random_game(21, 2, (2, 3, 2), gamma=1.0, H=2, zero_sum=False)
    run = v_learning(game, 50, rng=0)
    assert np.add.reduceat(run.law, game.joint_start[:-1], axis=1) == pytest.approx(np.ones((2, 2)))


def test_a_player_alone_learns_to_take_the_better_action():
    game = MarkovGame.from_arrays(np.ones((1, 2, 1)), [[[0.0, 1.0]]], gamma=1.0, H=1)
    run = v_learning(game, 500, rng=0)
    assert run.exploitability[0] == pytest.approx(0.5)
    assert run.exploitability[-1] < 0.2


def test_the_run_shows_itself(duel):
    run = v_learning(duel, 4, rng=0)
    assert "V-learning, 4 episodes" in repr(run)
    assert "<table>" in run._repr_html_()
    assert [row["episodes"] for row in run.to_rows()] == [0, 1, 2, 4]


def test_what_makes_no_sense_is_refused(random_game, duel):
    with pytest.raises(CriterionError, match="no last step"):
        v_learning(random_game(22), 5)
    with pytest.raises(CriterionError, match="without a discount"):
        v_learning(random_game(22, H=2), 5)
    with pytest.raises(CriterionError, match="not a zero-sum game"):
        nash_vi(random_game(22, gamma=1.0, H=2, zero_sum=False), 5, _coarse)
    with pytest.raises(ModelError, match="episodes is 0"):
        v_learning(duel, 0)
    with pytest.raises(ModelError, match=r"within 0\.\.5"):
        v_learning(duel, 5, checkpoints=[9])
    with pytest.raises(ModelError, match=r"checkpoints has 2\.5; they are whole numbers"):
        v_learning(duel, 5, checkpoints=[2.5])
    with pytest.raises(ModelError, match="bonus is -1"):
        nash_vi(duel, 5, _coarse, bonus=-1)

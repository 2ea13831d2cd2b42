from itertools import islice

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.learning import fictitious_play, lowest, record, stay

RPS = NormalFormGame.zero_sum([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
SHAPLEY = NormalFormGame([[[0, 1, 0], [0, 0, 1], [1, 0, 0]], [[0, 0, 1], [1, 0, 0], [0, 1, 0]]])


def first(game, rounds, **options):
    return list(islice(fictitious_play(game, **options), rounds))


def random_games():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        yield NormalFormGame(list(rng.integers(-3, 4, size=(2, 3, 4))))


@pytest.mark.parametrize("ties", [lowest, stay], ids=["lowest", "stay"])
def test_everyone_always_replies_best_to_the_frequencies_so_far(ties):
    for game in random_games():
        history = first(game, 60, ties=ties)
        for t in range(1, 60):
            counts = np.zeros((3, 4))
            np.add.at(counts, tuple(np.transpose(history[:t])), 1)
            values = game.payoffs[0] @ counts.sum(axis=0), counts.sum(axis=1) @ game.payoffs[1]
            for i, value in enumerate(values):
                best = np.flatnonzero(value == value.max())
                before = history[t - 1][i]
                assert history[t][i] == (before if ties is stay and before in best else best[0])


def test_in_turn_the_second_player_has_seen_this_round_as_well():
    for game in random_games():
        history = np.array(first(game, 60, alternating=True))
        for t in range(1, 60):
            rows, columns = np.bincount(history[: t + 1, 0], minlength=3), np.bincount(history[:t, 1], minlength=4)
            assert history[t, 0] == np.argmax(game.payoffs[0] @ columns)
            assert history[t, 1] == np.argmax(rows @ game.payoffs[1])


@pytest.mark.parametrize(("rounds", "scaled_gap"), [(100, 1.40), (1000, 1.33), (10_000, 1.34)])
def test_rock_paper_scissors_converges_at_the_known_pace(rounds, scaled_gap):
    run = record(RPS, fictitious_play(RPS), rounds, method="fictitious play")
    assert run.gaps[-1] * np.sqrt(rounds) == pytest.approx(scaled_gap, abs=0.01)


def test_frequencies_of_shapleys_game_stay_away_from_the_equilibrium():
    run = record(SHAPLEY, fictitious_play(SHAPLEY, start=(0, 1)), 5000, method="fictitious play")
    p, q = run.average.profile
    assert p.max() + q.max() >= 1
    assert run.gaps.min() > 0.2


def test_from_the_diagonal_shapleys_game_is_played_on_the_diagonal():
    assert all(a == b for a, b in first(SHAPLEY, 500))


def test_ties_are_settled_by_any_function_with_a_generator_of_random_numbers():
    game = NormalFormGame(np.zeros((2, 3, 3)))
    rng = np.random.default_rng(0)
    drawn = first(game, 200, ties=lambda best, previous: rng.choice(best))
    assert set(drawn) == {(a, b) for a in range(3) for b in range(3)}
    assert set(first(game, 20, start=(2, 1), ties=stay)) == {(2, 1)}
    assert first(game, 2, start=(2, 1), alternating=True) == [(2, 1), (0, 0)]


def test_three_players_reply_to_the_joint_frequencies_of_the_others():
    # The third player wants to tell equal from different; the first two coordinate on a change that she sees as pairs.
    game = NormalFormGame([np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), np.eye(2)[:, :, None] * [1, 0] + [0, 0.5]])
    follow = iter([(0, 0), (1, 1), (0, 0), (1, 1), (0, 0)])
    pair = []

    def ties(best, previous):
        if best.size == 2 and len(pair) == 0:
            pair.extend(next(follow))
        return pair.pop(0) if best.size == 2 else int(best[0])

    history = first(game, 4, start=(0, 0, 1), ties=ties)
    # Against the product of the frequencies both actions would be worth 1/2; the pairs were always equal.
    assert [actions[2] for actions in history] == [1, 0, 0, 0]


def test_bad_starts_are_named():
    with pytest.raises(ModelError, match="start has 1 actions; the game has 2 players"):
        fictitious_play(RPS, start=(0,))
    with pytest.raises(ModelError, match=r"start has action 3 for player 1; actions are 0\.\.2"):
        fictitious_play(RPS, start=(0, 3))
    with pytest.raises(ModelError, match="the game has 3 players; only two can choose in turn"):
        fictitious_play(NormalFormGame(np.zeros((3, 2, 2, 2))), alternating=True)

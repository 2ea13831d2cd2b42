"""The closed forms that the games for lookahead promise, judged in rational arithmetic."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError, OutcomeModel
from rltheory.horizon.analysis import analyse
from rltheory.horizon.rational import analyse_exactly


@pytest.fixture(params=[analyse, analyse_exactly], ids=["sweep", "exact"])
def ask(request):
    return request.param


@pytest.mark.parametrize(("H", "n_actions"), [(1, 3), (5, 2), (4, 4)])
def test_every_lookahead_opens_the_lock_by_a_gap_that_grows_by_the_number_of_actions(H, n_actions, ask):
    report = ask(mdps.horizon_lock(H, n_actions), H, max_k=H)
    assert (report.min_k, report.planning_window) == (1, H)
    assert report.solvable.all()
    expected = float(n_actions) ** -(H - np.arange(1.0, H + 1))
    np.testing.assert_allclose(report.published_gap, expected, rtol=1e-12)
    np.testing.assert_allclose(report.q_gap, expected, rtol=1e-12)
    assert report.exploration_return == pytest.approx(float(n_actions) ** -H, rel=1e-12)
    k = np.arange(1, H + 1)
    np.testing.assert_allclose(report.effective_horizon, k + 2 * (H - k))


@pytest.mark.parametrize("n_actions", [2, 3, 4])
@pytest.mark.parametrize("length", [1, 2, 4, 5])
def test_the_larger_the_prize_the_farther_one_must_look(length, n_actions, ask):
    for j in range(1, length + 2):
        prize = 1.5 * n_actions**-j  # between A^-j and A^-(j-1)
        report = ask(mdps.decoy(length, n_actions, prize), length + 1, max_k=length + 1)
        assert report.min_k == length - j + 2
        assert report.solvable[report.min_k - 1 :].all()
        assert report.planning_window == length + 1


@pytest.mark.parametrize("n_actions", [2, 4])
@pytest.mark.parametrize("j", [1, 2, 3])
def test_at_the_critical_prize_some_greedy_policy_is_optimal_and_not_every_one(n_actions, j, ask):
    length, prize = 3, float(n_actions) ** -j
    report = ask(mdps.decoy(length, n_actions, prize), length + 1, max_k=length + 1)
    critical = length + 1 - j
    assert not report.solvable[critical - 1]
    assert report.solvable[critical]
    assert report.worst_greedy_return[critical - 1] == prize  # the tie is broken the wrong way
    below = ask(mdps.decoy(length, n_actions, prize * (1 - 1e-6)), length + 1, max_k=length + 1)
    assert below.min_k == critical


@pytest.mark.parametrize("H", [1, 2, 7])
def test_dense_rewards_are_seen_at_once(H, ask):
    report = ask(mdps.dense_rewards(3), H, max_k=H)
    assert (report.min_k, report.planning_window) == (1, 1)
    np.testing.assert_allclose(report.q_gap, 1.0)


def test_looking_farther_can_do_harm(ask):
    report = ask(mdps.farsighted_trap(), 3, max_k=3)
    assert report.solvable.tolist() == [True, False, True]
    assert report.planning_window == 3
    np.testing.assert_allclose(report.worst_greedy_return, [1.0, 0.7, 1.0])
    assert report.q_gap[0] == pytest.approx(0.1)


def test_with_rewards_shaped_by_the_optimal_value_no_window_is_needed(ask):
    """Ng, Harada and Russell (1999): r + v(s') - v(s) has the same optimal policies. v is that of the lock's steps."""
    H, lock = 6, mdps.horizon_lock(6)
    value = np.append(np.ones(H), 0.0)
    state = np.repeat(np.arange(H + 1), 2)
    shaped = lock.replace(reward=lock.reward + (value[lock.next_state[:, 0]] - value[state])[:, None])
    assert ask(lock, H).planning_window == H
    assert ask(shaped, H).planning_window == 1


@pytest.mark.parametrize("rewards", [[0.2, 0.7, 0.1], [0.3, 0.3, 0.3]])
def test_a_bandit_needs_no_lookahead(rewards, ask):
    report = ask(OutcomeModel.from_tables([[0, 0, 0]], [rewards], 1.0, mu=0), 1)
    assert (report.min_k, report.planning_window, report.optimal_return) == (1, 1, max(rewards))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.horizon_lock(0), "H is 0"),
        (lambda: mdps.decoy(n_actions=1), "n_actions is 1"),
        (lambda: mdps.decoy(prize=1.0), "prize is 1.0; it must be below 1"),
        (lambda: mdps.dense_rewards(0), "n_actions is 0"),
    ],
    ids=["lock", "actions", "prize", "dense"],
)
def test_parameters_out_of_range_are_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

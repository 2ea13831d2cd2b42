"""Choices among many actions of which one is a little better: closed forms, and a bound for the best learner."""

import numpy as np
import pytest

from mdps.needles import hard_needles
from rltheory import ModelError
from rltheory.exploration.bounds.lower_tables import needle_episodes, needle_gap, needle_regret
from rltheory.planning import backward_induction, evaluate_policy


def test_optimum_and_gaps_are_those_of_dynamic_programming():
    best, gap, H = np.array([2, 0, 1]), 0.125, 4
    model = hard_needles(best, 3, H, gap=gap)
    assert model.mu @ backward_induction(model).value[0] == pytest.approx(3 * (0.5 + gap))
    for actions in ([0, 0, 0], [2, 0, 0], [1, 1, 0]):
        policy = np.zeros((H, 5), dtype=int)
        policy[0, :3] = actions
        lost = 3 * (0.5 + gap) - model.mu @ evaluate_policy(model, policy).value[0]
        assert lost == pytest.approx((H - 1) * gap / 3 * (best != actions).sum())


def test_the_gap_is_a_quarter_for_the_least_number_of_episodes():
    for m, n_actions in ((1, 2), (3, 5)):
        assert needle_gap(m, n_actions, needle_episodes(m, n_actions)) == pytest.approx(1 / 4)


def test_who_draws_actions_by_lot_loses_twice_the_bound():
    m, n_actions, H, K = 4, 3, 5, 500
    gap = needle_gap(m, n_actions, K)
    assert K * (H - 1) * gap * (1 - 1 / n_actions) == pytest.approx(2 * needle_regret(m, n_actions, H, K))
    closed = (
        (H - 1) * (1 - 1 / 3) ** 2 / (8 * np.sqrt(np.log(4 / 3))) * np.sqrt(K / (K + m)) * np.sqrt(m * n_actions * K)
    )
    assert needle_regret(m, n_actions, H, K) == pytest.approx(closed)


@pytest.mark.parametrize("K", [1, 2, 5, 10, 20])
def test_not_even_the_best_learner_of_all_is_below_the_bound(K):
    gap = needle_gap(1, 2, K)
    worlds = np.array([[0.5 + gap, 0.5], [0.5, 0.5 + gap]])  # the probability to win of each action, in each world
    least = least_losses(worlds, gap * np.array([[0.0, 1.0], [1.0, 0.0]]), K)
    assert needle_regret(1, 2, 2, K) <= least <= 2 * needle_regret(1, 2, 2, K)


def least_losses(worlds, lost, K):
    """Return the least mean loss of K choices in one of two equally likely worlds, by dynamic programming."""
    after = {}
    for tried in range(K, -1, -1):
        now = {}
        for n in range(tried + 1):
            for wins in range(n + 1):
                for more in range(tried - n + 1):
                    seen = np.array([[wins, n - wins], [more, tried - n - more]])
                    weight = (worlds ** seen[:, 0] * (1 - worlds) ** seen[:, 1]).prod(axis=1) / 2
                    now[seen.tobytes()] = (
                        0.0
                        if tried == K
                        else min(
                            weight @ lost[:, a] + sum(after[(seen + unit(a, i)).tobytes()] for i in (0, 1))
                            for a in (0, 1)
                        )
                    )
        after = now
    return after[np.zeros((2, 2), dtype=int).tobytes()]


def unit(a, i):
    return np.eye(4, dtype=int)[2 * a + i].reshape(2, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hard_needles([2], 2, 3, gap=0.1), r"best is \[2\]; every entry must be from 0 to 1"),
        (lambda: hard_needles([], 2, 3, gap=0.1), r"best has shape \(0,\)"),
        (lambda: hard_needles([0], 2, 3, gap=0.6), "gap is 0.6"),
        (lambda: hard_needles([0], 2, 1, gap=0.1), "H is 1"),
        (lambda: needle_gap(2, 4, 5), r"K is 5; with 2 choices of 4 it must be at least 13\.6"),
        (lambda: needle_gap(2, 1, 5), "n_actions is 1"),
    ],
    ids=["best", "none", "gap", "horizon", "episodes", "actions"],
)
def test_what_cannot_be_is_named(call, message):
    with pytest.raises(ModelError, match=message):
        call()

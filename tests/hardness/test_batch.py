"""Locks that a log does not open: reach, failure and loss against simulations, sums and each other."""

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest

import mdps
from rltheory import ModelError, backward_induction, collect
from rltheory.hardness import bounds, least_reached, lock_failure


def test_the_worst_code_is_the_least_likely_one():
    behaviour = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    code, reach = least_reached(behaviour)
    chances = {c: behaviour[0, c[0]] * behaviour[1, c[1]] for c in itertools.product(range(3), repeat=2)}
    assert tuple(code) == min(chances, key=chances.get)
    assert reach == pytest.approx(min(chances.values()))
    assert reach <= bounds.lock_reach(3, 2)


def test_the_log_opens_the_lock_as_often_as_computed():
    behaviour = np.array([[0.6, 0.4], [0.5, 0.5], [0.3, 0.7]])
    code, reach = least_reached(behaviour)
    policy = np.full((3, 4, 2), 0.5)
    policy[:, :3] = behaviour
    lock = mdps.batch_lock(code.tolist(), gain=0.25)
    opened = int((collect(lock, policy, 5000, rng=0).reward == 0.75).sum())
    assert binomtest(opened, 5000, reach).pvalue > 1e-3


@pytest.mark.parametrize("gain", [0.25, -0.25, 0.5])
def test_opening_is_right_if_it_gains(gain):
    solution = backward_induction(mdps.batch_lock([1, 0], gain=gain))
    assert solution.value[0, 0] == pytest.approx(0.5 + max(gain, 0))


@pytest.mark.parametrize(("reach", "episodes", "gap"), [(0.5, 4, 0.25), (0.9, 7, 0.1), (0.2, 3, 0.5)])
def test_the_majority_fails_as_often_as_simulated(reach, episodes, gap):
    rng = np.random.default_rng(0)
    opened = rng.binomial(episodes, reach, 20_000)
    heads = rng.binomial(opened, 0.5 + gap)
    wrong = (2 * heads < opened) | ((2 * heads == opened) & (rng.random(20_000) < 0.5))
    assert binomtest(int(wrong.sum()), 20_000, lock_failure(reach, episodes, gap)).pvalue > 1e-3


def test_the_least_probability_of_failure_is_that_of_the_data_seen():
    assert lock_failure(0.0, 100, 0.25) == pytest.approx(0.5)
    assert lock_failure(1.0, 3, 0.25) == pytest.approx(0.25**3 + 3 * 0.25**2 * 0.75)


@pytest.mark.parametrize("reach", [0.01, 0.3])
@pytest.mark.parametrize("gap", [0.05, 0.25, 0.45])
def test_the_number_of_episodes_is_where_the_bound_on_the_loss_falls_below_it(reach, gap):
    needed = bounds.lock_episodes(2, 6, gap, loss=gap / 8)
    before, after = (bounds.lock_loss(2.0**-6, n, gap) for n in (int(needed), int(needed) + 1))
    assert before >= gap / 8 > after
    assert gap * lock_failure(2.0**-6, int(needed), gap) >= gap / 8
    assert bounds.lock_loss(reach, 50, gap) <= gap * lock_failure(reach, 50, gap) + 1e-15


@pytest.mark.parametrize("gap", [0.01, 0.1, 0.25, 0.4])
def test_the_divergence_of_two_coins(gap):
    p, q = 0.5 + gap, 0.5 - gap
    kl = p * np.log(p / q) + q * np.log(q / p)
    assert bounds.lock_divergence(gap) == pytest.approx(kl)
    assert 8 * gap**2 <= kl <= 8 * gap**2 / (1 - 4 * gap**2)


def test_a_loss_that_guessing_reaches_needs_no_episodes():
    assert bounds.lock_episodes(2, 40, gap=0.25, loss=0.125) == 0
    assert bounds.lock_loss(0.5, 10, gap=0.5) == 0
    assert bounds.lock_episodes(2, 40, gap=0.5, loss=0.125) == 0


def test_a_long_lock_needs_more_episodes_than_floats_can_say():
    assert bounds.lock_episodes(2, 2000, gap=0.25, loss=0.01) == np.inf
    assert bounds.lock_episodes(2, 1000, gap=0.25, loss=0.01) < np.inf


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ModelError, match="one row a digit"):
        least_reached([[0.5, 0.6]])
    with pytest.raises(ModelError, match="one row a digit"):
        least_reached([[np.nan, 1.0]])
    with pytest.raises(ModelError, match=r"reach, episodes and gap are 1\.5, 1 and 0\.1"):
        lock_failure(1.5, 1, 0.1)
    with pytest.raises(ModelError, match="code is"):
        mdps.batch_lock([2])
    with pytest.raises(ModelError, match="gain is 1"):
        mdps.batch_lock(gain=1)

"""Figures that another program has measured once, in its worlds: ours agree within the noise that is written beside.

Noise is one standard error of the mean over the runs, and worlds are drawn anew by each seed. Where a figure is of one
world and the world is not known, the test says what holds in all of ours.
"""

import functools
import itertools
import math

import numpy as np
import pytest

import mdps
from mdps.mixtures import lazy_chain, random_mixture
from rltheory import FiniteHorizonMDP
from rltheory.exploration import Data, Scaled, Theory, bounds
from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration.hf_ucrl_rfe import hf_ucrl_rfe
from rltheory.exploration.hf_ucrl_vtr_plus import hf_ucrl_vtr_plus
from rltheory.exploration.lsvi_ucb import lsvi_ucb
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucrl_vtr import ucrl_vtr
from rltheory.exploration.ucrl_vtr_plus import ucrl_vtr_plus


def mean_and_error(samples):
    samples = np.asarray(samples, dtype=float)
    return samples.mean(), samples.std(ddof=1) / math.sqrt(samples.size)


def agree(ours, theirs, errors=3):
    """Whether two (mean, standard error) are within so many standard errors of their difference."""
    return abs(ours[0] - theirs[0]) <= errors * math.hypot(ours[1], theirs[1])


@pytest.mark.parametrize(
    ("learn", "radius", "measured"),
    [
        (ucrl_vtr, Data(), (6.6, 0.4)),  # ours over 160 runs: 6.65 +- 0.12
        (ucrl_vtr, Scaled(0.2), (4.9, 0.7)),  # 6.37 +- 0.23
        (hf_ucrl_vtr_plus, Scaled(0.1), (6.2, 0.6)),  # 6.82 +- 0.24
    ],
    ids=["theory", "vtr", "hf"],
)
def test_on_the_hard_mixture_learners_are_between_the_bound_and_twice_it(learn, radius, measured):
    K, d, H = 2000, 4, 4
    floor = bounds.hard_mixture_regret(d, H, K)
    ours = mean_and_error(
        [
            learn(mdps.hard_mixture(signs, H, K=K), K, vmax=1.0, radius=radius, rng=seed).regret.sum()
            for signs in itertools.product((-1, 1), repeat=d - 1)
            for seed in (0, 1)
        ]
    )
    assert floor == pytest.approx(3.63, abs=0.005)
    assert floor - 3 * ours[1] <= ours[0] <= 2 * floor + 3 * ours[1]
    assert agree(ours, measured)


def test_the_regret_of_a_hundred_thousand_episodes_is_a_thousandth_of_what_is_promised():
    promised = bounds.vtr_regret(2, 4, 1e5, 0.05, ridge=0.5, norm_bound=math.sqrt(2))
    worlds = [random_mixture(4, 2, d=2, H=4, concentration=0.3, rng=seed) for seed in range(5)]
    found = [ucrl_vtr(world, 100_000, vmax=1.0, rng=seed).regret.sum() for seed, world in enumerate(worlds)]
    assert promised == pytest.approx(4.99e4, rel=0.005)
    assert max(found) < 200  # 35 in one world; ours 36 +- 15, from 0.06 to 156
    assert np.mean(found) < promised / 500


@pytest.mark.slow
def test_radii_of_ranges_are_used_up_and_those_of_variances_are_not():
    d, n, uses = 3, 400, {"range": [], "variance": [], "adaptive": []}
    sizes = {"sigma": 0.2, "largest_noise": 1.0, "ridge": 1.0}
    plain = np.array([bounds.bernstein_radius(d, t, 0.1, **sizes) for t in range(1, n + 1)])
    for rng in np.random.default_rng(0).spawn(200):
        coins = rng.choice([-1.0, 1.0], size=n)
        norms, log_dets, _ = chase(coins, d, rng)
        uses["range"].append((norms / np.sqrt(log_dets + 2 * math.log(10))).max())
        rare = (rng.random(n) < 0.04) * coins
        norms, _, widths = chase(rare, d, rng)
        leverage = np.maximum.accumulate(np.abs(rare) * np.minimum(1, widths)).tolist()
        adaptive = [
            bounds.adaptive_bernstein_radius(d, t, 0.1, largest_leverage=leverage[t - 1], eps=0.01, **sizes)
            for t in range(1, n + 1)
        ]
        uses["variance"].append((norms / plain).max())
        uses["adaptive"].append((norms / adaptive).max())
    most = {name: max(found) for name, found in uses.items()}
    assert np.mean(np.array(uses["range"]) > 1) <= 0.1  # measured 2 %
    assert most["range"] > 0.95  # measured 1.06; ours 1.28 in 400 runs
    assert 0.02 < most["variance"] < 0.06  # measured 0.009 to 0.04
    assert 0.003 < most["adaptive"] < 0.01  # measured 0.003 to 0.007


def chase(noise, d, rng):
    """Return norms of the sum, log-determinants and widths of features that point where the sum of noise lies."""
    inverse, total, log_det, rows = np.eye(d), np.zeros(d), 0.0, []
    for t, eta in enumerate(noise):
        x = rng.normal(size=d) + 3 * math.sqrt(t) * inverse @ total
        x /= np.linalg.norm(x)
        u = inverse @ x
        width = x @ u
        inverse -= np.outer(u, u) / (1 + width)
        total, log_det = total + eta * x, log_det + math.log1p(width)
        rows.append((math.sqrt(total @ inverse @ total), log_det, math.sqrt(width)))
    return np.array(rows).T


@functools.cache
def chains(learn, H, c, K=3000):
    """Return five runs on chains of their own."""
    return [learn(lazy_chain(4, H, rng=seed), K, vmax=1.0, radius=Scaled(c), rng=seed) for seed in range(5)]


def episodes_until_good(run, window=50, good=0.05):
    """Return after how many episodes the mean regret of a window is small, or how many there are."""
    small = np.convolve(run.regret, np.full(window, 1 / window), "valid") < good
    return int(small.argmax()) if small.any() else run.n_episodes


def test_before_there_are_data_a_scale_below_one_covers_nothing():
    run = hf_ucrl_vtr_plus(lazy_chain(4, 16, rng=0), 20, vmax=1.0, radius=Scaled(0.99), rng=0)
    assert run.error[0] == run.plan_error[0] == pytest.approx(math.sqrt(4))
    assert not run.covered[0]
    assert not run.plan_covered[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("learn", "H", "regret", "episodes"),
    [
        (ucrl_vtr, 16, 5.2, 7),  # ours: 4.1 +- 0.7 and 4
        (ucrl_vtr, 64, 16.5, 47),  # 16.2 +- 3.2 and 39
        (ucrl_vtr, 256, 63.0, 196),  # 66 +- 21 and 188
        (ucrl_vtr_plus, 16, 5.1, 7),  # 5.5 +- 0.2 and 8
        (ucrl_vtr_plus, 64, 17.6, 70),  # 17.1 +- 1.2 and 57
        (ucrl_vtr_plus, 256, 66.6, 310),  # 60.5 +- 3.2 and 277
        (hf_ucrl_vtr_plus, 16, 4.7, 6),  # 5.0 +- 0.8 and 6
        (hf_ucrl_vtr_plus, 64, 7.7, 12),  # 6.3 +- 0.6 and 9
        (hf_ucrl_vtr_plus, 256, 9.5, 16),  # 10.6 +- 2.4 and 18
    ],
)
def test_regret_on_the_lazy_chain_is_what_was_measured(learn, H, regret, episodes):
    runs = chains(learn, H, 0.6)
    ours = mean_and_error([run.regret.sum() for run in runs])
    waited = mean_and_error([episodes_until_good(run) for run in runs])
    assert agree(ours, (regret, ours[1]))  # that they had as much noise as we have
    assert agree(waited, (episodes, max(waited[1], 3)))
    assert np.mean([run.optimistic.mean() for run in runs]) >= 0.98
    assert np.mean([run.plan_covered.mean() for run in runs]) >= 0.76


@pytest.mark.slow
def test_regret_grows_as_the_horizon_for_ranges_and_hardly_for_variances():
    horizons = np.array([16, 64, 256])
    slopes = {}
    for learn in (ucrl_vtr, hf_ucrl_vtr_plus):
        totals = [np.mean([run.regret.sum() for run in chains(learn, H, 0.6)]) for H in horizons.tolist()]
        slopes[learn] = np.polyfit(np.log(horizons), np.log(totals), 1)[0]
    assert slopes[ucrl_vtr] == pytest.approx(0.90, abs=0.25)  # ours 1.04, with an error of 0.13 from five runs
    assert slopes[hf_ucrl_vtr_plus] == pytest.approx(0.25, abs=0.25)  # 0.28, of 0.1


@pytest.mark.slow
def test_with_a_scale_of_one_the_truth_is_in_all_sets_nearly_always():
    for H in (16, 128):
        runs = chains(hf_ucrl_vtr_plus, H, 1.0, K=1000)
        assert np.mean([run.covered.mean() for run in runs]) >= 0.95


def test_the_proven_radius_of_ranges_learns_ever_later_on_longer_chains():
    for H, regret in ((16, 141), (64, 570), (256, 1012)):  # ours: 151, 626 and 995 in this world
        world = lazy_chain(4, H, rng=0)
        runs = [ucrl_vtr(world, 3000, vmax=1.0, delta=0.1, norm_bound=2.0, rng=seed) for seed in range(5)]
        assert np.mean([run.regret.sum() for run in runs]) == pytest.approx(regret, rel=0.15)
        assert all(run.optimistic.all() for run in runs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("H", "measured", "by_range"), [(8, (1.0, 0.47, 0.17), 0.85), (32, (1.0, 0.96, 0.34), 1.0)], ids=["8", "32"]
)
def test_the_certificate_without_rewards_falls_no_later_than_what_was_measured(H, measured, by_range):
    at = [50, 200, 800]
    worlds = [random_mixture(6, 3, d=3, H=H, rng=seed) for seed in range(5)]
    found = {
        radius: [
            np.minimum(1, np.minimum.accumulate(hf_ucrl_rfe(world, 800, radius=radius, rng=seed).bounds)[at] / 2)
            for seed, world in enumerate(worlds)
        ]
        for radius in (Scaled(1.0), Data())
    }
    ours, ranges = np.mean(found[Scaled(1.0)], axis=0), np.mean(found[Data()], axis=0)
    # Ours 0.62, 0.29, 0.14 and 1.00, 0.69, 0.29: a variance is capped at 1/4, and nothing is unknown in the last step.
    assert (ours <= np.array(measured) + 0.01).all()
    assert ours[2] >= 0.6 * measured[2]
    assert (np.diff(found[Scaled(1.0)], axis=1) <= 0).all()
    assert 0.8 * by_range <= ranges[2] <= by_range
    assert ranges[2] > 3 * ours[2]  # weights are worth a factor of 3 to 5


def test_longer_horizons_need_no_more_than_in_proportion_more_exploration():
    def needed(H):
        worlds = [random_mixture(6, 3, d=3, H=H, rng=seed) for seed in range(3)]
        runs = [hf_ucrl_rfe(world, 1000, radius=Scaled(1.0), rng=seed) for seed, world in enumerate(worlds)]
        return np.mean([np.argmax(run.bounds / 2 < 0.3) for run in runs])

    short, long = needed(8), needed(32)  # some 190 and 710
    assert 100 < short < long < 5 * short


def test_a_twentieth_of_the_bonus_learns_and_a_hundredth_of_it_is_no_longer_optimistic():
    worlds = [mdps.random_linear_mdp(8, 3, d=3, H=5, rng=seed) for seed in range(10)]
    wide, fair, thin = (
        [lsvi_ucb(world, 1000, radius=Scaled(c), rng=seed) for seed, world in enumerate(worlds)]
        for c in (1.0, 0.05, 0.01)
    )
    assert all(np.ptp(run.regret) == 0 for run in wide)
    assert mean_and_error([run.optimistic.mean() for run in fair])[0] == pytest.approx(0.999, abs=0.002)
    shares = [run.optimistic.mean() for run in thin]
    assert min(shares) < 0.08 < np.mean(shares) < 0.9  # 0.08 in one world; ours 0.69 +- 0.09, from 0 to 0.98
    costs = np.array([run.regret.sum() for run in thin]) / [run.regret.sum() for run in fair]
    assert costs.max() > 1.5  # 2.6 in one world
    assert costs.min() < 0.7  # luck: without optimism it may be quicker, too


@pytest.mark.slow
def test_q_learning_after_a_million_episodes():
    K, found = 10**6, {Theory(): [], Scaled(0.1): []}
    promised = bounds.ucb_q_regret(2, 2, 2, K, delta=0.05, vmax=2.0)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        world = FiniteHorizonMDP(rng.dirichlet(np.ones(2), (2, 2)), rng.random((2, 2)), H=2, mu=0)
        for radius, totals in found.items():
            run = ucb_q(world, K, radius=radius, rng=seed)
            totals.append(run.regret.sum())
            assert run.optimistic.all()
    assert promised == pytest.approx(1.12e6, rel=0.005)
    assert 1000 < min(found[Theory()]) <= max(found[Theory()]) < 6000  # 1560 in one world; 20 of ours: 1580 to 11100
    assert 10 < min(found[Scaled(0.1)]) <= max(found[Scaled(0.1)]) < 200  # 17 in one world; 17 to 148


def test_the_bonus_of_mvp_is_monotone_with_its_constants_and_not_with_smaller_ones():
    rng, n = np.random.default_rng(0), 10**5
    p, low, samples = rng.dirichlet(np.full(3, 0.5), n), rng.random((n, 3)), 10 ** rng.uniform(0, 5, n)
    high, raised = low.copy(), (np.arange(n), rng.integers(3, size=n))
    high[raised] += (1 - high[raised]) * rng.random(n)

    def backup(v, b):
        mean = (p * v).sum(axis=1)
        variance = (p * (v - mean[:, None]) ** 2).sum(axis=1)
        return mean + np.maximum(20 / 3 * np.sqrt(variance / samples), b / samples)

    violations = [(backup(low, b) > backup(high, b) + 1e-12).sum() for b in (400 / 9, 1.0)]
    assert violations[0] == 0
    assert 4000 < violations[1] < 14000  # 6893 of other laws


def test_inverses_that_are_only_updated_stay_inverses():
    rng, d = np.random.default_rng(0), 4
    gram, moment, work = np.eye(d), np.zeros(d), np.empty(d)
    inverse, axes = np.eye(d), np.linalg.qr(rng.normal(size=(d, d)))[0] * np.array([1.0, 0.8, 0.5, 0.25])
    for x, weight in zip(rng.normal(size=(200_000, d)) @ axes.T, rng.uniform(0.01, 300, 200_000), strict=True):
        kernels.add_observation(inverse, moment, x, 0.0, weight, work)
        kernels.add_outer(gram, x, weight)
    exact, rounding = np.linalg.inv(gram), np.finfo(float).eps * np.linalg.cond(gram)
    # 4e-12 was measured; ours is 1.4e-10, and no more than if all roundings were in one direction
    assert np.linalg.norm(inverse - exact) < 200_000 * rounding * np.linalg.norm(exact)


def test_uncertain_expectations_fall_when_a_value_rises():
    phi, theta = np.array([[0.9, 0.1], [0.1, 0.9]]) / math.sqrt(2), math.sqrt(2) * np.array([0.5, 0.5])
    inverse = np.linalg.inv(np.array([[51.0, 49.0], [49.0, 51.0]]))
    flat, lower = (value @ phi for value in np.array([[0.6, 0.6], [0.6, 0.0]]))
    found = [x @ theta + 4 * math.sqrt(x @ inverse @ x) for x in (flat, lower)]
    np.testing.assert_allclose(found, [0.840, 0.989], atol=5e-4)


@pytest.mark.parametrize("learn", [ucrl_vtr_plus, hf_ucrl_vtr_plus], ids=["vtr+", "hf"])
def test_the_truth_is_in_all_sets_of_the_theorem_in_every_one_of_many_worlds(learn):
    for seed in range(40):  # at most a tenth may fail
        model = random_mixture(3, 2, d=2, H=4, concentration=0.3, rng=seed)
        assert learn(model, 100, vmax=1.0, delta=0.1, radius=Theory(), rng=seed).covered.all()

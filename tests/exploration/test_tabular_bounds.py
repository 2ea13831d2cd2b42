"""Regret bounds against measured regret, where they say something, and the identities that proofs use."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from rltheory import FiniteHorizonMDP
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.bounds import optimism
from rltheory.exploration.bounds import tabular as bounds
from rltheory.exploration.posterior_sampling import posterior_sampling
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi


def small_world(seed, n=2, H=2):
    rng = np.random.default_rng(seed)
    return FiniteHorizonMDP(rng.dirichlet(np.ones(n), (n, n)), rng.random((n, n)), H=H, mu=0)


def test_ucbvi_keeps_a_bound_that_says_something_after_two_thousand_episodes():
    K, sizes = 2000, (2, 2, 2, 2000)
    promised = bounds.ucbvi_regret(*sizes, delta=0.1, vmax=2.0)
    regrets = [ucbvi(small_world(seed), K, delta=0.1, radius=Data(), rng=seed).regret.sum() for seed in range(50)]
    assert promised < 2.0 * K
    assert max(regrets) <= promised


def test_the_published_bounds_of_ucbvi_say_nothing_at_that_size():
    assert bounds.ucbvi_published_regret(2, 2, 2, 2000, delta=0.1) > 10 * 2 * 2000
    assert bounds.ucbvi_bernstein_published_regret(2, 2, 2, 2000, delta=0.1) > 10 * 2 * 2000
    assert bounds.ucbvi_published_regret(2, 2, 2, 10**8, delta=0.1) < 2 * 10**8


def test_the_published_bonus_is_an_order_of_magnitude_wider_than_its_proof_needs():
    run = [ucbvi(mdps.river_swim(3, gamma=1.0).finite_horizon(5), 5000, radius=r, rng=0) for r in (Theory(), Data())]
    assert run[0].regret[-1000:].mean() > 10 * run[1].regret[-1000:].mean()


def test_q_learning_keeps_a_bound_that_says_something_after_a_million_episodes():
    K = 10**6
    promised = bounds.ucb_q_regret(2, 2, 2, K, delta=0.05, vmax=2.0)
    runs = [ucb_q(small_world(1), K, radius=radius, rng=0) for radius in (Theory(), Scaled(0.1))]
    assert promised < 0.6 * 2.0 * K
    assert runs[1].regret.sum() < runs[0].regret.sum() <= promised
    assert runs[0].covered.all()


def test_posterior_sampling_keeps_its_bound_on_average_over_the_prior():
    K, regrets = 4000, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        model = FiniteHorizonMDP(rng.dirichlet(np.ones(2), (2, 2)), rng.random((2, 2)), H=2, mu=0)
        regrets.append(posterior_sampling(model, K, rng=rng).regret.sum())
    promised = bounds.posterior_sampling_regret(2, 2, 2, K, vmax=2.0)
    assert np.mean(regrets) <= promised < 2.0 * K


@given(st.integers(1, 8), st.integers(1, 30))
def test_step_sizes_have_the_weights_that_exact_products_give(H, n):
    sizes = [Fraction(H + 1, H + i) for i in range(1, n + 1)]
    exact = []
    for i in range(n):
        weight = sizes[i]
        for later in sizes[i + 1 :]:
            weight *= 1 - later
        exact.append(weight)
    assert sum(exact) == 1
    assert max(exact) <= Fraction(2 * H, n)
    assert sum(w * w for w in exact) <= Fraction(2 * H, n)
    np.testing.assert_allclose(bounds.ucb_q_weights(H, n), [float(w) for w in exact], rtol=1e-12)
    assert bounds.ucb_q_step_size(H, n) == pytest.approx(float(sizes[-1]))


@given(st.integers(1, 8), st.integers(1, 10))
def test_a_target_counts_one_and_an_hth_times_in_all(H, i):
    weight, total, n = Fraction(H + 1, H + i), Fraction(0), i
    for n in range(i, i + 40):
        total += weight
        weight *= Fraction(n, H + n + 1)
    still_to_come = weight * Fraction(H + n + 1, H)  # the weights from n on add up to (H + n) / H times the first
    assert total + still_to_come == 1 + Fraction(1, H)


def test_widths_are_what_their_formulas_say():
    assert bounds.ucbvi_width(1, 1, 1, 1, delta=3 * np.exp(-2), vmax=5.0) == pytest.approx(5.0)
    assert optimism.model_error(2, failure=4 * np.exp(-2)) == pytest.approx(1.0)
    assert bounds.ucb_q_width(1, 1, 4, 1, delta=16 * np.exp(-1), vmax=1.0) == pytest.approx(2.0)
    assert bounds.ucb_q_weight(3, 4) == 3 / 2
    assert bounds.ucb_q_future_weight(4) == 5 / 4
    assert optimism.rf_express_error(1.0) == pytest.approx(3 * np.e + 1)
    assert bounds.ucrl2_regret(2, 4, 100, diameter=3.0, delta=100 * np.exp(-4)) == pytest.approx(34 * 3 * 2 * 40)
    assert optimism.kl_threshold(1, 1, 1, 0, delta=3.0) == pytest.approx(np.log(8 * np.e))
    assert bounds.ucbvi_regret(2, 2, 2, 0, delta=0.1, vmax=1.0) == 0
    assert bounds.posterior_sampling_regret(2, 2, 2, 0, vmax=1.0) == 0


def test_before_the_first_episode_widths_are_those_of_one():
    for width in (bounds.ucbvi_width, bounds.ucb_q_width):
        assert width(2, 3, 4, 0, delta=0.1, vmax=1.0) == width(2, 3, 4, 1, delta=0.1, vmax=1.0)
    assert bounds.ucbvi_width(1, 1, 4, 1, delta=3 * 16 * np.exp(-2), vmax=5.0) == pytest.approx(5.0)


def test_the_published_bounds_of_ucbvi_where_their_logarithm_is_two():
    S, A, H, K = 2, 3, 2, 5
    delta = 5 * H * S * A * K * H * np.exp(-2)
    later = 4 * S**2 * A * H**2
    assert bounds.ucbvi_published_regret(S, A, H, K, delta=delta) == pytest.approx(40 * H * np.sqrt(60) + 250 * later)
    assert bounds.ucbvi_bernstein_published_regret(S, A, H, K, delta=delta) == pytest.approx(
        60 * np.sqrt(60 * H) + 2500 * later + 4 * H * np.sqrt(20)
    )


@pytest.mark.parametrize(
    ("published", "later"), [(bounds.ucbvi_published_regret, 250), (bounds.ucbvi_bernstein_published_regret, 2500)]
)
def test_no_episode_counts_as_one_in_the_logarithm(published, later):
    delta = 5 * 2 * 2 * 3 * np.exp(-2)
    assert published(2, 3, 2, 0, delta=delta) == pytest.approx(later * 4 * 4 * 3 * 2**2)


def test_regret_bounds_are_the_sums_of_their_docstrings():
    S, A, H, K, delta, v = 2, 3, 2, 5, 0.1, 3.0
    b = v * np.sqrt(np.log(3 * S * A * K * H**2 / delta) / 2)
    w = v * np.sqrt((S * np.log(2) + np.log(3 * S * A * K * H / delta)) / 2)
    luck = v * np.sqrt(K * H * np.log(3 / delta) / 2)
    ucbvi_sum = S * A * H * v + 2 * (b + w) * np.sqrt(S * A * K * H) + luck
    assert bounds.ucbvi_regret(S, A, H, K, delta=delta, vmax=v) == pytest.approx(ucbvi_sum)
    c = v * np.sqrt(H * np.log(4 * S * A * H * K / delta))
    luck = v * np.sqrt(H * K * np.log(2 / delta) / 2)
    ucb_q_sum = np.e * (S * A * H * v + 8 * c * H * np.sqrt(S * A * K) + luck)
    assert bounds.ucb_q_regret(S, A, H, K, delta=delta, vmax=v) == pytest.approx(ucb_q_sum)
    w = v * np.sqrt((S * np.log(2) + np.log(S * A * K**2 * H)) / 2)
    sampled = S * A * H * v + 4 * w * np.sqrt(S * A * K * H) + 2 * v
    assert bounds.posterior_sampling_regret(S, A, H, K, vmax=v) == pytest.approx(sampled)


def test_errors_of_frequencies_at_whole_numbers():
    assert optimism.bernstein_error(2.0, 4.0, log=4.0, vmax=3.0) == pytest.approx(2 + 2)


def test_the_bonus_of_mvp_is_the_deviation_once_data_abound():
    p, v = np.array([0.5, 0.5]), np.array([0.0, 1.0])
    assert optimism.mvp_backup(p, v, n=10**6, iota=1.0) == pytest.approx(0.5 + 20 / 3 * 0.5 / 1000)
    assert optimism.mvp_backup(p, v, n=10, iota=1.0) == pytest.approx(0.5 + 40 / 9)

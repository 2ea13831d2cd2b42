"""The right sides, at places where they are known by hand; and their theorems from several seeds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.estimation import CLAIMS
from rltheory import CriterionError
from rltheory.estimation import bounds
from rltheory.estimation.bounds import generative

DELTAS, SIZES = st.floats(1e-6, 0.9), st.integers(2, 10**6)


@given(SIZES, DELTAS)
def test_two_outcomes_are_twice_as_far_apart_as_hoeffding_says(n, delta):
    assert bounds.weissman(2, n, delta) == pytest.approx(2 * bounds.hoeffding(n, delta))


@given(SIZES, DELTAS)
def test_a_whole_distribution_function_costs_as_much_as_a_single_point(n, delta):
    assert bounds.dvoretzky_kiefer_wolfowitz(n, delta) == bounds.hoeffding(n, delta)


@given(st.integers(2, 2000))
def test_sets_are_counted_without_overflow(n_outcomes):
    assert bounds.log_events(n_outcomes) == pytest.approx(math.log(2**n_outcomes - 2))


@given(SIZES, DELTAS)
def test_a_small_variance_beats_the_range_in_the_end(n, delta):
    log = math.log(2 / delta)
    if n > 40 * log:
        assert bounds.bernstein(n, delta, sigma=0.1) < bounds.hoeffding(n, delta)


def test_freedman_inverts_to_bernstein_with_two_thirds():
    n, delta, sigma = 500, 0.01, 0.3
    log = math.log(1 / delta)
    with_two_thirds = n * (sigma * math.sqrt(2 * log / n) + 2 * log / (3 * n))
    with_one_third = n * (sigma * math.sqrt(2 * log / n) + log / (3 * n))

    assert bounds.freedman(with_two_thirds, n * sigma**2) <= delta < bounds.freedman(with_one_third, n * sigma**2)


def test_one_outcome_is_certain():
    assert bounds.weissman(1, 5, 0.1) == 0.0
    assert bounds.expected_distance(1, 5) == 0.0


@given(st.sampled_from([0.5, 0.9, 0.99]), st.integers(2, 500), st.integers(1, 10**4), st.floats(0.01, 0.9), DELTAS)
def test_samples_by_rows_are_just_enough(gamma, n_states, n_pairs, eps, delta):
    m = bounds.samples_by_rows(gamma, n_states, n_pairs, eps=eps, delta=delta)

    def loss(m):
        return 2 * gamma / (1 - gamma) ** 2 * bounds.weissman(n_states, m, delta / n_pairs) / 2

    assert loss(m) <= eps * (1 + 1e-9)
    assert m == 1 or loss(m - 1) >= eps * (1 - 1e-9)


@given(st.sampled_from([0.5, 0.9, 0.99]), st.integers(1, 10**4), st.floats(0.01, 0.9), DELTAS)
def test_samples_by_value_are_just_enough(gamma, n_pairs, eps, delta):
    m = bounds.samples_by_value(gamma, n_pairs, eps=eps, delta=delta)

    def loss(m):
        return 2 * gamma / (1 - gamma) ** 2 * bounds.hoeffding(m, delta / n_pairs, width=1 / (1 - gamma))

    assert loss(m) <= eps * (1 + 1e-9)
    assert m == 1 or loss(m - 1) >= eps * (1 - 1e-9)


@given(st.sampled_from([0.5, 0.9, 0.99]), st.integers(1, 10**4), st.floats(0.01, 0.9), DELTAS)
def test_samples_by_variance_are_just_enough(gamma, n_pairs, eps, delta):
    m = bounds.samples_by_variance(gamma, n_pairs, eps=eps, delta=delta)

    assert bounds.value_error_of_samples(gamma, n_pairs, m, delta=delta) <= eps * (1 + 1e-9)
    assert m == 2 or bounds.value_error_of_samples(gamma, n_pairs, m - 1, delta=delta) >= eps * (1 - 1e-9)


def test_a_longer_horizon_costs_its_third_power_by_variance_and_its_sixth_by_value():
    sizes = {"eps": 1e-4, "delta": 0.05}
    by_variance = [bounds.samples_by_variance(gamma, 10, **sizes) for gamma in (0.99, 0.999)]
    by_value = [bounds.samples_by_value(gamma, 10, **sizes) for gamma in (0.99, 0.999)]

    assert math.log10(by_variance[1] / by_variance[0]) == pytest.approx(3, abs=0.05)
    assert math.log10(by_value[1] / by_value[0]) == pytest.approx(6, abs=0.05)


def test_the_loss_shrinks_with_the_root_of_many_samples_and_is_never_above_the_horizon():
    losses = [bounds.loss_of_samples(0.9, 10, 20, m, delta=0.05) for m in (2, 10**8, 10**10)]

    assert losses[0] == pytest.approx(10)
    assert losses[1] / losses[2] == pytest.approx(10, rel=0.02)


def test_without_a_future_two_samples_do():
    assert bounds.samples_by_variance(0.0, 10, eps=0.1, delta=0.05) == 2
    assert bounds.samples_by_variance(1e-9, 10, eps=1e12, delta=0.05) == 2


def test_a_single_state_needs_a_single_sample_of_its_row():
    assert bounds.samples_by_rows(0.9, 1, 4, eps=0.01, delta=0.05) == 1


def test_deviations_that_were_seen_where_the_logarithm_is_two():
    assert generative.deviation_factor(1, 5, 4 * math.exp(-2)) == pytest.approx(1)  # sqrt(2 * 2 / (5 - 1))
    by_hand = 3 * 1 + 7 * 2 * 2 / (3 * 3)  # n = 4: sqrt(2 * 2 / 4) = 1
    assert bounds.empirical_bernstein(4, 2 * math.exp(-2), sigma=3.0, width=2.0) == pytest.approx(by_hand)


@pytest.mark.parametrize("delta", [0.0, 1.0, 2.0, -0.5, float("nan")])
@pytest.mark.parametrize(
    "bound",
    [
        lambda delta: bounds.hoeffding(10, delta),
        lambda delta: bounds.anytime_hoeffding(10, delta),
        lambda delta: bounds.bernstein(10, delta, sigma=0.1),
        lambda delta: bounds.empirical_bernstein(10, delta, sigma=0.1),
        lambda delta: bounds.weissman(3, 10, delta),
        lambda delta: bounds.dvoretzky_kiefer_wolfowitz(10, delta),
        lambda delta: bounds.samples_by_rows(0.9, 3, 6, eps=0.1, delta=delta),
        lambda delta: bounds.samples_by_value(0.9, 6, eps=0.1, delta=delta),
        lambda delta: bounds.samples_by_variance(0.9, 6, eps=0.1, delta=delta),
        lambda delta: bounds.loss_of_samples(0.9, 3, 6, 100, delta=delta),
    ],
    ids=[
        "hoeffding",
        "anytime",
        "bernstein",
        "empirical-bernstein",
        "weissman",
        "dkw",
        "rows",
        "value",
        "variance",
        "loss",
    ],
)
def test_a_failure_probability_is_strictly_between_zero_and_one(bound, delta):
    with pytest.raises(CriterionError, match=r"delta is .*; a probability of failure is strictly between 0 and 1"):
        bound(delta)


def test_numbers_that_are_too_small_are_named():
    with pytest.raises(CriterionError, match="n is 0; it must be at least 1"):
        bounds.hoeffding(0, 0.1)
    with pytest.raises(CriterionError, match="n is 1; it must be at least 2"):
        bounds.empirical_bernstein(1, 0.1, sigma=0.0)
    for m in (0, 1):
        with pytest.raises(CriterionError, match=f"m is {m}; it must be at least 2"):
            bounds.value_error_of_samples(0.9, 6, m, delta=0.1)
        with pytest.raises(CriterionError, match=f"m is {m}; it must be at least 2"):
            bounds.loss_of_samples(0.9, 3, 6, m, delta=0.1)
    with pytest.raises(CriterionError, match="eps is 0; an accuracy is above 0"):
        bounds.samples_by_rows(0.9, 3, 6, eps=0, delta=0.1)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_false_claim_is_refuted(claim):
    assert claim.refuted

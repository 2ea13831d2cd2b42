"""The chain of sums in the horizon-free proof: its links are theorems, and what they give together is tested here."""

import numpy as np
import pytest

from rltheory.exploration.bounds import moments as bounds
from rltheory.exploration.bounds.concentration import largest_log_det
from rltheory.exploration.bounds.vtr import vtr_regret
from rltheory.exploration.bounds.vtr_plus import moment_levels, moment_radius

SIZES = {"norm_bound": 2.0}


def regret(H, K):
    return bounds.horizon_free_regret(4, H, K, 0.05, **SIZES)


def largest_sums(d, H, K, delta, rounds):
    """Return the bound from loops that go through the inequalities as they are printed, so many times."""
    n, M, alpha, gamma, ridge, third = K * H, moment_levels(K, H), H**-0.5, d**-0.25, d / 4, delta / 3
    beta = moment_radius(d, n, third, levels=M, alpha=alpha, gamma=gamma, ridge=ridge, norm_bound=2.0)
    volume = largest_log_det(d, n, ridge=ridge * alpha**2)
    G, L = M * volume / np.log(2), np.log(2 * (np.ceil(np.log2(n)) + 1) * M / third)
    A, S, R = [float(n)] * M, [n / 4] * M, [float(n)] * M
    for _ in range(rounds):
        for m in range(M - 1):
            S[m] = min(S[m], A[m + 1] + G + 2 ** (m + 1) * (K + 2 * R[0]))
            A[m] = min(A[m], max(2 * np.sqrt(S[m] * L), np.sqrt(2 * L)) + 2 * L / 3)
            noise = S[m] + 4 * R[m] + 2 * R[m + 1] + n * alpha**2
            R[m] = min(R[m], 2 * volume + 8**0.5 * beta * gamma**2 * volume + 2 * beta * np.sqrt(2 * volume * noise))
    return A[0] + 2 * R[0] + G + np.sqrt(K * np.log(1 / third))


@pytest.mark.parametrize(("H", "K"), [(1, 1), (2, 10**4), (16, 10**6), (16, 10**13), (256, 10**15)])
def test_the_regret_bound_is_where_the_inequalities_come_to_rest(H, K):
    assert regret(H, K) == pytest.approx(largest_sums(4, H, K, 0.05, 3000), rel=1e-4)


def test_it_says_something_from_ten_to_the_twelve_episodes_on_and_not_much_earlier():
    assert regret(16, 10**11) > 10**11
    assert regret(16, 2 * 10**12) < 2 * 10**12


def test_it_hardly_knows_the_horizon_and_that_of_ranges_grows_with_its_root():
    K = 10**16
    assert regret(2**20, K) < 2 * regret(16, K)
    ranges = [vtr_regret(4, H, K, 0.025, ridge=0.25, norm_bound=2.0) for H in (16, 2**20)]
    assert ranges[1] > 2**8 * ranges[0]


def test_with_its_constants_it_is_above_that_of_ranges_at_every_horizon_that_anybody_plays():
    K = 10**16
    assert vtr_regret(4, 2**20, K, 0.025, ridge=0.25, norm_bound=2.0) < regret(2**20, K)
    assert vtr_regret(4, 2**30, K, 0.025, ridge=0.25, norm_bound=2.0) > regret(2**30, K)


def test_it_grows_as_the_root_of_the_episodes_in_the_end():
    assert np.log10(regret(64, 1e26) / regret(64, 1e22)) == pytest.approx(2, abs=0.3)


def test_the_sum_of_a_few_large_differences_is_bounded_even_if_they_have_no_variance():
    assert bounds.martingale_by_variance(0.0, 1, 2 * np.exp(-2)) == pytest.approx(2 + 4 / 3)  # L = 2
    small, large = (bounds.martingale_by_variance(9.0 * c**2, 100, 0.1, length=c) for c in (1.0, 7.0))
    assert large == pytest.approx(7 * small)

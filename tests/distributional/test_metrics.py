"""Distances between laws, against transport by all permutations, identities and inequalities that theory gives."""

from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from rltheory import ModelError
from rltheory.distributional import DiscreteLaw, mixture
from rltheory.distributional.metrics import cramer, kolmogorov, wasserstein

VALUES = st.integers(-8, 8).map(lambda k: k / 2)
ORDERS = st.sampled_from([1.0, 1.5, 2.0, 4.0, np.inf])


@st.composite
def laws(draw):
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    atoms = draw(st.lists(VALUES, min_size=len(weights), max_size=len(weights)))
    return DiscreteLaw(atoms, np.array(weights) / sum(weights))


@st.composite
def equal_vectors(draw):
    n = draw(st.integers(1, 5))
    return tuple(np.array(draw(st.lists(VALUES, min_size=n, max_size=n))) for _ in range(2))


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@given(equal_vectors(), ORDERS)
def test_the_best_transport_is_the_best_of_all_permutations(vectors, p):
    x, y = vectors
    if p == np.inf:
        best = min(np.abs(x - np.array(moved)).max() for moved in permutations(y))
    else:
        best = min(np.mean(np.abs(x - np.array(moved)) ** p) for moved in permutations(y)) ** (1 / p)
    assert wasserstein(DiscreteLaw(x), DiscreteLaw(y), p) == near(best)


@given(laws(), laws())
def test_the_first_distance_is_the_area_between_distribution_functions(law, other):
    assert wasserstein(law, other) == near(wasserstein_distance(law.atoms, other.atoms, law.prob, other.prob))


@given(laws(), laws())
def test_cramers_distance_is_half_the_energy_distance(law, other):
    def expected_gap(one, two):
        return float(one.prob @ np.abs(one.atoms[:, None] - two.atoms) @ two.prob)

    energy = 2 * expected_gap(law, other) - expected_gap(law, law) - expected_gap(other, other)
    assert cramer(law, other) ** 2 == near(energy / 2)


@given(laws(), laws())
def test_kolmogorovs_distance_is_the_largest_difference_at_an_atom(law, other):
    places = [*law.atoms, *other.atoms]
    assert kolmogorov(law, other) == near(float(np.abs(law.cdf(places) - other.cdf(places)).max()))


@given(laws(), laws())
def test_distances_are_ordered_as_theory_says(law, other):
    w1, l2 = wasserstein(law, other), cramer(law, other)
    length = max(law.atoms[-1], other.atoms[-1]) - min(law.atoms[0], other.atoms[0])
    rising = [wasserstein(law, other, p) for p in (1.0, 1.5, 2.0, 4.0, np.inf)]

    assert l2**2 <= w1 + 1e-12
    assert w1 <= np.sqrt(length) * l2 + 1e-12
    assert all(low <= high + 1e-9 for low, high in pairwise(rising))


@given(laws(), laws(), laws(), ORDERS)
def test_they_are_metrics(law, other, third, p):
    for distance in (lambda x, y: wasserstein(x, y, p), cramer, kolmogorov):
        assert distance(law, law) == 0
        assert distance(law, other) == near(distance(other, law))
        assert distance(law, third) <= distance(law, other) + distance(other, third) + 1e-9


@given(laws(), laws(), VALUES, ORDERS)
def test_a_stock_that_both_laws_share_cancels(law, other, stock, p):
    assert wasserstein(law.shift(stock), other.shift(stock), p) == near(wasserstein(law, other, p))
    assert cramer(law.shift(stock), other.shift(stock)) == near(cramer(law, other))
    assert kolmogorov(law.shift(stock), other.shift(stock)) == near(kolmogorov(law, other))


@given(laws(), laws(), laws(), st.sampled_from([0.5, 0.9]), ORDERS)
def test_a_random_reward_and_a_discount_bring_laws_closer(law, other, reward, gamma, p):
    def backed_up(following):
        return mixture([following.scale(gamma).shift(r) for r in reward.atoms], reward.prob)

    one, two = backed_up(law), backed_up(other)
    assert wasserstein(one, two, p) <= gamma * wasserstein(law, other, p) + 1e-9
    assert cramer(one, two) <= np.sqrt(gamma) * cramer(law, other) + 1e-9
    assert kolmogorov(one, two) <= kolmogorov(law, other) + 1e-12


def test_the_contractions_are_attained_by_points_and_the_supremum_of_differences_contracts_not_at_all():
    near_by, far = DiscreteLaw.point(0.0), DiscreteLaw.point(1.0)
    assert wasserstein(near_by.scale(0.25), far.scale(0.25)) == 0.25 * wasserstein(near_by, far)
    assert cramer(near_by.scale(0.25), far.scale(0.25)) == 0.5 * cramer(near_by, far)
    assert kolmogorov(near_by.scale(0.25), far.scale(0.25)) == kolmogorov(near_by, far) == 1


def test_levels_that_differ_by_rounding_only_are_the_same():
    tenths = DiscreteLaw([0.0, 1.0, 2.0, 9.0], [0.1, 0.1, 0.1, 0.7])
    merged = DiscreteLaw([0.0, 1.0, 2.0, 9.0], [0.1, 0.1, float(Fraction(1, 10)), 1 - 0.1 - 0.1 - 0.1])
    other = DiscreteLaw([0.0, 9.0], [0.3, 0.7])
    assert tenths.cumulative[2] != other.cumulative[0]
    assert wasserstein(tenths, merged, np.inf) == 0
    assert wasserstein(tenths, other, np.inf) == 2


def test_high_powers_neither_overflow_nor_vanish():
    one, two = DiscreteLaw([0.0, 1e-3], [0.5, 0.5]), DiscreteLaw.point(0.0)
    assert wasserstein(one, two, 400.0) == pytest.approx(1e-3 * 0.5 ** (1 / 400), rel=1e-12)
    assert wasserstein(one.scale(1e9), two, 400.0) == pytest.approx(1e6 * 0.5 ** (1 / 400), rel=1e-12)


@pytest.mark.parametrize("p", [0.5, -1.0, np.nan])
def test_powers_below_one_are_refused(p):
    coin = DiscreteLaw([0.0, 1.0])
    with pytest.raises(ModelError, match=rf"p is {p}; it is at least 1 \(numpy.inf is allowed\)"):
        wasserstein(coin, coin, p)

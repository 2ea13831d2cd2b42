"""What is hidden in hard mixtures, by coins."""

import math

import pytest

from rltheory.exploration.bounds import lower


def kl(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


@pytest.mark.parametrize(("least", "largest", "variance"), [(0.5, 0.9, 0.09), (0.2, 0.5, 0.16)])
def test_information_is_counted_where_a_coin_varies_least(least, largest, variance):
    assert lower.hard_mixture_information(9, 0.1, largest, least) == pytest.approx(4 * 9 * 0.1**2 / variance)


@pytest.mark.parametrize("p", [1 / 9, 1 / 6, 2 / 9])
def test_no_coin_in_between_tells_more(p):
    drift = 0.001
    told = kl(p - drift, p + drift)
    assert told <= lower.hard_mixture_information(1, drift, 2 / 9 + drift, 1 / 9) < 4 * kl(1 / 9 - drift, 1 / 9 + drift)

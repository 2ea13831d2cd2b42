"""The answer of an estimator: its mean, its spread, and what it refuses to say."""

import math

import numpy as np
import pytest

from rltheory.estimation import Estimate


def test_the_standard_error_of_a_mean_is_that_of_a_textbook():
    estimate = Estimate.of_terms([1.0, 2.0, 3.0, 6.0])

    assert estimate.value == 3.0
    assert estimate.standard_error == pytest.approx(math.sqrt((4 + 1 + 0 + 9) / 3 / 4))


def test_one_episode_says_nothing_about_its_spread():
    assert math.isnan(Estimate.of_terms([1.0]).standard_error)


def test_equal_weights_give_the_plain_mean_and_nearly_its_standard_error():
    plain, weighted = Estimate.of_terms([1.0, 2.0, 6.0]), Estimate.of_terms([1.0, 2.0, 6.0], np.ones(3))

    assert weighted.value == plain.value
    assert weighted.standard_error == pytest.approx(plain.standard_error * math.sqrt(2 / 3))


def test_terms_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        Estimate.of_terms([1.0, 2.0]).terms[0] = 5.0


def test_the_weights_of_a_caller_stay_his_own():
    weights = np.ones(2)
    estimate = Estimate.of_terms([1.0, 2.0], weights)
    weights[0] = 5.0

    assert estimate.weights.tolist() == [1.0, 1.0]

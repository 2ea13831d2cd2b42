"""Bandits that are hard: what their docstrings promise."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError
from rltheory.bandits import bounds


def test_all_arms_but_the_needle_are_alike():
    arms = mdps.bandits.needle(4, 0.3, at=2, sigma=2.0)
    assert arms.gaps.tolist() == [0.3, 0.3, 0.0, 0.3]
    assert arms.sigma == 2.0


@pytest.mark.parametrize("raised", [1, 2])
def test_two_worlds_differ_in_one_coin_and_in_the_best_one(raised):
    first, second = mdps.bandits.two_worlds(3, 0.2, raised=raised)
    assert first.gaps == pytest.approx([0.0, 0.2, 0.2])
    assert int(second.means.argmax()) == raised
    assert second.gaps[0] == pytest.approx(0.2)
    differs = first.divergences(second) > 0
    assert differs.tolist() == (np.arange(3) == raised).tolist()
    assert first.divergences(second)[raised] == pytest.approx(bounds.kl_bernoulli(0.3, 0.7))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mdps.bandits.needle(3, at=3), "at is 3"),
        (lambda: mdps.bandits.needle(3, 0.6, sigma=None), r"mean of arm 0 is 1\.1"),
        (lambda: mdps.bandits.two_worlds(2, raised=2), "raised is 2"),
        (lambda: mdps.bandits.needle(1), "n_arms is 1"),
    ],
    ids=["no such place", "no coin", "no such arm", "one arm"],
)
def test_what_is_no_bandit_is_said(call, message):
    with pytest.raises(ModelError, match=message):
        call()

"""Bounds for discounted MDPs, at places where exact arithmetic knows them."""

from fractions import Fraction

import pytest

from rltheory.planning import bounds


@pytest.mark.parametrize("gamma", [Fraction(i, 20) for i in range(20)], ids=str)
def test_howards_rounds_between_dropped_actions_are_the_least_that_make_what_is_left_small(gamma):
    """The least k with gamma^k H < 1, in rationals; at gamma = 1/2 it is 1 for k = 1, and not below."""
    rounds = next(k for k in range(1, 100) if gamma**k / (1 - gamma) < 1)
    assert bounds.howard_improvements_sharp(float(gamma), n_states=3, n_pairs=8) == 5 * rounds


@pytest.mark.parametrize("violation", [-3.0, 3.0])
def test_half_of_a_violation_is_lost_whatever_its_sign(violation):
    assert bounds.misled_loss(violation) == 1.5

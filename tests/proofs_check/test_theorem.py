import math
from dataclasses import FrozenInstanceError

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from proofs_check import THEOREMS, Check, Kind, Theorem, scaled

REALS = st.floats(-1e6, 1e6)


def theorem(**changes):
    fields = {
        "name": "a-name",
        "statement": "$x \\le x$",
        "source": "here",
        "assumptions": "none",
        "instances": REALS,
        "check": lambda x: Check(x, x),
        "refutable": lambda x: Check(x + 1, x),
    }
    return Theorem(**(fields | changes))


@given(REALS, REALS)
def test_a_check_holds_when_its_slack_is_not_negative_beyond_the_allowance(lhs, rhs):
    check = Check(lhs, rhs)
    assert check.holds == (check.slack >= -check.allowance)


def test_the_allowance_is_a_billionth_of_the_numbers_involved():
    assert Check(1 + 1.9e-9, 1.0).holds
    assert not Check(1 + 2.1e-9, 1.0).holds
    assert Check(1e-7, 0.0, scale=1000.0).holds


@pytest.mark.parametrize("sides", [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0)])
def test_what_is_not_a_number_does_not_hold(sides):
    assert not Check(*sides).holds


def test_tightness_is_the_ratio_and_nothing_where_both_sides_are_rounding():
    assert Check(1.0, 2.0).tightness == 0.5
    assert math.isnan(Check(1e-12, 1e-12).tightness)
    assert math.isnan(Check(0.0, 0.0).tightness)
    assert math.isnan(Check(-2.0, -1.0).tightness)


@given(st.lists(st.tuples(REALS, REALS), min_size=1, max_size=5))
def test_everywhere_holds_exactly_if_every_coordinate_does(sides):
    lhs, rhs = np.array(sides).T
    assert Check.everywhere(lhs, rhs).holds == all(Check(*pair).holds for pair in sides)


def test_everywhere_does_not_overlook_what_is_not_a_number():
    assert not Check.everywhere([0.0, math.nan], [1.0, 1.0]).holds


def test_an_identity_is_measured_against_the_size_of_its_sides():
    assert Check.equal([1e6, 0.0], [1e6 + 1e-4, 0.0]).holds
    assert not Check.equal([1.0, 0.0], [1.0, 1e-6]).holds


def test_scaling_lowers_the_right_side_only():
    check = scaled(lambda x: Check(x, 2 * x, scale=3.0), rhs=0.25)(8.0)
    assert check == Check(8.0, 4.0, scale=3.0)


def test_a_theorem_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        theorem().name = "another"


def test_a_tight_instance_needs_a_ratio():
    with pytest.raises(ValueError, match="a tight instance and the ratio it must reach go together"):
        theorem(tight=lambda: Check(1.0, 1.0))


@pytest.mark.parametrize(
    "changes", [{"kind": Kind.HIGH_PROBABILITY}, {"delta": 0.1}, {"delta": 0.1, "kind": Kind.IN_EXPECTATION}]
)
def test_delta_belongs_to_high_probability(changes):
    with pytest.raises(ValueError, match="delta belongs to high-probability theorems"):
        theorem(**changes)


def test_a_theorem_shows_its_mathematics_in_a_notebook():
    page = THEOREMS["greedy-loss"]._repr_markdown_()
    assert r"\frac{2\gamma}{1-\gamma}" in page
    assert "singh1994" in page
    assert repr(THEOREMS["greedy-loss"]) == "Theorem(greedy-loss; singh1994)"


def test_names_are_slugs_and_unique():
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in THEOREMS)
    assert all(name == one.name for name, one in THEOREMS.items())

"""Every theorem holds, its false variant is refuted, and its tight instance is tight."""

import pytest

from proofs_check import _WINGS, THEOREMS, verify

EXAMPLES = 50


def test_no_two_theorems_have_one_name():
    assert len(THEOREMS) == sum(len(wing.THEOREMS) for wing in _WINGS)


def test_every_instance_that_attains_a_bound_is_named():
    assert [name for name, theorem in THEOREMS.items() if theorem.tight is not None and not theorem.attained_by] == []


@pytest.mark.parametrize("name", THEOREMS)
def test_theorem(name):
    verification = verify(name, examples=EXAMPLES)
    assert verification.passed, verification.in_words()

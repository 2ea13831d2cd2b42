"""Every theorem holds, its false variant is refuted, and its tight instance is tight."""

import pytest

from proofs_check import _WINGS, THEOREMS, verify

EXAMPLES = 50


def test_no_two_theorems_have_one_name():
    assert len(THEOREMS) == sum(len(wing.THEOREMS) for wing in _WINGS)


@pytest.mark.parametrize("name", THEOREMS)
def test_theorem(name):
    verification = verify(name, examples=EXAMPLES)
    assert verification.passed, verification.in_words()

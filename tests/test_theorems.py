"""Every theorem holds, its false variant is refuted, and its tight instance is tight."""

import pytest

from proofs_check import THEOREMS, verify

EXAMPLES = 50


@pytest.mark.parametrize("name", THEOREMS)
def test_theorem(name):
    verification = verify(name, examples=EXAMPLES)
    assert verification.passed, verification.in_words()

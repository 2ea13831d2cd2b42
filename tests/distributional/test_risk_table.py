"""The table of axioms in the documentation says what the code says."""

import re
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from rltheory.distributional import DiscreteLaw, risk

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "risk.md").read_text(encoding="utf-8")
NAMES = {name: getattr(risk, name) for name in risk.__all__} | {"DiscreteLaw": DiscreteLaw}
ROWS = re.findall(r"^\| `(.+?)` \|((?: [✓–] \|){8}) `(.+)` \|$", PAGE, re.MULTILINE)


def parameters(**values):
    return values


@pytest.mark.parametrize(("code", "marks", "constant"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_the_table_is_true(code, marks, constant):
    K = eval(code, dict(NAMES))
    *_, arguments = code.partition("(")
    given = eval(f"parameters({arguments}", {**NAMES, "parameters": parameters})
    allowed = eval(constant, {**given, "R": 2.5, "exp": np.exp, "inf": np.inf})

    assert [mark == "✓" for mark in re.findall("[✓–]", marks)] == [*astuple(K.axioms), K.indifferent_to_discount(0.5)]
    assert K.lipschitz(2.5) == pytest.approx(allowed, rel=1e-15)


def test_the_table_has_every_functional():
    assert {name for name in risk.__all__ if not any(code.startswith(name) for code, _, _ in ROWS)} == set()

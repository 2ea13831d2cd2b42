import re
from pathlib import Path

import pytest

from proofs_check import THEOREMS, WEAK, weak_rows, weak_table, weakest
from proofs_check.weak import weakest_first

PAGE = Path(__file__).resolve().parents[2] / "docs" / "attack.md"


def test_the_weakest_have_no_tight_instance_or_one_that_stays_below():
    found = weakest()
    assert all(one.tight_ratio is None or one.tight_ratio < 0.9 for one in found)
    assert {one.name for one in THEOREMS.values()} - {one.name for one in found} == {
        one.name for one in THEOREMS.values() if one.tight_ratio is not None and one.tight_ratio >= 0.9
    }


def test_those_without_a_tight_instance_come_first_and_then_the_ratio_rises():
    ordered = weakest_first(THEOREMS.values())
    ratios = [one.tight_ratio for one in ordered]
    without = ratios.count(None)
    assert ratios[:without] == [None] * without
    assert ratios[without:] == sorted(ratios[without:])
    assert len(ordered) == len(THEOREMS)


def test_every_weak_bound_is_in_the_catalogue_once():
    names = [name for entry in WEAK for name in entry.theorems]
    assert set(names) <= set(THEOREMS)
    assert len(set(names)) == len(names)


def test_what_is_called_attained_without_a_limit_is_attained():
    for entry in WEAK:
        if entry.known == "Attained.":
            assert all(THEOREMS[name].tight_ratio >= 0.99 for name in entry.theorems), entry.about


def test_the_page_has_a_row_for_each_with_what_is_known():
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \| `([a-z0-9-]+)` \| [\d.]+ \| [\d.–]+ \| (.*?) \|$", text, re.MULTILINE)
    expected = [
        (entry.about if first else "", name, entry.known if first else "")
        for entry in WEAK
        for first, name in zip([True, *[False] * len(entry.theorems)], entry.theorems, strict=False)
    ]
    assert [(about.strip(), name, known.strip()) for about, name, known in rows] == expected


def test_the_table_cuts_ratios_and_does_not_round_them_up():
    rows = weak_rows(WEAK[:1], budget=6)
    assert rows[0]["theorem"] == "residual-span-loss"
    assert rows[0]["evaluations"] <= 6
    (row,) = weak_table([rows[0] | {"reached": 0.99999, "tight": None}]).splitlines()[2:]
    assert "| 0.9999 | – |" in row


@pytest.mark.parametrize("below", [0.5, 0.8])
def test_a_lower_threshold_leaves_fewer(below):
    assert set(weakest(below=below)) <= set(weakest())

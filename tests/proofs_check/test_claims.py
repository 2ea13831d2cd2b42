import pytest

from proofs_check import CLAIMS, REMARKS, THEOREMS, Check, Claim, disprove


def named(counterexample):
    return Claim("name", "statement", "source", counterexample, "instance", "lesson")


@pytest.mark.parametrize("name", CLAIMS)
def test_the_counterexample_of_a_false_claim_violates_it(name):
    assert CLAIMS[name].refuted


def test_a_claim_whose_counterexample_holds_is_not_refuted():
    assert not named(lambda: Check(1.0, 1.0)).refuted
    assert named(lambda: Check(1.1, 1.0)).refuted


def test_a_disproof_tells_both_sides():
    found = disprove(named(lambda: Check(1.1, 1.0)))
    assert found.refuted
    assert "lhs = 1.1, rhs = 1.0" in found.in_words()
    assert repr(found) == "Disproof(name: REFUTED, lhs 1.1, rhs 1)"
    assert "does not violate it" in disprove(named(lambda: Check(1.0, 1.0))).in_words()


def test_no_name_is_used_twice():
    names = [*THEOREMS, *CLAIMS, *REMARKS]
    assert len(set(names)) == len(names)


def test_claims_and_remarks_show_their_reasons():
    claim, remark = next(iter(CLAIMS.values())), next(iter(REMARKS.values()))
    assert claim.instance in claim._repr_markdown_()
    assert claim.lesson in claim._repr_markdown_()
    assert remark.reason in remark._repr_markdown_()
    assert (repr(claim), repr(remark)) == (f"Claim({claim.name}: false)", f"Remark({remark.name}; {remark.source})")


@pytest.mark.parametrize("entry", [*CLAIMS.values(), *REMARKS.values()], ids=lambda entry: entry.name)
def test_what_stands_after_a_colon_begins_small_and_ends_without_a_full_stop(entry):
    texts = (entry.instance, entry.lesson) if isinstance(entry, Claim) else (entry.reason,)
    assert not any(text[0].isupper() or text.endswith(".") for text in texts)

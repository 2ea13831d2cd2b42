from itertools import combinations

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.submodular_functions import random_coverage, random_cut
from rltheory import ModelError
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.properties import PropertyCheck, check_monotone, check_submodular
from rltheory.submodular.value_table import value_table


def subsets(elements):
    return [frozenset(chosen) for size in range(len(elements) + 1) for chosen in combinations(elements, size)]


@st.composite
def any_functions(draw, n=3):
    """Draw a function by its values, which are few whole numbers: many of them have the properties, many have not."""
    values = draw(hnp.arrays(np.int64, 2**n, elements=st.integers(0, 3), fill=st.nothing()))
    values[0] = 0
    return ByValue(n, lambda chosen: float(values[sum(1 << v for v in chosen)]))


@given(any_functions())
def test_the_checks_agree_with_the_definitions_over_nested_sets(F):
    every = subsets(range(F.n_elements))
    nested = [(A, B) for A in every for B in every if A <= B]
    monotone = all(F.value(A) <= F.value(B) for A, B in nested)
    submodular = all(
        F.value(A | {v}) - F.value(A) >= F.value(B | {v}) - F.value(B)
        for A, B in nested
        for v in range(F.n_elements)
        if v not in B
    )
    assert bool(check_monotone(F)) == monotone
    assert bool(check_submodular(F)) == submodular


@given(any_functions())
def test_a_violation_is_what_it_says(F):
    loss, growth = check_monotone(F).violation, check_submodular(F).violation
    if loss:
        A, (u,) = set(loss.subset), loss.elements
        assert F.value(A) - F.value(A | {u}) == loss.amount > 0
    if growth:
        A, (u, v) = set(growth.subset), growth.elements
        later = F.value(A | {u, v}) - F.value(A | {u})
        assert later - (F.value(A | {v}) - F.value(A)) == growth.amount > 0


def test_the_table_lists_the_values_of_all_subsets():
    F = random_coverage(5, rng=0)
    table = value_table(F)
    for chosen in subsets(range(5)):
        assert table[sum(1 << v for v in chosen)] == pytest.approx(F.value(chosen), abs=1e-12)
    with pytest.raises(ModelError, match=r"F has 30 elements and 2\*\*30 subsets; .* at most 20"):
        value_table(random_coverage(30, rng=0))


@pytest.mark.parametrize(("n", "pairs"), [(1, 0), (4, 24), (10, 11_520)])
def test_all_sets_are_looked_at_where_there_are_few(n, pairs):
    """There are n 2^(n - 1) gains, and n (n - 1) 2^(n - 3) pairs of them."""
    F = random_coverage(n, rng=0)
    assert check_monotone(F) == PropertyCheck("monotone", True, n * 2 ** (n - 1), None)
    assert check_submodular(F) == PropertyCheck("submodular", True, pairs, None)


def test_samples_find_what_is_wrong_with_many_elements():
    cut, squares = random_cut(30, rng=0), ByValue(30, lambda chosen: len(chosen) ** 2)
    found = check_monotone(cut, rng=0)
    assert not found.exhaustive
    assert found.checked == 2000
    A, u = set(found.violation.subset), found.violation.elements[0]
    assert cut.value(A) - cut.value(A | {u}) == pytest.approx(found.violation.amount)
    assert check_submodular(squares, rng=0).violation.amount == 2
    assert check_submodular(cut, rng=0)
    assert check_monotone(random_coverage(30, rng=0), rng=0)


def test_samples_are_reproducible():
    cut = random_cut(20, rng=0)
    assert check_monotone(cut, samples=50, rng=3) == check_monotone(cut, samples=50, rng=3)
    with pytest.raises(ModelError, match="samples is 0; at least 1 set must be drawn to check 20 elements"):
        check_monotone(cut, samples=0)


def test_the_answer_says_in_words_what_was_found():
    edge = Cut([[0.0, 2.0], [2.0, 0.0]])
    assert str(check_monotone(edge).violation) == "element 0 loses 2 when it joins {1}"
    assert repr(check_submodular(edge)) == "PropertyCheck(submodular: holds; all 1 inequalities)"
    many = Coverage.from_sets([[v] for v in range(15)])
    assert repr(check_submodular(many, samples=9)) == "PropertyCheck(submodular: holds; sampled 9 inequalities)"

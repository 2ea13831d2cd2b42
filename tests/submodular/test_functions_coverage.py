import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array

from mdps.strategies import paired
from mdps.submodular_function_strategies import coverages, paths_of
from rltheory import ModelError
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage


def disc(x, y, rows, columns):
    """Return the cells of a block of two by two in a grid, those outside left out."""
    cells = [(x, y), (x, y + 1), (x + 1, y), (x + 1, y + 1)]
    return [i * columns + j for i, j in cells if i < rows and j < columns]


@given(paired(st.integers(1, 5).flatmap(coverages), paths_of))
def test_the_value_is_the_weight_of_a_union(drawn):
    F, paths = drawn
    covers = F.covers.toarray()
    for path, gains in zip(paths, F.gains_along(paths), strict=True):
        union = {item for element in path for item in np.flatnonzero(covers[element])}
        assert F.value(path) == gains.sum() == sum(F.weights[item] for item in union)


def test_sure_chances_are_coverage():
    covers = np.random.default_rng(0).integers(0, 2, (6, 5))
    paths = np.random.default_rng(1).integers(0, 6, (10, 7))
    sure = ProbabilisticCoverage(covers.astype(float), [1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(
        Coverage(covers, [1.0, 2.0, 3.0, 4.0, 5.0]).gains_along(paths), sure.gains_along(paths)
    )


def test_a_straight_walk_over_blocks_of_four_uncovers_two_cells_at_each_step():
    F = Coverage.from_sets([disc(x, y, 30, 30) for x in range(30) for y in range(30)])
    walk = 30 + np.arange(25)
    assert F.gains_along(walk[None])[0].tolist() == [4.0] + [2.0] * 24


def test_the_layout_of_the_incidence_does_not_matter():
    dense = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 1]])
    twice = coo_array((np.ones(4) / [1, 2, 2, 1], ([0, 0, 0, 2], [0, 2, 2, 1])), shape=(3, 3))
    unsorted = csr_array((np.ones(4), [2, 0, 2, 1], [0, 2, 2, 4]), shape=(3, 3))
    expected = Coverage(dense).gains_along([[0, 1, 2]]).tolist()
    assert expected == [[2.0, 0.0, 1.0]]
    assert Coverage(unsorted).gains_along([[0, 1, 2]]).tolist() == expected
    assert Coverage(dense.astype(bool)).gains_along([[0, 1, 2]]).tolist() == expected
    assert Coverage.from_sets([[2, 0, 0], [], [1, 2]]).gains_along([[0, 1, 2]]).tolist() == expected
    assert Coverage(twice).value([0, 2]) == 3.0


def test_a_caller_may_go_on_with_its_own_matrix():
    own = csr_array(np.eye(2))
    Coverage(own)
    own.data[0] = 5.0
    assert own[0, 0] == 5.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Coverage([[1, 0.5]]), r"covers of element 0, item 1 is 0\.5; .*ProbabilisticCoverage takes"),
        (lambda: Coverage([[1, 0], [0, -1]]), "covers of element 1, item 1 is -1; it must be finite and at least 0"),
        (lambda: Coverage([[1, 0]], [1.0, -2.0]), "weights of item 1 is -2; it must be finite and at least 0"),
        (lambda: Coverage([[1, 0]], [1.0, np.nan]), "weights of item 1 is nan; it must be finite and at least 0"),
        (lambda: Coverage([[1, 0]], [1.0]), "weights has 1 entries; with 2 items it must have as many"),
        (
            lambda: Coverage.from_sets([[0], [3]], n_items=3),
            r"the set of element 1 holds 3; valid are 0\.\.2",
        ),
        (lambda: Coverage.from_sets([[-1]]), "the set of element 0 holds -1"),
    ],
    ids=["share", "negative cover", "negative weight", "no number", "few weights", "no such item", "negative item"],
)
def test_a_bad_entry_is_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()

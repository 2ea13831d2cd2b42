from itertools import pairwise

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import paired
from mdps.submodular_function_strategies import submodular_functions
from mdps.submodular_functions import random_coverage, random_modular
from rltheory import ModelError
from rltheory.submodular.extensions import lovasz_extension, multilinear_extension, sampled_multilinear_extension
from rltheory.submodular.functions.by_value import ByValue


@st.composite
def points(draw, F, count=1):
    whole = hnp.arrays(np.int64, (count, F.n_elements), elements=st.integers(0, 8), fill=st.nothing())
    return draw(whole) / 8


def integral(F, x):
    """Return the mean of F over the level sets of x, which only change at the coordinates."""
    levels = np.unique([0.0, *x, 1.0])
    return sum((b - a) * F.value(np.flatnonzero(x >= b)) for a, b in pairwise(levels))


@given(paired(submodular_functions(), points))
def test_the_lovasz_extension_is_the_integral_over_level_sets(drawn):
    F, (x,) = drawn
    assert lovasz_extension(F, x) == pytest.approx(integral(F, x), abs=1e-9)


@given(paired(submodular_functions(max_elements=4), points))
def test_the_multilinear_extension_is_the_expectation_over_random_sets(drawn):
    F, (x,) = drawn
    corners = [np.array(list(np.binary_repr(m, F.n_elements)), dtype=int) for m in range(2**F.n_elements)]
    expected = sum(np.where(corner, x, 1 - x).prod() * F.value(np.flatnonzero(corner)) for corner in corners)
    assert multilinear_extension(F, x) == pytest.approx(expected, abs=1e-9)


@given(paired(submodular_functions(), lambda F: points(F, 2)))
def test_the_lovasz_extension_of_a_submodular_function_is_convex_and_below_the_multilinear_one(drawn):
    F, (x, y) = drawn
    middle = lovasz_extension(F, (x + y) / 2)
    assert middle <= (lovasz_extension(F, x) + lovasz_extension(F, y)) / 2 + 1e-9
    assert lovasz_extension(F, x) <= multilinear_extension(F, x) + 1e-9


def test_the_lovasz_extension_of_another_function_is_not_convex():
    pair = ByValue(2, lambda chosen: float(len(chosen) == 2))
    assert lovasz_extension(pair, [0.5, 0.5]) == 0.5 > (0 + 0) / 2
    assert lovasz_extension(pair, [1.0, 0.0]) == lovasz_extension(pair, [0.0, 1.0]) == 0


def test_coverage_has_its_extension_in_closed_form():
    F, x = random_coverage(12, rng=0), np.random.default_rng(0).random(12)
    missed = np.array([np.prod(1 - x[F.covers.toarray()[:, j] == 1]) for j in range(F.n_items)])
    exact = F.weights @ (1 - missed)
    assert multilinear_extension(F, x) == pytest.approx(exact, rel=1e-12)
    mean, error = sampled_multilinear_extension(F, x, samples=4000, rng=0)
    assert 0 < error < 0.05
    assert abs(mean - exact) < 4 * error


def test_both_extensions_of_a_modular_function_are_linear():
    F, x = random_modular(8, rng=0), np.random.default_rng(0).random(8)
    assert lovasz_extension(F, x) == pytest.approx(F.weights @ x)
    assert multilinear_extension(F, x) == pytest.approx(F.weights @ x)


def test_a_point_outside_the_cube_is_refused_by_element():
    F = random_coverage(3, rng=0)
    with pytest.raises(ModelError, match=r"x of element 1 is 1\.5; it must be in \[0, 1\]"):
        lovasz_extension(F, [0.5, 1.5, 0.0])
    with pytest.raises(ModelError, match=r"x has shape \(2,\); with 3 elements it must be \(3,\)"):
        multilinear_extension(F, [0.5, 0.5])
    with pytest.raises(ModelError, match="samples is 1; the standard error needs at least 2"):
        sampled_multilinear_extension(F, [0.5, 0.5, 0.0], samples=1)

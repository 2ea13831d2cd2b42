"""Nearly orthogonal features: that there are as many as promised, and how far they mislead."""

import math

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.hardness import (
    bounds,
    nearly_orthogonal,
    needle_error,
)


def test_there_are_as_many_nearly_orthogonal_vectors_as_promised():
    d, overlap = 300, 0.33
    count = int(bounds.nearly_orthogonal_vectors(d, overlap))
    rows = nearly_orthogonal(d, count, overlap, rng=0)
    products = rows @ rows.T
    assert count > 10 * d
    assert np.diag(products) == pytest.approx(np.ones(count))
    assert np.abs(products - np.diag(np.diag(products))).max() <= overlap + 1e-12


def test_too_many_vectors_are_refused():
    with pytest.raises(ModelError, match="3 draws of 100 vectors in 2 dimensions"):
        nearly_orthogonal(2, 100, 0.5, rng=0, tries=3)


def test_a_needle_that_is_no_row_is_refused():
    with pytest.raises(ModelError, match=r"features has shape \(3, 3\), needle is 3"):
        needle_error(np.eye(3), needle=3)


def test_the_error_of_a_needle_in_a_simplex():
    triangle = [[math.cos(x), math.sin(x)] for x in (0, 2 * math.pi / 3, 4 * math.pi / 3)]
    # The rows add up to 0 and the targets to 1, so that three errors share it.
    assert needle_error(triangle, needle=1, loss=3.0) == pytest.approx(1)
    assert needle_error(np.eye(3), needle=2) == pytest.approx(0, abs=1e-9)

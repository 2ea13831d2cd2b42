"""Compiled loops against a few lines of NumPy."""

import numpy as np

from rltheory.exploration import _tabular_kernels as kernels


def test_a_draw_inverts_the_distribution_function():
    cumulative = np.cumsum([0.25, 0.0, 0.5, 0.25])
    assert [kernels.draw(cumulative, u) for u in (0.0, 0.249, 0.25, 0.74, 0.75, 1.0 - 2**-53)] == [0, 0, 2, 2, 3, 3]

import numpy as np
import pytest

import mdps
from rltheory import ModelError


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_the_unsound_chain_solves_its_own_equation(n):
    chain, k = mdps.unsound_chain(n), np.arange(-n, n + 1.0)
    v = 0.5 + np.sign(k) * 2 ** (np.abs(k) - n - 1)
    np.testing.assert_array_equal(chain.P @ v, v)
    assert (v[0], v[n], v[-1]) == (0, 0.5, 1)
    np.testing.assert_array_equal(np.flatnonzero(chain.r), [2 * n - 1])


def test_value_iteration_changes_the_middle_for_the_first_time_by_very_little():
    n = 10
    chain, v = mdps.unsound_chain(n), np.zeros(21)
    v[-1] = 1
    for _ in range(n):
        before, v = v, chain.P @ v
    assert np.abs(v - before).max() == v[n] == 2.0**-n


def test_a_length_out_of_range_is_named():
    with pytest.raises(ModelError, match="n is 0"):
        mdps.unsound_chain(0)

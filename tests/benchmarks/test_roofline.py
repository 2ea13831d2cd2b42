"""The roofline, on a model that takes no time."""

import numpy as np
import pytest

from benchmarks import problems, roofline
from benchmarks.roofline import Sweep


def test_the_share_is_that_of_the_larger_bound():
    assert Sweep("p", 1, seconds=4.0, read=1.0, gather=3.0).share == 0.75


def test_the_kernels_do_what_they_are_timed_for():
    rng = np.random.default_rng(0)
    v, columns = rng.random(1000), rng.integers(0, 1000, size=200_000, dtype=np.uint32)
    for read, gather in zip(roofline._READ, roofline._GATHER, strict=True):
        assert read(v) == pytest.approx(v.sum())
        assert gather(columns, v) == pytest.approx(v[columns].sum())


def test_a_sweep_is_timed_through_the_library_s_own_entry():
    mdp = problems.garnet(50, 2, 3, gamma=0.9)
    sweep = roofline._sweep(mdp, np.zeros(50))
    assert roofline.fastest(sweep) > 0

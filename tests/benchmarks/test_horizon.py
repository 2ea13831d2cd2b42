"""The plain sweep that the analysis of lookahead is timed against gives the same answers."""

import numpy as np
import pytest

from benchmarks.horizon import plain_sweep, random_game
from rltheory.horizon import analyse


@pytest.mark.parametrize("seed", range(3))
def test_the_plain_sweep_agrees(seed):
    game = random_game(60, 3, reach=10, seed=seed)
    report = analyse(game, 8, max_k=8, window=False)
    solvable, worst = plain_sweep(game, 8, 8)
    np.testing.assert_array_equal(solvable, report.solvable)
    np.testing.assert_allclose(worst, report.worst_greedy_return, rtol=1e-12)

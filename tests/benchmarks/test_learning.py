import numpy as np

from benchmarks.learning import plain_optimistic_hedge
from rltheory.games import NormalFormGame
from rltheory.games.learning import optimistic_hedge, self_play


def test_the_plain_loop_plays_what_is_measured():
    A = np.random.default_rng(0).uniform(size=(5, 7))
    A /= np.ptp(A)
    run = self_play(NormalFormGame.zero_sum(A), optimistic_hedge(0.5), rounds=200)
    for ours, plain in zip(run.average.profile, plain_optimistic_hedge(A, 200, 0.5), strict=True):
        np.testing.assert_allclose(ours, plain, atol=1e-12)

"""The oracles of laws on cases that can be done by hand."""

import numpy as np
import pytest

from mdps.half_coin import half_coin
from proofs_check.distributional import law_oracles as oracles
from rltheory import OutcomeModel

COIN, POINT = oracles.make_law([1.0, 0.0], [0.5, 0.5]), oracles.make_law([0.5], [1.0])


def test_distances_of_a_coin_and_a_point():
    assert oracles.w1(COIN, POINT) == 0.5
    assert oracles.cramer(COIN, POINT) == 0.5
    assert oracles.kolmogorov(COIN, POINT) == 0.5
    assert [oracles.wasserstein(COIN, POINT, p) for p in (1.0, 2.0, np.inf)] == [0.5, 0.5, 0.5]
    far = oracles.make_law([0.0, 9.0], [0.9, 0.1])
    assert oracles.wasserstein(far, oracles.make_law([0.0], [1.0]), 2.0) == pytest.approx(8.1**0.5)


def test_projections_of_a_point():
    assert oracles.hat_projection(POINT, np.array([0.0, 2.0]))[1].tolist() == [0.75, 0.25]
    assert oracles.quantile_projection(COIN, 3)[0].tolist() == [0.0, 1.0]
    assert oracles.quantile_projection(COIN, 3)[1].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_cvar_is_the_mean_of_the_worst():
    assert oracles.cvar(COIN, 0.75) == pytest.approx(0.25 / 0.75)
    assert oracles.cvar(COIN, 0.5) == 0.0
    assert oracles.cvar(COIN, 1.0) == 0.5


def test_laws_of_walks_that_end_are_exact_and_others_within_their_error():
    ends = OutcomeModel.from_lists([[[(0.5, 1, 0.0), (0.5, 1, 1.0)]], [[(1.0, 1, 0.0)]]], gamma=0.99)
    laws, error = oracles.true_laws(ends, np.zeros(2, dtype=int), None)
    assert error == 0
    assert laws[0][0].tolist() == [0.0, 1.0]
    laws, error = oracles.true_laws(half_coin(), np.zeros(1, dtype=int), None)
    uniform = oracles.make_law((np.arange(4096) + 0.5) / 2048, np.full(4096, 1 / 4096))
    assert 0 < oracles.wasserstein(laws[0], uniform, np.inf) <= error + 1 / 4096
    assert error < 0.02

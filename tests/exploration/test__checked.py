"""The most that a path pays, against all paths, and draws that never end in a state of probability 0."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.mixtures import mixture_of_kernels
from rltheory import FiniteHorizonMDP, LinearMDP
from rltheory.exploration import Scaled
from rltheory.exploration._checked import most_that_paths_pay
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.lsvi_ucb import lsvi_ucb
from rltheory.exploration.mex.finite import mex


@given(st.integers(0, 10**6), st.booleans())
def test_the_most_that_a_path_pays_is_that_of_the_best_of_all_paths(seed, changes):
    rng = np.random.default_rng(seed)
    H, S, A = 3, 3, 2
    possible = rng.random((H if changes else 1, S, A, S)) < 0.5
    possible[..., 0] |= ~possible.any(axis=-1)
    r = rng.random((H, S, A, 2)) - 0.2
    best = np.full((S, 2), -np.inf)
    for states in itertools.product(range(S), repeat=H):
        for actions in itertools.product(range(A), repeat=H):
            moves = zip(range(H - 1), states, actions, states[1:], strict=False)
            if all(possible[t % len(possible), s, a, after] for t, s, a, after in moves):
                best[states[0]] = np.maximum(best[states[0]], r[np.arange(H), states, actions].sum(axis=0))
    found = most_that_paths_pay(possible, r)
    np.testing.assert_allclose(found[0], best)
    np.testing.assert_allclose(most_that_paths_pay(possible, r[..., 1]), found[..., 1])


@pytest.mark.parametrize("short", [0.0, 1e-10])
def test_a_state_that_cannot_be_reached_is_never_drawn(short):
    P = np.zeros((1, 3, 1, 3))
    P[0, :, 0, :2] = [0.3, 0.7 - short]  # within the tolerance of a row
    world = MixtureWorld.of(mixture_of_kernels(P, [1.0], np.zeros((3, 1)), H=2, mu=0))
    assert draw(world.cumulative[0, 0, 0], 1 - 1e-12) == 1
    assert draw(world.cumulative_mu, 1 - 1e-12) == 0


class Late(np.random.Generator):
    """Draws the largest numbers below 1 only."""

    def random(self, size):
        return np.full(size, 1 - 2**-53)


SHORT = np.array([0.3, 0.7 - 1e-10, 0.0])


def test_lsvi_ucb_never_starts_in_a_state_that_is_no_start():
    model = LinearMDP(np.eye(3), np.eye(3), np.zeros(3), 1, SHORT, pair_start=np.arange(4))
    promised = lsvi_ucb(model, 200, radius=Scaled(0.1), rng=Late(np.random.PCG64())).optimistic_value
    assert promised[-1] < promised[0]  # by the visits to state 1


def test_mex_never_sees_what_is_impossible():
    model = FiniteHorizonMDP(np.tile(SHORT, (3, 1, 1)).reshape(3, 1, 3), np.zeros((3, 1)), H=2, mu=0)
    run = mex(model, np.tile(SHORT, (1, 3, 1, 1)), 5, eta=1.0, rng=Late(np.random.PCG64()))
    np.testing.assert_array_equal(run.fit, 0)

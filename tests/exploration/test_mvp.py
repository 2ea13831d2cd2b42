"""The two forms of MVP: where they agree, that both are optimists, and what knowing that steps are alike is worth."""

import numpy as np
import pytest

import mdps
from rltheory import FiniteHorizonMDP, ModelError
from rltheory.exploration import Scaled
from rltheory.exploration.mvp import mvp

RIVER = mdps.river_swim(3, gamma=1.0).finite_horizon(6)


def layered(rng, H=3, width=2):
    """States of step t lead to those of step t + 1, each for sure, so that a pair belongs to one step."""
    n = H * width
    P = np.zeros((n, 2, n))
    for s in range(n):
        following = (s // width + 1) % H * width + rng.integers(width, size=2)
        P[s, [0, 1], following] = 1.0
    return FiniteHorizonMDP(P, rng.random((n, 2)), H=H, mu=np.repeat([1 / width, 0.0], [width, n - width]))


@pytest.mark.parametrize("seed", range(5))
def test_the_two_forms_are_one_where_a_pair_has_its_step_and_its_successor(seed):
    model = layered(np.random.default_rng(seed))
    ours, theirs = (mvp(model, 200, radius=Scaled(0), homogeneous=each, rng=seed) for each in (True, False))
    np.testing.assert_array_equal(ours.regret, theirs.regret)
    np.testing.assert_array_equal(ours.optimistic_value, theirs.optimistic_value)


def test_with_the_published_constants_both_forms_are_optimistic_everywhere():
    rng = np.random.default_rng(0)
    for _ in range(20):
        P, r = rng.dirichlet(np.full(3, 0.5), (3, 2)), rng.random((3, 2)) / 3
        run = mvp(FiniteHorizonMDP(P, r, H=3), 500, vmax=1.0, homogeneous=True, rng=rng)
        assert run.covered.all()
        assert run.optimistic.all()


def test_a_covered_run_remains_optimistic_with_bonuses_that_learn():
    for seed in range(10):
        run = mvp(RIVER, 5000, radius=Scaled(0.01), homogeneous=True, rng=seed)
        assert run.optimistic[run.covered].all()
        assert run.regret[-500:].mean() < 0.05 * run.regret[:5].mean()


def test_who_knows_that_steps_are_alike_learns_sooner():
    pooled, apart = (
        np.mean([mvp(RIVER, 3000, radius=Scaled(0.01), homogeneous=each, rng=seed).regret.sum() for seed in range(5)])
        for each in (True, False)
    )
    assert pooled < 0.5 * apart


def test_the_homogeneous_form_refuses_a_kernel_that_changes():
    P = np.stack([np.full((2, 1, 2), 0.5), np.tile([1.0, 0.0], (2, 1, 1))])
    with pytest.raises(ModelError, match="the kernel of step 1 is not that of step 0; this learner pools steps"):
        mvp(FiniteHorizonMDP(P, np.zeros((2, 2, 1)), H=2), 5, homogeneous=True)

"""The printed maximisation against dynamic programming that relaxes it, and its certificate against exact losses."""

import numpy as np
import pytest

from mdps.mixtures import random_mixture
from rltheory import ModelError
from rltheory.exploration import Scaled, Theory
from rltheory.exploration.hf_ucrl_rfe_joint import _all_policies, _largest, hf_ucrl_rfe_joint
from rltheory.exploration.largest_width import vertices
from rltheory.planning import backward_induction, evaluate_policy


def problem(seed):
    """Return a tiny model, rewards, and mixtures with the true one among them."""
    rng = np.random.default_rng(seed)
    model = random_mixture(2, 2, d=2, H=3, concentration=0.3, rng=seed)
    rewards = rng.random((3, 3, 2, 2)) / 3
    mixtures = np.vstack([np.sqrt(2) * rng.dirichlet(np.ones(2), size=5), model.theta])
    return model, rewards, mixtures


@pytest.mark.parametrize("radius", [Scaled(1.5), Theory()], ids=["scaled", "theory"])
@pytest.mark.parametrize("seed", range(2))
def test_no_reward_of_the_list_costs_more_than_the_certificate(seed, radius):
    model, rewards, mixtures = problem(seed)
    run = hf_ucrl_rfe_joint(model, 40, rewards=rewards, candidates=mixtures, radius=radius, rng=seed)
    assert run.covered.all()
    for r in rewards:
        true = model.replace(r=r).to_finite_horizon()
        best, played = backward_induction(true).value[0], evaluate_policy(true, run.plan(r).policy).value[0]
        assert model.mu @ (best - played) <= run.bound + 1e-9


def test_the_relaxed_program_is_never_below_the_joint_one():
    beta, rng = 0.4, np.random.default_rng(0)
    for seed in range(5):
        model, rewards, mixtures = problem(seed)
        frozen = np.linalg.inv(np.eye(2) + (z := rng.normal(size=(4, 2))).T @ z)
        joint = _largest(model, _all_policies(model), mixtures, rewards, np.stack([frozen, frozen]), beta)
        widest, value = np.minimum(1, beta * vertices(model.phi, frozen).upper), np.zeros(2)
        for t in reversed(range(model.H)):
            x = model.value_features(value)
            widths = beta * np.sqrt(np.einsum("sad,de,sae->sa", x, frozen, x))
            mean = np.max([x @ theta for theta in mixtures], axis=0)
            value = np.clip((widest if t < model.H - 1 else 0) + mean + 2 * widths, 0, 1).max(axis=1)
        assert joint[0] <= model.mu @ value + 1e-9


def test_with_more_episodes_the_certificate_shrinks():
    model, rewards, mixtures = problem(1)
    run = hf_ucrl_rfe_joint(model, 400, rewards=rewards[:1], candidates=mixtures[3:], radius=Scaled(1.0), rng=0)
    assert run.bounds[-1] < 0.5 * run.bounds[0]


def test_what_cannot_be_is_named():
    model, rewards, mixtures = problem(0)
    with pytest.raises(ModelError, match="reward 0 is negative somewhere, or adds up to more than 1"):
        hf_ucrl_rfe_joint(model, 5, rewards=9 * rewards, candidates=mixtures)
    with pytest.raises(ModelError, match="candidate 1 makes no kernel"):
        hf_ucrl_rfe_joint(model, 5, rewards=rewards, candidates=[mixtures[0], [0.1, 0.1]])
    with pytest.raises(ModelError, match=r"there are 2\^18 policies"):
        hf_ucrl_rfe_joint(random_mixture(6, 2, d=2, H=3, rng=0), 5, rewards=rewards, candidates=mixtures)
    with pytest.raises(ModelError, match="levels is 0; it must be a whole number of at least 1"):
        hf_ucrl_rfe_joint(model, 5, rewards=rewards, candidates=mixtures, levels=0)
    with pytest.raises(ModelError, match="no candidate is in the confidence sets of"):
        hf_ucrl_rfe_joint(model, 50, rewards=rewards, candidates=mixtures[:1], radius=Scaled(0.01), rng=0)

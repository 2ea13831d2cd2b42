"""UCRL-RFE and its horizon-free kin: certificates against exact losses, and plans against what they promise."""

import numpy as np
import pytest

from mdps.mixtures import lazy_chain, random_mixture
from rltheory import ModelError
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.bounds.reward_free import rfe_radius, rfe_suboptimality
from rltheory.exploration.hf_ucrl_rfe import hf_ucrl_rfe
from rltheory.exploration.largest_width import ascent, signs, vertices
from rltheory.exploration.ucrl_rfe import ucrl_rfe
from rltheory.exploration.ucrl_rfe_plus import ucrl_rfe_plus
from rltheory.planning import backward_induction, evaluate_policy

LEARNERS = pytest.mark.parametrize("learn", [ucrl_rfe, ucrl_rfe_plus, hf_ucrl_rfe], ids=["rfe", "rfe+", "hf"])
SEARCHES = pytest.mark.parametrize("search", [vertices, signs, ascent], ids=["vertices", "signs", "ascent"])


def loss(model, run, r):
    """Return what the plan for a reward loses in the true model."""
    true = model.replace(r=r).to_finite_horizon()
    best, played = backward_induction(true).value[0], evaluate_policy(true, run.plan(r).policy).value[0]
    return float(model.mu @ (best - played))


def rewards(learn, model, rng, n):
    """Return admissible rewards: sparse and dense, for steps that pay up to 1, or for episodes that do."""
    shape = (model.H, model.n_states, model.n_actions)
    drawn = rng.random((n, *shape)) * (rng.random((n, *shape)) < rng.random((n, 1, 1, 1)))
    if learn is not hf_ucrl_rfe:
        return drawn
    return drawn / np.maximum(drawn.max(axis=(2, 3)).sum(axis=1), 1e-9)[:, None, None, None]


@LEARNERS
@SEARCHES
def test_no_reward_costs_more_than_the_certificate(learn, search):
    rng = np.random.default_rng(0)
    for seed in range(4):
        model = random_mixture(3, 2, d=2, H=4, concentration=0.2, rng=seed)
        run = learn(model, 300, radius=Data(), search=search, rng=seed)
        assert run.covered.all()
        worst = max(loss(model, run, r) for r in rewards(learn, model, rng, 15))
        assert worst <= run.bound + 1e-9


def test_an_uncertain_value_is_a_share_of_an_episode():
    for seed in range(5):
        model = random_mixture(4, 2, d=2, H=5, concentration=0.3, rng=seed)
        for radius in (Scaled(0.1), Data(), Theory()):
            bounds = hf_ucrl_rfe(model, 100, radius=radius, rng=seed).bounds / 2
            assert (bounds >= 0).all()
            assert (bounds <= 1).all()


@LEARNERS
def test_the_certificate_of_data_comes_to_say_something(learn):
    model = random_mixture(3, 2, d=2, H=4, concentration=0.3, rng=0)
    run = learn(model, 4000, rng=0)
    assert run.covered.all()
    most = 1.0 if learn is hf_ucrl_rfe else model.H
    assert run.bounds[10] >= most
    assert run.bound < 0.6 * most


@LEARNERS
def test_certificates_shrink_as_the_root_of_the_number_of_episodes(learn):
    model = random_mixture(3, 2, d=2, H=4, concentration=0.3, rng=1)
    bounds = learn(model, 4000, radius=Scaled(0.5), rng=0).bounds
    slope = np.log(bounds[4000] / bounds[500]) / np.log(8)
    assert -0.7 <= slope <= -0.3


def test_with_a_proven_radius_the_plan_for_a_reward_is_optimistic():
    model = random_mixture(3, 2, d=2, H=4, concentration=0.3, rng=0)
    run = ucrl_rfe(model, 500, rng=0)
    for r in rewards(ucrl_rfe, model, np.random.default_rng(1), 10):
        optimum = backward_induction(model.replace(r=r).to_finite_horizon()).value
        assert (run.plan(r).value >= optimum - 1e-9).all()


def test_the_radius_of_theory_covers_and_is_as_printed():
    model = random_mixture(3, 2, d=2, H=3, rng=0)
    B = float(np.linalg.norm(model.theta))
    run = ucrl_rfe(model, 200, delta=0.1, radius=Theory(), rng=0)
    assert run.covered.all()
    np.testing.assert_allclose(run.radius, 3 * np.sqrt(2 * np.log(3 * (1 + 200 * 27 * B**2) / 0.1)) + 1)
    assert rfe_radius(2, 3, 200, 0.1, norm_bound=B) == pytest.approx(run.radius[0])
    assert hf_ucrl_rfe(model, 200, radius=Theory(), rng=0).covered.all()


def test_theory_says_nothing_before_millions_of_episodes():
    assert rfe_suboptimality(2, 2, 1e5, 0.05, norm_bound=2**0.5) > 2
    assert rfe_suboptimality(2, 2, 1e6, 0.05, norm_bound=2**0.5) < 2


def test_the_plan_is_made_with_the_data_of_the_best_certificate():
    model = random_mixture(4, 2, d=3, H=6, concentration=0.2, rng=3)
    run = hf_ucrl_rfe(model, 300, radius=Scaled(1.0), rng=0)
    assert run.bound == run.bounds.min()


def test_weights_by_variance_need_fewer_episodes():
    model = lazy_chain(4, 16, rng=0)
    weighted, plain = (hf_ucrl_rfe(model, 500, radius=radius, rng=0) for radius in (Scaled(1.5), Data()))
    assert weighted.bound < plain.bound


def test_one_step_needs_no_exploration():
    model = random_mixture(3, 2, d=2, H=1, rng=0)
    for learn in (ucrl_rfe, ucrl_rfe_plus, hf_ucrl_rfe):
        run = learn(model, 3, rng=0)
        assert run.bound == 0
        assert loss(model, run, rewards(learn, model, np.random.default_rng(0), 1)[0]) == pytest.approx(0, abs=1e-12)


@LEARNERS
def test_rewards_that_the_certificate_is_not_for_are_refused(learn):
    run = learn(random_mixture(3, 2, d=2, H=4, rng=0), 5, rng=0)
    with pytest.raises(ModelError, match=r"the reward of step 0, state 1, action 0 is -1\.0"):
        run.plan([[0, 0], [-1, 0], [0, 0]])
    message = "rewards can add up to 6" if learn is hf_ucrl_rfe else "the reward of step 0, state 2, action 1 is 1.5"
    with pytest.raises(ModelError, match=message):
        run.plan([[0, 0], [0, 0], [0, 1.5]])
    with pytest.raises(ModelError, match=r"r has shape \(2, 2\); it must be \(3, 2\) or \(4, 3, 2\)"):
        run.plan(np.zeros((2, 2)))


@LEARNERS
def test_mixtures_that_change_are_refused(learn):
    with pytest.raises(ModelError, match=r"theta has shape \(4, 2\)"):
        learn(random_mixture(3, 2, d=2, H=4, per_step=True, rng=0), 5, rng=0)


@pytest.mark.parametrize("learn", [ucrl_rfe, ucrl_rfe_plus], ids=["rfe", "rfe+"])
def test_another_ridge_than_that_of_the_proof_takes_a_radius_from_data(learn):
    model = random_mixture(3, 2, d=2, H=4, rng=0)
    with pytest.raises(ModelError, match=r"ridge is 10000; Theory\(\) is for 0\.\d+, 1 / norm_bound\^2"):
        learn(model, 5, radius=Theory(), ridge=1e4, rng=0)
    assert learn(model, 5, radius=Data(), ridge=1e4, rng=0).covered.all()

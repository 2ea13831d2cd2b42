"""What tabular learners have in common: reproducible, exact about regret, and clear about what they cannot learn."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.mvp import mvp
from rltheory.exploration.posterior_sampling import posterior_sampling
from rltheory.exploration.rf_express import rf_express
from rltheory.exploration.rf_ucrl import rf_ucrl
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi, ucbvi_bernstein

OPTIMISTS = [ucbvi, ucbvi_bernstein, ucb_q, mvp]
LEARNERS = [*OPTIMISTS, posterior_sampling]
EXPLORERS = [rf_ucrl, rf_express]
STATIONARY = [ucbvi, ucbvi_bernstein, posterior_sampling]
RIVER = mdps.river_swim(3, gamma=1.0).finite_horizon(4)


def changing_model(rng, n_states=3, n_actions=2, H=3):
    P = rng.dirichlet(np.ones(n_states), (H, n_states, n_actions))
    return FiniteHorizonMDP(P, rng.random((H, n_states, n_actions)), H=H)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_seed_tells_the_whole_run(learner):
    run, again = learner(RIVER, 300, rng=5), learner(RIVER, 300, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(run.regret, again.regret)
    np.testing.assert_array_equal(run.policy, again.policy)
    assert run.n_episodes == 300


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_last_regret_is_that_of_the_last_policy(learner):
    run = learner(RIVER, 200, rng=0)
    optimum = RIVER.mu @ rl.backward_induction(RIVER).value[0]
    achieved = RIVER.mu @ rl.evaluate_policy(RIVER, run.policy).value[0]
    assert run.optimum == pytest.approx(optimum, abs=1e-12)
    assert run.regret[-1] == pytest.approx(optimum - achieved, abs=1e-12)
    assert run.regret.min() >= -1e-12


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_regret_is_that_of_the_policies_which_are_recorded(learner):
    run = learner(RIVER, 60, record=True, rng=3)
    achieved = [RIVER.mu @ rl.evaluate_policy(RIVER, policy).value[0] for policy in run.policies]
    np.testing.assert_allclose(run.optimum - run.regret, achieved, atol=1e-12)
    np.testing.assert_array_equal(run.policies[-1], run.policy)
    assert learner(RIVER, 60, rng=3).policies is None


@pytest.mark.parametrize("learner", OPTIMISTS)
def test_with_its_theorems_bonus_a_learner_is_optimistic_everywhere(learner):
    rng = np.random.default_rng(0)
    for _ in range(20):
        P, r = rng.dirichlet(np.full(3, 0.5), (3, 2)), rng.random((3, 2))
        run = learner(FiniteHorizonMDP(P, r, H=3), 500, rng=rng)
        assert run.covered.all()
        assert run.optimistic.all()


@pytest.mark.parametrize("learner", OPTIMISTS)
def test_smaller_bonuses_learn_sooner_and_no_bonus_at_all_may_never(learner):
    regrets = [learner(RIVER, 5000, radius=radius, rng=0).regret.sum() for radius in (Theory(), Scaled(0.01))]
    greedy = [learner(RIVER, 5000, radius=Scaled(0.0), rng=seed).optimistic.all() for seed in range(5)]
    assert regrets[1] < 0.7 * regrets[0]
    assert not all(greedy)


@pytest.mark.parametrize("learner", [*LEARNERS, *EXPLORERS])
def test_no_episodes_are_a_run_of_none(learner):
    assert learner(RIVER, 0, rng=0).n_episodes == 0


@pytest.mark.parametrize("learner", [ucb_q, mvp, *EXPLORERS])
def test_kernels_may_change_with_the_step(learner):
    assert learner(changing_model(np.random.default_rng(0)), 50, rng=0).n_episodes == 50


@pytest.mark.parametrize("learner", STATIONARY)
def test_learners_that_pool_steps_refuse_a_kernel_that_changes(learner):
    with pytest.raises(ModelError, match="the kernel of step 1 is not that of step 0"):
        learner(changing_model(np.random.default_rng(0)), 50)


@pytest.mark.parametrize("learner", LEARNERS)
def test_rewards_outside_their_range_are_refused(learner):
    P = np.full((2, 1, 2), 0.5)
    with pytest.raises(ModelError, match=r"the reward of step 0, state 1, action 0 is -0\.5"):
        learner(FiniteHorizonMDP(P, [[0.0], [-0.5]], H=2), 5)
    with pytest.raises(ModelError, match=r"from step 0, state 1 a trajectory can earn 3; vmax is 2"):
        learner(FiniteHorizonMDP(P, [[0.0], [1.5]], H=2), 5)


@pytest.mark.parametrize("learner", OPTIMISTS)
def test_a_smaller_vmax_is_checked_along_trajectories_and_not_step_by_step(learner):
    once = FiniteHorizonMDP([[[0.0, 1.0]], [[0.0, 1.0]]], [[1.0], [0.0]], H=4, mu=0)
    assert learner(once, 5, vmax=1.0, rng=0).optimistic_value[0] == 1.0
    with pytest.raises(ModelError, match=r"can earn 1; vmax is 0\.9: pass a larger one, or rescale"):
        learner(once, 5, vmax=0.9)
    with pytest.raises(ModelError, match="vmax is -1"):
        learner(once, 5, vmax=-1)


@pytest.mark.parametrize("learner", [*OPTIMISTS, *EXPLORERS])
@pytest.mark.parametrize("delta", [0.0, 1.0, -0.1, np.nan])
def test_delta_is_a_failure_probability(learner, delta):
    with pytest.raises(ModelError, match="a failure probability is strictly between 0 and 1"):
        learner(RIVER, 5, delta=delta)


@pytest.mark.parametrize("learner", [*LEARNERS, *EXPLORERS])
def test_what_is_no_number_of_episodes_or_no_model_is_refused(learner):
    with pytest.raises(ModelError, match="episodes is -1; it must be a whole number of at least 0"):
        learner(RIVER, -1)
    with pytest.raises(CriterionError, match="a MDP has no horizon"):
        learner(mdps.river_swim(3), 5)
    with pytest.raises(CriterionError, match=r"gamma is 0\.9"):
        learner(mdps.river_swim(3, gamma=0.9).finite_horizon(4), 5)
    with pytest.raises(ModelError, match="H is 0"):
        learner(mdps.river_swim(3, gamma=1.0).finite_horizon(0), 5)
    ragged = rl.MDP.from_pairs(np.eye(2)[[0, 1, 1]], [0.0, 0.0, 1.0], 1.0, pair_start=[0, 2, 3]).finite_horizon(2)
    with pytest.raises(ModelError, match="state 1 has 1 actions and state 0 has 2; all need as many"):
        learner(ragged, 5)


@pytest.mark.parametrize("learner", [ucbvi_bernstein, ucb_q, mvp, rf_express])
def test_a_radius_that_has_no_proof_is_refused(learner):
    with pytest.raises(ModelError, match=r"radius is Data\(\); .* knows Theory\(\) and Scaled\(c\)"):
        learner(RIVER, 5, radius=Data())


@pytest.mark.parametrize("prior", [0.0, -1.0, np.inf])
def test_a_prior_has_weight(prior):
    with pytest.raises(ModelError, match="the weight of a successor is a finite number above 0"):
        posterior_sampling(RIVER, 5, prior=prior)

"""Mirror descent: its steps are what was promised, and it comes to rest at an optimum."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import unit_reward_mdps
from proofs_check.oracles import action_values, exact_policy_value, lp_value
from rltheory import MDP, CriterionError, ModelError
from rltheory.policy_optimisation import mirror_descent


def test_the_first_step_of_a_bandit_is_worked_out_by_hand():
    bandit = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.5, n_actions=2)
    run = mirror_descent(bandit, iterations=1, c0=2.0)
    # KL from uniform to the best arm is ln 2, and gamma c0 = 1.
    assert run.steps == pytest.approx([np.log(2)])
    assert run.policies[1, 0] == pytest.approx([2 / 3, 1 / 3])


@given(unit_reward_mdps(max_states=3))
def test_a_step_loses_at_most_its_share_against_the_greedy_one(mdp):
    run = mirror_descent(mdp, iterations=4)
    for k in range(4):
        q = action_values(mdp, exact_policy_value(mdp, run.policies[k]))
        best = np.maximum.reduceat(q, mdp.pair_start[:-1])
        owned = np.arange(mdp.n_actions) < mdp.action_counts[:, None]
        table = np.zeros(owned.shape)
        table[owned] = q
        assert ((run.policies[k + 1] * table).sum(axis=1) >= best - mdp.gamma ** (2 * k + 1) - 1e-9).all()


@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_it_solves_a_river_after_as_many_steps_as_value_iteration_needs(gamma):
    river = mdps.river_swim(5, gamma=gamma)
    steps = int(np.ceil(np.log(1e-6 / 20) / np.log(gamma)))
    run = mirror_descent(river, iterations=steps)
    assert np.abs(run.values[-1] - lp_value(river)).max() <= 1e-6


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gamma", [0.1, 0.5])
def test_it_goes_on_when_the_error_of_a_step_is_less_than_a_float_can_tell_from_nothing(gamma):
    river = mdps.river_swim(5, gamma=gamma)
    run = mirror_descent(river, iterations=600)
    assert np.isfinite(run.steps).all()
    assert run.values[-1] == pytest.approx(lp_value(river), rel=1e-9)


def test_one_action_leaves_nothing_to_climb():
    run = mirror_descent(mdps.single_state(gamma=0.5), iterations=3)
    assert run.steps == pytest.approx([0, 0, 0])
    assert run.values == pytest.approx(2)


def test_without_a_future_there_is_no_sequence_of_steps():
    with pytest.raises(CriterionError, match="gamma is 0"):
        mirror_descent(mdps.single_state(gamma=0.0), iterations=1)


def test_a_bad_error_is_named():
    with pytest.raises(ModelError, match="c0 is -1; it must be a finite number above 0"):
        mirror_descent(mdps.chain(3), iterations=1, c0=-1)

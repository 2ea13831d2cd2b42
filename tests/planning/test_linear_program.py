"""The two linear programs: equal values, and an occupancy that is one."""

import numpy as np
import pytest
from hypothesis import given, settings

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.oracles import exact_policy_value
from rltheory import CriterionError, Status, linear_program, policy_iteration

few = settings(max_examples=30)


@few
@given(discounted_mdps())
def test_primal_and_dual_agree_with_policy_iteration(mdp):
    exact = policy_iteration(mdp).value
    for dual in (False, True):
        assert np.allclose(linear_program(mdp, dual=dual).value, exact, atol=1e-6)


@few
@given(discounted_mdps())
def test_the_dual_returns_an_occupancy_that_earns_the_optimal_value(mdp):
    solution = linear_program(mdp, dual=True)
    x = solution.occupancy
    inflow = mdp.mu + mdp.gamma * mdp.P.T @ x
    assert np.allclose(np.add.reduceat(x, mdp.pair_start[:-1]), inflow, atol=1e-6)
    assert x.sum() == pytest.approx(1 / (1 - mdp.gamma), rel=1e-6)
    assert mdp.r @ x == pytest.approx(solution.start_value, abs=1e-5)


def test_states_that_the_start_never_reaches_are_solved_too():
    mdp = mdps.chain(5, gamma=0.9).replace(mu=4)
    solution = linear_program(mdp, dual=True)
    assert solution.status is Status.CONVERGED
    assert np.allclose(exact_policy_value(mdp, solution.policy), policy_iteration(mdp).value)


def test_the_program_prints_nothing(capfd):
    linear_program(mdps.river_swim(6))
    assert capfd.readouterr().out == ""


def test_a_discount_of_one_is_refused():
    with pytest.raises(CriterionError, match="gamma is 1"):
        linear_program(mdps.river_swim(6, gamma=1.0))

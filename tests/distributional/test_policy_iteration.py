"""Distributional policy iteration never falls, and is optimal after as many improvements as there are steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import paired, policies
from proofs_check.distributional._functionals import MinusVariance
from proofs_check.distributional.control import OPTIMISABLE, fork, lattice_models, slow_fork
from proofs_check.distributional.history import best_over_histories
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import risk
from rltheory.distributional.policy_iteration import distributional_policy_iteration
from rltheory.distributional.value_iteration import distributional_value_iteration

DRAWN = paired(lattice_models(), policies)
STOCKS = st.sampled_from([0.0, -1.0, 0.75])


@given(DRAWN, st.sampled_from(OPTIMISABLE), st.integers(0, 3), STOCKS)
def test_it_rises_to_the_optimum_within_as_many_improvements_as_steps(drawn, functional, H, stock):
    model, first = drawn
    found = distributional_policy_iteration(model, functional, H=H, stock=stock, start=0, policy=first)
    assert len(found.history) <= H + 1
    assert (np.diff(found.history) >= -1e-12).all()
    assert found.value == found.history[-1]
    assert found.value == pytest.approx(best_over_histories(model, functional, H, 0, stock=stock), abs=1e-12)


@given(DRAWN, st.sampled_from([risk.CVaR(0.3), MinusVariance(), risk.LowerQuantile(0.5)]))
def test_it_ends_also_where_it_may_fall(drawn, functional):
    model, first = drawn
    found = distributional_policy_iteration(model, functional, H=3, start=0, policy=first, unproven=True)
    assert len(found.history) <= 4
    assert found.upper == np.inf


def test_as_many_improvements_as_steps_can_be_needed():
    found = distributional_policy_iteration(slow_fork(), risk.Mean(), H=2, policy=[1, 0, 1])
    assert found.history == (-0.5, -0.5, 0.5)


def test_the_first_policy_is_kept_where_nothing_is_better():
    same = OutcomeModel.from_tables([[0, 0, 0]], [[0.0, 1.0, 1.0]], gamma=1.0)
    found = distributional_policy_iteration(same, risk.Mean(), H=1, policy=[2])
    assert found.history == (1.0,)
    assert found.policy.weights[0].tolist() == [0, 0, 1]


def test_without_a_horizon_it_agrees_with_value_iteration():
    options = {"tol": 0.05, "stock": -1.3}
    by_policies = distributional_policy_iteration(fork(), risk.ExpectedUtility.absolute(), **options)
    by_values = distributional_value_iteration(fork(), risk.ExpectedUtility.absolute(), **options)
    assert by_policies.gap <= 0.05
    assert by_policies.value == pytest.approx(by_values.value, abs=1e-12)


def test_what_does_not_fit_is_refused():
    with pytest.raises(CriterionError, match="is not indifferent to mixtures"):
        distributional_policy_iteration(fork(), risk.CVaR(0.5), H=2)
    with pytest.raises(ModelError, match=r"policy has shape \(1,\)"):
        distributional_policy_iteration(fork(), risk.ExpectedUtility.shortfall(), H=2, policy=[0])
    with pytest.raises(ModelError, match="policy takes action 1 in state 1, which has 1 actions"):
        distributional_policy_iteration(fork(), risk.ExpectedUtility.shortfall(), H=2, policy=[0, 1, 0])

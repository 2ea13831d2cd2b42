"""Nested risk: what it is, where it agrees with the risk of the return, and where it does not."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given

from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import LEVELS, RISK_AVERSIONS, small_models, small_problems
from rltheory import CriterionError, ModelError, OutcomeModel, solve
from rltheory.distributional import Axioms, DiscreteLaw
from rltheory.distributional.entropic import maximise_entropic
from rltheory.distributional.nested import nested_risk

COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)


@dataclass(frozen=True)
class CVaR:
    tau: float
    monotone: bool = True

    def __call__(self, law: DiscreteLaw) -> float:
        return oracles.cvar(dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)), self.tau)

    @property
    def axioms(self) -> Axioms:
        return Axioms(self.monotone, True, True, True, True, False, False)


def entropic(beta):
    return lambda law: oracles.entropic(dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)), beta)


@given(small_problems(gammas=(1.0,)), RISK_AVERSIONS)
def test_without_discount_nested_entropic_risk_is_that_of_the_return(problem, beta):
    model, H = problem
    answer, static = nested_risk(model, entropic(beta), H=H), maximise_entropic(model, beta, H=H)
    assert answer.value == pytest.approx(static.values[0], abs=1e-12)


def test_with_discount_a_constant_level_is_another_objective():
    # Two coins on 0 and 1, the second discounted by one half: its level halves in the risk of the return only.
    def one(beta):
        return -math.log((1 + math.exp(-beta)) / 2) / beta

    assert maximise_entropic(COIN, 2.0, H=2).value == pytest.approx(one(2.0) + one(1.0) / 2, abs=1e-14)
    assert nested_risk(COIN, entropic(2.0), H=2).value[0] == pytest.approx(one(2.0) * 1.5, abs=1e-14)


@given(small_models(gammas=(0.5, 0.9)))
def test_the_nested_mean_is_the_discounted_value(model):
    answer = nested_risk(model, CVaR(1.0), tol=1e-9)
    assert answer.gap <= 1e-9
    assert answer.value == pytest.approx(solve(model.to_mdp()).value, abs=1e-7)


@given(small_models(gammas=(0.5,)), LEVELS)
def test_the_infinite_horizon_is_enclosed(model, tau):
    rough, fine = nested_risk(model, CVaR(tau), tol=0.1), nested_risk(model, CVaR(tau), H=45)
    assert rough.gap <= 0.1
    assert (rough.lower - 1e-11 <= fine.value).all()
    assert (fine.value <= rough.upper + 1e-11).all()
    stationary = np.array([rough.policy] * 45)
    assert stationary.shape == fine.policy.shape


def test_a_functional_without_promises_has_no_infinite_horizon():
    with pytest.raises(CriterionError, match="does not promise to be monotone"):
        nested_risk(COIN, lambda law: law.mean)
    with pytest.raises(CriterionError, match=r"CVaR\(tau=0.5, monotone=False\) does not promise"):
        nested_risk(COIN, CVaR(0.5, monotone=False))
    with pytest.raises(CriterionError, match="gamma is 1"):
        nested_risk(COIN.replace(gamma=1.0), CVaR(0.5))


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ModelError, match="H is -1"):
        nested_risk(COIN, CVaR(0.5), H=-1)
    with pytest.raises(ModelError, match="tol is 0"):
        nested_risk(COIN, CVaR(0.5), tol=0)


def test_an_accuracy_below_rounding_still_ends():
    answer = nested_risk(COIN, CVaR(0.75), tol=1e-300)
    assert answer.gap <= 1e-14
    assert repr(answer).startswith("NestedRisk(1 states, gap=")

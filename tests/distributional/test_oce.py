"""Optimised certainty equivalents: the ones with a closed form, by brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional.achievable import achievable, best, cvar
from proofs_check.distributional.stock import offer, tiny_models
from rltheory import ConvergenceWarning, CriterionError, ModelError
from rltheory.distributional import oce as module
from rltheory.distributional.oce import maximise_oce
from rltheory.distributional.two_slopes import TwoSlopes

MODELS, STEPS = tiny_models(1.0, 0.5, 0.8), st.integers(0, 3)
BET = offer([(1.0, 0.0)], [(0.5, -1.0), (0.5, 3.0)])


@pytest.mark.parametrize("beta", [0.1, 1.0, 2.0])
@given(MODELS, STEPS)
def test_of_the_exponential_utility_it_is_the_entropic_risk_measure(beta, model, H):
    found = maximise_oce(model, lambda x: (1 - np.exp(-beta * x)) / beta, H=H, start=0)
    exact = best(achievable(model, H, 0), lambda x, p: -np.log(p @ np.exp(-beta * x)) / beta)
    assert found.lower - 1e-10 <= exact <= found.upper + 1e-10
    assert found.gap <= 1e-7


@given(MODELS, st.integers(1, 2), st.sampled_from([0.1, 0.5, 1.0]))
def test_of_two_slopes_it_is_exact_and_cvar(model, H, tau):
    found = maximise_oce(model, TwoSlopes(0.0, 1 / tau), H=H, start=0)
    assert found.gap == 0
    assert found.value == pytest.approx(
        best(achievable(model, H, 0), lambda x, p: cvar(x, p, tau)), abs=1e-12, rel=1e-12
    )


@given(tiny_models(1.0), st.integers(1, 2))
def test_of_a_quadratic_utility_it_is_mean_and_variance_where_it_increases(model, H):
    """u(x) = x - x**2 / 2 gives E X - Var X / 2, whatever the law."""
    found = maximise_oce(model, lambda x: x - x**2 / 2, H=H, start=0)
    exact = best(achievable(model, H, 0), lambda x, p: x @ p - (p @ x**2 - (x @ p) ** 2) / 2)
    assert found.lower - 1e-9 <= exact <= found.upper + 1e-9


def test_a_sure_return_is_worth_itself():
    assert maximise_oce(offer([(1.0, 7.0)]), lambda x: 1 - np.exp(-x), H=1).value == pytest.approx(7.0, abs=1e-12)


def test_utilities_that_are_not_normalised_or_not_concave_are_refused():
    with pytest.raises(ModelError, match=r"needs u\(0\) = 0 and slopes on either side of 1"):
        maximise_oce(BET, lambda x: 2 * x, H=1)
    with pytest.raises(ModelError, match=r"u\(0\) = 1 and"):
        maximise_oce(BET, lambda x: x + 1, H=1)
    with pytest.raises(ModelError, match="it must be concave"):
        maximise_oce(BET, lambda x: np.minimum(x, 0) + np.maximum(x - 2, 0), H=1)
    with pytest.raises(ModelError, match="must be on either side of 1"):
        maximise_oce(BET, TwoSlopes(2.0, 3.0), H=1)
    with pytest.raises(ModelError, match="tol is 0"):
        maximise_oce(BET, lambda x: x - x**2 / 20, H=1, tol=0.0)
    with pytest.raises(CriterionError, match="without a horizon H the utility must be a TwoSlopes"):
        maximise_oce(BET.replace(gamma=0.5), np.tanh)


def test_a_limit_on_intervals_is_told(monkeypatch):
    monkeypatch.setattr(module, "_MOST_INTERVALS", 3)
    with pytest.warns(ConvergenceWarning, match="the gap .* is above tol"):
        found = maximise_oce(BET, lambda x: 1 - np.exp(-x), H=1, tol=1e-12)
    exact = max(0.0, -np.log((np.exp(1) + np.exp(-3)) / 2))
    assert found.lower <= exact <= found.upper

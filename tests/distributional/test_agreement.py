"""Algorithms that have nothing in common agree with each other, and with trying all policies that remember."""

import numpy as np
import pytest

from mdps.hau import LEVELS, hau, hau_chow, hau_cvar
from proofs_check.distributional.history import best_over_histories, history_laws
from rltheory import OutcomeModel
from rltheory.distributional import (
    chow_cvar,
    cvar_curve,
    distributional_policy_iteration,
    distributional_value_iteration,
    maximise_cvar,
    maximise_entropic,
    maximise_evar,
    maximise_mean_cvar,
    maximise_over_laws,
    maximise_spectral,
    maximise_target_probability,
    maximise_utility,
    maximise_value_at_risk,
    risk,
    value_at_risk_by_levels,
)

MODELS = 40
TAUS = (0.1, 0.3, 0.5, 0.8, 1.0)
UTILITIES = {
    "shortfall": risk.ExpectedUtility.shortfall(),
    "distance to a target": risk.ExpectedUtility.absolute(),
    "chance of a target": risk.ExpectedUtility.reached(),
    "exponential": risk.ExpectedUtility.exponential(0.3),
}


def drawn_model(number, gamma=1.0):
    """Draw three states with two actions and two outcomes each, and whole rewards: 128 policies with a memory."""
    rng = np.random.default_rng([4, number])
    shape = (6, 2)
    return OutcomeModel(
        rng.dirichlet(np.ones(2), size=6),
        rng.integers(3, size=shape),
        rng.integers(-3, 4, size=shape).astype(float),
        gamma,
        mu=0,
        pair_start=[0, 2, 4, 6],
    )


@pytest.mark.parametrize("number", range(MODELS))
def test_the_best_tails_and_quantiles_are_the_best_of_all_policies(number):
    model = drawn_model(number, gamma=(1.0, 0.5)[number % 2])
    for tau, answer in zip(TAUS, cvar_curve(model, TAUS, H=3), strict=True):
        best = best_over_histories(model, risk.CVaR(tau), 3, 0)
        assert answer.value == pytest.approx(best, abs=1e-12)
        assert risk.CVaR(tau)(answer.law) == pytest.approx(best, abs=1e-12)
        mixed = maximise_mean_cvar(model, tau, 0.3, H=3)
        both = best_over_histories(model, lambda law, t=tau: 0.7 * law.mean + 0.3 * risk.CVaR(t)(law), 3, 0)
        assert mixed.value == pytest.approx(both, abs=1e-12)
        for side, functional in (("lower", risk.LowerQuantile(tau)), ("upper", risk.ValueAtRisk(tau))):
            best = best_over_histories(model, functional, 3, 0)
            assert maximise_value_at_risk(model, tau, side=side, H=3).value == pytest.approx(best, abs=1e-12)
        assert value_at_risk_by_levels(model, tau, H=3).value == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("number", range(MODELS))
@pytest.mark.parametrize("name", UTILITIES)
def test_a_utility_has_one_optimum_however_it_is_found(number, name):
    model, utility, stock = drawn_model(number), UTILITIES[name], float(number % 5 - 2)
    best = best_over_histories(model, utility, 3, 0, stock=stock)
    found = [
        maximise_utility(model, utility, H=3, stock=stock, start=0),
        distributional_value_iteration(model, utility, H=3, stock=stock, start=0),
        distributional_policy_iteration(model, utility, H=3, stock=stock, start=0),
    ]
    assert [answer.value for answer in found] == pytest.approx([best] * 3, abs=1e-12)
    assert [utility(answer.law.shift(stock)) for answer in found] == pytest.approx([best] * 3, abs=1e-12)
    program = maximise_over_laws(model, utility.f, H=3, stock=stock, start=0)
    assert program.lower - 1e-9 <= best <= program.upper + 1e-9


@pytest.mark.parametrize("number", range(MODELS))
def test_entropic_risk_evar_and_targets_are_the_best_of_all_policies(number):
    model = drawn_model(number, gamma=(1.0, 0.5)[number % 2])
    laws = history_laws(model, 3, 0)
    for beta in (0.2, 2.0):
        best = max(map(risk.Entropic(beta), laws))
        assert maximise_entropic(model, beta, H=3).value == pytest.approx(best, abs=1e-12)
    evar = maximise_evar(model, 0.3, H=3, tol=1e-6)
    assert evar.lower - 1e-9 <= max(map(risk.EVaR(0.3), laws)) <= evar.upper + 1e-9
    assert evar.gap <= 1e-6
    for target in (0.0, 1.5):
        best = max(map(risk.TargetProbability(target), laws))
        assert maximise_target_probability(model, target, H=3).value == pytest.approx(best, abs=1e-12)


def test_on_the_model_of_hau_the_answers_are_those_of_the_table():
    """Static optimum, the value of the recursion over levels, and the tail of the policy that it recommends."""
    rows = {0.25: (0, 0), 0.3: (0, 100 / 3), 0.4: (12.5, 75), 0.5: (50, 100), 0.6: (75, 350 / 3)}
    rows |= {0.7: (100, 900 / 7), 0.75: (400 / 3, 400 / 3), 0.8: (162.5, 162.5), 1.0: (250, 250)}
    assert tuple(rows) == LEVELS
    for tau, (static, chow) in rows.items():
        estimate = chow_cvar(hau(), tau, H=2)
        assert maximise_cvar(hau(), tau, H=2).value == pytest.approx(static, abs=1e-9)
        assert hau_cvar(tau).max() == pytest.approx(static, abs=1e-9)
        assert estimate.value == pytest.approx(chow, abs=1e-9)
        assert hau_chow(tau) == pytest.approx(chow, abs=1e-9)
        assert estimate.lower <= static + 1e-9


def test_a_sum_of_one_tail_is_that_tail():
    model = drawn_model(0)
    alone = maximise_cvar(model, 0.3, H=3).value
    assert maximise_spectral(model, [1.0], [0.3], H=3).value == pytest.approx(alone, abs=1e-12)

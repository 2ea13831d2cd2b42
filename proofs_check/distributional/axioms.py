r"""What the best value of a risk measure inherits from the measure: order, translations, scale, monotonicity.

The optima of this library (entropic risk, value at risk, optimistic CVaR, spectral risk) are put beside those found by
trying all policies that remember their history (CVaR, EVaR, worst case, mean).
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import LEVELS, RISK_AVERSIONS, SPECTRA, small_problems
from proofs_check.theorem import Check, Theorem
from rltheory import OutcomeModel
from rltheory.distributional.entropic import maximise_entropic, maximise_evar
from rltheory.distributional.optimistic import maximise_optimistic_cvar
from rltheory.distributional.risk_levels import value_at_risk_by_levels
from rltheory.distributional.spectral import maximise_spectral

Problem = tuple[OutcomeModel, int]
Risk = tuple[float, float, Any]
RISKS: SearchStrategy[Risk] = st.tuples(LEVELS, RISK_AVERSIONS, SPECTRA)


def _homogeneous(problem: Problem, risk: Risk) -> list[float]:
    """Return the best VaR, optimistic CVaR, spectral risk, CVaR and EVaR."""
    model, H = problem
    tau, _, spectrum = risk
    laws = oracles.achievable_laws(model, H)
    return [
        value_at_risk_by_levels(model, tau, H=H).value,
        maximise_optimistic_cvar(model, tau, H=H).value,
        maximise_spectral(model, *spectrum, H=H).value,
        oracles.best(laws, oracles.cvar, tau),
        oracles.best(laws, oracles.evar, tau),
    ]


def _optima(problem: Problem, risk: Risk) -> list[float]:
    """Return the same, and the best entropic risk."""
    return [*_homogeneous(problem, risk), maximise_entropic(problem[0], risk[1], H=problem[1]).value]


def _order(problem: Problem, tau: float) -> Check:
    model, H = problem
    laws = oracles.achievable_laws(model, H)
    worst, cvar, mean = (
        oracles.best(laws, functional, *level)
        for functional, level in ((oracles.worst, ()), (oracles.cvar, (tau,)), (oracles.mean, ()))
    )
    evar = maximise_evar(model, tau, H=H, tol=1e-4)
    at_risk = value_at_risk_by_levels(model, tau, H=H).value
    return Check.everywhere([worst, evar.lower, cvar, cvar], [evar.upper, cvar, at_risk, mean])


def _reversed_order(problem: Problem, tau: float) -> Check:
    model, H = problem
    cvar = oracles.best(oracles.achievable_laws(model, H), oracles.cvar, tau)
    return Check(cvar, maximise_evar(model, tau, H=H, tol=1e-4).upper)


order = Theorem(
    name="risk-order",
    statement=(
        r"$\max_\pi \mathrm{ess\,inf}\,G \le \mathrm{EVaR}^*_\alpha \le \mathrm{CVaR}^*_\alpha \le "
        r"\mathrm{VaR}^*_\alpha$, and $\mathrm{CVaR}^*_\alpha \le \max_\pi E\,G$."
    ),
    source="ahmadi2012",
    assumptions=r"finite horizon, $0 < \alpha \le 1$",
    instances=st.tuples(small_problems(), LEVELS),
    check=_order,
    refutable=_reversed_order,  # false: EVaR is at least CVaR
)


def _no_chance(problem: Problem, risk: Risk) -> Check:
    best = oracles.best(oracles.achievable_laws(*problem), oracles.mean)
    evar = maximise_evar(problem[0], risk[0], H=problem[1]).value
    return Check.equal([*_optima(problem, risk), evar], best)


no_chance = Theorem(
    name="risk-without-chance",
    statement=r"If nothing is random, the best value of every risk measure is the largest return.",
    source="derived here",
    assumptions=r"each state and action has one outcome",
    instances=st.tuples(small_problems(deterministic=True), RISKS),
    check=_no_chance,
    refutable=lambda problem, risk: Check.equal(  # false: the return of the first action
        oracles.mean(oracles.policy_law(problem[0], _first_action(*problem), problem[1])),
        maximise_entropic(problem[0], risk[1], H=problem[1]).value,
    ),
)


def _first_action(model: OutcomeModel, H: int) -> np.ndarray:
    return np.eye(model.n_actions)[np.zeros((H, model.n_states), dtype=int)]


def _translated(problem: Problem, risk: Risk, by: float, discounted: bool = True) -> Check:
    model, H = problem
    moved = model.replace(reward=model.reward + by)
    shift = by * sum(model.gamma**t if discounted else 1.0 for t in range(H))
    return Check.equal(_optima((moved, H), risk), np.array(_optima(problem, risk)) + shift)


translation = Theorem(
    name="risk-translation",
    statement=r"Adding $\kappa$ to every reward adds $\kappa \sum_{t<H} \gamma^t$ to the best value.",
    source="derived here",
    assumptions=r"finite horizon; entropic risk, EVaR, CVaR, spectral risk, VaR and optimistic CVaR",
    instances=st.tuples(small_problems(), RISKS, st.sampled_from([1.0, -2.0, 0.25])),
    check=_translated,
    refutable=lambda problem, risk, by: _translated(problem, risk, by, discounted=False),  # false: kappa H
)


def _scaled(problem: Problem, risk: Risk, factor: float, same_level: bool = False) -> Check:
    model, H = problem
    larger = model.replace(reward=factor * model.reward)
    level = risk[1] if same_level else risk[1] * factor
    left = [*_homogeneous((larger, H), risk), maximise_entropic(larger, risk[1], H=H).value]
    right = [*_homogeneous(problem, risk), maximise_entropic(model, level, H=H).value]
    return Check.equal(left, factor * np.array(right))


scale = Theorem(
    name="risk-scale",
    statement=(
        r"Multiplying every reward by $\lambda > 0$ multiplies the best CVaR, VaR, EVaR, spectral risk and optimistic "
        r"CVaR, and $\mathrm{ERM}^*_\beta(\lambda G) = \lambda\, \mathrm{ERM}^*_{\lambda\beta}(G)$."
    ),
    source="derived here",
    assumptions=r"finite horizon, $\lambda > 0$",
    instances=st.tuples(small_problems(), RISKS, st.sampled_from([2.0, 0.5, 3.0])),
    check=_scaled,
    refutable=lambda problem, risk, factor: _scaled(problem, risk, factor, same_level=True),  # false: the same level
)


def _monotone(problem: Problem, risk: Risk, which: int, by: float) -> Check:
    model, H = problem
    reward = model.reward.copy()
    reward.flat[which % reward.size] += by
    return Check.everywhere(_optima(problem, risk), _optima((model.replace(reward=reward), H), risk))


monotone = Theorem(
    name="risk-monotone",
    statement=r"No best value falls if a reward rises.",
    source="derived here",
    assumptions=r"finite horizon; a reward of one outcome rises by any amount",
    instances=st.tuples(small_problems(), RISKS, st.integers(0, 11), st.sampled_from([1.0, 0.5, 4.0])),
    check=_monotone,
    refutable=lambda problem, risk, which, by: _monotone(problem, risk, which, -by),  # false: nor if it falls
)

THEOREMS = (order, no_chance, translation, scale, monotone)

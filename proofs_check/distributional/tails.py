r"""Sums of tails: spectral risk, whose thresholds must be chosen together, and optimistic CVaR, which chance improves.

Optima are over all policies that remember their history: deterministic ones are tried one by one, and randomised ones
are mixtures of their laws, over which a linear program optimises.
"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from mdps.casino import sure_or_lottery
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_oracles import Law
from proofs_check.distributional.risk_strategies import LEVELS, SPECTRA, small_problems
from proofs_check.theorem import Check, Theorem
from rltheory import OutcomeModel
from rltheory.distributional.optimistic import maximise_optimistic_cvar
from rltheory.distributional.spectral import alternate_spectral, maximise_spectral

Spectrum = tuple[tuple[float, ...], tuple[float, ...]]


def _upper_tail(law: Law, tau: float) -> float:
    return -oracles.cvar({-x: p for x, p in law.items()}, tau)


def _minimax(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    model, H = problem
    best = oracles.best_mixture_of_upper_tails(oracles.achievable_laws(model, H), tau)
    found = maximise_optimistic_cvar(model, tau, H=H)
    return Check.equal([found.lower, found.upper, _upper_tail(_as_dict(found.law), tau)], best)


def _as_dict(law) -> Law:  # type: ignore[no-untyped-def]
    return dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True))


def _deterministic(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), _upper_tail, tau)
    return Check.equal(maximise_optimistic_cvar(model, tau, H=H).value, best)


minimax = Theorem(
    name="optimistic-minimax",
    statement=(
        r"$\max_\pi \mathrm{OCVaR}_\tau[G^\pi] = \min_b \{ b + \frac1\tau \max_\pi E (G^\pi - b)_+ \}$ over all real "
        r"$b$ and randomised policies, and a mixture of two deterministic policies attains it."
    ),
    source="derived here",
    assumptions=r"finite horizon; optimistic CVaR is the mean of the best part of mass $\tau$",
    instances=st.tuples(small_problems() | st.just((sure_or_lottery(), 1)), LEVELS),
    check=_minimax,
    refutable=_deterministic,  # false: some deterministic policy attains it
)


def _excess(law: Law, b: float) -> float:
    return sum(p * max(x - b, 0.0) for x, p in law.items())


def _over_atoms(model: OutcomeModel, tau: float) -> float:
    """The least of b + max E (G - b)+ / tau over b that are returns."""
    laws = oracles.achievable_laws(model, 1)
    atoms = {x for law in laws for x in law}
    return min(b + oracles.best(laws, _excess, b) / tau for b in atoms)


def _lots(scale: float) -> Check:
    model = sure_or_lottery(scale)
    sure = oracles.best(oracles.achievable_laws(model, 1), _upper_tail, 0.5)
    drawn = maximise_optimistic_cvar(model, 0.5, H=1)
    return Check.equal([sure, drawn.value, _over_atoms(model, 0.5)], scale * np.array([2.5, 3.0, 3.5]))


lots = Theorem(
    name="optimistic-draws-lots",
    statement=(
        r"2 for sure, or 5 with probability $1/4$: at level $1/2$ the best deterministic policy has optimistic CVaR "
        r"2.5, drawing lots has 3, and thresholds that are sums of rewards give 3.5."
    ),
    source="derived here",
    assumptions=r"the model is `mdps.sure_or_lottery`; any positive multiple",
    instances=st.floats(0.1, 10.0),
    check=_lots,
    refutable=lambda scale: Check.equal(
        _over_atoms(sure_or_lottery(scale), 0.5), maximise_optimistic_cvar(sure_or_lottery(scale), 0.5, H=1).value
    ),  # false: returns are thresholds enough, as for CVaR
)


def _joint(problem: tuple[OutcomeModel, int], spectrum: Spectrum) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.spectral, *spectrum)
    found = maximise_spectral(model, *spectrum, H=H)
    return Check.equal([found.lower, found.upper, oracles.spectral(_as_dict(found.law), *spectrum)], best)


def _one_by_one(problem: tuple[OutcomeModel, int], spectrum: Spectrum) -> Check:
    laws = oracles.achievable_laws(*problem)
    apart = sum(w * oracles.best(laws, oracles.cvar, tau) for w, tau in zip(*spectrum, strict=True))
    return Check.equal(maximise_spectral(problem[0], *spectrum, H=problem[1]).value, apart)


def _nothing_or_chance() -> tuple[OutcomeModel, int]:
    """Nothing, which is best at level 1/4, or a fair lottery on -1 or 3, which is at level 3/4."""
    choice = [[(1.0, 1, 0.0)], [(0.5, 1, -1.0), (0.5, 1, 3.0)]]
    return OutcomeModel.from_lists([choice, [[(1.0, 1, 0.0)]]], gamma=1.0, mu=0), 1


joint = Theorem(
    name="spectral-joint-thresholds",
    statement=(
        r"$\max_\pi \sum_i w_i \mathrm{CVaR}_{\tau_i}[G^\pi] = \max_{b_1 \le \dots \le b_k} \max_\pi E f_b(G^\pi)$ "
        r"over vectors of returns, with $f_b(x) = \sum_i w_i (b_i + (x - b_i)_- / \tau_i)$."
    ),
    source="bauerle2021; the enumeration derived here",
    assumptions=r"finite horizon, $\tau_1 \le \dots \le \tau_k$",
    instances=st.tuples(small_problems() | st.builds(_nothing_or_chance), SPECTRA),
    check=_joint,
    refutable=_one_by_one,  # false: each threshold with a policy of its own
)


def _sure_zero(scale: float) -> OutcomeModel:
    """Nothing for sure, or a lottery on -1 or 3."""
    return OutcomeModel.from_lists(
        [[[(1.0, 1, 0.0)], [(0.125, 1, -scale), (0.875, 1, 3.0 * scale)]], [[(1.0, 1, 0.0)]]], gamma=1.0, mu=0
    )


def _stuck(scale: float) -> Check:
    spectrum = ((0.5, 0.5), (0.25, 0.5))
    climbed = alternate_spectral(_sure_zero(scale), *spectrum, H=1, thresholds=[0.0, 0.0]).value
    laws = oracles.achievable_laws(_sure_zero(scale), 1)
    return Check.equal([climbed, oracles.best(laws, oracles.spectral, *spectrum)], [0.0, 1.5 * scale])


stuck = Theorem(
    name="spectral-alternation-stuck",
    statement=(
        r"Alternating between the best policy for thresholds and the quantiles of its law stays at a sure 0, where a "
        r"lottery on $-1$ (probability $1/8$) or 3 has $\frac12\mathrm{CVaR}_{1/4} + \frac12\mathrm{CVaR}_{1/2} = 1.5$."
    ),
    source="derived here",
    assumptions=r"the climb begins at thresholds 0; any positive multiple",
    instances=st.floats(0.1, 10.0),
    check=_stuck,
    refutable=lambda scale: Check.equal(
        alternate_spectral(_sure_zero(scale), (0.5, 0.5), (0.25, 0.5), H=1, thresholds=[0.0, 0.0]).value, 1.5 * scale
    ),  # false: it ends at the optimum
)

THEOREMS = (minimax, lots, joint, stuck)

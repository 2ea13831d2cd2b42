r"""Theorems about the best CVaR, other certainty equivalents and quantiles of the return, over finitely many steps.

The oracle lists every achievable law, as in `proofs_check.distributional.stock`, and evaluates the risk measure of each
by its definition.
"""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.distributional.achievable import Law, achievable, best, cvar
from proofs_check.distributional.stock import STEPS, offer, optimum, tiny_models
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.distributional import DiscreteLaw
from rltheory.distributional.bounds import stock as bounds
from rltheory.distributional.cvar import SHORTFALL, maximise_cvar, maximise_mean_cvar
from rltheory.distributional.oce import maximise_oce
from rltheory.distributional.risk import CVaR
from rltheory.distributional.target import maximise_value_at_risk
from rltheory.models import OutcomeModel

LEVELS = st.sampled_from([0.5, 0.25, 0.1, 0.4, 0.7, 0.9, 1.0])
_MODELS = tiny_models(1.0, 0.5, 0.8)
TWO_PEAKS = offer([(1.0, -2.0)], [(0.1, -45.0), (0.9, 10.0)])
"""At tau = 1/2 a sure -2 is one peak of the outer objective, and 10 with a rare loss a higher one."""


def _outer(laws: list[Law], b: float, tau: float) -> float:
    """Return b + V_b / tau from the achievable laws."""
    return b + optimum(laws, SHORTFALL, -b) / tau


def _cvar_optimum(model: OutcomeModel, H: int, tau: float) -> Check:
    found = maximise_cvar(model, tau, H=H, start=0)
    exact = best(achievable(model, H, 0), lambda x, p: cvar(x, p, tau))
    return Check.equal([found.value, cvar(found.law.atoms, found.law.prob, tau)], exact)  # type: ignore[union-attr]


def _cvar_by_thirds(model: OutcomeModel, H: int, tau: float) -> Check:
    laws = achievable(model, H, 0)
    low, high = min(law[0][0] for law in laws), max(law[-1][0] for law in laws)
    for _ in range(100):
        left, right = (2 * low + high) / 3, (low + 2 * high) / 3
        low, high = (left, high) if _outer(laws, left, tau) < _outer(laws, right, tau) else (low, right)
    return Check.equal(_outer(laws, (low + high) / 2, tau), best(laws, lambda x, p: cvar(x, p, tau)))


cvar_optimum = Theorem(
    name="cvar-optimum",
    statement=(
        r"$\max_\pi \mathrm{CVaR}_\tau(G) = \max_b \{b + \frac{1}{\tau} \max_\pi E \min(G - b, 0)\}$, with $b$ among "
        r"the totals that can be met; a policy with stock, $c_0 = -b^*$, attains it."
    ),
    source="bauerle2011",
    assumptions=r"finitely many steps, $0 < \tau \le 1$. The outer objective has many peaks: a search by thirds fails",
    instances=st.tuples(_MODELS, STEPS, LEVELS) | st.just((TWO_PEAKS, 1, 0.5)),
    check=_cvar_optimum,
    refutable=_cvar_by_thirds,  # false: that it has one peak
)


def _slopes(model: OutcomeModel, H: int, tau: float, b: float, width: float, most: float = 1.0) -> Check:
    laws = achievable(model, H, 0)
    slope = (_outer(laws, b + width, tau) - _outer(laws, b, tau)) / width
    return Check.everywhere([slope, 1 - 1 / tau], [most, slope])


cvar_slopes = Theorem(
    name="cvar-outer-slopes",
    statement=r"The slopes of $b \mapsto b + V_b/\tau$ are in $[-(1/\tau - 1), 1]$.",
    source="derived here",
    assumptions=r"$V_b = \max_\pi E \min(G - b, 0)$: its slopes are minus probabilities",
    instances=st.tuples(_MODELS, STEPS, LEVELS, st.integers(-5, 5).map(float), st.sampled_from([1.0, 0.25])),
    check=_slopes,
    refutable=partial(_slopes, most=0.9),
)


def _grid_loss(model: OutcomeModel, H: int, tau: float, step: float) -> Check:
    laws = achievable(model, H, 0)
    low, high = min(law[0][0] for law in laws), max(law[-1][0] for law in laws)
    grid = step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    tried = max(_outer(laws, float(b), tau) for b in grid)
    return Check(best(laws, lambda x, p: cvar(x, p, tau)) - tried, bounds.cvar_grid_loss(step, tau))


_BETWEEN = (offer([(1.0, 0.5)]), 1, 0.75, 2.0)  # as far above 0 as costs no more than going on to 2

cvar_grid_loss = Theorem(
    name="cvar-outer-grid",
    statement=r"Trying only multiples of $h$ for $b$ loses at most $h (1 - \tau)$.",
    source="derived here",
    assumptions=r"$0 < \tau \le 1$",
    instances=st.tuples(_MODELS, STEPS, LEVELS, st.sampled_from([2.0, 0.7, 1.0])) | st.just(_BETWEEN),
    check=_grid_loss,
    refutable=scaled(_grid_loss),
    tight=lambda: _grid_loss(*_BETWEEN),
    tight_ratio=0.999999,
    attained_by=r"A sure return that is $h (1 - \tau)$ above a point of the grid",
)


def _level_convexity(model: OutcomeModel, H: int, tau: float, other: float, times_level: bool = True) -> Check:
    laws = achievable(model, H, 0)

    def height(level: float) -> float:
        return (level if times_level else 1.0) * best(laws, lambda x, p: cvar(x, p, level))

    return Check(height((tau + other) / 2), (height(tau) + height(other)) / 2)


level_convexity = Theorem(
    name="cvar-level-convexity",
    statement=r"$\tau \mapsto \tau \max_\pi \mathrm{CVaR}_\tau(G)$ is convex.",
    source="derived here",
    assumptions=(
        r"a maximum over policies of integrals of quantile functions, which increase. Without the factor it is not"
    ),
    instances=st.tuples(_MODELS, STEPS, LEVELS, LEVELS),
    check=_level_convexity,
    refutable=partial(_level_convexity, times_level=False),
)


def _mean_cvar(model: OutcomeModel, H: int, tau: float, lam: float, separately: bool = False) -> Check:
    laws = achievable(model, H, 0)
    if separately:
        mean = best(laws, lambda x, p: float(x @ p))
        exact = (1 - lam) * mean + lam * best(laws, lambda x, p: cvar(x, p, tau))
    else:
        exact = best(laws, lambda x, p: (1 - lam) * float(x @ p) + lam * cvar(x, p, tau))
    return Check.equal(maximise_mean_cvar(model, tau, lam, H=H, start=0).value, exact)


mean_cvar = Theorem(
    name="cvar-mean-mixture",
    statement=(
        r"$\max_\pi (1-\lambda) E G + \lambda\, \mathrm{CVaR}_\tau(G) = \max_b \{b + \max_\pi E u(G - b)\}$ with "
        r"$u(x) = (1-\lambda) x + \frac{\lambda}{\tau} \min(x, 0)$."
    ),
    source="bental2007; derived here",
    assumptions=r"$0 \le \lambda \le 1$, finitely many steps",
    instances=st.tuples(_MODELS, STEPS, LEVELS, st.sampled_from([0.5, 0.2, 1.0, 0.0]))
    | st.just((TWO_PEAKS, 1, 0.1, 0.5)),
    check=_mean_cvar,
    refutable=partial(_mean_cvar, separately=True),  # false: each part by a policy of its own
)


def _entropic(model: OutcomeModel, H: int, beta: float, among_totals: bool = False) -> Check:
    def u(x: np.ndarray) -> np.ndarray:
        return (1 - np.exp(-beta * x)) / beta

    laws = achievable(model, H, 0)
    exact = best(laws, lambda x, p: float(-np.log(p @ np.exp(-beta * x)) / beta))
    if among_totals:
        totals = {x for law in laws for x, _ in law}
        return Check.equal(max(b + optimum(laws, u, -b) for b in totals), exact)
    found = maximise_oce(model, u, H=H, start=0)
    return Check.everywhere([found.lower, exact], [exact, found.upper])


entropic = Theorem(
    name="oce-entropic",
    statement=(
        r"$\max_b \{b + \max_\pi E u(G - b)\}$ with $u(x) = (1 - e^{-\beta x})/\beta$ is the largest entropic risk "
        r"measure, $\max_\pi -\frac{1}{\beta} \ln E e^{-\beta G}$, and branch and bound by chords encloses it."
    ),
    source="bental2007; derived here",
    assumptions="finitely many steps. Here the best $b$ need not be a total that can be met",
    instances=st.tuples(_MODELS, STEPS, st.sampled_from([0.5, 1.0, 0.1])),
    check=_entropic,
    refutable=partial(_entropic, among_totals=True),
)


def _quantile(model: OutcomeModel, H: int, tau: float, side: str, other: str | None = None) -> Check:
    found = maximise_value_at_risk(model, tau, H=H, start=0, side=other or side)  # type: ignore[arg-type]
    laws = [DiscreteLaw(*np.array(law).T) for law in achievable(model, H, 0)]
    return Check.equal(found.value, max(float(law.quantile(tau, side=side)) for law in laws))  # type: ignore[arg-type]


quantile_optimum = Theorem(
    name="quantile-optimum",
    statement=(
        r"$\max_\pi q^-_\tau(G) = \max\{y : \min_\pi P(G < y) < \tau\}$ and "
        r"$\max_\pi q^+_\tau(G) = \max\{y : \min_\pi P(G < y) \le \tau\}$, over the totals $y$ that can be met."
    ),
    source="hau2023; derived here",
    assumptions=r"finitely many steps, $0 < \tau < 1$; the second also holds with $<$ for $\tau = 1$",
    instances=st.tuples(_MODELS, STEPS, LEVELS, st.sampled_from(["lower", "upper"]))
    | st.just((offer([(0.5, 0.0), (0.5, 1.0)]), 1, 0.5, "lower")),
    check=_quantile,
    refutable=partial(_quantile, other="upper"),  # false: both are the same
)

Masses = list[tuple[float, int]]
"""Atoms with whole weights."""


def _three_ways(masses: Masses, tau: float, *, largest: float = 1.0) -> Check:
    """By thresholds, and by a linear program over the densities that nature may choose."""
    from scipy.optimize import linprog

    x, weights = np.array([x for x, _ in masses]), np.array([w for _, w in masses], float)
    p = weights / weights.sum()
    thresholds = max(b - float(p @ np.maximum(b - x, 0)) / tau for b in x)
    dual = linprog(x, A_eq=np.ones((1, x.size)), b_eq=[1.0], bounds=[(0, largest * w / tau) for w in p])
    return Check.equal([thresholds, dual.fun], CVaR(tau)(DiscreteLaw(x, p)))


three_ways = Theorem(
    name="cvar-three-ways",
    statement=(
        r"The mean of the lower tail of mass $\tau$ is $\max_b \{b - \frac1\tau E (b - X)_+\}$, attained at an atom,"
        r" and $\min \{E_q X : q \le p / \tau\}$ over distributions q."
    ),
    source="rockafellar2000; artzner1999",
    assumptions=r"$0 < \tau \le 1$; finitely many atoms",
    instances=st.tuples(
        st.lists(st.tuples(st.sampled_from([0.0, 1.0, -1.0, 2.5, -8.0]), st.integers(1, 5)), min_size=1, max_size=6),
        LEVELS,
    )
    | st.just(([(0.0, 1), (1.0, 1)], 0.5)),
    check=_three_ways,
    refutable=partial(_three_ways, largest=1.1),  # false: if nature may raise densities by a tenth more
)

THEOREMS = (
    three_ways,
    cvar_optimum,
    cvar_slopes,
    cvar_grid_loss,
    level_convexity,
    mean_cvar,
    entropic,
    quantile_optimum,
)

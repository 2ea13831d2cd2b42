r"""One step of the distributional Bellman operator, and the projections that keep its laws small.

Throughout $T_\pi$ is the operator of a stationary policy on families of laws, one for each state, a bar over a metric
is its largest value over states, $\Pi_C$ shares the mass at a point between the two atoms of a support around it so
that the mean is kept, and $\Pi_Q$ puts m equal atoms at the quantiles of level $(2i-1)/(2m)$.
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import outcome_models, paired, stochastic_policies
from proofs_check.distributional import law_oracles as oracles
from proofs_check.distributional.law_oracles import Family, Law
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import OutcomeModel
from rltheory.distributional.bounds import evaluation as bounds

_END = 2.0
VALUES = st.integers(-8, 8).map(lambda k: _END * k / 8) | st.floats(-_END, _END, allow_subnormal=False)


@st.composite
def laws(draw: DrawFn, max_atoms: int = 4) -> Law:
    """Draw a law on [-2, 2].

    Parameters
    ----------
    max_atoms : int
        Largest number of atoms.

    Returns
    -------
    SearchStrategy of (ndarray, ndarray)
    """
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=1, max_size=max_atoms)), dtype=float)
    atoms = draw(st.lists(VALUES, min_size=weights.size, max_size=weights.size))
    return oracles.make_law(atoms, weights / weights.sum())


def families(model: OutcomeModel) -> SearchStrategy[Family]:
    """Draw one law for each state.

    Parameters
    ----------
    model : OutcomeModel
        Gives the states.

    Returns
    -------
    SearchStrategy of list
    """
    return st.lists(laws(), min_size=model.n_states, max_size=model.n_states)


GRIDS = st.lists(VALUES, max_size=4).map(lambda inner: np.unique(np.round([-_END, *inner, _END], 6)))
"""Supports that cover [-2, 2]."""

POINTS = VALUES.map(lambda x: oracles.make_law([x], [1.0]))


def _largest(metric: Callable[[Law, Law], float], some: Family, others: Family) -> float:
    return max(metric(one, other) for one, other in zip(some, others, strict=True))


def _sure() -> tuple[OutcomeModel, np.ndarray, Family, Family]:
    """One state with a sure reward, and two points: all distances shrink as the line does."""
    model = OutcomeModel.from_tables([[0]], [[1.0]], gamma=0.8)
    return model, np.array([0]), [oracles.make_law([0.0], [1.0])], [oracles.make_law([1.0], [1.0])]


STEPS = paired(outcome_models(max_states=3), stochastic_policies, families, families)


def _contraction(model: OutcomeModel, policy: np.ndarray, some: Family, others: Family, p: float) -> Check:
    after = [oracles.backup(model, policy, family) for family in (some, others)]
    distances = [_largest(lambda x, y: oracles.wasserstein(x, y, p), *pair) for pair in ((some, others), after)]
    return Check(distances[1], bounds.return_law_contraction(model.gamma, distances[0]))


POWERS = st.sampled_from([1.0, 2.0, np.inf])

contraction = Theorem(
    name="return-law-contraction",
    statement=r"$\bar w_p(T_\pi \eta, T_\pi \eta') \le \gamma\, \bar w_p(\eta, \eta')$ for every $p \in [1, \infty]$.",
    source="bellemare2023, chapter 4",
    assumptions=r"$\eta, \eta'$ any laws; tried are $p = 1, 2, \infty$. Couple the returns that follow one outcome",
    instances=st.tuples(STEPS, POWERS).map(lambda drawn: (*drawn[0], drawn[1])) | POWERS.map(lambda p: (*_sure(), p)),
    check=_contraction,
    refutable=scaled(_contraction),
    tight=lambda: _contraction(*_sure(), np.inf),
    tight_ratio=0.999999,
    attained_by="One state with a sure reward, and two points,",
)


def _cramer_contraction(model: OutcomeModel, policy: np.ndarray, some: Family, others: Family) -> Check:
    after = [oracles.backup(model, policy, family) for family in (some, others)]
    return Check(
        _largest(oracles.cramer, *after),
        bounds.cramer_contraction(model.gamma, _largest(oracles.cramer, some, others)),
    )


def _contraction_without_root(model: OutcomeModel, policy: np.ndarray, some: Family, others: Family) -> Check:
    true = _cramer_contraction(model, policy, some, others)
    return Check(true.lhs, model.gamma * _largest(oracles.cramer, some, others))


cramer_contraction = Theorem(
    name="return-law-contraction-cramer",
    statement=r"$\bar\ell_2(T_\pi \eta, T_\pi \eta') \le \sqrt\gamma\, \bar\ell_2(\eta, \eta')$, and not $\gamma$.",
    source="bellemare2023, chapter 4",
    assumptions=r"$\eta, \eta'$ any laws, $\ell_2^2 = \int (F - G)^2$",
    instances=STEPS,
    check=_cramer_contraction,
    refutable=_contraction_without_root,  # false: as in w_p
    tight=lambda: _cramer_contraction(*_sure()),
    tight_ratio=0.999999,
    attained_by="One state with a sure reward, and two points,",
)


def _kolmogorov(model: OutcomeModel, policy: np.ndarray, some: Family, others: Family) -> Check:
    after = [oracles.backup(model, policy, family) for family in (some, others)]
    return Check(
        _largest(oracles.kolmogorov, *after), bounds.kolmogorov_distance(_largest(oracles.kolmogorov, some, others))
    )


kolmogorov = Theorem(
    name="return-law-kolmogorov",
    statement=(
        r"$\sup_x |F - G|$, at its largest over states, does not grow under $T_\pi$. But $T_\pi$ is no contraction in "
        r"it, whatever the discount."
    ),
    source="bellemare2023, chapter 4",
    assumptions=r"$\eta, \eta'$ any laws, $\gamma > 0$",
    instances=STEPS,
    check=_kolmogorov,
    refutable=scaled(_kolmogorov, rhs=0.99),  # false: a contraction
    tight=lambda: _kolmogorov(*_sure()),
    tight_ratio=0.999999,
    attained_by="One state with a sure reward, and two points,",
)


def _hat_w1(one: Law, other: Law, grid: np.ndarray) -> Check:
    projected = [oracles.hat_projection(law, grid) for law in (one, other)]
    return Check(oracles.w1(*projected), oracles.w1(one, other))


def _hat_cramer(one: Law, other: Law, grid: np.ndarray) -> Check:
    projected = [oracles.hat_projection(law, grid) for law in (one, other)]
    return Check(oracles.cramer(*projected), oracles.cramer(one, other))


PAIRS = st.tuples(laws(), laws(), GRIDS)
TWO_POINTS = (oracles.make_law([-2.0], [1.0]), oracles.make_law([2.0], [1.0]), np.array([-2.0, 0.0, 2.0]))

hat_w1 = Theorem(
    name="categorical-projection-nonexpansion",
    statement=r"$w_1(\Pi_C \nu, \Pi_C \nu') \le w_1(\nu, \nu')$.",
    source="derived here",
    assumptions=(
        r"any support that covers both laws. Two points are projected to laws that are ordered, so that their distance "
        r"is that of the means, which are kept"
    ),
    instances=PAIRS,
    check=_hat_w1,
    refutable=scaled(_hat_w1),
    tight=lambda: _hat_w1(*TWO_POINTS),
    tight_ratio=0.999999,
    attained_by="A pair of points of the support",
)

hat_cramer = Theorem(
    name="categorical-projection-nonexpansion-cramer",
    statement=r"$\ell_2(\Pi_C \nu, \Pi_C \nu') \le \ell_2(\nu, \nu')$.",
    source="rowland2018",
    assumptions=r"any support that covers both laws. $\Pi_C$ averages $F$ over each cell: an orthogonal projection",
    instances=PAIRS,
    check=_hat_cramer,
    refutable=scaled(_hat_cramer),
    tight=lambda: _hat_cramer(*TWO_POINTS),
    tight_ratio=0.999999,
    attained_by="A pair of points of the support",
)


def _pythagoras(one: Law, other: Law, grid: np.ndarray, on_support: bool = True) -> Check:
    on_grid = oracles.hat_projection(other, grid) if on_support else other
    projected = oracles.hat_projection(one, grid)
    legs = oracles.cramer(on_grid, projected) ** 2 + oracles.cramer(projected, one) ** 2
    return Check.equal(oracles.cramer(on_grid, one) ** 2, legs)


pythagoras = Theorem(
    name="categorical-projection-pythagoras",
    statement=r"$\ell_2^2(\mu, \nu) = \ell_2^2(\mu, \Pi_C \nu) + \ell_2^2(\Pi_C \nu, \nu)$ for $\mu$ on the support.",
    source="rowland2018",
    assumptions="any support that covers both laws",
    instances=PAIRS,
    check=_pythagoras,
    refutable=lambda one, other, grid: _pythagoras(one, other, grid, on_support=False),  # false: for any law
)


def _hat_error_w1(law: Law, grid: np.ndarray) -> Check:
    bound = bounds.categorical_projection_w1(float(np.diff(grid).max()))
    return Check(oracles.w1(oracles.hat_projection(law, grid), law), bound)


def _hat_error_cramer(law: Law, grid: np.ndarray) -> Check:
    bound = bounds.categorical_projection_cramer(float(np.diff(grid).max()))
    return Check(oracles.cramer(oracles.hat_projection(law, grid), law), bound)


MIDDLE = (oracles.make_law([0.0], [1.0]), np.array([-2.0, 2.0]))

hat_error_w1 = Theorem(
    name="categorical-projection-error",
    statement=r"$w_1(\Pi_C \nu, \nu) \le \Delta / 2$.",
    source="derived here",
    assumptions=r"$\Delta$ the longest cell of a support that covers the law",
    instances=st.tuples(laws() | POINTS, GRIDS),
    check=_hat_error_w1,
    refutable=scaled(_hat_error_w1),
    tight=lambda: _hat_error_w1(*MIDDLE),
    tight_ratio=0.999999,
    attained_by="A point in the middle of a cell",
)

hat_error_cramer = Theorem(
    name="categorical-projection-error-cramer",
    statement=r"$\ell_2(\Pi_C \nu, \nu) \le \sqrt\Delta / 2$.",
    source="derived here",
    assumptions=r"$\Delta$ the longest cell of a support that covers the law",
    instances=st.tuples(laws() | POINTS, GRIDS),
    check=_hat_error_cramer,
    refutable=scaled(_hat_error_cramer),
    tight=lambda: _hat_error_cramer(*MIDDLE),
    tight_ratio=0.999999,
    attained_by="A point in the middle of a cell",
)


def _convex_order(law: Law, grid: np.ndarray, sign: float = 1.0) -> Check:
    atoms, prob = oracles.hat_projection(law, grid)
    means = abs(float(prob @ atoms) - oracles.mean(law))
    kinks = np.union1d(atoms, law[0])
    shortfalls = [[p @ np.minimum(x - b, 0.0) for b in kinks] for x, p in ((atoms, prob), law)]
    return Check.everywhere([means, *(sign * np.array(shortfalls[0]))], [0.0, *(sign * np.array(shortfalls[1]))])


convex_order = Theorem(
    name="categorical-projection-spread",
    statement=(
        r"$\Pi_C \nu$ is a mean-preserving spread of $\nu$: the mean is the same, and $E f(\Pi_C X) \le E f(X)$ for "
        r"every concave $f$. So what is certified on a support, an expected utility or a CVaR, holds of the truth."
    ),
    source="derived here",
    assumptions=r"any support that covers the law; it is enough that $f(x) = \min(x - b, 0)$ for every $b$",
    instances=st.tuples(laws(), GRIDS),
    check=_convex_order,
    refutable=lambda law, grid: _convex_order(law, grid, sign=-1.0),  # false: the other way round
)


def _quantile_winf(one: Law, other: Law, m: int) -> Check:
    projected = (oracles.quantile_projection(one, m), oracles.quantile_projection(other, m))
    return Check(oracles.wasserstein(*projected, p=np.inf), oracles.wasserstein(one, other, np.inf))


COUNTS = st.integers(1, 5)

quantile_winf = Theorem(
    name="quantile-projection-nonexpansion",
    statement=r"$w_\infty(\Pi_Q \nu, \Pi_Q \nu') \le w_\infty(\nu, \nu')$.",
    source="dabney2018",
    assumptions="any two laws: no quantile differs by more",
    instances=st.tuples(laws(), laws(), COUNTS),
    check=_quantile_winf,
    refutable=scaled(_quantile_winf),
    tight=lambda: _quantile_winf(*TWO_POINTS[:2], 3),
    tight_ratio=0.999999,
    attained_by="A pair of points",
)


def _quantile_expands(m: int, eps: float, wrong: bool = False) -> Check:
    p = np.array([0.5 + eps, 0.5 - eps])
    rare, often = (oracles.make_law([0.0, 1.0], weights) for weights in (p, p[::-1]))
    projected = [oracles.quantile_projection(law, m) for law in (rare, often)]
    before, after = oracles.w1(rare, often), oracles.w1(*projected)
    return Check(after, before) if wrong else Check.equal([before, after], [2 * eps, 1 / m])


quantile_expands = Theorem(
    name="quantile-projection-expands",
    statement=(
        r"In $w_1$ the quantile projection is no non-expansion, by any factor: coins with "
        r"$P(1) = \frac12 \mp \varepsilon$ are at $w_1 = 2\varepsilon$, and at $1/m$ once projected."
    ),
    source="derived here",
    assumptions=r"$m$ odd and $0 < \varepsilon < 1/(2m)$: the middle level is at a half",
    instances=st.tuples(st.sampled_from([1, 3, 5]), st.floats(1e-6, 0.09)),
    check=_quantile_expands,
    refutable=lambda m, eps: _quantile_expands(m, eps, wrong=True),  # false: a non-expansion
)


def _quantile_error(law: Law, m: int) -> Check:
    bound = bounds.quantile_projection_w1(float(np.ptp(law[0])), m)
    return Check(oracles.w1(oracles.quantile_projection(law, m), law), bound)


COIN = oracles.make_law([0.0, 1.0], [0.5, 0.5])

quantile_error = Theorem(
    name="quantile-projection-error",
    statement=r"$w_1(\Pi_Q \nu, \nu) \le \frac{R}{2m}$.",
    source="derived here",
    assumptions=r"the law is on an interval of length $R$. Each slice of mass $1/m$ moves to its median",
    instances=st.tuples(laws(), COUNTS),
    check=_quantile_error,
    refutable=scaled(_quantile_error),
    tight=lambda: _quantile_error(COIN, 1),
    tight_ratio=0.999999,
    attained_by="A fair coin, as one atom,",
)

THEOREMS = (
    contraction,
    cramer_contraction,
    kolmogorov,
    hat_error_w1,
    hat_error_cramer,
    hat_w1,
    hat_cramer,
    pythagoras,
    convex_order,
    quantile_error,
    quantile_winf,
    quantile_expands,
)

r"""The law of a policy's return, on a support or as equal atoms: how far what is computed is from the truth.

Throughout $\eta^\pi$ are the true laws, $\eta_C$ the fixed point of $\Pi_C T_\pi$, which projects each step to a
support, $\Delta$ its longest cell, $\eta_Q$ that of $\Pi_Q T_\pi$ with $m$ equal atoms, and a bar over a metric is its
largest value over states. The true laws are found by enumeration where every walk ends, and to a stated error
elsewhere, by which the left side is lowered.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check import oracles as planning_oracles
from proofs_check.distributional import law_oracles as oracles
from proofs_check.distributional.evaluation_instances import (
    EQUAL_ATOMS,
    FOREVER,
    INSTANCES,
    cramer_distances,
    distances,
    half_a_cell,
    half_cells,
    laws_of,
    one_flip,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import OutcomeModel
from rltheory.distributional.bounds import evaluation as bounds
from rltheory.distributional.categorical import categorical_evaluation, categorical_fixed_point
from rltheory.distributional.chain import outcome_chain, return_range
from rltheory.distributional.quantile_dp import quantile_evaluation
from rltheory.distributional.return_laws import ReturnLaws

_TOL = 1e-9


def _computed(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> ReturnLaws:
    if H is None:
        return categorical_fixed_point(model, policy, support=support)
    return categorical_evaluation(model, policy, support=support, H=H)


def _cell(found: ReturnLaws) -> float:
    return float(np.diff(found.support, axis=1).max())


def _steps(H: int | None) -> float:
    return np.inf if H is None else H


def _categorical_w1(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    found = _computed(model, policy, support, H)
    return Check(distances(found, model, policy, H).max(), bounds.categorical_w1(model.gamma, _cell(found), _steps(H)))


categorical_w1 = Theorem(
    name="categorical-evaluation",
    statement=(
        r"$\bar w_1(\eta_C, \eta^\pi) \le \frac{\Delta}{2(1-\gamma)}$, and over a horizon of $n$ steps "
        r"$\frac{\Delta}{2} \cdot \frac{1-\gamma^n}{1-\gamma}$: of order $1/m$ for $m$ atoms."
    ),
    source="derived here",
    assumptions=r"no mass leaves the support. Attained as $\gamma \to 0$, by a reward in the middle of a cell",
    instances=INSTANCES,
    check=_categorical_w1,
    refutable=scaled(_categorical_w1),
    tight=lambda: _categorical_w1(*half_a_cell(0.001)),
    tight_ratio=0.998,
    attained_by="A sure reward in the middle of a cell, and nothing after it,",
)


def _categorical_w2(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    found = _computed(model, policy, support, H)
    truth, error = oracles.true_laws(model, policy, H)
    w2 = max(oracles.wasserstein(*pair, p=2.0) for pair in zip(laws_of(found), truth, strict=True))
    return Check(max(w2 - error, 0.0) ** 2, bounds.categorical_w2(model.gamma, _cell(found), _steps(H)) ** 2)


categorical_w2 = Theorem(
    name="categorical-evaluation-w2",
    statement=(
        r"$\bar w_2(\eta_C, \eta^\pi) \le \frac{\Delta}{2\sqrt{1-\gamma^2}}$, and over a horizon of $n$ steps "
        r"$\frac{\Delta}{2} \sqrt{\frac{1-\gamma^{2n}}{1-\gamma^2}}$: errors spread like independent ones, and do not "
        r"add up."
    ),
    source="derived here",
    assumptions=(
        r"no mass leaves the support; compared are squares. By categorical-projection-spread $\eta_C$ is a "
        r"mean-preserving spread of $\eta^\pi$, so $w_2^2 \le \mathrm{Var}\, \eta_C - \mathrm{Var}\, \eta^\pi$"
    ),
    instances=INSTANCES | st.integers(1, 4).map(half_cells),
    check=_categorical_w2,
    refutable=scaled(_categorical_w2),
    tight=lambda: _categorical_w2(*half_cells(3)),
    tight_ratio=0.999999,
    attained_by="A sure reward of half a cell again and again, without a discount,",
)


def _categorical_cramer(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    found = _computed(model, policy, support, H)
    bound = bounds.categorical_cramer(model.gamma, _cell(found), _steps(H))
    return Check(max(cramer_distances(found, model, policy, H).max(), 0.0) ** 2, bound**2)


categorical_cramer = Theorem(
    name="categorical-evaluation-cramer",
    statement=(
        r"$\bar\ell_2^2(\eta_C, \eta^\pi) \le \frac{\Delta}{4(1-\gamma)}$, and over a horizon of $n$ steps "
        r"$\frac{\Delta}{4} \cdot \frac{1-\gamma^n}{1-\gamma}$."
    ),
    source="rowland2018, with four times the constant; derived here",
    assumptions=r"no mass leaves the support. By categorical-projection-pythagoras; compared are squares",
    instances=INSTANCES,
    check=_categorical_cramer,
    refutable=scaled(_categorical_cramer),
    tight=lambda: _categorical_cramer(*half_a_cell(0.001)),
    tight_ratio=0.998,
    attained_by="A sure reward in the middle of a cell, and nothing after it,",
)


def _sweeps(model: OutcomeModel, policy: np.ndarray, support: Any, H: None, sweeps: int) -> Check:
    first, last = (categorical_evaluation(model, policy, support=support, sweeps=n) for n in (0, sweeps))
    truth, error = oracles.true_laws(model, policy, None)
    initial = max(oracles.w1(*pair) for pair in zip(laws_of(first), truth, strict=True)) + error
    bound = bounds.categorical_w1(model.gamma, _cell(first), sweeps, initial)
    return Check(distances(last, model, policy, None).max(), bound)


categorical_sweeps = Theorem(
    name="categorical-evaluation-sweeps",
    statement=(
        r"$\bar w_1\big((\Pi_C T_\pi)^n \eta_0, \eta^\pi\big) \le \frac{\Delta}{2} \cdot \frac{1-\gamma^n}{1-\gamma} "
        r"+ \gamma^n\, \bar w_1(\eta_0, \eta^\pi)$."
    ),
    source="derived here",
    assumptions=r"$\eta_0$ on a support that no mass leaves; tried from the projected means",
    instances=st.tuples(FOREVER, st.integers(0, 4)).map(lambda drawn: (*drawn[0], drawn[1])),
    check=_sweeps,
    refutable=scaled(_sweeps),
    tight=lambda: _sweeps(*half_a_cell(0.5), 0),
    tight_ratio=0.999999,
    attained_by="A reward in the middle of a cell, before the first sweep,",
)


def _means(model: OutcomeModel, policy: np.ndarray, H: int | None) -> np.ndarray:
    if H is None:
        return planning_oracles.exact_policy_value(model.to_mdp(), policy)
    return np.array([oracles.mean(law) for law in oracles.true_laws(model, policy, H)[0]])


def _mean(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    return Check.equal(_computed(model, policy, support, H).mean, _means(model, policy, H))


def _mean_of_equal_atoms(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    found = quantile_evaluation(model, policy, m=int(np.size(support)), H=H, tol=_TOL)
    return Check.equal(found.mean, _means(model, policy, H))


categorical_mean = Theorem(
    name="categorical-evaluation-mean",
    statement=r"$E\, \eta_C = v^\pi$: the mean is exact, on any support.",
    source="bellemare2023, chapter 5",
    assumptions="no mass leaves the support. Equal atoms at quantiles do not keep the mean",
    instances=INSTANCES,
    check=_mean,
    refutable=_mean_of_equal_atoms,  # false: of the quantile projection
)


def _variances(model: OutcomeModel, policy: np.ndarray, H: int | None) -> np.ndarray:
    """Of the return: over a horizon by enumeration, else by the linear system of the second moment."""
    if H is not None:
        truth = oracles.true_laws(model, policy, H)[0]
        return np.array([p @ (x - p @ x) ** 2 for x, p in truth])
    v, n = _means(model, policy, None), model.n_states
    P, immediate = np.zeros((n, n)), np.zeros(n)
    for s in range(n):
        for p, after, r in oracles.choices(model, policy, s):
            P[s, after] += p
            immediate[s] += p * (r**2 + 2 * model.gamma * r * v[after])
    return np.linalg.solve(np.eye(n) - model.gamma**2 * P, immediate) - v**2


def _variance(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None) -> Check:
    found = _computed(model, policy, support, H)
    excess, scale = found.variance - _variances(model, policy, H), float((found.support**2).max())
    not_less = Check(-excess.min(), 0.0, scale)
    bound = bounds.categorical_variance(model.gamma, _cell(found), _steps(H))
    return Check(excess.max(), bound, scale) if not_less.holds else not_less


categorical_variance = Theorem(
    name="categorical-evaluation-variance",
    statement=(
        r"$0 \le \mathrm{Var}\, \eta_C - \mathrm{Var}\, \eta^\pi \le \frac{\Delta^2}{4(1-\gamma^2)}$, and over a "
        r"horizon of $n$ steps $\frac{\Delta^2}{4} \cdot \frac{1-\gamma^{2n}}{1-\gamma^2}$."
    ),
    source="derived here",
    assumptions="no mass leaves the support",
    instances=INSTANCES | st.integers(1, 4).map(half_cells),
    check=_variance,
    refutable=scaled(_variance),
    tight=lambda: _variance(*half_cells(3)),
    tight_ratio=0.999999,
    attained_by="A sure reward of half a cell again and again, without a discount,",
)


def _functional(model: OutcomeModel, policy: np.ndarray, support: Any, H: None, centre: float) -> Check:
    found = categorical_fixed_point(model, policy, support=support)
    truth, error = oracles.true_laws(model, policy, None)
    here, there = (np.array([p @ np.abs(x - centre) for x, p in laws]) for laws in (laws_of(found), truth))
    return Check(np.abs(here - there).max() - error, bounds.categorical_functional(model.gamma, _cell(found), 1.0))


categorical_functional = Theorem(
    name="categorical-evaluation-lipschitz",
    statement=r"$|K(\eta_C) - K(\eta^\pi)| \le \frac{L \Delta}{2\sqrt{1-\gamma^2}}$ in every state.",
    source="derived here",
    assumptions=r"$|K(\nu) - K(\nu')| \le L\, w_1(\nu, \nu')$; no mass leaves the support. Tried is $K = E|X - c|$",
    instances=st.tuples(FOREVER, st.sampled_from([0.5, 0.0, -1.0])).map(lambda drawn: (*drawn[0], drawn[1])),
    check=_functional,
    refutable=scaled(_functional),
    tight=lambda: _functional(*half_a_cell(0.001), 0.5),
    tight_ratio=0.998,
    attained_by="A sure reward in the middle of a cell, and nothing after it,",
)


def _cvar(model: OutcomeModel, policy: np.ndarray, support: Any, H: None, tau: float) -> Check:
    found = categorical_fixed_point(model, policy, support=support)
    truth, error = oracles.true_laws(model, policy, None)
    losses = [oracles.cvar(y, tau) - oracles.cvar(x, tau) for x, y in zip(laws_of(found), truth, strict=True)]
    return Check(max(losses) - error, bounds.categorical_cvar(model.gamma, _cell(found), tau))


def _cvar_below(model: OutcomeModel, policy: np.ndarray, support: Any, H: None, tau: float, sign: float = 1.0) -> Check:
    found = categorical_fixed_point(model, policy, support=support)
    truth, error = oracles.true_laws(model, policy, None)
    pairs = [(oracles.cvar(x, tau), oracles.cvar(y, tau)) for x, y in zip(laws_of(found), truth, strict=True)]
    below, true = (sign * np.array(side) for side in zip(*pairs, strict=True))
    return Check.everywhere(below - error, true)


LEVELS = st.tuples(FOREVER, st.sampled_from([0.5, 1.0, 0.1])).map(lambda drawn: (*drawn[0], drawn[1]))

categorical_cvar = Theorem(
    name="categorical-evaluation-cvar",
    statement=r"$\mathrm{CVaR}_\tau(\eta^\pi) - \mathrm{CVaR}_\tau(\eta_C) \le \frac{\Delta}{4\tau\sqrt{1-\gamma^2}}$.",
    source="derived here",
    assumptions=(
        r"no mass leaves the support, $0 < \tau \le 1$. Half of what the Lipschitz constant $1/\tau$ gives, since the "
        r"mean is exact"
    ),
    instances=LEVELS,
    check=_cvar,
    refutable=scaled(_cvar),
    tight=lambda: _cvar(*half_a_cell(0.001), 0.5),
    tight_ratio=0.998,
    attained_by="A sure reward in the middle of a cell, and nothing after it,",
)

categorical_cvar_below = Theorem(
    name="categorical-evaluation-certifies-cvar",
    statement=r"$\mathrm{CVaR}_\tau(\eta_C) \le \mathrm{CVaR}_\tau(\eta^\pi)$: a certified lower bound on any support.",
    source="derived here",
    assumptions="no mass leaves the support. By categorical-projection-spread",
    instances=LEVELS,
    check=_cvar_below,
    refutable=partial(_cvar_below, sign=-1.0),  # false: an upper bound
)


def _quantile(model: OutcomeModel, policy: np.ndarray, m: int, H: int | None) -> Check:
    found = quantile_evaluation(model, policy, m=m, H=H, tol=_TOL)
    lowest, highest = return_range(outcome_chain(model, policy), H)
    bound = bounds.quantile_w1(model.gamma, float((highest - lowest).max()), m, _steps(H))
    return Check(distances(found, model, policy, H).max() - _TOL, bound)


quantile = Theorem(
    name="quantile-evaluation",
    statement=(
        r"$\bar w_1(\eta_Q, \eta^\pi) \le \frac{R}{2m(1-\gamma)}$, and over a horizon of $n$ steps "
        r"$\frac{R}{2m} \cdot \frac{1-\gamma^n}{1-\gamma}$."
    ),
    source="derived here",
    assumptions=r"$R$ the largest difference of two returns from one state. Attained as $\gamma \to 0$ by the median",
    instances=EQUAL_ATOMS,
    check=_quantile,
    refutable=scaled(_quantile),
    tight=lambda: _quantile(*one_flip(0.001)),
    tight_ratio=0.998,
    attained_by="A coin that is flipped once, and told by its median,",
)

THEOREMS = (
    categorical_w1,
    categorical_w2,
    categorical_cramer,
    categorical_sweeps,
    categorical_mean,
    categorical_variance,
    categorical_functional,
    categorical_cvar,
    categorical_cvar_below,
    quantile,
)

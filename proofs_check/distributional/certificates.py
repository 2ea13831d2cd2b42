r"""Laws that certify themselves: one more step tells, state by state, how far they are from the truth.

Let $\eta$ be any laws, one for each state. If a projected step moves them by at most $d(s)$, and the projection moves
the step's laws by at most $\varepsilon(s)$, in $w_1$, then the distances $e$ to the true laws satisfy
$e \le d + \varepsilon + \gamma P_\pi e$.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check.distributional.evaluation_instances import (
    EQUAL_ATOMS,
    INSTANCES,
    cramer_distances,
    distances,
    half_a_cell,
    one_flip,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import OutcomeModel
from rltheory.distributional.categorical import categorical_evaluation
from rltheory.distributional.quantile_dp import quantile_evaluation
from rltheory.distributional.return_laws import ReturnLaws

_TOL = 1e-9


def _tightest(lhs: np.ndarray, rhs: np.ndarray) -> Check:
    """The state whose inequality is violated, or else the nearest to it in proportion."""
    checks = (Check(*sides) for sides in zip(lhs, rhs, strict=True))
    return min(checks, key=lambda check: (check.holds, -np.nan_to_num(check.tightness)))


def _certified(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None, sweeps: int) -> ReturnLaws:
    if H is None:
        return categorical_evaluation(model, policy, support=support, sweeps=sweeps)
    return categorical_evaluation(model, policy, support=support, H=H)


def _certificate(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None, sweeps: int) -> Check:
    found = _certified(model, policy, support, H, sweeps)
    return _tightest(distances(found, model, policy, H), found.w1_bound)


def _certificate_cramer(model: OutcomeModel, policy: np.ndarray, support: Any, H: int | None, sweeps: int) -> Check:
    found = _certified(model, policy, support, H, sweeps)
    return _tightest(np.maximum(cramer_distances(found, model, policy, H), 0.0) ** 2, found.cramer_bound**2)


SOME_SWEEPS = st.tuples(INSTANCES, st.sampled_from([3, 0, 100])).map(lambda drawn: (*drawn[0], drawn[1]))

certificate = Theorem(
    name="categorical-evaluation-certificate",
    statement=(
        r"If $w_1(\Pi_C T_\pi \eta, \eta) \le d$ and $w_1(\Pi_C T_\pi \eta, T_\pi \eta) \le \varepsilon$, state by "
        r"state, then $w_1(\eta, \eta^\pi) \le (I - \gamma P_\pi)^{-1}(d + \varepsilon)$: any laws certify themselves. "
        r"And if projections add a variance of at most $\sigma^2$ to steps of $\eta_C$, then $w_1(\eta, \eta^\pi) \le "
        r"\sqrt{(I - \gamma^2 P_\pi)^{-1} \sigma^2} + (I - \gamma P_\pi)^{-1} d$."
    ),
    source="derived here",
    assumptions="laws after any number of sweeps, on a support that no mass leaves",
    instances=SOME_SWEEPS,
    check=_certificate,
    refutable=scaled(_certificate),
    tight=lambda: _certificate(*half_a_cell(0.9), 100),
    tight_ratio=0.999999,
    attained_by="A reward in the middle of a cell",
)

certificate_cramer = Theorem(
    name="categorical-evaluation-certificate-cramer",
    statement=(
        r"$\ell_2(\eta, \eta^\pi) \le \sqrt{(I - \gamma P_\pi)^{-1} \Delta / 4} + \sqrt{(I - \gamma P_\pi)^{-1} d}$ "
        r"with $d$ as in categorical-evaluation-certificate, state by state."
    ),
    source="derived here",
    assumptions="laws after any number of sweeps, on a support that no mass leaves; compared are squares",
    instances=SOME_SWEEPS,
    check=_certificate_cramer,
    refutable=scaled(_certificate_cramer),
    tight=lambda: _certificate_cramer(*half_a_cell(0.001), 100),
    tight_ratio=0.998,
    attained_by="A sure reward in the middle of a cell, and nothing after it,",
)


def _quantile_certificate(model: OutcomeModel, policy: np.ndarray, m: int, H: int | None) -> Check:
    found = quantile_evaluation(model, policy, m=m, H=H, tol=_TOL)
    return _tightest(distances(found, model, policy, H), found.w1_bound)


quantile_certificate = Theorem(
    name="quantile-evaluation-certificate",
    statement=(
        r"Equal atoms certify themselves: with $d$ and $\varepsilon$ of $\Pi_Q$ in place of $\Pi_C$, "
        r"$w_1(\eta, \eta^\pi) \le (I - \gamma P_\pi)^{-1}(d + \varepsilon)$, state by state."
    ),
    source="derived here",
    assumptions="as in categorical-evaluation-certificate",
    instances=EQUAL_ATOMS,
    check=_quantile_certificate,
    refutable=scaled(_quantile_certificate),
    tight=lambda: _quantile_certificate(*one_flip(0.9)),
    tight_ratio=0.999999,
    attained_by="A coin that is flipped once, and told by its median,",
)

THEOREMS = (certificate, certificate_cramer, quantile_certificate)

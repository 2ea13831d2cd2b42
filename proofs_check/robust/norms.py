r"""Balls in a norm: the closed form that ignores signs is a lower bound, attained as long as no sign matters."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from proofs_check.robust import oracles
from proofs_check.robust.instances import COIN, PORTIONS, on_coin, problems
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.robust import bounds

NORMS = st.sampled_from([1.0, 2.0, math.inf])


def _loss(p: np.ndarray, v: np.ndarray, rho: float, norm: float) -> Check:
    worst = oracles.norm_ball(p, v, rho, norm)
    return Check(p @ v - worst, bounds.ball_loss_norm(rho, v, norm), scale=np.abs(v).max())


loss = Theorem(
    name="robust-norm-ball-loss",
    statement=(
        r"Over $\|\mu - p\|_{q'} \le \rho$, $E V - \min_\mu E_\mu V \le \rho \min_w \|V - w\|_q$ with "
        r"$1/q + 1/q' = 1$."
    ),
    source="kumar2022; derived here",
    assumptions=r"$q' \in \{1, 2, \infty\}$",
    instances=problems(PORTIONS, NORMS) | on_coin(0.25, 2.0),
    check=_loss,
    refutable=scaled(_loss),
    tight=lambda: _loss(*COIN, 0.25, 2.0),
    tight_ratio=0.999999,
    attained_by="A fair coin",
)


def _exact(p: np.ndarray, v: np.ndarray, share: float, norm: float, factor: float = 1.0) -> Check:
    rho = factor * min(share * bounds.norm_ball_threshold(p, v, norm), 1.0)
    return Check.equal(p @ v - bounds.ball_loss_norm(rho, v, norm), oracles.norm_ball(p, v, rho, norm))


exact = Theorem(
    name="robust-norm-ball-closed-form",
    statement=(
        r"$\min_\mu E_\mu V = E V - \rho \min_w \|V - w\|_q$ as long as the row that attains it without the constraint "
        r"$\mu \ge 0$ keeps it."
    ),
    source="kumar2022; derived here",
    assumptions=r"$q' \in \{1, 2, \infty\}$; radii up to `norm_ball_threshold`",
    instances=problems(st.sampled_from([0.1, 0.5, 1.0]), NORMS) | on_coin(1.0, 2.0),
    check=_exact,
    refutable=lambda p, v, share, norm: _exact(p, v, share, norm, factor=2.0),  # false: up to twice that radius
)

THEOREMS = (loss, exact)

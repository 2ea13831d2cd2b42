"""That the bonus of LSVI-UCB covers its errors, and what regret follows."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

import mdps
from proofs_check.exploration.instances import regret_of
from proofs_check.theorem import Check, Kind, Theorem
from rltheory import LinearMDP
from rltheory.exploration import Data
from rltheory.exploration.bounds import lsvi_ucb as bounds
from rltheory.exploration.bounds.concentration import largest_log_det
from rltheory.exploration.lsvi_ucb import lsvi_ucb

_DELTA = 0.1
_K = 60
_MODELS = st.builds(partial(mdps.random_linear_mdp, 3, 2, d=2, H=3), rng=st.integers(0, 10**6))


def _confidence(model: LinearMDP, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    """Compare in the episode in which an error is furthest out."""
    run = lsvi_ucb(model, _K, delta=_DELTA, radius=Data(), rng=rng)
    return Check.everywhere(run.error, fraction * np.asarray(run.radius))


def _regret(model: LinearMDP, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    d, H, log_det = model.d, model.H, largest_log_det(model.d, _K, ridge=1.0)
    beta = bounds.lsvi_ucb_finite_beta(d, model.n_states, H, _DELTA / 2, log_det=log_det, largest=H - 1.0)
    run = lsvi_ucb(model, _K, delta=_DELTA / 2, radius=Data(), record=True, rng=rng)
    return Check(regret_of(run, model), fraction * bounds.lsvi_ucb_regret(d, H, _K, _DELTA / 2, beta=beta))


CONFIDENCE = Theorem(
    name="lsvi-ucb-confidence",
    statement=(
        r"With probability $1 - \delta$, at all steps of all episodes, $\|w_t - \theta_t - \sum_{s'} \mu_t(s')"
        r" V_{t+1}(s')\|_{\Lambda_t} \le \frac B2 \sqrt{\ln\det(\Lambda_t/\lambda) + 2 (S \ln 2 + \ln(H/\delta))} +"
        r" (B + 1) \sqrt{d\lambda}$, $B = H - t - 1$."
    ),
    source="jin2020; derived here for finitely many states",
    assumptions=r"a linear MDP of S states with rewards in $[0, 1]$ and the usual norms",
    instances=_MODELS,
    check=_confidence,
    refutable=partial(_confidence, fraction=0.4),  # false: before any data the ridge takes more than that
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)
REGRET = Theorem(
    name="lsvi-ucb-regret",
    statement=(
        r"With probability $1 - 2\delta$ the regret of LSVI-UCB in K episodes is at most $2 \beta H \sqrt{2 d K \ln(1 +"
        r" K/(d\lambda))} + H \sqrt{K (H + 1) \ln(1/\delta)/2}$, $\beta$ the multiplier above with B = H - 1 and the"
        r" largest determinant."
    ),
    source="jin2020, theorem 3.1; the constants are derived here",
    assumptions=r"as above, $\lambda \ge 1$",
    instances=_MODELS,
    check=_regret,
    refutable=partial(_regret, fraction=0.005),  # false: more than that is lost while everything is new
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)

THEOREMS = (CONFIDENCE, REGRET)

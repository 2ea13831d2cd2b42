"""What several theorems of learning need: mixtures with estimates, and the regret of recorded policies."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.mixture_strategies import linear_mixtures
from rltheory import FiniteHorizonMDP, LinearMDP, LinearMixtureMDP
from rltheory.exploration import LearningRun

Estimate = tuple[LinearMixtureMDP, np.ndarray, np.ndarray]
"""A mixture, the matrix of some features that were seen, and an error of the estimate."""


@st.composite
def estimates(draw: DrawFn, *, per_step: bool | None = None) -> Estimate:
    """Draw one; ``per_step`` says whether the mixture changes with the step, as in `linear_mixtures`."""
    model = draw(linear_mixtures(per_step=per_step))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seen = rng.normal(size=(draw(st.sampled_from([0, 3, 100])), model.d)) / math.sqrt(model.d)
    off = rng.normal(size=model.d) * draw(st.sampled_from([0.01, 0.1, 1.0]))
    return model, 0.1 * np.eye(model.d) + seen.T @ seen, off


def regret_of(run: LearningRun, model: FiniteHorizonMDP | LinearMDP | LinearMixtureMDP) -> float:
    """Return the regret of the policies that a run has recorded, by backward induction in the true model.

    It is what theorems are checked with: the run's own record of its regret is not read.
    """
    if run.policies is None:
        raise ValueError("the run has no policies; ask the learner to record them")
    K, H, S = run.policies.shape
    best, played, here = np.zeros(S), np.zeros((K, S)), np.arange(S)
    for t in reversed(range(H)):
        P, r = _step(model, t)
        a = run.policies[:, t]
        played = r[here, a] + np.einsum("ksx,kx->ks", P[here, a], played)
        best = (r + P @ best).max(axis=1)
    return float((model.mu @ best - played @ model.mu).sum())


def _step(model: FiniteHorizonMDP | LinearMDP | LinearMixtureMDP, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the kernel (S, A, S) and the rewards (S, A) of a step, with as many actions in each state."""
    P = model.rows(t).toarray() if isinstance(model, FiniteHorizonMDP) else np.asarray(model.kernel(t))
    S = P.shape[-1]
    return P.reshape(S, -1, S), np.asarray(model.rewards(t)).reshape(S, -1)

"""What optimism costs in a linear mixture, once the mixture is covered, and that it is.

Plans are made anew in NumPy for any regression and any estimate, with the radius at which the truth is just covered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import hypothesis.strategies as st
import numpy as np

from mdps.mixtures import mixture_of_kernels, random_mixture
from proofs_check.exploration.instances import Estimate, estimates, regret_of
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory import LinearMixtureMDP
from rltheory.exploration import Data
from rltheory.exploration.bounds import vtr as bounds
from rltheory.exploration.ucrl_vtr import ucrl_vtr

_DELTA = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """Values in the plan and in truth, optimal and of the plan's policy, and widths times the radius."""

    believed: np.ndarray
    optimal: np.ndarray
    played: np.ndarray
    lost: np.ndarray


def _plan(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray, share: float = 1.0) -> _Planned:
    """Plan with an estimate that is off, and with a share of the radius that just covers the truth, for v = 1."""
    H, S = model.H, model.n_states
    inverse, beta = np.linalg.inv(gram), share * math.sqrt(off @ gram @ off)
    believed, optimal, played, lost = np.zeros((4, H + 1, S))
    here = np.arange(S)
    for t in reversed(range(H)):
        x, r, P = model.value_features(believed[t + 1]), model.rewards(t), model.kernel(t)
        widths = np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0))
        q = np.clip(r + x @ (model.step_theta(t) + off) + beta * widths, 0, 1)
        a = q.argmax(axis=1)
        believed[t] = q.max(axis=1)
        optimal[t] = (r + P @ optimal[t + 1]).max(axis=1)
        played[t] = r[here, a] + P[here, a] @ played[t + 1]
        losses = [bounds.vtr_step_loss(beta, width, vmax=1.0) for width in widths[here, a]]
        lost[t] = losses + P[here, a] @ lost[t + 1]
    return _Planned(believed, optimal, played, lost)


def _optimism(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray, *, share: float = 1.0) -> Check:
    planned = _plan(model, gram, off, share)
    return Check.everywhere(planned.optimal, planned.believed)


def _loss(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray) -> Check:
    planned = _plan(model, gram, off)
    return Check.everywhere((planned.believed - planned.played)[0], planned.lost[0])


def _confidence(model: LinearMixtureMDP, ridge: float, rng: np.random.Generator, *, noise: float = 1.0) -> Check:
    """Compare in the episode in which the truth is furthest out, from the run itself, with a part of the noise term."""
    run = ucrl_vtr(model, 60, vmax=1.0, delta=_DELTA, radius=Data(), ridge=ridge, rng=rng)
    bias = math.sqrt(ridge) * float(np.linalg.norm(model.theta))
    return Check.everywhere(run.error, bias + noise * (np.asarray(run.radius) - bias))


def _regret(model: LinearMixtureMDP, K: int, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    norm = float(np.linalg.norm(model.theta))
    bound = bounds.vtr_regret(model.d, model.H, K, _DELTA / 2, ridge=norm**-2, norm_bound=norm)
    run = ucrl_vtr(model, K, vmax=1.0, delta=_DELTA / 2, radius=Data(), record=True, rng=rng)
    return Check(regret_of(run, model), fraction * bound)


def _coin() -> LinearMixtureMDP:
    """A single choice between nothing and a coin for half of the reward."""
    kernels = np.zeros((2, 2, 1, 2))
    kernels[0, :, 0, 0] = kernels[1, :, 0, 1] = 1.0
    return mixture_of_kernels(kernels, [0.5, 0.5], [[0.0], [0.5]], H=2, mu=0)


def _coins(n: int = 15, b: float = 0.05) -> tuple[LinearMixtureMDP, float]:
    """Fair coins for 1, each with a feature of its own that is small, and a ridge as large as its square.

    Few tosses of many coins: noise then is as large as its radius allows, but for the logarithm of delta.
    """
    phi, rewards, i = np.zeros((n + 2, 1, n + 2, n + 1)), np.zeros((2, n + 2, 1)), np.arange(n)
    phi[i, 0, n:, 0] = 0.5
    phi[i, 0, n, i + 1], phi[i, 0, n + 1, i + 1] = b, -b
    phi[[n, n + 1], 0, [n, n + 1], 0] = 1.0
    rewards[1, n] = 1.0
    return LinearMixtureMDP(phi, np.eye(n + 1)[0], rewards, 2, np.append(np.full(n, 1 / n), [0.0, 0.0])), b * b


def _unlucky(sign: float) -> Estimate:
    """An estimate that is off in the direction in which the first plan looks."""
    return _coin(), np.eye(2), sign * np.array([0.0, 0.1])


_MODELS = st.builds(
    partial(random_mixture, 3, 2, H=4, concentration=0.3), d=st.sampled_from([2, 3]), rng=st.integers(0, 10**6)
)

OPTIMISM = Theorem(
    name="vtr-optimism",
    statement=(
        r"Where $\|\theta_k - \theta\|_{\Sigma_k} \le \beta_k$, the values of UCRL-VTR are at least the optimal ones."
    ),
    source="ayoub2020",
    assumptions=r"rewards are at least 0 and add up to v at most, where values are clipped",
    instances=st.just(_unlucky(-1.0)) | estimates(),
    check=_optimism,
    refutable=partial(_optimism, share=0.95),  # false: with a little less of the radius
    tight=lambda: _optimism(*_unlucky(-1.0)),
    tight_ratio=0.999,
    attained_by="An estimate that is off against the direction in which the plan looks",
)
LOSS = Theorem(
    name="vtr-episode-loss",
    statement=(
        r"There, $V^k_0 - V^{\pi_k}_0 \le E_{\pi_k} \sum_t \min\{v, 2 \beta_k"
        r" \|\phi_{V^k_{t+1}}(s_t, a_t)\|_{\Sigma_k^{-1}}\}$, the expectation being that of the true model."
    ),
    source="ayoub2020",
    assumptions=r"as for optimism",
    instances=st.just(_unlucky(1.0)) | estimates(),
    check=_loss,
    refutable=scaled(_loss, rhs=0.9),  # false: an estimate may be as far off as its radius, to the good side
    tight=lambda: _loss(*_unlucky(1.0)),
    tight_ratio=0.999,
    attained_by="An estimate that is off in the direction in which the plan looks",
)
CONFIDENCE = Theorem(
    name="vtr-confidence",
    statement=(
        r"With probability $1 - \delta$, in all episodes, $\|\theta_k - \theta\|_{\Sigma_k} \le \frac v2"
        r" \sqrt{\ln\det(\Sigma_k/\lambda) + 2 \ln(1/\delta)} + \sqrt\lambda B$."
    ),
    source="abbasi2011; ayoub2020",
    assumptions=r"$\|\theta\| \le B$, values in $[0, v]$",
    instances=st.just(_coins()) | _MODELS.map(lambda model: (model, float(np.linalg.norm(model.theta)) ** -2)),
    check=_confidence,
    refutable=partial(_confidence, noise=0.5),  # false: many coins come to more than half of the first term
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)
REGRET = Theorem(
    name="vtr-regret",
    statement=(
        r"With probability $1 - 2\delta$ the regret of UCRL-VTR in K episodes is at most $\frac{v d\iota}{\ln 2} + 4"
        r" \max\{\beta, \frac v2\} \sqrt{d K H \iota} + v \sqrt{K(H+1) \ln(1/\delta)/2}$, $\iota = \ln(1 + K H v^2 /"
        r" (d\lambda))$."
    ),
    source="ayoub2020; the constants are derived here",
    assumptions=r"one mixture for all steps, $\|\theta\| \le B$, rewards at least 0 that add up to v at most",
    instances=st.tuples(_MODELS, st.sampled_from([1, 20, 100])),
    check=_regret,
    refutable=partial(_regret, fraction=0.003),  # false: regret may be a hundredth of it while everything is new
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)

THEOREMS = (OPTIMISM, LOSS, CONFIDENCE, REGRET)

r"""How large penalties must be for data that are drawn: multipliers that cover the errors with probability 1 - delta.

The errors of a learner written anew are computed exactly, run by run, with the multipliers that the library derives. No
more than a tenth of a penalty is used as a rule, and a third to a half where many pairs each toss a fair coin for all
that is left: there false variants, which keep a fraction of the penalty, are refuted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

from proofs_check.offline import oracles
from proofs_check.offline.instances import RIDGES, random_models, simulate, simulate_folds
from proofs_check.offline.lemma import allowed_loss
from proofs_check.offline.oracles import Learned, Nature, Penalise
from proofs_check.theorem import Check, Kind, Theorem
from rltheory import LinearMDP
from rltheory.offline import bounds
from rltheory.robust import KL, TV, ChiSquare

_DELTA = 0.05
_K = 200
_MODELS = random_models(4, 2, d=3, H=3)
_TINY = 1e-4
"""A ridge that takes next to nothing off, and leaves the penalty to the noise."""


def _coins(d: int) -> LinearMDP:
    """Choose one of d fair coins, each with a feature of its own; heads are worth 1."""
    factors, theta = np.tile([0.0, 0.5, 0.5], (d, 1)), np.outer([0.0, 1.0], np.eye(d)[0])
    return LinearMDP(
        np.eye(d)[[*range(d), 0, 1]], factors, theta, H=2, mu=np.eye(3)[0], pair_start=np.array([0, d, d + 1, d + 2])
    )


def _multiplied(model: LinearMDP, betas: list[float]) -> Penalise:
    return lambda t, off, inverse: betas[t] * bounds.factorwise_norm(model.phi, np.diag(inverse))


def _robust_betas(model: LinearMDP, nature: Nature, ridge: float, folds: bool) -> list[float]:
    searched = isinstance(nature, ChiSquare) or not (nature is None or nature.is_penalty)
    functions = (math.log(model.n_states) if searched else 0.0) if folds else None

    def one(largest: float) -> float:
        sizes = (model.d, model.n_states, model.H, _DELTA)
        if isinstance(nature, KL):
            lam = float(nature.lam)
            return bounds.kl_beta(*sizes, largest=largest, ridge=ridge, lam=lam, log_functions=functions)
        if isinstance(nature, ChiSquare):
            lam = float(nature.lam)
            return bounds.chi_square_beta(*sizes, largest=largest, ridge=ridge, lam=lam, log_functions=functions)
        return bounds.tv_beta(*sizes, largest=largest, ridge=ridge, log_functions=functions)

    return [one(model.H - 1.0 - t) for t in range(model.H)]


def _covered(model: LinearMDP, learned: Learned, fraction: float) -> Check:
    """Compare before the last step, after which nothing is left to estimate."""
    return Check.everywhere(np.abs(learned.error[:-1]), fraction * learned.penalty[:-1])


def _robust(
    model: LinearMDP, nature: Nature, ridge: float, folds: bool, rng: np.random.Generator, *, fraction: float = 1.0
) -> Check:
    counts = (simulate_folds if folds else simulate)(model, _K, rng)
    penalise = _multiplied(model, _robust_betas(model, nature, ridge, folds))
    return _covered(model, oracles.learn(model, counts, nature, ridge=ridge, penalise=penalise), fraction)


def _pevi(model: LinearMDP, ridge: float, folds: bool, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    counts = (simulate_folds if folds else simulate)(model, _K, rng)
    functions, rewards = 0.0 if folds else None, bounds.ridge_bias(model.d, ridge, 1.0)
    sizes = (model.d, model.n_states, model.H, _DELTA)
    betas = [
        rewards + bounds.pevi_beta(*sizes, largest=model.H - 1.0 - t, ridge=ridge, K=_K, log_functions=functions)
        for t in range(model.H)
    ]

    def penalise(t: int, off: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        return betas[t] * oracles.elliptical_norms(model.phi, inverse)

    learned = oracles.learn(model, counts, None, ridge=ridge, penalise=penalise, learn_rewards=True)
    return _covered(model, learned, fraction)


def _theorem(
    name: str,
    statement: str,
    check: Callable[..., Check],
    instances: SearchStrategy[tuple[object, ...]],
    fraction: float,
    source: str = "derived here",
) -> Theorem:
    return Theorem(
        name=name,
        statement=statement,
        source=source,
        assumptions=(
            r"finitely many states, rewards in $[0, 1]$; trajectories of one policy, the same or others for every step"
        ),
        instances=instances,
        check=check,
        refutable=partial(check, fraction=fraction),  # false: with a fraction of the penalty
        kind=Kind.HIGH_PROBABILITY,
        delta=_DELTA,
    )


def _with(natures: SearchStrategy[Nature]) -> SearchStrategy[tuple[object, ...]]:
    coins = st.tuples(st.just(_coins(8)), natures, st.just(_TINY), st.booleans())
    return st.tuples(_MODELS, natures, RIDGES, st.booleans()) | coins


TV_CONFIDENCE = _theorem(
    "r2pvi-tv-confidence",
    r"$\Gamma_t = \beta_t \sum_i \phi_i \sqrt{(\Lambda_t^{-1})_{ii}}$ covers all errors with probability $1 - \delta$,"
    r" for TV penalties and $\beta_t = B_t (u + \sqrt{\gamma d})$, $u = \sqrt{(S \ln 2 + \ln(2 d H / \delta)) / 2}$,"
    r" $B_t = H - t - 1$; with folds $S \ln 2$ is not needed.",
    _robust,
    _with(st.sampled_from([0.3, 1.0]).map(lambda lam: TV(lam=lam))),
    0.2,
)
KL_CONFIDENCE = _theorem(
    "r2pvi-kl-confidence",
    r"The same for KL with $\beta_t = \lambda e^{B_t/\lambda} [(1 - e^{-B_t/\lambda}) u + \sqrt{\gamma d}]$.",
    _robust,
    _with(st.sampled_from([2.0, 5.0]).map(lambda lam: KL(lam=lam))),
    0.2,
)
CHI_SQUARE_CONFIDENCE = _theorem(
    "r2pvi-chi-square-confidence",
    r"The same for chi-square with $\beta_t = B_t (1 + 3 B_t / (4\lambda)) (u + \sqrt{\gamma d})$; with folds $\ln S$"
    r" is enough in place of $S \ln 2$.",
    _robust,
    _with(st.sampled_from([2.0, 5.0]).map(lambda lam: ChiSquare(lam=lam))),
    0.2,
)
BALL_CONFIDENCE = _theorem(
    "drpvi-confidence",
    r"The same for balls of TV with $\beta_t = B_t (u + \sqrt{\gamma d})$; with folds $\ln S$ is enough in place of"
    r" $S \ln 2$.",
    _robust,
    _with(st.sampled_from([0.05, 0.3]).map(lambda rho: TV(rho=rho))),
    0.2,
)
PEVI_CONFIDENCE = _theorem(
    "pevi-confidence",
    r"$\Gamma_t = \beta_t \|\phi\|_{\Lambda_t^{-1}}$ covers all errors of PEVI with probability $1 - \delta$, for"
    r" $\beta_t = \frac{B_t}{2} \sqrt{2 (S \ln 2 + \ln(H / \delta)) + d \ln(1 + K / (\gamma d))} + (B_t + 1)"
    r" \sqrt{\gamma d}$ and rewards without noise.",
    _pevi,
    st.tuples(_MODELS, RIDGES, st.booleans()) | st.tuples(st.just(_coins(3)), st.just(0.01), st.booleans()),
    0.1,
    source="abbasi2011; jin2021",
)


def _noise(model: LinearMDP, ridge: float, uniform: bool, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    """Compare the error of the indicator of state 0, or the largest of all values in [0, 1], at every step."""
    counts = simulate(model, _K, rng)
    level = bounds.noise(model.d, model.n_states, model.H, _DELTA, log_functions=None if uniform else 0.0)
    errors, allowed = [], []
    for t in range(model.H):
        inverse, factors = oracles.regression(model.phi, counts[t], ridge)
        noise = factors - inverse @ ((model.phi.T * counts[t].sum(axis=1)) @ model.kernel(t))
        errors.append([bounds.corner_noise(e, 1.0) if uniform else abs(e[0]) for e in noise])
        allowed.append(level * np.sqrt(np.diag(inverse)))
    return Check.everywhere(errors, fraction * np.array(allowed))


NOISE = Theorem(
    name="offline-noise",
    statement=(
        r"$|[\Lambda_t^{-1} \sum_\tau \phi_\tau (V(s'_\tau) - P_t V)]_i| \le \sqrt{(n + \ln(2 d H / \delta)) / 2}\,"
        r" \sqrt{(\Lambda_t^{-1})_{ii}}$ for all steps and factors with probability $1 - \delta$, where $n = 0$ for one"
        r" $V$ and $n = S \ln 2$ for all at once."
    ),
    source="hoeffding1963; derived here",
    assumptions=r"$V$ with values in $[0, 1]$; trajectories of one policy",
    instances=st.tuples(_MODELS, RIDGES, st.booleans()),
    check=_noise,
    refutable=partial(_noise, fraction=0.2),  # false: with a fifth of the deviation
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _certificate(model: LinearMDP, rng: np.random.Generator, *, K: int = 4000) -> Check:
    """Compare the loss with the certificate, and the certificate with what is true of any policy."""
    ridge, delta, counts = 0.05, 0.1, simulate_folds(model, K, rng)

    def penalise(t: int, off: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        logs = -float(np.linalg.slogdet(ridge * inverse)[1])
        sizes = {"largest": model.H - 1.0 - t, "ridge": ridge, "log_determinant": logs, "log_functions": 0.0}
        beta = bounds.pevi_beta(model.d, model.n_states, model.H, delta, **sizes)
        norms = oracles.elliptical_norms(model.phi, inverse)
        return (beta + bounds.ridge_bias(model.d, ridge, 1.0)) * norms

    learned = oracles.learn(model, counts, None, ridge=ridge, penalise=penalise, learn_rewards=True)
    best, policy = oracles.values(model, oracles.against(None))
    certificate = allowed_loss(oracles.expected_sum(model, policy, learned.penalty, oracles.nominal))
    return Check.everywhere(
        [best[0] - learned.value[0], certificate], [certificate, np.full_like(certificate, model.H)]
    )


CERTIFICATE = Theorem(
    name="pevi-fold-certificate",
    statement=(
        r"With folds, $V^*_0 - \hat V_0 \le 2 \sum_t E^{\pi^*}[\beta_t \|\phi\|_{\Lambda_t^{-1}}] < H$ with"
        r" probability $1 - \delta$, for $\beta_t = \frac{B_t}{2} \sqrt{2 \ln(H / \delta) + \ln\det(\Lambda_t /"
        r" \gamma)} + (B_t + 1) \sqrt{\gamma d}$: from 4000 transitions a step, a proof that says something."
    ),
    source="abbasi2011; jin2021; derived here",
    assumptions=(
        r"$\gamma = 0.05$, 8 states, 3 actions, $d = 3$, $H = 5$; rewards in $[0, 1]$ without noise; uniform behaviour"
    ),
    instances=random_models(8, 3, d=3, H=5),
    check=_certificate,
    refutable=partial(_certificate, K=100),  # false: as if a hundred said something
    kind=Kind.HIGH_PROBABILITY,
    delta=0.1,
)

THEOREMS = (
    NOISE,
    TV_CONFIDENCE,
    KL_CONFIDENCE,
    CHI_SQUARE_CONFIDENCE,
    BALL_CONFIDENCE,
    PEVI_CONFIDENCE,
    CERTIFICATE,
)
"""In the order in which one would teach them."""

r"""What data must cover, and what follows: uncertainty at the rate of one over the square root of K.

How well data cover the best policy, the largest c, is computed here by dynamic programmes of worst cases and dense
eigenvalues. Bounds are attained where features do not change along the way and data see every factor alone.
"""

from __future__ import annotations

import math
from functools import partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.offline import oracles
from proofs_check.offline.instances import random_models, simulate, visit_laws
from proofs_check.offline.oracles import Nature
from proofs_check.theorem import Check, Kind, Theorem
from rltheory import LinearMDP
from rltheory.offline import bounds
from rltheory.robust import KL, TV, ChiSquare

_DELTA = 0.05
_SMALL = 1e-8
"""A ridge next to none, where a bound is attained without."""


def _even_and_alone(d: int, H: int) -> LinearMDP:
    """One state whose best action mixes all features evenly; others have one feature each."""
    phi = np.vstack([np.full(d, 1 / d), np.eye(d)])
    return LinearMDP(phi, np.ones((d, 1)), np.ones(d), H=H, pair_start=np.array([0, d + 1]))


def _counts(model: LinearMDP, seed: int, K: int) -> np.ndarray:
    """Return counts in which every pair is seen once at least, so that all features are."""
    rng = np.random.default_rng(seed)
    visits = 1 + rng.multinomial(K, np.full(model.n_pairs, 1 / model.n_pairs), size=model.H)
    return np.array([rng.multinomial(visits[t], model.kernel(t)) for t in range(model.H)], dtype=float)


def _grams(model: LinearMDP, counts: np.ndarray) -> list[np.ndarray]:
    return [(model.phi.T * counts[t].sum(axis=1)) @ model.phi for t in range(model.H)]


def _covered(model: LinearMDP, counts: np.ndarray, nature: Nature) -> float:
    """Return the largest c: how well data cover each factor where the best policy may need it."""
    best, policy = oracles.values(model, oracles.against(nature))
    means, least = oracles.admissible(nature, best), np.inf
    for t, gram in enumerate(_grams(model, counts)):
        diagonal = np.diag(np.linalg.inv(gram))
        for i in range(model.d):
            costs = np.zeros((model.H, model.n_pairs))
            costs[t] = model.phi[:, i] ** 2
            most = oracles.expected_sum(model, policy, costs[: t + 1], means).max()
            least = min(least, 1 / (counts[t].sum() * most * diagonal[i])) if most > 0 else least
    return float(least)


def _factorwise(
    model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, without_d: bool = False
) -> Check:
    best, policy = oracles.values(model, oracles.against(nature))
    inverses = [np.linalg.inv(gram + ridge * np.eye(model.d)) for gram in _grams(model, counts)]
    norms = np.array([bounds.factorwise_norm(model.phi, np.diag(inverse)) for inverse in inverses])
    doubt = oracles.expected_sum(model, policy, norms, oracles.admissible(nature, best))
    c, K, d = _covered(model, counts, nature), counts[0].sum(), 1 if without_d else model.d
    return Check(doubt.max(), bounds.coverage_uncertainty(d, model.H, c, K))


def _seen_alone(each: int) -> np.ndarray:
    return np.tile(np.array([[0.0], [each], [each], [each]]), (2, 1, 1))


_EVEN = (_even_and_alone(3, 2), _seen_alone(50), _SMALL, TV(lam=0.5))
_NATURES = st.sampled_from([TV(lam=0.3), KL(lam=1.0), ChiSquare(lam=1.0), TV(rho=0.2), None])

factorwise_coverage = Theorem(
    name="offline-coverage-uncertainty",
    statement=(
        r"$\sup_{P \in U} \sum_t E^{\pi^*, P}[\sum_i \phi_i \sqrt{(\Lambda_t^{-1})_{ii}}] \le d H / \sqrt{c K}$ if"
        r" $\Lambda_t \succeq \gamma I + c K \sup_{P \in U} E^{\pi^*, P}[\phi_i^2]\, 1_i 1_i^\top$ for all $t$ and $i$:"
        r" robust partial coverage, which asks for what the best policy needs."
    ),
    source="tang2025; derived here",
    assumptions=r"the largest $c$; $U$ as for offline-admissible-loss",
    instances=st.tuples(random_models(3, 2, d=2, H=3), st.integers(0, 10**6), st.sampled_from([10, 300])).flatmap(
        lambda x: st.tuples(st.just(x[0]), st.just(_counts(*x)), st.sampled_from([_SMALL, 1.0]), _NATURES)
    )
    | st.just(_EVEN),
    check=_factorwise,
    refutable=partial(_factorwise, without_d=True),  # false: as if one factor were all
    tight=lambda: _factorwise(*_EVEN),
    tight_ratio=0.9999,
    attained_by="Actions of which each is one factor and one is all of them evenly, each seen alone,",
)


def _elliptical(model: LinearMDP, counts: np.ndarray, ridge: float, *, without_d: bool = False) -> Check:
    _, policy = oracles.values(model, oracles.against(None))
    K, least, law, norms = counts[0].sum(), np.inf, model.mu, np.zeros((model.H, model.n_pairs))
    for t, gram in enumerate(_grams(model, counts)):
        rows = model.pair_start[:-1] + policy[t]
        needed = (model.phi[rows].T * law) @ model.phi[rows]
        roots = np.linalg.inv(np.linalg.cholesky(gram))
        least = min(least, 1 / (K * np.linalg.eigvalsh(roots @ needed @ roots.T)[-1]))
        norms[t] = oracles.elliptical_norms(model.phi, np.linalg.inv(gram + ridge * np.eye(model.d)))
        law = law @ model.kernel(t)[rows]
    doubt = model.mu @ oracles.expected_sum(model, policy, norms, oracles.nominal)
    d = 1 if without_d else model.d
    return Check(doubt, bounds.elliptical_coverage_uncertainty(d, model.H, least, K))


def _drawn_anew(d: int, H: int) -> LinearMDP:
    """Each state has a feature of its own, and every step draws the state evenly."""
    return LinearMDP(np.eye(d)[:, None], np.full((d, d), 1 / d), np.ones(d), H=H)


_ANEW = (_drawn_anew(3, 2), np.full((2, 3, 3), 10.0), _SMALL)

elliptical_coverage = Theorem(
    name="pevi-coverage-uncertainty",
    statement=(
        r"$\sum_t E^{\pi^*}[\|\phi\|_{\Lambda_t^{-1}}] \le H \sqrt{d / (c K)}$ if $\Lambda_t \succeq \gamma I + c K"
        r" E^{\pi^*}[\phi \phi^\top]$ for all $t$, by Jensen's inequality and a trace."
    ),
    source="jin2021; derived here",
    assumptions=r"the largest $c$; no nature",
    instances=st.tuples(random_models(3, 2, d=3, H=3), st.integers(0, 10**6), st.sampled_from([10, 300])).flatmap(
        lambda x: st.tuples(st.just(x[0]), st.just(_counts(*x)), st.sampled_from([_SMALL, 1.0]))
    )
    | st.just(_ANEW),
    check=_elliptical,
    refutable=partial(_elliptical, without_d=True),  # false: as if one feature were all
    tight=lambda: _elliptical(*_ANEW),
    tight_ratio=0.9999,
    attained_by="Factors that are drawn anew at every step, and seen evenly,",
)


def _kappa(model: LinearMDP) -> float:
    return min(float(np.linalg.eigvalsh((model.phi.T * visits) @ model.phi)[0]) for visits in visit_laws(model))


def _eigenvalue(model: LinearMDP, rng: np.random.Generator, *, fraction: float = 0.5) -> Check:
    kappa = _kappa(model)
    K = math.ceil(bounds.full_coverage_trajectories(kappa, model.d, model.H, _DELTA))
    least = min(float(np.linalg.eigvalsh(gram)[0]) for gram in _grams(model, simulate(model, K, rng)))
    return Check(fraction * K * kappa, least)


_ONE_HOT = LinearMDP(np.eye(3), np.ones((3, 1)), np.ones(3), H=3, pair_start=np.array([0, 3]))

least_eigenvalue = Theorem(
    name="offline-least-eigenvalue",
    statement=(
        r"$\lambda_{\min}(\sum_\tau \phi_\tau \phi_\tau^\top) \ge K \kappa / 2$ at all steps with probability"
        r" $1 - \delta$, once $K \ge (8 / \kappa) \ln(d H / \delta)$."
    ),
    source="tropp2012, Theorem 1.1",
    assumptions=r"$\|\phi\| \le 1$; $\kappa$ is the least eigenvalue of any $E[\phi_t \phi_t^\top]$; $K$ trajectories",
    instances=random_models(3, 2, d=2, H=3) | st.just(_ONE_HOT),
    check=_eigenvalue,
    refutable=partial(_eigenvalue, fraction=1.0),  # false: as if nothing were lost to chance
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _full(model: LinearMDP, rng: np.random.Generator, *, sharper: float = 1.0) -> Check:
    kappa = _kappa(model)
    K = math.ceil(bounds.full_coverage_trajectories(kappa, model.d, model.H, _DELTA))
    inverses = [np.linalg.inv(gram + 0.01 * np.eye(model.d)) for gram in _grams(model, simulate(model, K, rng))]
    doubt = sum(bounds.factorwise_norm(model.phi, np.diag(inverse)).max() for inverse in inverses)
    return Check(doubt, bounds.full_coverage_uncertainty(model.H, K, sharper * kappa))


full_coverage = Theorem(
    name="offline-full-coverage-uncertainty",
    statement=(
        r"$\sum_t \max_{s,a} \sum_i \phi_i \sqrt{(\Lambda_t^{-1})_{ii}} \le H \sqrt{2 / (K \kappa)}$ with probability"
        r" $1 - \delta$, once $K \ge (8 / \kappa) \ln(d H / \delta)$: whatever nature does and the best policy is."
    ),
    source="tropp2012, Theorem 1.1; liu2024",
    assumptions=r"simplex features; $\kappa$ as for offline-least-eigenvalue; $K$ trajectories",
    instances=random_models(3, 2, d=2, H=3) | st.just(_ONE_HOT),
    check=_full,
    refutable=partial(_full, sharper=2.0),  # false: as if nothing were lost to chance
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _rate(model: LinearMDP, lam: float, K: int, rng: np.random.Generator, *, power: float = 1.0) -> Check:
    counts, ridge, nature = simulate(model, K, rng), 1.0, TV(lam=lam)
    sizes = (model.d, model.n_states, model.H, _DELTA)
    betas = [bounds.tv_beta(*sizes, largest=model.H - 1.0 - t, ridge=ridge) for t in range(model.H)]

    def penalise(t: int, off: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        return betas[t] * bounds.factorwise_norm(model.phi, np.diag(inverse))

    learned = oracles.learn(model, counts, nature, ridge=ridge, penalise=penalise)
    best, _ = oracles.values(model, oracles.against(nature))
    c = _covered(model, counts, nature)
    loss = (best[0] - learned.value[0]).max()
    return Check(loss, bounds.covered_suboptimality(max(betas), model.d, model.H, c, K**power))


rate = Theorem(
    name="r2pvi-rate",
    statement=(
        r"$V^*_0 - \hat V_0 \le 2 \beta d H / \sqrt{c K}$ with probability $1 - \delta$ for R2PVI with TV penalties and"
        r" the multipliers of r2pvi-tv-confidence, $\beta$ the largest: so at the rate $d^{3/2} H^2 \sqrt{S / (c K)}$."
    ),
    source="tang2025; derived here",
    assumptions=r"$c$ as for offline-coverage-uncertainty; trajectories of one policy",
    instances=st.tuples(random_models(3, 2, d=2, H=3), st.sampled_from([0.3, 1.0]), st.sampled_from([10**4, 10**6])),
    check=_rate,
    refutable=partial(_rate, power=2.0),  # false: at the rate 1 / K
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


THEOREMS = (factorwise_coverage, elliptical_coverage, least_eigenvalue, full_coverage, rate)
"""In the order in which one would teach them."""

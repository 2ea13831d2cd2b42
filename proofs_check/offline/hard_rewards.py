r"""What no learner can do: the family of hard rewards, its exact losses, and the mean loss over all of its members.

Losses are exact dynamic programmes in which nature moves the first step alone. The learners that are put up against the
lower bound regress rewards, trust or distrust the fit, or look at nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy
from scipy.optimize import minimize_scalar

import mdps
from proofs_check.offline import oracles
from proofs_check.offline.oracles import Worst
from proofs_check.theorem import Check, Kind, Theorem
from rltheory import LinearMDP
from rltheory.offline import bounds
from rltheory.robust import KL, TV, ChiSquare, Divergence

_SIGNS = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(st.sampled_from([-1, 1]), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda signs: np.array(signs).reshape(shape)
    )
)
_RHOS = st.sampled_from([0.0, 0.25, 0.5, 0.75])
_DELTAS = st.sampled_from([0.1, 0.8])


def _moves_the_first_step(nature: Divergence) -> Worst:
    return lambda t, p, v: oracles.worst_case(nature if t == 0 else None, p, v)


def _optimum(xi: np.ndarray, delta: float, rho: float, *, everywhere: bool = False) -> Check:
    ball = TV(rho=rho)
    nature = oracles.against(ball) if everywhere else _moves_the_first_step(ball)
    value, _ = oracles.values(mdps.hard_rewards(xi, delta), nature)
    return Check.equal(value[0, 0], mdps.hard_rewards_optimum(xi, delta, rho))


optimum = Theorem(
    name="hard-rewards-optimum",
    statement=(
        r"$V^*_0 = m_0 + (1 - \rho) \sum_{t \ge 1} m_t$ from the good state, $m_t = \frac{\delta}{2d} (d + \#\{i :"
        r" \xi_{t,i} = 1\})$."
    ),
    source="liu2024, proof of the lower bound",
    assumptions=r"the first step's factors move within total variation $\rho$, later ones do not",
    instances=st.tuples(_SIGNS, _DELTAS, _RHOS) | st.just((np.ones((3, 2), int), 0.8, 0.5)),
    check=_optimum,
    refutable=partial(_optimum, everywhere=True),  # false: as if all steps moved
)


def _policy(model: LinearMDP, signs: np.ndarray) -> np.ndarray:
    """Return the policy whose coordinates are 1 where signs are; it does what it likes in the bad state."""
    d = signs.shape[1]
    actions = ((signs == 1) @ (2 ** np.arange(d)[::-1])).astype(int)
    return np.column_stack([actions, np.zeros_like(actions)])


def _loss(xi: np.ndarray, flips: int, delta: float, rho: float, *, factor: float = 1.0) -> Check:
    chosen = np.where((flips >> np.arange(xi.size)) & 1, -xi.ravel(), xi.ravel()).reshape(xi.shape)
    model, nature = mdps.hard_rewards(xi, delta), _moves_the_first_step(TV(rho=rho))
    best, _ = oracles.values(model, nature)
    achieved, _ = oracles.values(model, nature, _policy(model, chosen))
    wrong = (chosen != xi).sum(axis=1)
    allowed = bounds.hard_rewards_loss(delta, xi.shape[1], first=wrong[0], later=wrong[1:].sum(), slope=1 - rho)
    return Check.equal(best[0, 0] - achieved[0, 0], factor * allowed)


loss = Theorem(
    name="hard-rewards-loss",
    statement=(
        r"A policy with $n_0$ wrong signs at the first step and $n$ later loses exactly $\frac{\delta}{2d} (n_0 +"
        r" (1 - \rho) n)$ from the good state, so at least $(1 - \rho) \frac{\delta}{2d}$ for each."
    ),
    source="liu2024, proof of the lower bound, with half of it; derived here",
    assumptions=r"as for hard-rewards-optimum",
    instances=st.tuples(_SIGNS, st.integers(0, 511), _DELTAS, _RHOS) | st.just((np.ones((2, 2), int), 3, 0.8, 0.5)),
    check=_loss,
    refutable=partial(_loss, factor=0.5),  # false: the constant of the source, as an identity
)


_FORMS: dict[type[Divergence], tuple[Callable[..., float], Callable[..., float]]] = {
    TV: (bounds.two_point_tv, bounds.slope_tv),
    KL: (bounds.two_point_kl, bounds.slope_kl),
    ChiSquare: (bounds.two_point_chi_square, bounds.slope_chi_square),
}
_PENALTIES = st.sampled_from([kind(lam=lam) for kind in (TV, KL, ChiSquare) for lam in (0.3, 1.0, 4.0)])
_EPS = st.sampled_from([0.05, 0.25, 0.5])


def _total(nature: Divergence, v: float, stay: float, leave: float, eps: float) -> float:
    """Return what remains of v, and what nature pays for leaving with that probability instead of eps."""
    if isinstance(nature, TV):
        return stay * v + nature.lam * abs(leave - eps)
    if isinstance(nature, ChiSquare):
        return stay * v + nature.lam * (leave - eps) ** 2 / (eps * (1 - eps))
    pairs = ((leave, eps), (stay, 1 - eps))
    return stay * v + nature.lam * sum(x * np.log(x / y) for x, y in pairs if x > 0)


def _left_with(nature: Divergence, v: float, eps: float) -> float:
    """Minimise over the probability of leaving: by a search of log-odds, and at the kinks."""
    found = minimize_scalar(
        lambda x: _total(nature, v, 1 / (1 + np.exp(x)), 1 / (1 + np.exp(-x)), eps),
        bounds=(-40, 40),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return min(float(found.fun), *(_total(nature, v, 1 - leave, leave, eps) for leave in (0.0, eps, 1.0)))


def _two_points(nature: Divergence, v: float, eps: float, *, factor: float = 1.0) -> Check:
    closed, _ = _FORMS[type(nature)]
    return Check.equal(_left_with(nature, v, eps), closed(v, factor * nature.lam, eps))


two_points = Theorem(
    name="hard-rewards-two-points",
    statement=(
        r"If nature pays for leaving with probability $q$ instead of $\epsilon$, of the later value $v$ remain"
        r" $(1 - \epsilon) \min(v, \lambda)$ for TV, $-\lambda \ln((1 - \epsilon) e^{-v/\lambda} + \epsilon)$ for KL,"
        r" and $(1 - \epsilon)(v - \epsilon v^2 / (4 \lambda))$ for chi-square, $\lambda (1 - \epsilon) / \epsilon$"
        r" from $\epsilon v = 2 \lambda$ on."
    ),
    source="derived here",
    assumptions=r"$v \ge 0$; nothing is earned after leaving",
    instances=st.tuples(_PENALTIES, st.integers(0, 24).map(lambda k: k / 4), _EPS) | st.just((TV(lam=1.0), 2.0, 0.25)),
    check=_two_points,
    refutable=partial(_two_points, factor=0.5),  # false: with a divergence of twice the scale
)


def _slope(nature: Divergence, v: float, step: float, eps: float, *, factor: float = 1.0) -> Check:
    """Compare a difference of worst cases with the least slope up to the larger of the two values."""
    closed, slope = _FORMS[type(nature)]
    lam = float(nature.lam)
    gained = closed(v + step, lam, eps) - closed(v, lam, eps)
    return Check(factor * slope(v + step, lam, eps) * step, gained)


_SHORT = (KL(lam=1.0), 1.0, 1e-4, 0.25)

least_slope = Theorem(
    name="hard-rewards-slope",
    statement=(
        r"The worst case lets through a later loss of $h$ as one of $m h$ at least, with $m = 1 - \epsilon$ for TV if"
        r" no value is above $\lambda$, $(1 - \epsilon) / (1 - \epsilon + \epsilon e^{v/\lambda})$ for KL and $(1 -"
        r" \epsilon)(1 - \epsilon v / (2\lambda))_+$ for chi-square, $v$ being the largest later value."
    ),
    source="derived here",
    assumptions=r"as for hard-rewards-two-points",
    instances=st.tuples(_PENALTIES, st.floats(0, 3), st.sampled_from([1e-4, 0.1, 1.0]), _EPS) | st.just(_SHORT),
    check=_slope,
    refutable=partial(_slope, factor=1.2),  # false: the constant is attained
    tight=lambda: _slope(*_SHORT),
    tight_ratio=0.999,
    attained_by="A short step of the values",
)

_BATCH = 16


def _guesses(xi: np.ndarray, delta: float, K: int, learner: str, stays: float, rng: np.random.Generator) -> np.ndarray:
    """Return the signs that a learner reads off K trajectories of each member of a batch (members, H, d)."""
    members, H, d = xi.shape
    actions = np.array(list(product((0, 1), repeat=d)))
    phi = np.column_stack([actions / d, 1 - actions.sum(axis=1) / d])
    tried = np.flatnonzero(actions.sum(axis=1) <= 1)
    good = np.broadcast_to(rng.binomial(K, (d + 1) / (d + 2), size=(members, 1)), (members, H)).copy()
    good[:, 1:] = rng.binomial(good[:, :1], stays)
    visits = np.zeros((members, H, len(actions)))
    visits[..., tried] = rng.multinomial(good, np.full(d + 1, 1 / (d + 1)))
    means = delta / (2 * d) * (np.einsum("mhd,ad->mha", xi, actions) + d)
    sums = visits * means + np.sqrt(visits) * rng.standard_normal(visits.shape)
    inverse = np.linalg.inv(np.einsum("mha,ai,aj->mhij", visits, phi, phi) + np.eye(d + 1))
    weights = np.einsum("mhij,aj,mha->mhi", inverse, phi, sums)
    norms = np.sqrt(np.einsum("ai,mhij,aj->mha", phi, inverse, phi))
    scores = {"greedy": weights @ phi.T, "pessimistic": weights @ phi.T - norms, "blind": np.zeros_like(norms)}
    return 2 * actions[scores[learner].argmax(axis=-1)] - 1


def _mean_loss(d: int, H: int, K: int, rho: float, learner: str, rng: np.random.Generator, **false: float) -> Check:
    delta = bounds.hard_rewards_delta(d, K)
    xi = rng.choice([-1, 1], size=(_BATCH, H, d))
    wrong = (_guesses(xi, delta, K, learner, 1.0, rng) != xi).sum(axis=2).mean(axis=0)
    lost = bounds.hard_rewards_loss(delta, d, first=wrong[0], later=wrong[1:].sum(), slope=1 - rho)
    least = bounds.hard_rewards_minimax(delta, d, H, K, slope=1 - rho)
    return Check(max(least, bounds.published_hard_rewards_minimax(d, H, K)) * false.get("factor", 1.0), lost)


_LEARNERS = st.sampled_from(["greedy", "pessimistic", "blind"])


def _sizes(*also: SearchStrategy[object]) -> SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.integers(1, 3), st.integers(1, 4), st.sampled_from([50, 400]), *also, _LEARNERS)


minimax = Theorem(
    name="hard-rewards-minimax",
    statement=(
        r"Over random signs, every learner loses $\frac{\delta}{4} (1 + (1 - \rho)(H - 1)) (1 - \sqrt{D / 2})$ on"
        r" average at least, with $D = K \delta^2 / (2 d^2 (d + 2))$; for $\delta = d^{3/2} / \sqrt{2 K}$ that is more"
        r" than $d^{3/2} H / (128 \sqrt K)$, for some member of the family."
    ),
    source="liu2024, with a smaller constant; derived here",
    assumptions=(
        r"as for hard-rewards-optimum, from the good state, $\rho \le 3/4$; rewards with normal noise of variance 1,"
        r" behaviour even on one coordinate or none"
    ),
    instances=_sizes(_RHOS) | st.just((3, 8, 400, 0.5, "greedy")),
    check=_mean_loss,
    refutable=partial(_mean_loss, factor=1.5),  # false: greedy regression loses less than that
    kind=Kind.IN_EXPECTATION,
)


def _mean_loss_penalised(
    d: int, H: int, K: int, nature: Divergence, eps: float, learner: str, rng: np.random.Generator, **false: float
) -> Check:
    delta = bounds.hard_rewards_delta(d, K)
    closed, slope = _FORMS[type(nature)]
    lam = float(nature.lam)
    xi = rng.choice([-1, 1], size=(_BATCH, H, d))
    right = _guesses(xi, delta, K, learner, 1 - eps, rng) == xi
    best = delta / (2 * d) * (d + (xi == 1).sum(axis=2))
    achieved = best - delta / (2 * d) * (~right).sum(axis=2)
    kept = [[closed(v, lam, eps) for v in values[:, 1:].sum(axis=1)] for values in (best, achieved)]
    lost = best[:, 0] - achieved[:, 0] + np.array(kept[0]) - np.array(kept[1])
    least = bounds.hard_rewards_minimax(delta, d, H, K, slope=slope((H - 1) * delta, lam, eps))
    return Check(least * false.get("factor", 1.0), lost.mean())


minimax_penalised = Theorem(
    name="hard-rewards-minimax-penalised",
    statement=(
        r"If nature pays for what it does to the first step, which leads to the bad state with probability $\epsilon$,"
        r" every learner loses $\frac{\delta}{4} (1 + m (H - 1)) (1 - \sqrt{D / 2})$ on average at least, with $m$ from"
        r" hard-rewards-slope and $D$ from hard-rewards-minimax."
    ),
    source="derived here",
    assumptions=r"as for hard-rewards-minimax, with penalties of TV, KL or chi-square; $m$ for $v = (H - 1) \delta$",
    instances=_sizes(_PENALTIES, _EPS) | st.just((3, 8, 400, KL(lam=4.0), 0.05, "greedy")),
    check=_mean_loss_penalised,
    refutable=partial(_mean_loss_penalised, factor=1.5),  # false: greedy regression loses less than that
    kind=Kind.IN_EXPECTATION,
)


THEOREMS = (optimum, loss, minimax, two_points, least_slope, minimax_penalised)
"""In the order in which one would teach them."""

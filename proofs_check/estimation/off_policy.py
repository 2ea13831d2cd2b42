r"""Values of one policy from the data of another: the mean and the variance of every estimator.

Left sides are sums over all episodes of tiny models.
"""

from __future__ import annotations

import functools

import hypothesis.strategies as st
import numpy as np

from proofs_check.claims import Claim
from proofs_check.estimation import episodes as oracle
from proofs_check.estimation.episodes import Instance, coin, episodes, with_predictions, worlds
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import FiniteHorizonMDP
from rltheory import estimation as est
from rltheory.estimation.bounds import off_policy as bounds

_COIN = coin()


def _importance(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, other: bool = False) -> Check:
    seen = episodes(model, target, behaviour)
    terms = oracle.per_decision(seen) if other else oracle.weighted_return(seen)
    return Check.equal(seen.moments(terms), est.importance_sampling_moments(model, target, behaviour))


IMPORTANCE = Theorem(
    name="importance-sampling-variance",
    statement=(
        r"$\rho_{0:H-1} G$ has the mean $v^\pi$ and the second moment $\mu C_0$ with"
        r" $C_t = M_t (r_t^2 P_t A_{t+1} + 2 \gamma r_t P_t B_{t+1} + \gamma^2 P_t C_{t+1})$, where $A_t, B_t, C_t$ are"
        r" the expectations of $\rho_{t:H-1}^2$ times $1, G_t, G_t^2$."
    ),
    source="derived here",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$; $M_t x\,(s) = \sum_a \frac{\pi_t(a|s)^2}{b_t(a|s)} x(s, a)$",
    instances=worlds() | st.just(_COIN),
    check=_importance,
    refutable=functools.partial(_importance, other=True),  # false: of the estimator that weights decision by decision
)


def _per_decision(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, other: bool = False) -> Check:
    seen = episodes(model, target, behaviour)
    terms = oracle.weighted_return(seen) if other else oracle.per_decision(seen)
    return Check.equal(seen.moments(terms), est.per_decision_moments(model, target, behaviour))


PER_DECISION = Theorem(
    name="per-decision-variance",
    statement=(
        r"$\sum_t \gamma^t \rho_{0:t} r_t$ has the mean $v^\pi$ and the second moment $\mu D_0$ with"
        r" $D_t = M_t (r_t^2 + 2 \gamma r_t P_t v^\pi_{t+1} + \gamma^2 P_t D_{t+1})$."
    ),
    source="jiang2016, theorem 1 with no predictions",
    assumptions=r"as for importance-sampling-variance",
    instances=worlds() | st.just(_COIN),
    check=_per_decision,
    refutable=functools.partial(_per_decision, other=True),  # false: of the estimator that weights whole episodes
)


def _weighted(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, centred: bool = True) -> Check:
    seen = episodes(model, target, behaviour)
    ratio, returns = seen.ratios.prod(axis=1), seen.rewards.sum(axis=1)
    centre = seen.mean(ratio * returns) if centred else 0.0
    limit = est.weighted_importance_sampling_variance(model, target, behaviour)
    spread = float(np.abs(returns).max(initial=0.0)) ** 2 * seen.mean(ratio**2)
    return Check(abs(seen.mean(ratio**2 * (returns - centre) ** 2) - limit), 0.0, scale=spread)


WEIGHTED = Theorem(
    name="weighted-importance-sampling-limit",
    statement=(
        r"$\mathbb{E}_b\, \rho_{0:H-1}^2 (G - v^\pi)^2 = \mu (C_0 - 2 v^\pi B_0 + (v^\pi)^2 A_0)$: the limit of n times"
        r" the variance of weighted importance sampling."
    ),
    source="derived here (by the delta method)",
    assumptions=r"as for importance-sampling-variance, which defines A, B and C",
    instances=worlds() | st.just(_COIN),
    check=_weighted,
    refutable=functools.partial(_weighted, centred=False),  # false: without subtracting the value
)


def _marginalised(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, visits_count: bool = True
) -> Check:
    seen = episodes(model, target, behaviour)
    weights = oracle.by_pair(seen) if visits_count else np.ones_like(seen.ratios)
    terms = (weights * seen.ratios * seen.rewards).sum(axis=1)
    return Check.equal(seen.moments(terms), est.marginalised_moments(model, target, behaviour))


def _turn() -> Instance:
    """Two states; the target goes where the reward is, the behaviour half of the time."""
    P = [[[1.0, 0.0], [0.0, 1.0]]] * 2
    model = FiniteHorizonMDP.from_arrays(P, [[0.0, 0.0], [1.0, 1.0]], H=3, mu=0)
    return model, np.tile([0.0, 1.0], (3, 2, 1)), np.full((3, 2, 2), 0.5)


MARGINALISED = Theorem(
    name="marginalised-variance",
    statement=(
        r"$\sum_t \gamma^t w_t(s_t) \rho_t r_t$ with $w_t = d^\pi_t / d^b_t$ has the mean $v^\pi$, and the variance of"
        r" a sum of rewards $w_t \rho_t r_t$ along a chain."
    ),
    source="xie2019",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds() | st.just(_turn()),
    check=_marginalised,
    refutable=functools.partial(_marginalised, visits_count=False),  # false: without the ratios of the states
)


def _marginalised_bound(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray) -> Check:
    """The moments of the ratios of pairs are sums over episodes, too."""
    seen = episodes(model, target, behaviour)
    ratios = oracle.by_pair(seen) * seen.ratios
    second = seen.mean((ratios * seen.rewards).sum(axis=1) ** 2)
    return Check(second, bounds.marginalised_second_moment(model.gamma, seen.probability @ ratios**2))


def _own_data() -> Instance:
    model, target, _ = coin()
    return model, target, target


MARGINALISED_BOUND = Theorem(
    name="marginalised-second-moment",
    statement=(
        r"$\mathbb{E}_b \big(\sum_t \gamma^t w_t \rho_t r_t\big)^2 \le \sum_t \gamma^t \sum_t \gamma^t C_t$ with $C_t ="
        r" \mathbb{E}_b (w_t \rho_t)^2$: no product of ratios, hence no exponent."
    ),
    source="derived here",
    assumptions=r"rewards in $[-1, 1]$",
    instances=worlds() | st.just(_own_data()),
    check=_marginalised_bound,
    refutable=scaled(_marginalised_bound),
    tight=lambda: _marginalised_bound(*_own_data()),
    tight_ratio=0.999999,
    attained_by="Data of the target itself, with every reward 1,",
)


def _doubly_robust_moments(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, q: np.ndarray, *, told: bool = True
) -> Check:
    """The estimator divides by another policy than the one that acts."""
    assumed = 0.5 * behaviour + 0.5 * target
    seen = episodes(model, target, behaviour)
    t = np.arange(model.H)
    divided = target[t, seen.states[:, :-1], seen.actions] / assumed[t, seen.states[:, :-1], seen.actions]
    terms = oracle.doubly_robust(seen._replace(ratios=divided), model.gamma, target, q)
    found = est.doubly_robust_moments(model, target, behaviour, q, assumed=assumed if told else None)
    return Check.equal(seen.moments(terms), found)


_COIN_AND_ZERO = (*_COIN, np.zeros((3, 1, 2)))

DOUBLY_ROBUST_MOMENTS = Theorem(
    name="doubly-robust-moments",
    statement=(
        r"With $m_t = \hat v_t + \mathbb{E}_b \rho_t (\delta_t + \gamma P_t m_{t+1})$ and"
        r" $D_t = \hat v_t^2 + 2 \hat v_t (m_t - \hat v_t) + \mathbb{E}_b \rho_t^2 (\delta_t^2 + 2 \gamma \delta_t P_t"
        r" m_{t+1} + \gamma^2 P_t D_{t+1})$, $\delta_t = r_t - \hat q_t$, the doubly robust term has the mean"
        r" $\mu m_0$ and the second moment $\mu D_0$."
    ),
    source="jiang2016, theorem 1 for ratios that are right; derived here",
    assumptions=r"$\rho_t = \pi_t / \hat b_t$, where $\hat b$ need not be the behaviour; any $\hat q$",
    instances=worlds().flatmap(with_predictions) | st.just(_COIN_AND_ZERO),
    check=_doubly_robust_moments,
    refutable=functools.partial(_doubly_robust_moments, told=False),  # false: as if the ratios were right
)


def _unbiased(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, q: np.ndarray, *, wrong: bool = False
) -> Check:
    """Wrong predictions with the right ratios, and right predictions with wrong ratios."""
    seen = episodes(model, target, behaviour)
    value = seen.mean(oracle.weighted_return(seen))
    distorted = seen._replace(ratios=0.9 * seen.ratios)
    right = est.target_values(model, target)
    means = [
        seen.mean(oracle.doubly_robust(seen, model.gamma, target, q)),
        seen.mean(oracle.doubly_robust(distorted, model.gamma, target, q if wrong else right)),
    ]
    return Check.equal(means, value)


UNBIASED = Theorem(
    name="doubly-robust-unbiased",
    statement=r"The doubly robust term has the mean $v^\pi$ if the ratios are right, and also if $\hat q = q^\pi$.",
    source="jiang2016, section 4",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds().flatmap(with_predictions) | st.just(_COIN_AND_ZERO),
    check=_unbiased,
    refutable=functools.partial(_unbiased, wrong=True),  # false: if both are wrong, ratios by a tenth
)

THEOREMS = (
    IMPORTANCE,
    PER_DECISION,
    WEIGHTED,
    MARGINALISED,
    MARGINALISED_BOUND,
    DOUBLY_ROBUST_MOMENTS,
    UNBIASED,
)


def _single_episode() -> Check:
    """The weighted mean of one return is that return, where its weight is not zero."""
    seen = episodes(*_biased())
    return Check.equal(seen.mean(seen.rewards.sum(axis=1)), seen.mean(oracle.weighted_return(seen)))


def _biased() -> Instance:
    model = FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=1)
    return model, np.array([[[0.9, 0.1]]]), np.array([[[0.5, 0.5]]])


def _cancelling() -> Check:
    """A reward of 1 for nothing, then -1 for what the target does."""
    model = FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[[1.0, 1.0]], [[-1.0, 0.0]]], H=2)
    seen = episodes(model, np.tile([1.0, 0.0], (2, 1, 1)), np.full((2, 1, 2), 0.5))
    return Check(seen.moments(oracle.per_decision(seen))[1], seen.moments(oracle.weighted_return(seen))[1])


CLAIMS = (
    Claim(
        name="weighted-importance-sampling-unbiased",
        statement=r"Weighted importance sampling is unbiased, as importance sampling is.",
        source="precup2000 shows that it is only consistent",
        counterexample=_single_episode,
        instance="one episode of one step: its weight cancels, and the estimate is the behaviour's reward",
        lesson=(
            "its bias is of order 1/n, and its spread, weighted-importance-sampling-limit, is that of returns around"
            " their mean"
        ),
    ),
    Claim(
        name="per-decision-never-worse",
        statement="Importance sampling per decision has no larger variance than importance sampling of whole returns.",
        source="liu2020 has such examples",
        counterexample=_cancelling,
        instance="a reward of 1, then one of -1: the return is always 0, but its parts get different weights",
        lesson="both variances are known exactly: importance-sampling-variance and per-decision-variance",
    ),
)

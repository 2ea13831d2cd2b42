"""Maximising to explore: what likelihood ratios say of distances, that the maximiser is optimistic, and what it loses.

The coefficient of the regret bound is that of the run itself: the least for which the inequality that defines it holds.
What is promised and attained, and how far hypotheses are from the truth where policies go, is computed here, from the
kernels and from which hypothesis was played.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory import FiniteHorizonMDP
from rltheory.exploration.bounds import mex as bounds
from rltheory.exploration.mex.finite import mex

_DELTA = 0.1
_EPISODES = 24


@st.composite
def _lists(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Draw kernels of a few hypotheses, shape (N, S, A, S), rewards of H = 2 steps, and the place of the truth."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, S, A = draw(st.integers(2, 6)), draw(st.integers(2, 3)), draw(st.integers(1, 2))
    kernels = rng.dirichlet(np.full(S, draw(st.sampled_from([0.3, 3.0]))), size=(n, S, A)) + 1e-6
    return kernels / kernels.sum(axis=-1, keepdims=True), rng.random((S, A)), int(rng.integers(n))


def _worth(P: np.ndarray, r: np.ndarray, policy: np.ndarray) -> float:
    """Return what a policy is worth from state 0."""
    value, here = np.zeros(len(r)), np.arange(len(r))
    for actions in policy[::-1]:
        value = r[here, actions] + P[here, actions] @ value
    return float(value[0])


def _distances(kernels: np.ndarray, P: np.ndarray, policies: np.ndarray) -> np.ndarray:
    """Return the expected sum of squared Hellinger distances of each hypothesis, along each policy from state 0."""
    apart, here = 1 - np.sqrt(kernels * P).sum(axis=-1), np.arange(P.shape[0])
    sums = np.zeros((len(kernels), len(policies)))
    for j, policy in enumerate(policies):
        now = np.eye(len(P))[0]
        for actions in policy:
            sums[:, j] += apart[:, here, actions] @ now
            now = now @ P[here, actions]
    return sums


@dataclass(frozen=True, slots=True)
class _Lost:
    """What a run of MEX has lost, by how much promises exceed it, how far it was off, and the slack of likelihoods."""

    regret: float
    excess: float
    discrepancy: float
    slack: float


def _lost(kernels: np.ndarray, r: np.ndarray, place: int, K: int, eta: float, rng: Any) -> _Lost:
    """Play, and compute from which hypotheses were played all that the theorem speaks of."""
    P = kernels[place]
    run = mex(FiniteHorizonMDP(P, r, 2, 1.0, np.eye(len(r))[0]), kernels, K, eta=eta, rng=rng)
    f, policies = run.chosen, run.policies
    attained = np.array([_worth(P, r, policy) for policy in policies])[f]
    promised = np.array([_worth(kernel, r, policy) for kernel, policy in zip(kernels, policies, strict=True)])[f]
    before = np.tril(np.maximum(_distances(kernels, P, policies), 0)[np.ix_(f, f)], -1).sum(axis=1)
    return _Lost(
        float((_by_all_policies(P, r) - attained).sum()),
        float((promised - attained).sum()),
        float(before.sum()),
        float((run.fit / 2 + before).max()) / 2,
    )


def _regret(
    kernels: np.ndarray, r: np.ndarray, place: int, K: int, eta: float, rng: np.random.Generator, *, d: float = 1.0
) -> Check:
    """Compare with the bound of the run's own coefficient, or of a part of it in the middle term."""
    lost = _lost(kernels, r, place, K, eta, rng)
    gec = bounds.empirical_gec(lost.excess, lost.discrepancy, 2, K)
    bound = bounds.mex_regret(gec, len(kernels), 2, K, _DELTA, eta=eta)
    return Check(lost.regret, bound - (1 - d) * gec / (8 * eta))


def _regret_within(kernels: np.ndarray, r: np.ndarray, place: int, K: int, eta: float, seed: int) -> Check:
    """The same with the slack of the run itself, in which nothing is left to chance."""
    lost = _lost(kernels, r, place, K, eta, seed)
    gec = bounds.empirical_gec(lost.excess, lost.discrepancy, 2, K)
    return Check(lost.regret, bounds.mex_regret_within(gec, lost.slack, 2, K, eta=eta))


def _coins(p: float = 0.5, q: float = 0.95) -> tuple[np.ndarray, np.ndarray, int]:
    """The truth, and a coin that is quite another: half of the log-likelihood ratio falls by about two distances."""
    coins = np.array([[[[x, 1 - x]], [[x, 1 - x]]] for x in (p, q)])
    return coins, np.array([[1.0], [0.0]]), 0


def _likelihood(
    kernels: np.ndarray, r: np.ndarray, place: int, rng: np.random.Generator, *, factor: float = 1.0, H: int = 2
) -> Check:
    """Play arbitrary policies, and add half of the log-likelihood ratios to the expected squared distances."""
    n, S, A, _ = kernels.shape
    P = kernels[place]
    apart = 1 - np.sqrt(kernels * P).sum(axis=-1)
    ratio, mean, largest = np.zeros((n, H)), np.zeros((n, H)), 0.0
    for _ in range(_EPISODES):
        policy, now, s = rng.integers(A, size=(H, S)), np.eye(S)[0], 0
        for t in range(H):
            own = P[np.arange(S), policy[t]]
            mean[:, t] += apart[:, np.arange(S), policy[t]] @ now
            after = min(int((own[s].cumsum() < rng.random()).sum()), S - 1)
            ratio[:, t] += np.log(kernels[:, s, policy[t, s], after] / own[s, after])
            now, s = now @ own, after
        largest = max(largest, float((ratio / 2 + factor * mean).max()))
    return Check(largest, bounds.likelihood_slack(n, H, _DELTA))


def _optimism(kernels: np.ndarray, r: np.ndarray, place: int, eta: float, seed: int, *, fit: bool = True) -> Check:
    """Compare the optimum, by all policies, with what is promised in each episode."""
    model = FiniteHorizonMDP(kernels[place], r, 2, 1.0, np.eye(len(r))[0])
    run = mex(model, kernels, 30, eta=eta, rng=seed)
    best = _by_all_policies(kernels[place], r)
    counted = run.fit if fit else np.zeros_like(run.fit)
    return Check.everywhere(
        best, [bounds.counted_promise(v, eta, x) for v, x in zip(run.values[run.chosen], counted, strict=True)]
    )


def _by_all_policies(P: np.ndarray, r: np.ndarray) -> float:
    """Return the best of two steps from state 0, over the first action and all policies of the second step."""
    S, A = r.shape
    second = np.stack(np.meshgrid(*[np.arange(A)] * S, indexing="ij"), axis=-1).reshape(-1, S)
    return max(float(r[0, a] + P[0, a] @ r[np.arange(S), actions]) for a in range(A) for actions in second)


def _disappointed() -> tuple[np.ndarray, np.ndarray, int, float, int]:
    """The truth pays 0.9 and the other 0.1; where data favour the other, it is played and promises little."""
    return *_coins(0.52, 0.48), 10.0, 0


_TRIALS = st.tuples(_lists(), st.sampled_from([1, 5, 20]), st.sampled_from([1e-3, 0.1, 1.0, 100.0]))


def _liar(
    K: int, eta: float, *, sure: float = 0.5, said: float = 0.501, wins: float = 0.02
) -> tuple[np.ndarray, np.ndarray, int, int, float]:
    """A sure thing, and a coin for 1 that is said to win a little more often than that pays and wins less often."""
    kernels = np.zeros((2, 3, 2, 3))
    kernels[:, 0, 0, 0] = kernels[:, 1, :, 1] = kernels[:, 2, :, 2] = 1.0
    for kernel, win in zip(kernels, (wins, said), strict=True):
        kernel[0, 1, 1:] = win, 1 - win
    return kernels, np.array([[sure / 2, 0.0], [1.0, 1.0], [0.0, 0.0]]), 0, K, eta


LIKELIHOOD = Theorem(
    name="likelihood-ratios-tell-distances",
    statement=(
        r"With probability $1 - \delta$, for all k, t and hypotheses f: $\frac12 \sum_{j<k} \ln (P_f / P)(s'_j \mid"
        r" s_j, a_j) \le \ln(HN/\delta) - \sum_{j<k} E_{\pi_j} D^2(P_f, P)(s_t, a_t)$, D being Hellinger's distance."
    ),
    source="liu2023",
    assumptions=r"N hypotheses, the truth among them",
    instances=st.just(_coins()) | _lists(),
    check=_likelihood,
    refutable=partial(_likelihood, factor=3.0),  # false: the ratio falls by about two distances an episode, not three
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)
OPTIMISM = Theorem(
    name="maximiser-is-optimistic",
    statement=(
        r"In every episode $V_{f_k}(\mu) + \eta \sum \ln (P_{f_k} / P) \ge V^*(\mu)$, the sum over all data so far."
    ),
    source="liu2023",
    assumptions=r"the truth is in the list",
    instances=st.just(_disappointed())
    | st.tuples(_lists(), st.sampled_from([0.01, 1.0]), st.integers(0, 99)).map(lambda drawn: (*drawn[0], *drawn[1:])),
    check=_optimism,
    refutable=partial(_optimism, fit=False),  # false: a model that fits better may promise less
    tight=lambda: _optimism(*_lone()),
    tight_ratio=0.999,
    attained_by="A list of the truth alone",
)
REGRET = Theorem(
    name="mex-regret",
    statement=(
        r"With probability $1 - \delta$ the regret of K episodes of MEX is at most $2 \eta K H \ln(HN/\delta) +"
        r" \frac d{8 \eta} + \sqrt{d H K}$, d being the least number with $\sum_k (V_{f_k} - V^{\pi_k}) \le \inf_\mu"
        r" \{\frac\mu2 \Delta + \frac d{2\mu}\} + \sqrt{d H K}$ in this run, $\Delta = \sum_{j<k} \sum_t E_{\pi_j}"
        r" D^2(P_{f_k}, P)(s_t, a_t)$."
    ),
    source="liu2023, theorem 3.1; the constants are checked here",
    assumptions=r"N hypotheses, the truth among them; $\eta > 0$",
    instances=st.just(_liar(5, 1e-6, wins=0.2)) | _TRIALS.map(lambda drawn: (*drawn[0], *drawn[1:])),
    check=_regret,
    refutable=partial(_regret, d=0.0),  # false: without the middle term a small eta would cost nothing
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)
REGRET_WITHIN = Theorem(
    name="mex-regret-within-the-slack",
    statement=(
        r"Where half of no log-likelihood ratio exceeds its mean by more than L a step, the regret of K episodes of MEX"
        r" is at most $2 \eta K H L + \frac d{8 \eta} + \sqrt{d H K}$, d as above."
    ),
    source="liu2023, proof of theorem 3.1",
    assumptions=r"the truth is in the list; any data; $\eta > 0$",
    instances=st.just((*_liar(1, 1e3, sure=0.999, said=1.0, wins=0.0), 0))
    | st.tuples(_TRIALS, st.integers(0, 99)).map(lambda drawn: (*drawn[0][0], *drawn[0][1:], drawn[1])),
    check=_regret_within,
    refutable=scaled(_regret_within, rhs=0.9),
    tight=lambda: _regret_within(*_liar(1, 1e3, sure=0.999, said=1.0, wins=0.0), 0),
    tight_ratio=0.99,
    attained_by="One episode, played in a model that promises hardly more than the optimum and keeps nothing of it,",
)


def _lone() -> tuple[np.ndarray, np.ndarray, int, float, int]:
    """A list of the truth alone."""
    kernels, r, _ = _coins()
    return kernels[:1], r, 0, 0.1, 0


THEOREMS = (LIKELIHOOD, OPTIMISM, REGRET_WITHIN, REGRET)

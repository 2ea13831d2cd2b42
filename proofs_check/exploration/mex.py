"""Maximising to explore: what likelihood ratios say of distances, and that the maximiser is optimistic."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from proofs_check.theorem import Check, Kind, Theorem
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
)


def _lone() -> tuple[np.ndarray, np.ndarray, int, float, int]:
    """A list of the truth alone."""
    kernels, r, _ = _coins()
    return kernels[:1], r, 0, 0.1, 0


THEOREMS = (LIKELIHOOD, OPTIMISM)

r"""Tabular learners: the weights of Q-learning, the regret of optimists, and what a posterior sampler believes.

Learners are run with the radius of the theorem, and the policies that they played are evaluated here, exactly, so that
a check is the theorem and no estimate of it.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from itertools import accumulate

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np

from proofs_check.exploration.instances import regret_of
from proofs_check.theorem import Check, Kind, Theorem
from rltheory import FiniteHorizonMDP
from rltheory.exploration import Data
from rltheory.exploration.bounds import tabular as bounds
from rltheory.exploration.posterior_sampling import posterior_sampling
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi

_DELTA = 0.05


def _exact_weights(H: int, n: int) -> list[Fraction]:
    """Multiply the step sizes out in rational numbers, from the last target to the first."""
    sizes = [Fraction(H + 1, H + i) for i in range(n, 0, -1)]
    kept = accumulate((1 - size for size in sizes[:-1]), lambda x, y: x * y, initial=Fraction(1))
    return [size * rest for size, rest in zip(sizes, kept, strict=True)][::-1]


def _weights(H: int, n: int, *, part: float = 1.0) -> Check:
    exact = _exact_weights(H, n)
    mean = sum(float(w) / math.sqrt(i) for i, w in enumerate(exact, start=1))
    most = part * bounds.ucb_q_weight(H, n)
    return Check.everywhere(
        [float(max(exact)), float(sum(w * w for w in exact)), mean, 1 / math.sqrt(n), abs(float(sum(exact)) - 1)],
        [most, most, 2 / math.sqrt(n), mean, 0.0],
    )


WEIGHTS = Theorem(
    name="ucb-q-weights",
    statement=(
        r"The weights $\alpha_n^i$ of Q-learning with steps $(H + 1)/(H + n)$ add up to 1, none is above $2H/n$, nor is"
        r" $\sum_i (\alpha_n^i)^2$, and $1/\sqrt n \le \sum_i \alpha_n^i / \sqrt i \le 2/\sqrt n$."
    ),
    source="jin2018, Lemma 4.1",
    assumptions=r"$H, n \ge 1$",
    instances=st.just((1, 60)) | st.tuples(st.integers(1, 6), st.integers(1, 40)),
    check=_weights,
    refutable=partial(_weights, part=0.9),
    tight=lambda: Check(float(max(_exact_weights(1, 400))), bounds.ucb_q_weight(1, 400)),
    tight_ratio=0.99,
    attained_by="The last of 400 weights, for one step an episode,",
)


def _future(H: int, i: int, n: int, *, part: float = 1.0) -> Check:
    """Add up the weights of target i until the mean of n targets: ever more of them, and never all."""
    weight, total = Fraction(H + 1, H + i), Fraction(0)
    for later in range(i, n + 1):
        total += weight
        weight *= Fraction(later, H + later + 1)
    return Check(float(total), part * bounds.ucb_q_future_weight(H))


FUTURE_WEIGHTS = Theorem(
    name="ucb-q-future-weights",
    statement=r"$\sum_{n \ge i} \alpha_n^i = 1 + 1/H$ for every target i of Q-learning with steps $(H + 1)/(H + n)$.",
    source="jin2018, Lemma 4.1; derived here",
    assumptions=(
        r"$H, i \ge 1$. From $\sum_{n > m} \alpha_n^i = m\, \alpha_m^i / H$, because $n\, \alpha_n^i - (n+1)\,"
        r" \alpha_{n+1}^i = H \alpha_{n+1}^i$"
    ),
    instances=st.builds(lambda H, i, more: (H, i, i + more), st.integers(1, 6), st.integers(1, 9), st.integers(0, 99))
    | st.just((4, 1, 60)),
    check=_future,
    refutable=partial(_future, part=0.95),
    tight=lambda: _future(4, 1, 60),
    tight_ratio=0.999,
    attained_by="A first target, followed for 60 visits",
)


_K = 200
_START = np.array([1.0, 0.0])
_STAY = np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
_CHOICE = FiniteHorizonMDP(_STAY, np.array([[0.0, 0.0], [1.0, 1.0]]), H=2, mu=_START)
"""Choose the next state; one pays at the last step."""


def _random_world(seed: int) -> FiniteHorizonMDP:
    rng = np.random.default_rng(seed)
    return FiniteHorizonMDP(rng.dirichlet(np.ones(2), (2, 2)), rng.random((2, 2)), H=2, mu=_START)


_MODELS = st.just(_CHOICE) | st.integers(0, 99).map(_random_world)


def _ucbvi(model: FiniteHorizonMDP, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    run = ucbvi(model, _K, delta=_DELTA, radius=Data(), record=True, rng=rng)
    return Check(regret_of(run, model), fraction * bounds.ucbvi_regret(2, 2, 2, _K, delta=_DELTA, vmax=2.0))


UCBVI_REGRET = Theorem(
    name="ucbvi-regret",
    statement=(
        r"The regret of K episodes of UCBVI is at most $S A H v + 2 (b + w) \sqrt{S A K H} + v \sqrt{\tfrac12 K H"
        r" \ln(3 /"
        r" \delta)}$ with probability $1 - \delta$, $b = v \sqrt{\tfrac12 \ln(3 S A K H^2 / \delta)}$ and $w = v"
        r" \sqrt{\tfrac12 (S \ln 2 + \ln(3 S A K H / \delta))}$."
    ),
    source="azar2017; derived here",
    assumptions=r"one kernel for all steps; total rewards in $[0, v]$, known; bonus $b / \sqrt N$",
    instances=_MODELS,
    check=_ucbvi,
    refutable=partial(_ucbvi, fraction=0.025),  # false: with a fortieth
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _ucb_q(model: FiniteHorizonMDP, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    run = ucb_q(model, _K, delta=_DELTA, record=True, rng=rng)
    return Check(regret_of(run, model), fraction * bounds.ucb_q_regret(2, 2, 2, _K, delta=_DELTA, vmax=2.0))


UCB_Q_REGRET = Theorem(
    name="ucb-q-regret",
    statement=(
        r"The regret of K episodes of Q-learning with bonuses $c / \sqrt n$, $c = v \sqrt{H \ln(4 S A H K /"
        r" \delta)}$, is"
        r" at most $e (S A H v + 8 c H \sqrt{S A K} + v \sqrt{\tfrac12 H K \ln(2 / \delta)})$ with probability"
        r" $1 - \delta$."
    ),
    source="jin2018, Theorem 1; derived here",
    assumptions=r"total rewards in $[0, v]$, without noise",
    instances=_MODELS,
    check=_ucb_q,
    refutable=partial(_ucb_q, fraction=0.015),  # false: the choice of a state loses more than that
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _sampled_law(r: np.ndarray, k: int, sign: int, rng: np.random.Generator, *, learner: str = "sampler") -> Check:
    """Draw a model from the prior, and compare optima, the sampled one in episode k of 20."""
    model = FiniteHorizonMDP(rng.dirichlet(np.ones(2), (2, 2)), r, H=2, mu=_START)
    run = posterior_sampling(model, 20, rng=rng) if learner == "sampler" else ucbvi(model, 20, radius=Data(), rng=rng)
    assert run.optimistic_value is not None
    best = max(r[0] + model.rows(0).toarray()[:2] @ r.max(axis=1))  # of two steps from state 0
    return Check(sign * run.optimistic_value[k], sign * best)


SAMPLED_LAW = Theorem(
    name="posterior-sampling-law",
    statement=(
        r"In every episode the optimum of the sampled model is, in the mean over the prior, that of the true one:"
        r" $\mathbb{E} \tilde V^*_0 = \mathbb{E} V^*_0$."
    ),
    source="osband2013, Lemma 1",
    assumptions=r"the prior is right: rows of the kernel are uniform on the simplex",
    instances=st.tuples(
        hnp.arrays(np.int64, (2, 2), elements=st.integers(0, 4), fill=st.nothing()).map(lambda k: k / 8 + 0.1),
        st.sampled_from([0, 1, 4, 19]),
        st.sampled_from([1, -1]),
    ),
    check=_sampled_law,
    refutable=partial(_sampled_law, learner="optimist"),  # false: what an optimist believes is above the truth
    kind=Kind.IN_EXPECTATION,
)


THEOREMS = (UCBVI_REGRET, WEIGHTS, FUTURE_WEIGHTS, UCB_Q_REGRET, SAMPLED_LAW)
"""In the order in which one would teach them."""

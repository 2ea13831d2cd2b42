r"""What optimism in finite models is made of: what is true for any data, and what with probability.

What holds for any data is checked with kernels that need not be frequencies, and with the least bonus that the proof
asks for, which leaves no slack for mistakes to hide in. What holds with probability is checked on single rows.
"""

from __future__ import annotations

import math
from functools import partial

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import laws
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory.exploration.bounds import optimism as bounds
from rltheory.exploration.bounds.tabular import ucbvi_width

_DELTA = 0.05
_SAMPLES = 300
Worlds = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The true kernel and a learned one, of shape (H, n_states, n_actions, n_states), and rewards in [0, 1]."""

_COIN = np.full((2, 2, 1, 2), 0.5)
_BENT = _COIN + np.array([0.05, -0.05])
_HEADS = np.zeros((2, 2, 1))
_HEADS[1, 0] = 1.0
COIN: Worlds = (_COIN, _BENT, _HEADS)
"""One toss of a fair coin that looks slightly bent; heads pay 1 at the last step."""


@st.composite
def _worlds(draw: DrawFn, *, near: bool = False) -> Worlds:
    """Draw two kernels, the second a mixture of the first with a little of another if they are ``near``."""
    H, S, A = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    P, other = (draw(laws(H * S * A, S, uneven=False)).reshape(H, S, A, S) for _ in range(2))
    x = draw(st.sampled_from([0.1, 0.01, 1e-3, 0.0, 0.5])) if near else 1.0
    r = draw(hnp.arrays(np.int64, (H, S, A), elements=st.integers(0, 4), fill=st.nothing())) / 4
    return P, (1 - x) * P + x * other, r


def _values(P: np.ndarray, r: np.ndarray, policy: np.ndarray | None = None) -> np.ndarray:
    """Return the values of all steps and states, shape (H + 1, n_states), of the best policy or of one."""
    H, S, _ = r.shape
    value = np.zeros((H + 1, S))
    for t in reversed(range(H)):
        q = r[t] + (P[t] * value[t + 1]).sum(axis=2)
        value[t] = q.max(axis=1) if policy is None else q[np.arange(S), policy[t]]
    return value


def _optimism(P: np.ndarray, learned: np.ndarray, r: np.ndarray, *, part: float = 1.0) -> Check:
    best, H = _values(P, r), len(r)
    bonus = np.maximum(0, np.einsum("tsay,ty->tsa", P - learned, best[1:]))
    believed = bounds.optimistic_value(learned, r, part * bonus, vmax=float(H))
    return Check.everywhere(best[:H], believed.max(axis=2))


OPTIMISM = Theorem(
    name="optimism",
    statement=(
        r"If $b_t \ge (P_t - \hat P_t) V^*_{t+1}$ for all pairs, planning $V_t = \max_a \min\{v, r_t + \hat P_t V_{t+1}"
        r" + b_t\}$ gives $V_t \ge V^*_t$ at all states."
    ),
    source="azar2017, Lemma 18",
    assumptions=r"$0 \le V^* \le v$, $b \ge 0$; $\hat P$ any kernel",
    instances=st.just((_COIN, _BENT[..., ::-1], _HEADS)) | _worlds(),
    check=_optimism,
    refutable=partial(_optimism, part=0.95),  # false: with a little less of the bonus
    tight=lambda: _optimism(_COIN, _BENT[..., ::-1], _HEADS),
    tight_ratio=0.999,
    attained_by="Two coins, estimated by as much too high as the bonus,",
)


def _loss(P: np.ndarray, learned: np.ndarray, r: np.ndarray, bonus: float) -> Check:
    H = len(r)
    q = bounds.optimistic_value(learned, r, np.full(r.shape, bonus), vmax=float(H))
    believed = np.vstack([q.max(axis=2), np.zeros(r.shape[1])])
    policy = q.argmax(axis=2)
    unsure = bonus + np.abs(np.einsum("tsay,ty->tsa", P - learned, believed[1:]))
    cost = bounds.accumulated_cost(P, policy, np.minimum(H, unsure))
    return Check.everywhere(believed[0] - _values(P, r, policy)[0], cost)


OPTIMISTS_LOSS = Theorem(
    name="loss-of-an-optimist",
    statement=(
        r"The policy $\pi$ of an optimist's plan earns $V_0 - V^\pi_0 \le \mathbb{E}^\pi \sum_t \min\{v, b_t + |(\hat"
        r" P_t"
        r" - P_t) V_{t+1}|\}$ less than it believes; if it is optimistic, this bounds its regret."
    ),
    source="azar2017",
    assumptions=r"rewards at least 0, $V^\pi \ge 0$ and $V \le v$; $\hat P$ any kernel",
    instances=st.just((*COIN, 0.0)) | st.builds(lambda w, b: (*w, b), _worlds(), st.sampled_from([0.0, 0.1, 1.0])),
    check=_loss,
    refutable=scaled(_loss, rhs=0.9),
    tight=lambda: _loss(*COIN, 0.0),
    tight_ratio=0.999,
    attained_by="Two coins, estimated by as much too high as the bonus,",
)


def _row_path(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the frequencies after 1, 2, ... samples, shape (_SAMPLES, n_states)."""
    samples = rng.choice(p.size, size=_SAMPLES, p=p)
    return np.cumsum(np.eye(p.size)[samples], axis=0) / np.arange(1, _SAMPLES + 1)[:, None]


def _rows(least: int) -> SearchStrategy[np.ndarray]:
    """Draw a row of at least so many states, each of probability 1/12 or more."""
    weights = st.lists(st.integers(1, 3), min_size=least, max_size=4)
    return weights.map(lambda chosen: np.array(chosen) / sum(chosen))


def _width(p: np.ndarray, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    value = np.eye(p.size)[0]
    errors = (p - _row_path(p, rng)) @ value * np.sqrt(np.arange(1, _SAMPLES + 1))
    return Check(errors.max(), fraction * ucbvi_width(1, 1, 1, _SAMPLES, delta=_DELTA, vmax=1.0))


WIDTH = Theorem(
    name="ucbvi-width",
    statement=(
        r"$(P - \hat P_n) V \le v \sqrt{\ln(3 N / \delta) / (2 n)}$ for one V and all $n \le N$, with probability"
        r" $1 - \delta$."
    ),
    source="hoeffding1963, Theorem 2",
    assumptions=r"$0 \le V \le v$; independent samples",
    instances=_rows(2),
    check=_width,
    refutable=partial(_width, fraction=0.2),  # false: with a fifth, below what half of the runs reach
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _bernstein(p: np.ndarray, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    n = np.arange(1, _SAMPLES + 1)
    errors = np.abs((_row_path(p, rng) - p)[:, 0])
    log = math.log(2 * _SAMPLES / _DELTA)
    return Check.everywhere(errors, fraction * bounds.bernstein_error(p[0] * (1 - p[0]), n, log=log, vmax=1.0))


BERNSTEIN = Theorem(
    name="ucbvi-bernstein-event",
    statement=(
        r"$|(\hat P_n - P) V| \le \sqrt{2 L \operatorname{Var}_P(V) / n} + 2 v L / (3 n)$ with $L = \ln(2 N /"
        r" \delta)$ for"
        r" one V and all $n \le N$, with probability $1 - \delta$."
    ),
    source="azar2017",
    assumptions=r"$0 \le V \le v$; independent samples",
    instances=_rows(2),
    check=_bernstein,
    refutable=partial(_bernstein, fraction=0.12),  # false: with an eighth
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _model_error(p: np.ndarray, n: int, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    apart = np.abs(rng.multinomial(n, p) / n - p).sum() / 2
    return Check(apart * math.sqrt(n), fraction * bounds.model_error(p.size, failure=_DELTA))


MODEL_ERROR = Theorem(
    name="frequencies-in-tv",
    statement=(r"$TV(\hat P_n, P) \le \sqrt{(S \ln 2 + \ln(1 / \delta)) / (2 n)}$ with probability $1 - \delta$."),
    source="weissman2003; derived here",
    assumptions=r"independent samples",
    instances=st.tuples(_rows(3), st.integers(50, 500)),
    check=_model_error,
    refutable=partial(_model_error, fraction=0.25),  # false: with a quarter
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _information(learned: np.ndarray, P: np.ndarray) -> np.ndarray:
    """Return KL(learned || P) of each row, infinite where the learned one goes where P does not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(learned > 0, learned * np.log(learned / P), 0.0)
    return np.maximum(0, terms.sum(axis=-1))


def _threshold(p: np.ndarray, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    n = np.arange(1, _SAMPLES + 1)
    allowed = bounds.kl_threshold(p.size, 1, 1, n, delta=_DELTA)
    return Check.everywhere(n * _information(_row_path(p, rng), p), fraction * allowed)


KL_THRESHOLD = Theorem(
    name="frequencies-in-kl",
    statement=(
        r"$n\, KL(\hat P_n \| P) \le \ln(3 / \delta) + S \ln(8 e (n + 1))$ for all n, with probability $1 - \delta$."
    ),
    source="kaufmann2021",
    assumptions=r"independent samples; $n \le 300$ here",
    instances=_rows(3),
    check=_threshold,
    refutable=partial(_threshold, fraction=0.1),  # false: with a tenth
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _policies(world: Worlds) -> SearchStrategy[tuple[np.ndarray, ...]]:
    H, S, A = world[2].shape
    actions = hnp.arrays(np.int64, (H, S), elements=st.integers(0, A - 1), fill=st.nothing())
    return actions.map(lambda policy: (*world, policy))


def _reward_free(P: np.ndarray, learned: np.ndarray, r: np.ndarray, policy: np.ndarray, *, part: float = 1.0) -> Check:
    H, left = len(r), len(r) - np.arange(len(r), dtype=float)
    unsure = part * (left - 1)[:, None, None] * np.sqrt(np.minimum(_information(learned, P), 1e300) / 2)
    error = np.abs(_values(P, r, policy)[0] - _values(learned, r, policy)[0])
    return Check.everywhere(error, bounds.reward_free_uncertainty(learned, unsure, cap=left[:H]))


_ALMOST = (_COIN, _COIN + np.array([1e-3, -1e-3]), _HEADS, np.zeros((2, 2), dtype=np.int64))
_PAIRS_OF_WORLDS = (st.just(COIN) | _worlds() | _worlds(near=True)).flatmap(_policies)

REWARD_FREE = Theorem(
    name="reward-free-error",
    statement=(
        r"$|\hat V^\pi_0 - V^\pi_0| \le \max_a E_0$ for every policy and every reward in [0, 1], with $E_t = \min\{H"
        r" - t,"
        r" (H - t - 1) \sqrt{KL(\hat P_t \| P_t) / 2} + \hat P_t \max_a E_{t+1}\}$."
    ),
    source="kaufmann2021; Pinsker's inequality",
    assumptions=r"$\hat P$ any kernel",
    instances=_PAIRS_OF_WORLDS,
    check=_reward_free,
    refutable=partial(_reward_free, part=0.95),  # false: with a little less of the uncertainty
    tight=lambda: _reward_free(*_ALMOST),
    tight_ratio=0.999,
    attained_by="Two coins, estimated by a little too high,",
)


def _express(P: np.ndarray, learned: np.ndarray, r: np.ndarray, policy: np.ndarray) -> Check:
    H = len(r)
    unsure = 15 * H**2 * np.minimum(_information(learned, P), 1e300)
    error = np.abs(_values(P, r, policy)[0] - _values(learned, r, policy)[0])
    largest = bounds.reward_free_uncertainty(learned, unsure, cap=np.full(H, float(H)), growth=1 + 1 / H)
    return Check.everywhere(error, [bounds.rf_express_error(W) for W in largest])


EXPRESS = Theorem(
    name="reward-free-error-of-express",
    statement=(
        r"$|\hat V^\pi_0 - V^\pi_0| \le 3 e \sqrt W + W$ for every policy and every reward in [0, 1], with W the"
        r" $\max_a W_0$ of $W_t = \min\{H, 15 H^2 KL(\hat P_t \| P_t) + (1 + 1/H) \hat P_t \max_a W_{t+1}\}$."
    ),
    source="menard2021, Lemma 1",
    assumptions=r"$\hat P$ any kernel",
    instances=_PAIRS_OF_WORLDS,
    check=_express,
    refutable=scaled(_express, rhs=0.005),
)


def _propagation(p: np.ndarray, v: np.ndarray, w: np.ndarray, samples: float, *, b: float = 400 / 9) -> Check:
    low, high = np.minimum(v, w), np.maximum(v, w)
    deviation = math.sqrt(max(0.0, float(p @ low**2) - float(p @ low) ** 2) / samples)
    backed_up = float(p @ low) + max(20 / 3 * deviation, b / samples)
    return Check(backed_up, bounds.mvp_backup(p, high, n=samples, iota=1.0, b=b))


_UNIT = hnp.arrays(np.int64, 3, elements=st.integers(0, 8), fill=st.nothing()).map(lambda k: k / 8)
_FALLING = (np.array([0.01, 0.99, 0.0]), np.array([0.0, 1.0, 1.0]), np.array([0.02, 1.0, 1.0]), 3857.0)
"""Raising an unlikely value far below the rest lowers the variance; if b is below a^2 the bonus falls by more."""

PROPAGATION = Theorem(
    name="mvp-monotonicity",
    statement=(
        r"$p^\top v + \max\{a \sqrt{\operatorname{Var}_p(v) \iota / n}, b \iota / n\}$ does not fall when a"
        r" coordinate of"
        r" $v \in [0, 1]^S$ rises, for $a = 20/3$ and $b = 400/9 = a^2$."
    ),
    source="zhang2021mvp",
    assumptions=r"p a distribution, $n, \iota > 0$",
    instances=st.just(_FALLING)
    | st.tuples(laws(1, 3).map(lambda rows: rows[0]), _UNIT, _UNIT, st.sampled_from([1.0, 20.0, 100.0, 1e3, 1e5])),
    check=_propagation,
    refutable=partial(_propagation, b=40.0),  # false: with nine tenths of b, too little beside the deviation
    tight=lambda: _propagation(_FALLING[0], np.ones(3), np.ones(3), 20.0),
    tight_ratio=0.999,
    attained_by="A value that is raised where the variance falls fastest",
)


THEOREMS = (OPTIMISM, OPTIMISTS_LOSS, WIDTH, BERNSTEIN, MODEL_ERROR, PROPAGATION, KL_THRESHOLD, REWARD_FREE, EXPRESS)
"""In the order in which one would teach them."""

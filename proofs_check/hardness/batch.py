r"""What a log cannot tell: the lock that the policy which made it did not open."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from mdps.strategies import laws
from proofs_check.claims import Claim, Remark
from proofs_check.imitation.instances import visits
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.hardness import bounds, least_reached, lock_failure


def _opened(behaviour: np.ndarray) -> Check:
    """How often the log opens its worst lock, by following the probabilities of states."""
    code, _ = least_reached(behaviour)
    L, A = behaviour.shape
    lock = mdps.batch_lock(code.tolist(), A)
    policy = np.zeros((L, L + 1, A))
    policy[:, :L] = behaviour
    policy[:, L] = 1 / A
    at_last = visits(lock, policy)[-1, L - 1] * behaviour[L - 1, code[-1]]
    return Check(at_last, bounds.lock_reach(A, L))


@st.composite
def _behaviours(draw: DrawFn) -> np.ndarray:
    L, A = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    return draw(laws(L, A, uneven=False))


reach = Theorem(
    name="batch-lock-reach",
    statement=(
        r"Whatever policy makes a log, some lock of $L = \min\{S - 1, H\}$ digits is opened with probability $\prod_t"
        r" \min_a \pi_t(a) \le A^{-L}$."
    ),
    source="xiao2022batch; derived here",
    assumptions="a wrong digit ends the episode; the policy does not know the code",
    instances=_behaviours() | st.just(np.full((2, 2), 0.5)),
    check=_opened,
    refutable=scaled(_opened),
    tight=lambda: _opened(np.full((6, 3), 1 / 3)),
    tight_ratio=0.999,
    attained_by="Acting at random",
)

Log = tuple[float, int, float]
"""Probability that an episode opens the lock, number of episodes, gap."""


def _logs() -> st.SearchStrategy[Log]:
    reaches = st.sampled_from([0.5, 0.1, 0.01, 1.0])
    return st.tuples(reaches, st.integers(0, 6), st.sampled_from([0.25, 0.1, 0.4, 0.01, 0.5]))


def _least_loss(p: float, episodes: int, gap: float) -> float:
    """Return the minimax loss, by going through all logs: what an episode shows is nothing, heads or tails."""
    up, down = ((1 - p, p * (0.5 + x), p * (0.5 - x)) for x in (gap, -gap))
    shown = itertools.product(range(3), repeat=episodes)
    both = sum(min(np.prod([up[i] for i in log]), np.prod([down[i] for i in log])) for log in shown)
    return gap * float(both) / 2


def _against(bound: Callable[[float, int, float], float]) -> Callable[..., Check]:
    def check(p: float, episodes: int, gap: float) -> Check:
        return Check(bound(p, episodes, gap), _least_loss(p, episodes, gap))

    return check


_information = _against(bounds.lock_loss)
information = Theorem(
    name="batch-lock-loss",
    statement=(
        r"From N logged episodes, each of which opens the lock with probability p, every learner loses at least"
        r" $\frac\varepsilon2 (1 - \sqrt{1 - e^{-N p\, KL}})$ on one of two locks, $KL = 2 \varepsilon \ln\frac{1 +"
        r" 2\varepsilon}{1 - 2\varepsilon}$. To lose $\kappa \varepsilon$ at most takes $N \ge A^{\min\{S-1,H\}}"
        r" \ln\frac1{4 \kappa (1 - \kappa)} / KL$ episodes, of the order of $A^{\min\{S-1,H\}} / \varepsilon^2$."
    ),
    source="xiao2022batch (an order); bretagnolle1979; derived here",
    assumptions=(
        r"behind the lock is a coin of mean $\frac12 \pm \varepsilon$, before it a sure half; the number of episodes by"
        r" batch-lock-reach"
    ),
    instances=_logs() | st.just((1.0, 0, 0.25)),
    check=_information,
    refutable=scaled(_information),
    tight=lambda: _information(1e-4, 3, 0.1),
    tight_ratio=0.99,
    attained_by="A log without information",
)

_unopened = _against(bounds.lock_loss_unopened)
unopened = Theorem(
    name="batch-lock-unopened",
    statement=r"Every learner loses at least $\frac\varepsilon2 (1 - p)^N$ on one of two locks.",
    source="derived here",
    assumptions="as for batch-lock-loss; if nobody has opened the lock, the log is the same for both",
    instances=_logs() | st.just((0.5, 2, 0.5)),
    check=_unopened,
    refutable=scaled(_unopened),
    tight=lambda: _unopened(0.3, 5, 0.5),
    tight_ratio=0.999,
    attained_by="A coin that tells all at once",
)


def _majority(p: float, episodes: int, gap: float) -> Check:
    return Check.equal(gap * lock_failure(p, episodes, gap), _least_loss(p, episodes, gap))


def _with_ties(p: float, episodes: int, gap: float) -> Check:
    """False variant: the learner opens the lock whenever it has seen no more tails than heads, also if none."""
    failure = lock_failure(p, episodes, gap)
    shown = itertools.product(range(3), repeat=episodes)
    down = (1 - p, p * (0.5 - gap), p * (0.5 + gap))
    wrong = sum(float(np.prod([down[i] for i in log])) for log in shown if log.count(1) >= log.count(2))
    return Check.equal(gap * failure, gap * wrong)


majority = Theorem(
    name="batch-lock-majority",
    statement="To follow the majority of the coins seen, or a toss if there is none, is minimax on the two locks.",
    source="derived here",
    assumptions="as for batch-lock-loss",
    instances=_logs() | st.just((0.5, 1, 0.25)),
    check=_majority,
    refutable=_with_ties,
)

large_logs = Claim(
    name="many-episodes-are-enough",
    statement=(
        r"If a log takes every action with probability $1/A$, then $S A H^3 / \varepsilon^2$ episodes are enough to"
        r" lose $\varepsilon / 8$ at most, as if pairs could be drawn at will."
    ),
    source="xiao2022batch",
    counterexample=lambda: Check(bounds.lock_episodes(2, 40, gap=0.25, loss=0.25 / 8), 41 * 2 * 40**3 / 0.25**2),
    instance="a lock of 40 binary digits, and a log of a policy that tosses coins, which hardly ever opens it",
    lesson="every *state* must be visited often, too: batch-lock-loss, and pevi-coverage-uncertainty from above",
)

fixed_policy = Remark(
    name="batch-learning-from-a-generative-log",
    statement=(
        r"If a log shows all pairs equally often, of the order of $S A H^3 / \varepsilon^2$ transitions are enough, up"
        r" to logarithms, and necessary."
    ),
    source="azar2013",
    reason=(
        "an order without constants. With constants are certainty-equivalence and total-variance from above, and"
        " batch-lock-loss from below for logs that do not show all pairs"
    ),
)

THEOREMS = (reach, information, unopened, majority)

CLAIMS = (large_logs,)

REMARKS = (fixed_policy,)

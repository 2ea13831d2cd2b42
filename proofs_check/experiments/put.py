r"""The American put of the published experiment: golden rows, digit by digit, and what no policy can exceed.

A number that is printed with k digits is met if the difference is at most $10^{-k}/2$. The payoffs of PEVI and of R2PVI
are printed by the reference code of Tang, Liu and Xu (2025). Those of DRPVI come from an independent implementation
with exact maxima, since that code stops its search before them; the values of optimal stopping from folding the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import hypothesis.strategies as st
import numpy as np

import mdps
import rltheory as rl
from proofs_check.theorem import Check, Theorem
from rltheory.robust import TV

_RISES = (0.2, 0.4, 0.6, 0.8, 1.0)
_START = 99.17022004702574


@dataclass(frozen=True, slots=True)
class Row:
    """A learner, by its weight or radius of total variation (neither is PEVI), and its mean payoffs as printed."""

    payoffs: tuple[float, ...]
    digits: int
    lam: float | None = None
    rho: float | None = None


GOLDEN = (
    Row((6.278773, 5.020447, 2.199472, 0.294869, 0.0), digits=6),
    Row((1.406818, 1.318247, 1.140056, 0.877427, 0.553187), digits=6, lam=1.0),
    Row((2.820, 2.708, 2.040, 0.989, 0.0), digits=3, lam=2.0),
    Row((4.769118, 4.318642, 2.211471, 0.571973, 0.0), digits=6, lam=5.0),
    Row((5.6549, 4.8655, 2.1985, 0.2938, 0.0), digits=4, rho=0.025),
    Row((3.8823, 3.3484, 2.1448, 0.8414, 0.0), digits=4, rho=0.1),
    Row((2.1567, 2.0388, 1.5864, 0.9359, 0.2766), digits=4, rho=0.2),
)
"""Payoffs for the probabilities 0.2, 0.4, 0.6, 0.8 and 1 of a rise."""


@cache
def _learned(lam: float | None, rho: float | None, strike: float) -> np.ndarray:
    """Return the policies that are learned from the three replications."""
    nominal = lam is None and rho is None
    return mdps.put_policies(mdps.put_learner(None if nominal else TV(lam=lam, rho=rho)), strike=strike)


def _payoffs(row: Row, strike: float = 100.0) -> Check:
    policies = _learned(row.lam, row.rho, strike)
    found = mdps.put_sampled_payoffs(policies, _RISES, strike=strike).mean(axis=0)
    return Check(np.abs(found - row.payoffs).max(), 0.5 * 10.0**-row.digits)


payoffs = Theorem(
    name="put-published-payoffs",
    statement=(
        r"Learned from 100 paths of a fair binomial tree, the exercise policies of PEVI, of R2PVI with total variation"
        r" ($\lambda = 1, 2, 5$) and of DRPVI ($\rho = 0.025, 0.1, 0.2$) are paid the printed amounts where the price"
        r" rises with probability 0.2, 0.4, 0.6, 0.8 or 1, up to half a unit of the last printed digit."
    ),
    source="reference code of Tang, Liu and Xu (2025), ICML; DRPVI with exact maxima, liu2024",
    assumptions=r"the published random numbers, three replications, strike 100, 30 features, $\beta = 0.1$, ridge 1",
    instances=st.sampled_from(GOLDEN),
    check=_payoffs,
    refutable=partial(_payoffs, strike=101.0),  # false: another strike
)


def _folded(s0: float, p: float, *, early: bool = True) -> float:
    """Return the value of optimal stopping at 20 dates, level by level; or of stopping at the last one."""
    value = np.zeros(21)
    for t in reversed(range(20)):
        rises = np.arange(t + 1)
        held = p * value[1:] + (1 - p) * value[:-1]
        paid = np.maximum(100.0 - s0 * 1.02**rises * 0.98 ** (t - rises), 0.0)
        value = np.maximum(held, paid) if early or t == 19 else held
    return float(value[0])


_STOPPING = (
    (_START, 0.2, 21.1598, 4),
    (_START, 0.4, 8.8327, 4),
    (_START, 0.5, 3.9054, 4),
    (_START, 0.6, 1.9257, 4),
    (_START, 0.8, 0.8298, 4),
    (_START, 1.0, 0.8298, 4),
    (100.0, 0.4, 8.225589, 6),
    (100.0, 0.5, 3.519716, 6),
    (100.0, 0.6, 1.592945, 6),
)


def _stopping(s0: float, p: float, printed: float, digits: int, *, early: bool = True) -> Check:
    solved = float(rl.solve(mdps.american_put(s0, p)[0]).value[0, 0])
    folded = _folded(s0, p, early=early)
    return Check(max(abs(solved - folded), abs(folded - printed)), 0.5 * 10.0**-digits)


stopping = Theorem(
    name="put-optimal-stopping",
    statement=(
        r"$V_t(s) = \max\{(K - s)_+, p V_{t+1}(us) + (1 - p) V_{t+1}(ds)\}$, solved as a finite-horizon model, and"
        r" folded by hand, is the printed value of the option, up to half a unit of the last digit."
    ),
    source="liu2024; derived here",
    assumptions=r"strike 100, $u = 1.02$, $d = 0.98$, 20 dates, the first of them now",
    instances=st.sampled_from(_STOPPING),
    check=_stopping,
    refutable=partial(_stopping, early=False),  # false: as if nobody exercised before the last date
)


@cache
def _policies(source: Row | float) -> np.ndarray:
    """Return learned policies, or the one that is optimal for a probability of a rise."""
    if isinstance(source, Row):
        return _learned(source.lam, source.rho, 100.0)
    return rl.solve(mdps.put_tree(source)[0]).policy[None]


def _bound(source: Row | float, p: float, *, nominal: bool = False) -> Check:
    paid = mdps.put_payoffs(_policies(source), [p])
    return Check(paid.max(), _folded(_START, 0.5 if nominal else p))


bound = Theorem(
    name="put-no-policy-beats-stopping",
    statement=(
        r"No exercise policy, whether it was learned or is optimal for another probability of a rise, is paid more on"
        r" average than the value of optimal stopping."
    ),
    source="derived here",
    assumptions=r"payoffs are exact expectations, for any probability of a rise",
    instances=st.tuples(
        st.sampled_from(GOLDEN) | st.sampled_from((0.1, 0.5, 0.9)), st.integers(0, 20).map(lambda k: k / 20)
    )
    | st.just((0.2, 0.2)),
    check=_bound,
    refutable=partial(_bound, nominal=True),  # false: bounded by what the data's world allows
    tight=lambda: _bound(0.2, 0.2),
    tight_ratio=0.999999,
    attained_by="The best policy itself",
)


THEOREMS = (stopping, bound, payoffs)
"""In the order in which one would teach them."""

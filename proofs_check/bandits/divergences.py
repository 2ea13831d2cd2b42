"""How well data tell worlds apart: errors of tests, and what a learner sees of what it tries."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import laws
from proofs_check.bandits import oracles
from proofs_check.bandits.instances import METHOD, chances, rule_of
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.bandits import BernoulliArms, bounds, count_law

PAIRS = st.integers(2, 4).flatmap(lambda n: laws(2, n))


def _errors(pair: np.ndarray, constant: float = bounds.SHARP_BRETAGNOLLE_HUBER) -> Check:
    kl = oracles.divergence(*pair)
    return Check(bounds.bretagnolle_huber(kl, constant), oracles.errors(*pair))


_HARDEST = np.array([[0.25500097491636775, 0.7449990250836322], [0.6275004874581839, 0.3724995125418161]])
"""With 1 - b = u, ln(2u / (2u - 1)) = 1/u and a = 2u - 1."""

bretagnolle_huber = Theorem(
    name="bretagnolle-huber",
    statement=(
        r"$P(A) + Q(A^c) \ge c\, e^{-\mathrm{KL}(P, Q)}$ with $c = 0.8359$, and so with $c = \frac12$: no test tells "
        r"near worlds apart, and far ones only at the price of data."
    ),
    source="bretagnolle1979; lattimore2020, Theorem 14.2; the constant is derived here",
    assumptions=(
        r"any event A. Forget all but A: KL only shrinks, and $e^{-\mathrm{KL}}/(P(A) + Q(A^c))$ of two coins has one "
        r"stationary point, at $Q(A^c) = 1 - u$, $P(A) = 2u - 1$ with $\ln\frac{2u}{2u-1} = \frac1u$"
    ),
    instances=PAIRS | st.just(_HARDEST),
    check=_errors,
    refutable=partial(_errors, constant=0.84),  # false: 0.8359 is the largest constant
    tight=lambda: _errors(_HARDEST),
    tight_ratio=0.999999,
    attained_by="Coins of probabilities 0.255 and 0.6275",
)


def _distance(pair: np.ndarray) -> Check:
    return Check(1 - oracles.errors(*pair), bounds.bretagnolle_huber_distance(oracles.divergence(*pair)))


_FAR = np.array([[1.0, 0.0], [1e-4, 1 - 1e-4]])

distance = Theorem(
    name="bretagnolle-huber-distance",
    statement=(
        r"$\mathrm{TV}(P, Q) \le \sqrt{1 - e^{-\mathrm{KL}(P, Q)}}$, which is below 1 where Pinsker's "
        r"$\sqrt{\mathrm{KL}/2}$ says nothing."
    ),
    source="bretagnolle1979; lattimore2020, Theorem 14.2",
    assumptions=r"none. Jensen for $\int \sqrt{dP\,dQ} \ge e^{-\mathrm{KL}/2}$, and Cauchy and Schwarz",
    instances=PAIRS | st.just(_FAR),
    check=_distance,
    refutable=scaled(_distance, rhs=0.99),
    tight=lambda: _distance(_FAR),
    tight_ratio=0.9999,
    attained_by="One sure outcome that is rare in the other world",
)


@st.composite
def _worlds(draw: st.DrawFn, *, one_arm: bool = False) -> np.ndarray:
    """Two rows of chances of six digits: worlds that differ by less are not told apart by sums of 64 bits."""
    n_arms = draw(st.integers(2, 3))
    first, second = (draw(chances(n_arms, inner=True)).round(6) for _ in range(2))
    return np.array([first, np.where(np.arange(n_arms) == 1, second, first) if one_arm else second])


def _decomposition(worlds: np.ndarray, rounds: int, method: str, counted_in: int = 0) -> Check:
    seen = oracles.histories(worlds, rounds, rule_of(method, rounds))
    per_pull = BernoulliArms(worlds[0]).divergences(BernoulliArms(worlds[1]))
    return Check.equal(seen.divergence(), bounds.history_divergence(seen.mean_pulls[counted_in], per_pull))


decomposition = Theorem(
    name="bandit-divergence-decomposition",
    statement=(
        r"$\mathrm{KL}(P_\nu, P_{\nu'}) = \sum_a E_\nu N_a\, \mathrm{KL}(\nu_a, \nu'_a)$ for the laws of all that a "
        r"learner does and sees: only what is tried tells two bandits apart."
    ),
    source="lattimore2020, Lemma 15.1",
    assumptions=r"the learner is the same in both bandits, and cancels; every history of coins, one by one",
    instances=st.tuples(_worlds(), st.integers(1, 5), METHOD) | st.just((np.array([[0.5, 0.3], [0.5, 0.9]]), 4, "UCB")),
    check=_decomposition,
    refutable=partial(_decomposition, counted_in=1),  # false: with the pulls of the other bandit
)


def _pulls(worlds: np.ndarray, rounds: int, method: str) -> Check:
    """Compare for Z = N_1 / n, and for whether N_1 is large, at all thresholds."""
    rule, first, second = rule_of(method, rounds), BernoulliArms(worlds[0]), BernoulliArms(worlds[1])
    per_pull = float(first.divergences(second)[1])
    here, there = count_law(first, rounds, rule), count_law(second, rounds, rule)
    shares = [
        [law.expected_pulls[1] / rounds, *(law.probability @ (law.pulls[:, 1] >= m) for m in range(1, rounds + 1))]
        for law in (here, there)
    ]
    needed = [bounds.pulls_needed(round(x, 12), round(y, 12), per_pull) for x, y in zip(*shares, strict=True)]
    return Check.everywhere(needed, here.expected_pulls[1])


_RARE = (np.array([[0.0, 0.001], [0.0, 0.5]]), 3, "UCB")

pulls_needed = Theorem(
    name="bandit-pulls-needed",
    statement=(
        r"$E_\nu N_a \ge \mathrm{kl}(E_\nu Z, E_{\nu'} Z) / \mathrm{KL}(\nu_a, \nu'_a)$ for every Z in [0, 1] that the "
        r"learner's history tells: whoever behaves differently where arm a is better must pull it where it is not."
    ),
    source="garivier2019, inequality 6",
    assumptions=(
        r"the bandits differ in arm a alone. bandit-divergence-decomposition, and KL only shrinks if all but Z is "
        r"forgotten; here Z is $N_a/n$ and whether $N_a \ge m$, for all m"
    ),
    instances=st.tuples(_worlds(one_arm=True), st.integers(1, 7), METHOD) | st.just(_RARE),
    check=_pulls,
    refutable=scaled(_pulls, rhs=0.99),
    tight=lambda: _pulls(*_RARE),
    tight_ratio=0.998,
    attained_by="A coin that UCB tosses again only after a success, which is rare,",
)

THEOREMS = (bretagnolle_huber, distance, decomposition, pulls_needed)

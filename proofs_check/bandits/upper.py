"""What learners lose at most: exactly on coins and for one commitment, otherwise on average over runs."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from proofs_check.bandits import oracles
from proofs_check.bandits.instances import certain, chances, gaussian
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory.bandits import (
    BernoulliArms,
    GaussianArms,
    bounds,
    expected_regret,
    rules,
    successive_elimination,
    ucb,
)

ROUNDS = st.sampled_from([10, 100, 1000])


def _commit(means: np.ndarray, tries: int, spare: int) -> Check:
    rounds = tries * means.size + spare
    arms = BernoulliArms(means)
    regret = expected_regret(arms, rounds, rules.commit_rule(tries))
    return Check(regret, bounds.commit_regret(arms.gaps, tries, rounds, sigma=0.5))


_SURE = (np.array([1.0, 0.0]), 4, 4)

commit = Theorem(
    name="bandit-commit-regret",
    statement=(
        r"$E R \le \sum_a \Delta_a \big( m + (n - mk)\, e^{-m \Delta_a^2 / (4 \sigma^2)} \big)$ if each arm is tried m "
        r"times, and then the best one kept."
    ),
    source="lattimore2020, Theorem 6.1",
    assumptions=r"$mk \le n$; $\sigma$-subgaussian rewards, here coins with $\sigma = \frac12$, exactly",
    instances=st.tuples(st.integers(2, 3).flatmap(chances), st.integers(1, 4), st.integers(0, 6)) | st.just(_SURE),
    check=_commit,
    refutable=scaled(_commit),
    tight=lambda: _commit(*_SURE),
    tight_ratio=0.98,
    attained_by="A coin that always succeeds beside one that never does",
)


def _tuned(gap: float, rounds: int) -> Check:
    tries = bounds.commit_tries(gap, rounds)
    return Check(oracles.gaussian_commit_regret(gap, tries, rounds), bounds.commit_tuned_regret(gap, rounds))


_LOUD = (7.512102843754436, 100_000)

tuned = Theorem(
    name="bandit-commit-tuned",
    statement=(
        r"$E R \le \min\{ n \Delta, \Delta + \frac4\Delta (1 + \max(0, \ln\frac{n \Delta^2}{4})) \}$ for two arms and "
        r"$m = \max(1, \lceil \frac{4}{\Delta^2} \ln\frac{n \Delta^2}{4} \rceil)$ tries: logarithmic, for those who "
        r"know the gap."
    ),
    source="lattimore2020, equation 6.6",
    assumptions=r"$n \ge 2$, $m \le n/2$ or all is trial; here Gaussian with $\sigma = 1$, exactly",
    instances=st.tuples(st.floats(0.001, 10), st.integers(2, 10**6)) | st.just(_LOUD),
    check=_tuned,
    refutable=scaled(_tuned, rhs=0.95),
    tight=lambda: _tuned(*_LOUD),
    tight_ratio=0.96,
    attained_by="A gap just too large for two tries",
)


def _ucb(arms: GaussianArms, rounds: int, rng: np.random.Generator) -> Check:
    rounds = max(rounds, arms.n_arms)
    return Check(ucb(arms, rounds, sigma=1.0, rng=rng).total_regret, bounds.ucb_regret(arms.gaps, rounds))


ucb_regret = Theorem(
    name="bandit-ucb-regret",
    statement=(
        r"$E R \le \sum_{\Delta_a > 0} \big( 3 \Delta_a + \frac{c_n \sigma^2}{\Delta_a} \big)$ for UCB with $\delta = "
        r"n^{-2}$ and $c_n = 4 \ln n + 2 \sqrt{2 \pi \ln n} + 2$."
    ),
    source="auer2002; lattimore2020, Theorem 7.1 (with 16 ln n in place of c) and Lemma 8.2; derived here",
    assumptions=(
        r"$\sigma$-subgaussian rewards. The best arm's index is too low once in n rounds on average, and after s pulls "
        r"an arm is pulled only while its own mean and $\sigma \sqrt{4 \ln(n)/s}$ reach the best mean"
    ),
    instances=st.tuples(gaussian(), ROUNDS) | st.just((certain(2, 1.0), 30_000)),
    check=_ucb,
    refutable=scaled(_ucb, rhs=0.62),
    tight=lambda: _ucb(certain(2, 0.5), 10**6, np.random.default_rng(0)),
    tight_ratio=0.7,
    attained_by="Rewards that are certain, which UCB does not know,",
    kind=Kind.IN_EXPECTATION,
)


def _worst(arms: GaussianArms, rounds: int, rng: np.random.Generator) -> Check:
    rounds = max(rounds, arms.n_arms)
    return Check(ucb(arms, rounds, sigma=1.0, rng=rng).total_regret, bounds.ucb_worst_regret(arms.gaps, rounds))


def _blurred(n_arms: int, rounds: int) -> tuple[GaussianArms, int]:
    """Certain rewards with the gap at which UCB only just begins to find out."""
    return certain(n_arms, 1.8 * np.sqrt(np.log(rounds) * n_arms / rounds)), rounds


ucb_worst = Theorem(
    name="bandit-ucb-worst-regret",
    statement=(
        r"$E R \le \sigma \sqrt{n k\, c_n} + 3 \sum_a \Delta_a$ for UCB, whatever the gaps, with k arms that have one: "
        r"all that bandit-minimax-regret allows but a logarithm."
    ),
    source="auer2002; lattimore2020, Theorem 7.2 (with 8 for 2); derived here",
    assumptions=(
        r"as for bandit-ucb-regret, whose proof gives $(E N_a - 3)^+ \le c_n \sigma^2 / \Delta_a^2$; then Cauchy and "
        r"Schwarz, as all pulls are n"
    ),
    instances=st.tuples(gaussian(), ROUNDS) | st.just(_blurred(100, 5000)),
    check=_worst,
    refutable=scaled(_worst, rhs=0.55),
    tight=lambda: _worst(*_blurred(300, 10**6), np.random.default_rng(0)),
    tight_ratio=0.67,
    attained_by="Certain rewards of many arms, with the gap at which UCB only just begins to find out",
    kind=Kind.IN_EXPECTATION,
)

_DELTA = 0.1


def _elimination(arms: GaussianArms, rounds: int, rng: np.random.Generator) -> Check:
    rounds = max(rounds, arms.n_arms)
    run = successive_elimination(arms, rounds, delta=_DELTA, sigma=1.0, rng=rng)
    return Check(run.total_regret, bounds.elimination_regret(arms.gaps, rounds, delta=_DELTA))


elimination = Theorem(
    name="bandit-elimination-regret",
    statement=(
        r"$R \le \sum_{\Delta_a > 0} \big( \Delta_a + \frac{16 \sigma^2}{\Delta_a} \ln\frac{(k-1) n}{\delta} \big)$ "
        r"for successive elimination, with probability $1 - \delta$."
    ),
    source="evendar2006; the constants are derived here",
    assumptions=(
        r"$\sigma$-subgaussian rewards. Differences of means over m pulls from the best arm's are within "
        r"$u_m = 2 \sigma \sqrt{\ln((k-1)n/\delta)/m}$ of the gaps, always; an arm goes as soon as $\Delta_a > 2 u_m$"
    ),
    instances=st.tuples(gaussian(), ROUNDS) | st.just((certain(2, 1.0), 1000)),
    check=_elimination,
    refutable=scaled(_elimination, rhs=0.24),  # false: certain rewards lose a quarter of the bound
    tight=lambda: _elimination(certain(2, 0.1), 100_000, np.random.default_rng(0)),
    tight_ratio=0.25,
    attained_by="Rewards that are certain",
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)

THEOREMS = (commit, tuned, ucb_regret, ucb_worst, elimination)

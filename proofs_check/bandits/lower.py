"""What no learner avoids: exact regrets of real ones, above the bounds."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

import mdps.bandits
from proofs_check.bandits.instances import METHOD, METHODS, rule_of
from proofs_check.claims import Remark
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory.bandits import (
    bayes_optimum,
    bounds,
    count_law,
    expected_bayes_reward,
    expected_regret,
    explore_then_commit,
    successive_elimination,
    ucb,
)

GAPS = st.sampled_from([0.001, 0.05, 0.1, 0.25, 0.4])


def _needle(n_arms: int, gap: float, rounds: int, method: str, *, chance: bool = True) -> Check:
    """Average the exact regret over the places of the needle."""
    rule = rule_of(method, rounds)
    regret = np.mean(
        [expected_regret(mdps.bandits.needle(n_arms, gap, at=a, sigma=None), rounds, rule) for a in range(n_arms)]  # type: ignore[arg-type]
    )
    bound = bounds.needle_regret(gap, n_arms, rounds, bounds.kl_bernoulli(0.5, 0.5 + gap))
    return Check(bound + (0 if chance else rounds * gap / n_arms), float(regret))


needle = Theorem(
    name="bandit-needle-regret",
    statement=(
        r"Whatever the learner, $E R \ge n \Delta \big( 1 - \frac1k - \sqrt{n D / (2k)} \big)$ on average over which "
        r"of k arms is better by $\Delta$, with D the relative entropy of one of the other arms from the better one."
    ),
    source="auer2002b; the constant is derived here",
    assumptions=(
        r"all other arms alike. By bandit-divergence-decomposition and Pinsker the needle is pulled $E_0 N_i + n \sqrt{"
        r"E_0 N_i\, D/2}$ times at most, with $E_0$ that of no needle; average. Here coins, of 1/2 and $1/2 + \Delta$"
    ),
    instances=st.tuples(st.integers(2, 3), GAPS, st.integers(1, 6), METHOD) | st.just((2, 0.001, 2, "UCB")),
    check=_needle,
    refutable=partial(_needle, chance=False),  # false: without the 1/k that pure chance finds
    tight=lambda: _needle(2, 1e-5, 4, "UCB"),
    tight_ratio=0.9999,
    attained_by="A gap so small that nothing can be learnt",
)

_LEARNERS = {
    "UCB": ucb,
    "commit": lambda arms, rounds, rng: explore_then_commit(
        arms, rounds, tries=max(1, rounds // (4 * arms.n_arms)), rng=rng
    ),
    "elimination": successive_elimination,
}


def _minimax(n_arms: int, turns: int, learner: str, rng: np.random.Generator, *, factor: float = 1.0) -> Check:
    rounds = turns * n_arms
    gap = bounds.needle_gap(n_arms, rounds)
    arms = mdps.bandits.needle(n_arms, gap, at=int(rng.integers(n_arms)))
    run = _LEARNERS[learner](arms, rounds, rng=rng)  # type: ignore[operator]
    return Check(factor * bounds.minimax_regret(n_arms, rounds), run.total_regret)


minimax = Theorem(
    name="bandit-minimax-regret",
    statement=(
        r"Whatever the learner, $E R \ge \frac\sigma2 (1 - \frac1k)^2 \sqrt{nk}$ for some means of k Gaussian arms, "
        r"and so above $\sigma \sqrt{n (k-1)} / 27$."
    ),
    source="lattimore2020, Theorem 15.2 (with 1/27); auer2002b; the constant is derived here",
    assumptions=(
        r"bandit-needle-regret with the gap $\sigma (1 - \frac1k) \sqrt{k/n}$, for which $D = \Delta^2/(2\sigma^2)$; "
        r"the place of the better arm is drawn"
    ),
    instances=st.tuples(st.sampled_from([2, 5, 10]), st.sampled_from([1, 10, 50]), st.sampled_from(sorted(_LEARNERS)))
    | st.just((5, 1, "UCB")),
    check=_minimax,
    refutable=partial(_minimax, factor=2.05),  # false: one pull of each arm loses twice the bound
    tight=lambda: _minimax(5, 1, "UCB", np.random.default_rng(0)),
    tight_ratio=0.5,
    attained_by="One pull of each arm",
    kind=Kind.IN_EXPECTATION,
)


def _two_worlds(
    n_arms: int, gap: float, rounds: int, method: str, *, constant: float = bounds.SHARP_BRETAGNOLLE_HUBER
) -> Check:
    rule = rule_of(method, rounds)
    first, second = mdps.bandits.two_worlds(n_arms, gap, raised=n_arms - 1)
    pulls = float(count_law(first, rounds, rule).expected_pulls[-1])
    bound = bounds.two_worlds_regret(gap, pulls, float(first.divergences(second)[-1]), rounds, constant)
    return Check(bound, expected_regret(first, rounds, rule) + expected_regret(second, rounds, rule))


two_worlds = Theorem(
    name="bandit-two-worlds",
    statement=(
        r"$E_\nu R + E_{\nu'} R \ge c\, n \Delta\, e^{-E_\nu N_a \mathrm{KL}(\nu_a, \nu'_a)}$ with $c = 0.8359$ if the "
        r"bandits differ in arm a alone, and different arms are best by $\Delta$: a learner that is good in the one "
        r"bandit hardly ever tries a, and does not notice in the other."
    ),
    source="lattimore2020, Theorem 15.2 and equation 16.5 (with 1/4); derived here",
    assumptions=(
        r"$E_\nu R + E_{\nu'} R \ge n \Delta (1 - \mathrm{TV})$, as $N_1/n$ is between 0 and 1; then bretagnolle-huber "
        r"and bandit-divergence-decomposition. Here coins, exactly"
    ),
    instances=st.tuples(st.integers(2, 3), GAPS, st.integers(1, 6), METHOD) | st.just((2, 0.001, 2, "uniform")),
    check=_two_worlds,
    refutable=partial(_two_worlds, constant=1.01),  # false: worlds alike cost one gap in every round
    tight=lambda: _two_worlds(2, 1e-4, 2, "uniform"),
    tight_ratio=0.835,
    attained_by="A gap so small that nothing can be learnt",
)

_BEST = "the best"
_PRIORS = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 3.0]), st.sampled_from([0.5, 1.0, 3.0])), min_size=2, max_size=2
)


def _bayes(prior: list[tuple[float, float]], rounds: int, method: str) -> Check:
    optimum = bayes_optimum(rounds, prior)
    rule = optimum.rule if method == _BEST else rule_of(method, rounds)
    return Check(expected_bayes_reward(prior, rounds, rule), optimum.reward)


bayes = Theorem(
    name="bandit-bayes-optimum",
    statement=(
        r"No learner earns more on average over a prior than $V_n = \max_a \{ p_a (1 + V_{n-1}(N_a + 1, S_a + 1)) + "
        r"(1 - p_a) V_{n-1}(N_a + 1, S_a) \}$, with $p_a$ the chance that prior and counts predict: learning is "
        r"planning with beliefs as states."
    ),
    source="bellman1956; lattimore2020, section 35.2",
    assumptions=r"two coins with Beta priors; exactly, by the law of the counts",
    instances=st.tuples(_PRIORS, st.integers(1, 6), st.sampled_from([*METHODS, _BEST]))
    | st.just(([(1.0, 1.0), (1.0, 1.0)], 4, _BEST)),
    check=_bayes,
    refutable=scaled(_bayes, rhs=0.999),
    tight=lambda: _bayes([(1.0, 1.0), (1.0, 1.0)], 20, _BEST),
    tight_ratio=0.999999,
    attained_by="The learner that the recursion itself suggests",
)

LAI_ROBBINS = Remark(
    name="bandit-lai-robbins",
    statement=(
        r"A learner whose regret grows more slowly than every power of n in every bandit has $\liminf E R / \ln n \ge "
        r"\sum_a \Delta_a / \mathrm{KL}_a$, with $\mathrm{KL}_a$ the least relative entropy that makes arm a the best; "
        r"KL-UCB and Thompson sampling attain it."
    ),
    source="lai1985; garivier2011; kaufmann2012",
    reason=(
        r"a limit over n, of learners that are good everywhere. What is checked is the inequality behind it, for every "
        r"n and every learner: bandit-pulls-needed; and its other form, bandit-two-worlds"
    ),
)

THEOREMS = (needle, minimax, two_worlds, bayes)
REMARKS = (LAI_ROBBINS,)

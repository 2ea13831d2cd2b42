r"""Theorems about regularised preference games: the gap, and how fast updates bring the equilibrium nearer.

The equilibrium comes first: any policy of full support is the equilibrium of any preference, for the reference policy
:math:`\propto \pi^* e^{-P \pi^* / \tau}`. So no solver is needed to know it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy
from scipy.special import kl_div, log_softmax, logsumexp

from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games.bounds import preference as bounds

SEEDS = st.integers(0, 2**32 - 1)
TAUS = st.sampled_from([0.05, 0.2, 0.5, 1.0, 3.0])


class Solved(NamedTuple):
    """A preference, the weight of the reference policy, the equilibrium, and logarithms of the reference policy."""

    P: np.ndarray
    tau: float
    nash: np.ndarray
    log_ref: np.ndarray


def solved(P: np.ndarray, tau: float, nash: np.ndarray) -> Solved:
    """Return the game of which a policy is the equilibrium."""
    return Solved(P, tau, nash, log_softmax(np.log(nash) - P @ nash / tau))


def far_from(nash: np.ndarray, logits: np.ndarray) -> float:
    """Return the relative entropy of the equilibrium to a policy, given by logarithms."""
    return float(nash @ (np.log(nash) - logits))


@st.composite
def games(draw: Callable, taus: SearchStrategy = TAUS) -> tuple[Solved, np.ndarray]:
    """Draw a game with its equilibrium, and the logarithms of a policy near it or far away."""
    rng = np.random.default_rng(draw(SEEDS))
    n = draw(st.integers(2, 5))
    half = np.triu(rng.uniform(-0.5, 0.5, (n, n)), 1)
    half = half if draw(st.booleans()) else 0.5 * np.sign(half)
    nash = 0.99 * rng.dirichlet(np.ones(n)) + 0.01 / n
    logits = np.log(nash) + draw(st.sampled_from([0.01, 0.3, 3.0])) * rng.normal(size=n)
    return solved(0.5 + half - half.T, draw(taus), nash), log_softmax(logits)


CIRCLE = 0.5 + 0.5 * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
NEAR_THE_MIDDLE = log_softmax([0.01, 0.0, 0.0])
EQUAL, ALMOST_ONE = np.full((2, 2), 0.5), log_softmax([0.0, -200.0])
MIDDLE = np.full(3, 1 / 3)
SKEWED = np.array([0.8, 0.15, 0.05])


def all_equal(tau: float) -> Solved:
    """Return the game of two answers that are equally good, with a uniform reference policy."""
    return solved(EQUAL, tau, np.full(2, 0.5))


def _gap(game: Solved, logits: np.ndarray) -> float:
    """Return what a best response gains, by the principle of Gibbs."""
    policy = np.exp(logits)
    best = game.tau * logsumexp(game.log_ref + game.P @ policy / game.tau)
    return float(best - 0.5 + game.tau * policy @ (logits - game.log_ref))


def _closed_form(game: Solved, logits: np.ndarray, swapped: bool = False) -> Check:
    policy = np.exp(logits)
    response = np.exp(log_softmax(game.log_ref + game.P @ policy / game.tau))
    divergence = kl_div(response, policy) if swapped else kl_div(policy, response)
    return Check.equal(_gap(game, logits), game.tau * divergence.sum())


closed_form = Theorem(
    name="preference-gap",
    statement=r"What a best response gains against $\pi$ is $\tau\,\mathrm{KL}(\pi \| \mathrm{br}(\pi))$.",
    source="derived here",
    assumptions=r"$P + P^\top = 1$; a reference policy of full support; $\tau > 0$",
    instances=games() | st.just((solved(CIRCLE, 0.2, SKEWED), np.log(MIDDLE))),
    check=_closed_form,
    refutable=lambda game, logits: _closed_form(game, logits, swapped=True),  # false: the other way round
)


def _floor(game: Solved, logits: np.ndarray) -> Check:
    policy = np.exp(logits)
    return Check(bounds.gap_floor(game.tau, kl_div(policy, game.nash).sum()), _gap(game, logits))


floor = Theorem(
    name="preference-gap-floor",
    statement=r"The gap of $\pi$ is at least $\tau\,\mathrm{KL}(\pi \| \pi^*)$.",
    source="derived here",
    assumptions=r"as for the gap; $\pi^*$ is the equilibrium",
    instances=games() | st.just((all_equal(1.0), ALMOST_ONE)),
    check=_floor,
    refutable=scaled(_floor, rhs=0.9),  # false: answers that are equally good attain it
    tight=lambda: _floor(all_equal(1.0), ALMOST_ONE),
    tight_ratio=0.999,
    attained_by="Two answers alike, and a policy that is almost sure of one,",
)


def _inpo_step(game: Solved, logits: np.ndarray, eta: float) -> np.ndarray:
    kept = game.tau / eta
    return log_softmax(kept * game.log_ref + (1 - kept) * logits + game.P @ np.exp(logits) / eta)


def _contraction(game: Solved, logits: np.ndarray, factor: float, eta: Callable[[float], float]) -> Check:
    chosen = factor * eta(game.tau)
    after = far_from(game.nash, _inpo_step(game, logits, chosen))
    return Check(after, bounds.inpo_factor(game.tau, chosen) * far_from(game.nash, logits))


def _inpo(game: Solved, logits: np.ndarray, factor: float) -> Check:
    return _contraction(game, logits, factor, bounds.inpo_eta)


def _smaller_eta(game: Solved, logits: np.ndarray, factor: float) -> Check:
    return _contraction(game, logits, 1.0, lambda tau: tau + 1 / (16 * tau))


STEPS = st.sampled_from([1.0, 1.5, 10.0])
NEAR = (solved(CIRCLE, 0.05, MIDDLE), log_softmax([0.1, 0.0, 0.0]), 1.0)
contraction = Theorem(
    name="inpo-contraction",
    statement=(
        r"If $\eta \ge \tau + 1/(4\tau)$ then a step of INPO brings the equilibrium nearer:"
        r" $\mathrm{KL}(\pi^* \| \pi_{t+1}) \le (1 - \tau/\eta)\, \mathrm{KL}(\pi^* \| \pi_t)$."
    ),
    source="derived here; the update is that of zhang2025",
    assumptions=r"$P + P^\top = 1$; policies of full support",
    instances=st.tuples(games(), STEPS).map(lambda drawn: (*drawn[0], drawn[1])) | st.just(NEAR),
    check=_inpo,
    refutable=_smaller_eta,  # false: with eta = tau + 1/(16 tau), in a circle, near its middle
    tight=lambda: _inpo(all_equal(0.1), ALMOST_ONE, 1.0),
    tight_ratio=0.999,
    attained_by="Two answers alike, and a policy that is almost sure of one,",
)

better_factor = Theorem(
    name="inpo-factor",
    statement=r"The factor $1 - \tau/\eta$ of INPO's contraction cannot be lowered by a tenth.",
    source="derived here",
    assumptions=r"as for the contraction; from a policy that is almost certain",
    instances=st.sampled_from([0.05, 0.1, 0.2, 0.5]).map(lambda tau: (all_equal(tau), ALMOST_ONE, 1.0)),
    check=_inpo,
    refutable=scaled(_inpo, rhs=0.9),
)


def _schedule(game: Solved, logits: np.ndarray, steps: int, first: int | None = None) -> Check:
    first = bounds.inpo_first(game.tau) if first is None else first
    began = far_from(game.nash, logits)
    for t in range(first, first + steps):
        logits = _inpo_step(game, logits, game.tau * (t + 2) / 2)
    return Check(far_from(game.nash, logits), bounds.inpo_kl(began, first, first + steps))


schedule = Theorem(
    name="inpo-schedule",
    statement=(
        r"With $\eta_t = \tau(t+2)/2$, from step $t_0 \ge 1/(2\tau^2)$ on,"
        r" $\mathrm{KL}(\pi^* \| \pi_t) \le \frac{t_0(t_0+1)}{t(t+1)} \mathrm{KL}(\pi^* \| \pi_{t_0})$."
    ),
    source="derived here; the schedule is that of zhang2025",
    assumptions=r"$P + P^\top = 1$; policies of full support",
    instances=st.tuples(games(st.sampled_from([0.2, 0.5, 1.0, 3.0])), st.integers(1, 100)).map(
        lambda drawn: (*drawn[0], drawn[1])
    )
    | st.just((solved(CIRCLE, 0.05, MIDDLE), NEAR_THE_MIDDLE, 5)),
    check=_schedule,
    refutable=lambda game, logits, steps: _schedule(game, logits, steps, first=1),  # false: from the first step on
)


def _nash_md_step(game: Solved, logits: np.ndarray, step: float) -> np.ndarray:
    mixed = log_softmax((1 - step * game.tau) * logits + step * game.tau * game.log_ref)
    return log_softmax(mixed + step * game.P @ np.exp(mixed))


def _nash_md(game: Solved, logits: np.ndarray, share: float) -> Check:
    step = share / game.tau
    after = far_from(game.nash, _nash_md_step(game, logits, step))
    return Check(after, bounds.nash_md_kl(far_from(game.nash, logits), game.tau, step))


def _without_the_error_of_a_step(game: Solved, logits: np.ndarray, share: float) -> Check:
    true = _nash_md(game, logits, share)
    return Check(true.lhs, (1 - share) * far_from(game.nash, logits))


nash_md = Theorem(
    name="nash-md-step",
    statement=(
        r"A step of Nash-MD: $\mathrm{KL}(\pi^* \| \pi_{t+1}) \le"
        r" (1 - \eta\tau)\, \mathrm{KL}(\pi^* \| \pi_t) + \eta^2/8$."
    ),
    source="munos2024; the constant is derived here",
    assumptions=r"$P + P^\top = 1$; policies of full support; $\eta\tau \le 1$",
    instances=st.tuples(games(), st.sampled_from([0.01, 0.3, 1.0])).map(lambda drawn: (*drawn[0], drawn[1]))
    | st.just((solved(CIRCLE, 0.2, SKEWED), np.log(SKEWED), 0.3)),
    check=_nash_md,
    refutable=_without_the_error_of_a_step,  # false: from the equilibrium, it steps away
)


def _nash_md_last(game: Solved, logits: np.ndarray, steps: int) -> Check:
    for t in range(steps):
        logits = _nash_md_step(game, logits, 2 / (game.tau * (t + 2)))
    return Check(far_from(game.nash, logits), bounds.nash_md_last_kl(game.tau, steps))


def _faster(game: Solved, logits: np.ndarray, steps: int) -> Check:
    true = _nash_md_last(game, logits, steps)
    return Check(true.lhs, true.rhs / (steps + 1) ** 0.5)


nash_md_last = Theorem(
    name="nash-md-last-policy",
    statement=r"With $\eta_t = 2/(\tau(t+2))$, $\mathrm{KL}(\pi^* \| \pi_t) \le 1/(2\tau^2(t+1))$ for $t \ge 1$.",
    source="munos2024; the constant is derived here",
    assumptions=r"$P + P^\top = 1$; policies of full support",
    instances=st.tuples(games(), st.integers(1, 100)).map(lambda drawn: (*drawn[0], drawn[1]))
    | st.just((solved(CIRCLE, 0.01, np.array([0.34, 0.33, 0.33])), np.log(MIDDLE), 500)),
    check=_nash_md_last,
    refutable=_faster,  # false: with the power 3/2 of t + 1
)


def _sppo(game: Solved, rounds: int, step: float, last: bool = False) -> Check:
    logits, policies = game.log_ref, []
    for _ in range(rounds):
        policies.append(np.exp(logits))
        logits = log_softmax(logits + step * game.P @ policies[-1])
    judged = policies[-1] if last else np.mean(policies, axis=0)
    return Check((game.P @ judged).max() - 0.5, bounds.sppo_margin(float(np.exp(game.log_ref.min())), rounds, step))


sppo = Theorem(
    name="sppo-average",
    statement=(
        r"No answer is preferred to the average of T policies of SPPO with a probability above"
        r" $\frac12 + \ln(1/\min \pi_0)/(\eta T) + \eta/8$."
    ),
    source="freund1999; wu2024",
    assumptions=r"$P + P^\top = 1$; the first policy $\pi_0$ has full support",
    instances=st.tuples(games(), st.sampled_from([1, 10, 100]), st.sampled_from([0.05, 0.3, 1.0])).map(
        lambda drawn: (drawn[0][0], *drawn[1:])
    )
    | st.just((solved(CIRCLE, 0.5, SKEWED), 200, 0.3)),
    check=_sppo,
    refutable=lambda game, rounds, step: _sppo(game, rounds, step, last=True),  # false: the last policy
)

THEOREMS: tuple[Theorem, ...] = (closed_form, floor, contraction, better_factor, schedule, nash_md, nash_md_last, sppo)

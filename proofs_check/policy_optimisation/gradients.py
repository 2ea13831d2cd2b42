"""Gradients of policies: what they are, and what they say where they are small."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import GAMMAS, paired, stochastic_policies
from proofs_check import oracles
from proofs_check.policy_optimisation import oracles as climbing
from proofs_check.policy_optimisation.instances import MODELS, VISIBLE, bandit, logits
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.policy_optimisation import bounds, policy_gradient

DISCOUNTS = st.sampled_from(GAMMAS)
CLIMBERS = paired(VISIBLE, logits)


def _softmax_policy(mdp: MDP, theta: np.ndarray) -> np.ndarray:
    return oracles.policy_of(mdp, climbing.softmax(mdp, theta))


def _gradient(mdp: MDP, theta: np.ndarray) -> Check:
    return Check.equal(climbing.softmax_gradient(mdp, theta), policy_gradient(mdp, _softmax_policy(mdp, theta)).softmax)


def _gradient_of_q(mdp: MDP, theta: np.ndarray) -> Check:
    policy = _softmax_policy(mdp, theta)
    q = oracles.action_values(mdp, oracles.exact_policy_value(mdp, policy))
    return Check.equal(climbing.softmax_gradient(mdp, theta), oracles.occupancy(mdp, policy) * q)


CLIMBERS_WITH_BANDITS = CLIMBERS | DISCOUNTS.map(lambda gamma: (bandit(2, gamma), np.zeros(2)))

softmax_policy_gradient = Theorem(
    name="softmax-policy-gradient",
    statement=r"$\partial J / \partial \theta(s,a) = H\, d^\pi_\mu(s)\, \pi(a|s)\, A^\pi(s,a)$.",
    source="sutton2000, Theorem 1; szepesvari2022, lecture 16",
    assumptions=r"$\pi(a|s) \propto e^{\theta(s,a)}$",
    instances=CLIMBERS_WITH_BANDITS,
    check=_gradient,
    refutable=_gradient_of_q,  # false: with q in place of the advantage
)


def _direct(mdp: MDP, policy: np.ndarray) -> Check:
    derivative = climbing.direct_gradient(mdp, oracles.pair_weights(mdp, policy))
    return Check.equal(derivative, policy_gradient(mdp, policy).direct)


def _direct_weighted(mdp: MDP, policy: np.ndarray) -> Check:
    weights = oracles.pair_weights(mdp, policy)
    return Check.equal(climbing.direct_gradient(mdp, weights), weights * policy_gradient(mdp, policy).direct)


direct_policy_gradient = Theorem(
    name="direct-policy-gradient",
    statement=r"$\partial J / \partial \pi(a|s) = H\, d^\pi_\mu(s)\, q^\pi(s,a)$.",
    source="sutton2000, Theorem 1",
    assumptions=r"probabilities move one by one, and need not sum to one when they do",
    instances=paired(MODELS, stochastic_policies)
    | DISCOUNTS.map(lambda gamma: (bandit(2, gamma), np.array([[0.5, 0.5]]))),
    check=_direct,
    refutable=_direct_weighted,  # false: with the visits of the pair
)


def _natural(mdp: MDP, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The natural gradient by the pseudoinverse of the Fisher matrix, and H times the advantage."""
    policy, pi = _softmax_policy(mdp, theta), climbing.softmax(mdp, theta)
    same_state = mdp.pair_state[:, None] == mdp.pair_state
    score = np.eye(mdp.n_pairs) - same_state * pi
    visits = climbing.state_visits(mdp, policy)[mdp.pair_state] * pi
    fisher = score.T @ (visits[:, None] * score)
    natural = np.linalg.pinv(fisher, rcond=1e-11, hermitian=True) @ climbing.softmax_gradient(mdp, theta)
    return natural, policy_gradient(mdp, policy).advantage / (1 - mdp.gamma)


def _natural_centred(mdp: MDP, theta: np.ndarray) -> Check:
    natural, advantage = _natural(mdp, theta)
    means = np.add.reduceat(advantage, mdp.pair_start[:-1]) / mdp.action_counts
    return Check.equal(natural, advantage - means[mdp.pair_state])


natural_gradient = Theorem(
    name="natural-gradient",
    statement=(
        r"$F^\dagger \nabla_\theta J = H A^\pi$ up to a constant in each state, where $F = \mathbb{E}_{s \sim "
        r"d^\pi_\mu, a \sim \pi} [\nabla \ln \pi(a|s) \nabla \ln \pi(a|s)^\top]$ is the Fisher matrix: visits cancel."
    ),
    source="kakade2001; szepesvari2022, lecture 16",
    assumptions=r"softmax, $d^\pi_\mu > 0$; the pseudoinverse takes the constant for which logits of a state sum to 0",
    instances=CLIMBERS_WITH_BANDITS,
    check=_natural_centred,
    refutable=lambda mdp, theta: Check.equal(*_natural(mdp, theta)),  # false: without the constant
)


def _softmax_domination(mdp: MDP, theta: np.ndarray) -> Check:
    policy, optimum = _softmax_policy(mdp, theta), oracles.lp_value(mdp)
    best = oracles.greedy(mdp, optimum)
    mismatch = (climbing.state_visits(mdp, best) / climbing.state_visits(mdp, policy)).max()
    gradient = float(np.linalg.norm(climbing.softmax_gradient(mdp, theta)))
    least = policy[np.arange(mdp.n_states), best].min()
    loss = mdp.mu @ (optimum - oracles.exact_policy_value(mdp, policy))
    bound = bounds.softmax_gradient_domination(gradient, mdp.n_states, least, mismatch)
    return Check(loss, bound)


MANY_BAD = st.builds(lambda n, gamma: (bandit(n, gamma), np.zeros(n)), st.sampled_from([30, 60]), DISCOUNTS)

softmax_domination = Theorem(
    name="softmax-gradient-domination",
    statement=(
        r"$\mu v^* - \mu v^\pi \le \frac{\sqrt S}{\min_s \pi(a^*(s)|s)} \| d^{\pi^*}_\mu / d^\pi_\mu \|\, "
        r"\|\nabla_\theta J\|_2$: a softmax policy is stuck only where it hardly ever takes the best action."
    ),
    source="mei2020, Lemma 8",
    assumptions=(
        r"$\mu > 0$; $\pi^*$ deterministic and optimal, with actions $a^*(s)$. Derived again here: keep only the "
        r"entries $(s, a^*(s))$ of the gradient, pass to the 1-norm by $\sqrt S$, and apply performance-difference"
    ),
    instances=CLIMBERS | MANY_BAD,
    check=_softmax_domination,
    refutable=scaled(_softmax_domination),
    tight=lambda: _softmax_domination(bandit(100, 0.9), np.zeros(100)),
    tight_ratio=0.99,
    attained_by="One state with a hundred actions, one of them good, and the uniform policy,",
)


def _direct_domination(mdp: MDP, policy: np.ndarray, start: np.ndarray) -> Check:
    optimum = oracles.lp_value(mdp)
    weights = oracles.pair_weights(mdp, policy)
    gradient = climbing.direct_gradient(mdp, weights)
    ascent = float(oracles.best(mdp, gradient).sum() - weights @ gradient)
    mismatch = (climbing.state_visits(mdp, oracles.greedy(mdp, optimum), start) / mdp.mu).max()
    loss = start @ (optimum - oracles.exact_policy_value(mdp, policy))
    return Check(loss, bounds.direct_gradient_domination(mdp.gamma, mismatch, ascent))


def _left_for_ever(gamma: float) -> tuple[MDP, np.ndarray, np.ndarray]:
    """State 0 earns 1 a step until one leaves it, for ever and for nothing, as the policy does."""
    mdp = MDP.from_pairs([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [1.0, 0.0, 0.0], gamma, pair_start=[0, 2, 3], mu=None)
    return mdp, np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1.0, 0.0])


def _starts(mdp: MDP) -> st.SearchStrategy[np.ndarray]:
    return st.integers(0, mdp.n_states - 1).map(lambda state: np.eye(mdp.n_states)[state])


def _without_horizon(mdp: MDP, policy: np.ndarray, start: np.ndarray) -> Check:
    true = _direct_domination(mdp, policy, start)
    return replace(true, rhs=true.rhs * (1 - mdp.gamma))


direct_domination = Theorem(
    name="direct-gradient-domination",
    statement=(
        r"$\rho v^* - \rho v^\pi \le H\, \| d^{\pi^*}_\rho / \mu \|\, \max_{\bar\pi} \langle \bar\pi - \pi, \nabla_\pi "
        r"\mu v^\pi \rangle$: the objective is not concave, but every stationary point is a maximum."
    ),
    source="agarwal2021, Lemma 4",
    assumptions=(
        r"$\mu > 0$; direct parametrisation. Derived again here: by performance-difference the loss is "
        r"$H \sum_s d^{\pi^*}_\rho(s) \max_a A^\pi(s,a)$ at most, the maximum is $H \sum_s d^\pi_\mu(s) \max_a "
        r"A^\pi(s,a)$, and $d^\pi_\mu \ge (1-\gamma)\mu$"
    ),
    instances=paired(VISIBLE, stochastic_policies, _starts) | DISCOUNTS.map(_left_for_ever),
    check=_direct_domination,
    refutable=_without_horizon,  # false: without the factor H
    tight=lambda: _direct_domination(*_left_for_ever(0.9)),
    tight_ratio=0.999999,
    attained_by="Reward 1 until one leaves, for ever and for nothing, as the policy does,",
)


def _unbiased(mdp: MDP, theta: np.ndarray, baseline: float, power: int = 1) -> Check:
    drawn = climbing.episodes(mdp, theta, 2)
    weighted = drawn.probability[:, None] * drawn.score**power
    with_baseline = weighted.T @ (drawn.returns - baseline)
    return Check.equal(with_baseline, weighted.T @ drawn.returns)


EPISODES = paired(MODELS.filter(lambda mdp: mdp.n_pairs <= 6), logits, lambda _: st.floats(-2, 2)) | DISCOUNTS.map(
    lambda gamma: (bandit(2, gamma), np.zeros(2), 1.0)
)

baseline_unbiased = Theorem(
    name="baseline-unbiased",
    statement=r"$\mathbb{E}[g\,(R - b)] = \mathbb{E}[g R]$ for every $b$: a baseline leaves the gradient unbiased.",
    source="greensmith2004",
    assumptions=r"$g = \nabla_\theta \ln \Pr(\text{episode})$, $R$ the return; episodes of two steps, all of them",
    instances=EPISODES,
    check=_unbiased,
    refutable=lambda mdp, theta, baseline: _unbiased(
        mdp, theta, baseline, power=2
    ),  # false: of the square of the score
)


def _variance(mdp: MDP, theta: np.ndarray, baseline: float, best: float | None = None) -> Check:
    drawn = climbing.episodes(mdp, theta, 2)
    norm = np.linalg.norm(drawn.score, axis=1)
    best = bounds.optimal_baseline(drawn.probability, norm, drawn.returns) if best is None else best
    squares = [drawn.probability @ (norm * (drawn.returns - b)) ** 2 for b in (baseline, best)]
    gained = (baseline - best) ** 2 * (drawn.probability @ norm**2)
    return Check.equal(squares[0] - squares[1], gained)


optimal_baseline = Theorem(
    name="optimal-baseline",
    statement=(
        r"$\mathbb{E}\|g (R - b)\|^2 - \mathbb{E}\|g (R - b^*)\|^2 = (b - b^*)^2\, \mathbb{E}\|g\|^2$ for $b^* = "
        r"\mathbb{E}[\|g\|^2 R] / \mathbb{E}\|g\|^2$: the baseline of least variance, which the mean return is not."
    ),
    source="greensmith2004",
    assumptions=r"as for baseline-unbiased; the means agree, so that second moments compare variances",
    instances=EPISODES,
    check=_variance,
    refutable=lambda mdp, theta, baseline: _variance(mdp, theta, baseline, best=0.0),  # false: of no baseline
)

THEOREMS = (
    softmax_policy_gradient,
    direct_policy_gradient,
    natural_gradient,
    softmax_domination,
    direct_domination,
    baseline_unbiased,
    optimal_baseline,
)

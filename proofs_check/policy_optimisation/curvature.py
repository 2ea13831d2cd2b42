"""How the objective bends: an average over deterministic policies, its curvature, and the plain climb."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import paired, stochastic_policies
from proofs_check import oracles
from proofs_check.claims import Claim, Remark
from proofs_check.policy_optimisation import oracles as climbing
from proofs_check.policy_optimisation.gradients import DISCOUNTS
from proofs_check.policy_optimisation.instances import MODELS, VISIBLE, bandit, logits
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.policy_optimisation import bounds, deterministic_mixture, softmax_ascent

HARDEST = (3 - np.sqrt(3)) / 6
"""The probability at which a logistic function bends most."""


def _average(mdp: MDP, policy: np.ndarray) -> Check:
    mixture = deterministic_mixture(mdp, policy)
    return Check.equal(oracles.exact_policy_value(mdp, policy), mixture.weight @ mixture.values)


def _drawn_once(mdp: MDP, policy: np.ndarray) -> Check:
    mixture = deterministic_mixture(mdp, policy)
    weight = policy[np.arange(mdp.n_states), mixture.policies].prod(axis=1)
    return Check.equal(oracles.exact_policy_value(mdp, policy), weight @ mixture.values)


_LEAVES = MDP.from_pairs([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [1.0, 0.0, 0.0], 0.9, pair_start=[0, 2, 3])

value_average = Theorem(
    name="policy-value-average",
    statement=(
        r"$v^\pi = \sum_\alpha w_\alpha v^\alpha / \sum_\alpha w_\alpha$ over the deterministic policies $\alpha$, "
        r"with $w_\alpha = \det(I - \gamma P_\alpha) \prod_s \pi(\alpha(s)|s) > 0$, from every start alike."
    ),
    source="derived here",
    assumptions=(
        r"none. By Cramer's rule $v^\pi$ is a ratio of determinants, both affine in the row of each state; expand them "
        r"over rows"
    ),
    instances=paired(MODELS, stochastic_policies) | st.just((_LEAVES, np.array([[0.5, 0.5], [1.0, 0.0]]))),
    check=_average,
    refutable=_drawn_once,  # false: without the determinants, as if actions were drawn once and kept
)


def _curvature(mdp: MDP, theta: np.ndarray) -> Check:
    largest = float(np.abs(np.linalg.eigvalsh(climbing.softmax_hessian(mdp, theta))).max())
    return Check(largest, bounds.softmax_smoothness(mdp.gamma, int((mdp.action_counts > 1).sum())))


def _bent(gamma: float) -> tuple[MDP, np.ndarray]:
    return bandit(2, gamma), np.array([np.log(HARDEST / (1 - HARDEST)), 0.0])


def _two_doors(gamma: float = 1 - 1e-8, rare: float = 1e-4) -> tuple[MDP, np.ndarray]:
    """Two states, one of which earns; each is left rarely, but often within the horizon."""
    P = [[0, 1.0], [1.0, 0], [0, 1.0], [1.0, 0]]
    leave = np.array([rare * HARDEST, rare * (1 - HARDEST)])
    into = np.log([leave[0], 1 - leave[0], 1 - leave[1], leave[1]])
    return MDP.from_pairs(P, [0, 0, 1.0, 1.0], gamma, n_actions=2), into


smoothness = Theorem(
    name="softmax-smoothness",
    statement=(
        r"$\|\nabla_\theta^2 J\|_2 \le \min\{ \frac{H^2}{2}, \frac{m H}{3 \sqrt 3} \}$, with m the number of "
        r"states in which there is a choice: far below $8 H^3$."
    ),
    source="derived here; mei2020, Lemma 7, has the last",
    assumptions=(
        r"softmax, rewards in $[0, 1]$. By policy-value-average $\mu v^\pi$ is a mean of numbers in $[0, H]$ under an "
        r"exponential family over deterministic policies, whose second derivative along u is $\mathrm{Cov}(\mu "
        r"v^\alpha, (U - EU)^2)$, $U = \sum_s u(s, \alpha(s))$; that is at most $H R^2 / (6 \sqrt 3)$ if U ranges over "
        r"R, and $R \le \sqrt{2m}\, \|u\|$. In episodes the score along u is a martingale, of variance 1/2 a step"
    ),
    instances=paired(MODELS, logits) | DISCOUNTS.map(_bent) | st.just(_two_doors()),
    check=_curvature,
    refutable=scaled(_curvature, rhs=0.99),
    tight=lambda: _curvature(*_bent(0.9)),
    tight_ratio=0.999999,
    attained_by="One state with a good action of probability 0.2113",
)

ONE_STATE = Claim(
    name="softmax-smoothness-of-one-state",
    statement=r"$\|\nabla_\theta^2 J\|_2 \le \frac{H}{3 \sqrt 3}$, whatever the number of states.",
    source="derived here",
    counterexample=lambda: Check(
        _curvature(*_two_doors()).lhs, bounds.softmax_smoothness(gamma=_two_doors()[0].gamma, n_choices=1)
    ),
    instance=(
        r"two states, each of which is left rarely, but often within the horizon: the share of time in one of them is "
        r"logistic in the difference of *two* logits, one of each state, and bends twice as much"
    ),
    lesson=r"each state with a choice adds to the bound of softmax-smoothness, and for $\gamma \to 1$ all are needed",
)


def _slopes(mdp: MDP, policies: np.ndarray, best: np.ndarray) -> np.ndarray:
    goal = climbing.state_visits(mdp, best)
    mismatch = [(goal / climbing.state_visits(mdp, policy)).max() for policy in policies]
    least = policies[:, np.arange(mdp.n_states), best].min(axis=1)
    slopes: np.ndarray = least / np.sqrt(mdp.n_states) / np.array(mismatch)
    return slopes


def _plain_climb(mdp: MDP, theta: np.ndarray, share: float, iterations: int, *, curvature: float = 0.5) -> Check:
    """Climb with a share of the largest step; a ``curvature`` of 1/2 is the true price of a step."""
    L = bounds.softmax_smoothness(mdp.gamma, max(1, int((mdp.action_counts > 1).sum())))
    run = softmax_ascent(mdp, step=share * 2 / L, iterations=iterations, logits=theta)
    optimum = oracles.lp_value(mdp)
    loss = [float(mdp.mu @ (optimum - oracles.exact_policy_value(mdp, run.policies[k]))) for k in (0, -1)]
    slopes = _slopes(mdp, run.policies[:-1], oracles.greedy(mdp, optimum))
    return Check(loss[1], bounds.softmax_ascent_loss(max(loss[0], 0.0), share * 2 / L, 2 * curvature * L, slopes))


def _patient(n_actions: int = 200, share: float = 0.05, iterations: int = 6000) -> tuple[MDP, np.ndarray, float, int]:
    """One good action among many, and small steps that find it in the end."""
    return bandit(n_actions, 0.5), np.zeros(n_actions), share, iterations


softmax_rate = Theorem(
    name="softmax-ascent-rate",
    statement=(
        r"$\delta_t \le \delta_0 / \big(1 + \delta_0\, \eta (1 - \frac{L \eta}{2}) \sum_{k < t} w_k^2 \big)$ for the "
        r"plain gradient of logits with steps $\eta \le 2/L$, where $\delta = \mu v^* - \mu v^\pi$ and $w = \min_s "
        r"\pi(a^*(s)|s)\, S^{-1/2} \| d^{\pi^*}_\mu / d^\pi_\mu \|^{-1}$: like 1/t, once good actions are taken."
    ),
    source="mei2020, Theorem 4 (with the step $(1-\\gamma)^3/8$); derived here",
    assumptions=(
        r"$\mu > 0$, rewards in $[0, 1]$, L of softmax-smoothness. A step gains $\eta (1 - L\eta/2) \|\nabla J\|^2$, "
        r"and $\|\nabla J\| \ge w \delta$ by softmax-gradient-domination"
    ),
    instances=paired(VISIBLE, logits, lambda _: st.sampled_from([0.1, 0.5, 1.0]), lambda _: st.integers(1, 10))
    | st.just(_patient(20, 0.1, 30)),
    check=_plain_climb,
    refutable=scaled(_plain_climb),
    tight=lambda: _plain_climb(*_patient(200, 0.05, 400)),
    tight_ratio=0.96,
    attained_by="One state with one good action among many, and small steps",
)

SLOW = Remark(
    name="softmax-gradient-is-slow",
    statement=(
        r"For every $\gamma$ near 1 there are MDPs of three actions in which the plain gradient of a softmax needs "
        r"$S^{2^{\Omega(H)}} / \eta$ steps until its loss is small, though it begins with the uniform policy, and "
        r"episodes everywhere alike."
    ),
    source="li2023",
    reason=(
        r"an order of growth; the number of steps is beyond what can be run for any instance of the proof. What is "
        r"checked is that the loss falls like 1/t with a constant that the least probability of good actions decides, "
        r"softmax-ascent-rate, and the page counts the steps up to a combination lock"
    ),
)

BLIND = Remark(
    name="blind-policy-search-is-hard",
    statement=(
        r"The best stochastic policy that does not see the state is NP-hard to find: there no ascent that is quick can "
        r"be more than local."
    ),
    source="szepesvari2022, lecture 15",
    reason=(
        r"hardness is about a class of problems, not about one. What is checked is the reduction: the value of a blind "
        r"policy is a quadratic form whose least value counts the largest clique, blind-policy-clique"
    ),
)

THEOREMS = (value_average, smoothness, softmax_rate)
CLAIMS = (ONE_STATE,)
REMARKS = (SLOW, BLIND)

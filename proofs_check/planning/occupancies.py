"""Occupancies: linear programming, what policies visit, and how two policies compare."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import DrawFn

from mdps.strategies import discounted_mdps, paired, stochastic_policies
from proofs_check import oracles
from proofs_check.theorem import Check, Theorem
from rltheory import MDP
from rltheory.planning import bounds

# HiGHS reads coefficients below 1e-9 as zero, which would be another model.
MODELS = discounted_mdps(max_states=3).filter(lambda mdp: mdp.P.data.min() > 1e-6)


def _lp_duality(mdp: MDP, discount_of_the_flow: float = 1.0) -> Check:
    optimum = float(mdp.mu @ oracles.brute_force_value(mdp))
    primal = oracles.primal_program(mdp, mdp.mu).fun
    dual = -oracles.dual_program(mdp.replace(gamma=discount_of_the_flow * mdp.gamma)).fun
    return Check.equal([primal, dual], [optimum, optimum])


lp_duality = Theorem(
    name="lp-duality",
    statement=(
        r"$\min \{ \mu v : v \ge r_a + \gamma P_a v \}$ $= \max \{ \sum x r : x \ge 0,\ "
        r"\sum_a x(s',a) = \mu(s') + \gamma \sum_{s,a} x(s,a) P(s'|s,a) \}$ $= \mu v^*$."
    ),
    source="puterman2005, section 6.9",
    assumptions=r"$\mu$ any distribution of the first state",
    instances=discounted_mdps(max_states=3).filter(lambda mdp: mdp.P.data.min() > 1e-6),
    check=_lp_duality,
    refutable=lambda mdp: _lp_duality(mdp, discount_of_the_flow=0.9),  # false: for another discount of the flow
)


def _mass(mdp: MDP, policy: np.ndarray) -> list[float]:
    """Total mass of an optimal occupancy, from the dual program, and of a policy's."""
    return [float(oracles.dual_program(mdp).x.sum()), float(oracles.occupancy(mdp, policy).sum())]


occupancy_mass = Theorem(
    name="occupancy-mass",
    statement=r"$\sum_{s,a} x(s,a) = H$ for every feasible $x$ of the dual program, such as the occupancy of a policy.",
    source="puterman2005, section 6.9",
    assumptions=r"$\pi$ a stationary policy",
    instances=paired(MODELS, stochastic_policies),
    check=lambda mdp, policy: Check.equal(_mass(mdp, policy), bounds.total_visits(mdp.gamma)),
    refutable=lambda mdp, policy: Check.equal(_mass(mdp, policy), 1.0),  # false: normalised to 1
)


def _slackness(mdp: MDP, x: np.ndarray) -> Check:
    optimum = oracles.lp_value(mdp)
    slack = optimum[mdp.pair_state] - oracles.action_values(mdp, optimum)
    return Check.equal(x * slack, 0.0)


complementary_slackness = Theorem(
    name="complementary-slackness",
    statement=r"$x(s,a) \big(v^*(s) - r(s,a) - \gamma P_{sa} v^*\big) = 0$ for every optimal $x$ of the dual program.",
    source="puterman2005, section 6.9",
    assumptions=r"$\mu$ any distribution of the first state",
    instances=MODELS,
    check=lambda mdp: _slackness(mdp, oracles.dual_program(mdp).x),
    # False: for the occupancy of the uniform policy.
    refutable=lambda mdp: _slackness(mdp, oracles.occupancy(mdp, oracles.policy_of(mdp, np.zeros(mdp.n_pairs)))),
)


def _value_from_start(mdp: MDP, policy: np.ndarray) -> float:
    return float(mdp.mu @ oracles.exact_policy_value(mdp, policy))


def _dual_policy(mdp: MDP, x: np.ndarray) -> Check:
    return Check.equal(_value_from_start(mdp, oracles.policy_of(mdp, x)), mdp.mu @ oracles.lp_value(mdp))


dual_policy = Theorem(
    name="dual-policy",
    statement=r"$\pi(a|s) = x(s,a) / \sum_b x(s,b)$ is optimal from $\mu$ for every optimal $x$ of the dual program.",
    source="puterman2005, section 6.9",
    assumptions=r"$\pi$ arbitrary in states that $x$ does not visit",
    instances=MODELS,
    check=lambda mdp: _dual_policy(mdp, oracles.dual_program(mdp).x),
    refutable=lambda mdp: _dual_policy(mdp, np.ones(mdp.n_pairs)),  # false: for an x that is not optimal
)


def _most_actions(mdp: MDP, x: np.ndarray) -> Check:
    return Check(float(np.add.reduceat((x > 1e-7).astype(float), mdp.pair_start[:-1]).max()), 1.0)


dual_vertex = Theorem(
    name="dual-vertex",
    statement=r"A vertex $x$ of the dual program takes at most one action in each state: vertices are deterministic.",
    source="puterman2005, section 6.9",
    assumptions=r"the vertex is the one at which the simplex method ends; visits below $10^{-7}$ count as none",
    instances=MODELS,
    check=lambda mdp: _most_actions(mdp, oracles.dual_program(mdp).x),
    # False: of every feasible x.
    refutable=lambda mdp: _most_actions(mdp, oracles.occupancy(mdp, oracles.policy_of(mdp, np.zeros(mdp.n_pairs)))),
)


def _mixture(mdp: MDP, first: np.ndarray, second: np.ndarray, share: float) -> Check:
    x = share * oracles.occupancy(mdp, first) + (1 - share) * oracles.occupancy(mdp, second)
    return Check.equal(oracles.occupancy(mdp, oracles.policy_of(mdp, x)), x)


def _mixture_of_policies(mdp: MDP, first: np.ndarray, second: np.ndarray, share: float) -> Check:
    x = share * oracles.occupancy(mdp, first) + (1 - share) * oracles.occupancy(mdp, second)
    return Check.equal(oracles.occupancy(mdp, share * first + (1 - share) * second), x)


occupancies_convex = Theorem(
    name="occupancies-convex",
    statement=(
        r"A mixture $x$ of occupancies is the occupancy of the policy $x(s,a) / \sum_b x(s,b)$: they form a convex set."
    ),
    source="puterman2005, section 6.9",
    assumptions=r"two stationary policies, any weights",
    instances=paired(MODELS, stochastic_policies, stochastic_policies, lambda _: st.floats(0, 1)),
    check=_mixture,
    refutable=_mixture_of_policies,  # false: of the mixture of the policies
)


@st.composite
def _memories(draw: DrawFn, mdp: MDP) -> tuple[np.ndarray, np.ndarray]:
    """Draw a policy with three memory states: a stochastic policy for each, and the memory after each transition."""
    acts = np.array([draw(stochastic_policies(mdp)) for _ in range(3)])
    shape = (3, mdp.n_pairs, mdp.n_states)
    return acts, draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 2), fill=st.nothing()))


def _memory_occupancy(mdp: MDP, acts: np.ndarray, remembers: np.ndarray) -> np.ndarray:
    """Occupancy of a policy with memory: that of the chain of (memory, state), from memory 0."""
    n_memories, n_states = len(acts), mdp.n_states
    weights = np.array([oracles.pair_weights(mdp, act) for act in acts])
    P = mdp.P.toarray()
    step = np.zeros((n_memories, n_states, n_memories, n_states))
    for memory, pair, target in np.ndindex(*remembers.shape):
        moved = weights[memory, pair] * P[pair, target]
        step[memory, mdp.pair_state[pair], remembers[memory, pair, target], target] += moved
    start = np.zeros((n_memories, n_states))
    start[0] = mdp.mu
    size = start.size
    visits = oracles.discounted_sum(step.reshape(size, size).T, mdp.gamma, start.reshape(size)).reshape(start.shape)
    return (visits[:, mdp.pair_state] * weights).sum(axis=0)


def _markov_suffices(mdp: MDP, memory: tuple[np.ndarray, np.ndarray]) -> Check:
    x = _memory_occupancy(mdp, *memory)
    return Check.equal(oracles.occupancy(mdp, oracles.policy_of(mdp, x)), x)


def _forgetting_suffices(mdp: MDP, memory: tuple[np.ndarray, np.ndarray]) -> Check:
    return Check.equal(oracles.occupancy(mdp, memory[0].mean(axis=0)), _memory_occupancy(mdp, *memory))


markov_suffices = Theorem(
    name="markov-suffices",
    statement=(
        r"Every policy, whatever it remembers, has the discounted occupancy $x$, hence the value from $\mu$, of the "
        r"memoryless policy $x(s,a) / \sum_b x(s,b)$."
    ),
    source="szepesvari2022, lecture 2",
    assumptions=r"tested for policies with three memory states, updated after each transition",
    instances=paired(discounted_mdps(max_states=3), _memories),
    check=_markov_suffices,
    refutable=_forgetting_suffices,  # false: of the average of its policies
)


def _difference(mdp: MDP, policy: np.ndarray, other: np.ndarray, visits_of: np.ndarray) -> Check:
    v = oracles.exact_policy_value(mdp, other)
    advantage = oracles.mix(mdp, oracles.pair_weights(mdp, policy)) @ oracles.action_values(mdp, v) - v
    visits = np.add.reduceat(oracles.occupancy(mdp, visits_of), mdp.pair_start[:-1])
    return Check.equal(visits @ advantage, _value_from_start(mdp, policy) - _value_from_start(mdp, other))


performance_difference = Theorem(
    name="performance-difference",
    statement=(
        r"$\mu v^\pi - \mu v^{\pi'} = H\, \mathbb{E}_{s \sim d_\mu^\pi} \big[ \sum_a \pi(a|s)\, q^{\pi'}(s,a) - "
        r"v^{\pi'}(s) \big]$, where $d_\mu^\pi$ is the normalised occupancy of states."
    ),
    source="szepesvari2022, lecture 4; kakade2002, Lemma 6.1",
    assumptions=r"$\pi$ and $\pi'$ stationary policies",
    instances=paired(MODELS, stochastic_policies, stochastic_policies),
    check=lambda mdp, policy, other: _difference(mdp, policy, other, visits_of=policy),
    refutable=lambda mdp, policy, other: _difference(mdp, policy, other, visits_of=other),  # false: visits of the other
)

THEOREMS = (
    lp_duality,
    occupancy_mass,
    complementary_slackness,
    dual_policy,
    dual_vertex,
    occupancies_convex,
    markov_suffices,
    performance_difference,
)

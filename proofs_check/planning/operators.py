"""The Bellman operators, and the fundamental theorem that rests on them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import (
    GAMMAS,
    discounted_mdps,
    paired,
    policies,
    stochastic_policies,
    unit_reward_mdps,
    value_vectors,
)
from proofs_check import oracles
from proofs_check.norms import span, sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import backup, bounds, policy_backup

DISCOUNTS = st.sampled_from(GAMMAS)


def _bellman(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """T v of the package, the subject of these theorems."""
    return backup(mdp, v)[0]


def _bellman_contraction(mdp: MDP, u: np.ndarray, v: np.ndarray) -> Check:
    return Check(sup(_bellman(mdp, u) - _bellman(mdp, v)), bounds.contraction(mdp.gamma, sup(u - v)))


bellman_contraction = Theorem(
    name="bellman-contraction",
    statement=r"$\|T u - T v\| \le \gamma \|u - v\|$: the Bellman operator is a contraction.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$u$ and $v$ arbitrary",
    instances=paired(discounted_mdps(max_states=3), value_vectors, value_vectors),
    check=_bellman_contraction,
    refutable=scaled(_bellman_contraction),
    tight=lambda: _bellman_contraction(mdps.single_state(gamma=0.9), np.array([3.0]), np.array([1.0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _policy_contraction(mdp: MDP, policy: np.ndarray, u: np.ndarray, v: np.ndarray) -> Check:
    difference = policy_backup(mdp, u, policy) - policy_backup(mdp, v, policy)
    return Check(sup(difference), bounds.contraction(mdp.gamma, sup(u - v)))


policy_contraction = Theorem(
    name="policy-contraction",
    statement=r"$\|T_\pi u - T_\pi v\| \le \gamma \|u - v\|$: so is the operator of a policy.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$\pi$ a stationary policy, $u$ and $v$ arbitrary",
    instances=paired(discounted_mdps(max_states=3), stochastic_policies, value_vectors, value_vectors),
    check=_policy_contraction,
    refutable=scaled(_policy_contraction),
    tight=lambda: _policy_contraction(mdps.single_state(gamma=0.9), np.array([0]), np.array([3.0]), np.array([1.0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _bellman_monotone(mdp: MDP, v: np.ndarray, drop: np.ndarray, gain: float = 0.0) -> Check:
    u = v - np.abs(drop)
    return Check.everywhere(_bellman(mdp, u) + gain * sup(drop), _bellman(mdp, v))


bellman_monotone = Theorem(
    name="bellman-monotone",
    statement=r"If $u \le v$, then $T u \le T v$.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$u \le v$ in every state",
    instances=paired(discounted_mdps(max_states=3), value_vectors, value_vectors),
    check=_bellman_monotone,
    # False: that T u stays below T v by all that contraction allows.
    refutable=lambda mdp, v, drop: _bellman_monotone(mdp, v, drop, gain=mdp.gamma),
)


def _bellman_shift(mdp: MDP, v: np.ndarray, c: float, factor: float | None = None) -> Check:
    factor = mdp.gamma if factor is None else factor
    return Check.equal(_bellman(mdp, v + c), _bellman(mdp, v) + factor * c)


bellman_shift = Theorem(
    name="bellman-shift",
    statement=r"$T (v + c \mathbf 1) = T v + \gamma c \mathbf 1$: a constant comes out, discounted.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$v$ and the number $c$ arbitrary",
    instances=paired(discounted_mdps(max_states=3), value_vectors, lambda _: st.floats(-10, 10)),
    check=_bellman_shift,
    refutable=lambda mdp, v, c: _bellman_shift(mdp, v, c, factor=1.0),  # false: without the discount
)


def _all_values(mdp: MDP) -> np.ndarray:
    """The values of all deterministic policies, one row each: brute force."""
    return np.array([oracles.exact_policy_value(mdp, policy) for policy in oracles.deterministic_policies(mdp)])


def _bellman_optimality(mdp: MDP, best: np.ufunc = np.maximum) -> Check:
    v = best.reduce(_all_values(mdp))
    return Check.equal(_bellman(mdp, v), v)


bellman_optimality = Theorem(
    name="bellman-optimality",
    statement=r"$v^* = T v^*$, where $v^*(s) = \max_\pi v^\pi(s)$.",
    source="szepesvari2022, lecture 2",
    assumptions=r"the maximum is over all deterministic stationary policies",
    instances=discounted_mdps(max_states=3),
    check=_bellman_optimality,
    refutable=lambda mdp: _bellman_optimality(mdp, best=np.minimum),  # false: of the smallest values
)


def _greedy_is_optimal(mdp: MDP, within: float = 1e-10) -> Check:
    v = oracles.lp_value(mdp)
    q = oracles.action_values(mdp, v)
    greedy = q >= oracles.best(mdp, q)[mdp.pair_state] - within
    values = [
        oracles.exact_policy_value(mdp, policy)
        for policy in oracles.deterministic_policies(mdp)
        if greedy[mdp.pair_start[:-1] + policy].all()
    ]
    return Check.equal(np.min(values, axis=0), v)


greedy_is_optimal = Theorem(
    name="greedy-optimal",
    statement=r"Every policy that is greedy for $v^*$ is optimal: $v^{\pi_{v^*}} = v^*$.",
    source="szepesvari2022, lecture 2",
    assumptions=r"any greedy policy, however ties are broken",
    instances=discounted_mdps(max_states=3),
    check=_greedy_is_optimal,
    refutable=lambda mdp: _greedy_is_optimal(mdp, within=0.1),  # false: of policies that are greedy up to 0.1
)


def _one_policy_suffices(mdp: MDP) -> Check:
    values = _all_values(mdp)
    shortfalls = [Check.equal(value, values.max(axis=0)) for value in values]
    return min(shortfalls, key=lambda check: check.lhs)


def _one_action_suffices(mdp: MDP) -> Check:
    best = _all_values(mdp).max(axis=0)
    constant = [np.minimum(action, mdp.action_counts - 1) for action in range(mdp.n_actions)]
    shortfalls = [Check.equal(oracles.exact_policy_value(mdp, policy), best) for policy in constant]
    return min(shortfalls, key=lambda check: check.lhs)


deterministic_suffices = Theorem(
    name="deterministic-suffices",
    statement=r"One deterministic stationary policy attains $v^*(s) = \max_\pi v^\pi(s)$ in all states $s$ at once.",
    source="szepesvari2022, lecture 2",
    assumptions=r"the maximum is over all deterministic stationary policies",
    instances=discounted_mdps(max_states=3),
    check=_one_policy_suffices,
    refutable=_one_action_suffices,  # false: that a policy which names the same action everywhere does
)


def _no_policy_exceeds(mdp: MDP, policy: np.ndarray) -> Check:
    return Check.everywhere(oracles.exact_policy_value(mdp, policy), oracles.lp_value(mdp))


no_policy_exceeds = Theorem(
    name="no-policy-exceeds",
    statement=r"$v^\pi \le v^*$ for stochastic policies too.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$\pi$ a stationary policy, rewards in $[0, 1]$ (only so that the ratio means something)",
    instances=paired(unit_reward_mdps(max_states=3), lambda mdp: stochastic_policies(mdp) | policies(mdp)),
    check=_no_policy_exceeds,
    refutable=scaled(_no_policy_exceeds),
    tight=lambda: _no_policy_exceeds(mdps.single_state(gamma=0.9), np.array([[1.0]])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _span_contraction(mdp: MDP, u: np.ndarray, v: np.ndarray) -> Check:
    rows = mdp.P.toarray()
    dobrushin = np.abs(rows[:, None] - rows).sum(axis=2).max() / 2
    return Check(span(_bellman(mdp, u) - _bellman(mdp, v)), bounds.span_contraction(mdp.gamma, dobrushin, span(u - v)))


span_contraction = Theorem(
    name="span-contraction",
    statement=(
        r"$\mathrm{sp}(T u - T v) \le \gamma \delta\, \mathrm{sp}(u - v)$ with "
        r"$\delta = \max_{(s,a),(s',a')} \mathrm{TV}(P_{sa}, P_{s'a'})$: models that mix are easier."
    ),
    source="puterman2005, section 6.6",
    assumptions=r"$u$ and $v$ arbitrary; TV is the total variation distance, half of $L_1$",
    instances=paired(discounted_mdps(max_states=3), value_vectors, value_vectors)
    | st.builds(mdps.span_contraction, DISCOUNTS, st.sampled_from([0.1, 0.5, 1.0])),
    check=_span_contraction,
    refutable=scaled(_span_contraction),
    tight=lambda: _span_contraction(*mdps.span_contraction(gamma=0.9, delta=0.5)),
    tight_ratio=0.999999,
    attained_by="`mdps.span_contraction`, two states whose rows mirror each other,",
)

THEOREMS = (
    bellman_contraction,
    policy_contraction,
    bellman_monotone,
    bellman_shift,
    bellman_optimality,
    greedy_is_optimal,
    deterministic_suffices,
    no_policy_exceeds,
    span_contraction,
)

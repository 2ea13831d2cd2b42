"""Policy iteration with errors: of the improvement, of the evaluation, and those that features make unavoidable."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, policies, stochastic_policies
from proofs_check import oracles
from proofs_check.approximation.aggregates import averager
from proofs_check.approximation.value_iteration import Errors, errors_of, largest, loss_of
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
ROUNDS = st.integers(1, 6)
MODELS = discounted_mdps(max_states=3)


def _improvement(mdp: MDP, policy: np.ndarray, improved: np.ndarray) -> Check:
    v = oracles.exact_policy_value(mdp, policy)
    P, r = oracles.chain(mdp, improved)
    greedy_error = float((oracles.backup(mdp, v) - r - mdp.gamma * P @ v).max())
    promised = bounds.inexact_improvement_loss(mdp.gamma, greedy_error, loss_of(mdp, policy))
    return Check(loss_of(mdp, improved), promised)


def _spoilt(gamma: float) -> tuple[MDP, np.ndarray, np.ndarray]:
    """The optimal policy, spoilt by the improvement."""
    mdp, careless = mdps.near_optimal_policy(gamma)
    return mdp, 1 - careless, careless


inexact_improvement = Theorem(
    name="approximate-improvement",
    statement=(
        r"If $T_{\pi'} v^\pi \ge T v^\pi - \varepsilon$, then "
        r"$\|v^* - v^{\pi'}\| \le \gamma \|v^* - v^\pi\| + \varepsilon H$."
    ),
    source="szepesvari2022, lecture 8",
    assumptions=r"$\pi$ and $\pi'$ stationary policies; $\varepsilon$ is the least possible",
    instances=paired(MODELS, stochastic_policies, policies) | st.builds(_spoilt, DISCOUNTS),
    check=_improvement,
    refutable=scaled(_improvement),
    tight=lambda: _improvement(*_spoilt(gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="One state whose optimal policy the improvement spoils",
)


def _policy_iteration(mdp: MDP, policy: np.ndarray, errors: Errors) -> Check:
    initial_loss = loss_of(mdp, policy)
    for error in errors:
        policy = oracles.greedy(mdp, oracles.exact_policy_value(mdp, policy) + error)
    promised = bounds.approximate_policy_iteration_loss(mdp.gamma, len(errors), largest(errors), initial_loss)
    return Check(loss_of(mdp, policy), promised)


def _chain(gamma: float, rounds: int) -> tuple[MDP, np.ndarray, Errors]:
    mdp, errors = mdps.error_chain(gamma, rounds)
    return mdp, np.zeros(mdp.n_states, dtype=int), list(errors)


approximate_policy_iteration = Theorem(
    name="approximate-policy-iteration",
    statement=(
        r"$\|v^* - v^{\pi_K}\| \le \gamma^K \|v^* - v^{\pi_0}\| + 2 \gamma (1 - \gamma^K) H^2 \varepsilon$ for "
        r"$\pi_{k+1}$ greedy for $v^{\pi_k} + e_k$, $\|e_k\| \le \varepsilon$. One round gives "
        r"$\gamma \|v^* - v^\pi\| + 2 \gamma \varepsilon H$, and all of them, in the limit, $2 \gamma \varepsilon H^2$."
    ),
    source="bertsekas1996, section 6.2",
    assumptions=r"$\pi_0$ and the errors arbitrary",
    instances=paired(MODELS, policies, lambda mdp: errors_of(mdp.n_states)) | st.builds(_chain, DISCOUNTS, ROUNDS),
    check=_policy_iteration,
    refutable=scaled(_policy_iteration),
    tight=lambda: _policy_iteration(*_chain(gamma=0.9, rounds=40)),
    tight_ratio=0.999999,
    attained_by="`mdps.error_chain`, into whose worst state errors push the greedy policy one state a round,",
)


def _q_of(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    return oracles.action_values(mdp, oracles.exact_policy_value(mdp, policy))


def _policy_iteration_q(mdp: MDP, policy: np.ndarray, errors: Errors) -> Check:
    initial_loss = loss_of(mdp, policy)
    for error in errors:
        policy = oracles.first_best(mdp, _q_of(mdp, policy) + error)
    promised = bounds.approximate_policy_iteration_loss_of_q(mdp.gamma, len(errors), largest(errors), initial_loss)
    return Check(loss_of(mdp, policy), promised)


def _chain_q(gamma: float, rounds: int) -> tuple[MDP, np.ndarray, Errors]:
    mdp, errors = mdps.error_chain_q(gamma, rounds)
    return mdp, np.zeros(mdp.n_states, dtype=int), list(errors)


approximate_policy_iteration_q = Theorem(
    name="approximate-policy-iteration-q",
    statement=(
        r"$\|v^* - v^{\pi_K}\| \le \gamma^K \|v^* - v^{\pi_0}\| + 2 (1 - \gamma^K) H^2 \varepsilon$ for $\pi_{k+1}$ "
        r"greedy for $q^{\pi_k} + e_k$, $\|e_k\| \le \varepsilon$."
    ),
    source="szepesvari2022, lecture 8",
    assumptions=r"$\pi_0$ and the errors arbitrary",
    instances=paired(MODELS, policies, lambda mdp: errors_of(mdp.n_pairs)) | st.builds(_chain_q, DISCOUNTS, ROUNDS),
    check=_policy_iteration_q,
    refutable=scaled(_policy_iteration_q),
    tight=lambda: _policy_iteration_q(*_chain_q(gamma=0.9, rounds=40)),
    tight_ratio=0.999999,
    attained_by="`mdps.error_chain_q`, into whose worst state errors push the greedy policy one state a round,",
)


def _least_loss(gamma: float, error: float, rounds: int) -> float:
    """The least that any policy of aggregated policy iteration loses, with every estimate within the error."""
    mdp, groups, policy = mdps.alternating_policies(gamma, error)
    average = averager(groups, np.full(4, 0.5))
    losses = [loss_of(mdp, policy)]
    for _ in range(rounds):
        q = _q_of(mdp, policy).reshape(4, 2)
        estimate = average @ q
        if np.abs(estimate - q).max() > error * (1 + 1e-9):
            raise ArithmeticError("the averages of the groups miss the error that they are said to be within")
        policy = oracles.first_best(mdp, estimate.ravel())
        losses.append(loss_of(mdp, policy))
    return min(losses)


def _alternation(gamma: float, error: float, rounds: int) -> Check:
    return Check(bounds.aggregated_policy_iteration_loss(gamma, error), _least_loss(gamma, error, rounds))


def _alternation_at_worst(gamma: float, error: float, rounds: int) -> Check:
    worst = bounds.approximate_policy_iteration_loss_of_q(gamma, 10_000, error, 0.0)
    return Check(worst, _least_loss(gamma, error, rounds))


RUNS: SearchStrategy[tuple[float, float, int]] = st.tuples(DISCOUNTS, st.sampled_from([1.0, 0.1]), st.integers(0, 8))

aggregated_policy_iteration = Theorem(
    name="aggregated-policy-iteration",
    statement=(
        r"There are groups of states such that averages over groups are within $\varepsilon$ of $q^\pi$ for every "
        r"policy, but every policy of policy iteration with these averages loses at least $\varepsilon H^2$, for ever."
    ),
    source="szepesvari2022, lecture 13",
    assumptions=r"tested on four states in two groups; compared are the promise and the least loss of any round",
    instances=RUNS,
    check=_alternation,
    refutable=_alternation_at_worst,  # false: they lose all that errors of this size can cost
    tight=lambda: _alternation(0.9, 1.0, 10),
    tight_ratio=0.999999,
    attained_by="Four states in two groups, between whose policies the iteration alternates for ever,",
)

THEOREMS = (
    inexact_improvement,
    approximate_policy_iteration,
    approximate_policy_iteration_q,
    aggregated_policy_iteration,
)

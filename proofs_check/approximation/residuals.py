"""Residuals where one goes: losses by averages over visited states, and what holds under a stationary distribution."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, stochastic_policies, value_vectors
from proofs_check import oracles
from proofs_check.approximation.projections import norm, stationary
from proofs_check.approximation.value_iteration import Errors, errors_of, inexact_sweeps
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
MODELS = discounted_mdps(max_states=3)


def visits(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return the normalised discounted occupancy of the states from ``mu``."""
    return (1 - mdp.gamma) * np.add.reduceat(oracles.occupancy(mdp, policy), mdp.pair_start[:-1])


def _telescoping(mdp: MDP, policy: np.ndarray, f: np.ndarray, weights: np.ndarray | None = None) -> Check:
    P, r = oracles.chain(mdp, policy)
    where = visits(mdp, policy) if weights is None else weights
    total = where @ (f - r - mdp.gamma * P @ f) / (1 - mdp.gamma)
    return Check.equal(mdp.mu @ f - mdp.mu @ oracles.exact_policy_value(mdp, policy), total)


telescoping = Theorem(
    name="telescoping",
    statement=r"$\mu f - \mu v^\pi = H\, \mathbb{E}_{s \sim d_\mu^\pi} [f(s) - (T_\pi f)(s)]$ for every function $f$.",
    source="szepesvari2022, lecture 4",
    assumptions=r"$\pi$ a stationary policy",
    instances=paired(MODELS, stochastic_policies, value_vectors),
    check=_telescoping,
    refutable=lambda mdp, policy, f: _telescoping(mdp, policy, f, mdp.mu),  # false: under the law of the first state
)


def _greedy_run(mdp: MDP, f: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """The greedy policy's loss from the start, the residual, and where the optimal and the greedy policy go."""
    optimum, residual = oracles.lp_value(mdp), oracles.backup(mdp, f) - f
    policy = oracles.greedy(mdp, f)
    loss = float(mdp.mu @ (optimum - oracles.exact_policy_value(mdp, policy)))
    return loss, residual, visits(mdp, oracles.greedy(mdp, optimum)), visits(mdp, policy)


def _visited(mdp: MDP, f: np.ndarray) -> Check:
    loss, residual, best_visits, greedy_visits = _greedy_run(mdp, f)
    promised = bounds.visited_residual_loss(mdp.gamma, best_visits @ residual, -greedy_visits @ residual)
    return Check(loss, promised, scale=sup(residual) / (1 - mdp.gamma))


def _visited_by_greedy(mdp: MDP, f: np.ndarray) -> Check:
    """False variant: only the residual where the greedy policy goes counts."""
    loss, residual, _, greedy_visits = _greedy_run(mdp, f)
    return Check(loss, bounds.visited_residual_loss(mdp.gamma, 0.0, -greedy_visits @ residual))


FORKS = st.builds(mdps.residual_fork, DISCOUNTS, st.sampled_from([1.0, 0.1]))

visited_residual = Theorem(
    name="residual-loss-visited",
    statement=(
        r"$\mu v^* - \mu v^{\pi_f} \le H \big(\mathbb{E}_{d^{\pi^*}}[T f - f] + \mathbb{E}_{d^{\pi_f}}[f - T f]\big)$: "
        r"residuals hurt only where one of the two policies goes."
    ),
    source="derived here",
    assumptions=r"$f$ arbitrary. By telescoping for both policies, as $T_{\pi^*} f \le T f = T_{\pi_f} f$",
    instances=paired(MODELS, value_vectors) | FORKS.map(lambda fork: fork[:2]),
    check=_visited,
    refutable=_visited_by_greedy,
    tight=lambda: _visited(*mdps.residual_fork(gamma=0.9)[:2]),
    tight_ratio=0.999999,
    attained_by="`mdps.residual_fork`, where a residual sends the greedy policy to the wrong side,",
)


def _concentrated(mdp: MDP, f: np.ndarray, weights: np.ndarray) -> Check:
    loss, residual, best_visits, greedy_visits = _greedy_run(mdp, f)
    concentration = float((np.maximum(best_visits, greedy_visits) / weights).max())
    return Check(loss, bounds.concentrated_residual_loss(mdp.gamma, concentration, norm(residual, weights)))


def _weights(mdp: MDP) -> SearchStrategy[np.ndarray]:
    """Draw a distribution that leaves no state out."""
    drawn = st.lists(st.integers(1, 9), min_size=mdp.n_states, max_size=mdp.n_states)
    return drawn.map(lambda counts: np.array(counts) / sum(counts))


concentrated_residual = Theorem(
    name="residual-loss-concentrated",
    statement=(
        r"$\mu v^* - \mu v^{\pi_f} \le H \sqrt{2 \gamma C}\, \|T f - f\|_{2,\nu}$ if $d^{\pi^*} \le C \nu$ and "
        r"$d^{\pi_f} \le C \nu$: where the constant is usually 2, $\sqrt{2 \gamma}$ is enough."
    ),
    source="derived here; munos2003 (with 2 for the root)",
    assumptions=(
        r"$f$ arbitrary, $\nu > 0$, and $C$ the least possible. From residual-loss-visited by the inequality of Cauchy "
        r"and Schwarz for the density of $d^{\pi^*} - d^{\pi_f}$, in which the first state cancels"
    ),
    instances=paired(MODELS, value_vectors, _weights) | FORKS,
    check=_concentrated,
    refutable=scaled(_concentrated),
    tight=lambda: _concentrated(*mdps.residual_fork(gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.residual_fork`, where a residual sends the greedy policy to the wrong side,",
)


def _reachable(mdp: MDP) -> np.ndarray:
    """Which states can be visited after the first step."""
    follows = (oracles.mix(mdp, np.ones(mdp.n_pairs)) @ mdp.P.toarray()) > 0
    reached = (mdp.mu > 0) @ follows
    for _ in range(mdp.n_states):
        reached = reached | (reached @ follows)
    return reached


def _fitted(mdp: MDP, v0: np.ndarray, errors: Errors, weights: np.ndarray) -> Check:
    optimum = oracles.lp_value(mdp)
    policy = oracles.greedy(mdp, inexact_sweeps(mdp, v0, errors)[-1])
    sweep_error = max((norm(error, weights) for error in errors), default=0.0)
    concentration = float((_reachable(mdp) / weights).max())
    promised = bounds.fitted_value_iteration_loss(mdp.gamma, len(errors), concentration, sweep_error, sup(v0 - optimum))
    return Check(float(mdp.mu @ (optimum - oracles.exact_policy_value(mdp, policy))), promised)


def _even_chain(gamma: float, sweeps: int) -> tuple[MDP, np.ndarray, Errors, np.ndarray]:
    """The chain of errors, from its last state, with even weights."""
    mdp, errors = mdps.error_chain(gamma, sweeps)
    n = mdp.n_states
    return mdp.replace(mu=np.eye(n)[-1]), np.zeros(n), list(errors), np.full(n, 1 / n)


fitted_value_iteration = Theorem(
    name="fitted-value-iteration",
    statement=(
        r"$\rho v^* - \rho v^{\pi_{v_K}} \le \gamma H \big(\sqrt{2 C}\, (1 - \gamma^K) H \varepsilon + 2 \gamma^K "
        r"\|v_0 - v^*\|\big)$ if $\|v_k - T v_{k-1}\|_{2,\nu} \le \varepsilon$ and $\rho P_{\pi_1} \cdots P_{\pi_m} "
        r"\le C \nu$ for all policies and $m \ge 1$: where the constant is usually $2 \sqrt C$, $\sqrt{2 C}$ is enough."
    ),
    source="derived here; munos2008 (with 2 for the root of 2)",
    assumptions=(
        r"$v_0$ and the errors arbitrary, $\nu > 0$; tested with $C = \max 1/\nu$ over the states that can be reached. "
        r"By the argument of residual-loss-concentrated for the two laws under which each error enters"
    ),
    instances=paired(MODELS, value_vectors, lambda mdp: errors_of(mdp.n_states), _weights)
    | st.builds(_even_chain, DISCOUNTS, st.integers(1, 6)),
    check=_fitted,
    refutable=scaled(_fitted),
    tight=lambda: _fitted(*_even_chain(gamma=0.9, sweeps=40)),
    tight_ratio=0.999999,
    attained_by="The chain of approximate-value-iteration-loss, from its last state and with even weights,",
)


def _averaging(mdp: MDP, v: np.ndarray, weights: np.ndarray | None = None) -> Check:
    P, _ = oracles.chain(mdp, np.zeros(mdp.n_states, dtype=int))
    D = stationary(P) if weights is None else weights
    return Check(norm(P @ v, D), norm(v, D))


CHAINS = discounted_mdps(max_states=4, max_actions=1)
ONE_STATE = st.builds(mdps.single_state, st.just(1.0), DISCOUNTS)

stationary_norm = Theorem(
    name="stationary-norm",
    statement=r"$\|P v\|_{2,D} \le \|v\|_{2,D}$ if $D$ is stationary, $D P = D$.",
    source="tsitsiklis1997, Lemma 1",
    assumptions=r"$v$ arbitrary. By Jensen's inequality",
    instances=paired(CHAINS, value_vectors),
    check=_averaging,
    # False: in every weighted norm.
    refutable=lambda mdp, v: _averaging(mdp, v, np.full(mdp.n_states, 1 / mdp.n_states)),
    tight=lambda: _averaging(mdps.single_state(), np.ones(1)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _policy_residual(mdp: MDP, v: np.ndarray) -> Check:
    P, r = oracles.chain(mdp, np.zeros(mdp.n_states, dtype=int))
    D = stationary(P)
    error = v - oracles.discounted_sum(P, mdp.gamma, r)
    return Check(norm(error, D), bounds.policy_residual_error(mdp.gamma, norm(r + mdp.gamma * P @ v - v, D)))


policy_residual = Theorem(
    name="policy-residual",
    statement=r"$\|v - v^\pi\|_{2,D} \le H \|T_\pi v - v\|_{2,D}$ if $D$ is stationary, $D P_\pi = D$.",
    source="tsitsiklis1997",
    assumptions=r"$v$ arbitrary",
    instances=paired(CHAINS | ONE_STATE, value_vectors),
    check=_policy_residual,
    refutable=scaled(_policy_residual),
    tight=lambda: _policy_residual(mdps.single_state(), np.ones(1)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)

THEOREMS = (
    telescoping,
    visited_residual,
    concentrated_residual,
    fitted_value_iteration,
    stationary_norm,
    policy_residual,
)

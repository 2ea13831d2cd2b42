"""Approximate modified policy iteration: how errors of evaluation and of greediness add up."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, value_vectors
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds


def _careless(mdp: MDP, v: np.ndarray, greedy_error: float) -> np.ndarray:
    """Return the worst of the policies that are greedy for v up to an error."""
    policy = []
    for q in np.split(oracles.action_values(mdp, v), mdp.pair_start[1:-1]):
        policy.append(int(np.argmin(np.where(q >= q.max() - greedy_error, q, np.inf))))
    return np.array(policy)


def _approximate_mpi(mdp: MDP, v0: np.ndarray, m: int, greedy_error: float, errors: Sequence[np.ndarray]) -> Check:
    r"""Run $v_k = T_{\pi_k}^m v_{k-1} + e_k$ through all the errors, and judge the policy that comes next."""
    v = v0
    policy = _careless(mdp, v, greedy_error)
    for error in errors:
        P, r = oracles.chain(mdp, policy)
        for _ in range(m):
            v = r + mdp.gamma * P @ v
        v = v + error
        policy = _careless(mdp, v, greedy_error)
    optimum = oracles.lp_value(mdp)
    evaluation_error = max(map(sup, errors), default=0.0)
    promised = bounds.approximate_mpi_loss(
        mdp.gamma, len(errors) + 1, evaluation_error, greedy_error, sup(optimum - v0)
    )
    return Check(sup(optimum - oracles.exact_policy_value(mdp, policy)), promised)


def _chain_of_errors(gamma: float, m: int, sweeps: int) -> tuple[MDP, np.ndarray, int, float, Sequence[np.ndarray]]:
    """Evaluation errors that push the greedy policy into the worst state of a chain, one state a round."""
    mdp, errors = mdps.error_chain(gamma, sweeps)
    return mdp, np.zeros(mdp.n_states), m, 0.0, list(errors)


approximate_mpi = Theorem(
    name="approximate-mpi",
    statement=(
        r"$\|v^* - v^{\pi_k}\| \le 2(\gamma - \gamma^k) H^2 \varepsilon + (1 - \gamma^k) H^2 \varepsilon' + "
        r"2 \gamma^k H \|v^* - v_0\|$ for $v_k = T_{\pi_k}^m v_{k-1} + e_k$, $\|e_k\| \le \varepsilon$, and "
        r"$T_{\pi_k} v_{k-1} \ge T v_{k-1} - \varepsilon'$."
    ),
    source="scherrer2015",
    assumptions=(
        r"$v_0$ and the errors arbitrary, $k \ge 1$, $m \ge 1$ sweeps a round. Derived again here for $m = 1$; for "
        r"$m > 1$ quoted from the source and tested"
    ),
    instances=paired(
        discounted_mdps(max_states=3),
        value_vectors,
        lambda _: st.integers(1, 4),
        lambda _: st.sampled_from([0.0, 0.1, 1.0]),
        lambda mdp: st.lists(value_vectors(mdp, 1.0), max_size=5),
    )
    | st.builds(_chain_of_errors, st.sampled_from(GAMMAS), st.just(1), st.integers(1, 6)),
    check=_approximate_mpi,
    refutable=scaled(_approximate_mpi),
    tight=lambda: _approximate_mpi(*_chain_of_errors(gamma=0.9, m=1, sweeps=20)),
    tight_ratio=0.99999,
    attained_by="A chain of states, into whose worst one errors push the greedy policy one state a round,",
)

THEOREMS = (approximate_mpi,)

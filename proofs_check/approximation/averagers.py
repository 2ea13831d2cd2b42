"""Averagers: value iteration on averages of states converges, and how far from the optimum it ends."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, laws, paired, value_vectors
from proofs_check import oracles
from proofs_check.approximation.aggregates import averaged_optimum, averager, widest_group
from proofs_check.approximation.value_iteration import loss_of
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
GAPS = st.sampled_from([1.0, 0.1])
MODELS = discounted_mdps(max_states=4)


@st.composite
def groupings(draw: DrawFn, mdp: MDP) -> tuple[np.ndarray, np.ndarray]:
    """Draw the group of each state, numbered without a gap, and weights that add up to 1 in each group."""
    n = mdp.n_states
    _, groups = np.unique(draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n)), return_inverse=True)
    shares = np.array(draw(st.lists(st.sampled_from([0, 1, 2, 9]), min_size=n, max_size=n)), dtype=float)
    totals = np.bincount(groups, shares)[groups]
    return groups, np.where(totals > 0, shares / np.maximum(totals, 1.0), 1 / np.bincount(groups)[groups])


def _matrices(mdp: MDP) -> SearchStrategy[np.ndarray]:
    return groupings(mdp).map(lambda grouping: averager(*grouping)) | laws(mdp.n_states, mdp.n_states)


def _with_matrix(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> tuple[MDP, np.ndarray]:
    return mdp, averager(groups, weights)


DRIFTS = st.builds(mdps.averaging_drift, DISCOUNTS, GAPS)
TRAPS = st.builds(mdps.averaging_trap, DISCOUNTS, GAPS)
RESIDUAL_TRAPS = st.builds(mdps.averaging_residual_trap, DISCOUNTS, GAPS)
AVERAGED = paired(MODELS, _matrices)
GROUPED = paired(MODELS, groupings).map(lambda drawn: (drawn[0], *drawn[1]))


def _iteration(mdp: MDP, M: np.ndarray, v0: np.ndarray, sweeps: int) -> Check:
    fixed, v = averaged_optimum(mdp, M), v0
    for _ in range(sweeps):
        v = M @ oracles.backup(mdp, v)
    return Check(sup(v - fixed), bounds.geometric_error(mdp.gamma, sweeps, sup(v0 - fixed)))


averager_iteration = Theorem(
    name="averager-iteration",
    statement=r"$\|v_k - \hat v\| \le \gamma^k \|v_0 - \hat v\|$ for $v_k = M T v_{k-1}$ and $\hat v = M T \hat v$.",
    source="gordon1995",
    assumptions=r"$M$ a stochastic matrix; $\hat v$ comes from the linear program of a model with the kernel $P M$",
    instances=paired(MODELS, _matrices, value_vectors, lambda _: st.integers(0, 8)),
    check=_iteration,
    refutable=scaled(_iteration),
    tight=lambda: _iteration(mdps.single_state(), np.eye(1), np.zeros(1), 10),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _defect(mdp: MDP, M: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """v*, the fixed point of MT, and what M does to v*."""
    optimum = oracles.lp_value(mdp)
    return optimum, averaged_optimum(mdp, M), sup(M @ optimum - optimum)


def _error(mdp: MDP, M: np.ndarray) -> Check:
    optimum, fixed, defect = _defect(mdp, M)
    return Check(sup(fixed - optimum), bounds.averager_error(mdp.gamma, defect))


averager_error = Theorem(
    name="averager-error",
    statement=r"$\|\hat v - v^*\| \le H \|M v^* - v^*\|$ for $\hat v = M T \hat v$.",
    source="gordon1995; derived here",
    assumptions=r"$M$ a stochastic matrix, such as the average over groups of states",
    instances=AVERAGED | DRIFTS.map(lambda drawn: _with_matrix(*drawn)),
    check=_error,
    refutable=scaled(_error),
    tight=lambda: _error(*_with_matrix(*mdps.averaging_drift(gamma=0.9))),
    tight_ratio=0.999999,
    attained_by="`mdps.averaging_drift`, two states that differ a little and whose common value drifts away,",
)


def _error_by_distance(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> Check:
    optimum, fixed, _ = _defect(*_with_matrix(mdp, groups, weights))
    distance = widest_group(optimum, groups) / 2
    return Check(sup(fixed - optimum), bounds.averager_error_by_distance(mdp.gamma, distance))


averager_distance = Theorem(
    name="averager-error-distance",
    statement=r"$\|\hat v - v^*\| \le 2 H \min_{M x = x} \|x - v^*\|$ for $\hat v = M T \hat v$.",
    source="gordon1995",
    assumptions=(
        r"$\|M\| \le 1$; tested for averages over groups, with any weights: the distance is half of the largest "
        r"difference of $v^*$ within a group"
    ),
    instances=GROUPED | DRIFTS,
    check=_error_by_distance,
    refutable=scaled(_error_by_distance),
    tight=lambda: _error_by_distance(*mdps.averaging_drift(gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.averaging_drift`, two states that differ a little and whose common value drifts away,",
)


def _policy_loss(mdp: MDP, M: np.ndarray) -> Check:
    _, fixed, defect = _defect(mdp, M)
    return Check(loss_of(mdp, oracles.greedy(mdp, fixed)), bounds.averager_policy_loss(mdp.gamma, defect))


averager_loss = Theorem(
    name="averager-loss",
    statement=(
        r"$\|v^* - v^{\pi_{\hat v}}\| \le 2 \gamma H^2 \|M v^* - v^*\|$ for $\hat v = M T \hat v$: at most "
        r"$4 \gamma H^2$ times the distance of $v^*$ to the fixed points of $M$."
    ),
    source="tsitsiklis1996; vanroy2006",
    assumptions=r"$M$ a stochastic matrix. From averager-error and greedy-loss",
    instances=AVERAGED | TRAPS.map(lambda drawn: _with_matrix(*drawn)),
    check=_policy_loss,
    refutable=scaled(_policy_loss),
    tight=lambda: _policy_loss(*_with_matrix(*mdps.averaging_trap(gamma=0.9))),
    tight_ratio=0.999999,
    attained_by="`mdps.averaging_trap`, two groups that drift apart and a decision between them,",
)


def _sweeps_loss(mdp: MDP, M: np.ndarray, v0: np.ndarray, sweeps: int) -> Check:
    v, errors = v0, [0.0]
    for _ in range(sweeps):
        backed_up = oracles.backup(mdp, v)
        v = M @ backed_up
        errors.append(sup(v - backed_up))
    initial_error = sup(v0 - oracles.lp_value(mdp))
    promised = bounds.approximate_value_iteration_loss(mdp.gamma, sweeps, max(errors), initial_error)
    return Check(loss_of(mdp, oracles.greedy(mdp, v)), promised)


def _one_sweep(gamma: float) -> tuple[MDP, np.ndarray, np.ndarray, int]:
    mdp, M = _with_matrix(*mdps.averaging_greedy_trap(gamma))
    return mdp, M, oracles.lp_value(mdp), 1


averager_sweeps = Theorem(
    name="averager-sweeps-loss",
    statement=(
        r"$\|v^* - v^{\pi_{v_K}}\| \le 2 \gamma H \big(\gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon\big)$ for "
        r"$v_k = M T v_{k-1}$, where $\|M T v_{k-1} - T v_{k-1}\| \le \varepsilon$."
    ),
    source="bertsekas1996, section 6.5; gordon1995",
    assumptions=r"$M$ a stochastic matrix, $v_0$ arbitrary. Attained by one sweep; after many, see averager-residual",
    instances=paired(MODELS, _matrices, value_vectors, lambda _: st.integers(0, 4)) | st.builds(_one_sweep, DISCOUNTS),
    check=_sweeps_loss,
    refutable=scaled(_sweeps_loss),
    tight=lambda: _sweeps_loss(*_one_sweep(0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.averaging_greedy_trap`, the greedy trap made by one averaged sweep from the optimal value,",
)


def _residual_loss(mdp: MDP, M: np.ndarray) -> Check:
    fixed = averaged_optimum(mdp, M)
    backed_up = oracles.backup(mdp, fixed)
    promised = bounds.residual_policy_loss(mdp.gamma, sup(M @ backed_up - backed_up))
    return Check(loss_of(mdp, oracles.greedy(mdp, fixed)), promised)


averager_residual = Theorem(
    name="averager-residual",
    statement=(
        r"$\|v^* - v^{\pi_{\hat v}}\| \le 2 \gamma H \|M T \hat v - T \hat v\|$ for $\hat v = M T \hat v$: at the "
        r"fixed point the error of averaging, which approximate-value-iteration-loss multiplies by $H^2$, costs only "
        r"$H$."
    ),
    source="derived here; williams1993",
    assumptions=r"$M$ a stochastic matrix. The residual of $\hat v$ is the error of averaging; then residual-loss",
    instances=AVERAGED | RESIDUAL_TRAPS.map(lambda drawn: _with_matrix(*drawn)),
    check=_residual_loss,
    refutable=scaled(_residual_loss),
    tight=lambda: _residual_loss(*_with_matrix(*mdps.averaging_residual_trap(gamma=0.9))),
    tight_ratio=0.999999,
    attained_by="`mdps.averaging_residual_trap`, the trap of residual-loss as what averaging makes of it,",
)

THEOREMS = (averager_iteration, averager_error, averager_distance, averager_loss, averager_sweeps, averager_residual)

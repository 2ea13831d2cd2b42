"""Value iteration and its relatives: how fast they converge, and what they cannot do."""

from __future__ import annotations

import math
from itertools import islice

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, unit_reward_mdps, value_vectors
from proofs_check import oracles
from proofs_check.norms import span, sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import Iterate, bounds, modified_policy_iterates, value_iterates

DISCOUNTS = st.sampled_from(GAMMAS)
ROUNDS = st.integers(0, 12)


def _value_iterate(mdp: MDP, v0: np.ndarray, k: int) -> Iterate:
    """``T^k v0`` by the package's value iteration, the subject of these theorems."""
    return next(islice(value_iterates(mdp, v0), k, None))


def _rate(mdp: MDP, v0: np.ndarray, k: int) -> Check:
    optimum = oracles.lp_value(mdp)
    error = sup(_value_iterate(mdp, v0, k).value - optimum)
    return Check(error, bounds.geometric_error(mdp.gamma, k, sup(v0 - optimum)))


value_iteration_rate = Theorem(
    name="value-iteration-rate",
    statement=r"$\|T^k v_0 - v^*\| \le \gamma^k \|v_0 - v^*\|$.",
    source="szepesvari2022, lecture 3",
    assumptions=r"$v_0$ arbitrary",
    instances=paired(discounted_mdps(max_states=3), value_vectors, lambda _: ROUNDS),
    check=_rate,
    refutable=scaled(_rate),
    tight=lambda: _rate(mdps.single_state(gamma=0.9), np.zeros(1), 20),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _count(mdp: MDP, eps: float, fewer: int = 0) -> Check:
    sweeps = max(0, math.ceil(bounds.effective_horizon(mdp.gamma, eps)) - fewer)
    value = _value_iterate(mdp, np.zeros(mdp.n_states), sweeps).value
    return Check(sup(value - oracles.lp_value(mdp)), eps)


value_iteration_count = Theorem(
    name="value-iteration-count",
    statement=(
        r"After $k \ge H_{\gamma,\varepsilon} = \ln\frac{1}{\varepsilon(1-\gamma)} / \ln\frac{1}{\gamma}$ sweeps from "
        r"$v_0 = 0$, $\|v_k - v^*\| \le \varepsilon$."
    ),
    source="szepesvari2022, lecture 3",
    assumptions=r"rewards in $[0, 1]$",
    instances=st.tuples(
        unit_reward_mdps(max_states=3, gammas=GAMMAS[:4]) | st.builds(mdps.single_state, st.just(1.0), DISCOUNTS),
        st.sampled_from([1.0, 0.3, 0.1, 0.01]),
    ),
    check=_count,
    refutable=lambda mdp, eps: _count(mdp, eps, fewer=1),  # false: one sweep fewer is enough
    tight=lambda: _count(mdps.single_state(gamma=0.5), 0.5**9 * (1 + 1e-12)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _effective_horizon(gamma: float, eps: float) -> Check:
    return Check(bounds.effective_horizon(gamma, eps), bounds.effective_horizon_bound(gamma, eps))


effective_horizon = Theorem(
    name="effective-horizon",
    statement=r"$H_{\gamma,\varepsilon} \le H \ln\frac{1}{\varepsilon(1-\gamma)}$.",
    source="szepesvari2022, lecture 3",
    assumptions=r"$0 < \gamma < 1$ and $\varepsilon (1-\gamma) \le 1$",
    instances=st.tuples(st.floats(0.01, 0.9999), st.floats(1e-9, 1.0)),
    check=_effective_horizon,
    refutable=scaled(_effective_horizon),
    tight=lambda: _effective_horizon(0.999, 0.01),
    tight_ratio=0.999,
    attained_by="A discount near 1",
)


def _a_priori_sweeps(mdp: MDP, v0: np.ndarray, tol: float, fewer: int = 0) -> Check:
    sweeps = bounds.value_iteration_sweeps(mdp.gamma, tol, span(_value_iterate(mdp, v0, 0).residual))
    reached = _value_iterate(mdp, v0, max(0, sweeps - fewer))
    return Check(bounds.bracket_width(mdp.gamma, span(reached.residual)), tol)


a_priori_sweeps = Theorem(
    name="value-iteration-sweeps",
    statement=(
        r"After $k \ge \ln\frac{\gamma\,\mathrm{sp}(T v_0 - v_0)}{(1-\gamma)\,\mathrm{tol}} / \ln\frac1\gamma$ sweeps, "
        r"the bracket $\gamma H\, \mathrm{sp}(T v_k - v_k)$ is at most tol."
    ),
    source="puterman2005, section 6.6",
    assumptions=r"$v_0$ arbitrary, $\mathrm{tol} > 0$",
    instances=st.tuples(discounted_mdps(max_states=3, gammas=GAMMAS[:4]), st.sampled_from([1.0, 0.1, 0.001])).flatmap(
        lambda drawn: st.tuples(st.just(drawn[0]), value_vectors(drawn[0]), st.just(drawn[1]))
    )
    | st.builds(mdps.span_contraction, st.sampled_from(GAMMAS[:4]), st.just(1.0)).map(lambda x: (*x[:2], 0.1)),
    check=_a_priori_sweeps,
    refutable=lambda mdp, v0, tol: _a_priori_sweeps(mdp, v0, tol, fewer=1),  # false: one sweep fewer is enough
    tight=lambda: _a_priori_sweeps(mdps.span_contraction(0.5, 1.0)[0], np.zeros(2), 0.5**10 * (1 + 1e-12)),
    tight_ratio=0.999999,
    attained_by="`mdps.span_contraction`, two states that are never left,",
)


def _tempted_sweeps(gamma: float, sweeps: int) -> int:
    """How many sweeps from 0 leave the greedy policy wrong on the model in which a reward tempts."""
    iterates = value_iterates(mdps.slow_value_iteration(gamma, sweeps))
    return next(k for k, iterate in enumerate(iterates) if iterate.policy[1] == 0) - 1


def _slow(gamma: float, sweeps: int) -> Check:
    return Check(sweeps, _tempted_sweeps(gamma, sweeps))


value_iteration_slow = Theorem(
    name="value-iteration-slow",
    statement=(
        r"For every $k$ there are three states, with one choice between two actions, for which the greedy policy of "
        r"$v_j$ is wrong for all $j \le k$: no bound in $S$, $A$ and $\gamma$ holds for value iteration. (Policy "
        r"iteration needs one improvement.)"
    ),
    source="feinberg2014",
    assumptions=r"$0 < \gamma < 1$, $v_0 = 0$",
    instances=st.tuples(DISCOUNTS, st.integers(1, 40)),
    check=_slow,
    # False: value iteration, too, stops within the bound of Howard's policy iteration.
    refutable=lambda gamma, sweeps: Check(_tempted_sweeps(gamma, sweeps), bounds.howard_improvements(gamma, 3, 4)),
    tight=lambda: _slow(0.5, 20),
    tight_ratio=0.999999,
    attained_by="The three states of the statement, at the last sweep before the turn,",
)


def _lowered(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Lower v by the least constant that makes ``T v >= v``."""
    return v - max(0.0, float((v - oracles.backup(mdp, v)).max())) / (1 - mdp.gamma)


def _mpi_iterates(mdp: MDP, v0: np.ndarray, m: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k-th and the next value of the package's modified policy iteration."""
    this, following = islice(modified_policy_iterates(mdp, m, v0), k, k + 2)
    return this.value, following.value


def _mpi_monotone(mdp: MDP, v: np.ndarray, m: int, k: int, lower: bool = True) -> Check:
    this, following = _mpi_iterates(mdp, _lowered(mdp, v) if lower else v, m, k)
    return Check.everywhere([this, following], [following, oracles.lp_value(mdp)])


MPI_RUNS = paired(
    discounted_mdps(max_states=3), value_vectors, lambda _: st.integers(1, 5), lambda _: ROUNDS
) | st.tuples(DISCOUNTS, st.integers(1, 5), st.integers(1, 6)).map(lambda x: _corridor(*x))


def _corridor(gamma: float, m: int, steps: int) -> tuple[MDP, np.ndarray, int, int]:
    """Good news travels one state a round, whatever m."""
    mdp, policy = mdps.slow_policy_iteration(gamma, steps)
    return mdp, oracles.exact_policy_value(mdp, policy), m, steps


mpi_monotone = Theorem(
    name="mpi-monotone",
    statement=r"$v_k \le v_{k+1} \le v^*$ in modified policy iteration, $v_{k+1} = T_{\pi_{v_k}}^m v_k$.",
    source="puterman2005, section 6.5",
    assumptions=r"$T v_0 \ge v_0$, $m \ge 1$",
    instances=MPI_RUNS,
    check=_mpi_monotone,
    refutable=lambda mdp, v, m, k: _mpi_monotone(mdp, v, m, k, lower=False),  # false: from an arbitrary start
)


def _mpi_rate(mdp: MDP, v: np.ndarray, m: int, k: int) -> Check:
    optimum, v0 = oracles.lp_value(mdp), _lowered(mdp, v)
    error = sup(optimum - _mpi_iterates(mdp, v0, m, k)[0])
    return Check(error, bounds.geometric_error(mdp.gamma, k, sup(optimum - v0)))


mpi_rate = Theorem(
    name="mpi-rate",
    statement=(
        r"$\|v^* - v_k\| \le \gamma^k \|v^* - v_0\|$ in modified policy iteration: inner sweeps never hurt, and in the "
        r"worst case do not help."
    ),
    source="puterman2005, section 6.5",
    assumptions=r"$T v_0 \ge v_0$, $m \ge 1$ sweeps a round",
    instances=MPI_RUNS,
    check=_mpi_rate,
    refutable=scaled(_mpi_rate),
    tight=lambda: _mpi_rate(*_corridor(0.9, 3, 5)),
    tight_ratio=0.9999,
    attained_by="`mdps.slow_policy_iteration`, a corridor in which good news travels one state a round whatever m,",
)

THEOREMS = (
    value_iteration_rate,
    value_iteration_count,
    effective_horizon,
    a_priori_sweeps,
    value_iteration_slow,
    mpi_monotone,
    mpi_rate,
)

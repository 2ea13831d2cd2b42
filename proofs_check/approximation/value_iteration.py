"""Value iteration with errors: they add up to H times one error, and the greedy policy loses H times that again."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, value_vectors
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

Errors = Sequence[np.ndarray]

DISCOUNTS = st.sampled_from(GAMMAS)
SWEEPS = st.integers(1, 6)
MODELS = discounted_mdps(max_states=3)


def errors_of(size: int) -> SearchStrategy[Errors]:
    """Draw up to five errors, each with one number for each of ``size`` states or pairs."""
    one = st.lists(st.floats(-1, 1), min_size=size, max_size=size).map(np.array)
    return st.lists(one, max_size=5)


def inexact_sweeps(mdp: MDP, v: np.ndarray, errors: Errors) -> list[np.ndarray]:
    """Return ``v_0`` and every ``v_k = T v_{k-1} + e_k``."""
    values = [v]
    for error in errors:
        values.append(oracles.backup(mdp, values[-1]) + error)
    return values


def largest(errors: Errors) -> float:
    """Return the largest sup norm, 0 if there is no error."""
    return max(map(sup, errors), default=0.0)


def loss_of(mdp: MDP, policy: np.ndarray) -> float:
    """Return what a policy loses in the worst state."""
    return sup(oracles.lp_value(mdp) - oracles.exact_policy_value(mdp, policy))


def _value_error(mdp: MDP, v0: np.ndarray, errors: Errors) -> Check:
    optimum = oracles.lp_value(mdp)
    reached = inexact_sweeps(mdp, v0, errors)[-1]
    promised = bounds.approximate_value_iteration_error(mdp.gamma, len(errors), largest(errors), sup(v0 - optimum))
    return Check(sup(reached - optimum), promised)


def _constant_error(gamma: float, sweeps: int) -> tuple[MDP, np.ndarray, Errors]:
    """One state, from above its value, and errors that keep it there."""
    return mdps.single_state(gamma=gamma), np.array([1 + 1 / (1 - gamma)]), [np.ones(1)] * sweeps


value_error = Theorem(
    name="approximate-value-iteration",
    statement=(
        r"$\|v_K - v^*\| \le \gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon$ for $v_k = T v_{k-1} + e_k$, "
        r"$\|e_k\| \le \varepsilon$."
    ),
    source="bertsekas1996, section 6.5",
    assumptions=r"$v_0$ and the errors arbitrary",
    instances=paired(MODELS, value_vectors, lambda mdp: errors_of(mdp.n_states))
    | st.builds(_constant_error, DISCOUNTS, SWEEPS),
    check=_value_error,
    refutable=scaled(_value_error),
    tight=lambda: _value_error(*_constant_error(gamma=0.9, sweeps=10)),
    tight_ratio=0.999999,
    attained_by="One state, from above its value, with errors that keep it there,",
)


def _greedy_loss(mdp: MDP, v0: np.ndarray, errors: Errors) -> Check:
    reached = inexact_sweeps(mdp, v0, errors)[-1]
    initial_error = sup(v0 - oracles.lp_value(mdp))
    promised = bounds.approximate_value_iteration_loss(mdp.gamma, len(errors), largest(errors), initial_error)
    return Check(loss_of(mdp, oracles.greedy(mdp, reached)), promised)


def _chain(gamma: float, sweeps: int) -> tuple[MDP, np.ndarray, Errors]:
    mdp, errors = mdps.error_chain(gamma, sweeps)
    return mdp, np.zeros(mdp.n_states), list(errors)


greedy_loss = Theorem(
    name="approximate-value-iteration-loss",
    statement=(
        r"$\|v^* - v^{\pi_{v_K}}\| \le 2 \gamma H \big(\gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H \varepsilon\big)$ for "
        r"$v_k = T v_{k-1} + e_k$, $\|e_k\| \le \varepsilon$: as K grows, $2 \gamma \varepsilon H^2$."
    ),
    source="bertsekas1996, section 6.5; scherrer2012",
    assumptions=r"$v_0$ and the errors arbitrary",
    instances=paired(MODELS, value_vectors, lambda mdp: errors_of(mdp.n_states)) | st.builds(_chain, DISCOUNTS, SWEEPS),
    check=_greedy_loss,
    refutable=scaled(_greedy_loss),
    tight=lambda: _greedy_loss(*_chain(gamma=0.9, sweeps=40)),
    tight_ratio=0.999999,
    attained_by="`mdps.error_chain`, into whose worst state errors push the greedy policy one state a sweep,",
)


def _greedy_loss_q(mdp: MDP, q0: np.ndarray, errors: Errors) -> Check:
    optimal = oracles.action_values(mdp, oracles.lp_value(mdp))
    q = q0
    for error in errors:
        q = oracles.action_values(mdp, oracles.best(mdp, q)) + error
    promised = bounds.approximate_value_iteration_loss_of_q(mdp.gamma, len(errors), largest(errors), sup(q0 - optimal))
    return Check(loss_of(mdp, oracles.first_best(mdp, q)), promised)


def _chain_q(gamma: float, sweeps: int) -> tuple[MDP, np.ndarray, Errors]:
    mdp, errors = mdps.error_chain_q(gamma, sweeps)
    return mdp, mdp.r, list(errors)  # as v* = 0, the rewards are q*


def _pair_values(mdp: MDP) -> SearchStrategy[np.ndarray]:
    return st.lists(st.floats(-10, 10), min_size=mdp.n_pairs, max_size=mdp.n_pairs).map(np.array)


greedy_loss_q = Theorem(
    name="approximate-value-iteration-loss-q",
    statement=(
        r"$\|v^* - v^{\pi_{q_K}}\| \le 2 H \big(\gamma^K \|q_0 - q^*\| + (1 - \gamma^K) H \varepsilon\big)$ for "
        r"$q_k = T q_{k-1} + e_k$, $\|e_k\| \le \varepsilon$."
    ),
    source="szepesvari2022, lecture 19",
    assumptions=r"$q_0$ and the errors arbitrary",
    instances=paired(MODELS, _pair_values, lambda mdp: errors_of(mdp.n_pairs)) | st.builds(_chain_q, DISCOUNTS, SWEEPS),
    check=_greedy_loss_q,
    refutable=scaled(_greedy_loss_q),
    tight=lambda: _greedy_loss_q(*_chain_q(gamma=0.9, sweeps=40)),
    tight_ratio=0.999999,
    attained_by="`mdps.error_chain_q`, into whose worst state errors push the greedy policy one state a sweep,",
)


def _cycled_value(mdp: MDP, policies: Sequence[np.ndarray]) -> np.ndarray:
    """Value of executing policies in turn, for ever, by one linear system for a whole turn."""
    P, r = np.eye(mdp.n_states), np.zeros(mdp.n_states)
    for policy in policies:
        P_step, r_step = oracles.chain(mdp, policy)
        r = r + P @ r_step
        P = mdp.gamma * P @ P_step
    return np.linalg.solve(np.eye(mdp.n_states) - P, r)


def _cyclic(mdp: MDP, v0: np.ndarray, errors: Errors, period: int, counted: int | None = None) -> Check:
    values = inexact_sweeps(mdp, v0, errors)
    optimum = oracles.lp_value(mdp)
    loss = sup(optimum - _cycled_value(mdp, [oracles.greedy(mdp, v) for v in values[: -period - 1 : -1]]))
    promised = bounds.cyclic_policy_loss(mdp.gamma, counted or period, len(errors), largest(errors), sup(v0 - optimum))
    return Check(loss, promised)


def _cyclic_chain(gamma: float, sweeps: int, period: int) -> tuple[MDP, np.ndarray, Errors, int]:
    period = min(period, sweeps + 1)
    mdp, errors = mdps.error_chain(gamma, sweeps, period=period)
    return mdp, np.zeros(mdp.n_states), list(errors), period


@st.composite
def _cyclic_runs(draw: DrawFn) -> tuple[MDP, np.ndarray, Errors, int]:
    mdp, v0, errors = draw(paired(MODELS, value_vectors, lambda mdp: errors_of(mdp.n_states)))
    return mdp, v0, errors, draw(st.integers(1, len(errors) + 1))


cyclic_policies = Theorem(
    name="cyclic-policies",
    statement=(
        r"The last $m$ greedy policies $\pi_{v_K}, \dots, \pi_{v_{K-m+1}}$ of $v_k = T v_{k-1} + e_k$, executed in "
        r"turn for ever, lose at most $\frac{2 \gamma}{1 - \gamma^m} \big(\gamma^K \|v_0 - v^*\| + (1 - \gamma^K) H "
        r"\varepsilon\big)$: with a long period, of order $H$ and not $H^2$."
    ),
    source="scherrer2012; lesner2015",
    assumptions=(
        r"$1 \le m \le K + 1$, $v_0$ and the errors arbitrary. Derived again here: $v^* - T v_K$ is at most $\gamma$ "
        r"times the error of $v_K$, and $T v_K$ exceeds the value of the turn by at most $(\gamma - \gamma^m) H "
        r"\varepsilon$ and $\gamma^m$ times what the turn loses against $v_{K-m+1}$"
    ),
    instances=_cyclic_runs() | st.builds(_cyclic_chain, DISCOUNTS, SWEEPS, st.integers(1, 4)),
    check=_cyclic,
    # False: as if the period were twice as long.
    refutable=lambda mdp, v0, errors, period: _cyclic(mdp, v0, errors, period, counted=2 * period),
    tight=lambda: _cyclic(*_cyclic_chain(gamma=0.9, sweeps=40, period=5)),
    tight_ratio=0.999999,
    attained_by="`mdps.error_chain` with a period, into whose worst state errors push the policies one state a sweep,",
)

THEOREMS = (value_error, greedy_loss, greedy_loss_q, cyclic_policies)

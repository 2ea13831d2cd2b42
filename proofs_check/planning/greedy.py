"""How good is the greedy policy of an approximate value? Brackets from the residual, losses from the error."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, policies, stochastic_policies, value_vectors
from proofs_check import oracles
from proofs_check.norms import span, sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import backup, bounds, greedy

DISCOUNTS = st.sampled_from(GAMMAS)
ERRORS = st.sampled_from([1.0, 0.1, 5.0])
MODELS = discounted_mdps(max_states=3)


def _nearby(mdp: MDP) -> SearchStrategy[np.ndarray]:
    """Values that differ from v* by a constant, or a little, or at will."""
    optimum = oracles.lp_value(mdp)
    constants = st.floats(-10, 10).map(lambda c: optimum + c)
    return constants | value_vectors(mdp, 0.2).map(lambda error: optimum + error) | value_vectors(mdp)


GUESSES = paired(MODELS, _nearby)
TRAPS = st.builds(mdps.greedy_trap, DISCOUNTS, ERRORS)
SHIFTED = mdps.single_state(gamma=0.9)  # its v* is 10


def _bracket(mdp: MDP, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    backed_up = oracles.backup(mdp, v)
    return backed_up, *bounds.macqueen_porteus(mdp.gamma, v, backed_up)


def _bracket_below(mdp: MDP, v: np.ndarray) -> Check:
    backed_up, lower, _ = _bracket(mdp, v)
    return Check.everywhere(backed_up - oracles.exact_policy_value(mdp, greedy(mdp, v)), backed_up - lower)


bracket_below = Theorem(
    name="bracket-below",
    statement=r"$v^{\pi_v} \ge T v + \gamma H \min (T v - v)$ (MacQueen-Porteus).",
    source="macqueen1966; porteus1971; puterman2005, section 6.6",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | TRAPS,
    check=_bracket_below,
    refutable=scaled(_bracket_below),
    tight=lambda: _bracket_below(SHIFTED, np.array([13.0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _bracket_above(mdp: MDP, v: np.ndarray) -> Check:
    backed_up, _, upper = _bracket(mdp, v)
    return Check.everywhere(oracles.lp_value(mdp) - backed_up, upper - backed_up)


bracket_above = Theorem(
    name="bracket-above",
    statement=r"$v^* \le T v + \gamma H \max (T v - v)$ (MacQueen-Porteus).",
    source="macqueen1966; porteus1971; puterman2005, section 6.6",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | TRAPS,
    check=_bracket_above,
    refutable=scaled(_bracket_above),
    tight=lambda: _bracket_above(SHIFTED, np.array([7.0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _residual_error(mdp: MDP, v: np.ndarray) -> Check:
    residual = backup(mdp, v)[0] - v
    return Check(sup(oracles.lp_value(mdp) - v), bounds.residual_error(mdp.gamma, sup(residual)))


residual_error = Theorem(
    name="residual-error",
    statement=r"$\|v^* - v\| \le H \|T v - v\|$.",
    source="szepesvari2022, lecture 17",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | TRAPS,
    check=_residual_error,
    refutable=scaled(_residual_error),
    tight=lambda: _residual_error(SHIFTED, np.array([13.0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _greedy_loss_of(mdp: MDP, v: np.ndarray) -> float:
    """The left side of the next four theorems: what the greedy policy of v loses."""
    return sup(oracles.lp_value(mdp) - oracles.exact_policy_value(mdp, greedy(mdp, v)))


def _residual_span_loss(mdp: MDP, v: np.ndarray) -> Check:
    residual = oracles.backup(mdp, v) - v
    return Check(_greedy_loss_of(mdp, v), bounds.bracket_width(mdp.gamma, span(residual)))


residual_span_loss = Theorem(
    name="residual-span-loss",
    statement=r"$\|v^* - v^{\pi_v}\| \le \gamma H\, \mathrm{sp}(T v - v)$: the width of the bracket.",
    source="puterman2005, section 6.6",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | TRAPS,
    check=_residual_span_loss,
    refutable=scaled(_residual_span_loss),
    tight=lambda: _residual_span_loss(*mdps.greedy_trap(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.greedy_trap`, two states whose greedy policy is drawn to the worse one for ever,",
)


def _residual_loss(mdp: MDP, v: np.ndarray) -> Check:
    residual = oracles.backup(mdp, v) - v
    return Check(_greedy_loss_of(mdp, v), bounds.residual_policy_loss(mdp.gamma, sup(residual)))


residual_loss = Theorem(
    name="residual-loss",
    statement=r"$\|v^* - v^{\pi_v}\| \le 2 \gamma H \|T v - v\|$ (Williams-Baird).",
    source="williams1993",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | st.builds(mdps.residual_trap, DISCOUNTS, ERRORS),
    check=_residual_loss,
    refutable=scaled(_residual_loss),
    tight=lambda: _residual_loss(*mdps.residual_trap(gamma=0.9, residual=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.residual_trap`, two states whose greedy policy is drawn to the worse one for ever,",
)


def _greedy_loss(mdp: MDP, v: np.ndarray) -> Check:
    error = v - oracles.lp_value(mdp)
    return Check(_greedy_loss_of(mdp, v), bounds.greedy_policy_loss(mdp.gamma, sup(error)))


greedy_loss = Theorem(
    name="greedy-loss",
    statement=r"$\|v^* - v^{\pi_v}\| \le \frac{2\gamma}{1-\gamma} \|v - v^*\|$.",
    source="singh1994",
    assumptions=r"$v$ arbitrary",
    instances=GUESSES | TRAPS,
    check=_greedy_loss,
    refutable=scaled(_greedy_loss),  # false: the trap attains the bound
    tight=lambda: _greedy_loss(*mdps.greedy_trap(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.greedy_trap`, two states whose greedy policy is drawn to the worse one for ever,",
)


def _greedy_loss_span(mdp: MDP, v: np.ndarray) -> Check:
    error = v - oracles.lp_value(mdp)
    return Check(_greedy_loss_of(mdp, v), bounds.greedy_policy_loss_by_span(mdp.gamma, span(error)))


greedy_loss_span = Theorem(
    name="greedy-loss-span",
    statement=r"$\|v^* - v^{\pi_v}\| \le \gamma H\, \mathrm{sp}(v - v^*)$: a constant error costs nothing.",
    source="derived here",
    assumptions=r"$v$ arbitrary. From greedy-loss for $v + c$, which has the same greedy policy, with the best $c$",
    instances=GUESSES | TRAPS,
    check=_greedy_loss_span,
    refutable=scaled(_greedy_loss_span),
    tight=lambda: _greedy_loss_span(*mdps.greedy_trap(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.greedy_trap`, two states whose greedy policy is drawn to the worse one for ever,",
)


def _greedy_loss_q(mdp: MDP, q: np.ndarray) -> Check:
    optimum = oracles.lp_value(mdp)
    policy = oracles.first_best(mdp, q)
    loss = sup(optimum - oracles.exact_policy_value(mdp, policy))
    return Check(loss, bounds.greedy_policy_loss_of_q(mdp.gamma, sup(q - oracles.action_values(mdp, optimum))))


def _q_nearby(mdp: MDP) -> SearchStrategy[np.ndarray]:
    optimal = oracles.action_values(mdp, oracles.lp_value(mdp))
    errors = st.lists(st.floats(-1, 1), min_size=mdp.n_pairs, max_size=mdp.n_pairs)
    return errors.map(lambda error: optimal + np.array(error))


greedy_loss_q = Theorem(
    name="greedy-loss-q",
    statement=r"$\|v^* - v^{\pi_q}\| \le 2 H \|q - q^*\|$ for the policy greedy for $q$.",
    source="szepesvari2022, lecture 6; singh1994",
    assumptions=r"$q$ arbitrary",
    instances=paired(MODELS, _q_nearby) | st.builds(mdps.greedy_trap_q, DISCOUNTS, ERRORS),
    check=_greedy_loss_q,
    refutable=scaled(_greedy_loss_q),
    tight=lambda: _greedy_loss_q(*mdps.greedy_trap_q(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.greedy_trap_q`, one state whose worse action looks a little better,",
)


def _advantage_loss(mdp: MDP, policy: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """What a policy loses, with v*, q* and the weights of its pairs."""
    optimum = oracles.lp_value(mdp)
    loss = sup(optimum - oracles.exact_policy_value(mdp, policy))
    return loss, optimum, oracles.action_values(mdp, optimum), oracles.pair_weights(mdp, policy)


def _near_optimal_actions(mdp: MDP, policy: np.ndarray) -> Check:
    loss, optimum, q, weights = _advantage_loss(mdp, policy)
    eps = float((optimum - oracles.mix(mdp, weights) @ q).max())
    return Check(loss, bounds.near_optimal_actions_loss(mdp.gamma, eps))


near_optimal_actions = Theorem(
    name="near-optimal-actions",
    statement=(
        r"If $\sum_a \pi(a|s)\, q^*(s,a) \ge v^*(s) - \varepsilon$ in every state, then "
        r"$v^* - v^\pi \le \varepsilon H$."
    ),
    source="szepesvari2022, lecture 6",
    assumptions=r"$\pi$ a stationary policy; $\varepsilon$ is the least possible",
    instances=paired(MODELS, lambda mdp: stochastic_policies(mdp) | policies(mdp))
    | st.builds(mdps.near_optimal_policy, DISCOUNTS, ERRORS),
    check=_near_optimal_actions,
    refutable=scaled(_near_optimal_actions),
    tight=lambda: _near_optimal_actions(*mdps.near_optimal_policy(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.near_optimal_policy`, one state and a policy that gives away the same in every step,",
)


def _mostly_good_actions(mdp: MDP, policy: np.ndarray, eps: float) -> Check:
    loss, optimum, q, weights = _advantage_loss(mdp, policy)
    bad = q < optimum[mdp.pair_state] - eps
    zeta = float((oracles.mix(mdp, weights) @ bad).max())
    return Check(loss, bounds.near_optimal_actions_loss(mdp.gamma, eps, zeta, sup(q)))


def _slips(gamma: float, zeta: float) -> tuple[MDP, np.ndarray, float]:
    """One state; the good action is worth 1, the bad one -1 and taken with probability zeta."""
    mdp = MDP.from_pairs([[1.0], [1.0]], [1 - gamma, -1 - gamma], gamma, n_actions=2)
    return mdp, np.array([[1 - zeta, zeta]]), 0.0


mostly_good_actions = Theorem(
    name="mostly-good-actions",
    statement=(
        r"If $\pi$ puts probability at least $1 - \zeta$ on actions with $q^*(s,a) \ge v^*(s) - \varepsilon$, then "
        r"$v^* - v^\pi \le (\varepsilon + 2 \zeta \|q^*\|) H$."
    ),
    source="szepesvari2022, lecture 6",
    assumptions=r"$\pi$ a stationary policy, $\varepsilon \ge 0$; $\zeta$ is the least possible",
    instances=paired(MODELS, stochastic_policies, lambda _: st.floats(0, 1))
    | st.builds(_slips, DISCOUNTS, st.floats(0.01, 0.9)),
    check=_mostly_good_actions,
    refutable=scaled(_mostly_good_actions),
    tight=lambda: _mostly_good_actions(*_slips(gamma=0.9, zeta=0.1)),
    tight_ratio=0.999999,
    attained_by="One state whose bad action costs all that an action can, and is taken by mistake,",
)


def _action_gap(mdp: MDP, v: np.ndarray) -> Check:
    optimum = oracles.lp_value(mdp)
    rivals = [np.sort(q)[-2:] for q in np.split(oracles.action_values(mdp, optimum), mdp.pair_start[1:-1])]
    gap = min((best - second for second, best in (pair for pair in rivals if pair.size == 2)), default=0.0)
    overturned = bool((greedy(mdp, v) != oracles.greedy(mdp, optimum)).any())
    return Check(gap if overturned else 0.0, bounds.overturned_gap(mdp.gamma, sup(v - optimum)))


action_gap = Theorem(
    name="action-gap",
    statement=(
        r"If $\pi_v \ne \pi^*$, then $\Delta \le 2 \gamma \|v - v^*\|$; in other words, an error below "
        r"$\Delta / (2 \gamma)$ leaves the greedy policy optimal."
    ),
    source="derived here; farahmand2011",
    assumptions=r"$\Delta$ is the least difference between the best and the second best $q^*(s, \cdot)$ of a state",
    instances=paired(MODELS, _nearby) | TRAPS,
    check=_action_gap,
    refutable=scaled(_action_gap),
    tight=lambda: _action_gap(*mdps.greedy_trap(gamma=0.9, error=1.0)),
    tight_ratio=0.999999,
    attained_by="`mdps.greedy_trap`, two states whose greedy policy is drawn to the worse one for ever,",
)

THEOREMS = (
    bracket_below,
    bracket_above,
    residual_error,
    residual_span_loss,
    residual_loss,
    greedy_loss,
    greedy_loss_span,
    greedy_loss_q,
    near_optimal_actions,
    mostly_good_actions,
    action_gap,
)

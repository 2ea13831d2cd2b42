"""Independent oracles of policy optimisation: derivatives by complex steps, soft values, and episodes one by one.

A real-analytic function at a + ih, with h so small that its square vanishes, has its derivative as imaginary part over
h, without a difference and so to rounding. No formula of a gradient is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proofs_check import oracles
from proofs_check.norms import sup
from rltheory.models import MDP

_COMPLEX_STEP = 1e-40
_CERTIFIED = 1e-13
_MOST_NEWTON_STEPS = 200


def softmax(mdp: MDP, logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of the pairs, real or complex, for moderate logits.

    Parameters
    ----------
    mdp : MDP
    logits : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    weights = np.exp(logits)
    return weights / np.add.reduceat(weights, mdp.pair_start[:-1])[mdp.pair_state]


def objective(mdp: MDP, weights: np.ndarray) -> complex:
    """Return ``mu v`` for any weights of the pairs, which need not sum to one.

    Parameters
    ----------
    mdp : MDP
    weights : ndarray, shape (n_pairs,)
        Real or complex.

    Returns
    -------
    complex
    """
    average = oracles.mix(mdp, weights)
    system = np.eye(mdp.n_states) - mdp.gamma * average @ mdp.P.toarray()
    return complex(mdp.mu @ np.linalg.solve(system, average @ mdp.r))


def direct_gradient(mdp: MDP, weights: np.ndarray) -> np.ndarray:
    """Return the derivatives of ``mu v`` with respect to the probabilities, by complex steps.

    Parameters
    ----------
    mdp : MDP
    weights : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    steps = weights + 1j * _COMPLEX_STEP * np.eye(mdp.n_pairs)
    return np.array([objective(mdp, moved).imag for moved in steps]) / _COMPLEX_STEP


def softmax_gradient(mdp: MDP, logits: np.ndarray) -> np.ndarray:
    """Return the derivatives of ``mu v`` with respect to the logits, by complex steps.

    Parameters
    ----------
    mdp : MDP
    logits : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    steps = logits + 1j * _COMPLEX_STEP * np.eye(mdp.n_pairs)
    return np.array([objective(mdp, softmax(mdp, moved)).imag for moved in steps]) / _COMPLEX_STEP


def softmax_hessian(mdp: MDP, logits: np.ndarray) -> np.ndarray:
    """Return the second derivatives of ``mu v`` with respect to the logits: complex steps of the formula of the first.

    Parameters
    ----------
    mdp : MDP
    logits : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_pairs, n_pairs)
    """
    P = mdp.P.toarray()

    def gradient(moved: np.ndarray) -> np.ndarray:
        weights = softmax(mdp, moved)
        average = oracles.mix(mdp, weights)
        system = np.eye(mdp.n_states) - mdp.gamma * average @ P
        v, visits = np.linalg.solve(system, average @ mdp.r), np.linalg.solve(system.T, mdp.mu)
        first: np.ndarray = visits[mdp.pair_state] * weights * (mdp.r + mdp.gamma * P @ v - v[mdp.pair_state])
        return first

    steps = logits + 1j * _COMPLEX_STEP * np.eye(mdp.n_pairs)
    return np.array([gradient(moved).imag for moved in steps]) / _COMPLEX_STEP


def state_visits(mdp: MDP, policy: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Return the normalised discounted occupancy of the states.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)
    start : ndarray, shape (n_states,), optional
        By default the model's own.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    P, _ = oracles.chain(mdp, policy)
    return (1 - mdp.gamma) * oracles.discounted_sum(P.T, mdp.gamma, mdp.mu if start is None else start)


def soft_policy_value(mdp: MDP, policy: np.ndarray, tau: float) -> np.ndarray:
    """Return the value of a stochastic policy whose entropy is paid for at ``tau`` a nat.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray, shape (n_states, n_actions)
    tau : float

    Returns
    -------
    ndarray, shape (n_states,)
    """
    P, r = oracles.chain(mdp, policy)
    entropy = -(policy * np.log(np.where(policy > 0, policy, 1.0))).sum(axis=1)
    return oracles.discounted_sum(P, mdp.gamma, r + tau * entropy)


def soft_best(mdp: MDP, q: np.ndarray, tau: float) -> np.ndarray:
    """Return ``tau ln sum_a exp(q / tau)`` of each state.

    Parameters
    ----------
    mdp : MDP
    q : ndarray, shape (n_pairs,)
    tau : float

    Returns
    -------
    ndarray, shape (n_states,)
    """
    best = oracles.best(mdp, q)
    total = np.add.reduceat(np.exp((q - best[mdp.pair_state]) / tau), mdp.pair_start[:-1])
    return best + tau * np.log(total)


def soft_optimum(mdp: MDP, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the soft optimal value, and the logarithms of its policy, one a pair.

    By Newton's method on the soft Bellman equation, and certified by it: the equation is a contraction.

    Parameters
    ----------
    mdp : MDP
    tau : float

    Returns
    -------
    value : ndarray, shape (n_states,)
    logs : ndarray, shape (n_pairs,)

    Raises
    ------
    ArithmeticError
        If the certificate fails.
    """
    v = oracles.lp_value(mdp)
    for _ in range(_MOST_NEWTON_STEPS):
        q = oracles.action_values(mdp, v)
        backed_up = soft_best(mdp, q, tau)
        logs = (q - backed_up[mdp.pair_state]) / tau
        if sup(backed_up - v) <= _CERTIFIED * (1 + sup(v)):
            return backed_up, logs
        slope = oracles.mix(mdp, np.exp(logs)) @ mdp.P.toarray()
        v = v + oracles.discounted_sum(slope, mdp.gamma, backed_up - v)
    raise ArithmeticError(f"Newton's method misses the soft Bellman equation by {sup(backed_up - v):.3g}")


@dataclass(frozen=True, slots=True)
class Episodes:
    """Every episode of a few steps: its probability, its score with respect to the logits, and its return."""

    probability: np.ndarray
    score: np.ndarray
    returns: np.ndarray


def episodes(mdp: MDP, logits: np.ndarray, steps: int) -> Episodes:
    """Enumerate the episodes of a softmax policy.

    Parameters
    ----------
    mdp : MDP
    logits : ndarray, shape (n_pairs,)
    steps : int

    Returns
    -------
    Episodes
        The last one's next state included; their number may be ``(n_actions * n_states) ** steps`` for each start.
    """
    pi, P = softmax(mdp, logits), mdp.P.toarray()
    scores = np.eye(mdp.n_pairs) - (mdp.pair_state[:, None] == mdp.pair_state) * pi
    found = [(float(p), s, np.zeros(mdp.n_pairs), 0.0) for s, p in enumerate(mdp.mu.tolist()) if p > 0]
    for t in range(steps):
        found = [
            (
                p * float(pi[row] * P[row, after]),
                int(after),
                score + scores[row],
                gain + mdp.gamma**t * float(mdp.r[row]),
            )
            for p, s, score, gain in found
            for row in range(mdp.pair_start[s], mdp.pair_start[s + 1])
            for after in np.flatnonzero(P[row])
        ]
    probability, _, score, returns = zip(*found, strict=True)
    return Episodes(np.array(probability), np.array(score), np.array(returns))

"""Independent oracles: linear programs, brute force, dense linear algebra and rational arithmetic.

They share no code with `rltheory.planning`: each is the definition, or a theorem other than the one under test, written
for small models. In the rational functions the float data *are* the model, taken as exact fractions.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from proofs_check.norms import sup
from proofs_check.rational import rational_optimum, rational_policy_value
from rltheory.models import MDP

__all__ = [
    "action_values",
    "backup",
    "best",
    "brute_force_value",
    "chain",
    "deterministic_policies",
    "discounted_sum",
    "dual_program",
    "exact_policy_value",
    "first_best",
    "greedy",
    "lp_value",
    "mix",
    "occupancy",
    "pair_weights",
    "policy_of",
    "primal_program",
    "rational_optimum",
    "rational_policy_value",
    "simulate",
]

_MOST_POLICIES = 20_000
_TIGHTEST = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_CERTIFIED = 1e-13
_MOST_REPAIRS = 5
_NEVER = 1e-12


def action_values(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Return ``r + gamma P v``, one number for each pair.

    Parameters
    ----------
    mdp : MDP
    v : ndarray, shape (n_states,)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    return mdp.r + mdp.gamma * mdp.P.toarray() @ v


def best(mdp: MDP, q: np.ndarray) -> np.ndarray:
    """Return the largest of each state's action values.

    Parameters
    ----------
    mdp : MDP
    q : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return np.maximum.reduceat(q, mdp.pair_start[:-1])


def backup(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Return ``T v``, the Bellman optimality backup.

    Parameters
    ----------
    mdp : MDP
    v : ndarray, shape (n_states,)

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return best(mdp, action_values(mdp, v))


def greedy(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Return the policy greedy for v, ties to the first action.

    Parameters
    ----------
    mdp : MDP
    v : ndarray, shape (n_states,)

    Returns
    -------
    ndarray of int, shape (n_states,)
    """
    return first_best(mdp, action_values(mdp, v))


def first_best(mdp: MDP, q: np.ndarray) -> np.ndarray:
    """Return the policy greedy for action values, ties to the first action.

    Parameters
    ----------
    mdp : MDP
    q : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray of int, shape (n_states,)
    """
    return np.array([int(np.argmax(values)) for values in np.split(q, mdp.pair_start[1:-1])])


def pair_weights(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return the probability with which a policy takes each pair in its state.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    policy = np.asarray(policy)
    action = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    if policy.ndim == 1:
        return (action == policy[mdp.pair_state]).astype(float)
    return policy[mdp.pair_state, action]


def mix(mdp: MDP, weights: np.ndarray) -> np.ndarray:
    """Return the matrix that averages the pairs of each state with these weights.

    Parameters
    ----------
    mdp : MDP
    weights : ndarray, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_states, n_pairs)
    """
    return (mdp.pair_state == np.arange(mdp.n_states)[:, None]) * weights


def chain(mdp: MDP, policy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Markov chain of a policy and its reward.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)

    Returns
    -------
    P : ndarray, shape (n_states, n_states)
    r : ndarray, shape (n_states,)
    """
    average = mix(mdp, pair_weights(mdp, policy))
    return average @ mdp.P.toarray(), average @ mdp.r


def discounted_sum(P: np.ndarray, gamma: float, x: np.ndarray) -> np.ndarray:
    """Return ``(I - gamma P)^{-1} x`` by a dense solve.

    Parameters
    ----------
    P : ndarray, shape (n, n)
    gamma : float
    x : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    return np.linalg.solve(np.eye(len(P)) - gamma * P, x)


def exact_policy_value(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return the value of a policy by a dense solve.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)

    Returns
    -------
    ndarray, shape (n_states,)
    """
    P, r = chain(mdp, policy)
    return discounted_sum(P, mdp.gamma, r)


def occupancy(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return the expected discounted number of visits to each pair from ``mu``, by a dense solve.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    P, _ = chain(mdp, policy)
    return discounted_sum(P.T, mdp.gamma, mdp.mu)[mdp.pair_state] * pair_weights(mdp, policy)


def policy_of(mdp: MDP, x: np.ndarray) -> np.ndarray:
    """Return the policy ``x(s, a) / sum_a x(s, a)`` of an occupancy, uniform where a state is never visited.

    Parameters
    ----------
    mdp : MDP
    x : ndarray, shape (n_pairs,)
        Not negative.

    Returns
    -------
    ndarray, shape (n_states, n_actions)
    """
    visits = np.add.reduceat(x, mdp.pair_start[:-1])[mdp.pair_state]
    uniform = 1 / mdp.action_counts[mdp.pair_state]
    policy = np.zeros((mdp.n_states, mdp.n_actions))
    action = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    policy[mdp.pair_state, action] = np.divide(x, visits, out=uniform, where=visits > _NEVER)
    return policy


def deterministic_policies(mdp: MDP) -> Iterator[np.ndarray]:
    """Yield every deterministic policy of a small model.

    Parameters
    ----------
    mdp : MDP

    Yields
    ------
    ndarray of int, shape (n_states,)

    Raises
    ------
    ValueError
        If there are more than 20,000.
    """
    count = float(np.prod(mdp.action_counts.astype(float)))
    if count > _MOST_POLICIES:
        raise ValueError(f"there are {count:.3g} deterministic policies; brute force stops at {_MOST_POLICIES}")
    for actions in itertools.product(*map(range, mdp.action_counts.tolist())):
        yield np.array(actions)


def brute_force_value(mdp: MDP) -> np.ndarray:
    """Return, state by state, the largest value of any deterministic policy.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1`` and few policies.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return np.max([exact_policy_value(mdp, policy) for policy in deterministic_policies(mdp)], axis=0)


def primal_program(mdp: MDP, weights: np.ndarray) -> Any:
    """Solve the primal linear program by HiGHS: minimise ``weights v`` over ``v >= r + gamma P v``.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    weights : ndarray, shape (n_states,)
        Not negative.

    Returns
    -------
    scipy.optimize.OptimizeResult
        With ``x``, the value, and ``fun``, the objective.

    Raises
    ------
    ArithmeticError
        If HiGHS fails.
    """
    constraints = mdp.gamma * mdp.P.toarray() - np.eye(mdp.n_states)[mdp.pair_state]
    return _solved(c=weights, A_ub=constraints, b_ub=-mdp.r, bounds=(None, None), method="highs")


def dual_program(mdp: MDP) -> Any:
    """Solve the dual linear program by HiGHS' simplex method: a vertex of the optimal occupancies.

    Maximise ``r x`` over ``x >= 0`` with ``sum_a x(s, a) = mu(s) + gamma sum x P(s | .)`` for every state s.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.

    Returns
    -------
    scipy.optimize.OptimizeResult
        With ``x``, the occupancy, and ``fun``, minus the objective.

    Raises
    ------
    ArithmeticError
        If HiGHS fails.
    """
    flow = np.eye(mdp.n_states)[mdp.pair_state] - mdp.gamma * mdp.P.toarray()
    return _solved(c=-mdp.r, A_eq=flow.T, b_eq=mdp.mu, bounds=(0, None), method="highs-ds")


def lp_value(mdp: MDP) -> np.ndarray:
    """Return v* by the primal linear program.

    Returned is the value of the policy that the program leads to, without the solver's tolerance, and certified: it
    satisfies the Bellman equation to rounding. Where it does not (HiGHS reads probabilities below 1e-9 as zero), the
    policy is improved.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.

    Returns
    -------
    ndarray, shape (n_states,)

    Raises
    ------
    ArithmeticError
        If HiGHS fails or the certificate does.
    """
    return _lp_value(mdp).copy()


@functools.lru_cache(maxsize=4)  # a strategy, a check and its sides ask about one model several times
def _lp_value(mdp: MDP) -> np.ndarray:
    v = primal_program(mdp, np.ones(mdp.n_states)).x
    for _ in range(_MOST_REPAIRS):
        v = exact_policy_value(mdp, greedy(mdp, v))
        error = sup(backup(mdp, v) - v)
        if error <= _CERTIFIED * (1 + sup(v)):
            return v
    raise ArithmeticError(f"the value that the linear program led to misses the Bellman equation by {error:.3g}")


def simulate(mdp: MDP, policy: np.ndarray, steps: int, rng: np.random.Generator) -> float:
    """Return the discounted sum of rewards of one episode from ``mu``, cut after some steps.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray of int, shape (n_states,), or of float, shape (n_states, n_actions)
    steps : int
    rng : numpy.random.Generator

    Returns
    -------
    float
    """
    P, weights = mdp.P.toarray(), pair_weights(mdp, policy)
    state, total = rng.choice(mdp.n_states, p=mdp.mu), 0.0
    for step in range(steps):
        own = np.arange(mdp.pair_start[state], mdp.pair_start[state + 1])
        row = rng.choice(own, p=weights[own])
        total += mdp.gamma**step * mdp.r[row]
        state = rng.choice(mdp.n_states, p=P[row])
    return float(total)


def _solved(**program: Any) -> Any:
    """Solve a linear program to the tightest tolerances that HiGHS accepts."""
    from scipy.optimize import linprog

    result = linprog(**program, options=_TIGHTEST)
    if result.x is None:
        raise ArithmeticError(f"HiGHS did not solve the linear program: {result.message}")
    return result

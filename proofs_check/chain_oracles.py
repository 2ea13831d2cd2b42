r"""More independent oracles: what a Markov chain does in the long run, and the best that a policy can do there.

They are definitions, written with dense linear algebra and brute force over the deterministic policies of small models,
and share no code with `rltheory.planning`. $P^*$ is the limit of the averages of $I, P, P^2, \dots$, and
$D = (I - P + P^*)^{-1} - P^*$ the deviation matrix, the limit (of averages) of $\sum_t (P^t - P^*)$ (Puterman, 2005,
appendix A).
"""

from __future__ import annotations

import numpy as np

from proofs_check.norms import sup
from proofs_check.oracles import best, chain, deterministic_policies
from rltheory.models import MDP

_TIED = 1e-9
_CERTIFIED = 1e-9


def leads_to(P: np.ndarray) -> np.ndarray:
    """Tell which states can be reached from which, in any number of steps, 0 included.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray of bool, shape (n, n)
    """
    reach = (P > 0) | np.eye(len(P), dtype=bool)
    for _ in range(len(P)):
        reach = reach @ reach
    return reach


def recurrent_sets(P: np.ndarray) -> list[np.ndarray]:
    """Return the recurrent classes of a chain, each as the array of its states.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    list of ndarray of int
    """
    reach = leads_to(P)
    recurrent = [s for s in range(len(P)) if reach[reach[s], s].all()]
    return [np.flatnonzero(reach[s]) for s in recurrent if s == np.flatnonzero(reach[s])[0]]


def stationary(P: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of a chain with one recurrent class.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n,)
    """
    system = np.vstack([(np.eye(len(P)) - P).T[:-1], np.ones(len(P))])
    return np.linalg.solve(system, np.append(np.zeros(len(P) - 1), 1.0))


def limiting_matrix(P: np.ndarray) -> np.ndarray:
    """Return P*, the limit of the averages of the powers of P.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)
    """
    limit, transient = np.zeros_like(P), np.ones(len(P), dtype=bool)
    for states in recurrent_sets(P):
        limit[np.ix_(states, states)] = stationary(P[np.ix_(states, states)])
        transient[states] = False
    leaving = np.eye(transient.sum()) - P[np.ix_(transient, transient)]
    limit[transient] = np.linalg.solve(leaving, P[np.ix_(transient, ~transient)] @ limit[~transient])
    return limit


def deviation_matrix(P: np.ndarray) -> np.ndarray:
    """Return D, the group inverse of I - P.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)
    """
    limit = limiting_matrix(P)
    return np.linalg.inv(np.eye(len(P)) - P + limit) - limit


def gain_and_bias(P: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the gain ``P* r`` and the bias ``D r`` of a chain with rewards.

    Parameters
    ----------
    P : ndarray, shape (n, n)
    r : ndarray, shape (n,)

    Returns
    -------
    gain, bias : ndarray, shape (n,)
    """
    limit = limiting_matrix(P)
    return limit @ r, np.linalg.solve(np.eye(len(P)) - P + limit, r - limit @ r)


def hitting_time(P: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Return the expected number of steps to a set of states, infinite where it may never be reached.

    Parameters
    ----------
    P : ndarray, shape (n, n)
    goal : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    stopped = np.where(goal[:, None], np.eye(len(P)), P)
    reach = leads_to(stopped)
    surely = np.array([bool((reach[t] & goal).any()) for t in range(len(P))])
    surely = ~(reach & ~surely).any(axis=1)
    inner = surely & ~goal
    steps = np.where(surely, 0.0, np.inf)
    steps[inner] = np.linalg.solve(np.eye(inner.sum()) - P[np.ix_(inner, inner)], np.ones(inner.sum()))
    return steps


def passage_times(P: np.ndarray) -> np.ndarray:
    """Return the mean first passage times of an irreducible chain, 0 from a state to itself.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)
    """
    return np.stack([hitting_time(P, np.arange(len(P)) == s) for s in range(len(P))], axis=1)


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Return half the L1 distance of two distributions.

    Parameters
    ----------
    p, q : ndarray, shape (n,)

    Returns
    -------
    float
    """
    return float(np.abs(p - q).sum() / 2)


def dobrushin(rows: np.ndarray) -> float:
    """Return the largest total variation distance between two rows.

    Parameters
    ----------
    rows : ndarray, shape (m, n)

    Returns
    -------
    float
    """
    return float(max(np.abs(row - rows).sum(axis=1).max() for row in rows) / 2)


def best_gain(mdp: MDP) -> np.ndarray:
    """Return the largest average reward of any deterministic policy, state by state, by brute force.

    Parameters
    ----------
    mdp : MDP
        Small; its discount is not used.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return np.max([gain_and_bias(*chain(mdp, policy))[0] for policy in deterministic_policies(mdp)], axis=0)


def optimal_bias(mdp: MDP) -> tuple[float, np.ndarray]:
    """Return the optimal gain and the optimal bias of a weakly communicating model, by brute force.

    The largest bias of the policies with the best gain solves the optimality equation ``g + h = max_a r + P h``, which
    is verified.

    Parameters
    ----------
    mdp : MDP
        Small and weakly communicating; its discount is not used.

    Returns
    -------
    gain : float
    bias : ndarray, shape (n_states,)

    Raises
    ------
    ArithmeticError
        If the optimal gain differs between states, or the optimality equation is missed.
    """
    pairs = [gain_and_bias(*chain(mdp, policy)) for policy in deterministic_policies(mdp)]
    gain = float(np.max([g for g, _ in pairs]))
    tied = [h for g, h in pairs if g.min() >= gain - _TIED]
    if not tied:
        raise ArithmeticError(f"no policy has the gain {gain:g} from everywhere; the model is not weakly communicating")
    bias = np.max(tied, axis=0)
    error = sup(best(mdp, mdp.r + mdp.P.toarray() @ bias) - gain - bias)
    if not error <= _CERTIFIED * (1 + sup(bias)):
        raise ArithmeticError(f"gain and bias found by brute force miss the optimality equation by {error:.3g}")
    return gain, bias


def diameter(mdp: MDP) -> float:
    """Return the largest over pairs of states of the least expected time from one to the other, by brute force.

    Parameters
    ----------
    mdp : MDP
        Small.

    Returns
    -------
    float
        Infinite if the model is not communicating.
    """
    kernels = [chain(mdp, policy)[0] for policy in deterministic_policies(mdp)]
    goals = np.eye(mdp.n_states, dtype=bool)
    return float(max(np.min([hitting_time(P, goal) for P in kernels], axis=0).max() for goal in goals))


def longest_time(mdp: MDP, goal: np.ndarray) -> np.ndarray:
    """Return the largest expected time to a goal over the deterministic policies, by brute force.

    Parameters
    ----------
    mdp : MDP
        Small.
    goal : ndarray of bool, shape (n_states,)

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return np.max([hitting_time(chain(mdp, policy)[0], goal) for policy in deterministic_policies(mdp)], axis=0)


def total_until(P: np.ndarray, r: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Return the expected total reward until a goal that is reached almost surely from everywhere.

    Parameters
    ----------
    P : ndarray, shape (n, n)
    r : ndarray, shape (n,)
    goal : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    total = np.zeros(len(P))
    total[~goal] = np.linalg.solve(np.eye((~goal).sum()) - P[np.ix_(~goal, ~goal)], r[~goal])
    return total

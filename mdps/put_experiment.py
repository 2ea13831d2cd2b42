r"""A published experiment: learn from old prices when to exercise an American put, then trade while prices rise less.

The data are paths of a share whose price rises with probability 1/2, on which the option was always held; the policy is
used where it rises with another probability. Tang, Liu and Xu (2025), with the random numbers of their reference code,
so that the published numbers come out digit by digit:

- the price of replication k starts at ``RandomState(k).uniform(95, 105)``; all replications share the moves, up where
  ``RandomState(1).random_sample((n_trajectories, 20)) < 0.5``;
- the test draws from ``RandomState(1)``: first the price at which all episodes start, then for each episode a number
  for every date at which the option is held, and for every date after it was exercised.

The whole experiment is a learner, its policies, and their payoffs, sampled as published or exact:

>>> import mdps
>>> from rltheory.robust import TV
>>> policies = mdps.put_policies(mdps.put_learner(TV(lam=1.0)))
>>> mdps.put_sampled_payoffs(policies, [0.2, 0.6, 1.0]).mean(axis=0).round(6).tolist()
[1.406818, 1.140056, 0.553187]
>>> mdps.put_payoffs(policies, [0.2, 0.6, 1.0]).mean(axis=0).round(4).tolist()
[1.3616, 1.0352, 0.5532]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mdps import _checks as checks
from mdps._published import Learner, published_learner
from mdps.american_put import american_put, price_features
from rltheory import Dataset, FiniteHorizonMDP, ModelError

if TYPE_CHECKING:
    from rltheory.offline import LinearKnowledge
    from rltheory.robust import Divergence

_START = float(np.random.RandomState(1).uniform(95, 105))
_STRIKE, _H = 100.0, 20


def put_tree(p: float = 0.5, *, strike: float = _STRIKE) -> tuple[FiniteHorizonMDP, np.ndarray]:
    """Return the tree of prices on which learned policies are used: `american_put` from 99.17022.

    Parameters
    ----------
    p : float
        Probability that the price rises.
    strike : float
        Price at which the holder may sell.

    Returns
    -------
    mdp : FiniteHorizonMDP
        With 20 steps and 211 states.
    prices : ndarray, shape (211,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    What could be had from the option, if one knew how often the price rises:

    >>> import mdps, rltheory as rl
    >>> [round(float(rl.solve(mdps.put_tree(p)[0]).value[0, 0]), 4) for p in (0.2, 0.4, 0.6, 0.8, 1.0)]
    [21.1598, 8.8327, 1.9257, 0.8298, 0.8298]
    """
    return american_put(_START, p, strike=strike, H=_H)


def put_data(
    replication: int = 0, n_trajectories: int = 100, *, d: int = 30, strike: float = _STRIKE
) -> tuple[LinearKnowledge, Dataset]:
    r"""Return what the learner knows, and the paths that it sees.

    Its states are those of two trees, `american_put` from the price at which the data start, and `put_tree`: first
    the 211 states of the one, then those of the other, which no path visits. It knows what exercising pays. What
    holding is worth has the features `price_features`, and is taken to be a unit for each remaining date at most.

    Parameters
    ----------
    replication : int
        Seed k of the first price, at least 0; published are 0, 1 and 2.
    n_trajectories : int
        Number of paths, at least 1; published results have 100.
    d : int
        Number of features.
    strike : float
        Price at which the holder may sell.

    Returns
    -------
    known : LinearKnowledge
        Over 422 states, with the actions 0, hold, and 1, exercise.
    data : Dataset
        With 20 transitions a path.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    The reference code takes the number of paths for the strike; so its timings with more than 100 paths are those of
    another problem, and 100 is the right strike by coincidence.

    Examples
    --------
    >>> import mdps
    >>> known, data = mdps.put_data()
    >>> known
    LinearKnowledge(20 steps, 422 states, 844 state-action pairs, 30 features, rewards known)
    >>> data
    Dataset(2000 transitions, 20 steps, 422 states, 2 actions)
    """
    from rltheory.offline import LinearKnowledge

    checks.whole("n_trajectories", n_trajectories, 1)
    first = np.random.RandomState(checks.whole("replication", replication, 0)).uniform(95, 105)
    trees = [american_put(first, strike=strike, H=_H), put_tree(strike=strike)]
    hold = price_features(np.concatenate([prices for _, prices in trees]), d)
    payoff = np.concatenate([mdp.r for mdp, _ in trees])
    phi = np.stack([hold, np.zeros_like(hold)], axis=1).reshape(-1, d)
    holds = np.arange(payoff.size) % 2 == 0
    most = np.where(holds, np.arange(_H, 0, -1)[:, None], payoff)
    start = np.arange(0, payoff.size + 1, 2)
    known = LinearKnowledge(phi, start, _H, reward=payoff, most=most, action_names=("hold", "exercise"))
    return known, _held_paths(n_trajectories, known.n_states)


def _held_paths(n_trajectories: int, n_states: int) -> Dataset:
    """Return paths down the first tree, whose last transition leads to its end."""
    rises = np.random.RandomState(1).random_sample((n_trajectories, _H)) < 0.5
    after = np.cumsum(rises, axis=1)[:, :-1]
    moves = np.arange(_H)
    nodes = _node(moves, np.column_stack([np.zeros(n_trajectories, dtype=np.int64), after]))
    end = np.full((n_trajectories, 1), _node(_H, 0))
    held = np.zeros(nodes.size)
    return Dataset(
        step=np.tile(moves, n_trajectories),
        state=nodes.ravel(),
        action=held.astype(np.int64),
        reward=held,
        next_state=np.hstack([nodes[:, 1:], end]).ravel(),
        n_states=n_states,
        n_actions=2,
        H=_H,
    )


def _node(moves: Any, rises: Any) -> Any:
    """Return the state of `american_put` after so many moves, of which so many are rises; that after H is the end."""
    return moves * (moves + 1) // 2 + rises


def put_learner(divergence: Divergence | None = None, *, beta: float = 0.1, ridge: float = 1.0) -> Learner:
    """Return a learner as published: PEVI without a divergence, R2PVI for a penalty, DRPVI for a ball.

    No value is clipped at 0, the penalty for uncertainty is the root of a sum of squares, and with total variation
    nature moves mass to the worst state that was seen. Duals are maximised exactly: the published numbers of DRPVI are
    those of a search that stops before the maximum, and differ.

    Parameters
    ----------
    divergence : Divergence, optional
        What nature may do; published are ``TV(lam=1)``, 3 and 5, and ``TV(rho=0.025)``, 0.1 and 0.2.
    beta, ridge : float
        Multiplier of the penalty for uncertainty, and constant of the regressions.

    Returns
    -------
    callable
        From data and what is known, as of `put_data`, to an `rltheory.offline.OfflineSolution`.

    Examples
    --------
    >>> import mdps
    >>> known, data = mdps.put_data()
    >>> mdps.put_learner()(data, known).method
    'PEVI'
    """
    return published_learner(divergence, beta=beta, ridge=ridge)


def put_policies(
    learn: Learner, *, replications: int = 3, n_trajectories: int = 100, d: int = 30, strike: float = _STRIKE
) -> np.ndarray:
    """Return what is learned from each replication of the data, as policies for the tree of the test.

    Parameters
    ----------
    learn : callable
        From data and what is known to a solution with a ``policy``: `put_learner`, or one of your own.
    replications : int
        How many.
    n_trajectories, d, strike
        As for `put_data`.

    Returns
    -------
    ndarray of int, shape (replications, 20, 211)
        Policies of `put_tree`.

    Raises
    ------
    ModelError
        As for `put_data`.

    Examples
    --------
    >>> import mdps
    >>> mdps.put_policies(mdps.put_learner()).shape
    (3, 20, 211)
    """
    learned = []
    for replication in range(checks.whole("replications", replications, 1)):
        known, data = put_data(replication, n_trajectories, d=d, strike=strike)
        learned.append(learn(data, known).policy[:, known.n_states // 2 :])
    return np.array(learned)


def put_payoffs(policies: Any, rises: Any, *, strike: float = _STRIKE) -> np.ndarray:
    r"""Return the exact expected payoffs of policies where the price rises with other probabilities.

    $$V_t(s) = \max(K - s, 0) \text{ if } \pi_t(s) \text{ exercises}, \qquad p V_{t+1}(us) + (1 - p) V_{t+1}(ds)
    \text{ if it holds},$$

    level by level of `put_tree`.

    Parameters
    ----------
    policies : array_like of int, shape (n, 20, 211)
        Policies of `put_tree`, such as of `put_policies`.
    rises : array_like, shape (m,)
        Probabilities p of a rise.
    strike : float
        Price at which the holder may sell.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    ModelError
        If policies have another shape, or a probability is out of range.

    Examples
    --------
    A policy that exercises at once is paid what the first price is below the strike:

    >>> import mdps, numpy as np
    >>> mdps.put_payoffs(np.ones((1, 20, 211), dtype=int), [0.2, 0.8]).round(4)
    array([[0.8298, 0.8298]])
    """
    policies, rises = _checked(policies, rises)
    payoff = np.maximum(strike - put_tree(strike=strike)[1], 0.0)
    value = np.zeros((len(policies), rises.size, _H + 1))
    for t in reversed(range(_H)):
        level = slice(_node(t, 0), _node(t, t) + 1)
        held = rises[:, None] * value[:, :, 1:] + (1 - rises[:, None]) * value[:, :, :-1]
        value = np.where(policies[:, None, t, level] == 1, payoff[level], held)
    return value[:, :, 0]


def put_sampled_payoffs(policies: Any, rises: Any, *, n_episodes: int = 100, strike: float = _STRIKE) -> np.ndarray:
    """Return mean payoffs over test episodes, with the published random numbers.

    Parameters
    ----------
    policies, rises, strike
        As for `put_payoffs`.
    n_episodes : int
        Number of episodes, at least 1; the same draws for all policies and probabilities.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    ModelError
        As for `put_payoffs`.

    Examples
    --------
    >>> import mdps
    >>> mdps.put_sampled_payoffs(mdps.put_policies(mdps.put_learner()), [0.2, 0.6]).mean(axis=0).round(6).tolist()
    [6.278773, 2.199472]
    """
    policies, rises = _checked(policies, rises)
    checks.whole("n_episodes", n_episodes, 1)
    payoff = np.maximum(strike - put_tree(strike=strike)[1], 0.0).tolist()
    return np.array([[_sampled_mean(policy.tolist(), p, payoff, n_episodes) for p in rises] for policy in policies])


def _sampled_mean(policy: list[list[int]], p: float, payoff: list[float], n_episodes: int) -> float:
    draws, total = np.random.RandomState(1), 0.0
    draws.uniform(95, 105)
    for _ in range(n_episodes):
        t = rises = 0
        while t < _H and not policy[t][_node(t, rises)]:
            rises += draws.random_sample() < p
            t += 1
        if t < _H:
            total += payoff[_node(t, rises)]
            draws.random_sample(_H - t - 1)
    return total / n_episodes


def _checked(policies: Any, rises: Any) -> tuple[np.ndarray, np.ndarray]:
    policies, rises = np.asarray(policies), np.asarray(rises, dtype=np.float64)
    shape = (_H, _node(_H, 0) + 1)
    if policies.ndim != 3 or policies.shape[1:] != shape:
        raise ModelError(f"policies have shape {policies.shape}; they must be (n, {shape[0]}, {shape[1]})")
    for p in rises.ravel().tolist():
        checks.probability("a rise", p)
    return policies, np.atleast_1d(rises)

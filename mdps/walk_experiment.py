r"""A published experiment: learn from a hundred walks, then walk where a jump at the first step may fail.

The data come from `robust_walk` and uniformly random actions, the policy is used in `robust_walk_target`, where a jump
fails with probability q. Liu and Xu (2024); Tang, Liu and Xu (2025), with the random numbers of their reference code:
all of a replication come from ``RandomState(seed)``, at each step an action by ``randint(16)`` and then a next state by
inversion of ``random_sample()``. So the learners see the published data; returns are exact here, where the figures have
means of 100 episodes.

>>> import mdps
>>> policies = mdps.walk_policies(mdps.walk_learner())
>>> mdps.walk_returns(policies, [0, 0.5, 1]).mean(axis=0).round(3).tolist()
[1.554, 1.149, 0.744]

Where does robustness come from? With the same weight for all factors no exact robust policy is careful, so what the
figures show is made by the ridge and by the penalty for uncertainty: `walk_causes` takes them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from mdps import _checks as checks
from mdps._published import Learner, published_learner
from mdps.robust_walk import robust_walk, robust_walk_target
from rltheory import Dataset, LinearMDP, ModelError

if TYPE_CHECKING:
    from rltheory.offline import LinearKnowledge
    from rltheory.robust import Divergence

_H, _N_STATES, _N_ACTIONS, _FAIL = 3, 5, 16, 3
_TINY = 1e-3
_PUBLISHED = {"beta": 1.0, "ridge": 0.1}


def walk_data(seed: int = 0, n_trajectories: int = 100, *, xi_norm: float = 0.2) -> tuple[LinearKnowledge, Dataset]:
    """Return what the learner knows, and the walks that it sees.

    It knows the features and the rewards, and that the failure is worth nothing: that state has no features, so that no
    penalty for uncertainty makes it worth less.

    Parameters
    ----------
    seed : int
        Of the replication; published are 0, 1, ..., 19.
    n_trajectories : int
        Number of walks, at least 1.
    xi_norm : float
        As for `robust_walk`.

    Returns
    -------
    known : LinearKnowledge
    data : Dataset

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> known, data = mdps.walk_data()
    >>> data
    Dataset(300 transitions, 3 steps, 5 states, 16 actions)
    """
    model = robust_walk(xi_norm)
    draws = np.random.RandomState(checks.whole("seed", seed, 0))
    sums = [np.cumsum(model.kernel(t), axis=1) for t in range(_H)]
    law = [cdf / cdf[:, -1:] for cdf in sums]
    steps = []
    for _ in range(checks.whole("n_trajectories", n_trajectories, 1)):
        state = 0
        for t in range(_H):
            action = int(draws.randint(_N_ACTIONS))
            cdf = law[t][_N_ACTIONS * state + action]
            after = int(cdf.searchsorted(draws.random_sample(), side="right"))
            steps.append((t, state, action, after))
            state = after
    step, state, action, after = np.array(steps).T
    rewards = np.array([model.rewards(t) for t in range(_H)])
    reward = rewards[step, _N_ACTIONS * state + action]
    return _knowledge(model), Dataset(step, state, action, reward, after, _N_STATES, _N_ACTIONS, _H)


def _knowledge(model: LinearMDP) -> LinearKnowledge:
    from rltheory.offline import LinearKnowledge

    known = LinearKnowledge.of(model)
    phi = known.phi.copy()
    phi[_FAIL * _N_ACTIONS : (_FAIL + 1) * _N_ACTIONS] = 0.0
    return LinearKnowledge(phi, known.pair_start, _H, known.reward, most=known.most)


def walk_jump(amount: float, others: float = 0.0) -> np.ndarray:
    """Return radii or weights of all factors at all steps: one for a jump at the first step, another for the rest.

    Parameters
    ----------
    amount : float
        That of the jump at the first step, whose factor is what differs between `robust_walk` and `robust_walk_target`.
    others : float
        That of the rest: a radius of 0, or an infinite weight, leaves them alone.

    Returns
    -------
    ndarray, shape (3, 4)

    Examples
    --------
    Only a nature that may do more to the jump than to the rest makes the exact policy careful:

    >>> import mdps
    >>> from rltheory.offline import exact_values
    >>> from rltheory.robust import TV
    >>> walk, weights = mdps.robust_walk(), mdps.walk_jump(1.0, others=float("inf"))
    >>> [walk.action_name(0, exact_values(walk, TV(lam=lam))[1][0, 0]) for lam in (1.0, weights)]
    ['++++', '----']
    """
    amounts = np.full((_H, 4), float(others))
    amounts[0, 3] = amount
    return amounts


def walk_learner(divergence: Divergence | None = None, *, beta: float = 1.0, ridge: float = 0.1) -> Learner:
    """Return a learner as published: PEVI without a divergence, R2PVI for a penalty, DRPVI for a ball.

    As for `put_learner`; but PEVI learns the rewards too. With relative entropy a factor is worth at most what is left
    to earn, where the reference code has H: the learner is a little bolder than published.

    Parameters
    ----------
    divergence : Divergence, optional
        What nature may do; published are ``TV(lam=0.1)`` and the like, and ``TV(rho=walk_jump(0.1))`` and the like.
    beta, ridge : float
        Multiplier of the penalty for uncertainty, and constant of the regressions.

    Returns
    -------
    callable
        From data and what is known, as of `walk_data`, to an `rltheory.offline.OfflineSolution`.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.robust import TV
    >>> known, data = mdps.walk_data()
    >>> mdps.walk_learner(TV(lam=0.1))(data, known).method
    'R2PVI'
    """
    return published_learner(divergence, beta=beta, ridge=ridge, learn_rewards=True)


def walk_policies(
    learn: Learner, *, seeds: Iterable[int] = range(20), n_trajectories: int = 100, xi_norm: float = 0.2
) -> np.ndarray:
    """Return what is learned from each replication of the data.

    Parameters
    ----------
    learn : callable
        From data and what is known to a solution with a ``policy``: `walk_learner`, or one of your own.
    seeds : iterable of int
        One for each replication.
    n_trajectories, xi_norm
        As for `walk_data`.

    Returns
    -------
    ndarray of int, shape (n, 3, 5)
        Policies of `robust_walk`.

    Raises
    ------
    ModelError
        As for `walk_data`.

    Examples
    --------
    >>> import mdps
    >>> mdps.walk_policies(mdps.walk_learner(), seeds=range(5)).shape
    (5, 3, 5)
    """
    return _learned([learn], seeds, n_trajectories, xi_norm)[0]


def _learned(learners: list[Learner], seeds: Iterable[int], n_trajectories: int, xi_norm: float) -> np.ndarray:
    """Return the policies of some learners from the same data, shape (n_learners, n_seeds, 3, 5)."""
    policies = []
    for seed in seeds:
        known, data = walk_data(seed, n_trajectories, xi_norm=xi_norm)
        policies.append([learn(data, known).policy for learn in learners])
    return np.array(policies).reshape(-1, len(learners), _H, _N_STATES).swapaxes(0, 1)


def walk_returns(policies: Any, q: Any, *, xi_norm: float = 0.2) -> np.ndarray:
    """Return the exact expected returns of policies where a jump at the first step fails with probability q.

    Parameters
    ----------
    policies : array_like of int, shape (n, 3, 5)
        Policies of `robust_walk`, such as of `walk_policies`.
    q : array_like, shape (m,)
        Probabilities that a jump at the first step fails.
    xi_norm : float
        As for `robust_walk`.

    Returns
    -------
    ndarray, shape (n, m)
        Each row is a straight line in q.

    Raises
    ------
    ModelError
        If policies have another shape, or a probability is out of range.

    Examples
    --------
    >>> import mdps, numpy as np
    >>> boldest = np.full((1, 3, 5), 15)
    >>> mdps.walk_returns(boldest, [0, 0.5, 1]).round(6).tolist()
    [[1.624875, 1.124875, 0.624875]]
    """
    policies = _checked(policies)
    columns = [_values(robust_walk_target(one, xi_norm), policies) for one in np.ravel(q).tolist()]
    return np.array(columns).reshape(-1, len(policies)).T


def _values(model: LinearMDP, policies: np.ndarray) -> np.ndarray:
    """Return the value of each policy at the first place."""
    value = np.zeros((len(policies), _N_STATES))
    for t in reversed(range(_H)):
        rows = model.pair_start[:-1] + policies[:, t]
        value = model.rewards(t)[rows] + np.einsum("nsz,nz->ns", model.kernel(t)[rows], value)
    return value[:, 0]


def walk_chances(policies: Any, *, xi_norm: float = 0.2) -> np.ndarray:
    r"""Return the chance of a jump that each policy bets at the first step.

    Parameters
    ----------
    policies, xi_norm
        As for `walk_returns`.

    Returns
    -------
    ndarray, shape (n,)
        Numbers among $0.3 + \|\xi\|_1 \{-1, -\tfrac12, 0, \tfrac12, 1\}$. If a policy bets the largest chance at the
        later steps, `robust_walk_return` is what it returns.

    Raises
    ------
    ModelError
        As for `walk_returns`.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.robust import TV
    >>> mdps.walk_chances(mdps.walk_policies(mdps.walk_learner(TV(lam=0.1)), seeds=range(5))).round(2).tolist()
    [0.2, 0.2, 0.2, 0.2, 0.2]
    """
    return robust_walk(xi_norm).phi[_checked(policies)[:, 0, 0], 3]


def walk_causes(
    divergence: Divergence | None = None,
    *,
    seeds: Iterable[int] = range(20),
    n_trajectories: int = 100,
    xi_norm: float = 0.2,
) -> dict[str, np.ndarray]:
    """Take apart what makes a learned policy careful: the divergence, the ridge or the penalty for uncertainty.

    Parameters
    ----------
    divergence : Divergence, optional
        What nature may do.
    seeds, n_trajectories, xi_norm
        As for `walk_policies`.

    Returns
    -------
    dict of str to ndarray, shape (n, 3, 5)
        Policies: ``"exact"``, the optimum of dynamic programming in the true model (n = 1); and those that are learned
        with ``"neither"`` penalty nor ridge (0.001), with the ``"ridge"`` alone, the ``"penalty"`` alone, ``"both"`` as
        published.

    Raises
    ------
    ModelError
        As for `walk_policies`.

    Examples
    --------
    With this weight, those who know the model bet 0.5, and so do most who estimate it; the penalty makes them careful:

    >>> import mdps
    >>> from rltheory.robust import TV
    >>> causes = mdps.walk_causes(TV(lam=0.1))
    >>> {cause: round(float(mdps.walk_chances(policies).mean()), 2) for cause, policies in causes.items()}
    {'exact': 0.5, 'neither': 0.46, 'ridge': 0.44, 'penalty': 0.22, 'both': 0.2}
    """
    from rltheory.offline import exact_values

    settings = {
        "neither": {"beta": 0.0, "ridge": _TINY},
        "ridge": _PUBLISHED | {"beta": 0.0},
        "penalty": _PUBLISHED | {"ridge": _TINY},
        "both": _PUBLISHED,
    }
    learners = [walk_learner(divergence, **setting) for setting in settings.values()]
    learned = _learned(learners, seeds, n_trajectories, xi_norm)
    exact = exact_values(robust_walk(xi_norm), divergence)[1][None]
    return {"exact": exact, **dict(zip(settings, learned, strict=True))}


def _checked(policies: Any) -> np.ndarray:
    policies = np.asarray(policies)
    if policies.ndim != 3 or policies.shape[1:] != (_H, _N_STATES):
        raise ModelError(f"policies have shape {policies.shape}; they must be (n, {_H}, {_N_STATES})")
    return policies

r"""Policy gradients from sampled paths: which part of the reward an action answers for.

With gains $g_j$ of the arrivals at steps 1..H, so that $F(\tau) = F(s_0) + \sum_j g_j$, and any $b$ that knows the
history up to $s_i$ but not $a_i$, the *marginal gain* form of the gradient is

    $\nabla J = \mathbb{E}\Bigl[\sum_{i < H} \nabla \log \pi(a_i \mid x_i)
    \Bigl(\sum_{j > i} g_j - b(s_0, \dots, s_i)\Bigr)\Bigr]$.

Terms $g_j$ with $j \le i$ and b are settled before $a_i$ is drawn, and the score has mean zero: so leaving them out
changes the variance and not the mean. That is why `togo` and `full` are unbiased, for Markov policies too. The
published code weighs the score with $F(s_0, \dots, s_{i+1})$ instead (`published`); by the same argument its mean is
that of `one_step`, the direction of the next gain alone, which is in general not that of J.
(Prajapat, Mutny, Zeilinger and Krause 2024, and their code; Williams 1992.)

An estimator is a function from paths to the weights of their scores, shape (n, H). So is a baseline, which is
subtracted from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import SoftmaxPolicy
from rltheory.submodular.trajectories import Trajectories, all_trajectories

Estimator = Callable[[Trajectories], np.ndarray]
"""From paths to the weights of the scores of their actions, shape (n, H)."""


def togo(paths: Trajectories) -> np.ndarray:
    """Weigh each score with the gains to come: unbiased."""
    return np.cumsum(paths.gains[:, :0:-1], axis=1)[:, ::-1]


def full(paths: Trajectories) -> np.ndarray:
    """Weigh each score with F of the whole path: unbiased, usually of larger variance than `togo`."""
    return np.broadcast_to(paths.returns[:, None], paths.actions.shape)


def one_step(paths: Trajectories) -> np.ndarray:
    """Weigh each score with the next gain alone: the mean of `published`, with less variance. Biased."""
    return paths.gains[:, 1:]


def published(paths: Trajectories) -> np.ndarray:
    """Weigh each score with F up to the next state, as the published code does for finite models. Biased.

    The mean is the direction of `one_step`. The code divides by 2 (H + 2), which is a matter of the step size.
    """
    return np.cumsum(paths.gains, axis=1)[:, 1:]


def no_baseline(rows: np.ndarray, weights: np.ndarray, n_rows: int) -> np.ndarray:
    """Subtract nothing."""
    return np.zeros(weights.shape)


def step_mean(rows: np.ndarray, weights: np.ndarray, n_rows: int) -> np.ndarray:
    """Return, at each step, the mean weight of the other paths; leaving the own one out keeps the gradient unbiased."""
    _require_others(weights)
    return (weights.sum(axis=0) - weights) / (len(weights) - 1)


def row_mean(rows: np.ndarray, weights: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the mean weight of the other paths at what the policy looks at, or at the step where there is no other.

    A row belongs to one step, so a path has it once, and leaving the own weight out keeps the gradient unbiased.
    """
    others = np.bincount(rows.ravel(), minlength=n_rows)[rows] - 1
    total = np.bincount(rows.ravel(), weights.ravel(), n_rows)[rows]
    return np.where(others > 0, (total - weights) / np.maximum(others, 1), step_mean(rows, weights, n_rows))


Baseline = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""From rows and weights of shape (n, H), and the number of rows, to what is subtracted from the weights."""


def estimate_gradient(policy: SoftmaxPolicy, paths: Trajectories, weights: np.ndarray) -> np.ndarray:
    r"""Return the mean over paths of $\sum_i \nabla_\theta \log \pi(a_i \mid x_i)\, w_i$, of the shape of ``theta``.

    Parameters
    ----------
    policy : SoftmaxPolicy
        The one that walked, with a row for all that the paths show (``policy.familiar(paths.states)``).
    paths : Trajectories
        Their ``prob`` are the weights of the mean.
    weights : ndarray, shape (n, H)
        What an estimator says of the paths, less a baseline.

    Returns
    -------
    ndarray

    Examples
    --------
    Of two actions the second leads to the new state: the step is towards it.

    >>> from rltheory.submodular.functions.modular import Modular
    >>> from rltheory.submodular.policies import MarkovSoftmax
    >>> mdp = SubmodularMDP(np.eye(2)[[[0, 1], [1, 1]]], Modular([1, 1]), H=1, mu=0)
    >>> policy = MarkovSoftmax.uniform(mdp)
    >>> paths = all_trajectories(mdp, policy)
    >>> estimate_gradient(policy, paths, togo(paths))[0, 0]
    array([-0.25,  0.25])
    """
    prob, rows = policy.prob, policy.rows_of(paths.states)
    n_rows, n_actions = prob.shape
    weighted = paths.prob[:, None] * weights
    taken = np.bincount((rows * n_actions + paths.actions).ravel(), weighted.ravel(), n_rows * n_actions)
    passed = np.bincount(rows.ravel(), weighted.ravel(), n_rows)
    return policy.pull_back(taken.reshape(prob.shape) - prob * passed[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Exact mean and variance of what one path tells of the gradient.

    Parameters
    ----------
    mean : ndarray
        Of the shape of the policy's parameters.
    variance : ndarray
        Of each coordinate, of the same shape; n independent paths divide it by n.
    """

    mean: np.ndarray
    variance: np.ndarray


def exact_moments(
    mdp: SubmodularMDP, policy: SoftmaxPolicy, estimator: Estimator = togo, *, max_paths: int = 100_000
) -> Moments:
    """Return mean and variance of an estimator without baseline, as sums over all trajectories.

    Parameters
    ----------
    mdp : SubmodularMDP
        Small, as for `all_trajectories`.
    policy : SoftmaxPolicy
        Any.
    estimator : callable
        From paths to weights.
    max_paths : int
        Refuse more trajectories.

    Returns
    -------
    Moments

    Raises
    ------
    ModelError
        If there are more than ``max_paths`` trajectories.
    """
    paths = all_trajectories(mdp, policy, max_paths=max_paths)
    policy = policy.familiar(paths.states)
    weights = estimator(paths)
    mean, square = np.zeros(policy.theta.shape), np.zeros(policy.theta.shape)
    for n, p in enumerate(paths.prob):
        one = Trajectories(paths.states[[n]], paths.actions[[n]], paths.gains[[n]])
        told = estimate_gradient(policy, one, weights[[n]])
        mean += p * told
        square += p * told**2
    return Moments(mean, square - mean**2)


def _require_others(weights: np.ndarray) -> None:
    if len(weights) < 2:
        raise CriterionError(f"a batch of {len(weights)} has no other path to be a baseline; take 2 or no_baseline")

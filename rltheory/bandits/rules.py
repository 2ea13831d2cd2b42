r"""Learners as rules: from how often each coin was tossed, and with how many successes, to the law of the next arm.

A rule takes two arrays of shape (m, n_arms), one row a situation, and returns another one, whose rows are
distributions. What a rule does in all situations is known at once, and so `count_law` knows its regret exactly; the
same learners round by round are `ucb`, `kl_ucb`, `thompson` and `explore_then_commit`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From pulls and successes, both of shape (m, n_arms), to probabilities of the same shape."""

_BISECTIONS = 45


def ucb_rule(rounds: int, *, sigma: float = 0.5) -> Rule:
    r"""Return `ucb` as a rule: the largest :math:`\hat m_a + \sigma \sqrt{4 \ln(n) / N_a}`.

    Parameters
    ----------
    rounds : int
        Number n of rounds.
    sigma : float
        In reward units; coins are 1/2-subgaussian.

    Examples
    --------
    >>> ucb_rule(10)(np.array([[1, 0], [1, 1], [2, 1]]), np.array([[1, 0], [0, 1], [2, 1]]))
    array([[0., 1.],
           [0., 1.],
           [0., 1.]])
    """
    width = 2 * sigma * math.sqrt(math.log(rounds))

    def rule(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        tried = np.maximum(pulls, 1)
        return _largest(np.where(pulls > 0, successes / tried + width / np.sqrt(tried), np.inf))

    return rule


def kl_ucb_rule() -> Rule:
    """Return `kl_ucb` as a rule; bounds that differ by less than 1e-12 are equal.

    Examples
    --------
    >>> kl_ucb_rule()(np.array([[3, 3]]), np.array([[1, 2]]))
    array([[0., 1.]])
    """
    from scipy.special import rel_entr

    def upper(mean: np.ndarray, information: np.ndarray) -> np.ndarray:
        low, high = mean, np.ones(mean.shape)
        for _ in range(_BISECTIONS):
            q = (low + high) / 2
            near = rel_entr(mean, q) + rel_entr(1 - mean, 1 - q) <= information
            low, high = np.where(near, q, low), np.where(near, high, q)
        return low

    def rule(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        tried = np.maximum(pulls, 1)
        log = np.log(pulls.sum(axis=1, keepdims=True) + 1.0)
        return _largest(np.where(pulls > 0, upper(successes / tried, log / tried).round(12), np.inf))

    return rule


def thompson_rule(n_points: int = 32) -> Rule:
    """Return `thompson` as a rule: the probability that each coin is the best, under independent Beta posteriors.

    Parameters
    ----------
    n_points : int
        Nodes of a Gauss-Legendre quadrature over the largest probability, exact if there are no more than twice as
        many rounds and arms.

    Examples
    --------
    >>> thompson_rule()(np.array([[0, 0], [1, 0]]), np.array([[0, 0], [1, 0]])).round(4)
    array([[0.5   , 0.5   ],
           [0.6667, 0.3333]])
    """

    def rule(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        from scipy.stats import beta

        node, weight = np.polynomial.legendre.leggauss(n_points)
        x = (node + 1) / 2
        counts, place = np.unique(np.stack([pulls, successes], -1).reshape(-1, 2), axis=0, return_inverse=True)
        a, b = 1.0 + counts[:, 1:], 1.0 + counts[:, :1] - counts[:, 1:]
        below, density = (law(x, a, b)[place].reshape(*pulls.shape, -1) for law in (beta.cdf, beta.pdf))
        others = [np.delete(below, arm, axis=1).prod(axis=1) for arm in range(pulls.shape[1])]
        best = np.stack([density[:, arm] * rest @ weight / 2 for arm, rest in enumerate(others)], axis=1)
        return best / best.sum(axis=1, keepdims=True)

    return rule


def commit_rule(tries: int) -> Rule:
    """Return `explore_then_commit` as a rule: the arm that was pulled more than ``tries`` times is the one to keep.

    Parameters
    ----------
    tries : int
        Number m of pulls of each arm before one is kept.

    Examples
    --------
    >>> commit_rule(2)(np.array([[1, 1], [2, 2], [2, 3]]), np.array([[1, 0], [0, 1], [2, 2]]))
    array([[1., 0.],
           [0., 1.],
           [0., 1.]])
    """

    def rule(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        least = pulls.min(axis=1, keepdims=True)
        trying, keeping = least < tries, pulls > tries
        chosen = np.where(keeping.any(axis=1, keepdims=True), keeping, successes)
        return _largest(np.where(trying, -pulls, chosen))

    return rule


def uniform_rule(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
    """Pull all arms alike, whatever was seen: a rule.

    Examples
    --------
    >>> uniform_rule(np.array([[3, 1]]), np.array([[3, 0]]))
    array([[0.5, 0.5]])
    """
    return np.full(pulls.shape, 1 / pulls.shape[1])


def _largest(index: np.ndarray) -> np.ndarray:
    """Return all probability on the first of the largest entries of each row."""
    return np.eye(index.shape[1])[index.argmax(axis=1)]

"""Independent oracles of bandits: all histories one by one, all events one by one, and a Gaussian tail."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from rltheory.bandits.rules import Rule


@dataclass(frozen=True, slots=True)
class Histories:
    """Every history of a learner: its pulls, and its probability in each of several worlds, one column a world."""

    pulls: np.ndarray
    probability: np.ndarray

    @property
    def mean_pulls(self) -> np.ndarray:
        """Mean pulls, one row a world."""
        mean: np.ndarray = self.probability.T @ self.pulls
        return mean

    def divergence(self) -> float:
        """Relative entropy of the first world's law of histories from the second one's."""
        return divergence(*self.probability[:, :2].T)


def histories(worlds: np.ndarray, rounds: int, rule: Rule) -> Histories:
    """Enumerate the sequences of arms and of rewards of a learner of coins.

    Parameters
    ----------
    worlds : ndarray, shape (n_worlds, n_arms)
        Success probabilities, one row a world.
    rounds : int
    rule : callable

    Returns
    -------
    Histories
        None of them is merged with another; there may be ``(2 n_arms) ** rounds``.
    """
    n_worlds, n_arms = worlds.shape
    pulls = successes = np.zeros((1, n_arms), dtype=np.int64)
    probability = np.ones((1, n_worlds))
    for _ in range(rounds):
        law, step = rule(pulls, successes), np.eye(n_arms, dtype=np.int64)
        grown = [
            (pulls + step[a], successes + won * step[a], probability * law[:, [a]] * (p if won else 1 - p))
            for a, p in enumerate(worlds.T)
            for won in (0, 1)
        ]
        pulls, successes, probability = (np.concatenate(parts) for parts in zip(*grown, strict=True))
        possible = probability.any(axis=1)
        pulls, successes, probability = pulls[possible], successes[possible], probability[possible]
    return Histories(pulls, probability)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Return the relative entropy of p from q.

    Parameters
    ----------
    p, q : ndarray, shape (n,)

    Returns
    -------
    float
    """
    seen = p > 0
    return float(p[seen] @ np.log(p[seen] / q[seen])) if (q[seen] > 0).all() else math.inf


def errors(p: np.ndarray, q: np.ndarray) -> float:
    """Return the least ``p(A) + q(not A)``, by all events A.

    Parameters
    ----------
    p, q : ndarray, shape (n,)

    Returns
    -------
    float
    """
    events = np.array(list(itertools.product((0.0, 1.0), repeat=p.size)))
    return float((events @ p + (1 - events) @ q).min())


def gaussian_commit_regret(gap: float, tries: int, rounds: int) -> float:
    """Return the mean regret of trying each of two Gaussian arms of deviation 1, and keeping the better one.

    Parameters
    ----------
    gap : float
    tries, rounds : int

    Returns
    -------
    float
    """
    wrong = math.erfc(gap * math.sqrt(tries) / 2) / 2  # the difference of the means has deviation sqrt(2 / tries)
    return gap * (tries + (rounds - 2 * tries) * wrong)

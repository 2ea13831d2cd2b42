r"""The best that can be done, if coins are drawn from a prior: learning as planning.

What is known of two coins with Beta priors is four numbers, and a toss changes them in a known way. So the learner
faces an MDP of beliefs, and

.. math:: V_j(N, S) = \max_a\; p_a (1 + V_{j-1}(N + e_a, S + e_a)) + (1 - p_a) V_{j-1}(N + e_a, S),
          \qquad p_a = \frac{\alpha_a + S_a}{\alpha_a + \beta_a + N_a},

with j tosses to go, is the most that any learner can earn on average. Its regret against a prophet who knows the better
coin bounds every learner's mean regret from below, and so the largest regret.

Bellman (1956); Lattimore and Szepesvari (2020), chapter 35.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rltheory.bandits.exact import checked_prior
from rltheory.models import ModelError
from rltheory.models._validation import checked_whole, frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BayesOptimum:
    """The best learner of two coins under a prior.

    Parameters
    ----------
    rounds : int
        Number n of tosses.
    reward : float
        The most successes that any learner has on average.
    prophet : float
        What one who knows the better coin has.
    choice : ndarray of int8, shape (n, n, n, n)
        An optimal coin after (pulls, successes of the first, successes of the second) at each time; -1 elsewhere.
    """

    rounds: int
    reward: float
    prophet: float
    choice: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "choice", frozen(self.choice))

    @property
    def regret(self) -> float:
        """The least mean regret of any learner under the prior, in successes."""
        return self.prophet - self.reward

    def rule(self, pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        """Return what the optimal learner does: a rule for `count_law`."""
        chosen = self.choice[pulls.sum(axis=1), pulls[:, 0], successes[:, 0], successes[:, 1]]
        return np.eye(2)[chosen]

    def __repr__(self) -> str:
        return f"BayesOptimum({self.rounds} rounds, reward {self.reward:.6g}, regret {self.regret:.6g})"


def bayes_optimum(rounds: int, prior: Any = ((1, 1), (1, 1))) -> BayesOptimum:
    """Plan the tosses of two coins whose probabilities are drawn from Beta laws.

    Parameters
    ----------
    rounds : int
        Number n of tosses, at least 1 and at most 100: the tables have n^4 entries.
    prior : array_like, shape (2, 2)
        The two parameters of each coin's Beta law; by default uniform.

    Returns
    -------
    BayesOptimum

    Raises
    ------
    ModelError
        If an argument is out of range.

    Examples
    --------
    >>> bayes_optimum(2)            # 1/2, and then 2/3 after a success or 1/2 with the other coin
    BayesOptimum(2 rounds, reward 1.08333, regret 0.25)
    """
    rounds, prior = checked_whole("rounds", rounds, 1), checked_prior(prior)
    if rounds > 100:
        raise ModelError(f"rounds is {rounds}; tables for more than 100 do not fit")
    if len(prior) != 2:
        raise ModelError(f"prior has {len(prior)} coins; the optimum is computed for 2")
    reward, choice = _plan(rounds, prior)
    return BayesOptimum(rounds, float(reward), rounds * _mean_of_best(prior), choice)


def _mean_of_best(prior: np.ndarray) -> float:
    """Return the mean of the larger one of two Beta variables: the integral of the probability to be above x."""
    from scipy.integrate import quad
    from scipy.stats import beta

    return float(quad(lambda x: 1 - beta.cdf(x, *prior[0]) * beta.cdf(x, *prior[1]), 0, 1, epsabs=1e-12, limit=200)[0])


@njit(cache=True)
def _plan(n, prior):  # type: ignore[no-untyped-def]
    choice = np.full((n, n, n, n), -1, dtype=np.int8)
    after = np.zeros((n + 1, n + 1, n + 1))
    for t in range(n - 1, -1, -1):
        now = np.zeros((n + 1, n + 1, n + 1))
        for first in range(t + 1):
            for s in range(first + 1):
                for u in range(t - first + 1):
                    p = (prior[0, 0] + s) / (prior[0, 0] + prior[0, 1] + first)
                    q = (prior[1, 0] + u) / (prior[1, 0] + prior[1, 1] + t - first)
                    one = p * (1 + after[first + 1, s + 1, u]) + (1 - p) * after[first + 1, s, u]
                    two = q * (1 + after[first, s, u + 1]) + (1 - q) * after[first, s, u]
                    now[first, s, u] = max(one, two)
                    choice[t, first, s, u] = 0 if one >= two else 1
        after = now
    return after[0, 0, 0], choice

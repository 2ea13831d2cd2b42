r"""The exact regret of a rule on coins: no run is drawn.

What a rule does depends on how often each coin was tossed and how often it succeeded, and so does what comes next. So
the law of these counts can be carried from round to round,

.. math:: \Pr_{t+1}(N + e_a, S + x e_a) \mathrel{+}= \Pr_t(N, S)\, \pi(a | N, S)\, p_a^x (1 - p_a)^{1 - x},

over :math:`O(t^{2k-1})` situations of k coins instead of :math:`(2k)^t` histories. With a Beta prior, :math:`p_a` is
the probability that the prior and the counts predict, and the regret an average over bandits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.bandits.arms import BernoulliArms
from rltheory.bandits.rules import Rule
from rltheory.models import ModelError
from rltheory.models._validation import checked_whole, frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CountLaw:
    """The law of what a rule has seen after n rounds: one row a situation.

    Parameters
    ----------
    pulls : ndarray of int, shape (m, n_arms)
        How often each coin was tossed.
    successes : ndarray of int, shape (m, n_arms)
        How often it gave a 1.
    probability : ndarray, shape (m,)
        Of each situation.
    """

    pulls: np.ndarray
    successes: np.ndarray
    probability: np.ndarray

    def __post_init__(self) -> None:
        for name in ("pulls", "successes", "probability"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def expected_pulls(self) -> np.ndarray:
        """Mean pulls of each coin, shape (n_arms,)."""
        mean: np.ndarray = self.probability @ self.pulls
        return mean

    @property
    def expected_reward(self) -> float:
        """Mean number of successes."""
        return float(self.probability @ self.successes.sum(axis=1))

    def __repr__(self) -> str:
        n = int(self.pulls[0].sum())
        return f"CountLaw({n} rounds, {self.probability.size} situations, mean pulls {self.expected_pulls.round(4)})"


def count_law(arms: BernoulliArms, rounds: int, rule: Rule) -> CountLaw:
    """Compute the law of pulls and successes of a rule on given coins.

    Parameters
    ----------
    arms : BernoulliArms
        The coins.
    rounds : int
        Number n of rounds.
    rule : callable
        See `rules`.

    Returns
    -------
    CountLaw

    Raises
    ------
    ModelError
        If ``rounds`` is no whole number, or the rule does not return distributions.

    Examples
    --------
    >>> from rltheory.bandits import BernoulliArms, rules
    >>> count_law(BernoulliArms([0.5, 0.75]), 3, rules.commit_rule(1)).expected_pulls     # P(1 > 0) = 0.375
    array([1.625, 1.375])
    """
    return _carry(arms.n_arms, rounds, rule, lambda pulls, successes: np.broadcast_to(arms.means, pulls.shape))


def expected_regret(arms: BernoulliArms, rounds: int, rule: Rule) -> float:
    """Compute the mean regret of a rule on given coins, in reward units.

    Parameters
    ----------
    arms : BernoulliArms
    rounds : int
    rule : callable
        All as in `count_law`.

    Examples
    --------
    >>> from rltheory.bandits import BernoulliArms, rules
    >>> expected_regret(BernoulliArms([0.5, 0.75]), 3, rules.uniform_rule)
    0.375
    """
    return float(arms.gaps @ count_law(arms, rounds, rule).expected_pulls)


def expected_bayes_reward(prior: Any, rounds: int, rule: Rule) -> float:
    """Compute the mean number of successes of a rule if coins are drawn from Beta priors.

    Parameters
    ----------
    prior : array_like, shape (n_arms, 2)
        The two parameters of the Beta law of each coin, above 0.
    rounds : int
    rule : callable
        As in `count_law`.

    Examples
    --------
    >>> from rltheory.bandits import rules
    >>> round(expected_bayes_reward([[1, 1], [1, 1]], 2, rules.uniform_rule), 12)
    1.0
    """
    prior = checked_prior(prior)

    def predicted(pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
        chance: np.ndarray = (prior[:, 0] + successes) / (prior.sum(axis=1) + pulls)
        return chance

    return _carry(len(prior), rounds, rule, predicted).expected_reward


def checked_prior(prior: Any) -> np.ndarray:
    """Return the parameters of the Beta laws, shape (n_arms, 2), finite and above 0."""
    prior = np.asarray(prior, dtype=np.float64)
    if prior.ndim != 2 or prior.shape[1] != 2 or not len(prior):
        raise ModelError(f"prior has shape {prior.shape}; it must be (n_arms, 2), with at least one arm")
    if (bad := ~((prior > 0) & np.isfinite(prior)).all(axis=1)).any():
        arm = int(np.argmax(bad))
        raise ModelError(f"the prior of arm {arm} is {prior[arm].tolist()}; both numbers must be finite and above 0")
    return prior


def _carry(n_arms: int, rounds: int, rule: Rule, chances: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> CountLaw:
    rounds = checked_whole("rounds", rounds, 0)
    counts, probability = np.zeros((1, 2 * n_arms), dtype=np.int64), np.ones(1)
    for _ in range(rounds):
        pulls, successes = counts[:, :n_arms], counts[:, n_arms:]
        chosen, chance = _checked_law(rule(pulls, successes), pulls, successes), chances(pulls, successes)
        following, masses = [], []
        for a in range(n_arms):
            for outcome in (0, 1):
                mass = probability * chosen[:, a] * (chance[:, a] if outcome else 1 - chance[:, a])
                step = np.zeros(2 * n_arms, dtype=np.int64)
                step[[a, n_arms + a]] = 1, outcome
                following.append((counts + step)[mass > 0])
                masses.append(mass[mass > 0])
        counts, probability = _merged(np.concatenate(following), np.concatenate(masses))
    return CountLaw(counts[:, :n_arms], counts[:, n_arms:], probability)


def _merged(counts: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add up the masses of equal rows."""
    order = np.lexsort(counts.T[::-1].astype(np.uint16))  # 16 bits are sorted in linear time
    counts = counts[order]
    first = np.flatnonzero(np.append(True, (counts[1:] != counts[:-1]).any(axis=1)))
    return counts[first], np.add.reduceat(mass[order], first)


def _checked_law(chosen: np.ndarray, pulls: np.ndarray, successes: np.ndarray) -> np.ndarray:
    if np.shape(chosen) != pulls.shape:
        raise ModelError(f"the rule returned shape {np.shape(chosen)} for {pulls.shape}; both must be (m, n_arms)")
    wrong = (np.abs(chosen.sum(axis=1) - 1) > 1e-9) | (chosen < 0).any(axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ModelError(
            f"after pulls {pulls[row].tolist()} with successes {successes[row].tolist()} the rule returned"
            f" {chosen[row].tolist()}; it must be a distribution"
        )
    return chosen

r"""A bandit: one state, and arms whose rewards have laws of which the learner knows the kind but not the means.

All that a learner loses is by pulling the wrong arm. With means :math:`m_a`, the gap of an arm is
:math:`\Delta_a = \max m - m_a`, and the regret of n rounds is :math:`\sum_a \Delta_a N_a`, where :math:`N_a` counts
pulls. How hard the arm is to tell from a better one is a relative entropy: for arms of deviation :math:`\sigma` that of
Gaussian laws, :math:`(m - m')^2 / (2 \sigma^2)`; for coins :math:`m \ln\frac{m}{m'} + (1-m) \ln\frac{1-m}{1-m'}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.bandits.bounds.divergences import kl_bernoulli, kl_gaussian
from rltheory.models import MDP, ModelError
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """What all bandits share: the means of the arms.

    Parameters
    ----------
    means : array_like, shape (n_arms,)
        Mean reward of each arm.

    Raises
    ------
    ModelError
        If there is no arm, or a mean is not a finite number.
    """

    means: Any

    def __post_init__(self) -> None:
        means = np.array(self.means, dtype=np.float64)
        if means.ndim != 1 or means.size == 0:
            raise ModelError(f"means has shape {means.shape}; it must be (n_arms,), with at least one arm")
        if not np.isfinite(means).all():
            arm = int(np.argmin(np.isfinite(means)))
            raise ModelError(f"the mean of arm {arm} is {means[arm]}; it must be a finite number")
        object.__setattr__(self, "means", frozen(means))

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        return int(self.means.size)

    @property
    def gaps(self) -> np.ndarray:
        """What a pull of each arm loses on average, shape (n_arms,), in reward units."""
        gaps: np.ndarray = self.means.max() - self.means
        return gaps

    @property
    def noise(self) -> float:
        """Deviation of the rewards, or -1 for coins: what kernels are told."""
        raise NotImplementedError

    def divergences(self, other: Arms) -> np.ndarray:
        """Return the relative entropy of each arm's law from that of another bandit's arm, shape (n_arms,)."""
        raise NotImplementedError

    def to_mdp(self, gamma: float) -> MDP:
        """Return the discounted MDP of one state: planning in it is trivial, and learning it is not.

        Examples
        --------
        >>> import rltheory as rl
        >>> round(rl.solve(BernoulliArms([0.5, 0.25]).to_mdp(0.9)).start_value, 6)
        5.0
        """
        return MDP.from_pairs(np.ones((self.n_arms, 1)), self.means, gamma, n_actions=self.n_arms)


@dataclass(frozen=True, slots=True, eq=False)
class BernoulliArms(Arms):
    """Coins: each pull earns 1 or 0.

    Parameters
    ----------
    means : array_like, shape (n_arms,)
        Probabilities of a 1.

    Raises
    ------
    ModelError
        If there is no arm, or a mean is not in [0, 1].

    Examples
    --------
    >>> coins = BernoulliArms([0.5, 0.75])
    >>> coins.gaps
    array([0.25, 0.  ])
    >>> coins.divergences(BernoulliArms([0.5, 0.5])).round(4)
    array([0.    , 0.1308])
    """

    def __post_init__(self) -> None:
        Arms.__post_init__(self)
        if (bad := (self.means < 0) | (self.means > 1)).any():
            arm = int(np.argmax(bad))
            raise ModelError(f"the mean of arm {arm} is {self.means[arm]}; a coin's is in [0, 1]")

    @property
    def noise(self) -> float:
        """-1: the rewards are coins."""
        return -1.0

    def divergences(self, other: Arms) -> np.ndarray:
        """Return the relative entropy of each arm's law from that of another bandit's arm, shape (n_arms,)."""
        return np.array([kl_bernoulli(p, q) for p, q in zip(self.means, other.means, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class GaussianArms(Arms):
    """Arms whose rewards are Gaussian.

    Parameters
    ----------
    means : array_like, shape (n_arms,)
        Mean reward of each arm.
    sigma : float
        Deviation of all rewards, in reward units; 0 makes them certain, which no learner knows.

    Raises
    ------
    ModelError
        If there is no arm, a mean is not finite, or ``sigma`` is negative or not finite.

    Examples
    --------
    >>> GaussianArms([0.0, 1.0]).divergences(GaussianArms([0.0, 3.0]))
    array([0., 2.])
    """

    sigma: float = 1.0

    def __post_init__(self) -> None:
        Arms.__post_init__(self)
        if not 0 <= self.sigma < np.inf:
            raise ModelError(f"sigma is {self.sigma!r}; a deviation is a finite number of at least 0")

    @property
    def noise(self) -> float:
        """Deviation of the rewards."""
        return float(self.sigma)

    def divergences(self, other: Arms) -> np.ndarray:
        """Return the relative entropy of each arm's law from that of another bandit's arm, shape (n_arms,)."""
        return np.array([kl_gaussian(p, q, self.sigma) for p, q in zip(self.means, other.means, strict=True)])

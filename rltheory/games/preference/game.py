r"""Preference games: two policies each give an answer, and one of the two is preferred.

:math:`P(y, y') = P(y \succ y') = 1 - P(y' \succ y)`, and a policy :math:`\pi` is a law over n answers. Both players
stay near a reference policy of full support, at the price :math:`\tau` (Munos et al. 2024):

.. math::

   J(\pi, \pi')
   = P(\pi \succ \pi') - \tau\, \mathrm{KL}(\pi \| \mathrm{ref}) + \tau\, \mathrm{KL}(\pi' \| \mathrm{ref}).

The game is symmetric and of value one half, and has exactly one equilibrium :math:`(\pi^*, \pi^*)`, of full support.
Preferences need not come from rewards: they may go round in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.games.normal_form import NormalFormGame, checked_strategy
from rltheory.models import ModelError
from rltheory.models import _validation as valid

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PreferenceGame:
    """A preference between answers, a reference policy and its weight.

    Parameters
    ----------
    P : array_like, shape (n, n)
        ``P[y, z]`` is the probability that answer y is preferred to z; ``P + P.T`` is 1 everywhere, within 1e-9. What
        is used is ``(1 + P - P.T) / 2``, for which this is exact.
    tau : float
        Weight of the relative entropy to the reference policy, above 0, in units of preference.
    ref : array_like, shape (n,), optional
        The reference policy, of full support; by default uniform.

    Raises
    ------
    ModelError
        If P is not square, has an entry outside [0, 1], or does not sum to one with its transpose; if tau is not above
        0; or if the reference policy leaves an answer out.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame
    >>> PreferenceGame([[0.5, 0.9], [0.1, 0.5]], tau=0.1)
    PreferenceGame(2 answers, tau=0.1)
    """

    P: Any
    tau: float
    ref: Any = None

    def __post_init__(self) -> None:
        P = _checked_preference(self.P)
        tau, n = self.tau, len(P)
        if not isinstance(tau, (int, float, np.integer, np.floating)) or not 0 < tau < np.inf:
            raise ModelError(f"tau is {tau!r}; the weight of the reference policy is a finite number above 0")
        ref = checked_strategy(np.full(n, 1 / n) if self.ref is None else self.ref, n, "the reference policy")
        if not ref.all():
            raise ModelError(f"the reference policy leaves answer {int(np.argmin(ref))} out; it must have full support")
        fields = {"P": valid.frozen(0.5 + 0.5 * (P - P.T)), "tau": float(tau), "ref": valid.frozen(ref / ref.sum())}
        valid.set_fields(self, fields)

    @classmethod
    def bradley_terry(cls, rewards: Any, *, tau: float, ref: Any = None) -> PreferenceGame:
        r"""Return the game in which rewards decide: :math:`P(y \succ z) = 1 / (1 + e^{r(z) - r(y)})`.

        Bradley and Terry (1952).

        Parameters
        ----------
        rewards : array_like, shape (n,)
            Reward of each answer, in logits.
        tau, ref
            As for the class.

        Returns
        -------
        PreferenceGame

        Examples
        --------
        >>> PreferenceGame.bradley_terry([0.0, 1.0], tau=0.1).P.round(3)
        array([[0.5  , 0.269],
               [0.731, 0.5  ]])
        """
        r = valid.real_array(rewards, "rewards")
        if r.ndim != 1 or not r.size or not np.isfinite(r).all():
            raise ModelError(f"rewards has shape {r.shape} and must be a list of finite numbers, one for each answer")
        return cls(0.5 + 0.5 * np.tanh(0.5 * (r[:, None] - r)), tau, ref)

    @classmethod
    def rock_paper_scissors(cls, *, tau: float, strength: float = 0.5, ref: Any = None) -> PreferenceGame:
        """Return the game of three answers, each preferred to the one before it: no reward explains it.

        Parameters
        ----------
        tau, ref
            As for the class.
        strength : float
            By how much a preference differs from one half, at most 0.5.

        Returns
        -------
        PreferenceGame

        Examples
        --------
        >>> PreferenceGame.rock_paper_scissors(tau=0.1).P
        array([[0.5, 0. , 1. ],
               [1. , 0.5, 0. ],
               [0. , 1. , 0.5]])
        """
        return cls(0.5 + strength * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]), tau, ref)

    @property
    def n_answers(self) -> int:
        """Number n of answers."""
        return len(self.P)

    @property
    def normal_form(self) -> NormalFormGame:
        """The game without its reference policy: each player receives the probability of being preferred."""
        return NormalFormGame.symmetric(self.P)

    def __repr__(self) -> str:
        return f"PreferenceGame({self.n_answers} answers, tau={self.tau:g})"


def checked_policy(game: PreferenceGame, policy: Any, *, full: bool = False) -> np.ndarray:
    """Return a policy, divided by its sum.

    Raises
    ------
    ModelError
        If it is no distribution over the answers, or has to be ``full`` and leaves an answer out.
    """
    p = checked_strategy(policy, game.n_answers, "the policy")
    if full and not p.all():
        raise ModelError(f"the policy leaves answer {int(np.argmin(p))} out; no update would ever give it back")
    return p / p.sum()


def _checked_preference(P: Any) -> np.ndarray:
    P = valid.real_array(P, "P")
    if P.ndim != 2 or P.shape[0] != P.shape[1] or not P.size:
        raise ModelError(f"P has shape {P.shape}; a preference between n answers has shape (n, n), with n at least 1")
    bad = np.argwhere(~((P >= 0) & (P <= 1)))
    if bad.size:
        y, z = map(int, bad[0])
        raise ModelError(f"answer {y} is preferred to {z} with probability {P[y, z]}; it must be in [0, 1]")
    bad = np.argwhere(np.abs(P + P.T - 1) > _TOLERANCE)
    if bad.size:
        y, z = map(int, bad[0])
        raise ModelError(f"P[{y}, {z}] + P[{z}, {y}] is {P[y, z] + P[z, y]:.12g}; one of two is preferred, so it is 1")
    return P

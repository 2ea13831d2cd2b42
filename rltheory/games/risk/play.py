r"""A game whose players are averse to risk: everyone's objective, its derivatives, and the certificate of a profile.

Player i faces the product law :math:`q = \bigotimes_{j \ne i} \sigma_j` over the joint actions of all others and
maximises :math:`V_i(A_i^\top \sigma_i; q)` over the trembling simplex. `risk_averse_profile` certifies any profile,
whoever found it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.best_response import Aversion, checked_trembling, respond, response_gap, trembling
from rltheory.games.risk.polyhedral import PolyhedralAversion
from rltheory.games.risk.smooth import MeanVariance, SmoothAversion
from rltheory.models import CriterionError, ModelError
from rltheory.planning.rounding import largest_size

Profile = Sequence[np.ndarray]


def risk_averse_profile(
    game: NormalFormGame,
    profile: Any,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    method: str,
    iterations: int = 0,
) -> Equilibrium:
    r"""Return a profile with its certificate as an approximate risk-averse equilibrium, whoever found it.

    Parameters
    ----------
    game : NormalFormGame
        The game, of any number of players.
    profile : sequence of n array_like
        A mixed strategy for each player, with at least the tremble on every action.
    gamma : float or sequence of n floats, optional
        Weight of the variance, at least 0, in units of one over payoff: short for ``aversion=MeanVariance(gamma)``.
    aversion : Aversion or sequence of n of them, optional
        What the players maximise, given instead of ``gamma``.
    tremble : float
        Least probability of every action.
    method : str
        Where the profile comes from.
    iterations : int
        How many steps it took.

    Returns
    -------
    Equilibrium
        Its gains and values are those of the players' own objectives, :math:`E - \gamma \operatorname{Var}` for
        ``gamma``.

    Raises
    ------
    ModelError
        If the profile does not fit the game, or leaves the trembling simplex.
    CriterionError
        If gamma is negative or not finite, not exactly one of gamma and aversion is given, or the tremble is not below
        one over the number of actions.

    Examples
    --------
    A sure 3 is worth more than the stag, if the other misses one time in ten and risk is disliked enough.

    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import risk_averse_profile
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> both_stag = [[0.9, 0.1], [0.9, 0.1]]
    >>> [bool(risk_averse_profile(stag_hunt, both_stag, gamma=g, tremble=0.1, method="").exploitability < 1e-12)
    ...  for g in (0.48, 0.49)]
    [True, False]
    """
    play = Play.of(game, gamma, aversion, tremble)
    profile = play.checked(profile)
    gains = [
        response_gap(p, game.opponents_view(i), play.law(profile, i), play.aversions[i], tremble=tremble)
        for i, p in enumerate(profile)
    ]
    return Equilibrium(game, profile, np.array(gains), play.values(profile), "risk-averse", method, iterations)


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """A game, what its players maximise, and the strategies from which they choose: the hulls of some rows.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    aversions : tuple of n Aversion
        What the players maximise.
    hulls : tuple of n ndarray, of shapes (k_i, m_i)
        Player i plays ``weights[i] @ hulls[i]``, with weights from a simplex; the vertices of the trembling simplex, or
        some of them.
    views : tuple of n ndarray, of shapes (m_i, product of the others' m_j)
        Each player's payoffs by joint actions of all others.
    tremble : float
        Least probability of every action.
    """

    game: NormalFormGame
    aversions: tuple[Aversion, ...]
    hulls: tuple[np.ndarray, ...]
    views: tuple[np.ndarray, ...]
    tremble: float

    @classmethod
    def of(cls, game: NormalFormGame, gamma: Any, aversion: Any, tremble: float) -> Play:
        """Return the play in which everyone may choose any trembling strategy, with the arguments checked."""
        hulls = tuple(trembling(m, tremble) for m in game.n_actions)
        views = tuple(game.opponents_view(i) for i in range(game.n_players))
        return cls(game, checked_aversions(game, gamma, aversion), hulls, views, tremble)

    @property
    def is_smooth(self) -> bool:
        """Whether all objectives have derivatives."""
        return all(isinstance(aversion, SmoothAversion) for aversion in self.aversions)

    @property
    def tolerances(self) -> np.ndarray:
        """What 1 stands for in tolerances, for each player: the spread of payoffs, and of the aversion to it."""
        sizes = np.array([largest_size(u) for u in self.game.payoffs])
        spreads = np.maximum(self.game.payoff_ranges, 1e-4 * sizes + 1e-200)
        return spreads * (1 + spreads * [a.steepness(size) for a, size in zip(self.aversions, sizes, strict=True)])

    def checked(self, profile: Any) -> tuple[np.ndarray, ...]:
        """Return a profile of trembling strategies that sum to 1."""
        sizes = self.game.n_actions
        if len(profile) != len(sizes):
            raise ModelError(f"the profile has {len(profile)} strategies; the game has {len(sizes)} players")
        names = [f"the strategy of player {self.game.player_name(i)}" for i in range(len(sizes))]
        return tuple(
            checked_trembling(p, m, self.tremble, name) for p, m, name in zip(profile, sizes, names, strict=True)
        )

    def profile(self, weights: Profile) -> tuple[np.ndarray, ...]:
        """Return the strategies that some weights of the hulls' rows stand for."""
        return tuple(s @ hull for s, hull in zip(weights, self.hulls, strict=True))

    def law(self, profile: Profile, player: int) -> np.ndarray:
        """Return the product law of all others' joint action, flat in C order."""
        law = np.ones(1)
        for j, p in enumerate(profile):
            if j != player:
                law = np.multiply.outer(law, p).ravel()
        return law

    def law_slopes(self, profile: Profile, player: int, other: int) -> np.ndarray:
        """Return the derivative of the law that a player faces in one other's strategy, shape (joint actions, m_j)."""
        pures = np.eye(profile[other].size)
        return np.column_stack([self.law([*profile[:other], e, *profile[other + 1 :]], player) for e in pures])

    def values(self, profile: Profile) -> np.ndarray:
        """Return what each player maximises, at a profile."""
        found = [
            aversion.value(A.T @ p, self.law(profile, i))
            for i, (aversion, A, p) in enumerate(zip(self.aversions, self.views, profile, strict=True))
        ]
        return np.array(found)

    def gains(self, weights: Profile) -> np.ndarray:
        """Return how much each player gains at most by other weights on the rows of her hull."""
        profile = self.profile(weights)
        found = [
            response_gap(s / s.sum(), hull @ A, self.law(profile, i), aversion)
            for i, (s, hull, A, aversion) in enumerate(
                zip(weights, self.hulls, self.views, self.aversions, strict=True)
            )
        ]
        return np.array(found)

    def gradient(self, profile: Profile, player: int) -> np.ndarray:
        """Return a supergradient of a player's objective in her own strategy, shape (m_i,)."""
        A, q = self.views[player], self.law(profile, player)
        return A @ self.aversions[player].slope(A.T @ profile[player], q)

    def response(self, profile: Profile, player: int) -> np.ndarray:
        """Return the weights of a player's best response within her hull."""
        A = self.hulls[player] @ self.views[player]
        return respond(A, self.law(profile, player), self.aversions[player])

    def gradient_slopes(self, profile: Profile, player: int, other: int) -> np.ndarray:
        """Return the derivative of a smooth player's gradient in someone's strategy, shape (m_i, m_j)."""
        A, q, aversion = self.views[player], self.law(profile, player), self.aversions[player]
        assert isinstance(aversion, SmoothAversion)
        z = A.T @ profile[player]
        if other == player:
            return -A @ aversion.curvature(z, q) @ A.T
        return A @ aversion.cross(z, q) @ self.law_slopes(profile, player, other)


def checked_aversions(game: NormalFormGame, gamma: Any, aversion: Any) -> tuple[Aversion, ...]:
    """Return one aversion for each player.

    Raises
    ------
    CriterionError
        If not exactly one of both is given, or there are not as many as players.
    """
    if (gamma is None) == (aversion is None):
        raise CriterionError(
            f"gamma is {gamma} and aversion is {aversion}; exactly one is needed: gamma is short for"
            " aversion=MeanVariance(gamma)"
        )
    found = for_everyone(game, gamma if aversion is None else aversion, "gamma" if aversion is None else "aversion")
    if aversion is None:
        return tuple(MeanVariance(_number(g)) for g in found)
    for one in found:
        if not isinstance(one, SmoothAversion | PolyhedralAversion):
            raise CriterionError(f"aversion is {one!r}; it must be an aversion such as MeanVariance(0.5) or CVaR(0.1)")
    return found


def for_everyone(game: NormalFormGame, given: Any, name: str) -> tuple[Any, ...]:
    """Return a tuple with one entry for each player: the given ones, or the same for all.

    Raises
    ------
    CriterionError
        If there are not as many as players.
    """
    several = isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, str)
    found = tuple(given) if several else (given,) * game.n_players
    if len(found) != game.n_players:
        raise CriterionError(f"{name} has {len(found)} entries; the game has {game.n_players} players")
    return found


def _number(gamma: Any) -> float:
    if isinstance(gamma, bool) or not isinstance(gamma, (int, float, np.integer, np.floating)):
        raise CriterionError(f"gamma is {gamma!r}; it must be a number, or one for each player")
    return float(gamma)

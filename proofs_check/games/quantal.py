"""Logit equilibria: how far they are from Nash equilibria, and where there is only one.

A game with a logit equilibrium that is known without solving anything is made from any game and any profile: what an
action pays is shifted by a constant for each action, so that the profile answers itself.
"""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy
from scipy.special import expit, lambertw

from mdps.strategies import paired
from proofs_check.games import mediation_oracles as oracles
from proofs_check.games.mediation_oracles import games
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games import NormalFormGame
from rltheory.games.bounds import quantal as bounds
from rltheory.games.quantal import logit_equilibrium

_COORDINATION = NormalFormGame.symmetric([[1, 0], [0, 1]])
_DOMINANT = NormalFormGame.symmetric([[3, 0], [5, 1]])
_PRECISIONS = st.sampled_from([0.1, 1.0, 4.0, 50.0])
_GRID = 400


def _with_equilibrium(game: NormalFormGame, profile: tuple[np.ndarray, ...], lam: float) -> NormalFormGame:
    """Shift the payoffs of each action so that the profile, which is positive, becomes a logit equilibrium."""
    payoffs = []
    for i, (u, p) in enumerate(zip(game.payoffs, profile, strict=True)):
        shift = np.log(p) / lam - oracles.worth(game, profile, i)
        payoffs.append(u + shift.reshape([-1 if j == i else 1 for j in range(game.n_players)]))
    return NormalFormGame(payoffs)


def _softmax(z: np.ndarray) -> np.ndarray:
    weights = np.exp(z - z.max())
    return weights / weights.sum()


def _positive(game: NormalFormGame) -> SearchStrategy[tuple[np.ndarray, ...]]:
    weights = st.sampled_from([1.0, 2.0, 0.1, 1e-3, 1e-9])
    rows = [st.lists(weights, min_size=m, max_size=m).map(lambda w: np.array(w) / sum(w)) for m in game.n_actions]
    return st.tuples(*rows)


def _extreme(m: int) -> tuple[NormalFormGame, tuple[np.ndarray, ...], float]:
    """Return a game of one player whose logit response loses most: all actions but one are equally bad."""
    loss = float(lambertw((m - 1) / math.e).real)
    return NormalFormGame([np.zeros(m)]), (_softmax(np.append(0.0, np.full(m - 1, -1 - loss))),), 1.0


def _gain(game: NormalFormGame, profile: tuple[np.ndarray, ...], lam: float) -> Check:
    made = _with_equilibrium(game, profile, lam)
    gained = [oracles.nash_gain(made, profile, i) for i in range(made.n_players)]
    return Check.everywhere(gained, [bounds.logit_gain(m, lam) for m in made.n_actions])


gain = Theorem(
    name="quantal-gain",
    statement=(
        r"In a logit equilibrium no player gains more than $W((m_i - 1)/e)/\lambda \le \ln(m_i)/\lambda$ by deviating,"
        r" and a player of some game gains as much."
    ),
    source="mckelvey1995; the constant derived here",
    assumptions=r"$\lambda > 0$; any number of players",
    instances=paired(games(), _positive, lambda game: _PRECISIONS) | st.just(_extreme(3)),
    check=_gain,
    refutable=scaled(_gain),  # false: attained where all actions but one are equally bad
    tight=lambda: _gain(*_extreme(5)),
    tight_ratio=0.999999,
    attained_by="One player all but one of whose actions are equally bad, at the worst precision,",
)


def _loss(game: NormalFormGame, profile: tuple[np.ndarray, ...], lam: float, *, of_best: float = 1.0) -> Check:
    found = logit_equilibrium(_with_equilibrium(game, profile, lam), lam, start=profile)
    gained = [oracles.nash_gain(found.game, found.profile, i) for i in range(found.game.n_players)]
    logs = found.log_profile
    entropies = [-float(np.exp(x) @ x) + of_best * float(x.max()) for x in logs]
    return Check.equal(gained, np.array(entropies) / lam)


loss = Theorem(
    name="quantal-loss-is-entropy",
    statement=r"In a logit equilibrium player $i$ gains $(H(\sigma_i) + \ln \max \sigma_i)/\lambda$ by deviating.",
    source="derived here",
    assumptions=r"$\lambda > 0$; $H$ is the entropy",
    instances=paired(games(), _positive, lambda game: _PRECISIONS) | st.just(_extreme(3)),
    check=_loss,
    refutable=lambda *drawn: _loss(*drawn, of_best=0.0),  # false: the entropy alone is only a bound
)


def _moved(game: NormalFormGame, first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...], lam: float) -> Check:
    distances = [0.5 * np.abs(p - q).sum() for p, q in zip(first, second, strict=True)]
    answers = [
        [_softmax(lam * oracles.worth(game, profile, i)) for i in range(game.n_players)] for profile in (first, second)
    ]
    moved = [0.5 * np.abs(p - q).sum() for p, q in zip(*answers, strict=True)]
    return Check.everywhere(moved, bounds.response_distance(game, lam, np.array(distances)))


def _nearly_even() -> tuple[NormalFormGame, tuple[np.ndarray, ...], tuple[np.ndarray, ...], float]:
    first, second = np.array([0.501, 0.499]), np.array([0.499, 0.501])
    return _COORDINATION, (first, first), (second, second), 1.0


response = Theorem(
    name="quantal-response-distance",
    statement=(
        r"If strategies move by $d$ in total variation, logit responses move by at most $\frac{\lambda}{4} K d$, with"
        r" $K_{ij}$ the most that player $j$ can change a difference of player $i$'s payoffs."
    ),
    source="derived here",
    assumptions=r"$\lambda \ge 0$; any number of players",
    instances=paired(games(), oracles.profiles, oracles.profiles, lambda game: _PRECISIONS) | st.just(_nearly_even()),
    check=_moved,
    refutable=scaled(_moved),
    tight=lambda: _moved(*_nearly_even()),
    tight_ratio=0.999999,
    attained_by="A coordination game, close to even strategies,",
)


def _two_by_two_equilibria(game: NormalFormGame, lam: float) -> np.ndarray:
    """Return the first player's probabilities of her first action in all logit equilibria that a grid tells apart.

    They are where the log-odds of the response to the response exceed those of the point by nothing.
    """
    A, B = game.payoffs

    def excess(odds: np.ndarray) -> np.ndarray:
        p = expit(odds)
        q = expit(lam * (p * (B[0, 0] - B[0, 1]) + (1 - p) * (B[1, 0] - B[1, 1])))
        return lam * (q * (A[0, 0] - A[1, 0]) + (1 - q) * (A[0, 1] - A[1, 1])) - odds

    grid = np.linspace(-1.0, 1.0, _GRID) * (1 + lam * np.abs(A[0] - A[1]).max())
    rising = excess(grid) < 0
    at = np.flatnonzero(rising[:-1] != rising[1:])
    low, high, rising = grid[at], grid[at + 1], rising[at]
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = (excess(middle) < 0) == rising
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return expit(0.5 * (low + high))


def _unique(game: NormalFormGame, share: float, *, wrong: float = 1.0) -> Check:
    lam = min(wrong * share * bounds.unique_below(game), 1e3)
    found = _two_by_two_equilibria(game, lam)
    return Check(float(np.ptp(found)), 0.0)


unique = Theorem(
    name="quantal-uniqueness",
    statement=(
        r"There is only one logit equilibrium if $\lambda \rho(K) < 4$, with $\rho$ the spectral radius; in symmetric"
        r" coordination there are three beyond."
    ),
    source="derived here",
    assumptions=r"$2 \times 2$ games, whose logit equilibria are the roots of a function of one variable",
    instances=st.tuples(games(st.just((2, 2))), st.sampled_from([0.5, 0.9, 0.99])) | st.just((_COORDINATION, 0.9)),
    check=_unique,
    refutable=lambda game, share: _unique(game, share, wrong=1.5),
)


@st.composite
def _rescaled(draw: DrawFn) -> tuple[NormalFormGame, float, float, list[int]]:
    game = draw(games(st.sampled_from([(2, 2), (2, 3)])))
    scale, moves = draw(st.sampled_from([1e-6, 0.5, 3.0, 1e6])), [draw(st.integers(-3, 3)) for _ in game.payoffs]
    return game, draw(st.sampled_from([0.05, 0.5])), scale, moves


def _invariant(game: NormalFormGame, lam: float, scale: float, moves: list[int], *, also: bool = True) -> Check:
    changed = NormalFormGame([scale * (u + move) for u, move in zip(game.payoffs, moves, strict=True)])
    found = logit_equilibrium(game, lam), logit_equilibrium(changed, lam / scale if also else lam)
    return Check.equal(*(np.concatenate(one.profile) for one in found))


invariance = Theorem(
    name="quantal-scale",
    statement=r"The logit equilibria of $c\,u + d_i$ at precision $\lambda / c$ are those of $u$ at $\lambda$.",
    source="mckelvey1995",
    assumptions=r"$c > 0$, the same for all players",
    instances=_rescaled() | st.just((_DOMINANT, 1.0, 3.0, [0, 0])),
    check=_invariant,
    refutable=lambda *drawn: _invariant(*drawn, also=False),  # false: the precision has a unit
)


THEOREMS = (gain, loss, response, unique, invariance)
"""In the order in which one would teach them."""

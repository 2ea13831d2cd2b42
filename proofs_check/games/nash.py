"""Theorems about Nash equilibria: that they exist, how many there are, and what keeps them."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import numpy as np

from proofs_check.games.nash_oracles import (
    extreme_equilibria,
    linear_program_values,
    rational_gain,
    rational_matrix,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games import NormalFormGame
from rltheory.games.bounds.nash import most_equilibria
from rltheory.games.nash import eliminate_dominated, exact_potential, small_zero_sum, vertex_enumeration

_PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0]])
_CHOICE = np.diag([2.0, 1.0])


@st.composite
def generic_games(draw: st.DrawFn, largest: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Draw two payoff matrices with no ties but by chance."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return rng.normal(size=sizes), rng.normal(size=sizes)


@st.composite
def games_with_ties(draw: st.DrawFn, largest: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Draw two payoff matrices of small integers."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    low, high = draw(st.sampled_from([(0, 2), (-1, 2), (-3, 4)]))
    return rng.integers(low, high, sizes).astype(float), rng.integers(low, high, sizes).astype(float)


def _coordination(m: int) -> tuple[np.ndarray, np.ndarray]:
    return np.eye(m), np.eye(m)


def _minimax(A: np.ndarray) -> Check:
    most, least = linear_program_values(A)
    return Check.equal([most, most], [least, small_zero_sum(A)[0]])


minimax = Theorem(
    name="minimax",
    statement=r"$\max_p \min_q p^\top A q = \min_q \max_p p^\top A q$ over mixed strategies.",
    source="vonneumann1928",
    assumptions="finitely many actions",
    instances=(generic_games(5) | games_with_ties(5)).map(lambda game: (game[0],)) | st.just((_PENNIES,)),
    check=_minimax,
    refutable=lambda A: Check.equal(A.min(axis=1).max(), A.max(axis=0).min()),  # false: over pure strategies
)


def _interchange(A: np.ndarray, B: np.ndarray) -> Check:
    """Measure what can be gained where each plays her part of another equilibrium."""
    equilibria = extreme_equilibria(A, B)
    own, other = rational_matrix(A), rational_matrix(B.T)
    crossed = [(p, q) for (p, _), (_, q) in product(equilibria, repeat=2)]
    return Check(float(max(max(rational_gain(own, p, q), rational_gain(other, q, p)) for p, q in crossed)), 0.0)


interchange = Theorem(
    name="zero-sum-equilibria-interchange",
    statement=r"In a zero-sum game, if $(p, q)$ and $(p', q')$ are equilibria, so are $(p, q')$ and $(p', q)$.",
    source="vonneumann1944",
    assumptions="two players, zero sum",
    instances=games_with_ties().map(lambda game: (game[0],)) | st.just((_CHOICE,)),
    check=lambda A: _interchange(A, -A),
    refutable=lambda A: _interchange(A, A),  # false: if both want the same, they may miss each other
)


def _odd(A: np.ndarray, B: np.ndarray) -> Check:
    count = len(extreme_equilibria(A, B))
    return Check.equal([count % 2, count], [1, len(vertex_enumeration(NormalFormGame((A, B))))])


oddness = Theorem(
    name="odd-number-of-equilibria",
    statement="The number of equilibria is odd.",
    source="wilson1971",
    assumptions="two players, nondegenerate",
    instances=generic_games() | st.sampled_from([_coordination(2), _coordination(3)]),
    check=_odd,
    refutable=lambda A, B: Check(len(extreme_equilibria(A, B)), 1.0),  # false: that it is one
)


def _most(A: np.ndarray, B: np.ndarray) -> Check:
    return Check(len(extreme_equilibria(A, B)), most_equilibria(*A.shape))


most = Theorem(
    name="most-equilibria",
    statement=r"There are at most $\min\{\Phi(m, m+n), \Phi(n, m+n)\} - 1$ equilibria, with McMullen's $\Phi(d, f)$ "
    r"the most vertices of a polytope of dimension $d$ with $f$ facets: 3 for $2 \times 2$, 7 for $3 \times 3$.",
    source="keiding1997",
    assumptions="two players, nondegenerate",
    instances=generic_games() | st.sampled_from([_coordination(2), _coordination(3)]),
    check=_most,
    refutable=scaled(_most, rhs=0.9),  # false: the coordination games attain it
    tight=lambda: _most(*_coordination(3)),
    tight_ratio=1.0,
    attained_by="The coordination game of three actions",
)


@st.composite
def potential_games(draw: st.DrawFn) -> tuple[NormalFormGame, np.ndarray]:
    """Draw a potential, and a game in which each player's payoff is that plus what the others alone decide."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)))
    hill = rng.normal(size=sizes)
    payoffs = [hill + rng.normal(size=(*sizes[:i], 1, *sizes[i + 1 :])) for i in range(len(sizes))]
    return NormalFormGame(payoffs), hill


def _gain_at(game: NormalFormGame, joint: tuple[int, ...]) -> float:
    """Return the largest gain by one player's deviation from a joint action."""
    return max(
        float(u[(*joint[:i], slice(None), *joint[i + 1 :])].max() - u[joint]) for i, u in enumerate(game.payoffs)
    )


def _summit(game: NormalFormGame, hill: np.ndarray, lowest: bool = False) -> Check:
    found = exact_potential(game)
    joint = np.unravel_index(int(found.argmin() if lowest else found.argmax()), found.shape)
    return Check(_gain_at(game, tuple(map(int, joint))), 0.0, scale=np.abs(hill).max())


summit = Theorem(
    name="potential-maximum-is-nash",
    statement=r"A maximum of an exact potential is an equilibrium in pure strategies; so there is one.",
    source="monderer1996, Corollary 2.2",
    assumptions="any number of players",
    instances=potential_games() | st.just((NormalFormGame((_CHOICE, _CHOICE)), _CHOICE)),
    check=_summit,
    refutable=lambda game, hill: _summit(game, hill, lowest=True),  # false: a minimum
)


def _recovered(game: NormalFormGame, hill: np.ndarray) -> Check:
    return Check.equal(exact_potential(game), hill - hill.flat[0])


recovered = Theorem(
    name="potential-is-unique",
    statement="An exact potential is unique up to a constant.",
    source="monderer1996, Lemma 2.7",
    assumptions="any number of players",
    instances=potential_games() | st.just((NormalFormGame((_CHOICE, _CHOICE)), _CHOICE)),
    check=_recovered,
    refutable=lambda game, hill: Check.equal(exact_potential(game), hill),  # false: without the constant
)


def _dominated(A: np.ndarray) -> int:
    """Return how many rows are strictly dominated by another row."""
    return sum(any((row < other).all() for other in A) for row in A)


def _kept(A: np.ndarray, B: np.ndarray, strict: bool = True) -> Check:
    """Count equilibria before and after, what they play of what was removed, and what should have been."""
    elimination = eliminate_dominated(NormalFormGame((A, B)), strict=strict)
    before, after = extreme_equilibria(A, B), extreme_equilibria(*elimination.reduced.payoffs)
    played = [float(e[removal.player][removal.action]) for e in before for removal in elimination.removals]
    left = _dominated(elimination.reduced.payoffs[0]) + _dominated(elimination.reduced.payoffs[1].T)
    return Check.equal([max(played, default=0.0), len(before), left], [0.0, len(after), 0])


kept = Theorem(
    name="dominance-keeps-equilibria",
    statement="Iterated elimination of strictly dominated actions removes no equilibrium and adds none.",
    source="derived here",
    assumptions="two players; dominance by pure or mixed strategies",
    instances=generic_games(4) | games_with_ties() | st.just((np.diag([1.0, 0.0]), np.diag([1.0, 0.0]))),
    check=_kept,
    refutable=lambda A, B: _kept(A, B, strict=False),  # false: of weakly dominated ones
)

THEOREMS = (minimax, interchange, oddness, most, summit, recovered, kept)

"""Mediators: how Nash, correlated and coarse correlated equilibria contain each other, and what they are worth."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import paired
from proofs_check.games import mediation_oracles as oracles
from proofs_check.games.mediation_oracles import games, joints, profiles, zero_sum_games
from proofs_check.theorem import Check, Theorem
from rltheory.games import NormalFormGame, correlated_gains, gains
from rltheory.games.bounds import correlated as bounds
from rltheory.games.correlated import correlated_equilibrium, correlated_extremes

_CHICKEN = NormalFormGame.symmetric([[6, 2], [7, 0]])
_DILEMMA = NormalFormGame.symmetric([[3, 0], [5, 1]])
_PENNIES = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
_SAME_SIDE = np.array([[0.5, 0.0], [0.0, 0.5]])


def _of_independent_play(game: NormalFormGame, profile: tuple[np.ndarray, ...]) -> Check:
    joint, players = oracles.independent(profile), range(game.n_players)
    told = [oracles.correlated_gain(game, joint, i) for i in players]
    untold = [oracles.coarse_gain(game, joint, i) for i in players]
    return Check.equal([told, untold], [gains(game, profile)] * 2)


def _of_the_mean_law(game: NormalFormGame, profile: tuple[np.ndarray, ...]) -> Check:
    joint = 0.5 * oracles.independent(profile) + 0.5 / np.prod(game.n_actions)
    told = [oracles.correlated_gain(game, joint, i) for i in range(game.n_players)]
    return Check.equal(told, gains(game, profile))


independent_play = Theorem(
    name="nash-is-correlated",
    statement=(
        r"Where all play independently, a player gains the same by disobeying a mediator, by ignoring him, and by"
        r" deviating: the law of a Nash equilibrium is a correlated equilibrium, and a coarse one."
    ),
    source="aumann1974; derived here",
    assumptions=r"any profile, also one that is no equilibrium",
    instances=paired(games(), profiles) | st.just((_PENNIES, (np.array([1.0, 0.0]), np.array([1.0, 0.0])))),
    check=_of_independent_play,
    refutable=_of_the_mean_law,  # false: mixed with another law
)


def _coarse(game: NormalFormGame, joint: np.ndarray, *, reverse: bool = False) -> Check:
    players = range(game.n_players)
    told = [oracles.correlated_gain(game, joint, i) for i in players]
    untold = [oracles.coarse_gain(game, joint, i) for i in players]
    if reverse:
        return Check.everywhere(told, correlated_gains(game, joint, coarse=True))
    return Check.everywhere(untold, correlated_gains(game, joint))


coarse = Theorem(
    name="correlated-is-coarse",
    statement=r"Who may only ignore the mediator gains no more than who may answer each advice.",
    source="moulin1978; derived here",
    assumptions=r"any law over joint actions",
    instances=paired(games(), joints) | st.just((_PENNIES, _SAME_SIDE)),
    check=_coarse,
    refutable=lambda game, joint: _coarse(game, joint, reverse=True),  # false: who hears more gains more
    tight=lambda: _coarse(_DILEMMA, np.array([[1.0, 0.0], [0.0, 0.0]])),
    tight_ratio=0.999999,
    attained_by="The prisoners' dilemma, where both are told to cooperate,",
)


def _mixture(game: NormalFormGame, first: np.ndarray, second: np.ndarray, share: float, *, sign: int = 1) -> Check:
    mixed = share * first + (1 - share) * second
    left, right = [], []
    for coarse in (False, True):
        gain = oracles.coarse_gain if coarse else oracles.correlated_gain
        left.append([max(gain(game, mixed, i), 0.0) for i in range(game.n_players)])
        ends = [correlated_gains(game, law, coarse=coarse) for law in (first, second)]
        right.append(share * ends[0] + (1 - share) * ends[1])
    return Check.everywhere(np.multiply(sign, left), np.multiply(sign, right))


convexity = Theorem(
    name="correlated-gains-are-convex",
    statement=(
        r"Gains of the mixture $\theta x + (1 - \theta) y$ are at most the mixture of the gains: the (coarse)"
        r" correlated equilibria are a convex set."
    ),
    source="aumann1974; derived here",
    assumptions=r"$0 \le \theta \le 1$",
    instances=paired(games(), joints, joints, lambda game: st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    | st.just((_PENNIES, np.eye(4)[0].reshape(2, 2), np.eye(4)[1].reshape(2, 2), 0.5)),
    check=_mixture,
    refutable=lambda *drawn: _mixture(*drawn, sign=-1),  # false: the other way round, as if they were concave
)


def _welfare(game: NormalFormGame) -> Check:
    best = [
        sum(oracles.payoff(game, oracles.independent(profile), i) for i in range(2))
        for profile in oracles.nash_of_two_by_two(game)
    ]
    least, largest = correlated_extremes(game)
    least_of_all, largest_of_all = oracles.correlated_welfare(game)
    return Check.everywhere([max(best), least, least_of_all, largest], [largest, min(best), least, largest_of_all])


def _no_better_than_nash(game: NormalFormGame) -> Check:
    best = [
        sum(oracles.payoff(game, oracles.independent(profile), i) for i in range(2))
        for profile in oracles.nash_of_two_by_two(game)
    ]
    return Check(correlated_equilibrium(game).welfare, max(best))


welfare = Theorem(
    name="correlated-welfare",
    statement=(
        r"The welfare of every Nash equilibrium lies between the least and the largest one of correlated equilibria;"
        r" these may be strictly better than all of them, and so lie outside of their convex hull."
    ),
    source="aumann1974",
    assumptions=r"$2 \times 2$ games, whose equilibria are written down",
    instances=games(st.just((2, 2))) | st.just(_CHICKEN),
    check=_welfare,
    refutable=_no_better_than_nash,  # false: chicken, 10.5 against 28/3
)


def _prices(game: NormalFormGame, objective: np.ndarray, is_coarse: bool, prices: list[float]) -> Check:
    G = oracles.deviations(game, coarse=is_coarse)
    y = np.resize(prices, len(G)).astype(float)
    found = correlated_equilibrium(game, objective, coarse=is_coarse)
    return Check(float((found.joint * objective).sum()), (objective.ravel() - G.T @ y).max())


_WELFARE_OF_CHICKEN = (_CHICKEN, sum(_CHICKEN.payoffs), False, [0, 0, 0.75, 0])
"""Each answer to the first advice by the second action has a price of 3/4: 12 - 3/2 = 9 + 3/2 = 21/2."""


def _negative_prices(game: NormalFormGame, objective: np.ndarray, is_coarse: bool, prices: list[float]) -> Check:
    return _prices(game, objective, is_coarse, [-y for y in prices])


weak_duality = Theorem(
    name="correlated-prices-bound-every-objective",
    statement=(
        r"No (coarse) correlated equilibrium is worth more than $\max_a (c - G^\top y)_a$, for any prices $y \ge 0$ of"
        r" deviations."
    ),
    source="hart1989; derived here",
    assumptions=r"$c$ and $y \ge 0$ arbitrary",
    instances=paired(
        games(), joints, lambda game: st.booleans(), lambda game: st.lists(st.integers(0, 3), min_size=1, max_size=12)
    )
    | st.just((_CHICKEN, -oracles.deviations(_CHICKEN, coarse=False).sum(axis=0).reshape(2, 2), False, [1]))
    | st.just(_WELFARE_OF_CHICKEN),
    check=_prices,
    refutable=_negative_prices,  # false: prices that pay for deviations
    tight=lambda: _prices(*_WELFARE_OF_CHICKEN),
    tight_ratio=0.999999,
    attained_by="The welfare of chicken, at the best prices,",
)


def _marginals(game: NormalFormGame, joint: np.ndarray, *, against: NormalFormGame | None = None) -> Check:
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    untold = [oracles.coarse_gain(against or game, joint, i) for i in range(2)]
    return Check.equal(sum(oracles.nash_gain(game, (p, q), i) for i in range(2)), bounds.marginals_gap(untold))


def _marginals_of_common_interest(game: NormalFormGame, joint: np.ndarray) -> Check:
    A = game.payoffs[0]
    return _marginals(NormalFormGame([A, A]), joint)


marginals = Theorem(
    name="zero-sum-coarse-marginals",
    statement=(
        r"In a zero-sum game the duality gap of the marginals of a joint law is the sum of both players' coarse gains:"
        r" the marginals of a coarse correlated equilibrium are optimal strategies."
    ),
    source="derived here",
    assumptions=r"two players, zero sum; any law over joint actions",
    instances=paired(zero_sum_games(), joints) | st.just((_PENNIES, _SAME_SIDE)),
    check=_marginals,
    refutable=_marginals_of_common_interest,  # false: for players who want the same
)


def _value(game: NormalFormGame, joint: np.ndarray, *, factor: float = 1.0) -> Check:
    distance = abs(oracles.payoff(game, joint, 0) - oracles.value(game.payoffs[0]))
    return Check(distance, factor * bounds.zero_sum_value_error(correlated_gains(game, joint, coarse=True)))


zero_sum_value = Theorem(
    name="zero-sum-coarse-value",
    statement=(
        r"In a zero-sum game $|u_1(x) - v| \le \max_i g_i$, with $g$ the coarse gains under the law $x$: every (coarse)"
        r" correlated equilibrium is worth the value."
    ),
    source="derived here",
    assumptions=r"two players, zero sum; any law over joint actions",
    instances=paired(zero_sum_games(), joints) | st.just((_PENNIES, _SAME_SIDE)),
    check=_value,
    refutable=lambda game, joint: _value(game, joint, factor=0.9),
    tight=lambda: _value(_PENNIES, _SAME_SIDE),
    tight_ratio=0.999999,
    attained_by="Matching pennies, where both are told the same side,",
)


THEOREMS = (independent_play, coarse, convexity, welfare, weak_duality, marginals, zero_sum_value)
"""In the order in which one would teach them."""

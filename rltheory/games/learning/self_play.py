r"""Self-play: all players learn at once, each by a rule, from what the others played.

.. math:: p_{t,i} = \mathrm{strategy}_i(z_{t-1,i}), \qquad g_{t,i}(a) = u_i(a, p_{t,-i}) / \mathrm{range}(u_i).

A player's external regret after T rounds, over T, is what she gains by ignoring a mediator who draws a round at random
and advises what was played in it (Hart and Mas-Colell 2000). So the mean joint law is a coarse correlated equilibrium
up to the largest regret over T, a correlated one up to the largest swap regret over T; and in a zero-sum game the sum
of the two regrets over T is the duality gap of the averages (Freund and Schapire 1999).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from rltheory.games.deviations import correlated_gains, deviation_payoffs, nash_conv
from rltheory.games.learning import _kernels
from rltheory.games.learning.rule import Rule, checked_rounds
from rltheory.games.learning.run import LearningRun, averages
from rltheory.games.normal_form import NormalFormGame, checked_profile
from rltheory.models import ModelError

Profile = tuple[np.ndarray, ...]
Block = list[np.ndarray]
_BLOCK = 64  # rounds that are added to the joint law at once


def plays(game: NormalFormGame, rules: Rule | Sequence[Rule], rounds: int) -> Iterator[Profile]:
    """Yield the profile of each round.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    rules : Rule or sequence of n Rule
        How the players learn; one rule serves all.
    rounds : int
        How many.

    Yields
    ------
    tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        Mixed strategies.

    Raises
    ------
    ModelError
        If there are neither one rule nor n, or ``rounds`` is not a whole number of at least 1.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import plays, regret_matching
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> sum(1 for profile in plays(pennies, regret_matching(), rounds=5))
    5
    """
    return _plays(_in_units_of_the_range(game), _one_each(game, rules), checked_rounds(rounds))


def self_play(
    game: NormalFormGame, rules: Rule | Sequence[Rule], rounds: int, *, checkpoints: Any = None
) -> LearningRun:
    """Let the players learn, and certify what they played; two players of the usual rules run in a compiled loop.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    rules : Rule or sequence of n Rule
        How the players learn; one rule serves all.
    rounds : int
        How many.
    checkpoints : array_like of int, optional
        After how many rounds regrets and gaps are recorded, besides the last; by default the powers of two.

    Returns
    -------
    LearningRun

    Raises
    ------
    ModelError
        If there are neither one rule nor n, ``rounds`` is not a whole number of at least 1, or a checkpoint is not
        within them.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import optimistic_hedge, self_play
    >>> game = NormalFormGame.zero_sum([[2, 0], [0, 1]])
    >>> run = self_play(game, optimistic_hedge(step=0.5), rounds=1000)
    >>> run.average.exploitability < 0.01
    True
    """
    rules, rounds = _one_each(game, rules), checked_rounds(rounds)
    scaled = _in_units_of_the_range(game)
    if game.n_players == 2 and all(rule.kernel is not None for rule in rules):
        next_block = _compiled(scaled, rules)
    else:
        next_block = _gathered(_plays(scaled, rules, rounds))
    names = ", ".join(dict.fromkeys(rule.name for rule in rules))
    return _recorded(game, next_block, names, rounds, checkpoints)


def record(
    game: NormalFormGame, profiles: Iterable[Any], rounds: int, *, method: str, checkpoints: Any = None
) -> LearningRun:
    """Certify what was played, whoever played it.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    profiles : iterable of profiles
        One a round; no more than ``rounds`` are taken.
    rounds : int
        How many.
    method : str
        Where they come from.
    checkpoints : array_like of int, optional
        As for `self_play`.

    Returns
    -------
    LearningRun

    Raises
    ------
    ModelError
        If there are fewer profiles than rounds, one does not fit the game, or as for `self_play`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import fictitious_play, record
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> run = record(pennies, fictitious_play(pennies), rounds=1000, method="fictitious play")
    >>> bool(run.gaps[-1] < 0.1)
    True
    """
    checked = (checked_profile(game, profile) for profile in profiles)
    return _recorded(game, _gathered(checked), method, checked_rounds(rounds), checkpoints)


def _one_each(game: NormalFormGame, rules: Rule | Sequence[Rule]) -> tuple[Rule, ...]:
    given = (rules,) * game.n_players if isinstance(rules, Rule) else tuple(rules)
    if len(given) != game.n_players:
        raise ModelError(f"there are {len(given)} rules; the game has {game.n_players} players: give one, or one each")
    return given


def _in_units_of_the_range(game: NormalFormGame) -> NormalFormGame:
    ranges = game.payoff_ranges
    return NormalFormGame([u / (width if width > 0 else 1.0) for u, width in zip(game.payoffs, ranges, strict=True)])


def _plays(game: NormalFormGame, rules: Sequence[Rule], rounds: int) -> Iterator[Profile]:
    states = [rule.start(m) for rule, m in zip(rules, game.n_actions, strict=True)]
    for _ in range(rounds):
        profile = tuple(rule.strategy(state) for rule, state in zip(rules, states, strict=True))
        yield profile
        seen = zip(rules, states, profile, deviation_payoffs(game, profile), strict=True)
        states = [rule.update(state, p, g) for rule, state, p, g in seen]


def _gathered(profiles: Iterator[Profile]) -> Callable[[int], Block]:
    def next_block(k: int) -> Block:
        found = list(islice(profiles, k))
        if len(found) < k:
            raise ModelError(f"the profiles end {k - len(found)} rounds too early; there must be one a round")
        return [np.stack(strategies) for strategies in zip(*found, strict=True)]

    return next_block


def _compiled(game: NormalFormGame, rules: Sequence[Rule]) -> Callable[[int], Block]:
    m, n = game.n_actions
    against = np.ascontiguousarray(game.payoffs[0].T), np.ascontiguousarray(game.payoffs[1])
    kernels, steps = np.array([rule.kernel for rule in rules]), np.array([rule.step for rule in rules])
    states = np.zeros(m), np.zeros(m), np.zeros(n), np.zeros(n)

    def next_block(k: int) -> Block:
        block = [np.empty((k, m)), np.empty((k, n))]
        _kernels.play_block(*against, kernels, steps, *states, *block)
        return block

    return next_block


def _recorded(
    game: NormalFormGame, next_block: Callable[[int], Block], method: str, rounds: int, checkpoints: Any
) -> LearningRun:
    ends = _checked_checkpoints(checkpoints, rounds)
    total, played, regrets, gaps = np.zeros(game.n_actions), 0, [], []
    for end in ends:
        while played < end:
            block = next_block(min(_BLOCK, end - played))
            _add_joint(block, total)
            played += len(block[0])
        law = total / total.sum()
        regrets.append(end * correlated_gains(game, law, coarse=True))
        gaps.append(nash_conv(game, averages(law)))
    last = tuple(strategies[-1].copy() for strategies in block)
    return LearningRun(game, method, rounds, law, last, np.array(ends), np.array(regrets), np.array(gaps))


def _add_joint(block: Block, total: np.ndarray) -> None:
    """Add the laws of joint actions of the rounds of a block."""
    *others, final = block
    law = np.ones((len(final), 1))
    for strategies in others:
        law = (law[:, :, None] * strategies[:, None, :]).reshape(len(final), -1)
    _kernels.add_products(law, final, total.reshape(-1, final.shape[1]))


def _checked_checkpoints(checkpoints: Any, rounds: int) -> list[int]:
    if checkpoints is None:
        return sorted({2**k for k in range(rounds.bit_length())} | {rounds})
    given = list(np.atleast_1d(checkpoints))
    for t in given:
        if not isinstance(t, (int, np.integer)):
            raise ModelError(f"checkpoints has {t}; they are whole numbers of rounds")
    ends = {*map(int, given), rounds}
    if not 1 <= min(ends) <= max(ends) <= rounds:
        wrong = next(t for t in sorted(ends) if not 1 <= t <= rounds)
        raise ModelError(f"checkpoints has {wrong}; with {rounds} rounds they are 1..{rounds}")
    return sorted(ends)

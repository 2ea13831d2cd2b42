r"""A rule of learning: how a player who sees the gain of every action, round after round, chooses the next strategy.

In round t the player holds a state :math:`z_{t-1}`, plays a mixed strategy :math:`p_t`, is shown the gains
:math:`g_t \in \mathbb{R}^n` of all her actions, and moves on:

.. math:: p_t = \mathrm{strategy}(z_{t-1}), \qquad z_t = \mathrm{update}(z_{t-1}, p_t, g_t).

A rule is these two functions and :math:`z_0`; none of them keeps anything. Players are shown their payoffs in units of
their own payoff range (`self_play`), so that a step size means the same in every game: it is one for gains in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid


class Rule(NamedTuple):
    """Three pure functions, and which compiled loop does the same.

    Parameters
    ----------
    name : str
        For people.
    start : callable
        ``start(n)`` is the state of a player with n actions before the first round.
    strategy : callable
        ``strategy(state)`` is the mixed strategy, shape (n,).
    update : callable
        ``update(state, strategy, gains)`` is the next state.
    kernel : int, optional
        Which branch of the compiled loop of two players is this rule; by default none.
    step : float
        The step size, of rules that have one.
    """

    name: str
    start: Callable[[int], Any]
    strategy: Callable[[Any], np.ndarray]
    update: Callable[[Any, np.ndarray, np.ndarray], Any]
    kernel: int | None = None
    step: float = 0.0

    def __repr__(self) -> str:
        return f"Rule({self.name})"


def zeros(n: int) -> np.ndarray:
    """Return n zeros: the state of a player who has seen nothing."""
    return np.zeros(n)


def uniform(n: int) -> np.ndarray:
    """Return the uniform strategy over n actions."""
    return np.full(n, 1 / n)


def checked_step(step: Any) -> float:
    """Return a step size as a float.

    Raises
    ------
    ModelError
        If it is not a finite number above 0.
    """
    if not isinstance(step, (int, float, np.integer, np.floating)) or not 0 < step < np.inf:
        raise ModelError(f"step is {step!r}; a step size is a finite number above 0")
    return float(step)


def checked_rounds(rounds: Any) -> int:
    """Return a number of rounds as an int.

    Raises
    ------
    ModelError
        If it is not a whole number of at least 1.
    """
    if isinstance(rounds, bool) or not isinstance(rounds, (int, np.integer)) or rounds < 1:
        raise ModelError(f"rounds is {rounds!r}; a number of rounds is whole and at least 1")
    return int(rounds)


def checked_gains(gains: Any) -> np.ndarray:
    """Return a sequence of gains as an array of shape (T, n).

    Raises
    ------
    ModelError
        If it has other than two axes, no round, no action, or an entry that is not finite; the message says where.
    """
    g = valid.real_array(gains, "gains")
    if g.ndim != 2 or 0 in g.shape:
        raise ModelError(f"gains has shape {g.shape}; it must be (rounds, actions), with at least one of each")
    bad = np.argwhere(~np.isfinite(g))
    if bad.size:
        t, a = map(int, bad[0])
        raise ModelError(f"the gain of action {a} in round {t} is {g[t, a]}; gains are finite")
    return g


def strategies_against(rule: Rule, gains: Any) -> np.ndarray:
    """Return what a rule plays against a given sequence of gains.

    Parameters
    ----------
    rule : Rule
        How the player learns.
    gains : array_like, shape (T, n)
        ``gains[t, a]`` is the gain of action a in round t; it is shown to the rule as it is.

    Returns
    -------
    ndarray, shape (T, n)
        The mixed strategy of each round, chosen before its gains are seen.

    Raises
    ------
    ModelError
        If the gains are not of this shape, or not finite.

    Examples
    --------
    >>> from rltheory.games.learning import regret_matching, strategies_against
    >>> strategies_against(regret_matching(), [[1, 0], [0, 1], [0, 1]])
    array([[0.5, 0.5],
           [1. , 0. ],
           [0.5, 0.5]])
    """
    gains = checked_gains(gains)
    state = rule.start(gains.shape[1])
    played = np.empty(gains.shape)
    for t, g in enumerate(gains):
        played[t] = rule.strategy(state)
        state = rule.update(state, played[t], g)
    return played

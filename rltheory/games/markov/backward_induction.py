r"""Markov games of finite horizon: from the last step to the first, solve one game in normal form for each state.

With :math:`v_{i, H} = 0`, the stage game of step t and state s has the payoffs

.. math:: Q_{i, t}(s, a) = r_{i, t}(s, a) + \gamma \sum_{s'} P_t(s' \mid s, a)\, v_{i, t+1}(s'),

and :math:`v_{i, t}(s)` is what player i receives at its equilibrium, of whatever kind: Nash (Fink 1964), correlated,
coarse correlated, quantal response. If no player gains more than :math:`\delta_t` in any stage game of step t, no
player gains more than :math:`\sum_t \gamma^t \delta_t` in the game (`bounds.markov.stage_gap_accumulation`): against
the others, :math:`v^{dev}_t \le \max_{a_i} (r + \gamma P v_{t+1}) + \gamma \max (v^{dev}_{t+1} - v_{t+1})`. The answer
says what a player gains indeed, by solving her MDP.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from rltheory.games.equilibrium import CorrelatedEquilibrium, Equilibrium
from rltheory.games.markov.certificate import markov_gains, profile_value
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.shapley import certified
from rltheory.games.markov.solution import MarkovEquilibrium, ZeroSumSolution
from rltheory.games.markov.stage_games import require_zero_sum, shapley_backup
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError

StageSolver = Callable[[NormalFormGame], Equilibrium | CorrelatedEquilibrium]
"""From a game in normal form to one equilibrium of it, with its gains."""


def zero_sum_backward_induction(game: MarkovGame) -> ZeroSumSolution:
    """Solve a zero-sum Markov game of finite horizon exactly, up to rounding, which is bounded.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, with a horizon.

    Returns
    -------
    ZeroSumSolution
        ``value`` of shape (H + 1, n_states), policies of shapes (H, n_states, m) and (H, n_states, n).

    Raises
    ------
    CriterionError
        If the game is not zero-sum, or has no horizon.

    References
    ----------
    Shapley (1953); Bellman (1957), chapter X.

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, zero_sum_backward_induction
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=1.0, H=3)
    >>> zero_sum_backward_induction(game).value[0].round(12)
    array([2.7])
    """
    require_zero_sum(game, discounted=False)
    return certified(game, backward_profile(game), "backward induction", tol=math.inf, history=[], limited=False)


def backward_profile(game: MarkovGame) -> tuple[np.ndarray, np.ndarray]:
    """Return policies of both players that are optimal in the matrix games of all steps, from the last one."""
    v, policies = np.zeros(game.n_states), []
    for t in reversed(range(game.H or 0)):
        sweep = shapley_backup(game, v, t)
        policies.append((sweep.p, sweep.q))
        v = sweep.backed_up
    p, q = (np.stack(steps) for steps in zip(*reversed(policies), strict=True))
    return p, q


def stagewise_equilibrium(game: MarkovGame, stage: StageSolver) -> MarkovEquilibrium:
    """Find an equilibrium of a Markov game of finite horizon by backward induction with any solver of stage games.

    Parameters
    ----------
    game : MarkovGame
        With a horizon.
    stage : callable
        From a `NormalFormGame` to an `Equilibrium` or a `CorrelatedEquilibrium`; called H * n_states times.

    Returns
    -------
    MarkovEquilibrium
        ``value`` is the expected return of each player. ``gains`` are proven by solving each player's MDP against the
        others, or against the mediator, whose advice she hears before she acts if stages are correlated equilibria.

    Raises
    ------
    CriterionError
        If the game has no horizon.

    References
    ----------
    Fink (1964); backward induction with correlated equilibria as in Liu et al. (2021), section 5.

    Examples
    --------
    A prisoners' dilemma of three rounds, in which both defect to the end:

    >>> from rltheory.games import nash_profile
    >>> from rltheory.games.markov import MarkovGame, stagewise_equilibrium
    >>> dilemma = [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]]
    >>> game = MarkovGame.from_arrays([[[[1], [1]], [[1], [1]]]], dilemma, gamma=1.0, H=3)
    >>> stagewise_equilibrium(game, lambda g: nash_profile(g, [1, 1], method="by hand"))
    MarkovEquilibrium(Nash, exploitability=..., start value (3, 3), backward induction with by hand)
    """
    require_horizon(game)
    v, stages = np.zeros((game.n_players, game.n_states)), StageAnswers(game)
    for t in reversed(range(game.H or 0)):
        payoffs = game.rewards(t) + game.gamma * (game.rows(t) @ v.T).T
        stages.solve(stage, payoffs)
        v = np.add.reduceat(stages.laws[-1] * payoffs, game.joint_start[:-1], axis=1)
    profile, law = stages.played()
    played = law if profile is None else profile
    advised = stages.concept == "correlated"
    return MarkovEquilibrium(
        game,
        profile,
        law,
        np.stack([own.value for own in profile_value(game, played)]),
        markov_gains(game, played, advised=advised),
        stages.gains(),
        stages.concept,
        f"backward induction with {stages.method}",
    )


def require_horizon(game: MarkovGame) -> None:
    """Refuse a game without a horizon.

    Raises
    ------
    CriterionError
        The message says what to do.
    """
    if game.H is None:
        raise CriterionError(
            f"{game!r} has no horizon, so backward induction has no last step to begin with; give it a number H of"
            " steps (at gamma < 1, what comes after them is worth at most gamma**H max |r| / (1 - gamma))"
        )


class StageAnswers:
    """The equilibria of all stage games, collected from the last step to the first."""

    def __init__(self, game: MarkovGame) -> None:
        self.game = game
        self.steps: list[list[Equilibrium | CorrelatedEquilibrium]] = []
        self.laws: list[np.ndarray] = []

    def solve(self, stage: StageSolver, payoffs: np.ndarray) -> np.ndarray:
        """Solve the stage games of one step, given the payoffs of all joint rows; return the values (n, n_states)."""
        answers = [stage(self.game.stage_of(payoffs, s)) for s in range(self.game.n_states)]
        law = np.concatenate([answer.joint.reshape(-1) for answer in answers])
        self.steps.append(answers)
        self.laws.append(
            law / np.repeat(np.add.reduceat(law, self.game.joint_start[:-1]), np.diff(self.game.joint_start))
        )
        return np.stack([answer.value for answer in answers], axis=1)

    @property
    def concept(self) -> str:
        """Which equilibrium the stages are."""
        return self.steps[0][0].concept

    @property
    def method(self) -> str:
        """How the stages were solved."""
        return self.steps[0][0].method

    def played(self) -> tuple[tuple[np.ndarray, ...] | None, np.ndarray | None]:
        """Return a policy (H, n_states, m_i) for each player, or else the mediator's law (H, n_joint)."""
        if isinstance(self.steps[0][0], CorrelatedEquilibrium):
            return None, np.stack(self.laws[::-1])
        H, n_states = len(self.steps), self.game.n_states
        profile = tuple(np.zeros((H, n_states, m)) for m in self.game.n_actions)
        for t, answers in enumerate(reversed(self.steps)):
            for s, answer in enumerate(answers):
                for i, own in enumerate(answer.profile):  # type: ignore[union-attr]
                    profile[i][t, s, : own.size] = own
        return profile, None

    def gains(self) -> np.ndarray:
        """Return the gains in all stage games, shape (n_players, H, n_states)."""
        return np.array([[answer.gains for answer in answers] for answers in reversed(self.steps)]).transpose(2, 0, 1)

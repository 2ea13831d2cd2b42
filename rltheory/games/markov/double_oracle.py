r"""The double oracle in a zero-sum Markov game: restrict the actions, solve, and let planning answer in the full game.

Each player has a set of actions in each state, at first one. In each round the restricted Markov game is solved, each
player's best response to the other's policy is found in the *full* game, by solving an MDP, and its actions are added
where it leaves the set. The best responses certify the policies that are really played, by their gap in the full game.
Every round but the last adds an action somewhere, so that there are at most
:math:`1 + \sum_s (m(s) - 1) + (n(s) - 1)` of them (`bounds.markov.markov_double_oracle_rounds`).

Oracles that add whole policies (PSRO; Lanctot et al. 2017) mix over them once, before play begins. A player who faces
such a mixture does not face an MDP: she learns, from what she sees, which policy was drawn, so that her best response
remembers the past; and there is no Markov policy that is as good as the mixture against every opponent, only against
a given one, with the same occupancy. To add actions of states and not policies, as McAleer et al. (2021) do in games in
extensive form, keeps play Markov and both best responses exact, and the rounds linear, not exponential, in the states.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.markov.backward_induction import backward_profile
from rltheory.games.markov.certificate import best_response
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.newton import NewtonStep
from rltheory.games.markov.shapley import certified, stages_until_proven
from rltheory.games.markov.solution import ZeroSumSolution
from rltheory.games.markov.stage_games import require_zero_sum
from rltheory.planning.value_iteration import checked_limit, checked_tol

_FOR_RESTRICTED = 0.25  # of tol: the accuracy of restricted games, so that a best response within them ends the rounds


def markov_double_oracle(game: MarkovGame, *, tol: float = 1e-8, max_rounds: int | None = None) -> ZeroSumSolution:
    """Solve a zero-sum Markov game through the actions that best responses ask for.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, discounted or with a horizon.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_rounds : int, optional
        Limit on rounds; by default none, since actions run out.

    Returns
    -------
    ZeroSumSolution
        One round of ``iterations`` is one restricted game and two MDPs; ``history`` has the gap in the full game after
        each.

    Raises
    ------
    CriterionError
        If the game is not zero-sum.
    ModelError
        If ``tol`` or ``max_rounds`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    McMahan, Gordon and Blum (2003); McAleer et al. (2021).

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, markov_double_oracle
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=0.5)
    >>> markov_double_oracle(game).value.round(8)
    array([1.8])
    """
    require_zero_sum(game)
    limit, widths = checked_limit(max_rounds, "max_rounds"), []
    checked_tol(tol)
    kept = [np.arange(m) < np.ones((game.n_states, 1)) for m in game.n_actions]  # the first action of each state
    while True:
        profile = _restricted_profile(game, kept, _FOR_RESTRICTED * tol)
        answers = [best_response(game, profile, player, tol=tol) for player in (0, 1)]
        widths.append(float((answers[0].value + answers[1].value).max()))
        added = [_add(mask, answer.policy) for mask, answer in zip(kept, answers, strict=True)]
        limited = limit is not None and len(widths) >= limit
        if widths[-1] <= 0.5 * tol or not any(added) or limited:
            return certified(
                game, profile, "double oracle", tol=tol, history=widths, limited=limited, responses=answers
            )


def _restricted_profile(game: MarkovGame, kept: list[np.ndarray], tol: float) -> tuple[np.ndarray, np.ndarray]:
    """Solve the game in which players have only the actions kept, and say its policies in the full game."""
    actions, state = game.joint_actions, game.joint_state
    rows = np.flatnonzero(kept[0][state, actions[:, 0]] & kept[1][state, actions[:, 1]])
    steps = game.P.shape[0] // game.n_joint
    P = game.P[(np.arange(steps)[:, None] * game.n_joint + rows).reshape(-1)]
    counts = np.stack([mask.sum(axis=1) for mask in kept], axis=1)
    small = MarkovGame(P, game.r[..., rows], counts, game.gamma, game.H, game.mu)
    if game.H is None:
        profile, _, _ = stages_until_proven(small, NewtonStep(small, tol), tol=tol, limit=None, patience=2)
    else:
        profile = backward_profile(small)
    first, second = (_spread(policy, mask) for policy, mask in zip(profile, kept, strict=True))
    return first, second


def _spread(policy: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return a policy over the actions kept as one over all, the others never played."""
    full = np.zeros((*policy.shape[:-1], kept.shape[1]))
    states, actions = np.nonzero(kept)
    position = (np.cumsum(kept, axis=1) - 1)[states, actions]
    full[..., states, actions] = policy[..., states, position]
    return full


def _add(kept: np.ndarray, policy: np.ndarray) -> bool:
    """Keep the actions of a pure policy, of all its steps, from now on; return whether one of them is new."""
    before = int(kept.sum())
    kept[np.broadcast_to(np.arange(len(kept)), policy.shape), policy] = True
    return int(kept.sum()) > before

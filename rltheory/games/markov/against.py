r"""One player against fixed others: a Markov game becomes an MDP.

With :math:`\sigma_{-i}(a_{-i} \mid s)` the probability that the others play :math:`a_{-i}`, player i faces

.. math::

   P(s' \mid s, a_i) = \sum_{a_{-i}} \sigma_{-i}(a_{-i} \mid s)\, P(s' \mid s, a_i, a_{-i}), \qquad
   r(s, a_i) = \sum_{a_{-i}} \sigma_{-i}(a_{-i} \mid s)\, r_i(s, a_i, a_{-i}) ,

so that the solvers of `rltheory.planning` find her best response, and prove it. A player who first hears a mediator's
advice has the advice in her state as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.profiles import checked_law, joint_law, others_group, others_law, own_pair
from rltheory.models import MDP, FiniteHorizonMDP, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def game_against(game: MarkovGame, profile: Any, player: int) -> MDP | FiniteHorizonMDP:
    """Return the MDP that a player faces when the others play their part of a profile.

    Parameters
    ----------
    game : MarkovGame
        The game.
    profile : sequence of n policies, or ndarray
        A policy for each player (that of ``player`` is checked, but does not matter), or a mediator's law over joint
        actions, of shape (n_joint,) or (H, n_joint).
    player : int
        Who is free.

    Returns
    -------
    MDP or FiniteHorizonMDP
        With the game's states, and this player's actions.

    Raises
    ------
    ModelError
        If the profile does not fit the game, or there is no such player.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.games.markov import MarkovGame, game_against
    >>> pennies = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[1, -1], [-1, 1]]], gamma=0.5)
    >>> rl.policy_iteration(game_against(pennies, [[0], [[0.75, 0.25]]], 0)).value
    array([1.])
    """
    checked_player(game, player)
    rows = _gathering(own_pair(game, player), others_law(game, profile, player), game.pairs(player).n_pairs)
    return _averaged(game, rows, player, game.pairs(player).pair_start)


def game_under_advice(game: MarkovGame, law: Any, player: int) -> tuple[MDP | FiniteHorizonMDP, np.ndarray]:
    r"""Return the MDP of a player who hears a mediator's advice before she acts, while the others obey theirs.

    Its states are pairs of a state and an advice :math:`a_i`; acting :math:`a'` there averages over
    :math:`x(a_{-i} \mid s, a_i)`, and the next advice comes with the next state.

    Parameters
    ----------
    game : MarkovGame
        The game.
    law : ndarray, shape (n_joint,) or (H, n_joint)
        The mediator's.
    player : int
        Who hears.

    Returns
    -------
    mdp : MDP or FiniteHorizonMDP
        States are the player's pairs of state and advice; advice that is never given is taken for one at which all
        joint actions of the others have the same probability.
    advice : ndarray, shape (T, n_states, n_pairs)
        The probability of each advice in each state, at each step (T = 1 if it does not change).

    Raises
    ------
    ModelError
        If the law does not fit the game, or there is no such player.
    """
    checked_player(game, player)
    law, own, pairs = checked_law(game, law), own_pair(game, player), game.pairs(player)
    given = np.stack([np.bincount(own, step, minlength=pairs.n_pairs) for step in law])
    sizes = np.bincount(own)
    conditional = np.where(given[:, own] > 0, law / np.where(given[:, own] > 0, given[:, own], 1), 1 / sizes[own])
    conditional /= np.stack([np.bincount(own, step) for step in conditional])[:, own]
    advice = np.zeros((len(law), game.n_states, pairs.n_pairs))
    advice[:, pairs.pair_state, np.arange(pairs.n_pairs)] = given
    # Row (s, advice, a') averages over the joint rows that keep the others' actions and exchange the own one for a'.
    counts = pairs.action_counts[pairs.pair_state]
    start = np.concatenate([[0], np.cumsum(counts)])
    stride = game.action_counts[:, player + 1 :].prod(axis=1)[game.joint_state]
    repeat = pairs.action_counts[game.joint_state]
    advised = np.repeat(np.arange(game.n_joint), repeat)
    acted = np.arange(advised.size) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    columns = others_group(game, player)[advised] + acted * stride[advised]
    rows = _gathering(start[own[advised]] + acted, conditional[:, advised], int(start[-1]), columns, game.n_joint)
    return _averaged(game, rows, player, start, advice), advice


def induced_chain(game: MarkovGame, profile: Any, player: int) -> MDP | FiniteHorizonMDP:
    """Return the MDP of one action a state in which all play a profile, or a law, and this player is paid."""
    rows = _gathering(game.joint_state, joint_law(game, profile), game.n_states)
    return _averaged(game, rows, player, np.arange(game.n_states + 1))


def checked_player(game: MarkovGame, player: int) -> int:
    """Return the number of a player, refusing one that does not play."""
    if not 0 <= player < game.n_players:
        raise ModelError(f"player is {player}; players are 0..{game.n_players - 1}")
    return player


def _gathering(
    row: np.ndarray, weights: np.ndarray, n_rows: int, column: np.ndarray | None = None, n_columns: int | None = None
) -> list[csr_array]:
    """Return a sparse array for each step that averages joint rows, from row, column and weight of its entries."""
    from scipy.sparse import csr_array

    order = np.argsort(row, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))])
    column = order if column is None else column[order]
    shape = (n_rows, row.size if n_columns is None else n_columns)
    found = []
    for step in weights:
        average = csr_array((step[order], column, indptr), shape=shape, copy=True)
        average.eliminate_zeros()  # in place, which is why the steps do not share their arrays
        found.append(average)
    return found


def _averaged(
    game: MarkovGame, averages: list[csr_array], player: int, pair_start: np.ndarray, advice: np.ndarray | None = None
) -> MDP | FiniteHorizonMDP:
    """Return the MDP whose rows are averages of joint rows, with advice drawn at the next state if there is any."""
    from scipy.sparse import csr_array, vstack

    n_steps = 1 if len(averages) == 1 and game.is_stationary else (game.H or 1)
    rows, rewards = [], []
    for t in range(n_steps):
        average = averages[t if len(averages) > 1 else 0]
        P = average @ game.rows(t)
        if advice is not None:
            P = P @ csr_array(advice[min(t + 1, len(advice) - 1)])
        rows.append(P)
        rewards.append(average @ game.rewards(t)[player])
    mu = game.mu if advice is None else game.mu @ advice[0]
    names = game.state_names if advice is None else None
    if game.H is None:
        return MDP(rows[0], rewards[0], game.gamma, mu, pair_start, names)
    P = csr_array(vstack(rows, format="csr")) if n_steps > 1 else rows[0]
    r = np.stack(rewards) if n_steps > 1 else rewards[0]
    return FiniteHorizonMDP(P, r, game.H, game.gamma, mu, pair_start, names)

r"""How the players of a Markov game play: each on her own, or all as a mediator tells them.

A *policy* of player i is an array of actions (n_states,), or of probabilities (n_states, m_i), after H if it changes
with the step; a *profile* is a policy for each player, played independently. A *law* is one array of shape (n_joint,),
or (H, n_joint): in each state a distribution over joint actions, which a mediator draws from in public.

Both give the law of what the others do in a state, by which the rows of joint actions are averaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.games.markov.game import MarkovGame
from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.models._policies import checked_policy


def is_law(profile: Any) -> bool:
    """Whether this is a mediator's law over joint actions, and not a policy for each player."""
    return isinstance(profile, np.ndarray) and profile.dtype.kind == "f" and profile.ndim <= 2


def checked_law(game: MarkovGame, law: Any) -> np.ndarray:
    """Return a law over joint actions of shape (T, n_joint), T being 1 or H, each state's divided by its sum.

    Raises
    ------
    ModelError
        If it is not a distribution in some state, which is named.
    """
    x = valid.real_array(law, "the law")
    shapes = [(game.n_joint,)] + ([] if game.H is None else [(game.H, game.n_joint)])
    if x.shape not in shapes:
        raise ModelError(f"the law has shape {x.shape}; for this game it must be {' or '.join(map(str, shapes))}")
    x = np.atleast_2d(x)
    sums = np.add.reduceat(x, game.joint_start[:-1], axis=1)
    wrong = ~(np.minimum.reduceat(x, game.joint_start[:-1], axis=1) >= 0)
    wrong |= ~(np.abs(sums - 1) <= valid.ROW_SUM_TOLERANCE)
    if wrong.any():
        t, s = (int(k) for k in np.argwhere(wrong)[0])
        step = f"step {t}, " if len(x) > 1 else ""
        raise ModelError(
            f"the law of {step}state {s} is {x[t, game.joint_start[s] : game.joint_start[s + 1]]}; it must be a"
            " distribution over joint actions"
        )
    return x / np.repeat(sums, np.diff(game.joint_start), axis=1)


def checked_policies(game: MarkovGame, profile: Any) -> tuple[np.ndarray, ...]:
    """Return probabilities of shape (T, n_states, m_i) for each player, T being 1 or H; they sum to one.

    Raises
    ------
    ModelError
        If a policy is missing or does not fit; the message names the player, the step and the state.
    """
    profile = tuple(profile)
    if len(profile) != game.n_players:
        raise ModelError(f"the profile has {len(profile)} policies; the game has {game.n_players} players")
    return tuple(_probabilities(game, policy, i) for i, policy in enumerate(profile))


def _probabilities(game: MarkovGame, policy: Any, player: int) -> np.ndarray:
    pairs, policy = game.pairs(player), np.asarray(policy)
    stationary = policy.shape == (pairs.n_states,) or (policy.ndim == 2 and policy.dtype.kind == "f")
    steps = [policy] if stationary else list(policy)
    who = f"player {game.player_name(player)}"
    if len(steps) != (1 if stationary else game.H):
        raise ModelError(f"the policy of {who} has shape {policy.shape}; it must be stationary, or have H steps first")
    try:
        checked = [checked_policy(pairs, step) for step in steps]
    except ModelError as error:
        raise ModelError(f"{who}: {error}") from None
    full = np.stack([np.eye(pairs.n_actions)[step] if step.ndim == 1 else step for step in checked])
    return full / full.sum(axis=2, keepdims=True)


def joint_law(game: MarkovGame, profile: Any) -> np.ndarray:
    """Return the law over joint actions of a profile, shape (T, n_joint) with T being 1 or H."""
    return checked_law(game, profile) if is_law(profile) else _product(game, checked_policies(game, profile), None)


def others_law(game: MarkovGame, profile: Any, player: int) -> np.ndarray:
    """Return of each joint row the probability that the others play their part of it, shape (T, n_joint)."""
    if not is_law(profile):
        return _product(game, checked_policies(game, profile), player)
    law, group = checked_law(game, profile), others_group(game, player)
    return np.stack([np.bincount(group, step)[group] for step in law])


def _product(game: MarkovGame, policies: tuple[np.ndarray, ...], skipped: int | None) -> np.ndarray:
    state, actions = game.joint_state, game.joint_actions
    law = np.ones((max((len(p) for j, p in enumerate(policies) if j != skipped), default=1), game.n_joint))
    for j, p in enumerate(policies):
        if j != skipped:
            law *= p[:, state, actions[:, j]]
    return law


def others_group(game: MarkovGame, player: int) -> np.ndarray:
    """Return a number for the state and the others' actions of each joint row: the first row that has them."""
    counts = game.action_counts[:, player + 1 :].prod(axis=1)  # how far apart rows are that differ in the own action
    return np.arange(game.n_joint) - game.joint_actions[:, player] * counts[game.joint_state]


def own_pair(game: MarkovGame, player: int) -> np.ndarray:
    """Return the number of a player's pair of state and own action in each joint row."""
    return game.pairs(player).pair_start[game.joint_state] + game.joint_actions[:, player]

r"""What a policy is worth, exactly: $J(\pi) = \mathbb{E}_{\tau \sim \pi}[F(\tau)]$.

The distribution over nodes is carried forward, H steps. For a Markov policy, and for one that looks only at what was
touched, paths that have touched the same in another order share a node; for others a node is a path.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.submodular.choices import chooser, looks_at_paths
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.unfolding import Node, Unfolding


def policy_value(mdp: SubmodularMDP, policy: Any) -> float:
    r"""Compute $J(\pi)$ exactly, up to rounding, in reward units.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model; the number of nodes that the policy reaches must be manageable.
    policy : array_like, mapping or callable
        Markov: actions of shape (n_states,) or (H, n_states), or probabilities with a last axis of n_actions.
        History-dependent: a function of the path so far, a tuple of states, or a mapping from such tuples; what comes
        out is an action, or one probability for each action of the state. A `SetPolicy` looks at sets only.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If the policy does not fit the model or does not know a history that it reaches; the message names it.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> policy_value(coin_mirror(), [0, 0, 0, 0, 0, 0])
    1.5
    >>> policy_value(coin_mirror(), lambda path: int(path[1:2] == (1,)) if len(path) == 3 else 0)
    2.0
    """
    final = path_law(mdp, policy)
    unfolding = Unfolding(mdp, ordered=looks_at_paths(policy))
    return float(np.dot(list(final.values()), unfolding.values([memory for _, memory in final])))


def path_law(mdp: SubmodularMDP, policy: Any) -> dict[Node, float]:
    """Compute the law of what a policy has seen after H actions.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    policy : array_like, mapping or callable
        As for `policy_value`.

    Returns
    -------
    dict
        Probability of each pair of a last state and a memory: the sorted elements that were touched, or, for a policy
        that looks at paths, the path.

    Raises
    ------
    ModelError
        As for `policy_value`.
    """
    unfolding = Unfolding(mdp, ordered=looks_at_paths(policy))
    choose = chooser(mdp, policy)
    law = unfolding.start()
    for h in range(mdp.H):
        following: dict[Node, float] = {}
        for node, weight in law.items():
            for action, chance in choose(h, node):
                for after, p in unfolding.law(h, node, action):
                    following[after] = following.get(after, 0.0) + weight * chance * p
        law = following
    return law

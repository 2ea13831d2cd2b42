r"""The optimum of all policies, by dynamic programming over what was touched.

What a path is worth does not depend on the order of its visits, so that histories which are in the same state and have
touched the same elements T share their future:

.. math:: W_H(s, T) = F(T), \qquad
          W_h(s, T) = \max_a \sum_{s'} P_h(s' \mid s, a)\, W_{h+1}(s', T \cup \{s'\}).

Only nodes (s, T) that can be reached are made, step by step; there may still be exponentially many, as must be: the
problem is hard to approximate within a factor $\log^{1 - \epsilon}$ of its optimum (Chekuri and Pal 2005).
"""

from __future__ import annotations

import numpy as np

from rltheory.submodular.certified import Certified
from rltheory.submodular.choices import SetPolicy
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.unfolding import Node, Unfolding


def solve_exact(mdp: SubmodularMDP) -> Certified:
    """Find an optimal policy among all, also those that remember the path.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model; F may be any set function, also one that is not submodular.

    Returns
    -------
    Certified
        ``lower == upper``, up to rounding of the order of the horizon. The policy is a `SetPolicy` on the nodes that it
        reaches; without chance there are a path and its gains too.

    Raises
    ------
    MemoryError
        If the nodes that can be reached do not fit; it says at which step.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror, decoy_corridor
    >>> solve_exact(coin_mirror())
    Certified(OPTIMAL, value 2, at most 2, gap=0, exact)
    >>> solve_exact(decoy_corridor(4)).path.tolist()
    [1, 2, 3, 4, 5]
    """
    unfolding = Unfolding(mdp)
    actions, first = _backward(unfolding, unfolding.layers())
    start = unfolding.start()
    value = sum(p * first[node] for node, p in start.items())
    policy, path = _followed(unfolding, actions)
    gains = None if path is None else np.asarray(mdp.F.gains_along(mdp.elements(path[None])))[0]
    return Certified(value, value, "exact", policy=policy, path=path, gains=gains, model=mdp)


def optimal_values(mdp: SubmodularMDP) -> list[dict[Node, float]]:
    r"""Compute $W_h(s, T)$, the most that can be expected, at every node that can be reached.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    list of dict
        For h = 0..H, from pairs of the state and the sorted tuple of touched elements.

    Raises
    ------
    MemoryError
        As for `solve_exact`.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> optimal_values(coin_mirror())[0]
    {(0, (0,)): 2.0}
    """
    unfolding = Unfolding(mdp)
    layers = unfolding.layers()
    values = [_final(unfolding, layers[-1])]
    for h in reversed(range(mdp.H)):
        values.append({node: max(_expected(unfolding, h, node, values[-1])) for node in layers[h]})
    return values[::-1]


def _backward(unfolding: Unfolding, layers: list[list[Node]]) -> tuple[list[dict[Node, int]], dict[Node, float]]:
    """Return the best action of each node of each step, and the values of the first nodes."""
    values = _final(unfolding, layers.pop())
    actions: list[dict[Node, int]] = []
    for h in reversed(range(unfolding.mdp.H)):
        best, following = {}, values
        values = {}
        for node in layers.pop():
            expected = _expected(unfolding, h, node, following)
            values[node] = max(expected)
            best[node] = expected.index(values[node])
        actions.append(best)
    return actions[::-1], values


def _final(unfolding: Unfolding, nodes: list[Node]) -> dict[Node, float]:
    """Return the value of what was touched at the last nodes."""
    sets = list({touched: None for _, touched in nodes})
    value = dict(zip(sets, unfolding.values(sets).tolist(), strict=True))
    return {node: value[node[1]] for node in nodes}


def _expected(unfolding: Unfolding, h: int, node: Node, following: dict[Node, float]) -> list[float]:
    """Return for each action what it lets expect."""
    return [sum(p * following[after] for after, p in law) for law in unfolding.laws(h, node)]


def _followed(unfolding: Unfolding, actions: list[dict[Node, int]]) -> tuple[SetPolicy, np.ndarray | None]:
    """Return the policy on the nodes that it reaches, and its path if there is only one."""
    nodes = list(unfolding.start())
    states, kept = [[node[0] for node in nodes]], {}
    for h, best in enumerate(actions):
        kept.update({(h, *node): best[node] for node in nodes})
        nodes = list({after: None for node in nodes for after, _ in unfolding.law(h, node, best[node])})
        states.append([node[0] for node in nodes])
    single = all(len(step) == 1 for step in states)
    return SetPolicy(unfolding.mdp, kept), np.array(states)[:, 0] if single else None

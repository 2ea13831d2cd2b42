"""Models that are hard on purpose: a needle in a tree, a lock that a log does not open, a graph for blind policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, FiniteHorizonMDP, ModelError, OutcomeModel


def needle_tree(needle: Sequence[int] = (1, 0, 1), n_actions: int = 2, *, gamma: float = 0.9) -> MDP:
    r"""A tree in which one sequence of k actions is rewarded: its last action with 1, and every step after it.

    $v^* = \gamma^{k-1} H$ at the root, and 0 for every policy that plays another sequence.

    Parameters
    ----------
    needle : sequence of int
        The k actions, at least one.
    n_actions : int
        Number of actions A, at least 1.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        The root is state 0, the children of node s are 1 + sA, ..., A + sA; the last two states are the good and the
        bad end.

    Raises
    ------
    ModelError
        If the needle is not a sequence of actions.

    Notes
    -----
    Szepesvari (2022, lecture 5).

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> float(rl.solve(mdps.needle_tree([1, 1, 0], gamma=0.5)).value[0].round(6))
    0.5
    """
    checks.whole("n_actions", n_actions, 1)
    path = [checks.whole("needle", a, 0) for a in needle]
    if not path or max(path) >= n_actions:
        raise ModelError(f"needle is {needle!r}; it must have one action or more, in 0..{n_actions - 1}")
    nodes = sum(n_actions**level for level in range(len(path)))
    good, bad = nodes, nodes + 1
    next_state = 1 + np.arange(nodes)[:, None] * n_actions + np.arange(n_actions)
    next_state[next_state >= nodes] = bad
    s = 0
    for a in path[:-1]:
        s = int(next_state[s, a])
    next_state[s, path[-1]] = good
    ends = np.array([[good] * n_actions, [bad] * n_actions])
    reward = np.zeros((nodes + 2, n_actions))
    reward[s, path[-1]], reward[good] = 1.0, 1.0
    return OutcomeModel.from_tables(np.vstack([next_state, ends]), reward, gamma, mu=0).to_mdp()


def batch_lock(code: Sequence[int] = (1, 1, 1), n_actions: int = 2, *, gain: float = 0.25) -> FiniteHorizonMDP:
    r"""A lock of L digits: a wrong digit pays a half and ends the episode, the whole code pays a half and ``gain``.

    For ``gain`` above 0 it is right to open the lock, and otherwise it is wrong, by so much.

    Parameters
    ----------
    code : sequence of int
        The digits, at least one.
    n_actions : int
        Possible digits, at least 1.
    gain : float
        $\pm\varepsilon$, between -1/2 and 1/2.

    Returns
    -------
    FiniteHorizonMDP
        L steps, L states of the lock and the end.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    After Xiao, Lee, Dai, Schuurmans and Szepesvari (2022).

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> float(rl.backward_induction(mdps.batch_lock(gain=0.25)).value[0, 0])
    0.75
    """
    checks.whole("n_actions", n_actions, 1)
    checks.number("gain", gain, -0.5, 0.5)
    digits = [checks.whole("code", a, 0) for a in code]
    if not digits or max(digits) >= n_actions:
        raise ModelError(f"code is {code!r}; it must have one digit or more, in 0..{n_actions - 1}")
    L = len(digits)
    next_state = np.full((L + 1, n_actions), L)
    next_state[np.arange(L), digits] = np.arange(1, L + 1)
    reward = np.full((L + 1, n_actions), 0.5)
    reward[np.arange(L), digits] = 0.0
    reward[L - 1, digits[-1]], reward[L] = 0.5 + gain, 0.0
    return FiniteHorizonMDP.from_arrays(np.eye(L + 1)[next_state], reward, L, mu=0)


def blind_graph(adjacency: Any) -> FiniteHorizonMDP:
    r"""Pick a node of a graph, and then a node again: it pays 1 unless the two are equal or neighbours.

    Who sees nothing plays one distribution y twice, and earns $1 - y^\top (A_G + I)\, y \le 1 - 1/\alpha(G)$, where
    $\alpha(G)$ is the size of the largest independent set (Motzkin and Straus 1965).

    Parameters
    ----------
    adjacency : array_like, shape (n, n)
        Symmetric, 0 or 1, with a diagonal of 0.

    Returns
    -------
    FiniteHorizonMDP
        2 steps; state i means that node i was picked, n is the start and n + 1 the end.

    Raises
    ------
    ModelError
        If the matrix is not that of a graph.

    Notes
    -----
    After Vlassis, Littman and Barber (2012).

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> triangle = mdps.blind_graph([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    >>> blind = [[1 / 3] * 3] * 5
    >>> float(rl.evaluate_policy(triangle, blind).value[0, 3].round(6))
    0.0
    """
    from rltheory.hardness.blind import checked_graph

    graph = checked_graph(adjacency)
    n = len(graph)
    next_state = np.full((n + 2, n), n + 1)
    next_state[n] = np.arange(n)
    reward = np.zeros((n + 2, n))
    reward[:n] = 1 - graph - np.eye(n)
    return FiniteHorizonMDP.from_arrays(np.eye(n + 2)[next_state], reward, 2, mu=n)

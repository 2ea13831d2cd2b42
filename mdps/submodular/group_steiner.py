r"""Group Steiner trees: visit at least one leaf of each group. From them comes the hardness of submodular models.

The tree is complete, its edges shorten towards the leaves, $2^{D - k}$ into level k of D, and each group is drawn by a
branching process: it is at the root, and it passes from a node to each child with probability 1/2; it consists of the
leaves that it reaches. (The integrality gap of Halperin, Kortsarz, Krauthgamer, Srinivasan and Wang 2007; the hardness
of Halperin and Krauthgamer 2003.) A tree of cost c that meets all groups gives a walk of length at most 2 c that does.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.submodular.orienteering import orienteering
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP


def group_steiner_tree(
    depth: int,
    n_groups: int,
    H: int,
    *,
    arity: int = 2,
    rng: int | np.random.Generator | None = None,
) -> SubmodularMDP:
    r"""Walk from the root of a tree, and earn 1 for each group of which a leaf was visited.

    A leaf is $2^{\mathtt{depth}} - 1$ steps from the root. The optimum is at most ``n_groups``, and at least 1 if the
    horizon suffices for a leaf.

    Parameters
    ----------
    depth : int
        Levels below the root, at least 1.
    n_groups : int
        Number of groups, at least 1; a group that died out is drawn again.
    H : int
        Number of steps.
    arity : int
        Children of each inner node, at least 2.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same groups.

    Returns
    -------
    SubmodularMDP
        As from `mdps.submodular.orienteering`: the nodes of the tree are the first states, level by level.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> group_steiner_tree(2, 3, H=6, rng=0)
    SubmodularMDP(6 steps, 11 states, 27 state-action pairs, Coverage of states)
    """
    import networkx as nx

    checks.whole("depth", depth, 1)
    checks.whole("n_groups", n_groups, 1)
    checks.whole("arity", arity, 2)
    rng = np.random.default_rng(rng)
    level = np.repeat(np.arange(depth + 1), arity ** np.arange(depth + 1))
    tree = nx.Graph()
    tree.add_nodes_from(range(level.size))
    for child in range(1, level.size):
        tree.add_edge((child - 1) // arity, child, length=2 ** (depth - int(level[child])))
    leaves = np.flatnonzero(level == depth)
    covers = np.zeros((level.size, n_groups))
    for group in range(n_groups):
        while not covers[leaves, group].any():
            covers[leaves, group] = _surviving(rng, depth, arity)
    return orienteering(tree, Coverage(covers), H, root=0)


def _surviving(rng: np.random.Generator, depth: int, arity: int) -> np.ndarray:
    """Return which leaves a group reaches that passes to each child with probability 1/2."""
    alive = np.ones(1, dtype=bool)
    for _ in range(depth):
        children = np.repeat(alive, arity)
        alive = children & (rng.random(children.size) < 1 / 2)
    return alive

r"""Walks in graphs: orienteering as a model without chance, recursive greedy, trees walked around, greed led astray."""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
import networkx as nx
from hypothesis.strategies import DrawFn

from mdps.submodular import decoy_corridor, orienteering
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import TWO_ARMS, graphs, lengths_of, trees
from proofs_check.theorem import Check, Theorem
from rltheory.submodular import bounds, greedy_path, recursive_greedy, solve_exact
from rltheory.submodular.functions import Coverage, SetFunction


def _reduced(graph: nx.Graph, F: SetFunction, budget: int, less: int = 0) -> Check:
    """Compare walks that end anywhere, and those that end in the last node if it can be reached, with paths."""
    lengths, goal = lengths_of(graph), len(graph) - 1
    free = oracles.best_walk(lengths, F, 0, budget - less)
    bound_for_goal = oracles.best_walk(lengths, F, 0, budget - less, goal)
    prize = F.value(range(F.n_elements)) + 1
    ending = solve_exact(orienteering(graph, F, budget, 0, target=goal)).value
    # No walk to the goal: without the prize the best that ends elsewhere is left.
    expected = prize + bound_for_goal if bound_for_goal >= 0 else free
    return Check.equal([free, expected], [solve_exact(orienteering(graph, F, budget, 0)).value, ending])


reduced = Theorem(
    name="submodular-orienteering",
    statement=(
        r"With every edge of length $\ell$ cut into $\ell$ steps, and waiting, the optimum of the submodular model of"
        r" $H = B$ steps is that of the walks of length at most $B$; with a prize above $F(V)$ for being at $t$ after"
        r" $H$ steps, that of the walks to $t$, plus the prize."
    ),
    source="chekuri2005; derived here",
    assumptions=r"whole lengths of at least 1; $F$ of nodes, monotone submodular",
    instances=graphs() | st.just(TWO_ARMS),
    check=_reduced,
    refutable=partial(_reduced, less=1),  # false: one step less
)


def _recursive(graph: nx.Graph, F: SetFunction, budget: int) -> Check:
    hops = min(budget, len(graph) - 1)
    return _walked(graph, F, budget, bounds.recursive_greedy_depth(hops), bounds.recursive_greedy(hops))


def _walked(graph: nx.Graph, F: SetFunction, budget: int, depth: int, share: float) -> Check:
    nodes: Any = recursive_greedy(graph, F, 0, budget, depth=depth).walk
    return Check(share * oracles.best_walk(lengths_of(graph), F, 0, budget), F.value(nodes))


recursion = Theorem(
    name="submodular-recursive-greedy",
    statement=(
        r"Recursive greedy of depth $i \ge \lceil \log_2 m \rceil$ reaches $1 / (1 + \lceil \log_2 m \rceil)$ of the"
        r" best walk of length at most $B$, if that makes $m$ hops between nodes at which it gains."
    ),
    source="chekuri2005, theorem 1",
    assumptions=r"whole lengths of at least 1, so that $m \le B$; $F$ monotone submodular",
    instances=graphs() | st.just(TWO_ARMS),
    check=_recursive,
    refutable=partial(_walked, depth=0, share=1.0),  # false: as if shortest paths alone were optimal
    tight=lambda: _recursive(nx.path_graph(2), Coverage.from_sets([[0], [1]]), 1),
    tight_ratio=1 - 1e-9,
    attained_by="A path of one edge",
)


def _tour(tree: nx.Graph, F: Coverage, nodes: list[int], half: bool = False) -> Check:
    """Compare the worth of some nodes with the optimum of as many steps as walking around their tree takes."""
    needed = {edge for node in nodes for edge in nx.utils.pairwise(nx.shortest_path(tree, 0, node))}
    steps = bounds.euler_tour(len(needed)) // (2 if half else 1)
    if steps == 0:
        return Check(F.value(nodes), F.value([0]))
    return Check(F.value(nodes), solve_exact(orienteering(tree, F, steps, 0)).value)


_GROUPS = (nx.star_graph(2), Coverage.from_sets([[], [0], [1]]), [1, 2])

tour = Theorem(
    name="submodular-steiner-tour",
    statement=(
        r"If a tree of cost $c$ joins the root to nodes $X$, the optimum of $H = 2c$ steps is at least $F(X)$: a group"
        r" Steiner tree that meets $k$ groups becomes a policy that earns $k$."
    ),
    source="halperin2003; chekuri2005; derived here",
    assumptions=r"edges of length 1, moves along them; $F$ counts the groups that are met, or is any coverage",
    instances=trees() | st.just(_GROUPS),
    check=_tour,
    refutable=partial(_tour, half=True),  # false: as if the way back were free
    tight=lambda: _tour(*_GROUPS),
    tight_ratio=1 - 1e-9,
    attained_by="A star whose ends are the groups",
)


def _astray(length: int, delta: float, more: float = 0.0) -> Check:
    mdp = decoy_corridor(length, delta=delta)
    path = greedy_path(mdp).path
    reached = oracles.worth(mdp, tuple(path.tolist()))  # type: ignore[union-attr]
    return Check.equal(reached / oracles.optimum(mdp), bounds.myopic(length, delta) + more)


@st.composite
def _corridors(draw: DrawFn) -> tuple[int, float]:
    return draw(st.integers(2, 6)), draw(st.integers(1, 8)) / 8


astray = Theorem(
    name="submodular-decoy-corridor",
    statement=(
        r"Beside a corridor of $L$ states of worth 1 a decoy of worth $1 + \delta$ leaves myopic greed with"
        r" $(1 + \delta) / L$ of the optimum: no constant part without bandit dynamics."
    ),
    source="derived here",
    assumptions=r"$L$ moves, $0 < \delta \le 1$; of equal gains staying is taken",
    instances=_corridors(),
    check=_astray,
    refutable=lambda length, delta: _astray(length, delta, 1e-3),  # false: a little more
)

THEOREMS = (reduced, recursion, tour, astray)

"""Small models, bandits, functions and graphs for the theorems of diminishing returns, and those that break claims."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import networkx as nx
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import laws
from mdps.submodular_function_strategies import coverages, monotone_functions
from mdps.submodular_strategies import mixed_policies, submodular_mdps
from rltheory.submodular import SubmodularMDP
from rltheory.submodular.functions import Coverage, SetFunction
from rltheory.submodular.functions.algebra import visits_of

MODELS = submodular_mdps(max_horizon=2)
PATHS = submodular_mdps(chance=False)
SEEDS = st.integers(0, 2**16)


def from_zero(P: Any, F: SetFunction, H: int) -> SubmodularMDP:
    """Return a model whose first state is 0."""
    P = np.asarray(P, dtype=np.float64)
    return SubmodularMDP(P, F, H, mu=np.eye(P.shape[-1])[0])


FORK = from_zero([[[0, 1, 0], [0, 0, 1]], [[0, 1, 0]] * 2, [[0, 0, 1]] * 2], Coverage.from_sets([[], [0], [1]]), 2)
"""Left or right from the middle, worth 1 each, and no way back."""
STAR = from_zero(np.eye(3)[[[1, 2], [0, 0], [0, 0]]], Coverage.from_sets([[], [0], [1]]), 3)
"""From a hub to either of two ends, and back: who passes the hub twice has to do another thing the second time."""
LATE = from_zero(np.eye(4)[[[1, 2], [3, 3], [2, 2], [3, 3]]], Coverage.from_sets([[], [0], [1], [2]], [1, 2, 4]), 2)
"""First 1 and then 4, or first 2 and then nothing: the next gain alone points in the wrong direction."""
TWINS = Coverage.from_sets([[0], [0], [0]])
"""Three elements that are one: all curvature."""


@st.composite
def mixed(draw: DrawFn, models: SearchStrategy[SubmodularMDP] = MODELS) -> tuple[SubmodularMDP, np.ndarray]:
    """Draw a model and a stochastic Markov policy."""
    mdp = draw(models)
    return mdp, draw(mixed_policies(mdp))


@st.composite
def with_logits(draw: DrawFn) -> tuple[SubmodularMDP, np.ndarray]:
    """Draw a model and logits, halves from -2 to 2."""
    mdp = draw(MODELS)
    shape = (mdp.H, mdp.n_states, mdp.n_actions)
    return mdp, draw(hnp.arrays(np.int64, shape, elements=st.integers(-4, 4), fill=st.nothing())) / 2


def at_zero(mdp: SubmodularMDP) -> tuple[SubmodularMDP, np.ndarray]:
    """Return a model with logits of 0."""
    return mdp, np.zeros((mdp.H, mdp.n_states, mdp.n_actions))


@st.composite
def bandits(
    draw: DrawFn,
    *,
    changing: bool = False,
    functions: Any = lambda n: monotone_functions(n_elements=n),
    max_horizon: int = 3,
) -> SubmodularMDP:
    """Draw dynamics that ignore the state; if they change with the step, elements are visits."""
    n_states, n_actions = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    H = draw(st.integers(1, max_horizon if n_states * n_actions <= 4 else 2))
    steps = H if changing else 1
    arms = draw(laws(steps * n_actions, n_states, uneven=False)).reshape(steps, 1, n_actions, n_states)
    P = np.repeat(arms, n_states, axis=1)
    F = draw(functions(n_states))
    mu = draw(laws(1, n_states, uneven=False))[0]
    return SubmodularMDP(P if changing else P[0], visits_of(F, H) if changing else F, H, mu)


def free_choice(F: SetFunction, H: int) -> SubmodularMDP:
    """Return the bandit whose actions lead wherever one wants, from a first state 0 on."""
    return from_zero(np.stack([np.eye(F.n_elements)] * F.n_elements), F, H)


HALVES = Coverage.from_sets([[], [0, 1], [0, 2], [1, 3]], weights=[1, 1, 1, 1])
"""A worthless start; element 1 takes a half of each of the others, and who begins with it earns 3 of 4 with two."""


def arms_of_steps(F: SetFunction, choices: list[list[int]]) -> SubmodularMDP:
    """Return the model in which action a of step h leads to state ``choices[h][a]`` from anywhere; F is of visits."""
    H, n_actions, n_states = len(choices), len(choices[0]), F.n_elements
    P = np.zeros((H, n_states, n_actions, n_states))
    for h, row in enumerate(choices):
        for a, s in enumerate(row):
            P[h, :, a, s] = 1
    return from_zero(P, visits_of(F, H), H)


STUCK = arms_of_steps(Coverage.from_sets([[], [0], [1]]), [[1, 2], [0, 1]])
"""State 1 and then nothing earns 1, and no single change earns more; state 2 and then 1 earn 2."""


@st.composite
def orders(draw: DrawFn) -> tuple[SetFunction, list[int]]:
    """Draw a function and an order of its elements."""
    F = draw(monotone_functions(max_elements=4))
    return F, draw(st.permutations(range(F.n_elements)))


@st.composite
def graphs(draw: DrawFn, *, max_nodes: int = 4) -> tuple[nx.Graph, SetFunction, int]:
    """Draw a connected graph with lengths 1 and 2, a coverage or any other function of its nodes, and a budget."""
    n = draw(st.integers(2, max_nodes))
    graph = nx.path_graph(n)
    for u in range(n):
        for v in range(u + 2, n):
            if draw(st.booleans()):
                graph.add_edge(u, v)
    for edge in graph.edges:
        graph.edges[edge]["length"] = draw(st.integers(1, 2))
    return graph, draw(coverages(n) | monotone_functions(n_elements=n)), draw(st.integers(1, 4))


@st.composite
def trees(draw: DrawFn) -> tuple[nx.Graph, Coverage, list[int]]:
    """Draw a tree from node 0, groups of its nodes as a coverage, and some of its nodes."""
    n = draw(st.integers(2, 5))
    tree = nx.Graph()
    tree.add_node(0)
    for child in range(1, n):
        tree.add_edge(draw(st.integers(0, child - 1)), child)
    return tree, draw(coverages(n)), sorted(draw(st.sets(st.integers(0, n - 1), min_size=1)))


TWO_ARMS: tuple[nx.Graph, SetFunction, int] = (nx.star_graph(2), Coverage.from_sets([[], [0], [1]]), 3)
"""Both leaves of a star, and three steps: to one of them, back, and to the other."""


def lengths_of(graph: nx.Graph) -> dict[int, dict[int, int]]:
    """Return the lengths of a graph's edges as the oracles take them."""
    return {u: {v: int(data.get("length", 1)) for v, data in around.items()} for u, around in graph.adjacency()}

r"""What the best policy of somebody who sees nothing would tell: the largest independent set of a graph."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from mdps.strategies import laws
from proofs_check.claims import Claim, Remark
from proofs_check.imitation.instances import earned
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.hardness import best_blind_policy, bounds

_ROUNDING = 1e-9


@st.composite
def graphs(draw: DrawFn, max_nodes: int = 7) -> np.ndarray:
    """Draw the matrix of a graph."""
    n = draw(st.integers(1, max_nodes))
    edges = draw(st.lists(st.integers(0, 1), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2))
    graph = np.zeros((n, n), dtype=np.int64)
    graph[np.triu_indices(n, 1)] = edges
    return graph + graph.T


def cycle(n: int) -> np.ndarray:
    """Return the matrix of a cycle."""
    graph = np.roll(np.eye(n, dtype=np.int64), 1, axis=1)
    return np.minimum(1, graph + graph.T)


def independence_number(graph: np.ndarray) -> int:
    """Return the size of the largest independent set, by going through all sets of nodes."""
    n = len(graph)
    sets = (s for k in range(n, 0, -1) for s in itertools.combinations(range(n), k))
    return next(len(s) for s in sets if not graph[np.ix_(s, s)].any())


def least_quadratic(Q: np.ndarray) -> float:
    """Return the least of y'Qy over distributions, from the stationary points on all supports.

    On the support of a minimiser Qy is constant there, and the least value is that constant; if the equations of a
    support have many solutions, all of them have one value and a smaller support has one, too.
    """
    best = float(Q.diagonal().min())
    for k in range(2, len(Q) + 1):
        for chosen in itertools.combinations(range(len(Q)), k):
            system = np.block([[Q[np.ix_(chosen, chosen)], -np.ones((k, 1))], [np.ones((1, k)), np.zeros((1, 1))]])
            y, *_ = np.linalg.lstsq(system, np.append(np.zeros(k), 1.0), rcond=None)
            if np.allclose(system @ y, np.append(np.zeros(k), 1.0), atol=_ROUNDING) and (y[:k] >= -_ROUNDING).all():
                best = min(best, float(y[:k] @ Q[np.ix_(chosen, chosen)] @ y[:k]))
    return best


def _clique(graph: np.ndarray, *, loops: float = 1.0) -> Check:
    best = 1 - least_quadratic(graph + loops * np.eye(len(graph)))
    return Check.equal(best, bounds.blind_value(independence_number(graph)))


motzkin_straus = Theorem(
    name="blind-policy-clique",
    statement=(
        r"The best policy without memory and sight in `mdps.blind_graph` is worth $1 - \min_y y^\top (A_G + I)\, y ="
        r" 1 -"
        r" 1/\alpha(G)$, with the size $\alpha(G)$ of a largest independent set: a largest clique of the complement."
    ),
    source="motzkin1965; vlassis2012; szepesvari2022, lecture 15",
    assumptions="one distribution y is played in both steps; graphs of up to 7 nodes, both sides by enumeration",
    instances=graphs(5) | graphs() | st.just(cycle(5)),
    check=_clique,
    refutable=lambda graph: _clique(graph, loops=0.9),  # false: if equal nodes cost less than neighbours
)


def _bounded(graph: np.ndarray, y: np.ndarray) -> Check:
    """What a blind policy earns, step by step in the model."""
    n = len(graph)
    y = y[:n] / y[:n].sum() if y[:n].sum() > 0 else np.full(n, 1 / n)
    model = mdps.blind_graph(graph)
    return Check(earned(model, np.tile(y, (2, n + 2, 1))), bounds.blind_value(independence_number(graph)))


def _best(graph: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return graph, best_blind_policy(graph).policy


blind_value = Theorem(
    name="blind-policy-value",
    statement=r"No blind policy earns more than $1 - 1/\alpha(G)$ in `mdps.blind_graph`.",
    source="motzkin1965; vlassis2012",
    assumptions="as for blind-policy-clique",
    instances=st.tuples(graphs(), laws(1, 7, uneven=False).map(lambda rows: rows[0])) | graphs().map(_best),
    check=_bounded,
    refutable=scaled(_bounded),
    tight=lambda: _bounded(*_best(cycle(7))),
    tight_ratio=0.999,
    attained_by="An independent set, played uniformly,",
)


def _deterministic_is_enough() -> Check:
    graph = cycle(4)
    model = mdps.blind_graph(graph)
    best = max(earned(model, np.tile(np.eye(4)[a], (2, 6, 1))) for a in range(4))
    return Check(earned(model, np.tile([0.5, 0.0, 0.5, 0.0], (2, 6, 1))), best)


deterministic = Claim(
    name="blind-policies-need-no-lots",
    statement="Among policies without memory that do not see the state, a deterministic one is best.",
    source="singh1994learning",
    counterexample=_deterministic_is_enough,
    instance="`mdps.blind_graph` of a square: every sure choice earns nothing, opposite corners by lot earn a half",
    lesson="who sees the state needs no lots (deterministic-suffices); who does not, does: blind-policy-clique",
)

np_hard = Remark(
    name="blind-policies-are-np-hard",
    statement=(
        "To decide whether some stochastic policy without memory reaches a value in a partially observed model is"
        " NP-hard, and as hard as sums of square roots."
    ),
    source="vlassis2012; szepesvari2022, lecture 15",
    reason="a class of problems. The reduction itself is checked, on all small graphs: blind-policy-clique",
)

THEOREMS = (motzkin_straus, blind_value)

CLAIMS = (deterministic,)

REMARKS = (np_hard,)

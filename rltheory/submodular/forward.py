r"""Forward expansion: the exact J of a rule that looks at the step, the state and what was touched.

Histories that have one present state and one set of touched elements have one future, so they are kept as one node with
the sum of their probabilities. The expansion goes forwards from the start and visits what the rule reaches, no more;
$J = \sum_h \mathbb{E}[g_h]$ adds up the gains of the arrivals.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.functions.protocol import Tally
from rltheory.submodular.model import SubmodularMDP

Rule = Callable[[int, int, Tally], int]
"""The action, by its position among the state's own, after h actions in a state with a tally of what was touched."""


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """What following a rule is worth, and what it did.

    Parameters
    ----------
    value : float
        J, in reward units.
    gains : ndarray, shape (H + 1,)
        Expected gain of each arrival; they sum to ``value``.
    actions : dict
        From (h, state, frozenset of touched elements) to the action that was taken there, of all that is reached.
    path : ndarray of int, shape (H + 1,), or None
        The states, where chance left one path.
    """

    value: float
    gains: np.ndarray
    actions: dict[tuple[int, int, frozenset[int]], int]
    path: np.ndarray | None


def follow(mdp: SubmodularMDP, rule: Rule, *, max_nodes: int = 1_000_000) -> Expansion:
    """Follow a rule through all that chance may do, and add up its expected gains.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any.
    rule : callable
        ``rule(h, state, tally)`` is an action; it must not change the tally.
    max_nodes : int
        Refuse more nodes of one step.

    Returns
    -------
    Expansion

    Raises
    ------
    ModelError
        If there are too many nodes.

    Examples
    --------
    Two coins, heads and tails, that are tossed again and again, each side worth 1 once: 2 - 1/2 - 1/4 ... of them.

    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> mdp = SubmodularMDP(np.full((2, 1, 2), 0.5), Coverage.from_sets([[0], [1]]), H=2)
    >>> follow(mdp, lambda h, state, tally: 0).value
    1.75
    """
    dynamics = mdp.dynamics
    layer: dict[tuple[int, frozenset[int]], tuple[list[float], Tally]] = {}
    terms = _arrive(mdp, layer, 0, [(frozenset(), mdp.F.tally(), 1.0, _law(np.flatnonzero(mdp.mu), mdp.mu))])
    gains, actions, states = [math.fsum(terms)], {}, [_only_state(layer)]
    for h in range(mdp.H):
        P, steps = dynamics.rows(h), []
        for (state, touched), (masses, tally) in layer.items():
            action = rule(h, state, tally)
            actions[h, state, touched] = action
            row = mdp.pair_start[state] + action
            entries = slice(P.indptr[row], P.indptr[row + 1])
            law = zip(P.indices[entries].tolist(), P.data[entries].tolist(), strict=True)
            steps.append((touched, tally, math.fsum(masses), list(law)))
        layer = {}
        terms = _arrive(mdp, layer, h + 1, steps)
        if len(layer) > max_nodes:
            raise ModelError(
                f"more than {max_nodes:,} histories differ after {h + 1} actions; raise max_nodes or sample"
            )
        gains.append(math.fsum(terms))
        states.append(_only_state(layer))
    path = None if None in states else np.array(states)
    return Expansion(math.fsum(gains), np.array(gains), actions, path)


def _law(states: np.ndarray, prob: np.ndarray) -> list[tuple[int, float]]:
    return [(int(s), float(prob[s])) for s in states]


def _only_state(layer: dict) -> int | None:
    """Return the state in which all histories end, if there is one node."""
    return next(iter(layer))[0] if len(layer) == 1 else None


def _arrive(mdp: SubmodularMDP, layer: dict, h: int, steps: list) -> list[float]:
    """Put the successors of nodes into a layer, and return the expected gain of each arrival."""
    offset = h * mdp.n_states if mdp.counts_visits else 0
    terms = []
    for touched, tally, mass, law in steps:
        for state, p in law:
            if p == 0:
                continue
            element = state + offset
            key = (state, touched | {element})
            if key in layer:
                layer[key][0].append(mass * p)
                terms.append(mass * p * tally.gain(element))
            else:
                grown = tally.copy()
                terms.append(mass * p * grown.add(element))
                layer[key] = ([mass * p], grown)
    return terms

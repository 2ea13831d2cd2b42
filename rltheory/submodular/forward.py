r"""Forward expansion: the exact J of a rule that looks at the step, the state and what was touched.

Histories that have one present state and one set of touched elements (multiset, where visits measure anew) have one
future, so they are kept as one node with the sum of their probabilities. The expansion goes forwards from the start and
visits what the rule reaches, no more;
$J = \sum_h \mathbb{E}[g_h]$ adds up the gains of the arrivals.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.functions.protocol import Tally
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.touched import counts_repeats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Rule = Callable[[int, int, Tally], int | np.ndarray]
"""The action, or the probability of each, after h actions in a state with a tally of what was touched."""


History = tuple[int, int, tuple[int, ...]]
"""How many actions were taken, the present state, and the touched elements in ascending order."""

_Layer = dict[tuple[int, tuple[int, ...]], tuple[list[float], Tally]]
_Step = tuple[tuple[int, ...], Tally, float, list[tuple[int, float]]]


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
        From (h, state, tuple of touched elements in ascending order) to what the rule said, of all that is reached.
    path : ndarray of int, shape (H + 1,), or None
        The states, where chance left one path.
    """

    value: float
    gains: np.ndarray
    actions: dict[History, int | np.ndarray]
    path: np.ndarray | None


def follow(mdp: SubmodularMDP, rule: Rule, *, max_nodes: int = 1_000_000) -> Expansion:
    """Follow a rule through all that chance may do, and add up its expected gains.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any.
    rule : callable
        ``rule(h, state, tally)`` is an action, by its position among the state's own, or the probabilities of all; it
        must not change the tally.
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
    dynamics, repeats = mdp.dynamics, counts_repeats(mdp.F)
    start: list[_Step] = [((), mdp.F.tally(), 1.0, [(int(s), float(mdp.mu[s])) for s in np.flatnonzero(mdp.mu)])]
    layer, gain = _arrivals(mdp, 0, start, repeats)
    gains, states = [gain], [_only_state(layer)]
    actions: dict[History, int | np.ndarray] = {}
    for h in range(mdp.H):
        P, steps = dynamics.rows(h), []
        for (state, touched), (masses, tally) in layer.items():
            action = rule(h, state, tally)
            actions[h, state, touched] = action
            steps.append((touched, tally, math.fsum(masses), _law(mdp, P, state, action)))
        layer, gain = _arrivals(mdp, h + 1, steps, repeats)
        if len(layer) > max_nodes:
            raise ModelError(
                f"more than {max_nodes:,} histories differ after {h + 1} actions; raise max_nodes or sample"
            )
        gains.append(gain)
        states.append(_only_state(layer))
    path = None if None in states else np.array(states)
    return Expansion(math.fsum(gains), np.array(gains), actions, path)


def _law(mdp: SubmodularMDP, P: csr_array, state: int, action: int | np.ndarray) -> list[tuple[int, float]]:
    """Return the next states of an action, or of random ones, with probabilities."""
    first, end = mdp.pair_start[state], mdp.pair_start[state + 1]
    if isinstance(action, np.ndarray):
        law = action[: end - first] @ P[first:end]
        return [(int(s), float(law[s])) for s in np.flatnonzero(law)]
    entries = slice(P.indptr[first + action], P.indptr[first + action + 1])
    return list(zip(P.indices[entries].tolist(), P.data[entries].tolist(), strict=True))


def _only_state(layer: _Layer) -> int | None:
    """Return the state in which all histories end, if there is one node."""
    return next(iter(layer))[0] if len(layer) == 1 else None


def _arrivals(mdp: SubmodularMDP, h: int, steps: list[_Step], repeats: bool) -> tuple[_Layer, float]:
    """Return the nodes that the laws of other nodes lead to, and the expected gain of the arrival."""
    offset = h * mdp.n_states if mdp.counts_visits else 0
    layer: _Layer = {}
    terms = []
    for touched, tally, mass, law in steps:
        for state, p in law:
            if p == 0:
                continue
            element = state + offset
            known = element in touched and not repeats
            key = (state, touched if known else tuple(sorted((*touched, element))))
            if key in layer:
                layer[key][0].append(mass * p)
                terms.append(mass * p * tally.gain(element))
            else:
                grown = tally.copy()
                terms.append(mass * p * grown.add(element))
                layer[key] = ([mass * p], grown)
    return layer, math.fsum(terms)

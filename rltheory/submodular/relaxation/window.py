r"""Bounds by a short memory: whoever forgets what was touched long ago counts it again.

Gains fall as the set grows, so for any part $W_h$ of what a path touched before $s_h$

.. math:: F(\tau) \;=\; \sum_{h} F(s_h \mid s_0, \dots, s_{h-1}) \;\le\; \sum_{h} F(s_h \mid W_h)_+ .

Let $W_h$ be the last m distinct states. Then the right side is the reward of an ordinary MDP whose states are windows,
and backward induction on it bounds every policy. With m = 0 it is the sum of single elements; the bound falls with m,
and with m = H + 1 it is the optimum. Sitting still earns nothing from m = 1 on, and walking to and fro from m = 2 on,
which is what spoils additive bounds; the number of windows grows like (number of actions)^(m - 1).

The positive part is needed as soon as something may be forgotten and F is not monotone: a state that was touched before
gains nothing, while beside $W_h$ alone it may lose. As long as a window holds all that was touched, gains are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from rltheory.models import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.planning import backward_induction
from rltheory.planning.rounding import growth, outward
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.monotone import require_submodular
from rltheory.submodular.relaxation.majorant import UpperBound

Window = tuple[int, ...]


def window_bound(mdp: SubmodularMDP, *, memory: int = 1, max_windows: int = 1_000_000) -> UpperBound:
    r"""Bound every policy by the best one whose gains are counted over the last few states alone.

    Parameters
    ----------
    mdp : SubmodularMDP
        Of stationary dynamics, with a submodular F of states; it need not be monotone.
    memory : int
        How many distinct states a window holds, the present one included; at least 1.
    max_windows : int
        Refuse more of them.

    Returns
    -------
    UpperBound

    Raises
    ------
    CriterionError
        If dynamics change with the step, or F is a function of visits or made of an `ADesign`.
    ModelError
        If ``memory`` is below 1, or there are too many windows.

    Examples
    --------
    Three states in a row, the first worth 2: to step back is worth nothing to who remembers having been there.

    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> line = np.array([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1]]])
    >>> mdp = SubmodularMDP(line, Coverage.from_sets([[0], [1], [2]], weights=[2, 1, 1]), H=4, mu=0)
    >>> [round(window_bound(mdp, memory=m).value, 9) for m in (1, 2, 3)]
    [8.0, 6.0, 4.0]
    """
    if memory < 1:
        raise ModelError(
            f"memory is {memory}; a window holds at least the present state (modular_bound remembers none)"
        )
    if not mdp.dynamics.is_stationary or mdp.counts_visits:
        raise CriterionError(
            "windows need stationary dynamics and a function of states; modular_bound and linear_bound take any"
        )
    require_submodular(mdp.F)
    graph = _explore(mdp, memory, max_windows)
    gains = _gains(mdp, graph.arrivals, memory)
    pairs = np.repeat(np.arange(graph.P.shape[0]), np.diff(graph.P.indptr))
    r = np.bincount(pairs, graph.P.data * gains, minlength=graph.P.shape[0])
    model = FiniteHorizonMDP(graph.P, r, mdp.H, mu=graph.mu, pair_start=graph.pair_start)
    first = np.flatnonzero(graph.mu)
    singles = mdp.F.gains_along(np.flatnonzero(mdp.mu)[:, None])[:, 0]
    start = float(graph.mu[first] @ (backward_induction(model).upper[0, first] + singles))
    # Expected gains, and the mean over first states, are sums that were rounded.
    size = (mdp.H + 1) * float(max(np.abs(gains).max(), np.abs(singles).max()))
    rounding = outward(growth(mdp.n_states + 4.0) * 2 * size, 4)
    return UpperBound(float(np.nextafter(start + rounding, np.inf)), f"memory of {memory} states")


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """The windows that can be reached, as pair rows, and the states of each transition in order, window first."""

    P: csr_array
    pair_start: np.ndarray
    mu: np.ndarray
    arrivals: list[Window]


def _explore(mdp: SubmodularMDP, memory: int, max_windows: int) -> _Graph:
    """Number the windows in the order in which they are reached, and join each to those that may follow."""
    moves = _moves(mdp)
    windows: dict[Window, int] = {(int(s),): i for i, s in enumerate(np.flatnonzero(mdp.mu))}
    mu, layer = mdp.mu[mdp.mu > 0], list(windows)
    arrivals: list[Window] = []
    targets, prob, row_ends, pair_start = [], [], [0], [0]
    for h in range(mdp.H + 1):
        found = []
        for window in layer:
            # What follows the last step does not count, but a state has an action.
            for law in moves[window[-1]] if h < mdp.H else [[(window[-1], 1.0)]]:
                for state, p in law:
                    after = (*(s for s in window if s != state), state)[-memory:]
                    if after not in windows:
                        windows[after] = len(windows)
                        found.append(after)
                    targets.append(windows[after])
                    prob.append(p)
                    arrivals.append((*window, state))
                row_ends.append(len(targets))
            pair_start.append(len(row_ends) - 1)
        if len(windows) > max_windows:
            raise ModelError(f"more than {max_windows:,} windows of {memory} states; ask for less memory")
        layer = found
    P = csr_array((prob, targets, row_ends), shape=(len(row_ends) - 1, len(windows)))
    return _Graph(P, np.array(pair_start), np.concatenate([mu, np.zeros(len(windows) - mu.size)]), arrivals)


def _moves(mdp: SubmodularMDP) -> list[list[list[tuple[int, float]]]]:
    """Return, of each state, the different laws of the next state that its actions give."""
    P = mdp.dynamics.rows(0)
    laws = [
        tuple(zip(P.indices[low:high].tolist(), P.data[low:high].tolist(), strict=True))
        for low, high in pairwise(P.indptr)
    ]
    return [
        [[(s, p) for s, p in law if p > 0] for law in dict.fromkeys(laws[low:high])]
        for low, high in pairwise(mdp.pair_start)
    ]


def _gains(mdp: SubmodularMDP, arrivals: list[Window], memory: int) -> np.ndarray:
    """Return the gain of the last state of each tuple over those before it, at least 0 where more may be forgotten."""
    lengths = np.array([len(states) for states in arrivals])
    gains = np.empty(lengths.size)
    for length in np.unique(lengths):
        chosen = np.flatnonzero(lengths == length)
        gains[chosen] = mdp.F.gains_along(np.array([arrivals[i] for i in chosen]))[:, -1]
    return np.where(lengths > memory, np.maximum(gains, 0.0), gains)

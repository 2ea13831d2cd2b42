r"""The oracle of the distributional wing: every law of the return that deterministic policies with a memory achieve.

A policy that remembers its history chooses an action, and then, after each outcome that it can tell from the others,
any policy for the steps that are left. So the laws of :math:`\sum_{i \ge t} \gamma^i R_{i+1}` from a state are

.. math:: \mathcal L_t(s) = \Big\{ \sum_b p_b \, \big(\gamma^t r_b + \nu_b\big) \;:\; a \in A(s),\;
          \nu_b \in \mathcal L_{t+1}(s'_b) \Big\}, \qquad \mathcal L_H(s) = \{\delta_0\},

at most :math:`N_h = A N_{h-1}^B` of them: 2, 8, 128, 32768 for A = B = 2. No stock, no value and no dynamic programming
is involved. Outcomes with the same reward and next state are one, since no memory tells them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from rltheory.distributional import DiscreteLaw
from rltheory.models import CriterionError, OutcomeModel

MOST_LAWS = 100_000
_DIGITS = 12

Atoms = tuple[tuple[float, float], ...]


def history_laws(
    model: OutcomeModel, H: int, start: int, *, stock: float = 0.0, most: int = MOST_LAWS
) -> list[DiscreteLaw]:
    """Return the laws of ``stock + G`` of all deterministic history-dependent policies; equal ones are listed once.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    H : int
        Number of steps: 3, or 4, with two actions and two outcomes.
    start : int
        State at step 0.
    stock : float
        What is added to the return, in reward units.
    most : int
        Limit on the number of policies.

    Returns
    -------
    list of DiscreteLaw
        Atoms are sums along paths, rounded to 12 digits so that equal sums are equal.

    Raises
    ------
    CriterionError
        If there are more than ``most`` policies.

    Examples
    --------
    >>> import rltheory as rl
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> history_laws(offer, 1, 0)
    [DiscreteLaw({1: 1}), DiscreteLaw({0: 0.5, 3: 0.5})]
    >>> len(history_laws(offer, 2, 0))  # of six policies, two with the same law
    5
    """
    counted = number_of_policies(model, H, start)
    if counted > most:
        raise CriterionError(
            f"there are {counted:.3g} deterministic history-dependent policies of {H} steps, and {most} are tried at"
            " most; shorten the horizon"
        )
    found: dict[tuple[int, int], list[Atoms]] = {}
    laws = _laws_from(model, H, 0, start, found)
    return [DiscreteLaw(np.array([_rounded(x + stock) for x, _ in law]), np.array([p for _, p in law])) for law in laws]


def number_of_policies(model: OutcomeModel, H: int, start: int) -> float:
    """Return how many deterministic history-dependent policies of H steps there are from a state.

    Examples
    --------
    >>> import rltheory as rl
    >>> bets = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, r)] for r in (1.0, 2.0)]], gamma=1.0)
    >>> [number_of_policies(bets, H, 0) for H in range(5)]
    [1.0, 2.0, 8.0, 128.0, 32768.0]
    """
    number = np.ones(model.n_states)
    for _ in range(H):
        shorter = number
        number = np.array(
            [sum(_ways(outcomes, shorter) for outcomes in _choices(model, s)) for s in range(number.size)]
        )
    return float(number[start])


def best_of_laws(laws: Iterable[DiscreteLaw], functional: Callable[[DiscreteLaw], float]) -> float:
    """Return the largest value of a functional over laws, -inf over none."""
    return max(map(functional, laws), default=-np.inf)


def best_over_histories(
    model: OutcomeModel, functional: Callable[[DiscreteLaw], float], H: int, start: int, *, stock: float = 0.0
) -> float:
    """Return the largest value of a functional of the law of ``stock + G`` over deterministic policies with a memory.

    Parameters
    ----------
    model, H, start, stock
        As for `history_laws`.
    functional : callable
        Maps a `DiscreteLaw` to a number.

    Returns
    -------
    float
    """
    return best_of_laws(history_laws(model, H, start, stock=stock), functional)


def as_matrix(laws: Sequence[DiscreteLaw]) -> tuple[np.ndarray, np.ndarray]:
    """Return the atoms that occur, shape (n,), and the probability that each law gives them, shape (n_laws, n)."""
    atoms = np.unique(np.concatenate([law.atoms for law in laws]))
    prob = np.zeros((len(laws), atoms.size))
    for row, law in zip(prob, laws, strict=True):
        row[np.searchsorted(atoms, law.atoms)] = law.prob
    return atoms, prob


def _laws_from(
    model: OutcomeModel, H: int, t: int, state: int, found: dict[tuple[int, int], list[Atoms]]
) -> list[Atoms]:
    """Return the distinct laws of what is still to come at step t, in units of step 0."""
    if t == H:
        return [((0.0, 1.0),)]
    if (t, state) not in found:
        distinct: dict[Atoms, None] = {}
        for outcomes in _choices(model, state):
            shifts = [(p, model.gamma**t * r) for p, _, r in outcomes]
            futures = (_laws_from(model, H, t + 1, following, found) for _, following, _ in outcomes)
            for combination in itertools.product(*futures):
                distinct[_mixed(shifts, combination)] = None
        found[t, state] = list(distinct)
    return found[t, state]


def _choices(model: OutcomeModel, state: int) -> list[list[tuple[float, int, float]]]:
    """Return for each action its distinguishable outcomes (probability, next state, reward)."""
    listed = []
    for i in range(model.pair_start[state], model.pair_start[state + 1]):
        total: dict[tuple[int, float], float] = {}
        for p, following, r in zip(
            model.prob[i].tolist(), model.next_state[i].tolist(), model.reward[i].tolist(), strict=True
        ):
            if p > 0:
                total[following, r] = total.get((following, r), 0.0) + p
        listed.append([(p, following, r) for (following, r), p in total.items()])
    return listed


def _ways(outcomes: list[tuple[float, int, float]], shorter: np.ndarray) -> float:
    return float(np.prod([shorter[following] for _, following, _ in outcomes]))


def _mixed(shifts: list[tuple[float, float]], laws: Sequence[Atoms]) -> Atoms:
    total: dict[float, float] = {}
    for (p, shift), law in zip(shifts, laws, strict=True):
        for x, q in law:
            y = _rounded(shift + x)
            total[y] = total.get(y, 0.0) + p * q
    return tuple(sorted(total.items()))


def _rounded(x: float) -> float:
    return round(x, _DIGITS) + 0.0

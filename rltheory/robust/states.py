"""Many states, each with a nature that moves all its rows: sort once, then go state by state in compiled loops.

The counterpart of `rows` for rows that are tied together by one budget or one penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from rltheory.planning.threads import cut, on_each
from rltheory.robust import levelling, sharing
from rltheory.robust.one_row import TOTAL_VARIATION
from rltheory.robust.rows import Problem, in_order_of_values, kernels_in_order

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WORK = 50  # a transition takes so many times longer than one of a nominal sweep


@dataclass(frozen=True, slots=True, eq=False)
class StateAnswers:
    """What nature and the best (or the given) policy make of every state.

    Parameters
    ----------
    lower, upper : ndarray, shape (n_states,)
        Proven ends, up to rounding.
    policy : ndarray, shape (n_pairs,)
        Probabilities of the actions.
    spent : ndarray, shape (n_pairs,)
        The divergence of each of nature's rows, in the units of the algorithm.
    price : ndarray, shape (n_states,)
        What nature pays for a unit of it: the weight of a penalty, the price of a budget.
    kernels : csr_array, shape (n_pairs, n_columns), or None
        Nature's rows, if they were asked for.
    """

    lower: np.ndarray
    upper: np.ndarray
    policy: np.ndarray
    spent: np.ndarray
    price: np.ndarray
    kernels: Any


def answer_states(
    problem: Problem,
    P: csr_array,
    r: np.ndarray,
    pair_start: np.ndarray,
    v: np.ndarray,
    parameter: np.ndarray,
    *,
    policy: np.ndarray | None = None,
    with_kernels: bool = False,
) -> StateAnswers:
    """Return the worst case of every state, with the best policy or a given one, shape (n_pairs,).

    ``parameter`` has the weight or the budget of each state; v is discounted already.
    """
    rows, order = in_order_of_values(P, v)
    n_states, n_pairs = pair_start.size - 1, r.size
    lower, upper, price = np.empty(n_states), np.empty(n_states), np.empty(n_states)
    played, spent = np.empty(n_pairs) if policy is None else policy.copy(), np.zeros(n_pairs)
    entries, moved = np.empty(rows.nnz if with_kernels else 0), np.zeros(n_pairs)
    loop = partial(
        _each_state,
        *(problem.family, problem.k, problem.is_penalty, policy is not None),
        *(pair_start, rows.indptr, rows.indices, rows.data, r, v[order], problem.scaled(parameter)),
        *(lower, upper, price, played, spent, entries, moved),
    )
    on_each(cut(rows.indptr[pair_start].astype(np.int64) * _WORK), loop)
    kernels = kernels_in_order(problem, rows, order, entries, moved) if with_kernels else None
    return StateAnswers(lower, upper, played, spent, price, kernels)


@njit(cache=True, nogil=True)
def _each_state(  # type: ignore[no-untyped-def]
    family,
    k,
    is_penalty,
    is_given,
    pair_start,
    indptr,
    columns,
    data,
    r,
    v,
    parameter,
    lower,
    upper,
    price,
    policy,
    spent,
    entries,
    moved,
    first,
    last,
):
    """Fill the answers of some states, the entries of their kernels, the mass moved; columns are in order of value."""
    for s in range(first, last):
        own = slice(pair_start[s], pair_start[s + 1])
        begin, end = indptr[own.start], indptr[own.stop]
        start = (indptr[own.start : own.stop + 1] - begin).astype(np.int64)
        weight, gap, density = np.empty(end - begin), np.empty(end - begin), np.empty(end - begin)
        floor = np.empty(start.size - 1)
        for a in range(floor.size):
            here, total = slice(begin + start[a], begin + start[a + 1]), 0.0
            least = v[0] if family == TOTAL_VARIATION else v[columns[here.start]]
            for j in range(here.start, here.stop):
                total += data[j]
            for j in range(here.start, here.stop):
                weight[j - begin], gap[j - begin] = data[j] / total, v[columns[j]] - least
            floor[a] = r[own.start + a] + least
        state = (family, k, is_penalty, parameter[s], start, weight, gap, floor, policy[own], density, spent[own])
        lower[s], upper[s], price[s] = sharing.worst_for(*state) if is_given else levelling.best_choice(*state)
        if entries.size:
            for a in range(floor.size):
                for j in range(start[a], start[a + 1]):
                    entries[begin + j] = weight[j] * density[j]
                    moved[own.start + a] += weight[j] * (1.0 - density[j])

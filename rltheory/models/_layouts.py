"""The layouts in which people keep transitions and rewards, brought into pair rows: one for each state and action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models.errors import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def product_rows(P: Any, axes: str) -> csr_array:
    """Return CSR rows in the order (state, action) from product arrays."""
    from scipy.sparse import csr_array, issparse

    if issparse(P):
        raise ModelError("P is one sparse array, which has no third axis; use MDP.from_pairs")
    if isinstance(P, (list, tuple)) and P and all(issparse(matrix) for matrix in P):
        return _rows_of_sparse_actions(P, axes)
    dense = valid.real_array(P, "P")
    fits = {"sas": dense.ndim == 3 and dense.shape[0] == dense.shape[2]}
    fits["ass"] = dense.ndim == 3 and dense.shape[1] == dense.shape[2]
    if not fits[axes] or not dense.size:
        wanted = "(n_states, n_actions, n_states)" if axes == "sas" else "(n_actions, n_states, n_states)"
        other = "ass" if axes == "sas" else "sas"
        hint = f"; it looks like axes={other!r}" if fits[other] else ""
        raise ModelError(f"P has shape {dense.shape}; with axes={axes!r} it must be {wanted}{hint}")
    by_state = dense if axes == "sas" else dense.transpose(1, 0, 2)
    return csr_array(by_state.reshape(-1, dense.shape[2]))


def _rows_of_sparse_actions(P: Sequence[Any], axes: str) -> csr_array:
    """Return CSR rows in the order (state, action) from one sparse array for each action."""
    from scipy.sparse import csr_array, vstack

    if axes != "ass":
        raise ModelError("P is a list of sparse arrays, one for each action; that is axes='ass'")
    n_states = P[0].shape[1]
    for action, matrix in enumerate(P):
        if matrix.shape != (n_states, n_states):
            raise ModelError(f"P of action {action} has shape {matrix.shape}; it must be ({n_states}, {n_states})")
    by_state = np.arange(len(P) * n_states).reshape(len(P), n_states).T.reshape(-1)
    return csr_array(vstack(P, format="csr"))[by_state]


def product_rewards(r: Any, P: csr_array, n_states: int, n_actions: int, axes: str) -> np.ndarray:
    """Return the expected reward of each pair, in the order (state, action)."""
    r = valid.real_array(r, "r")
    if r.shape == (n_states,):
        return np.repeat(r, n_actions)
    if r.shape == (n_states, n_actions):
        return r.reshape(-1)
    transitions = (n_states, n_actions, n_states) if axes == "sas" else (n_actions, n_states, n_states)
    if r.shape == transitions:
        by_pair = r if axes == "sas" else r.transpose(1, 0, 2)
        return _expected(P, by_pair.reshape(-1, n_states))
    raise ModelError(f"r has shape {r.shape}; it must be ({n_states},), ({n_states}, {n_actions}) or {transitions}")


def _expected(P: csr_array, rewards: np.ndarray) -> np.ndarray:
    """Return sum_s' P(s'|s,a) r(s,a,s') over the transitions that can happen."""
    row = np.repeat(np.arange(P.shape[0]), np.diff(P.indptr))
    return np.bincount(row, weights=P.data * rewards[row, P.indices], minlength=P.shape[0])


def pair_rewards(r: Any, P: csr_array, pair_start: np.ndarray) -> np.ndarray:
    """Return the expected reward of each pair from rewards of pairs, states or transitions."""
    from scipy.sparse import csr_array, issparse

    n_pairs, n_states = P.shape
    if issparse(r):
        if r.shape != P.shape:
            raise ModelError(f"r has shape {r.shape}; a sparse r has the shape of P, {P.shape}")
        product = P.multiply(valid.sparse_rows(csr_array(r), "r"))
        return np.asarray(product.sum(axis=1)).reshape(-1)
    r = valid.real_array(r, "r")
    if r.shape == (n_pairs,):
        return r
    if r.shape == (n_states,):
        return np.repeat(r, np.diff(pair_start))
    if r.shape == P.shape:
        return _expected(P, r)
    raise ModelError(f"r has shape {r.shape}; it must be ({n_pairs},), ({n_states},) or {P.shape}")


def take_rows(r: Any, order: np.ndarray) -> Any:
    """Reorder rewards with the rows they belong to."""
    from scipy.sparse import csr_array, issparse

    if issparse(r):
        return csr_array(r)[order]
    r = np.asarray(r)
    return r[order] if r.ndim and r.shape[0] == order.size else r


def sorted_pairs(
    states: Any, actions: Any, n_pairs: int, n_states: int
) -> tuple[np.ndarray | None, np.ndarray, tuple[str, ...] | None]:
    """Return the order that makes rows of a state adjacent (None if they are), the offsets, and the actions' names."""
    states = valid.index_array(states, "states")
    if states.shape != (n_pairs,):
        raise ModelError(f"states has shape {states.shape}; with {n_pairs} rows it must be ({n_pairs},)")
    out_of_range = np.flatnonzero((states < 0) | (states >= n_states))
    if out_of_range.size:
        row = out_of_range[0]
        raise ModelError(f"states names state {states[row]} for row {row}; states are 0..{n_states - 1}")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(states, minlength=n_states))])
    if actions is None:
        order = None if (np.diff(states) >= 0).all() else np.argsort(states, kind="stable")
        return order, offsets, None
    actions = valid.index_array(actions, "actions")
    if actions.shape != (n_pairs,):
        raise ModelError(f"actions has shape {actions.shape}; with {n_pairs} rows it must be ({n_pairs},)")
    order = np.lexsort((actions, states))
    states, actions = states[order], actions[order]
    twice = np.flatnonzero((np.diff(states) == 0) & (np.diff(actions) == 0))
    if twice.size:
        raise ModelError(f"state {states[twice[0]]}, action {actions[twice[0]]} has two rows; a pair has one")
    positions = np.arange(n_pairs) - offsets[states]
    names = None if np.array_equal(actions, positions) else tuple(map(str, actions.tolist()))
    return (None if np.array_equal(order, np.arange(n_pairs)) else order), offsets, names

"""The checks that every kind of model shares: each error names the place, the number and the way out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models.errors import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ROW_SUM_TOLERANCE = 1e-9
"""How far a row of double-precision probabilities may be from one."""
ROW_SUM_TOLERANCE_SINGLE = 1e-6
"""The same for single precision. The distance is not repaired: the proven bounds of the solvers account for it."""

_EXACT_INTEGERS = 2**53
_LARGEST_INT32 = 2**31 - 1


def frozen(array: np.ndarray) -> np.ndarray:
    """Return a read-only view of an array; the caller's own array stays as it was."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def real_array(data: Any, name: str) -> np.ndarray:
    """Convert to a C-contiguous float64 array, copying only if needed, refusing what would lose information."""
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ModelError(f"{name} is not a rectangular array: {error}") from None
    if array.dtype.kind not in "biuf":
        raise ModelError(f"{name} has dtype {array.dtype}; real numbers are needed")
    converted = np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)
    if array.dtype.kind in "iu" and array.itemsize == 8 and array.size and np.abs(converted).max() >= _EXACT_INTEGERS:
        raise ModelError(f"{name} holds integers of 2**53 or more, which float64 cannot represent exactly")
    if array.dtype.kind == "f" and array.itemsize > 8 and not np.array_equal(converted, array, equal_nan=True):
        raise ModelError(f"{name} has dtype {array.dtype} and would lose digits in float64; convert it yourself")
    return converted


def index_array(data: Any, name: str) -> np.ndarray:
    """Convert to an array of int64 indices, refusing numbers that are not whole."""
    array = np.asarray(data)
    if array.size and array.dtype.kind not in "iu":
        raise ModelError(f"{name} has dtype {array.dtype}; integer indices are needed")
    return array.astype(np.int64, copy=False)


def checked_whole(name: str, value: int, least: int) -> int:
    """Return a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ModelError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    return int(value)


def checked_positive(name: str, value: float) -> float:
    """Return a finite number above 0."""
    if not 0 < value < math.inf:
        raise ModelError(f"{name} is {value!r}; it must be a finite number above 0")
    return float(value)


def checked_gamma(gamma: float) -> float:
    """Return the discount as a float in [0, 1]."""
    if not isinstance(gamma, (int, float, np.integer, np.floating)) or not 0 <= gamma <= 1:
        raise ModelError(f"gamma is {gamma!r}; a discount is a number in [0, 1]")
    return float(gamma)


def checked_horizon(H: int) -> int:
    """Return the horizon as an int of at least 0."""
    if isinstance(H, bool) or not isinstance(H, (int, np.integer)) or H < 0:
        raise ModelError(f"H is {H!r}; a horizon is a whole number of steps, at least 0")
    return int(H)


def start_distribution(mu: Any, n_states: int) -> np.ndarray:
    """Return the distribution of the first state: uniform for None, a point mass for a state's index."""
    if mu is None:
        return frozen(np.full(n_states, 1 / n_states))
    if isinstance(mu, (int, np.integer)) and not isinstance(mu, bool):
        if not 0 <= mu < n_states:
            raise ModelError(f"mu is the state {mu}; states are 0..{n_states - 1}")
        point = np.zeros(n_states)
        point[mu] = 1.0
        return frozen(point)
    mu = real_array(mu, "mu")
    if mu.shape != (n_states,):
        raise ModelError(f"mu has shape {mu.shape}; with {n_states} states it must be ({n_states},)")
    bad = np.flatnonzero(~(mu >= 0))
    if bad.size:
        raise ModelError(f"mu of state {bad[0]} is {mu[bad[0]]}; a probability is at least 0")
    total = math.fsum(mu)
    if abs(total - 1) > (ROW_SUM_TOLERANCE_SINGLE if _single_precision(mu) else ROW_SUM_TOLERANCE):
        raise ModelError(f"mu sums to {total:.12g}; a distribution sums to 1 (mu / mu.sum() rescales)")
    return frozen(mu)


def checked_description(model: Any, start: np.ndarray) -> dict[str, Any]:
    """Return the fields that all models share, checked: discount, start distribution, names."""
    n_states, n_pairs, most = start.size - 1, int(start[-1]), int(np.diff(start).max())
    return {
        "pair_start": start,
        "gamma": checked_gamma(model.gamma),
        "mu": start_distribution(model.mu, n_states),
        "state_names": checked_names(model.state_names, (n_states,), "state_names"),
        "action_names": checked_names(model.action_names, (most, n_pairs), "action_names"),
    }


def set_fields(model: Any, fields: dict[str, Any]) -> None:
    """Fill the fields of a frozen dataclass while it is being made."""
    for name, value in fields.items():
        object.__setattr__(model, name, value)


def checked_names(names: Sequence[Any] | None, lengths: tuple[int, ...], what: str) -> tuple[str, ...] | None:
    """Return names as strings, one for each thing named."""
    if names is None:
        return None
    names = tuple(map(str, names))
    if len(names) not in lengths:
        wanted = " or ".join(str(n) for n in dict.fromkeys(lengths))
        raise ModelError(f"{what} has {len(names)} entries; {wanted} are needed")
    return names


def checked_pair_start(pair_start: Any, n_states: int, n_pairs: int) -> np.ndarray:
    """Return the offsets of the states' rows, every state with at least one action."""
    start = np.ascontiguousarray(index_array(pair_start, "pair_start"))
    if start.shape != (n_states + 1,):
        raise ModelError(f"pair_start has shape {start.shape}; with {n_states} states it must be ({n_states + 1},)")
    if start[0] != 0 or start[-1] != n_pairs:
        raise ModelError(
            f"pair_start runs from {start[0]} to {start[-1]}; it must run from 0 to the {n_pairs} rows of P"
        )
    counts = np.diff(start)
    if (counts < 0).any():
        raise ModelError(f"pair_start decreases after state {int(np.argmax(counts < 0))}; rows of a state are adjacent")
    if (counts == 0).any():
        state, many = int(np.argmax(counts == 0)), int((counts == 0).sum())
        raise ModelError(
            f"state {state} has no action ({many} such states); give it one, as a rule a self-loop with reward 0"
        )
    return frozen(start)


def place(row: int, pair_start: np.ndarray, *, stacked: bool = False) -> str:
    """Name a state-action pair for a message: ``state 3, action 1 (row 7)``, after ``step 2,`` in stacked rows."""
    step, pair = divmod(int(row), int(pair_start[-1]))
    state = int(np.searchsorted(pair_start, pair, side="right")) - 1
    named = f"state {state}, action {pair - int(pair_start[state])} (row {row})"
    return f"step {step}, {named}" if stacked else named


def checked_rows(P: csr_array, pair_start: np.ndarray, *, stacked: bool = False) -> tuple[csr_array, float]:
    """Check that every row of P is a distribution over the states, and freeze it without copying float64 data.

    Duplicate entries of a row are added up, which is what they mean in CSR. The second result is a proven bound on how
    far the exact sums of the rows are from one.
    """
    from scipy.sparse import csr_array

    n_states = P.shape[1]

    def place_of_entry(entry: int) -> str:
        return place(int(np.searchsorted(P.indptr, entry, side="right")) - 1, pair_start, stacked=stacked)

    if P.nnz and not (P.indices.min() >= 0 and P.indices.max() < n_states):
        entry = int(np.argmax((P.indices < 0) | (P.indices >= n_states)))
        raise ModelError(f"{place_of_entry(entry)} leads to state {P.indices[entry]}; states are 0..{n_states - 1}")
    if not P.has_canonical_format:
        P = P.copy()
        P.sum_duplicates()
    if P.nnz and not P.data.min() >= 0:
        entry = int(np.argmax(~(P.data >= 0)))
        raise ModelError(
            f"{place_of_entry(entry)} goes to state {P.indices[entry]} with probability {P.data[entry]};"
            " it must be a number in [0, 1]"
        )
    sums = P @ np.ones(n_states)
    distance = np.abs(sums - 1)
    if not (distance <= ROW_SUM_TOLERANCE).all():
        wrong = ~(distance <= (ROW_SUM_TOLERANCE_SINGLE if _single_precision(P.data) else ROW_SUM_TOLERANCE))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ModelError(
                f"{place(row, pair_start, stacked=stacked)} sums to {sums[row]:.12g}"
                f" ({int(wrong.sum())} bad rows); MDP.normalised rescales"
            )
    narrow = np.int32 if max(P.nnz, n_states) <= _LARGEST_INT32 else np.int64  # half the memory to read in a sweep
    indices, indptr = P.indices.astype(narrow, copy=False), P.indptr.astype(narrow, copy=False)
    rows = csr_array((frozen(P.data), frozen(indices), frozen(indptr)), shape=P.shape, copy=False)
    rows.has_canonical_format = True
    return rows, _row_sum_error(distance, int(np.diff(P.indptr).max(initial=0)))


def _row_sum_error(distance: np.ndarray, longest: int) -> float:
    """Bound the exact distance of row sums from one, where floats say it is ``distance``.

    A sum of k non-negative terms takes k - 1 roundings, each of which is off by at most a part u of it (Higham 2002,
    section 4.2); here sums are near one, so that twice that is enough for all terms of higher order.
    """
    return float(distance.max(initial=0.0)) * (1 + 1e-15) + 2 * max(longest - 1, 0) * 2.0**-53


def _single_precision(data: np.ndarray) -> bool:
    """Whether every number is one that float32 can hold, as after a conversion from float32."""
    return bool(np.array_equal(data, data.astype(np.float32)))


def sparse_rows(P: Any, name: str = "P") -> csr_array:
    """Return two-dimensional CSR rows with float64 data; zeros of dense input are dropped."""
    from scipy.sparse import csr_array, issparse

    if not issparse(P):
        dense = real_array(P, name)
        if dense.ndim != 2:
            raise ModelError(f"{name} has shape {dense.shape}; pair rows are two-dimensional, (n_pairs, n_states)")
        return csr_array(dense)
    rows = csr_array(P)
    return csr_array((real_array(rows.data, name), rows.indices, rows.indptr), shape=rows.shape, copy=False)


def checked_rewards(r: np.ndarray, pair_start: np.ndarray, *, stacked: bool = False) -> np.ndarray:
    """Check that every reward is finite, and freeze the array."""
    flat = r.reshape(-1)
    if flat.size and not np.isfinite(flat).all():
        row = int(np.argmax(~np.isfinite(flat)))
        raise ModelError(
            f"the reward of {place(row, pair_start, stacked=stacked)} is {flat[row]}; rewards are finite"
            " (leave an action out, with `allowed` or in pair form, to forbid it)"
        )
    return frozen(r)

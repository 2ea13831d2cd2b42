"""What all families share: checks that name the element, first visits, and compiled gains on several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.planning.threads import cut, on_each

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def checked_element(element: int, n_elements: int) -> int:
    if not 0 <= element < n_elements:
        raise ModelError(f"element {element} does not exist; elements are 0..{n_elements - 1}")
    return int(element)


def checked_elements(elements: Iterable[int], n_elements: int) -> np.ndarray:
    """Return elements as an array of indices, in their order."""
    indices = valid.index_array(np.asarray(list(elements)), "elements")
    if indices.ndim != 1:
        raise ModelError(f"elements have shape {indices.shape}; a set is a sequence of elements")
    if indices.size:
        checked_element(indices.min(), n_elements)
        checked_element(indices.max(), n_elements)
    return indices


def checked_paths(paths: Any, n_elements: int) -> np.ndarray:
    """Return paths as a C-contiguous array of indices, shape (n_paths, length)."""
    paths = np.ascontiguousarray(valid.index_array(paths, "paths"))
    if paths.ndim != 2:
        raise ModelError(f"paths have shape {paths.shape}; it must be (n_paths, length): paths[None] is one path")
    bad = np.argwhere((paths < 0) | (paths >= n_elements))
    if bad.size:
        path, place = bad[0]
        raise ModelError(
            f"path {path} holds element {paths[path, place]} at place {place}; elements are 0..{n_elements - 1}"
        )
    return paths


def nonnegative(data: Any, name: str, *axes: str) -> np.ndarray:
    """Return a read-only array of finite numbers of at least 0, one axis for each label: ``"element", "item"``."""
    array = valid.real_array(data, name)
    if array.ndim != len(axes):
        raise ModelError(f"{name} has shape {array.shape}; it needs one axis for each {' and '.join(axes)}")
    bad = np.argwhere(~((array >= 0) & (array < np.inf)))
    if bad.size:
        place = ", ".join(f"{axis} {index}" for axis, index in zip(axes, bad[0], strict=True))
        raise ModelError(f"{name} of {place} is {array[tuple(bad[0])]:g}; it must be finite and at least 0")
    return valid.frozen(array)


def nonnegative_sparse(data: Any, name: str, *axes: str) -> csr_array:
    """Return a dense or sparse matrix in canonical CSR form, without stored zeros, with entries of at least 0."""
    from scipy.sparse import csr_array, issparse

    matrix = csr_array(data if issparse(data) else valid.real_array(data, name), dtype=np.float64)
    if matrix.ndim != 2:
        raise ModelError(f"{name} has shape {matrix.shape}; it needs one axis for each {' and '.join(axes)}")
    matrix = matrix.copy() if issparse(data) else matrix
    matrix.sum_duplicates()
    bad = np.flatnonzero(~((matrix.data >= 0) & (matrix.data < np.inf)))
    if bad.size:
        row = int(np.searchsorted(matrix.indptr, bad[0], side="right")) - 1
        place = f"{axes[0]} {row}, {axes[1]} {matrix.indices[bad[0]]}"
        raise ModelError(f"{name} of {place} is {matrix.data[bad[0]]:g}; it must be finite and at least 0")
    matrix.eliminate_zeros()
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


def membership(sets: Sequence[Iterable[int]], n_columns: int | None, name: str) -> csr_array:
    """Return the 0-1 matrix whose row i marks the columns in ``sets[i]``, in which each column counts once."""
    from scipy.sparse import csr_array

    listed = [valid.index_array(np.asarray(list(members)), f"{name} {row}") for row, members in enumerate(sets)]
    rows = [np.unique(members) for members in listed]
    columns = np.concatenate(rows).astype(np.int64) if rows else np.zeros(0, dtype=np.int64)
    width = n_columns if n_columns is not None else int(columns.max(initial=-1)) + 1
    for row, members in enumerate(rows):
        if members.size and not 0 <= members[0] <= members[-1] < width:
            wrong = members[0] if members[0] < 0 else members[-1]
            raise ModelError(f"{name} {row} holds {wrong}; valid are 0..{width - 1}")
    indptr = np.concatenate([[0], np.cumsum([members.size for members in rows], dtype=np.int64)])
    return csr_array((np.ones(columns.size), columns, indptr), shape=(len(rows), width))


def first_visits(paths: np.ndarray) -> np.ndarray:
    """Return which entries of each path have not occurred earlier in it, boolean, of the same shape."""
    order = np.argsort(paths, axis=1, kind="stable")
    ordered = np.take_along_axis(paths, order, axis=1)
    new = np.ones(paths.shape, dtype=bool)
    np.put_along_axis(new, order[:, 1:], ordered[:, 1:] != ordered[:, :-1], axis=1)
    return new


def gains_on_threads(paths: np.ndarray, work: int, kernel: Callable[..., None], *data: Any) -> np.ndarray:
    """Return what ``kernel(*data, paths, gains)`` writes, with the paths shared among threads.

    ``work`` is the number of operations that one entry of a path costs. No path is told of another: the gains do not
    depend on the number of threads.
    """
    gains = np.empty(paths.shape)
    if paths.size:
        parts = cut(np.arange(len(paths) + 1) * (paths.shape[1] * max(work, 1)))
        on_each(parts, lambda first, last: kernel(*data, paths[first:last], gains[first:last]))
    return gains

"""Files of our own: NumPy's ``.npz`` with the arrays of a model, exact to the last bit, and never a pickle.

Every file says what it is: ``format`` is the word ``rltheory``, ``version`` the version of this layout, ``kind`` the
class. The other arrays are the fields by name; names are arrays of unicode strings, and a sparse ``P`` is three arrays.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from rltheory.models import MDP, Dataset, FiniteHorizonMDP, LinearMDP, ModelError, OutcomeModel

Model = MDP | FiniteHorizonMDP | LinearMDP | OutcomeModel | Dataset
"""What a file can hold."""

_KINDS: dict[str, type[Model]] = {
    kind.__name__: kind for kind in (MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel, Dataset)
}
_VERSION = "1"
_SPARSE = ("data", "indices", "indptr")


def save_npz(path: str | Path, model: Model) -> None:
    """Write a model or a dataset to a file, exactly.

    Parameters
    ----------
    path : str or Path
        The file's name, used as it is; an existing file is replaced.
    model : MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel or Dataset
        What to keep.

    Raises
    ------
    ModelError
        If a name ends in a NUL character, which a NumPy string cannot hold, or ``model`` is something else.

    Examples
    --------
    >>> import tempfile, rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, state_names=["tails", "heads"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_npz(f"{folder}/coin.npz", coin)
    ...     load_npz(f"{folder}/coin.npz").state_names
    ('tails', 'heads')
    """
    if type(model) not in _KINDS.values():
        raise ModelError(f"a {type(model).__name__} cannot be saved; {', '.join(_KINDS)} can")
    arrays: dict[str, Any] = {"format": "rltheory", "version": _VERSION, "kind": type(model).__name__}
    for field in fields(model):
        value = getattr(model, field.name)
        if field.name == "P" and not isinstance(value, np.ndarray):
            arrays |= {f"P_{part}": getattr(value, part) for part in _SPARSE}
        elif value is not None:
            arrays[field.name] = _names(value, field.name) if field.name.endswith("_names") else value
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_npz(path: str | Path) -> Model:
    """Read a file that `save_npz` wrote, checking the model again.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel or Dataset
        The same arrays, bit for bit.

    Raises
    ------
    ModelError
        If the file is damaged, is not one of ours, or was written by a later version.
    """
    return from_arrays(read_arrays(path), path)


def is_ours(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of a file that `save_npz` wrote."""
    return str(arrays.get("format")) == "rltheory"


def from_arrays(arrays: Mapping[str, np.ndarray], path: str | Path) -> Model:
    """Build the model from the arrays of a file; ``path`` is named in errors."""
    if not is_ours(arrays):
        raise ModelError(f"{path} was not written by save_npz: no array `format` in it says rltheory")
    version, kind = str(arrays.get("version")), _KINDS.get(str(arrays.get("kind")))
    if version != _VERSION or kind is None:
        raise ModelError(
            f"{path} holds a {arrays.get('kind')} in version {version} of the format; this rltheory reads"
            f" {', '.join(_KINDS)} in version {_VERSION}"
        )
    try:
        return kind(**{field.name: _field(arrays, field.name) for field in fields(kind)})
    except KeyError as missing:
        raise ModelError(f"{path} lacks the array {missing} of a {kind.__name__}; it is incomplete") from None
    except (TypeError, ValueError, IndexError) as error:
        raise ModelError(f"{path} does not hold a {kind.__name__}: {error}") from None


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of any ``.npz`` file, or one `ModelError` if it is damaged or not such a file.

    What would not fit in memory once it is unpacked is refused before it is, with a `MemoryError`.
    """
    from rltheory.planning.memory import require_memory

    try:
        with np.load(path, allow_pickle=False) as archive:
            require_memory(float(sum(part.file_size for part in archive.zip.infolist())), f"the arrays of {path}")
            return {name: _array(archive, name) for name in archive.files}
    except (
        ValueError,
        EOFError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
    ) as error:
        raise ModelError(f"{path} is not a readable .npz file (damaged, or another format): {error}") from None


def _array(archive: Any, name: str) -> np.ndarray:
    """Return one array; there is memory for what the file holds, so that one without is not all there."""
    try:
        return archive[name]
    except MemoryError as error:
        raise ValueError(f"the array {name!r} promises more than the file holds: {error}") from None


def _names(names: tuple[str, ...], what: str) -> np.ndarray:
    """Return names as a unicode array, refusing those that would not come back."""
    array = np.asarray(names, dtype=np.str_)
    if array.tolist() != list(names):
        raise ModelError(f"{what} has a name that ends in a NUL character, which a file cannot keep; rename it")
    return array


def _field(arrays: Mapping[str, np.ndarray], name: str) -> Any:
    """Return one field of a model from the arrays of its file."""
    if name.endswith("_names"):
        return arrays[name].tolist() if name in arrays else None
    if name == "P" and "P" not in arrays:
        from scipy.sparse import csr_array

        n_states = arrays["pair_start"].size - 1
        data, indices, indptr = (arrays[f"P_{part}"] for part in _SPARSE)
        return csr_array((data, indices, indptr), shape=(indptr.size - 1, n_states))
    value = arrays[name]
    return value.item() if value.ndim == 0 else value

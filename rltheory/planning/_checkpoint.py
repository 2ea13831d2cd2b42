"""Where a long computation stands, in a file: written whole or not at all, and refused for another model."""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rltheory.models import ModelError

_FORMAT = "rltheory checkpoint 1"


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The next iterate, the widths of the sweeps so far, and what the first of them returned."""

    v: np.ndarray
    widths: list[float]
    first: tuple[float, float, float]


def save(path: str | Path, model: dict[str, Any], standing: Standing) -> None:
    """Write a checkpoint beside the old one and put it in its place, so that a crash leaves one of the two."""
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    arrays: dict[str, Any] = {f"model_{name}": value for name, value in model.items()}
    arrays |= {"format": _FORMAT, "v": standing.v, "widths": standing.widths, "first": standing.first}
    with partial.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load(path: str | Path, model: dict[str, Any]) -> Standing | None:
    """Read a checkpoint of this model; None if there is none yet."""
    if not Path(path).exists():
        return None
    arrays = _arrays(path)
    if str(arrays.get("format")) != _FORMAT:
        raise ModelError(f"{path} is not a checkpoint of this version; give another path, or delete it")
    differing = [name for name in model if arrays[f"model_{name}"].item() != model[name]]
    if differing:
        there = ", ".join(f"{name} is {arrays[f'model_{name}']} there and {model[name]} here" for name in differing)
        raise ModelError(f"{path} is a checkpoint of another model: {there}; give another path, or delete it")
    return Standing(arrays["v"], arrays["widths"].tolist(), tuple(arrays["first"].tolist()))


def _arrays(path: str | Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} is not a readable checkpoint ({error}); delete it to start anew") from None

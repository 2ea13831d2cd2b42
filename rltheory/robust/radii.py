"""No kernel is further than so far: a finite radius beyond it is a mistake, often one of units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.robust.divergences import Divergence


def require_radii(
    divergence: Divergence,
    radii: float | np.ndarray,
    place: Callable[[int], str],
    *,
    actions: Any = None,
) -> None:
    """Refuse a finite radius beyond the largest divergence of all kernels.

    Parameters
    ----------
    divergence : Divergence
        A ball; nothing is asked of a penalty.
    radii : float or ndarray
        Radii of rows, or budgets of states.
    place : callable
        From the position in the flat array to words such as ``"rho of row 3"``.
    actions : array_like that broadcasts to ``radii``, optional
        Of a budget, how many rows it is for.
    """
    if divergence.is_penalty:
        return
    radii = np.asarray(radii)
    most = divergence.largest * (np.ones(radii.shape) if actions is None else np.broadcast_to(actions, radii.shape))
    wrong = ((radii > most) & (radii < np.inf)).ravel()
    if wrong.any():
        i = int(np.argmax(wrong))
        name, at_most = type(divergence).__name__, f"{most.ravel()[i]:g}"
        allowed = f"{name} is {at_most} at most" if actions is None else f"{name} adds up to {at_most} at most"
        raise ModelError(f"{place(i)} is {radii.ravel()[i]}; {allowed} (inf admits every kernel)")

r"""Where the atoms of categorical laws are: on a grid that no return leaves.

The categorical projection keeps the mean, and every bound that rests on it, only if nothing is clipped. Two kinds of
grid see to that. *A number of atoms*: each state has its own, evenly spaced over what its return can be; since
:math:`r_b + \gamma V_{\max}(s'_b) \le V_{\max}(s)`, nothing leaves. *An array*: all states share it, and it is checked
which atoms can get mass. Between atoms mass is rounded outward, so that a shared grid may have to reach a little
further than the returns themselves; :math:`[r_{\min}, r_{\max}] / (1 - \gamma)` is always enough.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from rltheory.distributional.chain import OutcomeChain, next_range, return_range
from rltheory.models import ModelError
from rltheory.models import _validation as valid

_REFUSED = 1e-12  # relative to the largest atom: what is further out is not rounding
_GRAIN = 2.0**-49  # relative to the largest atom: what the rounding of one step can move


def checked_support(support: Any) -> int | np.ndarray:
    """Return a number of atoms, at least 2, or increasing atoms, shape (m,)."""
    if isinstance(support, (int, np.integer)) and not isinstance(support, bool):
        if support < 2:
            raise ModelError(f"support is {support}; at least 2 atoms are needed")
        return int(support)
    atoms = valid.real_array(support, "support")
    if atoms.ndim != 1 or atoms.size < 2 or not np.isfinite(atoms).all():
        raise ModelError(
            f"support has shape {atoms.shape}; it is a number of atoms, or at least 2 finite ones of shape (m,)"
        )
    if not (np.diff(atoms) > 0).all():
        i = int(np.argmin(np.diff(atoms) > 0))
        raise ModelError(f"support has {atoms[i]:g} before {atoms[i + 1]:g}; atoms are increasing")
    return atoms


def even_support(lowest: np.ndarray, highest: np.ndarray, m: int) -> np.ndarray:
    """Return m evenly spaced atoms for each state, the first and last of which are given."""
    return np.linspace(lowest, highest, m, axis=1)


def require_inside(chain: OutcomeChain, atoms: np.ndarray, H: int | None = None) -> float:
    """Check that no mass leaves atoms that all states share, and bound what rounding may still put outside.

    Parameters
    ----------
    chain : OutcomeChain
        With ``gamma < 1``, unless a horizon is given.
    atoms : ndarray, shape (m,)
        Increasing.
    H : int, optional
        Number of steps, the first of which starts from nothing; by default they never end.

    Returns
    -------
    float
        How far, in w_1, clipping at the ends can move a law in one step: a few roundings.

    Raises
    ------
    ModelError
        If mass can leave: it names the state and where the mass gets to.
    """
    scale = float(np.abs(atoms).max())
    if H is None and _covers_all(chain, atoms):
        return _GRAIN * scale * atoms.size
    lowest, highest = return_range(chain, H if H is None else 0)
    slipped = 0.0
    for _ in count() if H is None else range(H):
        before = lowest, highest
        lowest, highest = next_range(chain, lowest, highest)
        beyond = np.maximum(atoms[0] - lowest, highest - atoms[-1])
        slipped = max(slipped, float(beyond.max()))
        if slipped > _REFUSED * scale:
            s = int(np.argmax(beyond))
            seen = lowest[s] if lowest[s] < atoms[0] else highest[s]
            raise ModelError(
                f"support covers [{atoms[0]:g}, {atoms[-1]:g}], and mass of state {chain.state_name(s)} gets to"
                f" {seen:g}: widen it, or pass a number of atoms, which always fits"
            )
        below = np.searchsorted(atoms, lowest + _GRAIN * scale, side="right") - 1
        above = np.searchsorted(atoms, highest - _GRAIN * scale, side="left")
        lowest, highest = atoms[np.maximum(below, 0)], atoms[np.minimum(above, atoms.size - 1)]
        if np.array_equal(before, (lowest, highest)):
            break
    return slipped + _GRAIN * scale * atoms.size


def _covers_all(chain: OutcomeChain, atoms: np.ndarray) -> bool:
    """Whether the support holds rewards / (1 - gamma), so that nothing leaves wherever mass is."""
    ends = np.array([atoms[0], atoms[-1]])
    return bool(chain.reward.min() + chain.gamma * ends[0] >= ends[0]) and bool(
        chain.reward.max() + chain.gamma * ends[1] <= ends[1]
    )

"""Colonel Blotto: soldiers on battlefields."""

from __future__ import annotations

from itertools import product

import numpy as np

from mdps import _checks as checks
from rltheory.games import NormalFormGame


def blotto(soldiers: int = 5, fields: int = 3, enemies: int | None = None) -> NormalFormGame:
    r"""Distribute soldiers over battlefields; each goes to the side with more, and pays it 1.

    Zero sum. With equal armies the game is symmetric and its value is 0.

    Parameters
    ----------
    soldiers : int
        Of the row player.
    fields : int
        Number of battlefields.
    enemies : int, optional
        Soldiers of the column player; as many by default.

    Returns
    -------
    NormalFormGame
        Actions are named by the soldiers on each field, such as ``3-2-0``.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Borel (1921); Gross and Wagner (1950).

    Examples
    --------
    >>> from mdps.games import blotto
    >>> blotto(5, 3)
    NormalFormGame(2 players, 21 x 21 actions)
    """
    checks.whole("fields", fields, 1)
    armies = [_armies(checks.whole("soldiers", soldiers, 0), fields)]
    armies.append(armies[0] if enemies is None else _armies(checks.whole("enemies", enemies, 0), fields))
    ours, theirs = map(np.array, armies)
    A = np.sign(ours[:, None] - theirs).sum(axis=2)
    return NormalFormGame.zero_sum(A, action_names=[["-".join(map(str, army)) for army in side] for side in armies])


def _armies(soldiers: int, fields: int) -> list[tuple[int, ...]]:
    """Return every way to distribute the soldiers."""
    return [army for army in product(range(soldiers + 1), repeat=fields) if sum(army) == soldiers]

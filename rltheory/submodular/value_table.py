"""The values of all subsets of a small ground set, for whatever is checked exhaustively."""

from __future__ import annotations

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.functions.protocol import SetFunction, Tally

LARGEST = 20
"""Most elements of which all subsets are listed: a million of them."""


def value_table(F: SetFunction) -> np.ndarray:
    r"""Return the value of every subset.

    Parameters
    ----------
    F : SetFunction
        Of at most 20 elements.

    Returns
    -------
    ndarray, shape (2**n_elements,)
        Entry $\sum_{v \in S} 2^v$ is F(S).

    Raises
    ------
    ModelError
        If there are more elements.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> value_table(Coverage.from_sets([[0, 1], [1, 2]]))
    array([0., 2., 2., 3.])
    """
    n = F.n_elements
    if n > LARGEST:
        raise ModelError(
            f"F has {n} elements and 2**{n} subsets; all of them are listed for at most {LARGEST} elements"
        )
    table = np.empty(2**n)
    _fill(table, F.tally(), 0, 0, n)
    return table


def _fill(table: np.ndarray, tally: Tally, mask: int, first: int, n: int) -> None:
    """Write the values of a set and of every larger one that differs from it in elements from ``first`` on."""
    table[mask] = tally.value
    for element in range(first, n):
        larger = tally.copy()
        larger.add(element)
        _fill(table, larger, mask | 1 << element, element + 1, n)

r"""Twelve games that 864 students played, each with a single equilibrium, which is completely mixed.

In games 1 to 6 the sum of payoffs is constant. Games 7 to 12 are these with a constant added to the row player's
payoffs in the right column, and the same constant to the column player's in the upper row: nobody's differences change,
so that game k + 6 has the equilibrium of game k.
"""

from __future__ import annotations

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame

# Upper left, upper right, lower left, lower right: payoffs of the row player and of the column player.
_CONSTANT_SUM = {
    1: ((10, 8), (0, 18), (9, 9), (10, 8)),
    2: ((9, 4), (0, 13), (6, 7), (8, 5)),
    3: ((8, 6), (0, 14), (7, 7), (10, 4)),
    4: ((7, 4), (0, 11), (5, 6), (9, 2)),
    5: ((7, 2), (0, 9), (4, 5), (8, 1)),
    6: ((7, 1), (1, 7), (3, 5), (8, 0)),
}
_ADDED = {1: 4, 2: 3, 3: 3, 4: 2, 5: 2, 6: 2}
_OBSERVED = {
    1: (0.079, 0.690),
    2: (0.217, 0.527),
    3: (0.163, 0.793),
    10: (0.366, 0.699),
    11: (0.331, 0.652),
    12: (0.439, 0.604),
}


def selten_chmura(number: int) -> NormalFormGame:
    r"""Return one of the twelve games of Selten and Chmura.

    ====  ========  =========  ==========  ===========  ====  =====
    game  up, left  up, right  down, left  down, right  p     q
    ====  ========  =========  ==========  ===========  ====  =====
    1     10, 8     0, 18      9, 9        10, 8        1/11  10/11
    2     9, 4      0, 13      6, 7        8, 5         2/11  8/11
    3     8, 6      0, 14      7, 7        10, 4        3/11  10/11
    4     7, 4      0, 11      5, 6        9, 2         4/11  9/11
    5     7, 2      0, 9       4, 5        8, 1         4/11  8/11
    6     7, 1      1, 7       3, 5        8, 0         5/11  7/11
    7     10, 12    4, 22      9, 9        14, 8        1/11  10/11
    8     9, 7      3, 16      6, 7        11, 5        2/11  8/11
    9     8, 9      3, 17      7, 7        13, 4        3/11  10/11
    10    7, 6      2, 13      5, 6        11, 2        4/11  9/11
    11    7, 4      2, 11      4, 5        10, 1        4/11  8/11
    12    7, 3      3, 9       3, 5        10, 0        5/11  7/11
    ====  ========  =========  ==========  ===========  ====  =====

    p is the equilibrium's probability of up, q that of left.

    Parameters
    ----------
    number : int
        1 to 12.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If there is no game of this number.

    Notes
    -----
    Selten and Chmura (2008), American Economic Review 98(3); the tables as in Gambit's catalogue. The notebook of
    Mazumdar, Panaganti and Shi (2025) has 10 in place of 8 for the column player at (up, left) of game 1.

    Examples
    --------
    >>> from mdps.games import selten_chmura
    >>> selten_chmura(10).payoffs[1]
    array([[ 6., 13.],
           [ 6.,  2.]])
    """
    _check_number(number)
    first = number if number <= 6 else number - 6
    added = 0 if number <= 6 else _ADDED[first]
    (a, e), (b, f), (c, g), (d, h) = _CONSTANT_SUM[first]
    return NormalFormGame(
        [[[a, b + added], [c, d + added]], [[e + added, f + added], [g, h]]],
        action_names=(("up", "down"), ("left", "right")),
    )


def selten_chmura_frequencies(number: int) -> tuple[float, float]:
    """Return how often people played up, and left.

    Parameters
    ----------
    number : int
        One of 1, 2, 3, 10, 11 and 12.

    Returns
    -------
    up, left : float
        Relative frequencies.

    Raises
    ------
    ModelError
        If there is no game of this number, or its frequencies are not known here.

    Notes
    -----
    Selten and Chmura (2008), as quoted in the notebook of Mazumdar, Panaganti and Shi (2025).

    Examples
    --------
    >>> from mdps.games import selten_chmura_frequencies
    >>> selten_chmura_frequencies(1)
    (0.079, 0.69)
    """
    _check_number(number)
    if number not in _OBSERVED:
        known = ", ".join(map(str, _OBSERVED))
        raise ModelError(f"the frequencies of game {number} are not known here; those of {known} are")
    return _OBSERVED[number]


def _check_number(number: int) -> None:
    if checks.whole("number", number, 1) > 12:
        raise ModelError(f"number is {number}; the games are 1..12")

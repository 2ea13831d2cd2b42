"""Games in which each wants to be just below the other, and all end at the lowest step."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame


def travellers_dilemma(low: int = 2, high: int = 100, bonus: float = 2.0) -> NormalFormGame:
    r"""Two travellers name the price of the vase they lost; both get the lower one, who named it gets a bonus.

    Naming x against y pays $x + \beta$ if $x < y$, $x$ if $x = y$, and $y - \beta$ if $x > y$. For a bonus
    $\beta > 1$ naming the lowest price is the only equilibrium, mixed ones included: whoever names the highest price in
    use gains by naming one less, or by naming the other's highest.

    Parameters
    ----------
    low, high : int
        Prices are whole numbers from ``low`` to ``high``.
    bonus : float
        The bonus, and the fine of the other one, above 1.

    Returns
    -------
    NormalFormGame
        With prices as names of actions.

    Raises
    ------
    ModelError
        If there is no price, or the bonus is at most 1.

    Notes
    -----
    Basu (1994).

    Examples
    --------
    >>> from mdps.games import travellers_dilemma
    >>> travellers_dilemma(2, 4).payoffs[0]
    array([[2., 4., 4.],
           [0., 3., 5.],
           [0., 1., 4.]])
    """
    if checks.whole("high", high, 0) < checks.whole("low", low, 0):
        raise ModelError(f"low is {low} and high is {high}; at least one price must lie between them")
    if not checks.number("bonus", bonus) > 1:
        raise ModelError(f"bonus is {bonus!r}; at most 1 is not worth undercutting for, it must be above 1")
    x = np.arange(low, high + 1)
    A = np.minimum(x[:, None], x) + bonus * np.sign(x - x[:, None])
    names = tuple(map(str, x.tolist()))
    return NormalFormGame.symmetric(A, action_names=(names, names))


def undercutting(n: int = 5) -> NormalFormGame:
    r"""Each wants to be one below the other: $u(a, b) = -(a - \max(b - 1, 0))^2$.

    Dominance solves it slowly. Of the actions 0 to n - 1 only the highest is strictly dominated, by the one below it,
    and once it is gone for both players the same holds again: after exactly n - 1 rounds (0, 0) is left, the only
    equilibrium of any kind.

    Parameters
    ----------
    n : int
        Number of actions.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If there is no action.

    Examples
    --------
    >>> from mdps.games import undercutting
    >>> undercutting(3).payoffs[0]
    array([[-0., -0., -1.],
           [-1., -1., -0.],
           [-4., -4., -1.]])
    """
    a = np.arange(checks.whole("n", n, 1))
    return NormalFormGame.symmetric(-((a[:, None] - np.maximum(a - 1, 0)) ** 2.0))

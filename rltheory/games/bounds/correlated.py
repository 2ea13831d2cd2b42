r"""What theory promises of laws that a mediator draws from: what nobody ignores in a zero-sum game has its value."""

from __future__ import annotations

from typing import Any


def zero_sum_value_error(gains: Any) -> float:
    r"""Most that a player's payoff under a joint law differs from the value of a zero-sum game: the larger coarse gain.

    With gains g of ignoring the mediator, :math:`v - g_1 \le u_1(x) \le v + g_2`: against the law of the other's
    actions the row player has an answer that is worth v at least, and gains at most :math:`g_1` by it; and so on.

    Parameters
    ----------
    gains : array_like, shape (2,)
        Of the two players, coarse, in payoff units.

    Examples
    --------
    >>> zero_sum_value_error([0.25, 0.5])
    0.5
    """
    return float(max(gains))


def marginals_gap(gains: Any) -> float:
    r"""Duality gap of the marginals of a joint law in a zero-sum game: the sum of both coarse gains.

    Exactly, for every law: so both marginals of a coarse correlated equilibrium are optimal strategies.

    Parameters
    ----------
    gains : array_like, shape (2,)
        Of the two players, coarse, in payoff units.

    Examples
    --------
    >>> marginals_gap([0.25, 0.5])
    0.75
    """
    return float(sum(gains))

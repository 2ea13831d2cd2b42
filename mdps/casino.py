"""Games of chance in which one bets or stops, and where risk decides when."""

from __future__ import annotations

from mdps import _checks as checks
from rltheory import OutcomeModel


def casino(p_win: float = 0.6, capital: int = 5, limit: int = 10, stakes: tuple[int, ...] = (1,)) -> OutcomeModel:
    r"""Bet a stake, which is won with probability p and lost otherwise, or stop.

    Ruin and a capital of at least ``limit``, which breaks the bank, end the game, as stopping does. A stake is what is
    left if that is less. The return is what is won or lost. No discount; give the number of rounds as the horizon. With
    stakes of 1:

    * in expectation one bets always if :math:`p > 1/2`, and stops at once if :math:`p < 1/2`;
    * one round has the best CVaR :math:`\max(0,\, 1 - 2(1-p)/\tau)` for :math:`\tau \ge 1 - p`, and 0 below: one
      bets at levels above :math:`2(1 - p)`;
    * H rounds, with H at most the capital and what the bank lacks, so that neither end is met before the last, have the
      best entropic risk :math:`H \max(0, e_\beta)` with :math:`e_\beta = -\frac1\beta \ln(p e^{-\beta} +
      (1-p) e^{\beta})`, which is positive for :math:`\beta < \ln\frac{p}{1-p}`;
    * one round has the best optimistic CVaR 1 for :math:`\tau \le p`.

    Parameters
    ----------
    p_win : float
        Probability of winning a bet.
    capital : int
        What one comes with, in units of money.
    limit : int
        The capital at which the bank is broken.
    stakes : tuple of int
        What may be bet, each at least 1.

    Returns
    -------
    OutcomeModel
        States 0..limit, and ``out``, where one is after stopping, ruin or breaking the bank. Actions ``stop`` and one
        for each stake.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    After the casino game of Bäuerle and Ott (2011).

    Examples
    --------
    >>> from mdps.casino import casino
    >>> casino(p_win=0.6, capital=2, limit=4)
    OutcomeModel(6 states, 9 state-action pairs, at most 2 outcomes, gamma=1)
    """
    checks.probability("p_win", p_win)
    checks.whole("limit", limit, 2)
    checks.whole("capital", capital, 1)
    checks.number("capital", capital, 1, limit - 1)
    for stake in stakes:
        checks.whole("a stake", stake, 1)
    out, stop = limit + 1, [(1.0, limit + 1, 0.0)]
    outcomes, names = [], []
    for k in range(limit + 2):
        plays = 0 < k < limit
        bets = [min(stake, k) for stake in stakes] if plays else []
        outcomes.append(
            [stop, *([(p_win, min(k + bet, limit), float(bet)), (1 - p_win, k - bet, float(-bet))] for bet in bets)]
        )
        names += ["stop", *(f"bet {bet}" for bet in bets)]
    labels = [*map(str, range(out)), "out"]
    return OutcomeModel.from_lists(outcomes, 1.0, mu=capital, state_names=labels, action_names=names)


def sure_or_lottery(scale: float = 1.0) -> OutcomeModel:
    r"""Take 2 for sure, or a lottery that pays 5 with probability 1/4: the best policy for optimistic CVaR draws lots.

    At level 1/2 the two have optimistic CVaR 2 and 2.5. Taking the lottery with probability :math:`\lambda` gives
    :math:`2 + 3\lambda/2` up to :math:`\lambda = 2/3`, where it is 3, the optimum: :math:`\min_b \max(4 - b,\, 5/2 +
    b/2) = 3` at :math:`b = 1`, which is no sum of rewards (those give 3.5 at the least).

    Parameters
    ----------
    scale : float
        Factor of all rewards, above 0.

    Returns
    -------
    OutcomeModel
        One decision in state 0; state 1 is absorbing.

    Raises
    ------
    ModelError
        If the scale is not positive.

    Examples
    --------
    >>> from mdps.casino import sure_or_lottery
    >>> sure_or_lottery().reward.tolist()
    [[2.0, 0.0], [5.0, 0.0], [0.0, 0.0]]
    """
    checks.positive("scale", scale)
    return OutcomeModel.from_lists(
        [[[(1.0, 1, 2.0 * scale)], [(0.25, 1, 5.0 * scale), (0.75, 1, 0.0)]], [[(1.0, 1, 0.0)]]], gamma=1.0, mu=0
    )

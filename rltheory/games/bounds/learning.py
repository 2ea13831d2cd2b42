r"""What theory promises of players who learn: regrets after T rounds, and the equilibria that follow.

Gains are in [0, 1], that is, regrets and gaps are in units of the payoff range, unless a width is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Iterable


def hedge_step(n: int, rounds: int) -> float:
    r"""Step size of Hedge with the least bound on its regret after T rounds: :math:`\sqrt{8 \ln n / T}`.

    With one action there is nothing to learn, and any step size does: then it is 1.

    Examples
    --------
    >>> round(hedge_step(n=2, rounds=100), 6)
    0.235482
    """
    return math.sqrt(8 * math.log(n) / rounds) if n > 1 else 1.0


def hedge_regret(n: int, rounds: int, step: float | None = None) -> float:
    r"""External regret of Hedge: :math:`\ln n / \eta + \eta T / 8`; at the best step, :math:`\sqrt{T \ln n / 2}`.

    Cesa-Bianchi and Lugosi (2006, theorem 2.2), for any gains in [0, 1], even of an adversary who knows the rule.
    Nearly attained for large T: gains that alternate cost :math:`\eta / 8` a round, and a last stretch in which one
    action alone gains costs the :math:`\ln n / \eta`.

    Examples
    --------
    >>> round(hedge_regret(n=2, rounds=100), 6) == round(hedge_regret(2, 100, step=hedge_step(2, 100)), 6)
    True
    """
    if step is None:
        return math.sqrt(rounds * math.log(n) / 2)
    return math.log(n) / step + step * rounds / 8


def hedge_gap(n_actions: Iterable[int], rounds: int) -> float:
    r"""Duality gap of the averages of two players of Hedge: :math:`\sqrt{\ln m / 2T} + \sqrt{\ln n / 2T}`.

    Freund and Schapire (1999), each with her own best step size: the gap is the sum of the regrets, over T.

    Examples
    --------
    >>> round(hedge_gap((2, 2), rounds=200), 6)
    0.083255
    """
    return sum(hedge_regret(n, rounds) for n in n_actions) / rounds


def optimistic_hedge_gap(n_actions: Iterable[int], rounds: int, step: float) -> float:
    r"""Duality gap of the averages of two players of optimistic Hedge, both with the step size :math:`\eta \le 1`:

    .. math:: \frac1T \Big( \frac{\ln m + \ln n}{\eta} + \frac{\eta}{2} \Big).

    By the regret bounded by variation in utilities of Syrgkanis, Agarwal, Luo and Schapire (2015, proposition 7),
    :math:`\ln n / \eta + \eta \sum_t \|g_t - g_{t-1}\|^2 - \frac{1}{4\eta} \sum_t \|p_t - p_{t-1}\|_1^2`, in which the
    norm of a change of gains may be half of its range, for strategies differ by vectors that sum to zero. So a change
    of gains is at most half of the change of the other's strategy, and the sums cancel if :math:`\eta \le 1`, up to
    the first round: it predicts nothing, and costs each player at most :math:`\eta / 4`.

    Examples
    --------
    >>> round(optimistic_hedge_gap((2, 2), rounds=1000, step=0.5), 6)
    0.003023
    """
    return (sum(math.log(n) for n in n_actions) / step + step / 2) / rounds


def regret_matching_regret(n: int, rounds: int, width: float = 1.0) -> float:
    r"""External regret of regret matching, and of regret matching+: :math:`\Delta \sqrt{(n - 1) T}`, gains of range Δ.

    Hart and Mas-Colell (2000). By Blackwell (1956) the squared norm of the positive regrets grows in a round by at most
    :math:`\|g - (p \cdot g) 1\|^2`, which is convex in g and so at most :math:`\Delta^2 (n - 1)`. Nearly
    attained for large T, by gains that keep the strategy close to one action.

    Examples
    --------
    >>> regret_matching_regret(n=5, rounds=100)
    20.0
    """
    return width * math.sqrt((n - 1) * rounds)


def swap_hedge_step(n: int, rounds: int) -> float:
    r"""Step size of the copies of Hedge with the least bound on swap regret: :math:`\sqrt{8 n \ln n / T}`; 1 if n is 1.

    Examples
    --------
    >>> round(swap_hedge_step(n=2, rounds=100), 6)
    0.333022
    """
    return math.sqrt(8 * n * math.log(n) / rounds) if n > 1 else 1.0


def swap_hedge_regret(n: int, rounds: int, step: float | None = None) -> float:
    r"""Swap regret of Blum and Mansour's rule over Hedge: :math:`n \ln n / \eta + \eta T / 8`.

    At the best step :math:`\sqrt{n T \ln n / 2}` (Blum and Mansour 2007). The copy of action a sees gains of range
    :math:`p_t(a)`, and regrets at most :math:`\ln n / \eta + \frac{\eta}{8} \sum_t p_t(a)^2`; the squares of a strategy
    sum to at most one.

    Examples
    --------
    >>> round(swap_hedge_regret(n=2, rounds=100), 6)
    8.325546
    """
    if step is None:
        return math.sqrt(n * rounds * math.log(n) / 2)
    return n * math.log(n) / step + step * rounds / 8


def mediated_gain(regret: float, rounds: int) -> float:
    r"""What a player gains by not doing as the mean joint law of T rounds says: :math:`R_T^+ / T`.

    External regret makes a coarse correlated equilibrium, swap regret a correlated one (Hart and Mas-Colell 2000;
    Foster and Vohra 1997). An identity.

    Examples
    --------
    >>> mediated_gain(regret=3.0, rounds=100)
    0.03
    """
    return max(regret, 0.0) / rounds


def replicator_regret(start: float) -> float:
    r"""Regret at any time of the replicator dynamics for an action that began with probability p: :math:`\ln (1 / p)`.

    Integrate :math:`\frac{d}{dt} \ln p(a) = u(a) - p \cdot u`; the integral is :math:`\ln (p_T(a) / p_0(a))` (Hofbauer,
    Sorin and Viossat 2009). Whatever the payoffs and their unit; approached if the action takes over.

    Examples
    --------
    >>> round(replicator_regret(start=0.25), 6)
    1.386294
    """
    return -math.log(start)


def shapley_cycle_floor() -> float:
    r"""Least sum of the two largest frequencies in fictitious play of Shapley's game, begun off the diagonal: 1.

    In the unique equilibrium it is 2/3. One of the two players receives 1 in each round, as only the one who receives
    nothing ever changes her action. And no player's best reply to the past, which here is worth the other's largest
    frequency, is worth less than what she received: a new best reply is never worse than the old one (Shapley 1964).

    Examples
    --------
    >>> shapley_cycle_floor()
    1.0
    """
    return 1.0

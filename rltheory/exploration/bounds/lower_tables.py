r"""What no tabular learner can avoid: the regret on `mdps.hard_needles`, with every constant.

In each of m states, one of which begins an episode with equal chances, one of A actions wins with probability
:math:`\frac12 + \Delta` and all others with 1/2; who wins is paid in the H - 1 steps that are left. Draw the best
actions by lot. Without a best action in state i, its A actions would share the n visits to it. A best action j changes
the law of the data by a relative entropy of :math:`\mathrm{kl}(\frac12, \frac12 + \Delta)` for every time that j is
tried without it, so that in the mean over j it is played no more than

.. math:: \frac nA + n \sqrt{\frac{n\, \mathrm{kl}(\frac12, \frac12 + \Delta)}{2A}} ,
   \qquad \mathrm{kl}(\tfrac12, \tfrac12 + \Delta) = -\tfrac12 \ln(1 - 4\Delta^2) \le 8 \ln(\tfrac43) \Delta^2

times, for :math:`\Delta \le 1/4` (Pinsker's inequality, and the concavity of the root). As n is binomial,
:math:`E n^{3/2} \le \frac Km \sqrt{K/m + 1}`, and with the best :math:`\Delta` half of what playing by lot loses is
lost by everybody.

Sources: Auer, Cesa-Bianchi, Freund and Schapire (2002), theorem 5.1, for one state; the constants are derived here.
"""

from __future__ import annotations

import math

from rltheory.models import ModelError


def needle_episodes(n_choices: int, n_actions: int) -> float:
    r"""So many episodes make the gap at most 1/4: :math:`m \big( A (1 - 1/A)^2 / \ln\frac43 - 1 \big)`.

    Parameters
    ----------
    n_choices, n_actions : int
        m states with a choice, and A actions.

    Examples
    --------
    >>> round(needle_episodes(2, 4), 2)
    13.64
    """
    return n_choices * (n_actions * (1 - 1 / n_actions) ** 2 / math.log(4 / 3) - 1)


def needle_gap(n_choices: int, n_actions: int, K: float) -> float:
    r"""Return the gap that is hardest for K episodes, :math:`\frac{1 - 1/A}4 \sqrt{A / ((K/m + 1) \ln\frac43)}`.

    Parameters
    ----------
    n_choices, n_actions : int
        m states with a choice, and A actions, at least 2.
    K : float
        Number of episodes, at least `needle_episodes`.

    Raises
    ------
    ModelError
        If there are fewer than two actions or fewer episodes than that.

    Examples
    --------
    >>> round(needle_gap(1, 2, 1000), 4)
    0.0104
    """
    if n_actions < 2:
        raise ModelError(f"n_actions is {n_actions}; a choice is among two at least")
    if needle_episodes(n_choices, n_actions) > K:
        needed = needle_episodes(n_choices, n_actions)
        raise ModelError(f"K is {K}; with {n_choices} choices of {n_actions} it must be at least {needed:.6g}")
    return (1 - 1 / n_actions) / 4 * math.sqrt(n_actions / ((K / n_choices + 1) * math.log(4 / 3)))


def needle_regret(n_choices: int, n_actions: int, H: int, K: float) -> float:
    r"""Least mean regret of any learner in K episodes, when the best actions of `mdps.hard_needles` are drawn by lot.

    .. math:: \frac{H - 1}2 K \Delta \Big( 1 - \frac1A \Big) = \frac{(H - 1)(1 - 1/A)^2}{8 \sqrt{\ln (4/3)}}
       \sqrt{\frac{K}{K + m}}\, \sqrt{m A K} ,

    with :math:`\Delta` of `needle_gap`, of the order of :math:`\sqrt{H^2 S A K}` for S = m + 2 states. One who draws
    actions by lot loses exactly twice as much.

    Parameters
    ----------
    n_choices, n_actions, K
        As for `needle_gap`.
    H : int
        Number of steps.

    Raises
    ------
    ModelError
        If there are fewer than two actions or fewer episodes than `needle_episodes`.

    Examples
    --------
    >>> round(needle_regret(8, 4, 5, 1000) / math.sqrt(5**2 * 10 * 4 * 1000), 4)
    0.0934
    """
    return (H - 1) / 2 * K * needle_gap(n_choices, n_actions, K) * (1 - 1 / n_actions)

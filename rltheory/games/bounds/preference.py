r"""What theory promises of regularised preference games: how fast policies approach the equilibrium :math:`\pi^*`.

Distances are relative entropies :math:`\mathrm{KL}(\pi^* \| \pi_t)`; tau is the weight of the reference policy.
"""

from __future__ import annotations

import math


def inpo_eta(tau: float) -> float:
    r"""Least eta with which INPO is proven to contract: :math:`\tau + 1 / (4 \tau)`.

    Examples
    --------
    >>> inpo_eta(tau=0.5)
    1.0
    """
    return tau + 1 / (4 * tau)


def inpo_factor(tau: float, eta: float) -> float:
    r"""Factor by which a step of INPO brings the equilibrium nearer: :math:`1 - \tau / \eta`.

    For :math:`\eta \ge \tau + 1 / (4\tau)`. Derived here: the three-point inequality of the step, at the equilibrium,
    leaves :math:`(P \pi_t - P \pi_{t+1}) \cdot (\pi_{t+1} - \pi^*)`, at most
    :math:`\frac12 \|\pi_{t+1} - \pi_t\|_1 \|\pi_{t+1} - \pi^*\|_1`, which Pinsker's inequality lets
    :math:`(\eta - \tau) \mathrm{KL}(\pi_{t+1} \| \pi_t)` and :math:`\tau \mathrm{KL}(\pi_{t+1} \| \pi^*)` absorb.

    Examples
    --------
    >>> inpo_factor(tau=0.5, eta=1.0)
    0.5
    """
    return 1 - tau / eta


def inpo_first(tau: float) -> int:
    r"""First step t at which the schedule :math:`\eta_t = \tau (t + 2) / 2` contracts: :math:`t \ge 1 / (2 \tau^2)`.

    Examples
    --------
    >>> inpo_first(tau=0.5)
    2
    """
    return math.ceil(1 / (2 * tau**2))


def inpo_kl(kl: float, first: int, t: int) -> float:
    r"""Distance at step t along the schedule, from the one at an earlier step :math:`t_0 \ge 1 / (2 \tau^2)`:

    .. math:: \mathrm{KL}_t \le \frac{t_0 (t_0 + 1)}{t (t + 1)} \mathrm{KL}_{t_0}.

    The product of the factors :math:`1 - 2 / (s + 2)`.

    Examples
    --------
    >>> inpo_kl(kl=1.0, first=1, t=9)
    0.022222222222222223
    """
    return kl * first * (first + 1) / (t * (t + 1))


def gap_floor(tau: float, kl: float) -> float:
    r"""Least gap of a policy at the distance :math:`\mathrm{KL}(\pi \| \pi^*)`: tau times that.

    For the equilibrium is a best response, and the objective of the one who responds to it falls by exactly so much.
    Attained by answers that are equally good.

    Examples
    --------
    >>> gap_floor(tau=0.5, kl=0.2)
    0.1
    """
    return tau * kl


def nash_md_kl(kl: float, tau: float, step: float) -> float:
    r"""Distance after one step of Nash-MD: :math:`(1 - \eta\tau) \mathrm{KL}(\pi^* \| \pi_t) + \eta^2 / 8`.

    For :math:`\eta \tau \le 1`. The inequality of Munos et al. (2024); the constant is derived here from preferences
    having range 1: :math:`\eta d / 2 - d^2 / 2 \le \eta^2 / 8` for the distance d of a step in :math:`\|\cdot\|_1`.

    Examples
    --------
    >>> nash_md_kl(kl=1.0, tau=0.5, step=1.0)
    0.625
    """
    return (1 - step * tau) * kl + step**2 / 8


def nash_md_last_kl(tau: float, t: int) -> float:
    r"""Distance after t steps of Nash-MD with :math:`\eta_s = 2 / (\tau (s + 2))`: :math:`1 / (2 \tau^2 (t + 1))`.

    For t at least 1, from any start. Induction on `nash_md_kl`.

    Examples
    --------
    >>> nash_md_last_kl(tau=0.5, t=9)
    0.2
    """
    return 1 / (2 * tau**2 * (t + 1))


def sppo_margin(least: float, rounds: int, step: float) -> float:
    r"""By how much an answer beats the average of T policies of SPPO: :math:`\ln(1/p) / (\eta T) + \eta / 8`.

    Here p is the least probability of the first policy. It is the regret of Hedge (Wu et al. 2024), who plays against
    herself and so earns one half a round.

    Examples
    --------
    >>> round(sppo_margin(least=0.5, rounds=100, step=0.2), 6)
    0.059657
    """
    return -math.log(least) / (step * rounds) + step / 8

r"""What theory promises about distributional dynamic programming: one pure function for each theorem.

Throughout K is a functional that is indifferent to mixtures and to the discount, and L-Lipschitz in :math:`w_1`;
:math:`F_K \eta(s, c) = K(\text{law of } c + G(s, c))` and :math:`F_K^*` is its supremum over policies that remember
their history. Lengths, and distances :math:`w_1`, are in reward units. `proofs_check` puts every function to the test.
"""

from __future__ import annotations

import math


def start_distance(gamma: float, least: float, largest: float, guess: float = 0.0) -> float:
    r"""Largest distance of a constant from a law of the return: :math:`\max |x - g|`, x in the range of returns.

    .. math:: D = \sup_\pi w_1(\delta_g, \eta^\pi) \le
              \max\Big\{ \frac{r_{\max}}{1-\gamma} - g,\; g - \frac{r_{\min}}{1-\gamma} \Big\}

    It is least, half of the range, for g in the middle. Derived here.

    Parameters
    ----------
    gamma : float
        Discount below 1.
    least, largest : float
        The smallest and the largest reward.
    guess : float
        The constant g.

    Returns
    -------
    float
        In reward units.

    Examples
    --------
    >>> start_distance(0.5, 0.0, 1.0), start_distance(0.5, 0.0, 1.0, guess=1.0)
    (2.0, 1.0)
    """
    return max(largest / (1 - gamma) - guess, guess - least / (1 - gamma), 0.0)


def value_iteration_error(gamma: float, n: int, lipschitz: float, distance: float) -> float:
    r"""Error of n sweeps of distributional value iteration: :math:`|F_K \eta_n - F_K^*| \le L \gamma^n D`, pointwise.

    For :math:`\eta_n = T_{\pi_n} \cdots T_{\pi_1} \eta_0`, and :math:`T_\pi^n \eta_0` for every other policy, are
    within :math:`\gamma^n D` of the law of a return. After Pires et al. (2025); derived here.

    Parameters
    ----------
    gamma : float
        Discount.
    n : int
        Sweeps.
    lipschitz : float
        L.
    distance : float
        D, the largest :math:`w_1(\eta_0, \eta^\pi)` over policies, such as `start_distance`.

    Returns
    -------
    float
        In units of K.

    Examples
    --------
    >>> value_iteration_error(0.5, 3, lipschitz=1.0, distance=2.0)
    0.25
    """
    return lipschitz * gamma**n * distance


def value_iteration_loss(gamma: float, n: int, lipschitz: float, distance: float) -> float:
    r"""Loss of the greedy policies of sweeps n, ..., 1, played in that order and then anything: :math:`2 L \gamma^n D`.

    After Pires et al. (2025); derived here, as `value_iteration_error`, whose parameters it has. Attained where one
    sweep cannot tell a good state from a bad one.

    Returns
    -------
    float
        In units of K.
    """
    return 2 * value_iteration_error(gamma, n, lipschitz, distance)


def value_iteration_sweeps(gamma: float, tol: float, lipschitz: float, distance: float) -> int:
    """Fewest sweeps n for which `value_iteration_loss` is at most ``tol``.

    Parameters
    ----------
    gamma : float
        Discount below 1.
    tol : float
        Positive, in units of K.
    lipschitz, distance : float
        As for `value_iteration_error`; finite.

    Returns
    -------
    int

    Examples
    --------
    >>> value_iteration_sweeps(0.5, 0.25, lipschitz=1.0, distance=2.0)
    4
    """
    first = value_iteration_loss(gamma, 0, lipschitz, distance)
    if first <= tol:
        return 0
    n = 1 if gamma == 0 else max(0, math.ceil(math.log(tol / first) / math.log(gamma)) - 1)
    while value_iteration_loss(gamma, n, lipschitz, distance) > tol:  # logarithms round
        n += 1
    return n


def policy_iteration_loss(gamma: float, k: int, lipschitz: float, spread: float) -> float:
    r"""Loss after k improvements of policy iteration: :math:`F_K^* - F_K \eta^{\pi_k} \le L \gamma^k w`.

    For :math:`F_K \eta^{\pi_k} \ge F_K T_\pi^k \eta^{\pi_0}` for every policy. After Pires et al. (2025); derived here.

    Parameters
    ----------
    gamma : float
        Discount.
    k : int
        Improvements.
    lipschitz : float
        L.
    spread : float
        w, the largest :math:`w_1(\eta^{\pi_0}, \eta^\pi)` over policies: at most the length of the range of returns,
        :math:`(r_{\max} - r_{\min}) / (1 - \gamma)`.

    Returns
    -------
    float
        In units of K.

    Examples
    --------
    >>> policy_iteration_loss(0.5, 2, lipschitz=1.0, spread=4.0)
    1.0
    """
    return lipschitz * gamma**k * spread


def categorical_control_error(gamma: float, step: float, lipschitz: float, n: float = math.inf) -> float:
    r"""Error of value iteration with laws projected on a grid: :math:`\frac{L \Delta}{2} \frac{1-\gamma^n}{1-\gamma}`.

    For a utility f, homogeneous of degree 1 on each half-line, after n sweeps that project every law on atoms
    :math:`\Delta` apart, none of them clipped. Each projection moves :math:`E f` by at most :math:`L \Delta / 2`, and
    what was there before counts :math:`\gamma`-fold. Derived here.

    Parameters
    ----------
    gamma : float
        Discount; 1 only if n is finite.
    step : float
        Distance of neighbouring atoms, in reward units.
    lipschitz : float
        L, the largest slope of f.
    n : int or float
        Sweeps; infinity for the fixed point.

    Returns
    -------
    float
        In units of f.

    Examples
    --------
    >>> categorical_control_error(0.5, 0.1, 1.0), categorical_control_error(1.0, 0.1, 1.0, n=3)
    (0.1, 0.15000000000000002)
    """
    sweeps = n if gamma == 1 else (1 - gamma**n) / (1 - gamma)
    return lipschitz * step / 2 * sweeps

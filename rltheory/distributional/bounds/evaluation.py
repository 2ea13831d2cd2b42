r"""What theory promises about evaluating a policy's return law: one pure function for each theorem.

:math:`T_\pi` is the distributional Bellman operator, :math:`\eta^\pi` its fixed point, and a bar over a metric is its
supremum over states. :math:`\Pi_C` shares the mass at y between the two atoms of a support around it so that the mean
is kept, and ``step`` (:math:`\Delta`) is the largest distance of neighbouring atoms, of a support that nothing leaves:
:math:`r + \gamma z` is between the first and the last atom for every outcome and atom with mass. :math:`\Pi_Q` puts m
equal atoms at the quantiles of level :math:`(2i - 1) / (2m)`. Distances in :math:`w_p`, steps and spreads are in reward
units; :math:`\ell_2 = (\int (F - G)^2)^{1/2}` is in square roots of them.

A projection makes the same error in every sweep, and earlier ones count less by a factor: all bounds on approximate
evaluation are :math:`e_n \le \text{(error of one projection)} + \text{factor} \cdot e_{n-1}`, added up.
"""

from __future__ import annotations

import math


def discounted_steps(gamma: float, steps: float = math.inf) -> float:
    r"""How much as many steps weigh: :math:`1 + \gamma + \dots + \gamma^{n-1}`, which is n for :math:`\gamma = 1`.

    Examples
    --------
    >>> discounted_steps(0.5), discounted_steps(0.5, 2), discounted_steps(1.0, 7)
    (2.0, 1.5, 7.0)
    """
    if gamma == 1:
        return float(steps)
    return (1 - gamma**steps) / (1 - gamma)


def return_law_contraction(gamma: float, distance: float) -> float:
    r"""Distance after one step: :math:`\bar w_p(T_\pi \eta, T_\pi \eta') \le \gamma\, \bar w_p(\eta, \eta')`.

    For every :math:`p \in [1, \infty]`: couple the two returns that follow the same outcome. Bellemare, Dabney and
    Rowland (2023), chapter 4. Attained by sure rewards.

    Examples
    --------
    >>> return_law_contraction(gamma=0.5, distance=4.0)
    2.0
    """
    return gamma * distance


def cramer_contraction(gamma: float, distance: float) -> float:
    r"""Distance after one step: :math:`\bar\ell_2(T_\pi \eta, T_\pi \eta') \le \sqrt\gamma\, \bar\ell_2(\eta, \eta')`.

    Discounting shortens the line on which F and G differ, and the squared norm is convex in the mixture over outcomes.
    Bellemare, Dabney and Rowland (2023), chapter 4. Attained by sure rewards.

    Examples
    --------
    >>> cramer_contraction(gamma=0.25, distance=4.0)
    2.0
    """
    return math.sqrt(gamma) * distance


def kolmogorov_distance(distance: float) -> float:
    r"""Distance after one step, in :math:`\sup_x |F(x) - G(x)|`: no larger than before, and often no smaller.

    Bellemare, Dabney and Rowland (2023), chapter 4. Attained by sure rewards: there is no contraction.

    Examples
    --------
    >>> kolmogorov_distance(0.5)
    0.5
    """
    return distance


def categorical_projection_w1(step: float) -> float:
    r"""Error of one projection: :math:`w_1(\Pi_C \nu, \nu) \le \Delta / 2`.

    A mass at distances a and :math:`\Delta - a` from its two atoms moves by :math:`2 a (\Delta - a) / \Delta` on
    average. Attained by a point in the middle of a cell.

    Examples
    --------
    >>> categorical_projection_w1(0.5)
    0.25
    """
    return step / 2


def categorical_projection_cramer(step: float) -> float:
    r"""Error of one projection: :math:`\ell_2(\Pi_C \nu, \nu) \le \sqrt\Delta / 2`.

    :math:`\Pi_C` averages F over each cell, so it is the orthogonal projection of :math:`\ell_2` (Rowland, Bellemare,
    Dabney, Munos and Teh 2018), and :math:`\Delta / 4` is the largest :math:`\int (F - \bar F)^2` over a cell.
    Attained by a point in the middle of a cell.

    Examples
    --------
    >>> categorical_projection_cramer(0.25)
    0.25
    """
    return math.sqrt(step) / 2


def quantile_projection_w1(spread: float, m: int) -> float:
    r"""Error of one projection: :math:`w_1(\Pi_Q \nu, \nu) \le R / (2m)` for a law on an interval of length R.

    Each of m slices of mass 1/m moves to its median. Attained by a fair coin and m = 1.

    Examples
    --------
    >>> quantile_projection_w1(spread=1.0, m=10)
    0.05
    """
    return spread / (2 * m)


def categorical_w1(gamma: float, step: float, sweeps: float = math.inf, initial: float = 0.0) -> float:
    r"""Error of categorical evaluation, in :math:`\bar w_1`.

    .. math:: \bar w_1\big((\Pi_C T_\pi)^n \eta_0, \eta^\pi\big)
              \le \frac{\Delta}{2} \cdot \frac{1 - \gamma^n}{1 - \gamma} + \gamma^n\, \bar w_1(\eta_0, \eta^\pi)

    So :math:`\bar w_1(\eta_C, \eta^\pi) \le \Delta / (2 (1 - \gamma))` for the fixed point, of order 1/m; but there,
    and over a horizon, `categorical_w2` is sharper. Over a horizon of n steps from :math:`\eta_0 = \delta_0` there is
    no initial error, and :math:`\gamma = 1` is allowed. From `categorical_projection_w1` and `return_law_contraction`;
    derived here.

    Parameters
    ----------
    gamma : float
        Discount, below 1 unless ``sweeps`` is finite.
    step : float
        Largest distance of neighbouring atoms, in reward units.
    sweeps : float
        Number n of sweeps; by default the fixed point.
    initial : float
        :math:`\bar w_1(\eta_0, \eta^\pi)`, in reward units.

    Returns
    -------
    float
        In reward units.

    Examples
    --------
    >>> categorical_w1(gamma=0.75, step=0.25)
    0.5
    >>> categorical_w1(gamma=1.0, step=0.25, sweeps=10)
    1.25
    """
    return categorical_projection_w1(step) * discounted_steps(gamma, sweeps) + gamma**sweeps * initial


def categorical_cramer(gamma: float, step: float, sweeps: float = math.inf, initial: float = 0.0) -> float:
    r"""Error of categorical evaluation, in :math:`\bar\ell_2`.

    .. math:: \bar\ell_2^2\big((\Pi_C T_\pi)^n \eta_0, \eta^\pi\big)
              \le \frac{\Delta}{4} \cdot \frac{1 - \gamma^n}{1 - \gamma} + \gamma^n\, \bar\ell_2^2(\eta_0, \eta^\pi)

    By Pythagoras, :math:`\ell_2^2(\Pi_C T \eta, \eta^\pi) = \ell_2^2(\Pi_C T \eta, \Pi_C T \eta^\pi) + \ell_2^2(\Pi_C
    \eta^\pi, \eta^\pi)`. For the fixed point it is :math:`\Delta / (4 (1 - \gamma))`, a quarter of the bound of
    Rowland, Bellemare, Dabney, Munos and Teh (2018); derived here.

    Parameters
    ----------
    gamma, step, sweeps
        As for `categorical_w1`.
    initial : float
        :math:`\bar\ell_2(\eta_0, \eta^\pi)`.

    Returns
    -------
    float
        A bound on :math:`\bar\ell_2`, not on its square.

    Examples
    --------
    >>> categorical_cramer(gamma=0.75, step=0.25)
    0.5
    """
    projections = categorical_projection_cramer(step) ** 2 * discounted_steps(gamma, sweeps)
    return math.sqrt(projections + gamma**sweeps * initial**2)


def categorical_variance(gamma: float, step: float, sweeps: float = math.inf) -> float:
    r"""How much categorical evaluation adds to a variance: :math:`0 \le \mathrm{Var}\, \eta_C - \mathrm{Var}\, \eta^\pi
    \le \Delta^2 / (4 (1 - \gamma^2))`.

    The mean is exact, and each projection adds at most :math:`\Delta^2 / 4`, discounted by :math:`\gamma^2` a step;
    over n steps :math:`(1 - \gamma^{2n}) / (1 - \gamma^2)` of them. Derived here; attained without a discount by a
    reward of half a cell.

    Examples
    --------
    >>> categorical_variance(gamma=0.0, step=2.0), categorical_variance(gamma=1.0, step=2.0, sweeps=3)
    (1.0, 3.0)
    """
    return step**2 / 4 * discounted_steps(gamma**2, sweeps)


def categorical_w2(gamma: float, step: float, sweeps: float = math.inf) -> float:
    r"""Error of categorical evaluation in :math:`\bar w_2`, and so in :math:`\bar w_1`.

    .. math:: \bar w_1(\eta_C, \eta^\pi) \le \bar w_2(\eta_C, \eta^\pi) \le \frac{\Delta}{2 \sqrt{1 - \gamma^2}}

    Errors do not add up, but spread like independent ones: :math:`\eta_C` is a mean-preserving spread of
    :math:`\eta^\pi`, so that there are returns with :math:`E[G_C \mid G] = G` (Strassen 1965), and
    :math:`E (G_C - G)^2 = \mathrm{Var}\, G_C - \mathrm{Var}\, G`, which `categorical_variance` bounds. Over a horizon
    of n steps from :math:`\delta_0` it is :math:`\frac{\Delta}{2} \sqrt{(1 - \gamma^{2n}) / (1 - \gamma^2)}`. Derived
    here; attained without a discount by a reward of half a cell.

    Examples
    --------
    >>> categorical_w2(gamma=0.6, step=0.5), categorical_w2(gamma=1.0, step=0.5, sweeps=16)
    (0.3125, 1.0)
    """
    return math.sqrt(categorical_variance(gamma, step, sweeps))


def categorical_functional(gamma: float, step: float, lipschitz: float) -> float:
    r"""Error of a functional: :math:`|K(\eta_C) - K(\eta^\pi)| \le L \Delta / (2 \sqrt{1 - \gamma^2})`.

    For K with :math:`|K(\nu) - K(\nu')| \le L\, w_1(\nu, \nu')`. From `categorical_w2`; attained as
    :math:`\gamma \to 0`.

    Examples
    --------
    >>> categorical_functional(gamma=0.6, step=0.5, lipschitz=2.0)
    0.625
    """
    return lipschitz * categorical_w2(gamma, step)


def categorical_cvar(gamma: float, step: float, tau: float) -> float:
    r"""Error of CVaR: :math:`0 \le \mathrm{CVaR}_\tau(\eta^\pi) - \mathrm{CVaR}_\tau(\eta_C) \le \Delta / (4 \tau
    \sqrt{1 - \gamma^2})`.

    Half of what the Lipschitz constant :math:`1/\tau` gives. The mean is exact, so that quantiles are too low by as
    much as they are too high, :math:`w_1 / 2` each, and CVaR is :math:`1 / \tau` times the integral of the lower ones.
    From `categorical_w2`; attained as :math:`\gamma \to 0`.

    Examples
    --------
    >>> categorical_cvar(gamma=0.6, step=0.5, tau=0.5)
    0.3125
    """
    return categorical_w2(gamma, step) / (2 * tau)


def quantile_w1(gamma: float, spread: float, m: int, sweeps: float = math.inf, initial: float = 0.0) -> float:
    r"""Error of quantile evaluation, in :math:`\bar w_1`.

    .. math:: \bar w_1\big((\Pi_Q T_\pi)^n \eta_0, \eta^\pi\big)
              \le \frac{R}{2m} \cdot \frac{1 - \gamma^n}{1 - \gamma} + \gamma^n\, \bar w_1(\eta_0, \eta^\pi)

    With R the largest :math:`V_{\max}(s) - V_{\min}(s)`. There is no such bound in :math:`w_\infty`, in which
    :math:`\Pi_Q T_\pi` is a contraction: an event of small probability may be missed. From `quantile_projection_w1`;
    derived here.

    Parameters
    ----------
    gamma : float
        Discount, below 1 unless ``sweeps`` is finite.
    spread : float
        R, in reward units.
    m : int
        Number of atoms.
    sweeps, initial
        As for `categorical_w1`.

    Returns
    -------
    float
        In reward units.

    Examples
    --------
    >>> quantile_w1(gamma=0.5, spread=1.0, m=10)
    0.1
    """
    return quantile_projection_w1(spread, m) * discounted_steps(gamma, sweeps) + gamma**sweeps * initial


def distance_to_fixed_point(gamma: float, change: float) -> float:
    r"""How far an iterate is from the fixed point: :math:`d(\eta_n, \eta^*) \le \frac{\gamma}{1-\gamma}\, d(\eta_n,
    \eta_{n-1})`.

    For a contraction by :math:`\gamma`: :math:`\Pi_C T_\pi` in :math:`\bar w_1`, and :math:`\Pi_Q T_\pi` in
    :math:`\bar w_\infty`. Banach (1922).

    Examples
    --------
    >>> distance_to_fixed_point(gamma=0.5, change=0.25)
    0.25
    """
    return gamma / (1 - gamma) * change


def sweeps_to_fixed_point(gamma: float, tol: float, change: float) -> int:
    r"""Sweeps after which `distance_to_fixed_point` is surely at most ``tol``, if the first changes by ``change``.

    The n-th sweep changes by at most :math:`\gamma^{n-1}` times as much.

    Examples
    --------
    >>> sweeps_to_fixed_point(gamma=0.5, tol=0.25, change=1.0)
    3
    """
    if distance_to_fixed_point(gamma, change) <= tol:
        return 1
    return 1 + math.ceil(math.log(tol / distance_to_fixed_point(gamma, change)) / math.log(gamma))

r"""What theory promises about dynamic programming with stock: one pure function for each theorem.

:math:`V(s, c) = \sup_\pi E f(c + G)` over all policies, with the rescaled stock :math:`c' = (c + r) / \gamma`; f is
Lipschitz with constant L, and R bounds the absolute value of rewards. Values and errors are in the units of f.
`proofs_check.distributional` puts the theorems to the test.
"""

from __future__ import annotations

import math


def stock_continuity(lipschitz: float, distance: float) -> float:
    r"""Largest change of the optimum with the stock: :math:`|V(s, c) - V(s, c')| \le L |c - c'|`.

    For the laws of the return that policies can have do not depend on the stock. Attained by f(x) = L x.

    Examples
    --------
    >>> stock_continuity(lipschitz=2.0, distance=0.5)
    1.0
    """
    return lipschitz * distance


def truncation_error(gamma: float, H: int, lipschitz: float, largest_reward: float) -> float:
    r"""Error of ending after H steps, for any L-Lipschitz f: at most :math:`L \gamma^H R / (1 - \gamma)`.

    What is still to come is no more than that, on every path. Attained by a constant reward and f(x) = x.

    Examples
    --------
    >>> truncation_error(gamma=0.5, H=3, lipschitz=1.0, largest_reward=1.0)
    0.25
    """
    return lipschitz * gamma**H * largest_reward / (1 - gamma)


def quadratic_truncation_error(gamma: float, H: int, stock: float, largest_reward: float) -> float:
    r"""The same for :math:`f(x) = -x^2`, which is Lipschitz on bounded sets only: with :math:`D = R / (1 - \gamma)` at
    most :math:`2 \gamma^H (|c_0| + D) D + \gamma^{2H} D^2`.

    For :math:`|x + y|^2 - |x|^2 \le 2 |x| |y| + y^2`, where x is the stock at step H in units of step 0 and y what is
    still to come.

    Examples
    --------
    >>> quadratic_truncation_error(gamma=0.5, H=1, stock=1.0, largest_reward=1.0)
    7.0
    """
    far = largest_reward / (1 - gamma)
    return 2 * gamma**H * (abs(stock) + far) * far + gamma ** (2 * H) * far**2


def stationary_greedy_loss(gamma: float, value_error: float, degree: int = 1) -> float:
    r"""Loss of the stationary policy that is greedy for U: :math:`\frac{2\alpha}{1 - \alpha} \sup |U - V|`.

    Here :math:`\alpha = \gamma^p`, and f is homogeneous of degree p: with stock it is a discounted MDP of factor
    :math:`\alpha`, whose rewards are 0. Attained by staying for ever where leaving pays.

    Examples
    --------
    >>> stationary_greedy_loss(gamma=0.5, value_error=0.5)
    1.0
    """
    alpha = gamma**degree
    return 2 * alpha / (1 - alpha) * value_error


def stock_grid_error(gamma: float, step: float, lipschitz: float, H: int | None = None) -> float:
    r"""Error of a grid of stocks with step h: at most :math:`\frac{\gamma L h}{2 (1 - \gamma)}` at its points.

    For f of two slopes, with stocks rounded to the nearest point, or to both neighbours with the right mean: a rounding
    moves the stock by at most h / 2 (on average), and those of step t are multiplied by :math:`\gamma^t`. Over H steps
    the sum ends there; for :math:`\gamma = 1` it is L h H / 2. Attained where all roundings are of h / 2, in the same
    direction.

    Examples
    --------
    >>> stock_grid_error(gamma=0.5, step=0.25, lipschitz=1.0)
    0.125
    >>> stock_grid_error(gamma=1.0, step=0.25, lipschitz=1.0, H=4)
    0.5
    """
    if H is None:
        return gamma * lipschitz * step / (2 * (1 - gamma))
    return lipschitz * step / 2 * sum(gamma**t for t in range(1, H + 1))


def cvar_grid_loss(step: float, tau: float) -> float:
    r"""Loss of trying only multiples of h as outer variable of CVaR: at most :math:`h (1 - \tau)`.

    For the slopes of :math:`b + V_b / \tau` are between :math:`-(1/\tau - 1)` and 1: the point of the grid at a
    distance of x below the best b loses at most x, the one above at most :math:`(h - x)(1/\tau - 1)`, and the smaller
    of them is largest at :math:`x = h (1 - \tau)`. Attained by a sure return there.

    Examples
    --------
    >>> cvar_grid_loss(step=1.0, tau=0.25)
    0.75
    """
    return step * (1 - tau)


def truncation_horizon(gamma: float, error: float, lipschitz: float, largest_reward: float) -> int:
    r"""The number of steps after which `truncation_error` is at most ``error``.

    Examples
    --------
    >>> truncation_horizon(gamma=0.5, error=0.25, lipschitz=1.0, largest_reward=1.0)
    3
    """
    all_of_it = truncation_error(gamma, 0, lipschitz, largest_reward)
    if all_of_it <= error:
        return 0
    return math.ceil(math.log(error / all_of_it) / math.log(gamma) - 1e-12)

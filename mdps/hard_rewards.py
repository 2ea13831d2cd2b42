r"""Linear MDPs whose rewards are hard to learn from data: the lower-bound family of Liu and Xu (2024).

At every step and for each of d coordinates a hidden sign says whether the coordinate of the action should be 1 or 0.
Rewards reveal it only through noise; who knows the weights of the rewards has nothing to learn.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import LinearMDP, ModelError


def hard_rewards(xi: Any, delta: float, *, eps: float = 0.0) -> LinearMDP:
    r"""Return the model with the hidden signs $\xi \in \{-1, 1\}^{H \times d}$.

    There are two states, the good and the bad, and the actions are $a \in \{0, 1\}^d$. With $d + 2$ features

    $$\phi(\mathtt{good}, a) = (a_1/d, \dots, a_d/d,\; 1 - \textstyle\sum_i a_i/d,\; 0), \qquad
    \phi(\mathtt{bad}, a) = e_{d+2},$$

    where the last factor is a point mass at bad and the others at good,

    $$r_t(\mathtt{good}, a) = \frac{\delta}{2d} (\langle \xi_t, a \rangle + d), \qquad r_t(\mathtt{bad}, a) = 0.$$

    Hence $a_i = 1$ is right where $\xi_{t,i} = 1$, and a wrong coordinate costs $\delta/2d$. Data are collected by
    `hard_rewards_behaviour`, with normal noise of variance 1 on the rewards. With the first step's factors perturbed
    within total variation rho, a policy with w wrong coordinates in all loses at least
    $(1-\rho) \frac{\delta}{2d} w$ from good; and for $\delta = d^{3/2}/\sqrt{2K}$ every learner from K trajectories
    loses at least a constant times $(1-\rho)\, d^{3/2} H / \sqrt K$ for some signs.

    Parameters
    ----------
    xi : array_like, shape (H, d)
        Signs, -1 or 1.
    delta : float
        Largest reward of a step, above 0.
    eps : float
        Probability that the first step leads from good to bad; above 0 it leaves a divergence that cannot create mass
        something to perturb.

    Returns
    -------
    LinearMDP
        Episodes begin at good with probability $(d + 1)/(d + 2)$, else at bad.

    Raises
    ------
    ModelError
        If an entry of xi is not a sign, or a parameter is out of range.

    Notes
    -----
    Liu and Xu (2024), the proof of the minimax lower bound.

    Examples
    --------
    >>> import mdps
    >>> model = mdps.hard_rewards([[1, -1], [1, 1]], delta=0.8)
    >>> model.rewards(0).reshape(2, 4)[0].round(3).tolist(), [model.action_name(0, a) for a in range(4)]
    ([0.4, 0.2, 0.6, 0.4], ['00', '01', '10', '11'])
    """
    signs = _signs(xi)
    H, d = signs.shape
    checks.positive("delta", delta)
    checks.probability("eps", eps)
    actions = _actions(d)
    phi = np.zeros((2, len(actions), d + 2))
    phi[0, :, :d] = actions / d
    phi[0, :, d] = (d - actions.sum(axis=1)) / d
    phi[1, :, d + 1] = 1.0
    factors = np.zeros((H, d + 2, 2))
    factors[:, : d + 1, 0] = 1.0
    factors[:, d + 1, 1] = 1.0
    factors[0, : d + 1] = [1 - eps, eps]
    theta = np.column_stack([delta * (signs + 1) / 2, np.full(H, delta / 2), np.zeros(H)])
    names = ["".join(map(str, action)) for action in actions.tolist()]
    mu = np.array([d + 1, 1]) / (d + 2)
    return LinearMDP(phi, factors, theta, H, mu, state_names=("good", "bad"), action_names=names)


def hard_rewards_behaviour(d: int) -> np.ndarray:
    """Return the behaviour policy of the data: one coordinate is 1, or none is, each with probability 1/(d+1).

    Parameters
    ----------
    d : int
        Number of coordinates, at least 1.

    Returns
    -------
    ndarray, shape (2, 2**d)
        Probabilities of the actions in both states.

    Examples
    --------
    >>> import mdps
    >>> mdps.hard_rewards_behaviour(1).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    checks.whole("d", d, 1)
    ones = _actions(d).sum(axis=1)
    return np.tile((ones <= 1) / (d + 1), (2, 1))


def hard_rewards_optimum(xi: Any, delta: float, rho: float = 0.0) -> float:
    r"""Return the largest value at good when the first step's factors may move by rho in total variation.

    $$V^*_0(\mathtt{good}) = m_0 + (1 - \rho) \sum_{t \ge 1} m_t, \qquad
    m_t = \frac{\delta}{2d} \Big(d + \#\{i : \xi_{t,i} = 1\}\Big).$$

    Nature moves the mass rho from good to bad, where nothing is earned, and can do no more.

    Parameters
    ----------
    xi, delta
        As for `hard_rewards`, with ``eps = 0``.
    rho : float
        Radius of the ball, in [0, 1].

    Returns
    -------
    float

    Raises
    ------
    ModelError
        As for `hard_rewards`.

    Examples
    --------
    >>> import mdps
    >>> round(mdps.hard_rewards_optimum([[1, -1], [1, 1]], delta=0.8, rho=0.5), 12)
    1.0
    """
    signs = _signs(xi)
    checks.probability("rho", rho)
    best = checks.positive("delta", delta) / (2 * signs.shape[1]) * (signs.shape[1] + (signs == 1).sum(axis=1))
    return float(best[0] + (1 - rho) * best[1:].sum())


def _actions(d: int) -> np.ndarray:
    return np.array(list(product((0, 1), repeat=d)))


def _signs(xi: Any) -> np.ndarray:
    """Return the signs as an array (H, d)."""
    signs = np.asarray(xi)
    if signs.ndim != 2 or 0 in signs.shape:
        raise ModelError(f"xi has shape {signs.shape}; it must be (H, d), both at least 1")
    bad = np.argwhere((signs != 1) & (signs != -1))
    if bad.size:
        t, i = bad[0]
        raise ModelError(f"xi of step {t}, coordinate {i} is {signs[t, i]}; it must be -1 or 1")
    return signs.astype(np.int64)

r"""Markov chains with features on which linear value functions do badly, or do not come to rest at all.

A value is approximated by $\Phi\theta$, with one row of $\Phi$ a state. Every chain is an `MDP` with one action.
"""

from __future__ import annotations

import math

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError


def td_flip(gamma: float = 0.9, trace: float = 0.0) -> tuple[MDP, np.ndarray]:
    r"""Two states that alternate, and a feature on which temporal differences find nothing.

    With $\beta = \gamma(1-\lambda)/(1-\gamma^2\lambda)$ and $c = (1 - \sqrt{1-\beta^2})/\beta$ the value is $(c, 1)$
    and the feature $(1, c)$: the cosine of the angle between them is $2c/(1+c^2) = \beta$. The best fit has the error
    $\sqrt{1-\beta^2}\,\|v\|$; but TD($\lambda$), under the uniform stationary weights, comes to rest at
    $\theta = 0$, with the error $\|v\|$. Attains $\|\Phi\theta - v\| \le \|\Pi v - v\| / \sqrt{1-\beta^2}$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    trace : float
        $\lambda$, the decay of the eligibility trace, 0 <= trace < 1.

    Returns
    -------
    mdp : MDP
    features : ndarray, shape (2, 1)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, features = mdps.td_flip(gamma=0.8)
    >>> features.round(6).tolist(), mdp.r.round(6).tolist()
    ([[1.0], [0.5]], [-0.3, 0.6])
    """
    checks.inner_discount(gamma)
    if not 0 <= checks.number("trace", trace) < 1:
        raise ModelError(f"trace is {trace!r}; this instance needs 0 <= trace < 1")
    beta = gamma * (1 - trace) / (1 - gamma**2 * trace)
    c = beta / (1 + math.sqrt(1 - beta**2))
    mdp = MDP.from_pairs([[0.0, 1.0], [1.0, 0.0]], [c - gamma, 1 - gamma * c], gamma, n_actions=1)
    return mdp, np.array([[1.0], [c]])


def off_policy_pair(gamma: float = 0.9) -> tuple[MDP, np.ndarray]:
    r"""Two worthless states with features 1 and 2, both leading to the second: $\theta$ becomes $2\gamma\theta$.

    Fitted value iteration, $\theta' = \arg\min \|\Phi\theta' - \gamma P \Phi\theta\|_\mu$ with weight p on the first
    state, multiplies $\theta$ by $\gamma (4-2p)/(4-3p)$: by $2\gamma$ if only the first state counts, by
    $6\gamma/5$ if both do equally (it diverges for $\gamma > 5/6$), and by $\gamma$ for the weights $(0, 1)$ of the
    stationary distribution (Tsitsiklis and Van Roy, 1996).

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    mdp : MDP
    features : ndarray, shape (2, 1)

    Examples
    --------
    >>> import mdps
    >>> mdp, features = mdps.off_policy_pair()
    >>> features.tolist(), mdp.P.toarray().tolist()
    ([[1.0], [2.0]], [[0.0, 1.0], [0.0, 1.0]])
    """
    mdp = MDP.from_pairs([[0.0, 1.0], [0.0, 1.0]], [0.0, 0.0], gamma, n_actions=1)
    return mdp, np.array([[1.0], [2.0]])


def baird_star(gamma: float = 0.99, n_states: int = 7) -> tuple[MDP, np.ndarray]:
    r"""Baird's star: all states lead to the last, and expected temporal differences diverge at every step size.

    All is worth nothing. The value of state $i < n$ is represented as $2\theta_i + \theta_0$, that of the last as
    $\theta_n + 2\theta_0$: every value function can be represented, in many ways. With all states updated equally,
    $\dot\theta = \Phi^\top D (\gamma P - I) \Phi\theta$, and this grows without limit for
    $\gamma > (n+8)/(2n+3)$, which is $15/17$ for Baird's (1995) seven states.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].
    n_states : int
        Number n, at least 2.

    Returns
    -------
    mdp : MDP
    features : ndarray, shape (n_states, n_states + 1)
        The first column belongs to $\theta_0$.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.baird_star(n_states=3)[1]
    array([[1., 2., 0., 0.],
           [1., 0., 2., 0.],
           [2., 0., 0., 1.]])
    """
    n = checks.whole("n_states", n_states, 2)
    features = np.column_stack([np.ones(n), 2 * np.eye(n)])
    features[-1, [0, -1]] = 2, 1
    P = np.zeros((n, n))
    P[:, -1] = 1
    return MDP.from_pairs(P, np.zeros(n), gamma, n_actions=1), features

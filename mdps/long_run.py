r"""Instances on which a statement about the long run is an equality: average rewards, biases, the mixing of chains.

$g$ is the gain and $h$ the bias, $g + h = r + P h$; a discount matters only where both criteria are compared.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError


def cycle(n: int = 3, *, gamma: float = 0.9) -> MDP:
    r"""Go round a circle of n states; the step from the last one to state 0 earns 1.

    A Markov chain of period n with gain $1/n$ and bias $h(s) = (s - (n-1)/2)/n$. Undiscounted value iteration never
    settles: $\mathrm{sp}(T^{k+1} v - T^k v)$ is the same for all k. Kemeny's constant, the expected time to a state
    drawn from the stationary distribution, is $(n-1)/2$, the least that any irreducible chain of n states has.

    Parameters
    ----------
    n : int
        Number of states, at least 1.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.cycle(3).P.toarray()
    array([[0., 1., 0.],
           [0., 0., 1.],
           [1., 0., 0.]])
    """
    checks.whole("n", n, 1)
    P = np.roll(np.eye(n), 1, axis=1)
    return MDP.from_pairs(P, (np.arange(n) == n - 1).astype(float), gamma, n_actions=1, mu=0)


def loan(*, gamma: float = 0.9) -> MDP:
    r"""Lend 1, get it back a step later, and stop.

    The gain is 0 and the bias $h = (0, 1, 0)$, while $v_\gamma(0) = \gamma - 1$ and $v_\gamma(1) = 1$. Attains

    $$\|v_\gamma - g/(1-\gamma) - h\| \le (1-\gamma)\, \mathrm{sp}(D h), \qquad
      \|v_\gamma - g/(1-\gamma)\| \le \mathrm{sp}(h)$$

    for every discount, where D is the deviation matrix.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        A chain (one action) through states 0, 1, 2.

    Examples
    --------
    >>> import mdps
    >>> mdps.loan().r
    array([-1.,  1.,  0.])
    """
    return MDP.from_pairs([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 1.0]], [-1.0, 1.0, 0.0], gamma, n_actions=1, mu=0)


def slow_climb(p: float = 0.1, *, gamma: float = 0.9) -> MDP:
    r"""A summit where every step earns 1, and a valley that is left with probability ``p`` only.

    On the summit (state 1) one can stay for a reward of 1, or go down to the valley (state 0) for nothing. The gain is
    1, and the valley is behind by $h(1) - h(0) = 1/p$, which is also the diameter: attains
    $\mathrm{sp}(h^*) \le D\,(g^* - \min r)$.

    Parameters
    ----------
    p : float
        Probability of reaching the summit, 0 < p <= 1.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.slow_climb(0.25).P.toarray()
    array([[0.75, 0.25],
           [0.  , 1.  ],
           [1.  , 0.  ]])
    """
    checks.positive("p", checks.probability("p", p))
    return MDP.from_pairs([[1 - p, p], [0, 1.0], [1.0, 0]], [0.0, 1.0, 0.0], gamma, pair_start=[0, 1, 3], mu=0)


def changing_luck(leave: float = 1e-6, *, gamma: float = 0.9) -> MDP:
    r"""A win before a long spell of bad luck, a loss before a long spell of good luck, and so on for ever.

    State 0 earns 1 and leads to state 1, state 2 earns nothing and leads to state 3; both 1 and 3 earn 1/2 and are left
    with probability ``leave``, towards 2 and 0. The gain is 1/2 and the bias $h = (1, -1, -1, 1)/4$. But a discount
    that is impatient sees little more than the win or the loss that is next:

    $$v_\gamma(0) - v_\gamma(2) = \frac{1}{1 + \gamma\kappa}, \qquad
      \kappa = \frac{\gamma\,\mathtt{leave}}{1 - \gamma + \gamma\,\mathtt{leave}},$$

    which is twice the span of the bias, but for $\kappa$. Attains $\mathrm{sp}(v^*_\gamma) \le 2\, \mathrm{sp}(h^*)$.

    Parameters
    ----------
    leave : float
        Probability that a spell ends, 0 < leave <= 1.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        An irreducible chain (one action).

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> v = np.linalg.solve(np.eye(4) - 0.9 * mdps.changing_luck().P.toarray(), mdps.changing_luck().r)
    >>> (v - 5).round(4)
    array([ 0.5, -0. , -0.5,  0. ])
    """
    checks.positive("leave", checks.probability("leave", leave))
    stay = 1 - leave
    P = [[0, 1.0, 0, 0], [0, stay, leave, 0], [0, 0, 0, 1.0], [leave, 0, 0, stay]]
    return MDP.from_pairs(P, [1.0, 0.5, 0.0, 0.5], gamma, n_actions=1, mu=0)


def fresh_start(delta: float = 0.5, rare: float = 1e-6, *, gamma: float = 0.9) -> MDP:
    r"""Stay with probability ``delta``; else draw the next state afresh, 1 with probability ``rare`` and 0 otherwise.

    The matrix is $\delta I + (1-\delta) \mathbf 1 \pi$. So Dobrushin's coefficient and the second eigenvalue are both
    $\delta$, and from state 1, which earns 1, the total variation distance to $\pi$ after t steps is
    $(1 - \mathtt{rare})\,\delta^t$. Attains $\mathrm{TV}(\mu P, \nu P) \le \delta\,\mathrm{TV}(\mu, \nu)$,
    $|\lambda_2| \le \delta$, $\mathrm{sp}(h) \le \mathrm{sp}(r)/(1-\delta)$, and the mixing time
    $\lceil \ln\varepsilon / \ln\delta \rceil$.

    Parameters
    ----------
    delta : float
        Probability in [0, 1).
    rare : float
        Stationary probability of state 1, in [0, 1].
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        A chain (one action).

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.fresh_start(delta=0.5, rare=0.5).P.toarray()
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    if checks.probability("delta", delta) == 1:
        raise ModelError("delta is 1; the chain would stay where it is for ever, a number below 1 is needed")
    law = np.array([1 - checks.probability("rare", rare), rare])
    return MDP.from_pairs(delta * np.eye(2) + (1 - delta) * law, [0.0, 1.0], gamma, n_actions=1, mu=1)

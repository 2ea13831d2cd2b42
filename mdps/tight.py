r"""Instances that attain the bounds on values and greedy policies of a discounted MDP, or come as near as one likes.

Throughout $H = 1/(1-\gamma)$, $T$ is the Bellman operator and $\pi_v$ a greedy policy. Where a worst case rests on a
tie, the rewards break it by one part in `TIE` in favour of the bad action, so that it does not depend on how an
algorithm breaks ties; the bound is then attained up to that part.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError, OutcomeModel

TIE = 1e-9
"""Relative size of the perturbations that break ties: far above rounding, far below what a check tolerates."""


def single_state(reward: float = 1.0, gamma: float = 0.9) -> MDP:
    r"""One state, one action: the value is ``reward`` times H, and every inequality between constants is an equality.

    Attains the contraction $\|Tu - Tv\| \le \gamma \|u - v\|$, the error $\gamma^k H$ of value iteration from 0 (reward
    1), the truncation bound, $\|v^* - v\| \le H \|Tv - v\|$, the bracket of MacQueen (1966) and Porteus (1971), and the
    change $v_{\gamma'} - v_\gamma \le (\gamma' - \gamma) / ((1-\gamma)(1-\gamma'))$ of the value with the discount.

    Parameters
    ----------
    reward : float
        In reward units.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP

    Examples
    --------
    >>> import mdps
    >>> mdps.single_state(gamma=0.5)
    MDP(1 states, 1 state-action pairs, at most 1 actions, 1 transitions, gamma=0.5)
    """
    return MDP.from_pairs([[1.0]], [reward], gamma, n_actions=1)


def greedy_trap(gamma: float = 0.9, error: float = 1.0) -> tuple[MDP, np.ndarray]:
    r"""Two states and a value, off by ``error``, whose greedy policy loses as much as it can.

    From both states action i goes to state i; action 0 earns $2\gamma\varepsilon$ and action 1 nothing. So
    $v^* = 2\gamma\varepsilon H$, but $v = v^* + (-\varepsilon, +\varepsilon)$ makes action 1 greedy, which loses all:
    $\|v^* - v^{\pi_v}\| = 2\gamma H \|v - v^*\|$, the bound of Singh and Yee (1994). It also attains the bounds
    $\gamma H\,\mathrm{sp}(v - v^*)$ and $\gamma H\,\mathrm{sp}(Tv - v)$, and it shows that the condition
    $\|v - v^*\| < \Delta/(2\gamma)$, with the action gap $\Delta$, cannot be weakened.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon = \|v - v^*\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    v : ndarray, shape (2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, v = mdps.greedy_trap(gamma=0.5, error=1.0)
    >>> v.round(6)
    array([1., 3.])
    """
    checks.inner_discount(gamma)
    earned = 2 * gamma * checks.positive("error", error) * (1 - TIE)
    mdp = OutcomeModel.from_tables([[0, 1], [0, 1]], [[earned, 0.0], [earned, 0.0]], gamma).to_mdp()
    return mdp, earned / (1 - gamma) + np.array([-error, error])


def residual_trap(gamma: float = 0.9, residual: float = 1.0) -> tuple[MDP, np.ndarray]:
    r"""Two states and a value with Bellman residual ``residual``, whose greedy policy loses as much as it can.

    The `greedy_trap`, with its value shifted by a constant so that $Tv - v = (+\varepsilon, -\varepsilon)$. Attains the
    bound $\|v^* - v^{\pi_v}\| \le 2\gamma H \|Tv - v\|$ of Williams and Baird (1993).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    residual : float
        $\varepsilon = \|Tv - v\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    v : ndarray, shape (2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, v = mdps.residual_trap(gamma=0.5, residual=1.0)
    >>> (v + 1).round(6)
    array([1., 3.])
    """
    mdp, v = greedy_trap(gamma, checks.positive("residual", residual))
    return mdp, v - gamma * residual / (1 - gamma)


def greedy_trap_q(gamma: float = 0.9, error: float = 1.0) -> tuple[MDP, np.ndarray]:
    r"""One state and an action value, off by ``error``, whose greedy policy loses as much as it can.

    Action 0 earns $2\varepsilon$ and action 1 nothing; $q = q^* + (-\varepsilon, +\varepsilon)$ prefers action 1.
    Attains $\|v^* - v^{\pi_q}\| \le 2H\|q - q^*\|$ (Singh and Yee, 1994).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon = \|q - q^*\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    q : ndarray, shape (2,)
        One number for each pair.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, q = mdps.greedy_trap_q(gamma=0.5, error=1.0)
    >>> q.round(6)
    array([3., 3.])
    """
    checks.inner_discount(gamma)
    earned = 2 * checks.positive("error", error) * (1 - TIE)
    mdp = MDP.from_pairs([[1.0], [1.0]], [earned, 0.0], gamma, n_actions=2)
    best = earned / (1 - gamma)
    return mdp, np.array([best - error, gamma * best + error])


def near_optimal_policy(gamma: float = 0.9, error: float = 1.0) -> tuple[MDP, np.ndarray]:
    r"""One state and a policy that gives away ``error`` in every step.

    The policy is $\varepsilon$-optimising, $q^*(s, \pi(s)) \ge v^*(s) - \varepsilon$, and it loses $\varepsilon H$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    policy : ndarray of int, shape (1,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, policy = mdps.near_optimal_policy(error=0.25)
    >>> mdp.r, policy
    (array([0.25, 0.  ]), array([1]))
    """
    checks.inner_discount(gamma)
    mdp = MDP.from_pairs([[1.0], [1.0]], [checks.positive("error", error), 0.0], gamma, n_actions=2)
    return mdp, np.array([1])


def span_contraction(gamma: float = 0.9, delta: float = 0.5) -> tuple[MDP, np.ndarray, np.ndarray]:
    r"""Two states whose rows are at total variation distance ``delta``, and two values.

    One action; the rows are $((1+\delta)/2, (1-\delta)/2)$ and its mirror image. Attains
    $\mathrm{sp}(Tu - Tv) \le \gamma\delta\,\mathrm{sp}(u - v)$ (Puterman, 2005, section 6.6).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    delta : float
        Largest total variation distance between two rows (Dobrushin's coefficient), in [0, 1].

    Returns
    -------
    mdp : MDP
    u, v : ndarray, shape (2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, u, v = mdps.span_contraction(delta=0.5)
    >>> mdp.P.toarray()
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    checks.inner_discount(gamma)
    own = (1 + checks.probability("delta", delta)) / 2
    mdp = MDP.from_pairs([[own, 1 - own], [1 - own, own]], [0.0, 1.0], gamma, n_actions=1)
    return mdp, np.array([1.0, 0.0]), np.zeros(2)


def leaky_reward(gamma: float = 0.9, leak: float = 1e-4) -> tuple[MDP, MDP]:
    r"""A state that earns 1 for ever, and the same with a small probability of leaking into a worthless state.

    The kernels differ by $\varepsilon_P = 2\,\mathtt{leak}$ in the largest $L_1$ norm of a row, the rewards not at all.
    The values differ by $\gamma H \mathtt{leak} / (1 - \gamma + \gamma\,\mathtt{leak})$, which approaches the bound
    $\gamma\varepsilon_P H^2/2$ of the simulation lemma (Kearns and Singh, 2002) with the ratio
    $(1-\gamma)/(1-\gamma+\gamma\,\mathtt{leak})$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    leak : float
        Probability in [0, 1].

    Returns
    -------
    mdp, perturbed : MDP
        Without and with the leak; both rewards are (1, 0), and state 1 is worthless.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, perturbed = mdps.leaky_reward(leak=0.25)
    >>> perturbed.P.toarray()
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    checks.inner_discount(gamma)
    checks.probability("leak", leak)
    sound, leaky = (
        MDP.from_pairs([[1 - lost, lost], [0.0, 1.0]], [1.0, 0.0], gamma, n_actions=1, mu=0) for lost in (0.0, leak)
    )
    return sound, leaky


def short_sighted(gamma: float = 0.5, long_gamma: float = 0.9) -> tuple[MDP, np.ndarray]:
    r"""A choice in which planning with the discount ``gamma`` loses as much as it can under ``long_gamma``.

    In state 0, action 0 earns $\gamma H$ at once and leads to the worthless state 1; action 1 earns nothing and leads
    to state 2, where every step earns 1. For the discount $\gamma$ both are worth the same (the tie is broken towards
    action 0); under $\gamma' > \gamma$ action 0 loses $(\gamma' - \gamma) / ((1-\gamma)(1-\gamma'))$, which attains the
    bound on planning with a shorter horizon (Petrik and Scherrer, 2008; Jiang, Kulesza, Singh and Lewis, 2015).
    Rewards are in [0, 1] because $\gamma \le 1/2$.

    Parameters
    ----------
    gamma : float
        Discount that is planned with, 0 < gamma <= 1/2.
    long_gamma : float
        Discount of the criterion, gamma < long_gamma < 1.

    Returns
    -------
    mdp : MDP
        With discount ``long_gamma``; ``mdp.replace(gamma=gamma)`` is what is planned with.
    policy : ndarray of int, shape (3,)
        Optimal for ``gamma``.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, policy = mdps.short_sighted(gamma=0.5, long_gamma=0.9)
    >>> mdp.r.round(6), policy
    (array([1., 0., 0., 1.]), array([0, 0, 0]))
    """
    if not (0 < gamma <= 0.5 and gamma < long_gamma < 1):
        raise ModelError(f"gamma is {gamma} and long_gamma {long_gamma}; 0 < gamma <= 1/2 and gamma < long_gamma < 1")
    P = [[0, 1.0, 0], [0, 0, 1.0], [0, 1.0, 0], [0, 0, 1.0]]
    r = [gamma / (1 - gamma), 0.0, 0.0, 1 - TIE]
    return MDP.from_pairs(P, r, long_gamma, pair_start=[0, 2, 3, 4], mu=0), np.zeros(3, dtype=np.int64)


def coin_flips(gamma: float = 0.9) -> MDP:
    r"""A Markov chain that flips a fair coin at every step; heads (state 1) earns 1.

    The next value has the same standard deviation $\sigma = 1/2$ in both states, and
    $v = (\gamma H/2,\ 1 + \gamma H/2)$. Attains

    $$\|(I-\gamma P)^{-1}\sigma\|^2 \le \frac{1+\gamma}{1-\gamma} \|(I-\gamma^2 P)^{-1}\sigma^2\|,$$

    the step from variances to standard deviations in the total variance lemma (Azar, Munos and Kappen, 2013), which a
    constant $\sigma$ makes an equality.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP

    Examples
    --------
    >>> import mdps
    >>> mdps.coin_flips().P.toarray()
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    return MDP.from_pairs(np.full((2, 2), 0.5), [0.0, 1.0], gamma, n_actions=1)


def lasting_coin(gamma: float = 0.9) -> MDP:
    r"""A fair coin that is flipped once: reward 1 for ever, or nothing for ever.

    The return from state 0 is $\gamma H$ or 0 with probability 1/2 each, so that its variance is $\gamma^2 H^2 / 4$,
    the largest that rewards in [0, 1], a function of the state, allow (Popoviciu, 1935).

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        State 0 flips, state 1 is rewarded, state 2 is not.

    Examples
    --------
    >>> import mdps
    >>> mdps.lasting_coin(gamma=0.5).r.tolist()
    [0.0, 1.0, 0.0]
    """
    return MDP.from_pairs([[0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]], [0.0, 1.0, 0.0], gamma, n_actions=1, mu=0)

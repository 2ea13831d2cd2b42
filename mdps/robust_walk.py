r"""A linear MDP of three steps in which a robust policy gives up some of the nominal value (Liu and Xu 2024).

Three places lie in a row; at each the walker jumps to the goal with a chance $c$, which his action tunes. After the
first step the goal pays 1 and the row pays $c$; the last place leads, without a jump, to the failure, which pays
nothing. The world in which the policy is used differs from the data's at the first step, where a jump may fail.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from mdps import _checks as checks
from rltheory import LinearMDP, ModelError

_STATES = ("first", "second", "third", "fail", "goal")
_ACTIONS = np.array(list(product((-1, 1), repeat=4)))


def robust_walk(xi_norm: float = 0.2, *, delta: float = 0.3, p: float = 0.001) -> LinearMDP:
    r"""Return the world that the data come from.

    The action $a \in \{-1, 1\}^4$ jumps with probability $c(a) = \delta + \langle \xi, a \rangle$, where
    $\xi = \|\xi\|_1 (1, 1, 1, 1) / 4$: it is one of the five numbers
    $\delta + \|\xi\|_1 \{-1, -\tfrac12, 0, \tfrac12, 1\}$. A walker who does not jump goes on to the next place, or
    fails with probability p. There is no reward at the first step; then it is $c(a)$ in the row and 1 at the goal. With
    $m = \delta + \|\xi\|_1$, the best chance, a walker at the second place has the value
    $V_1(\mathtt{second}) = m + (1 - m)(1 - p) m + m$, and the optimum is

    $$V_0(\mathtt{first}) = \max_c \; (1 - c)(1 - p) V_1(\mathtt{second}) + 2 c,$$

    which is 1.423232, 1.624250 and 1.775328 for $\|\xi\|_1 = 0.1, 0.2, 0.3$, all with $c = m$.

    Parameters
    ----------
    xi_norm : float
        $\|\xi\|_1$, how much actions matter.
    delta : float
        Chance to jump of an action that is half -1 and half 1; ``delta - xi_norm`` and ``delta + xi_norm`` are
        probabilities.
    p : float
        Probability that a step on fails.

    Returns
    -------
    LinearMDP
        With 3 steps, 16 actions and 4 simplex features: one for each place of the row, of which the third also belongs
        to the failure, and the jump.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    A regulariser of the same weight for all factors does not make the walker careful: $c = m$ stays optimal with total
    variation, and with Kullback-Leibler or chi-square nature cannot make the jump fail at all, since its factor is a
    point mass. With total variation on that factor alone, at the first step, the least chance is
    optimal if and only if its weight is below 1.2485 (for $\|\xi\|_1 = 0.2$).

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> walk = mdps.robust_walk()
    >>> walk
    LinearMDP(3 steps, 5 states, 80 state-action pairs, 4 simplex features, time-dependent)
    >>> round(float(rl.solve(walk.to_finite_horizon()).value[0, 0]), 6)
    1.62425
    """
    first = np.array([[0, 1 - p, 0, p, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]])
    return _walk(first, xi_norm, delta, p)


def robust_walk_target(q: float, xi_norm: float = 0.2, *, delta: float = 0.3, p: float = 0.001) -> LinearMDP:
    r"""Return the world that the policy is used in: a jump at the first step fails with probability q.

    From the first place the walker goes on with probability $1 - c$ (p plays no part at this step), fails with $q c$
    and is at the goal with $(1 - q) c$. A policy that tries $c$ at the first step and its best afterwards has the value

    $$R(q; c) = (1 - c) V_1(\mathtt{second}) + 2 c (1 - q),$$

    a straight line in q. The best bet changes from the largest chance to the smallest at
    $q^* = 1 - V_1(\mathtt{second}) / 2$, which is 0.48012, 0.37512 and 0.28012 for $\|\xi\|_1 = 0.1, 0.2, 0.3$.

    Parameters
    ----------
    q : float
        Probability that a jump at the first step fails.
    xi_norm, delta, p : float
        As for `robust_walk`.

    Returns
    -------
    LinearMDP
        With the features and rewards of `robust_walk`.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> [round(float(rl.solve(mdps.robust_walk_target(q).to_finite_horizon()).value[0, 0]), 6) for q in (0, 0.5, 1)]
    [1.624875, 1.224775, 1.124775]
    """
    checks.probability("q", q)
    first = np.array([[0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [0, 0, 0, q, 1 - q]])
    return _walk(first, xi_norm, delta, p)


def robust_walk_return(q: float, chance: float, xi_norm: float = 0.2, *, delta: float = 0.3, p: float = 0.001) -> float:
    r"""Return $R(q; c) = (1 - c) V_1(\mathtt{second}) + 2 c (1 - q)$, the value of a first bet in `robust_walk_target`.

    Afterwards the largest chance m is bet, so that $V_1(\mathtt{second}) = m + (1 - m)(1 - p) m + m$, which is also
    what a bet of 0 has. The return is linear in c, and a straight line in q: a mixture of bets has the return of its
    mean.

    Parameters
    ----------
    q : float
        Probability that a jump at the first step fails.
    chance : float
        The chance c that is bet at the first step, any number in [0, 1].
    xi_norm, delta, p : float
        As for `robust_walk`.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> [round(mdps.robust_walk_return(q, 0.5), 6) for q in (0, 0.5, 1)]
    [1.624875, 1.124875, 0.624875]
    """
    checks.probability("q", q)
    checks.probability("chance", chance)
    return (1 - chance) * _second_value(xi_norm, delta, p) + 2 * chance * (1 - q)


def robust_walk_optimum(jump: float = 2.0, xi_norm: float = 0.2, *, delta: float = 0.3, p: float = 0.001) -> float:
    r"""Return the optimum of `robust_walk` when nature leaves a jump at the first step a worth of ``jump``.

    $$V_0(\mathtt{first}) = \max_c \; (1 - c)(1 - p) V_1(\mathtt{second}) + c \cdot \mathtt{jump},$$

    where the worth is 2 if nature does nothing, $\min(2, \lambda)$ if she may move the jump's factor and pays lam for
    its total variation, $2 (1 - \rho)$ if she may move it by rho. The least chance is the best bet if that is less than
    $(1 - p) V_1(\mathtt{second})$, which is 1.2485 for $\|\xi\|_1 = 0.2$; else it is the largest.

    Parameters
    ----------
    jump : float
        What a jump at the first step is worth, at least 0.
    xi_norm, delta, p : float
        As for `robust_walk`.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> round(mdps.robust_walk_optimum(), 5), round(mdps.robust_walk_optimum(jump=1.0), 5)
    (1.62425, 1.22365)
    """
    checks.number("jump", jump, 0)
    walk = (1 - p) * _second_value(xi_norm, delta, p)
    return max((1 - chance) * walk + chance * jump for chance in (delta - xi_norm, delta + xi_norm))


def _second_value(xi_norm: float, delta: float, p: float) -> float:
    """Return the value of the second place at the second step."""
    _check(xi_norm, delta, p)
    most = delta + xi_norm
    return most + (1 - most) * (1 - p) * most + most


def _walk(first: np.ndarray, xi_norm: float, delta: float, p: float) -> LinearMDP:
    """Return the walk with the given factors of the first step; what no walker reaches leads to the failure."""
    _check(xi_norm, delta, p)
    jump = delta + xi_norm / 4 * _ACTIONS.sum(axis=1)
    jump = np.clip(jump, 0.0, 1.0)  # rounding alone
    phi = np.zeros((5, 16, 4))
    phi[:3, :, 3] = jump
    phi[[0, 1, 2], :, [0, 1, 2]] = 1 - jump
    phi[3, :, 2] = phi[4, :, 3] = 1.0
    second = np.array([[0, 0, 0, 1, 0], [0, 0, 1 - p, p, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]])
    factors = np.array([first, second, second])
    theta = np.zeros((3, 4))
    theta[1:, 3] = 1.0
    names = ["".join("+" if sign > 0 else "-" for sign in action) for action in _ACTIONS]
    return LinearMDP(phi, factors, theta, H=3, mu=np.eye(5)[0], state_names=_STATES, action_names=names)


def _check(xi_norm: float, delta: float, p: float) -> None:
    checks.probability("p", p)
    checks.probability("delta", delta)
    if checks.number("xi_norm", xi_norm, 0) > min(delta, 1 - delta):
        raise ModelError(f"xi_norm is {xi_norm!r}; with delta = {delta:g} it must be at most {min(delta, 1 - delta):g}")

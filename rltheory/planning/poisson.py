r"""Gain and bias of a policy, from Poisson's equation.

.. math:: g^\pi = P_\pi g^\pi, \qquad g^\pi + h^\pi = r_\pi + P_\pi h^\pi, \qquad P_\pi^* h^\pi = 0

(Puterman 2005, section 8.2). The gain is one number on each recurrent class, where it and the bias are the solution of
one linear system; in transient states both follow from the classes that they lead to. The probability of staying in a
state never enters: the diagonal of I - P is the sum of the other entries of the row. Small systems are solved by an
elimination without subtractions, which keeps all digits where states are hardly ever left (`elimination`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError
from rltheory.planning.average_solution import PolicyGain
from rltheory.planning.backup import checked_policy
from rltheory.planning.elimination import BEYOND_FLOATS, DENSE_STATES, Solver, leaving_system
from rltheory.planning.gain_bounds import Rows, Structure, gain_upper_bound, normalised_rows, structure_of
from rltheory.planning.memory import require_memory

_REFINEMENTS = 2
_MOVES = 50


def evaluate_average_reward(mdp: MDP, policy: Any) -> PolicyGain:
    """Compute gain, bias and stationary distributions of a policy, the gain with proven bounds.

    Parameters
    ----------
    mdp : MDP
        Its discount is not used. Rows are divided by their exact sums, as are those of the policy.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).

    Returns
    -------
    PolicyGain
        ``gain_lower <= g^policy <= gain_upper``, rounding included; one row of ``stationary`` for each recurrent class.

    Raises
    ------
    ModelError
        If the policy does not fit the model; the message names the state.
    CriterionError
        If probabilities are so small that a linear system is singular in float64.

    References
    ----------
    Puterman (2005), section 8.2.

    Examples
    --------
    A chain that alternates between reward 0 and 2; its period does no harm:

    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1]], [[1, 0]]], [0, 2], gamma=1.0)
    >>> found = rl.planning.evaluate_average_reward(mdp, [0, 0])
    >>> found.gain, found.bias, found.stationary
    (array([1., 1.]), array([-0.5,  0.5]), array([[0.5, 0.5]]))
    """
    rows = normalised_rows(mdp).of_policy(checked_policy(mdp, policy))
    structure = structure_of(rows)
    g, h, stationary, method = solve_poisson(structure)
    lower, upper = policy_bounds(structure, g, h), gain_upper_bound(structure, h, g)
    return PolicyGain(lower + (upper - lower) / 2, h, lower, upper, stationary, method)


def policy_bounds(structure: Structure, g: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Prove a lower bound on the gain of the policy that the structure belongs to: an upper one with signs reversed."""
    mirrored = Structure(structure.rows.negated(), structure.component, structure.inside)
    return -gain_upper_bound(mirrored, -h, -g)


def solve_poisson(structure: Structure) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Solve Poisson's equation of a policy.

    Parameters
    ----------
    structure : Structure
        Rows and recurrent classes of the policy.

    Returns
    -------
    gain, bias : ndarray, shape (n_states,)
    stationary : ndarray, shape (n_classes, n_states)
    method : str
        The solver of the linear systems.

    Raises
    ------
    CriterionError
        If a system is singular in float64, or its solution overflows.
    """
    rows, component = structure.rows, structure.component
    g, h = np.zeros(component.size), np.zeros(component.size)
    with np.errstate(over="ignore", invalid="ignore"):
        stationary = _solve_classes(rows, component, g, h)
        if (component < 0).any():
            _solve_transient(rows, component, g, h)
    if not (np.isfinite(g).all() and np.isfinite(h).all() and np.isfinite(np.ptp(h))):
        raise CriterionError(BEYOND_FLOATS)
    return g, h, stationary, "dense elimination" if component.size <= DENSE_STATES else "sparse systems"


def _solve_classes(rows: Rows, component: np.ndarray, g: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Fill gain and bias of the recurrent states; return the stationary distributions.

    A chain that ends on returning to one state of its class visits the others in proportion to the stationary
    distribution, and its rewards less the gain add up to the bias, but for a constant. That sum keeps its digits if
    the way is short: the state is the most visited one of its class.
    """
    recurrent = np.flatnonzero(component >= 0)
    classes = component[recurrent]
    n_classes = int(classes.max()) + 1
    what = f"{n_classes:,} stationary distributions of {component.size:,} states"
    require_memory(8.0 * n_classes * component.size, what)
    home = recurrent[np.unique(classes, return_index=True)[1]]
    for _ in range(_MOVES):
        visits, others, solve = _visits(rows, recurrent, home)
        order = np.lexsort((-visits[recurrent], classes))
        busiest = recurrent[order[np.searchsorted(classes[order], np.arange(home.size))]]
        if (visits[busiest] <= 2).all():
            break
        home = busiest
    stationary = np.zeros((home.size, component.size))
    stationary[classes, recurrent] = (visits / np.bincount(classes, visits[recurrent])[component])[recurrent]
    g[recurrent] = (stationary @ rows.r)[classes]
    for _ in range(1 + _REFINEMENTS if others.size else 0):
        h[others] += solve((rows.residual(h)[0] - g)[others])
    h[recurrent] -= (stationary @ h)[classes]
    return stationary


def _visits(rows: Rows, recurrent: np.ndarray, home: np.ndarray) -> tuple[np.ndarray, np.ndarray, Solver]:
    """Return how often states are visited between visits to home, the states besides it, and the solver on these."""
    visits = np.zeros(rows.r.size)
    visits[home] = 1.0
    others = np.setdiff1d(recurrent, home)
    solve, solve_transposed = _until_left(rows, others)
    visits[others] = np.maximum(solve_transposed(rows.P[home].sum(axis=0)[others]), 0.0)
    return np.where(np.isfinite(visits), visits, np.inf), others, solve


def _solve_transient(rows: Rows, component: np.ndarray, g: np.ndarray, h: np.ndarray) -> None:
    """Fill gain and bias of the transient states, those of the recurrent ones being known."""
    recurrent, transient = component >= 0, np.flatnonzero(component < 0)
    solve, _ = _until_left(rows, transient)
    least, most = g[recurrent].min(), g[recurrent].max()
    g[transient] = least  # where all classes earn the same, every correction is exactly zero
    for _ in range(1 + _REFINEMENTS):
        g[transient] = np.clip(g[transient] + solve(rows.mean_change(g)[0][transient]), least, most)
    for _ in range(1 + _REFINEMENTS):
        h[transient] += solve((rows.residual(h)[0] - g)[transient])


def _until_left(rows: Rows, states: np.ndarray) -> tuple[Solver, Solver]:
    """Return functions that solve ``(I - P) x = b``, and the transposed system, on a set of states that is left."""
    own = rows.P[states]
    outside = np.ones(rows.P.shape[1])
    outside[states] = 0.0
    return leaving_system(own[:, states], own @ outside)

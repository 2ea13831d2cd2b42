r"""Tables that are hard to learn: in each of many states one action is a little better, and nothing tells which.

A state is drawn, an action is taken, a coin decides, and all steps that are left pay or do not. With
$\Delta \propto \sqrt{A m / K}$ (`rltheory.exploration.bounds.needle_gap`) no learner finds the best actions of m states
in K episodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import FiniteHorizonMDP, ModelError


def hard_needles(best: Any, n_actions: int, H: int, *, gap: float) -> FiniteHorizonMDP:
    r"""Return the family of m choices among A actions, of which one wins with probability $\frac12 + \Delta$.

    States 0 to m - 1 are the first with equal chances; state m is success, in which every step pays 1, and state m + 1
    is failure. All other actions win with probability 1/2. Hence

    $$V^* = (H - 1) \big( \tfrac12 + \Delta \big), \qquad
    V^* - V^\pi = (H - 1)\, \frac\Delta m\, \#\{i : \pi(i) \ne a^*_i\} .$$

    Parameters
    ----------
    best : array_like of int, shape (m,)
        The best action of each choice.
    n_actions : int
        A, at least 2.
    H : int
        Number of steps, at least 2.
    gap : float
        $\Delta$, in [0, 1/2].

    Returns
    -------
    FiniteHorizonMDP

    Raises
    ------
    ModelError
        If there is no choice, a best action is none of A, or a parameter is out of range.

    Examples
    --------
    >>> model = hard_needles([1, 0], 2, H=3, gap=0.25)
    >>> model.n_states, model.rows(0).toarray()[:4, 2].tolist()
    (4, [0.5, 0.75, 0.75, 0.5])
    """
    best = np.asarray(best)
    checks.whole("n_actions", n_actions, 2)
    checks.whole("H", H, 2)
    checks.number("gap", gap, 0, 0.5)
    if best.ndim != 1 or not best.size or best.dtype.kind not in "iu":
        raise ModelError(f"best has shape {best.shape} and type {best.dtype}; it must be (m,), of whole numbers")
    if not ((best >= 0) & (best < n_actions)).all():
        raise ModelError(f"best is {best.tolist()}; every entry must be from 0 to {n_actions - 1}")
    m = best.size
    P = np.zeros((m + 2, n_actions, m + 2))
    P[:m, :, m] = 0.5
    P[np.arange(m), best, m] += gap
    P[:m, :, m + 1] = 1 - P[:m, :, m]
    P[m, :, m] = P[m + 1, :, m + 1] = 1.0
    rewards = np.zeros((m + 2, n_actions))
    rewards[m] = 1.0
    return FiniteHorizonMDP(P, rewards, H, mu=np.append(np.full(m, 1 / m), [0.0, 0.0]))

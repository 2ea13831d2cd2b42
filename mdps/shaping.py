"""Bonuses that mislead: for each that is no potential, a model in which it changes what is best."""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError


def misleading_bonus(bonus: Any, gamma: float = 0.9) -> tuple[MDP, int, float]:
    r"""Build the model in which a bonus does the most harm: to stay, or to leave once and stay elsewhere.

    Staying in s is paid $-\Phi(s)$ by the bonus, all steps together. Leaving is paid that and $\Delta$, by which the
    bonus is no potential where it is farthest from one; the model pays $-\Delta/2$ for it. So leaving and staying
    change places with the bonus, and whoever is misled loses $|\Delta|/2$ or more.

    Parameters
    ----------
    bonus : array_like, shape (n_states, n_actions, n_states)
        F, for each transition, with at least two actions.
    gamma : float
        Discount, 0 < gamma < 1.

    Returns
    -------
    mdp : MDP
        Without the bonus; `rltheory.planning.with_bonus` adds it.
    state : int
        Where the bonus misleads.
    violation : float
        $\Delta$, in reward units.

    Raises
    ------
    ModelError
        If the bonus is potential-based, or there is one action only.

    Notes
    -----
    After Ng, Harada and Russell (1999), theorem 1 (necessity).

    Examples
    --------
    >>> import numpy as np
    >>> import mdps
    >>> bonus = np.zeros((2, 2, 2))
    >>> bonus[0, 1, 1] = 1.0                       # for a visit to state 1, and never taken back
    >>> mdp, state, violation = mdps.misleading_bonus(bonus)
    >>> state, violation, mdp.r.tolist()[:2]
    (0, 1.0, [0.0, -0.5])
    """
    from rltheory.planning.shaping import shaping_potential

    checks.inner_discount(gamma)
    F = np.asarray(bonus, dtype=float)
    potential, violation = shaping_potential(F, gamma)
    n_actions = F.shape[1]
    if n_actions < 2:
        raise ModelError("bonus has 1 action; with one action nothing can be misled")
    loops = np.diagonal(violation, axis1=0, axis2=2).T  # (n_states, n_actions)
    # First the loops: only where staying is paid alike by all actions can a way to leave be weighed against it.
    if np.abs(loops).max() > 1e-9 * (1 + np.abs(F).max()):
        s, leave = np.unravel_index(np.abs(loops).argmax(), loops.shape)
        after = s
    else:
        s, leave, after = np.unravel_index(np.abs(violation).argmax(), violation.shape)
    delta = float(violation[s, leave, after])
    if abs(delta) <= 1e-9 * (1 + np.abs(F).max()):
        raise ModelError(f"bonus is potential-based, with potential {potential}; it misleads nobody")
    return _stay_or_leave(F, gamma, int(s), int(leave), int(after), delta), int(s), delta


def _stay_or_leave(F: np.ndarray, gamma: float, s: int, leave: int, after: int, delta: float) -> MDP:
    """All actions stay where they are but one; all but one way to stay, in each state, are too dear to be taken."""
    n_states, n_actions, _ = F.shape
    P = np.eye(n_states)[:, None].repeat(n_actions, axis=1)
    P[s, leave] = np.eye(n_states)[after]
    r = np.full((n_states, n_actions), -4 * (1 + np.abs(F).max()) / (1 - gamma))
    r[:, 0] = 0.0
    if leave == 0:
        r[s, 1] = 0.0
    r[s, leave] = -delta / 2
    return MDP.from_arrays(P, r, gamma, mu=s)

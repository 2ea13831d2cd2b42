r"""Shaping: pay an extra reward on the way, without changing what is best.

.. math:: r'(s, a) = r(s, a) + \gamma \sum_{s'} P(s'|s,a)\, \Phi(s') - \Phi(s)

Along any trajectory the extra rewards telescope: what a potential :math:`\Phi` pays on the way up it takes back at the
start, so that :math:`v'^\pi = v^\pi - \Phi` for *every* policy, and the same actions are greedy (Ng, Harada and Russell
1999). A learner can tell shaping from a better start, :math:`q_0 + \Phi`, by nothing at all (Wiewiora 2003).

No other bonus has this property. If F(s, a, s') is of the form :math:`\gamma \Phi(s') - \Phi(s)`, a loop gives the
potential away, :math:`\Phi(s) = -F(s, a, s) / (1 - \gamma)`; and where F then differs from the form, there is a model
in which the bonus changes what is best: `mdps.misleading_bonus`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError, ModelError
from rltheory.models._validation import real_array


def shaped(mdp: MDP, potential: Any) -> MDP:
    """Return a model with the rewards of a potential added, in which every policy loses the potential of its start.

    Parameters
    ----------
    mdp : MDP
    potential : array_like, shape (n_states,)
        In reward units.

    Returns
    -------
    MDP
        The value of every policy is that in ``mdp`` less the potential.

    Raises
    ------
    ModelError
        If there is not one finite number a state.

    References
    ----------
    Ng, Harada and Russell (1999), theorem 1.

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> from rltheory.planning import shaped
    >>> chain = mdps.chain(4, gamma=0.5)
    >>> easy = shaped(chain, rl.solve(chain).value)             # the best potential leaves nothing to look ahead for
    >>> (rl.solve(easy).value.round(9) + 0.0).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    phi = real_array(potential, "potential")
    if phi.shape != (mdp.n_states,) or not np.isfinite(phi).all():
        raise ModelError(f"potential has shape {phi.shape}; {mdp.n_states} finite numbers are needed, one a state")
    return mdp.replace(r=mdp.r + mdp.gamma * (mdp.P @ phi) - phi[mdp.pair_state])


def with_bonus(mdp: MDP, bonus: Any) -> MDP:
    """Return a model in which transitions are paid a bonus.

    Parameters
    ----------
    mdp : MDP
        In which every state has every action.
    bonus : array_like, shape (n_states, n_actions, n_states)
        For each transition, in reward units.

    Returns
    -------
    MDP

    Raises
    ------
    ModelError
        If the shape does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import mdps
    >>> from rltheory.planning import with_bonus
    >>> with_bonus(mdps.chain(3), np.ones((3, 2, 3))).r - mdps.chain(3).r
    array([1., 1., 1., 1., 1., 1.])
    """
    F = real_array(bonus, "bonus")
    if F.shape != (mdp.n_states, mdp.n_actions, mdp.n_states) or mdp.n_pairs != mdp.n_states * mdp.n_actions:
        raise ModelError(
            f"bonus has shape {F.shape}; it must be {(mdp.n_states, mdp.n_actions, mdp.n_states)}, and every state must"
            f" have {mdp.n_actions} actions"
        )
    expected = mdp.P.multiply(F.reshape(mdp.n_pairs, mdp.n_states)).sum(axis=1)
    return mdp.replace(r=mdp.r + np.asarray(expected).reshape(-1))


def shaping_potential(bonus: Any, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Find the potential of a bonus, and by how much the bonus is not one.

    Parameters
    ----------
    bonus : array_like, shape (n_states, n_actions, n_states)
        F, for each transition, in reward units.
    gamma : float
        Discount, 0 <= gamma < 1.

    Returns
    -------
    potential : ndarray, shape (n_states,)
        The only one that F can have, from the loops of action 0: :math:`-F(s, 0, s) / (1 - \gamma)`.
    violation : ndarray, shape (n_states, n_actions, n_states)
        :math:`F(s, a, s') - \gamma \Phi(s') + \Phi(s)`: 0 everywhere if and only if F is potential-based.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1, or not a discount.
    ModelError
        If the shape is not that of transitions.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.planning import shaping_potential
    >>> phi = np.array([1.0, 4.0])
    >>> bonus = np.broadcast_to(0.5 * phi - phi[:, None, None], (2, 3, 2))
    >>> potential, violation = shaping_potential(bonus, gamma=0.5)
    >>> potential, bool(np.abs(violation).max() == 0)
    (array([1., 4.]), True)
    """
    F = real_array(bonus, "bonus")
    if not 0 <= gamma < 1:
        raise CriterionError(f"gamma is {gamma}; loops tell a potential only for 0 <= gamma < 1")
    if F.ndim != 3 or F.shape[0] != F.shape[2] or not F.size:
        raise ModelError(f"bonus has shape {F.shape}; it must be (n_states, n_actions, n_states)")
    potential = -np.diagonal(F[:, 0]) / (1 - gamma)
    return potential, F - gamma * potential + potential[:, None, None]

"""The combination lock: one sequence of actions opens it, and every mistake starts it over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError, OutcomeModel


def combination_lock(n: int = 5, n_actions: int = 2, *, code: Sequence[int] | None = None, gamma: float = 0.95) -> MDP:
    r"""Dial the n digits of a code; a wrong digit leads back to the first, the last right one is rewarded with 1.

    $$v^*(i) = \gamma^{n-1-i} \quad\text{after } i \text{ right digits}, \qquad v^*(0) = \gamma^{n-1},$$

    while a policy that acts at random needs $(A^{n+1} - A)/(A - 1)$ steps in expectation: the standard hard case of
    exploration and of learning from another policy's data.

    Parameters
    ----------
    n : int
        Digits of the code, at least 1.
    n_actions : int
        Possible digits A, at least 1.
    code : sequence of int, optional
        The n digits; by default ``n_actions - 1`` throughout, which a learner that breaks ties towards action 0 does
        not find by accident.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        States 0..n-1, the digits dialled so far, and ``open``, which is absorbing.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    The reset state space of Koenig and Simmons (1993); Kakade (2003).

    Examples
    --------
    >>> import mdps
    >>> mdps.combination_lock(3).P.toarray()[::2]
    array([[1., 0., 0., 0.],
           [1., 0., 0., 0.],
           [1., 0., 0., 0.],
           [0., 0., 0., 1.]])
    """
    checks.whole("n", n, 1)
    checks.whole("n_actions", n_actions, 1)
    digits = [n_actions - 1] * n if code is None else list(code)
    if len(digits) != n or not set(digits) <= set(range(n_actions)):
        raise ModelError(f"code is {code!r}; it must have {n} digits in 0..{n_actions - 1}")
    next_state, reward = np.zeros((n + 1, n_actions), dtype=np.int64), np.zeros((n + 1, n_actions))
    next_state[np.arange(n), digits] = np.arange(1, n + 1)
    next_state[n] = n
    reward[n - 1, digits[-1]] = 1.0
    names = [*map(str, range(n)), "open"]
    return OutcomeModel.from_tables(next_state, reward, gamma, mu=0, state_names=names).to_mdp()

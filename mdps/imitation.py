r"""Experts to imitate, and what mistakes cost: all that is left, the next step only, or what the data decide."""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import FiniteHorizonMDP, ModelError


def steep_path(H: int = 10, error: float = 0.01) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]:
    r"""A path from which one falls: the expert stays on it and earns 1 a step, a wrong action leads down for good.

    A clone that errs with probability $\epsilon$ at each step loses

    $$\sum_{k=1}^H \big(1 - (1-\epsilon)^k\big) = \epsilon \frac{H(H+1)}2 - O(\epsilon^2 H^3),$$

    so that the bound of behaviour cloning is attained as the error vanishes.

    Parameters
    ----------
    H : int
        Steps, at least 1.
    error : float
        Probability $\epsilon$ of a wrong action on the path; at the foot of the hill the clone copies the expert.

    Returns
    -------
    model : FiniteHorizonMDP
        State 0 is the path, 1 the foot; action 0 stays.
    expert : ndarray of int, shape (2,)
    clone : ndarray, shape (2, 2)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> model, expert, clone = mdps.steep_path(H=2, error=0.25)
    >>> clone
    array([[0.75, 0.25],
           [1.  , 0.  ]])
    """
    return _path(H, error, falls_to=1)


def gentle_path(H: int = 10, error: float = 0.01) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]:
    r"""A path to which one returns: as `steep_path`, but a wrong action costs its own reward and no more.

    A clone that errs with probability $\epsilon$ loses $\epsilon H$, and the recoverability is 1 at every step.

    Parameters
    ----------
    H : int
        Steps, at least 1.
    error : float
        Probability $\epsilon$ of a wrong action.

    Returns
    -------
    model : FiniteHorizonMDP
    expert : ndarray of int, shape (2,)
    clone : ndarray, shape (2, 2)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import imitation
    >>> imitation.certify(*mdps.gentle_path(H=10, error=0.25)).gap
    2.5
    """
    return _path(H, error, falls_to=0)


def side_road(H: int = 10, error: float = 0.01) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]:
    r"""A path and a side road, from which the expert would come back at once, if he ever were there.

    A wrong action costs him 2, its own reward and the way back. A clone that errs with probability $\epsilon$ on the
    path has never seen the way back, and stays on the side road: it loses as much as on the `steep_path`.

    Parameters
    ----------
    H : int
        Steps, at least 1.
    error : float
        Probability $\epsilon$ of a wrong action on the path.

    Returns
    -------
    model : FiniteHorizonMDP
        State 0 is the path, 1 the side road. Action 0 stays on the path, or goes back to it; action 1 does not.
    expert : ndarray of int, shape (2,)
    clone : ndarray, shape (2, 2)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import imitation
    >>> model, expert, clone = mdps.side_road(H=10, error=0.01)
    >>> imitation.recoverability(model, expert)
    array([2., 2., 2., 2., 2., 2., 2., 2., 2., 1.])
    >>> imitation.certify(model, expert, clone)
    Imitation(gap 0.533825, at most 0.55 by what was seen, 0.972033 by its own errors)
    """
    model, expert, clone = _path(H, error, falls_to=1)
    P = np.array(model.P)
    P[1] = np.eye(2)
    return FiniteHorizonMDP.from_arrays(P, model.r, H, mu=0), expert, np.array([clone[0], [0.0, 1.0]])


def _path(H: int, error: float, falls_to: int) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]:
    checks.whole("H", H, 1)
    checks.probability("error", error)
    stay, foot = np.eye(2)
    P = np.array([[stay, np.eye(2)[falls_to]], [foot, foot]])
    model = FiniteHorizonMDP.from_arrays(P, [[1.0, 0.0], [0.0, 0.0]], H, mu=0)
    return model, np.zeros(2, dtype=np.int64), np.array([[1 - error, error], [1.0, 0.0]])


def renewal(p: Any, expert: Any, n_actions: int = 2) -> FiniteHorizonMDP:
    r"""Good states that are drawn anew while one does as the expert does, and a bad one for the first mistake.

    The expert earns 1 a step. Where nobody has seen him, all actions look alike, and a wrong one costs the rest of the
    episode: the states on which no learner beats a clone (`rltheory.imitation.bounds.imitation_lower_bound`).

    Parameters
    ----------
    p : array_like, shape (n_states - 1,)
        Distribution of the good states, at the start and after each right action.
    expert : array_like of int, shape (H, n_states - 1)
        The right action of each step and good state.
    n_actions : int
        Number of actions, at least 1.

    Returns
    -------
    FiniteHorizonMDP
        The last state is the bad one.

    Raises
    ------
    ModelError
        If the shapes do not fit, an action does not exist, or p is no distribution.

    Notes
    -----
    After the lower bound of Rajaraman, Yang, Jiao and Ramchandran (2020).

    Examples
    --------
    >>> import mdps
    >>> mdps.renewal([0.5, 0.5], expert=[[0, 1], [1, 1]]).P[0, :, 1]
    array([[0. , 0. , 1. ],
           [0.5, 0.5, 0. ],
           [0. , 0. , 1. ]])
    """
    p, expert = np.asarray(p, dtype=float), np.asarray(expert)
    checks.whole("n_actions", n_actions, 1)
    if expert.ndim != 2 or p.shape != expert.shape[1:] or expert.dtype.kind not in "iu":
        raise ModelError(f"expert has shape {expert.shape}; it needs whole numbers of shape (H, {p.size})")
    if not ((expert >= 0) & (expert < n_actions)).all():
        raise ModelError(f"expert takes action {expert.max()}; actions are 0..{n_actions - 1}")
    H, good = expert.shape
    right = np.zeros((H, good + 1, n_actions))
    right[np.arange(H)[:, None], np.arange(good), expert] = 1.0
    P = np.zeros((H, good + 1, n_actions, good + 1))
    P[..., :good] = right[..., None] * p
    P[..., good] = 1 - right
    return FiniteHorizonMDP(P, right, H, mu=np.append(p, 0.0))

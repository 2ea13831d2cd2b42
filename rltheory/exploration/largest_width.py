r"""How uncertain can the mean of any value function be? The largest width over all values in [0, 1], pair by pair.

.. math:: w(s, a) = \max_{f : S \to [0, 1]} \|\phi_f(s, a)\|_{\Sigma^{-1}} .

Before there is a reward this stands in for the value functions that are to come. It is the maximum of a convex
function, so that it is attained at a vertex, which is a set of states, and no convex program finds it. Three ways:

* `vertices` tries all sets of successors, by a Gray code;
* `signs` maximises the :math:`\ell_1` norm instead, for a root :math:`\Sigma^{-1} = L L^\top`, by

  .. math::

     \max_f \|L^\top \phi_f\|_1
     = \max_{\epsilon \in \{-1, 1\}^d} \sum_{s'} \big( \epsilon^\top L^\top \phi(s' \mid s, a) \big)_+ ,

  which is exact with :math:`2^d` sign vectors and between w and :math:`\sqrt d\, w`;
* `ascent` replaces a set by the states that point along it until that no longer helps, which gives no less than it
  starts from, and comes with a bound from above.

Source: Zhang, Zhou and Gu (2021), which call the second a linear program; the enumerations are exact and derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.models import ModelError

MOST_SUCCESSORS = 20
"""So many successors of a pair are enumerated, 2^20 sets."""
MOST_FEATURES = 16
"""So many features are given signs, 2^16 vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class LargestWidth:
    """The largest width of each pair, and where it is.

    Parameters
    ----------
    lower, upper : ndarray, shape (n_states, n_actions)
        Two numbers between which the largest width is; the lower is that of ``states``.
    states : ndarray of bool, shape (n_states, n_actions, n_states)
        The set of next states.
    """

    lower: np.ndarray
    upper: np.ndarray
    states: np.ndarray


Search = Callable[[np.ndarray, np.ndarray], LargestWidth]
"""`vertices`, `signs` or `ascent`: features and the inverse of a matrix to the largest widths."""


def vertices(phi: np.ndarray, inverse: np.ndarray) -> LargestWidth:
    r"""Return the largest widths, exactly, by trying all sets of successors.

    Parameters
    ----------
    phi : ndarray, shape (n_states, n_actions, n_states, d)
        Features of transitions.
    inverse : ndarray, shape (d, d)
        :math:`\Sigma^{-1}`, positive definite.

    Returns
    -------
    LargestWidth
        Both ends are the same.

    Raises
    ------
    ModelError
        If a pair has more than `MOST_SUCCESSORS` successors with features.

    Examples
    --------
    Opposite features cancel, so that the best set is one of the two states:

    >>> phi = np.array([3.0, -4.0]).reshape(1, 1, 2, 1)
    >>> found = vertices(np.repeat(phi, 2, axis=0), np.eye(1))
    >>> found.lower[0, 0].item(), found.states[0, 0].tolist()
    (4.0, [False, True])
    """
    counts = phi.any(axis=3).sum(axis=2)
    if counts.max() > MOST_SUCCESSORS:
        s, a = np.unravel_index(int(counts.argmax()), counts.shape)
        raise ModelError(
            f"state {s}, action {a} has {counts[s, a]} successors; `vertices` tries the sets of {MOST_SUCCESSORS} at"
            " most, `signs` and `ascent` have no such limit"
        )
    width, states = np.empty(counts.shape), np.empty(phi.shape[:3], dtype=np.bool_)
    _enumerate(phi, inverse, width, states)
    return LargestWidth(width, width, states)


def signs(phi: np.ndarray, inverse: np.ndarray) -> LargestWidth:
    r"""Return sets whose width is at least :math:`1/\sqrt d` of the largest, from the :math:`\ell_1` norm.

    Parameters
    ----------
    phi, inverse : ndarray
        As for `vertices`.

    Returns
    -------
    LargestWidth
        The upper end is the largest :math:`\ell_1` norm, at most :math:`\sqrt d` times the lower end.

    Raises
    ------
    ModelError
        If there are more than `MOST_FEATURES` features.

    Examples
    --------
    >>> found = signs(np.array([3.0, -4.0]).reshape(1, 1, 2, 1), np.eye(1))
    >>> found.lower.item(), found.upper.item()
    (4.0, 4.0)
    """
    d = phi.shape[3]
    if d > MOST_FEATURES:
        raise ModelError(f"there are {d} features; `signs` tries the signs of {MOST_FEATURES} at most, try `ascent`")
    directions = 2.0 * (np.arange(2**d)[:, None] >> np.arange(d) & 1) - 1
    along = phi @ (np.linalg.cholesky(inverse) @ directions.T)
    sums = np.maximum(along, 0).sum(axis=2)
    best = sums.argmax(axis=2)
    states = np.take_along_axis(along, best[:, :, None, None], axis=3)[..., 0] > 0
    return LargestWidth(_width_of(phi, inverse, states), sums.max(axis=2), states)


def ascent(phi: np.ndarray, inverse: np.ndarray) -> LargestWidth:
    r"""Return sets that no step improves, from all states and from each one alone.

    Parameters
    ----------
    phi, inverse : ndarray
        As for `vertices`.

    Returns
    -------
    LargestWidth
        The upper end takes the worst of each coordinate.

    Examples
    --------
    >>> found = ascent(np.array([3.0, -4.0]).reshape(1, 1, 2, 1), np.eye(1))
    >>> found.lower.item(), found.upper.item()
    (4.0, 4.0)
    """
    n_states, n_actions, n_next, _ = phi.shape
    rooted = phi @ np.linalg.cholesky(inverse)
    starts = np.vstack([np.ones(n_next, dtype=bool), np.eye(n_next, dtype=bool)])
    now = np.broadcast_to(starts, (n_states, n_actions, *starts.shape))
    length = np.full(now.shape[:3], -1.0)
    while True:
        total = now.astype(float) @ rooted
        longer = np.linalg.norm(total, axis=3)
        if not (longer > length * (1 + 1e-12)).any():
            break
        best, length = now, longer
        now = (rooted[:, :, None] @ total[..., None])[..., 0] > 0
    chosen = length.argmax(axis=2)
    states = np.take_along_axis(best, chosen[:, :, None, None], axis=2)[:, :, 0]
    both = np.maximum(np.maximum(rooted, 0).sum(axis=2), np.maximum(-rooted, 0).sum(axis=2))
    return LargestWidth(_width_of(phi, inverse, states), np.linalg.norm(both, axis=2), states)


def _width_of(phi: np.ndarray, inverse: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the width of a set of states at each pair."""
    x = np.einsum("san,sand->sad", states.astype(float), phi)
    return np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0.0))


@njit(cache=True)
def _enumerate(phi, inverse, width, states):  # type: ignore[no-untyped-def]
    """Fill width and states: go through all sets of successors, one state in or out at a time."""
    n_states, n_actions, n_next, d = phi.shape
    x, inside, successors = np.empty(d), np.empty(n_next, dtype=np.bool_), np.empty(n_next, dtype=np.int64)
    for s in range(n_states):
        for a in range(n_actions):
            n = 0
            for successor in range(n_next):
                if phi[s, a, successor].any():
                    successors[n] = successor
                    n += 1
            x[:], inside[:], states[s, a], longest = 0.0, False, False, 0.0
            for step in range(1, 2**n):
                bit = 0
                while step >> bit & 1 == 0:
                    bit += 1
                j = successors[bit]
                inside[j] = not inside[j]
                sign = 1.0 if inside[j] else -1.0
                for i in range(d):
                    x[i] += sign * phi[s, a, j, i]
                squared = kernels.squared_norm(inverse, x)
                if squared > longest:
                    longest = squared
                    states[s, a] = inside
            kernels.value_features(phi[s, a], states[s, a], x)  # anew, without what additions have rounded
            width[s, a] = np.sqrt(kernels.squared_norm(inverse, x))

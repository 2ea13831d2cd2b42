r"""Newton's method for equilibria of players with smooth aversions to risk.

Let s be the weights that all players put on the vertices of their strategies, :math:`G_i(s)` the gradient of player i's
objective in her own weights, and :math:`\Pi` the projection on the simplex. By concavity

.. math:: s \text{ is an equilibrium} \iff s_i = \Pi\big( s_i + c_i G_i(s) \big) \text{ for every } i,

for any :math:`c_i > 0`. The projection is affine between its kinks: onto the coordinates S that stay positive its
derivative is :math:`I_S - 1_S 1_S^\top / |S|`, so that Newton's method (Qi and Sun 1993) converges quadratically near a
regular equilibrium. From afar it need not converge: the certificate of what it returns decides.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.risk.play import Play, Profile

_STEPS, _HALVINGS = 50, 12


def newton(play: Play, weights: Profile, reach: float = 1.0) -> list[np.ndarray]:
    """Return the weights at which Newton's method, started from some, makes no more progress.

    Parameters
    ----------
    play : Play
        The game, all aversions smooth.
    weights : sequence of n ndarray, of shapes (k_1,), ..., (k_n,)
        Where to start.
    reach : float
        The factor c, in units of one over `Play.tolerances`: the larger, the less an action must be worse than others
        to be left out.

    Returns
    -------
    list of n ndarray
    """
    weights, scales = list(weights), play.tolerances / reach
    residual, kept = _residual(play, weights, scales)
    cuts = np.cumsum([s.size for s in weights])[:-1]
    for _ in range(_STEPS):
        size = np.linalg.norm(residual)
        direction = np.split(np.linalg.lstsq(_jacobian(play, weights, kept, scales), -residual, rcond=None)[0], cuts)
        step = 1.0
        for _ in range(_HALVINGS):
            ahead = [project(s + step * d)[0] for s, d in zip(weights, direction, strict=True)]
            residual_ahead, kept_ahead = _residual(play, ahead, scales)
            if np.linalg.norm(residual_ahead) < (1 - 1e-4 * step) * size:
                break
            step /= 2
        else:
            break
        weights, residual, kept = ahead, residual_ahead, kept_ahead
    return weights


def project(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the point of the simplex nearest to x, and which of its coordinates are positive.

    By sorting (Held, Wolfe and Crowder 1974): the positive coordinates are those above a threshold at which they sum to
    1.

    Examples
    --------
    >>> project(np.array([0.8, 0.6, -1.0]))
    (array([0.6, 0.4, 0. ]), array([ True,  True, False]))
    """
    descending = np.sort(x)[::-1]
    excess = (np.cumsum(descending) - 1) / np.arange(1, x.size + 1)
    threshold = excess[np.flatnonzero(descending > excess)[-1]]
    return np.maximum(x - threshold, 0.0), x > threshold


def _residual(play: Play, weights: Profile, scales: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return all s - Pi(s + c G), and which coordinates the projections keep."""
    profile = play.profile(weights)
    gaps, kept = [], []
    for i, s in enumerate(weights):
        nearest, on = project(s + play.hulls[i] @ play.gradient(profile, i) / scales[i])
        gaps.append(s - nearest)
        kept.append(on)
    return np.concatenate(gaps), kept


def _jacobian(play: Play, weights: Profile, kept: list[np.ndarray], scales: np.ndarray) -> np.ndarray:
    profile, hulls = play.profile(weights), play.hulls
    rows = []
    for i, on in enumerate(kept):
        moves = np.diag(on.astype(np.float64)) - np.outer(on, on) / on.sum()
        blocks = []
        for j, s in enumerate(weights):
            inner = hulls[i] @ play.gradient_slopes(profile, i, j) @ hulls[j].T / scales[i]
            blocks.append(np.eye(s.size) - moves @ (np.eye(s.size) + inner) if i == j else -moves @ inner)
        rows.append(np.hstack(blocks))
    return np.vstack(rows)

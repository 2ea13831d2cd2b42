"""Random linear Markov decision processes with simplex features."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import LinearMDP


def random_linear_mdp(
    n_states: int,
    n_actions: int,
    d: int,
    H: int,
    *,
    zeros: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LinearMDP:
    r"""Draw a linear MDP with simplex features, factors and rewards that change with the step.

    Features are $\phi(s, a) \sim \mathrm{Dirichlet}(0.4)$, but the first $\min(d, SA)$ pairs are *anchors* with the
    features $e_1, \dots, e_d$, so that features have full rank where pairs suffice; factors are
    $\mu_{t,i} \sim \mathrm{Dirichlet}(0.7)$ and weights $\theta_t \sim U[0, 1]^d$. Hence rewards are in [0, 1].
    Episodes begin anywhere, with equal probability.

    Parameters
    ----------
    n_states, n_actions, d, H : int
        Sizes and number of steps, at least 1.
    zeros : bool
        Whether each factor misses one state, drawn uniformly, so that there is a place that only some divergences
        let nature move mass to. A single state is never missed.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same model.

    Returns
    -------
    LinearMDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.random_linear_mdp(5, 3, d=4, H=6, rng=0)
    LinearMDP(6 steps, 5 states, 15 state-action pairs, 4 simplex features, time-dependent)
    """
    for name, value in {"n_states": n_states, "n_actions": n_actions, "d": d, "H": H}.items():
        checks.whole(name, value, 1)
    rng = np.random.default_rng(rng)
    n_pairs = n_states * n_actions
    phi = _dirichlet(rng, 0.4, (n_pairs, d))
    anchors = min(d, n_pairs)
    phi[:anchors] = np.eye(d)[:anchors]
    factors = _dirichlet(rng, 0.7, (H, d, n_states))
    if zeros and n_states > 1:
        missed = rng.integers(n_states, size=(H, d, 1))
        np.put_along_axis(factors, missed, 0.0, axis=-1)
        factors /= factors.sum(axis=-1, keepdims=True)
    return LinearMDP(phi.reshape(n_states, n_actions, d), factors, rng.random((H, d)), H)


def _dirichlet(rng: np.random.Generator, concentration: float, shape: tuple[int, ...]) -> np.ndarray:
    """Draw distributions along the last axis."""
    return rng.dirichlet(np.full(shape[-1], concentration), size=shape[:-1])

"""Random models with a given number of successors."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import MDP, ModelError


def garnet(
    n_states: int,
    n_actions: int,
    branching: int,
    *,
    rng: int | np.random.Generator | None = None,
    gamma: float = 0.95,
) -> MDP:
    """Draw a random MDP: each pair leads to ``branching`` distinct states, chosen uniformly.

    Their probabilities are uniform on the simplex (the gaps between uniform cut points), and the expected rewards of
    the pairs are uniform in [0, 1]. Small ``branching`` gives a sparse model, ``branching = n_states`` a dense one; the
    work and the memory are those of the transitions, times ``branching`` to keep successors distinct.

    Parameters
    ----------
    n_states, n_actions : int
        Sizes, at least 1.
    branching : int
        Successors of each pair, 1..n_states.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same model.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    "Generic average reward nonstationary environment test bed": Archibald, McKinnon and Thomas (1995); Bhatnagar,
    Sutton, Ghavamzadeh and Lee (2009).

    Examples
    --------
    >>> import mdps
    >>> mdps.garnet(100, 3, 5, rng=0)
    MDP(100 states, 300 state-action pairs, at most 3 actions, 1500 transitions, gamma=0.95)
    """
    from scipy.sparse import csr_array

    checks.whole("n_states", n_states, 1)
    checks.whole("n_actions", n_actions, 1)
    if checks.whole("branching", branching, 1) > n_states:
        raise ModelError(f"branching is {branching}; {n_states} states have at most {n_states} successors")
    rng = np.random.default_rng(rng)
    n_pairs = n_states * n_actions
    successors = np.sort(_distinct(rng, n_pairs, n_states, branching), axis=1)
    prob = rng.exponential(size=successors.shape)
    prob /= prob.sum(axis=1, keepdims=True)
    offsets = np.arange(0, prob.size + 1, branching)
    P = csr_array((prob.ravel(), successors.ravel(), offsets), shape=(n_pairs, n_states))
    return MDP.from_pairs(P, rng.random(n_pairs), gamma, n_actions=n_actions)


def _distinct(rng: np.random.Generator, n_rows: int, n: int, size: int) -> np.ndarray:
    """Draw ``size`` distinct numbers below n for each row, all subsets equally likely (Floyd's algorithm)."""
    if size == n:
        return np.broadcast_to(np.arange(n, dtype=np.int32), (n_rows, n))
    chosen = np.empty((n_rows, size), dtype=np.int32)
    for k, last in enumerate(range(n - size, n)):
        drawn = rng.integers(0, last, size=n_rows, dtype=np.int32, endpoint=True)
        taken = (chosen[:, :k] == drawn[:, None]).any(axis=1)
        chosen[:, k] = np.where(taken, last, drawn)
    return chosen

r"""Rollouts: sample paths of a policy, and look up what they gain.

    $s_0 \sim \mu, \qquad a_h \sim \pi_h(\cdot \mid x_h), \qquad s_{h+1} \sim P_h(\cdot \mid s_h, a_h)$

Every draw inverts a distribution function at one uniform number, and each path takes its 2 H + 1 numbers from the
stream in turn. So the paths do not depend on the number of threads, and sampling 60 paths and then 40 with the same
generator gives what sampling 100 at once gives. Markov policies run in a compiled loop; policies that remember are
asked step by step, all paths at a time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from rltheory.models import ModelError
from rltheory.models._drawable import drawable
from rltheory.models._policies import step_policies
from rltheory.models._validation import checked_whole
from rltheory.planning.threads import cut, on_each
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import SoftmaxPolicy
from rltheory.submodular.trajectories import Trajectories

_BLOCK = 1 << 22  # uniform numbers that are held at a time


class Dynamics(NamedTuple):
    """Distribution functions of the start and of each pair's successors, ready to be inverted."""

    start: np.ndarray
    first_entry: np.ndarray
    next_state: np.ndarray
    cumulated: np.ndarray
    pair_start: np.ndarray
    stride: int
    """Rows from one step to the next: 0 where dynamics do not change."""


def roll_out(
    mdp: SubmodularMDP,
    policy: SoftmaxPolicy | Any,
    n_paths: int,
    *,
    rng: int | np.random.Generator | None = None,
    dynamics: Dynamics | None = None,
) -> Trajectories:
    """Sample paths of a policy.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any.
    policy : SoftmaxPolicy or array_like
        A policy of `policies` or `history_policy`; or actions (n_states,) or probabilities (n_states, n_actions), with
        a leading axis H if they change with the step.
    n_paths : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same paths, whatever the number of threads.
    dynamics : Dynamics, optional
        What `dynamics_of` made of the model, for those who sample it often.

    Returns
    -------
    Trajectories
        With the gains of all arrivals.

    Raises
    ------
    ModelError
        If the policy does not fit the model, or ``n_paths`` is no positive number.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.modular import Modular
    >>> mdp = SubmodularMDP(np.full((2, 1, 2), 0.5), Modular([1, 1]), H=2)
    >>> roll_out(mdp, np.zeros((2, 2), dtype=int), 10_000, rng=0)
    Trajectories(10000 of 2 actions, mean return 1.7531)
    """
    states, actions = walks(mdp, policy, n_paths, rng=rng, dynamics=dynamics)
    return Trajectories(states, actions, mdp.F.gains_along(mdp.elements(states)))


def walks(
    mdp: SubmodularMDP,
    policy: SoftmaxPolicy | Any,
    n_paths: int,
    *,
    rng: int | np.random.Generator | None = None,
    dynamics: Dynamics | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the states (n_paths, H + 1) and actions (n_paths, H) that `roll_out` samples, without their gains."""
    n_paths = checked_whole("n_paths", n_paths, 1)
    rng, H = np.random.default_rng(rng), mdp.H
    dynamics = dynamics or dynamics_of(mdp)
    states, actions = np.empty((n_paths, H + 1), dtype=np.int64), np.empty((n_paths, H), dtype=np.int64)
    table = _table(mdp, policy)
    cumulated = None if table is None else drawable(table)
    block = max(1, _BLOCK // (2 * H + 1))
    for first in range(0, n_paths, block):
        part = slice(first, first + block)
        draws = rng.random((len(states[part]), 2 * H + 1))
        if cumulated is None:
            _ask(policy, dynamics, draws, states[part], actions[part])
        else:
            _walk_on_threads(cumulated, dynamics, draws, states[part], actions[part])
    return states, actions


def dynamics_of(mdp: SubmodularMDP) -> Dynamics:
    """Return a model's distribution functions, which `roll_out` inverts."""
    from scipy.sparse import csr_array

    P = csr_array(mdp.P.reshape(-1, mdp.n_states)) if isinstance(mdp.P, np.ndarray) else mdp.P
    sums = np.concatenate([[0.0], np.cumsum(P.data)])
    before, widths = sums[P.indptr[:-1]], np.diff(P.indptr)
    mass = np.repeat(np.diff(sums[P.indptr]), widths)
    cumulated = (sums[1:] - np.repeat(before, widths)) / mass
    stride = 0 if P.shape[0] == mdp.n_pairs else mdp.n_pairs
    indices = P.indptr.astype(np.int64), P.indices.astype(np.int64)
    return Dynamics(drawable(mdp.mu), *indices, cumulated, np.asarray(mdp.pair_start), stride)


def _table(mdp: SubmodularMDP, policy: Any) -> np.ndarray | None:
    """Return the probabilities of a Markov policy, shape (H, n_states, n_actions); None for one that remembers."""
    if hasattr(policy, "probabilities_after"):
        table = getattr(policy, "table", None)
        shape = (mdp.H, mdp.n_states, mdp.n_actions)
        if table is not None and table.shape != shape:
            raise ModelError(f"the policy's table has shape {table.shape}; this model's policies have {shape}")
        return table
    steps = step_policies(mdp, policy, mdp.H)
    return np.stack([np.eye(mdp.n_actions)[step] if step.ndim == 1 else step for step in steps])


def _walk_on_threads(
    policy: np.ndarray, dynamics: Dynamics, draws: np.ndarray, states: np.ndarray, actions: np.ndarray
) -> None:
    """Write the paths that uniform numbers lead to, shared among threads."""
    parts = cut(np.arange(len(draws) + 1) * draws.shape[1])
    on_each(parts, lambda a, b: _walk(policy, *dynamics, draws[a:b], states[a:b], actions[a:b]))


def _ask(policy: SoftmaxPolicy, dynamics: Dynamics, draws: np.ndarray, states: np.ndarray, actions: np.ndarray) -> None:
    """Write the paths that uniform numbers lead to, asking the policy after each history."""
    states[:, 0] = np.searchsorted(dynamics.start, draws[:, 0], side="right")
    for h in range(actions.shape[1]):
        cumulated = drawable(policy.probabilities_after(states[:, : h + 1]))
        actions[:, h] = (cumulated <= draws[:, 1 + 2 * h, None]).sum(axis=1)
        pairs = h * dynamics.stride + dynamics.pair_start[states[:, h]] + actions[:, h]
        _succeed(*dynamics[1:4], pairs, draws[:, 2 + 2 * h], states[:, h + 1])


@njit(cache=True, nogil=True, inline="always")
def _invert(cumulated, low, high, u):  # type: ignore[no-untyped-def]
    """Return the first entry in low..high - 1 whose distribution function exceeds u, by bisection."""
    high -= 1
    while low < high:
        middle = (low + high) // 2
        if cumulated[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _succeed(first_entry, next_state, cumulated, pairs, u, successors):  # type: ignore[no-untyped-def]
    for n in range(pairs.size):
        pair = pairs[n]
        successors[n] = next_state[_invert(cumulated, first_entry[pair], first_entry[pair + 1], u[n])]


@njit(cache=True, nogil=True)
def _walk(policy, start, first_entry, next_state, cumulated, pair_start, stride, draws, states, actions):  # type: ignore[no-untyped-def]
    H, n_actions = actions.shape[1], policy.shape[2]
    for n in range(draws.shape[0]):
        s = _invert(start, 0, start.size, draws[n, 0])
        states[n, 0] = s
        for h in range(H):
            a = _invert(policy[h, s], 0, n_actions, draws[n, 1 + 2 * h])
            pair = h * stride + pair_start[s] + a
            s = next_state[_invert(cumulated, first_entry[pair], first_entry[pair + 1], draws[n, 2 + 2 * h])]
            actions[n, h] = a
            states[n, h + 1] = s

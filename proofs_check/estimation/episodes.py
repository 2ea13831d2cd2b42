"""All episodes of a tiny model, one by one: the oracle for every moment of an estimator.

It shares no code with `rltheory.estimation`: no recursion, only sums over episodes of their probability times what the
estimator's definition makes of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import finite_horizon_mdps, stochastic_policies
from rltheory import Dataset, FiniteHorizonMDP


class Episodes(NamedTuple):
    """Every episode that the behaviour may produce; arrays have one row each."""

    probability: np.ndarray
    """(n,) under the behaviour."""
    states: np.ndarray
    """(n, H + 1)"""
    actions: np.ndarray
    """(n, H)"""
    rewards: np.ndarray
    """(n, H), discounted."""
    ratios: np.ndarray
    """(n, H): the target's probability of each action over the behaviour's."""

    def mean(self, values: np.ndarray) -> float:
        """Return the expectation under the behaviour."""
        return float(self.probability @ values)

    def moments(self, values: np.ndarray) -> tuple[float, float]:
        """Return mean and variance under the behaviour."""
        mean = self.mean(values)
        return mean, self.mean((values - mean) ** 2)


def episodes(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray) -> Episodes:
    """Enumerate all episodes.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Tiny.
    target, behaviour : ndarray, shape (H, n_states, n_actions)

    Returns
    -------
    Episodes
    """
    kernels = [model.rows(t).toarray() for t in range(model.H)]
    found: list[Any] = [(float(p), [s], [], [], []) for s, p in enumerate(model.mu) if p > 0]
    for t in range(model.H):
        found = [longer for shorter in found for longer in _extended(model, kernels[t], t, shorter, target, behaviour)]
    probability, states, *by_step = (np.array(column) for column in zip(*found, strict=True))
    actions, rewards, ratios = (column.reshape(len(found), model.H) for column in by_step)
    return Episodes(probability, states, actions.astype(np.int64), rewards, ratios)


def _extended(
    model: FiniteHorizonMDP, kernel: np.ndarray, t: int, beginning: Any, target: np.ndarray, behaviour: np.ndarray
) -> Iterator[Any]:
    """Go through everything that can happen at step t after a beginning."""
    chance, states, actions, rewards, ratios = beginning
    s = states[-1]
    for a in np.flatnonzero(behaviour[t, s]).tolist():
        row, b = int(model.pair_start[s]) + a, float(behaviour[t, s, a])
        earned = [*rewards, model.gamma**t * float(model.rewards(t)[row])]
        for z in np.flatnonzero(kernel[row]).tolist():
            chance_after = chance * b * float(kernel[row, z])
            yield chance_after, [*states, z], [*actions, a], earned, [*ratios, float(target[t, s, a]) / b]


def as_data(model: FiniteHorizonMDP, seen: Episodes, chosen: np.ndarray | None = None) -> Dataset:
    """Return some episodes as data, by default each one once.

    Parameters
    ----------
    model : FiniteHorizonMDP
    seen : Episodes
    chosen : ndarray of int, optional
        Which episodes.

    Returns
    -------
    Dataset
    """
    rows = np.arange(len(seen.probability)) if chosen is None else chosen
    return Dataset(
        step=np.tile(np.arange(model.H), rows.size),
        state=seen.states[rows, :-1].reshape(-1),
        action=seen.actions[rows].reshape(-1),
        reward=(seen.rewards[rows] / model.gamma ** np.arange(model.H)).reshape(-1),
        next_state=seen.states[rows, 1:].reshape(-1),
        n_states=model.n_states,
        n_actions=model.n_actions,
        H=model.H,
    )


def weighted_return(seen: Episodes) -> np.ndarray:
    """Return what importance sampling makes of each episode."""
    return seen.ratios.prod(axis=1) * seen.rewards.sum(axis=1)


def per_decision(seen: Episodes) -> np.ndarray:
    """Return what per-decision importance sampling makes of each episode."""
    return (seen.ratios.cumprod(axis=1) * seen.rewards).sum(axis=1)


def doubly_robust(seen: Episodes, gamma: float, target: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the doubly robust term of each episode, as a sum over steps."""
    products = np.cumprod(np.concatenate([np.ones((len(seen.ratios), 1)), seen.ratios], axis=1), axis=1)
    total = np.zeros(len(seen.ratios))
    for t in range(seen.ratios.shape[1]):
        s, a = seen.states[:, t], seen.actions[:, t]
        v = (target[t] * q[t]).sum(axis=1)[s]
        surprise = seen.rewards[:, t] - gamma**t * q[t, s, a]
        total += products[:, t] * gamma**t * v + products[:, t + 1] * surprise
    return total


def by_pair(seen: Episodes) -> np.ndarray:
    """Return the ratio of the target's visits to the behaviour's of the state of each step, shape (n, H)."""
    ours = seen.probability[:, None] * np.cumprod(
        np.concatenate([np.ones((len(seen.ratios), 1)), seen.ratios[:, :-1]], axis=1), axis=1
    )
    weights = np.empty(seen.ratios.shape)
    for t in range(seen.ratios.shape[1]):
        s = seen.states[:, t]
        weights[:, t] = (np.bincount(s, weights=ours[:, t]) / np.maximum(_visits(seen, t), 1e-300))[s]
    return weights


def _visits(seen: Episodes, t: int) -> np.ndarray:
    return np.bincount(seen.states[:, t], weights=seen.probability)


def fisher_bound(seen: Episodes, n_states: int) -> float:
    r"""Return the Cramer-Rao bound :math:`g^\top I^+ g` of the target's value, from scores.

    Parameters are the logits of the start distribution and of every row (step, state, action) of the kernel; g and the
    information I are averages over episodes of products of scores.
    """
    H = seen.ratios.shape[1]
    rows = [(t, s, a) for t in range(H) for s, a in {*zip(seen.states[:, t], seen.actions[:, t], strict=True)}]
    blocks = [_score(np.ones(len(seen.probability), bool), seen.states[:, 0], seen.probability, n_states)]
    for t, s, a in rows:
        here = (seen.states[:, t] == s) & (seen.actions[:, t] == a)
        blocks.append(_score(here, seen.states[:, t + 1], seen.probability, n_states))
    scores = np.concatenate(blocks, axis=1)
    gradient = (seen.probability * weighted_return(seen)) @ scores
    information = (scores * seen.probability[:, None]).T @ scores
    return float(gradient @ np.linalg.pinv(information, rcond=1e-9, hermitian=True) @ gradient)


def _score(here: np.ndarray, following: np.ndarray, probability: np.ndarray, n_states: int) -> np.ndarray:
    """Return the score of a row's logits in each episode: what came next, less what was expected, where it was met."""
    came = np.eye(n_states)[following] * here[:, None]
    row = probability @ came / max(float(probability @ here), 1e-300)
    return came - row * here[:, None]


Instance = tuple[FiniteHorizonMDP, np.ndarray, np.ndarray]


@st.composite
def worlds(draw: DrawFn, *, max_horizon: int = 3) -> Instance:
    """Draw a tiny model, a target, and a behaviour that tries what the target does.

    Parameters
    ----------
    max_horizon : int

    Returns
    -------
    SearchStrategy of (FiniteHorizonMDP, target, behaviour)
        Policies of shape (H, n_states, n_actions).
    """
    model = draw(finite_horizon_mdps(max_states=3, max_actions=2, max_horizon=max_horizon))
    target, other = draw(stochastic_policies(model)), draw(stochastic_policies(model))
    share = draw(st.sampled_from([0.5, 0.2, 1.0]))
    return model, target, share * target + (1 - share) * other


def tables(shape: tuple[int, ...]) -> SearchStrategy[np.ndarray]:
    """Draw one number for each pair and step."""
    return st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).normal(size=shape))


def with_predictions(world: Instance) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw predictions of the action values, too.

    Parameters
    ----------
    world : (FiniteHorizonMDP, target, behaviour)

    Returns
    -------
    SearchStrategy of (FiniteHorizonMDP, target, behaviour, q)
    """
    return tables(world[1].shape).map(lambda q: (*world, q))


def coin(H: int = 3) -> Instance:
    """Return one state where the target always takes the action that earns 1, and the behaviour half of the time.

    Parameters
    ----------
    H : int

    Returns
    -------
    (FiniteHorizonMDP, target, behaviour)
    """
    model = FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=H)
    return model, np.tile([1.0, 0.0], (H, 1, 1)), np.full((H, 1, 2), 0.5)


@st.composite
def trees(draw: DrawFn) -> Instance:
    """Draw a model in which every state remembers how it was reached, with two actions and two successors of each.

    Returns
    -------
    SearchStrategy of (FiniteHorizonMDP, target, behaviour)
    """
    H, seed = draw(st.integers(1, 3)), draw(st.integers(0, 2**32 - 1))
    return tree(H, seed)


def tree(H: int = 2, seed: int = 0) -> Instance:
    """Return a random tree of H steps.

    Parameters
    ----------
    H : int
    seed : int

    Returns
    -------
    (FiniteHorizonMDP, target, behaviour)
    """
    rng = np.random.default_rng(seed)
    inner = sum(4**t for t in range(H))
    end = inner
    P = np.zeros((inner + 1, 2, inner + 1))
    P[end, :, end] = 1.0
    for s, a in itertools.product(range(inner), range(2)):
        chance = rng.dirichlet([1.0, 1.0])
        for child, p in zip((4 * s + 2 * a + 1, 4 * s + 2 * a + 2), chance, strict=True):
            P[s, a, child if child < inner else end] += p
    r = np.vstack([rng.random((inner, 2)), np.zeros((1, 2))])
    target, behaviour = (rng.dirichlet([1.0, 1.0], size=(H, inner + 1)) for _ in range(2))
    return FiniteHorizonMDP.from_arrays(P, r, H=H, mu=0), target, 0.8 * behaviour + 0.1

r"""Trajectories of a behaviour policy: the data that an offline learner is given.

$$s_0 \sim \mu, \qquad a_t \sim \pi_t(\cdot \mid s_t), \qquad s_{t+1} \sim P_t(\cdot \mid s_t, a_t),$$

for t = 0..H-1 and independently for each trajectory. Every draw inverts a distribution function at one uniform number,
and each trajectory takes its numbers from the stream in turn: collecting 60 trajectories and then 40 with the same
generator gives what collecting 100 at once gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models._policies import step_policies
from rltheory.models._validation import checked_whole
from rltheory.models.dataset import Dataset
from rltheory.models.errors import ModelError
from rltheory.models.finite_horizon import FiniteHorizonMDP
from rltheory.models.linear import LinearMDP
from rltheory.models.mdp import MDP
from rltheory.models.outcomes import OutcomeModel

_LEAST_UNIFORM = 2.0**-54
"""Stands for a uniform number that is 0, at which the normal distribution has no quantile."""

Model = FiniteHorizonMDP | LinearMDP | MDP | OutcomeModel


def collect(
    model: Model,
    policy: Any,
    n_trajectories: int,
    *,
    H: int | None = None,
    noise: float = 0.0,
    rng: int | np.random.Generator | None = None,
) -> Dataset:
    """Let a policy act, and write down what happens.

    Parameters
    ----------
    model : FiniteHorizonMDP or LinearMDP, or MDP or OutcomeModel with ``H``
        The world. An `OutcomeModel` gives the rewards of its outcomes, the others their expected rewards.
    policy : array_like, or None
        Behaviour: actions (n_states,) or probabilities (n_states, n_actions), with a leading axis H if it changes with
        the step; None takes each of the state's actions with the same probability.
    n_trajectories : int
        Number K of trajectories, at least 0; each has H steps.
    H : int, optional
        Number of steps, for a model without a horizon.
    noise : float
        Standard deviation of independent normal noise added to every reward, in reward units.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same data.

    Returns
    -------
    Dataset
        One trajectory after the other; ``data.table("state")`` has the shape (K, H).

    Raises
    ------
    ModelError
        If the policy does not fit the model, H is missing or given twice, or a number is out of range.

    Examples
    --------
    >>> import rltheory as rl
    >>> walk = rl.FiniteHorizonMDP([[[0.5, 0.5]], [[0.0, 1.0]]], [[1.0], [0.0]], H=3, mu=0)
    >>> data = rl.collect(walk, None, 4, rng=0)
    >>> data
    Dataset(12 transitions, 3 steps, 2 states, 1 actions)
    >>> data.table("state")
    array([[0, 1, 1],
           [0, 0, 1],
           [0, 0, 0],
           [0, 0, 1]])
    """
    world, H = _with_horizon(model, H)
    n_trajectories = checked_whole("n_trajectories", n_trajectories, 0)
    if not 0 <= noise < np.inf:
        raise ModelError(f"noise is {noise!r}; a standard deviation is a finite number of at least 0")
    behaviour = step_policies(world, _uniform(world) if policy is None else policy, H)
    draws = np.random.default_rng(rng).random((n_trajectories, 1 + (3 if noise else 2) * H)).T
    states, taken = (np.empty((n_trajectories, columns), dtype=np.int64) for columns in (H + 1, H))
    rewards = np.empty((n_trajectories, H))
    state = states[:, 0] = _rows(world.mu[None]).draw(np.zeros(n_trajectories, dtype=np.int64), draws[0])
    for t in range(H):
        if t == 0 or behaviour[t] is not behaviour[t - 1]:
            actions = _rows(_probabilities(behaviour[t], world.n_actions))
        if t == 0 or not (isinstance(world, OutcomeModel) or world.is_stationary):
            outcomes, next_state, reward = _outcomes(world, t)
        action = actions.draw(state, draws[1 + t]) - actions.first[state]
        outcome = outcomes.draw(world.pair_start[state] + action, draws[1 + H + t])
        states[:, t], taken[:, t], rewards[:, t] = state, action, reward[outcome]
        state = states[:, t + 1] = next_state[outcome]
    if noise:
        rewards += noise * _normal(draws[1 + 2 * H :].T)
    return Dataset(
        step=np.tile(np.arange(H), n_trajectories),
        state=states[:, :-1].reshape(-1),
        action=taken.reshape(-1),
        reward=rewards.reshape(-1),
        next_state=states[:, 1:].reshape(-1),
        n_states=world.n_states,
        n_actions=world.n_actions,
        H=H,
    )


@dataclass(frozen=True)
class _Laws:
    """Distributions, one after another: the entries of row i are ``first[i]:first[i + 1]``, cumulated up to one."""

    first: np.ndarray
    cumulated: np.ndarray

    def draw(self, rows: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the first entry of each row whose cumulated probability exceeds the uniform number, by bisection.

        An entry of probability zero has the cumulated probability of the one before it, and is never the first.
        """
        low, high = self.first[rows], self.first[rows + 1] - 1
        while (low < high).any():
            middle = (low + high) // 2
            exceeds = self.cumulated[middle] > uniform
            low, high = np.where(exceeds, low, middle + 1), np.where(exceeds, middle, high)
        return low


def _laws(prob: np.ndarray, first: np.ndarray) -> _Laws:
    """Cumulate probabilities row by row, and divide by the sum, so that each row ends with exactly one."""
    total = np.concatenate([[0.0], np.cumsum(prob)])
    begin, size = total[first], np.diff(first)
    return _Laws(first, (total[1:] - np.repeat(begin[:-1], size)) / np.repeat(np.diff(begin), size))


def _rows(prob: np.ndarray) -> _Laws:
    """Cumulate the rows of a dense array."""
    return _laws(prob.reshape(-1), np.arange(prob.shape[0] + 1) * prob.shape[1])


def _outcomes(world: FiniteHorizonMDP | OutcomeModel, t: int) -> tuple[_Laws, np.ndarray, np.ndarray]:
    """Return the laws of all pairs at step t, and the next state and the reward of each entry."""
    if isinstance(world, OutcomeModel):
        return _rows(world.prob), world.next_state.reshape(-1), world.reward.reshape(-1)
    P = world.rows(t)
    return _laws(P.data, P.indptr), P.indices, np.repeat(world.rewards(t), np.diff(P.indptr))


def _with_horizon(model: Model, H: int | None) -> tuple[FiniteHorizonMDP | OutcomeModel, int]:
    """Return a model that can be run, and its number of steps."""
    has_horizon = isinstance(model, (FiniteHorizonMDP, LinearMDP))
    if has_horizon is not (H is None):
        raise ModelError(f"H is {H!r}; an MDP or OutcomeModel needs a number of steps, the others have their own")
    if isinstance(model, LinearMDP):
        return model.to_finite_horizon(), model.H
    if isinstance(model, FiniteHorizonMDP):
        return model, model.H
    steps = valid.checked_horizon(H if H is not None else 0)
    return (model if isinstance(model, OutcomeModel) else model.finite_horizon(steps)), steps


def _uniform(model: PairModel) -> np.ndarray:
    """Return the policy that takes each action of a state with the same probability."""
    counts = model.action_counts[:, None]
    return (np.arange(model.n_actions) < counts) / counts


def _probabilities(policy: np.ndarray, n_actions: int) -> np.ndarray:
    """Return a checked policy as probabilities, shape (n_states, n_actions)."""
    return np.eye(n_actions)[policy] if policy.ndim == 1 else policy


def _normal(uniform: np.ndarray) -> np.ndarray:
    """Return standard normal numbers, the quantiles at uniform ones."""
    from scipy.special import ndtri

    return ndtri(np.maximum(uniform, _LEAST_UNIFORM))

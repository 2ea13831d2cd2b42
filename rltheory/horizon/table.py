r"""The compact arrays that this wing's kernels read, and the checks of what is asked of them.

A game of H steps has finitely many states, the same A actions in each, and outcomes (probability, next state, reward)
of every pair that do not depend on the step. Its return is the plain sum of H rewards: no discount.

The *exploration policy* is what a learner plays where it has not decided yet: uniform by default, or any array of
probabilities, the same for all steps or one for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.models import _validation as valid


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The outcomes of an `OutcomeModel` whose states have A actions each, as arrays over (state, action, outcome).

    Parameters
    ----------
    next_state : ndarray of int32, shape (n_states, n_actions, B)
        Where each outcome leads; B = 1 if the model is deterministic.
    reward : ndarray, shape (n_states, n_actions, B)
        What it pays, in reward units.
    prob : ndarray, shape (n_states, n_actions, B)
        How probable it is; padding has probability 0.
    mu : ndarray, shape (n_states,)
        Law of the first state.
    is_deterministic : bool
        Whether every pair has one outcome.
    pays_penalties : bool
        Whether a reward that may be received is below 0.
    """

    next_state: np.ndarray
    reward: np.ndarray
    prob: np.ndarray
    mu: np.ndarray
    is_deterministic: bool
    pays_penalties: bool

    @classmethod
    def of(cls, model: OutcomeModel) -> Table:
        """View a model's arrays as a table, without copying them unless a deterministic model is padded.

        Parameters
        ----------
        model : OutcomeModel
            With ``gamma = 1`` and as many actions in every state.

        Returns
        -------
        Table

        Raises
        ------
        ModelError
            If it is not an `OutcomeModel`, or states differ in their number of actions.
        CriterionError
            If the model discounts.

        Examples
        --------
        >>> import rltheory as rl
        >>> from rltheory.horizon.table import Table
        >>> Table.of(rl.OutcomeModel.from_tables([[0, 1], [-1, -1]], [[0, 1], [5, 0]], gamma=1.0)).n_states
        3
        """
        if not isinstance(model, OutcomeModel):
            raise ModelError(f"the model is a {type(model).__name__}; lookahead needs an OutcomeModel")
        if model.gamma != 1:
            raise CriterionError(
                f"gamma is {model.gamma:g}; returns are plain sums over H steps here: model.replace(gamma=1.0)"
            )
        counts = model.action_counts
        if (counts != counts[0]).any():
            s = int(np.argmax(counts != counts[0]))
            raise ModelError(
                f"state {s} has {counts[s]} actions and state 0 has {counts[0]}; the theory of lookahead counts A^k"
                " sequences of actions, so give every state the same number (repeat one where actions are missing)"
            )
        shape = (model.n_states, int(counts[0]), -1)
        arrays, deterministic = [model.next_state, model.reward, model.prob], model.prob.shape[1] == 1
        if not deterministic and model.is_deterministic:
            deterministic = True
            certain = np.argmax(model.prob, axis=1)[:, None]
            arrays = [np.take_along_axis(array, certain, axis=1) for array in arrays]
        next_state, reward, prob = (valid.frozen(array.reshape(shape)) for array in arrays)
        penalties = bool(reward.min() < 0) and bool((reward[prob > 0] < 0).any())
        return cls(next_state, reward, prob, model.mu, deterministic, penalties)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.next_state.shape[0]

    @property
    def n_actions(self) -> int:
        """Number A of actions of every state."""
        return self.next_state.shape[1]

    @property
    def starts(self) -> np.ndarray:
        """States that an episode may begin in."""
        return np.flatnonzero(self.mu)

    @property
    def is_terminal(self) -> np.ndarray:
        """Which states nothing happens in any more: every action stays and pays 0. Shape (n_states,)."""
        stays = (self.next_state == np.arange(self.n_states)[:, None, None]) & (self.reward == 0)
        return (stays | (self.prob == 0)).all(axis=(1, 2))

    def start_value(self, value: np.ndarray) -> Any:
        """Return the expectation of an array over states (first axis) under the law of the first state."""
        return np.tensordot(self.mu[self.starts], value[self.starts], axes=1)


def require_deterministic(table: Table, what: str) -> None:
    """Raise a CriterionError if a pair has several outcomes; ``what`` begins the message."""
    if not table.is_deterministic:
        s, a = np.argwhere(np.count_nonzero(table.prob, axis=2) != 1)[0].tolist()
        raise CriterionError(f"{what} needs a deterministic model; state {s}, action {a} has several outcomes")


def require_one_start(table: Table) -> None:
    """Refuse a game that may begin in several states."""
    if table.starts.size != 1:
        raise CriterionError(
            f"episodes begin in {table.starts.size} states; a sequence of actions needs one: model.replace(mu=state)"
        )


def checked_tolerance(value: float, name: str) -> float:
    """Return a tolerance as a finite float of at least 0.

    Raises
    ------
    ModelError
        If it is something else; the message names the argument.
    """
    if not isinstance(value, (int, float, np.integer, np.floating)) or not 0 <= value < np.inf:
        raise ModelError(f"{name} is {value!r}; a tolerance is a finite number of at least 0")
    return float(value)


def checked_steps(H: int) -> int:
    """Return the horizon as an int of at least 1.

    Raises
    ------
    ModelError
        If it is not a whole number, or below 1.
    """
    if isinstance(H, bool) or not isinstance(H, (int, np.integer)) or H < 1:
        raise ModelError(f"H is {H!r}; a game has a whole number of steps, at least 1")
    return int(H)


def checked_lookahead(k: int, H: int, name: str = "k") -> int:
    """Return a lookahead as an int in 1..H.

    Raises
    ------
    ModelError
        If it is not; the message names the argument.
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= H:
        raise ModelError(
            f"{name} is {k!r}; a lookahead is a whole number of steps in 1..H = {H} (H sees to the end of the game)"
        )
    return int(k)


def checked_stickiness(p: float) -> float:
    """Return the probability that the last action is repeated, in [0, 1).

    Raises
    ------
    ModelError
        If it is something else.
    """
    if isinstance(p, bool) or not isinstance(p, (int, float, np.integer, np.floating)) or not 0 <= p < 1:
        raise ModelError(f"sticky is {p!r}; the probability that the last action is repeated is in [0, 1)")
    return float(p)


def checked_exploration(table: Table, exploration: Any, H: int) -> np.ndarray:
    """Return the exploration policy with a step axis and a state axis, each of length 1 where nothing changes along it.

    Parameters
    ----------
    table : Table
        The game.
    exploration : None, array_like of shape (n_states, n_actions) or (H, n_states, n_actions)
        Probabilities of the actions; None is uniform.
    H : int
        Number of steps.

    Returns
    -------
    ndarray, shape (1 or H, 1 or n_states, n_actions)

    Raises
    ------
    ModelError
        If the shape is another one, or a row is not a distribution (within 1e-9, or 1e-6 in single precision).
    """
    stationary = (table.n_states, table.n_actions)
    if exploration is None:
        return np.full((1, 1, table.n_actions), 1 / table.n_actions)
    given = np.asarray(exploration)
    single = given.dtype.kind == "f" and given.itemsize <= 4
    policy = valid.real_array(given, "exploration")
    if policy.shape not in (stationary, (H, *stationary)):
        raise ModelError(
            f"exploration has shape {policy.shape}; probabilities of actions have shape {stationary},"
            f" or {(H, *stationary)} with the H = {H} steps first"
        )
    policy = policy.reshape(-1, *stationary)
    tolerance = valid.ROW_SUM_TOLERANCE_SINGLE if single else valid.ROW_SUM_TOLERANCE
    wrong = ~((policy >= 0).all(axis=2) & (np.abs(policy.sum(axis=2) - 1) <= tolerance))
    if wrong.any():
        t, s = np.argwhere(wrong)[0].tolist()
        place = f"state {s}" if policy.shape[0] == 1 and H > 1 else f"step {t}, state {s}"
        raise ModelError(
            f"exploration of {place} is {policy[t, s]}, which sums to {policy[t, s].sum():.12g};"
            " it must be a distribution over actions"
        )
    return policy

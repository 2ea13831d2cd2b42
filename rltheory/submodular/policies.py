r"""Softmax policies that look at the step and the state: one logit for each action.

    $\pi_h(a \mid s) = \exp z_h(s, a) / \sum_{b} \exp z_h(s, b)$

where the logits z are the parameters themselves (`MarkovSoftmax`) or linear in them (`linear_policy`). The *score* of
an action, which every policy gradient is made of, is

    $\partial \log \pi_h(a \mid s) / \partial z_h(s, b) = 1\{a = b\} - \pi_h(b \mid s)$,

and what is found for logits is pulled back to parameters. A policy that remembers is in `history_policy`.

To the estimators a policy is a table: what it looks at is a *row*, and each row has logits and probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.models._policies import step_policies
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import successor_tables


class SoftmaxPolicy(Protocol):
    """A differentiable policy: what it looks at is a row of a table of logits."""

    @property
    def theta(self) -> np.ndarray:
        """The parameters."""

    @property
    def prob(self) -> np.ndarray:
        """Probability of each action in each row, shape (n_rows, n_actions)."""

    @property
    def modal(self) -> Any:
        """The deterministic policy of the likeliest actions, as `policy_value` takes it."""

    def rows_of(self, states: np.ndarray) -> np.ndarray:
        """Return the row at which each action of paths (n, H + 1) was chosen, shape (n, H)."""

    def probabilities_after(self, states: np.ndarray) -> np.ndarray:
        """Return the probabilities of the next action after histories (n, h + 1), shape (n, n_actions)."""

    def pull_back(self, slope: np.ndarray) -> np.ndarray:
        """Return the derivative in the parameters of what has the derivative ``slope`` in the logits."""

    def fit_scores(self, rows: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the parameters' step whose inner products with the scores fit the weights best."""

    def moved(self, step: np.ndarray) -> Self:
        """Return the policy with parameters changed by a step."""

    def familiar(self, states: np.ndarray) -> Self:
        """Return the same policy with a row for everything that these paths show."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarkovSoftmax:
    """A softmax policy with a parameter of its own for each step, state and action.

    Parameters
    ----------
    theta : array_like, shape (H, n_states, n_actions)
        Logits; those of actions that a state does not have are of no effect.
    action_counts : ndarray of int, shape (n_states,), optional
        How many of the actions each state has; all by default.

    Raises
    ------
    ModelError
        If ``theta`` is not of this shape, or not finite.

    Examples
    --------
    >>> policy = MarkovSoftmax(np.log([[[1.0, 3.0]]]))
    >>> policy.table
    array([[[0.25, 0.75]]])
    >>> policy.modal
    array([[1]])
    """

    theta: np.ndarray
    action_counts: np.ndarray = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        theta = valid.real_array(self.theta, "theta")
        if theta.ndim != 3 or 0 in theta.shape:
            raise ModelError(f"theta has shape {theta.shape}; it must be (H, n_states, n_actions)")
        if not np.isfinite(theta).all():
            h, s, a = np.argwhere(~np.isfinite(theta))[0]
            raise ModelError(f"theta of step {h}, state {s}, action {a} is {theta[h, s, a]}; it must be finite")
        counts = checked_counts(self.action_counts, *theta.shape[1:])
        valid.set_fields(self, {"theta": valid.frozen(theta), "action_counts": counts})

    @classmethod
    def uniform(cls, mdp: SubmodularMDP) -> MarkovSoftmax:
        """Return the policy that takes each of a state's actions with the same probability."""
        return cls(np.zeros((mdp.H, mdp.n_states, mdp.n_actions)), mdp.action_counts)

    @classmethod
    def near(cls, mdp: SubmodularMDP, policy: Any, *, mix: float = 0.1) -> MarkovSoftmax:
        """Return the policy that acts as another one does, and now and then takes any action.

        Parameters
        ----------
        mdp : SubmodularMDP
            The model.
        policy : array_like
            Actions (n_states,) or probabilities (n_states, n_actions), with a leading axis H if they change with the
            step: what a planner or a relaxation says.
        mix : float
            Probability, in (0, 1], that one of the state's actions is taken, all equally likely.

        Returns
        -------
        MarkovSoftmax

        Raises
        ------
        ModelError
            If the policy does not fit the model, or ``mix`` is out of range.
        """
        if not 0 < mix <= 1:
            raise ModelError(
                f"mix is {mix!r}; a softmax policy gives every action a probability, mix must be in (0, 1]"
            )
        counts = mdp.action_counts[:, None]
        exists = np.arange(mdp.n_actions) < counts
        steps = [np.eye(mdp.n_actions)[p] if p.ndim == 1 else p for p in step_policies(mdp, policy, mdp.H)]
        table = (1 - mix) * np.stack(steps) + mix * exists / counts
        return cls(np.log(np.where(exists, table, 1.0)), mdp.action_counts)

    @classmethod
    def along(cls, mdp: SubmodularMDP, path: Any, *, mix: float = 0.1) -> MarkovSoftmax:
        """Return the policy that stays near a path: it follows it now and then not, and off it is uniform.

        Parameters
        ----------
        mdp : SubmodularMDP
            Without chance.
        path : array_like of int, shape (H + 1,)
            States, such as those of a `Certified` path.
        mix : float
            Probability, in (0, 1], that on the path one of the state's actions is taken, all equally likely.

        Returns
        -------
        MarkovSoftmax

        Raises
        ------
        CriterionError
            If a successor is random.
        ModelError
            If no action leads from a state of the path to the next, or ``mix`` is out of range.
        """
        path = valid.index_array(path, "path")
        if path.shape != (mdp.H + 1,):
            raise ModelError(f"path has shape {path.shape}; it must be ({mdp.H + 1},), one state more than actions")
        table = np.zeros((mdp.H, mdp.n_states, mdp.n_actions))
        table[:] = (np.arange(mdp.n_actions) < mdp.action_counts[:, None]) / mdp.action_counts[:, None]
        for h, successors in enumerate(successor_tables(mdp)):
            here = path[h]
            leads = np.flatnonzero(successors[mdp.pair_start[here] : mdp.pair_start[here + 1]] == path[h + 1])
            if not leads.size:
                names = mdp.state_name(int(here)), mdp.state_name(int(path[h + 1]))
                raise ModelError(f"no action leads from state {names[0]} to {names[1]}, states {h} and {h + 1} of path")
            table[h, here] = np.eye(mdp.n_actions)[leads[0]]
        return cls.near(mdp, table, mix=mix)

    @property
    def table(self) -> np.ndarray:
        """Probabilities, shape (H, n_states, n_actions)."""
        return softmax(self.theta, self.action_counts)

    @property
    def prob(self) -> np.ndarray:
        """Probabilities, one row for each step and state, shape (H * n_states, n_actions)."""
        return self.table.reshape(-1, self.theta.shape[-1])

    @property
    def modal(self) -> np.ndarray:
        """The likeliest action of each step and state, the first of several, shape (H, n_states)."""
        return self.table.argmax(axis=-1)

    def rows_of(self, states: np.ndarray) -> np.ndarray:
        """Return h * n_states + s for each of the first H states of paths, shape (n, H)."""
        return markov_rows(states, *self.theta.shape[:2])

    def probabilities_after(self, states: np.ndarray) -> np.ndarray:
        """Return the probabilities of the next action after histories (n, h + 1), shape (n, n_actions)."""
        return self.table[states.shape[1] - 1, states[:, -1]]

    def pull_back(self, slope: np.ndarray) -> np.ndarray:
        """Return a derivative in the logits, rows (H * n_states, n_actions), in the shape of the parameters."""
        return slope.reshape(self.theta.shape)

    def fit_scores(self, rows: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the mean weight of each action less that of its row, 0 where it was not taken."""
        return mean_advantages(rows, actions, weights, self.prob.shape).reshape(self.theta.shape)

    def moved(self, step: np.ndarray) -> MarkovSoftmax:
        """Return the policy with parameters changed by a step."""
        return replace(self, theta=self.theta + step)

    def familiar(self, states: np.ndarray) -> MarkovSoftmax:
        """Return the policy itself: it has a row for each step and state."""
        return self

    def __repr__(self) -> str:
        H, n_states, n_actions = self.theta.shape
        return f"MarkovSoftmax({H} steps, {n_states} states, {n_actions} actions)"


def softmax(logits: np.ndarray, action_counts: np.ndarray) -> np.ndarray:
    """Return probabilities over the last axis, 0 for actions that a state, of the axis before, does not have."""
    exists = np.arange(logits.shape[-1]) < np.asarray(action_counts)[:, None]
    shifted = np.where(exists, logits, -np.inf)
    weight = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    return weight / weight.sum(axis=-1, keepdims=True)


def checked_counts(counts: Any, n_states: int, n_actions: int) -> np.ndarray:
    """Return the number of actions of each state, all of them where nothing is said."""
    if counts is None:
        return np.full(n_states, n_actions)
    counts = valid.index_array(counts, "action_counts")
    if counts.shape != (n_states,) or counts.min() < 1 or counts.max() > n_actions:
        raise ModelError(f"action_counts is {counts}; it must say 1..{n_actions} for each of {n_states} states")
    return counts


def row_means(rows: np.ndarray, weights: np.ndarray, n_rows: int) -> np.ndarray:
    """Return for each entry the mean weight of its row, of the shape of ``rows``."""
    total = np.bincount(rows.ravel(), weights.ravel(), n_rows)
    return (total / np.maximum(np.bincount(rows.ravel(), minlength=n_rows), 1))[rows]


def mean_advantages(rows: np.ndarray, actions: np.ndarray, weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean weight of each row's action less that of the row, 0 where it was not taken."""
    cells = (rows * shape[1] + actions).ravel()
    above = weights - row_means(rows, weights, shape[0])
    taken = np.bincount(cells, minlength=shape[0] * shape[1])
    return (np.bincount(cells, above.ravel(), taken.size) / np.maximum(taken, 1)).reshape(shape)


def markov_rows(states: np.ndarray, H: int, n_states: int) -> np.ndarray:
    """Return h * n_states + s for each of the first H states of paths, shape (n, H)."""
    if states.shape[1] != H + 1:
        raise ModelError(f"paths have {states.shape[1]} states; a policy of {H} steps walks on {H + 1}")
    return np.arange(H) * n_states + states[:, :-1]

r"""Softmax policies with few parameters: logits that are linear in features.

    $\pi_h(a \mid s) \propto \exp(\phi_h(s, a)^\top \theta)$

Features that do not change with the step make a stationary policy; features of the step and the action alone make one
that plays the same whatever the state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.policies import checked_counts, markov_rows, row_means, softmax


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinearSoftmax:
    r"""A softmax policy with logits that are linear in features, $z_h(s, a) = \phi_h(s, a)^\top \theta$.

    Parameters
    ----------
    features : array_like, shape (n_states, n_actions, d) or (H, n_states, n_actions, d)
        The same at every step, or one for each.
    H : int
        Number of steps.
    theta : array_like, shape (d,), optional
        Parameters; 0 by default.
    action_counts : ndarray of int, shape (n_states,), optional
        How many of the actions each state has; all by default.

    Raises
    ------
    ModelError
        If shapes do not fit.

    Examples
    --------
    A stationary policy has one-hot features that do not change with the step.

    >>> policy = LinearSoftmax(np.eye(4).reshape(2, 2, 4), H=3)
    >>> policy.moved(np.array([0.0, 0.0, 0.0, np.log(3)])).table[2]
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """

    features: np.ndarray
    H: int
    theta: np.ndarray = None  # type: ignore[assignment]  # filled in below
    action_counts: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        features, H = valid.real_array(self.features, "features"), valid.checked_horizon(self.H)
        if features.ndim not in (3, 4) or (features.ndim == 4 and features.shape[0] != H):
            raise ModelError(
                f"features have shape {features.shape}; it must be (n_states, n_actions, d), after H = {H} if they"
                " change with the step"
            )
        theta = np.zeros(features.shape[-1]) if self.theta is None else valid.real_array(self.theta, "theta")
        if theta.shape != features.shape[-1:]:
            raise ModelError(f"theta has shape {theta.shape}; with {features.shape[-1]} features it must have as many")
        counts = checked_counts(self.action_counts, *features.shape[-3:-1])
        fields = {"features": valid.frozen(features), "H": H, "theta": valid.frozen(theta), "action_counts": counts}
        valid.set_fields(self, fields)

    @property
    def table(self) -> np.ndarray:
        """Probabilities, shape (H, n_states, n_actions)."""
        prob = softmax(self.features @ self.theta, self.action_counts)
        return np.broadcast_to(prob, (self.H, *prob.shape[-2:]))

    @property
    def prob(self) -> np.ndarray:
        """Probabilities, one row for each step and state, shape (H * n_states, n_actions)."""
        return self.table.reshape(-1, self.features.shape[-2])

    @property
    def modal(self) -> np.ndarray:
        """The likeliest action of each step and state, the first of several, shape (H, n_states)."""
        return self.table.argmax(axis=-1)

    def rows_of(self, states: np.ndarray) -> np.ndarray:
        """Return h * n_states + s for each of the first H states of paths, shape (n, H)."""
        return markov_rows(states, self.H, self.features.shape[-3])

    def probabilities_after(self, states: np.ndarray) -> np.ndarray:
        """Return the probabilities of the next action after histories (n, h + 1), shape (n, n_actions)."""
        return self.table[states.shape[1] - 1, states[:, -1]]

    def pull_back(self, slope: np.ndarray) -> np.ndarray:
        """Return the sum of features, each times the derivative in its logit, rows (H * n_states, n_actions)."""
        slope = slope.reshape(self.H, -1)
        by_feature = self.features.reshape(-1, self.theta.size)
        return (slope if self.features.ndim == 4 else slope.sum(axis=0)).ravel() @ by_feature

    def fit_scores(self, rows: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the least-squares fit of the weights, less the mean of their row, by the scores of what was done."""
        step, state = np.divmod(rows.ravel(), self.features.shape[-3])
        phi = self.features[step, state] if self.features.ndim == 4 else self.features[state]
        prob = self.table[step, state]
        scores = phi[np.arange(state.size), actions.ravel()] - np.einsum("na,nad->nd", prob, phi)
        return np.linalg.lstsq(scores, (weights - row_means(rows, weights, self.prob.shape[0])).ravel(), rcond=None)[0]

    def moved(self, step: np.ndarray) -> LinearSoftmax:
        """Return the policy with parameters changed by a step."""
        return replace(self, theta=self.theta + step)

    def familiar(self, states: np.ndarray) -> LinearSoftmax:
        """Return the policy itself: it has a row for each step and state."""
        return self

    def __repr__(self) -> str:
        return f"LinearSoftmax({self.H} steps, {self.features.shape[-3]} states, {self.theta.size} features)"

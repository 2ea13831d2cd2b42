r"""The linear mixture MDP: the kernel is an unknown mixture of known kernels.

.. math:: P(s' \mid s, a) = \langle \phi(s' \mid s, a), \theta \rangle

Features belong to transitions, not to pairs as in a linear MDP, so that d numbers tell the whole kernel. What a value
function V is expected to be after a pair is linear in them as well,

.. math::

    (P V)(s, a) = \langle \phi_V(s, a), \theta \rangle, \qquad
    \phi_V(s, a) = \sum_{s'} \phi(s' \mid s, a)\, V(s'),

and theory asks that :math:`\lVert \phi_V(s, a) \rVert_2 \le 1` for all :math:`V : S \to [0, 1]`. A norm is convex, so
that the worst V is a vertex of the cube: a set of states, which is found by enumeration.

Sources: Ayoub, Jia, Szepesvari, Wang and Yang (2020); Zhou, Gu and Szepesvari (2021), definition 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError
from rltheory.models.finite_horizon import FiniteHorizonMDP

LARGEST_EXACT_SUPPORT = 14
"""So many successors of a pair are searched exactly for the worst set of states, 2^14 sets."""

_ROUNDING = 1e-12
"""A probability no further below zero than this is a zero that rounding has moved."""
_NORM_TOLERANCE = 1e-9
"""Of the norm condition, so that features that attain it, as most do, are within it in floating point."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinearMixtureMDP(PairModel):
    """A linear mixture Markov decision process of H steps, undiscounted.

    Parameters
    ----------
    phi : ndarray, shape (n_states, n_actions, n_states, d)
        Features of each transition (s, a, s').
    theta : ndarray, shape (d,), or (H, d) if the kernel changes with the step
        The mixture.
    r : ndarray, shape (n_states, n_actions), or (H, n_states, n_actions)
        Expected rewards, in reward units; known to the learner.
    H : int
        Number of steps; 0 is allowed.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    state_names, action_names : sequence of str, optional
        As for `MDP`.
    pair_start : None
        Not to be given: every state has every action.

    Raises
    ------
    ModelError
        If the mixture is no kernel (the message names step, state, action and the number), if features break the norm
        condition (it names the pair, the set of states and the norm), or shapes do not fit.

    Examples
    --------
    Action 0 stays, action 1 moves; the learner does not know how often a move fails:

    >>> import numpy as np, rltheory as rl
    >>> stay, move = np.eye(2), np.eye(2)[::-1]
    >>> phi = np.stack([np.stack([stay, stay], 1), np.stack([stay, move], 1)], axis=-1) / np.sqrt(2)
    >>> model = rl.LinearMixtureMDP(phi, np.sqrt(2) * np.array([0.1, 0.9]), r=[[0, 0], [1, 1]], H=3)
    >>> model
    LinearMixtureMDP(3 steps, 2 states, 4 state-action pairs, 2 features, stationary)
    >>> model.kernel(0)[:, 1].round(3)
    array([[0.1, 0.9],
           [0.9, 0.1]])
    >>> round(model.largest_norm().upper, 3)
    1.0
    """

    phi: np.ndarray
    theta: np.ndarray
    r: np.ndarray
    H: int
    mu: np.ndarray = None  # type: ignore[assignment]  # filled in below
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None
    pair_start: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        H, phi = valid.checked_horizon(self.H), valid.real_array(self.phi, "phi")
        if phi.ndim != 4 or phi.shape[0] != phi.shape[2] or 0 in phi.shape:
            raise ModelError(f"phi has shape {phi.shape}; it must be (n_states, n_actions, n_states, d)")
        n_states, n_actions, _, d = phi.shape
        theta, r = valid.real_array(self.theta, "theta"), valid.real_array(self.r, "r")
        if theta.shape not in ((d,), (H, d)):
            raise ModelError(f"theta has shape {theta.shape}; with {d} features it must be ({d},) or ({H}, {d})")
        if r.shape not in ((n_states, n_actions), (H, n_states, n_actions)):
            raise ModelError(f"r has shape {r.shape}; it must be {(n_states, n_actions)} or {(H, n_states, n_actions)}")
        start = np.arange(0, n_states * n_actions + 1, n_actions)
        if self.pair_start is not None and not np.array_equal(self.pair_start, start):
            raise ModelError("pair_start does not fit phi, in which every state has every action; leave it out")
        _check_finite(phi, theta)
        valid.set_fields(
            self,
            {
                "phi": valid.frozen(phi),
                "theta": valid.frozen(theta),
                "r": valid.checked_rewards(r, start, stacked=r.ndim == 3),
                "H": H,
                "mu": valid.start_distribution(self.mu, n_states),
                "pair_start": start,
                "state_names": valid.checked_names(self.state_names, (n_states,), "state_names"),
                "action_names": valid.checked_names(self.action_names, (n_actions,), "action_names"),
            },
        )
        _check_kernels(self)
        _check_norm(self)

    @property
    def d(self) -> int:
        """Number of features."""
        return self.phi.shape[3]

    @property
    def is_stationary(self) -> bool:
        """Whether neither the kernel nor rewards change with the step."""
        return self.theta.ndim == 1 and self.r.ndim == 2

    def step_theta(self, t: int) -> np.ndarray:
        """Return the mixture of step t, shape (d,)."""
        self._check_step(t)
        return self.theta[t] if self.theta.ndim == 2 else self.theta

    def rewards(self, t: int) -> np.ndarray:
        """Return the expected reward of each pair at step t, shape (n_states, n_actions)."""
        self._check_step(t)
        return self.r[t] if self.r.ndim == 3 else self.r

    def kernel(self, t: int) -> np.ndarray:
        """Return the probabilities of next states at step t, shape (n_states, n_actions, n_states)."""
        return _without_rounding(self.phi @ self.step_theta(t))

    def value_features(self, value: Any) -> np.ndarray:
        r"""Return the features of a value vector, :math:`\phi_V(s, a)`, shape (n_states, n_actions, d)."""
        return np.einsum("sand,n->sad", self.phi, np.asarray(value, dtype=np.float64))

    def largest_norm(self) -> LargestNorm:
        """Return the largest norm of the features of a value function with values in [0, 1], and where it is.

        Returns
        -------
        LargestNorm
            Exact, ``lower == upper`` within rounding, where no pair has more than `LARGEST_EXACT_SUPPORT` successors
            with features; else between what a local search found and a bound.
        """
        pairs = [_largest_norm(self.phi[s, a], s, a) for s, a in np.ndindex(self.phi.shape[:2])]
        longest = max(pairs, key=lambda pair: pair.lower)
        return replace(longest, upper=max(pair.upper for pair in pairs))

    def _check_step(self, t: int) -> None:
        if not 0 <= t < self.H:
            raise ModelError(f"there is no step {t}; steps are 0..{self.H - 1}")

    def to_finite_horizon(self) -> FiniteHorizonMDP:
        """Return the same model without its features, dense.

        Returns
        -------
        FiniteHorizonMDP
            With ``gamma = 1``.
        """
        P = _without_rounding(np.tensordot(self.phi, self.theta.T, axes=1))
        P = P if self.theta.ndim == 1 else np.moveaxis(P, -1, 0)
        return FiniteHorizonMDP(
            P, self.r, self.H, 1.0, self.mu, state_names=self.state_names, action_names=self.action_names
        )

    def __repr__(self) -> str:
        kind = "stationary" if self.is_stationary else "time-dependent"
        return (
            f"LinearMixtureMDP({self.H} steps, {self.n_states} states, {self.n_pairs} state-action pairs,"
            f" {self.d} features, {kind})"
        )


@dataclass(frozen=True, slots=True)
class LargestNorm:
    """The largest Euclidean norm of value features over all values in [0, 1], between two ends."""

    lower: float
    upper: float
    state: int
    action: int
    states: tuple[int, ...]
    """The set of next states whose indicator attains the lower end."""


def _largest_norm(features: np.ndarray, state: int, action: int) -> LargestNorm:
    """Return the largest norm at one pair, whose features are (n_states, d)."""
    successors = np.flatnonzero(features.any(axis=1))
    rows = features[successors]
    if successors.size <= LARGEST_EXACT_SUPPORT:
        sets = np.arange(2**successors.size)[:, None] >> np.arange(successors.size) & 1
        norms = np.linalg.norm(sets @ rows, axis=1)
        best = int(np.argmax(norms))
        chosen, upper = sets[best].astype(bool), float(norms[best])
    else:
        chosen = _ascended(rows)
        upper = float(np.linalg.norm(np.maximum(np.maximum(rows, 0).sum(axis=0), np.maximum(-rows, 0).sum(axis=0))))
    lower = float(np.linalg.norm(rows[chosen].sum(axis=0)))
    return LargestNorm(lower, max(upper, lower), state, action, tuple(successors[chosen].tolist()))


def _ascended(rows: np.ndarray) -> np.ndarray:
    """Return the best set of rows found by linear steps: those that point along the sum, from all of them and each one.

    A convex function is at least its tangent, so that the sum of the rows that point along the last sum is no shorter.
    """
    found, length = np.ones(len(rows), dtype=bool), -1.0
    for start in (np.ones(len(rows), dtype=bool), *np.eye(len(rows), dtype=bool)):
        chosen, before = start, -1.0
        while (now := float(np.linalg.norm(rows[chosen].sum(axis=0)))) > before:
            best, before = chosen, now
            chosen = rows @ rows[chosen].sum(axis=0) > 0
        if before > length:
            found, length = best, before
    return found


def _check_finite(phi: np.ndarray, theta: np.ndarray) -> None:
    """Check that features and weights are finite numbers."""
    bad = np.argwhere(~np.isfinite(phi))
    if bad.size:
        s, a, successor, i = bad[0]
        number = phi[tuple(bad[0])]
        raise ModelError(
            f"feature {i} of state {s}, action {a}, next state {successor} is {number}; features are finite"
        )
    bad = np.argwhere(~np.isfinite(theta))
    if bad.size:
        step = f" of step {bad[0][0]}" if theta.ndim == 2 else ""
        raise ModelError(f"theta{step} has coordinate {bad[0][-1]} = {theta[tuple(bad[0])]}; mixtures are finite")


def _check_kernels(model: LinearMixtureMDP) -> None:
    """Check that the mixture makes distributions over the next states, at every step."""
    for t, theta in enumerate(model.theta.reshape(-1, model.d)):
        P = _without_rounding(model.phi @ theta)
        step = f"at step {t} " if model.theta.ndim == 2 else ""
        bad = np.argwhere(P < 0)
        if bad.size:
            s, a, successor = bad[0]
            raise ModelError(
                f"{step}state {s}, action {a} goes to state {successor} with probability {P[s, a, successor]};"
                " the products of phi and theta must be probabilities"
            )
        sums = P.sum(axis=2)
        wrong = np.argwhere(np.abs(sums - 1) > valid.ROW_SUM_TOLERANCE / 2)
        if wrong.size:
            s, a = wrong[0]
            raise ModelError(
                f"{step}state {s}, action {a} sums to {sums[s, a]:.12g} ({len(wrong)} bad rows);"
                " the products of phi and theta must be distributions over the states"
            )


def _check_norm(model: LinearMixtureMDP) -> None:
    """Check that no value function with values in [0, 1] has features longer than one."""
    norm = model.largest_norm()
    if norm.lower > 1 + _NORM_TOLERANCE:
        raise ModelError(
            f"the features of the indicator of states {list(norm.states)} at state {norm.state}, action {norm.action}"
            f" have norm {norm.lower:.12g}; theory asks for at most 1 (phi / c and c * theta are the same model)"
        )


def _without_rounding(P: np.ndarray) -> np.ndarray:
    """Return probabilities in which what rounding has put just below zero is zero."""
    return np.where((P < 0) & (P >= -_ROUNDING), 0.0, P)

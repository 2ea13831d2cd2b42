"""The finite-horizon Markov decision process: steps t = 0..H-1, dynamics that may change with the step.

A stationary model keeps one copy of its dynamics whatever the horizon. Theory-sized models may stay dense, so that
``model.P[t, s, a]`` reads as on the blackboard; large ones are sparse pair rows, as in `MDP`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FiniteHorizonMDP(PairModel):
    """A finite Markov decision process of H steps.

    Parameters
    ----------
    P : ndarray or csr_array
        Dense ``(n_states, n_actions, n_states)``, or ``(H, n_states, n_actions, n_states)`` if it changes with the
        step; sparse pair rows ``(n_pairs, n_states)``, or ``(H * n_pairs, n_states)``, step after step.
    r : ndarray
        Expected rewards, in reward units: ``(n_states, n_actions)`` or ``(H, n_states, n_actions)`` beside dense
        ``P``; ``(n_pairs,)`` or ``(H, n_pairs)`` beside sparse ``P``.
    H : int
        Number of steps; 0 is allowed.
    gamma : float
        Discount between steps, 1 by default.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    pair_start : ndarray, shape (n_states + 1,), optional
        For sparse ``P``: rows of state s are ``pair_start[s]:pair_start[s + 1]`` (within each step).
    state_names, action_names : sequence of str, optional
        As for `MDP`.

    Raises
    ------
    ModelError
        If the data do not describe a model: the message names the step, state, action, number and way out.

    Examples
    --------
    >>> import rltheory as rl
    >>> P = [[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]]
    >>> rl.FiniteHorizonMDP(P, [[0.0, 1.0], [2.0, 0.0]], H=10)
    FiniteHorizonMDP(10 steps, 2 states, 4 state-action pairs, stationary, gamma=1)
    """

    P: np.ndarray | csr_array
    r: np.ndarray
    H: int
    gamma: float = 1.0
    mu: np.ndarray = None  # type: ignore[assignment]  # filled in below
    pair_start: np.ndarray = None  # type: ignore[assignment]
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        from scipy.sparse import issparse

        H = valid.checked_horizon(self.H)
        checked = _checked_sparse(self, H) if issparse(self.P) else _checked_dense(self, H)
        valid.set_fields(self, {"H": H} | checked | valid.checked_description(self, checked["pair_start"]))

    @property
    def is_stationary(self) -> bool:
        """Whether neither dynamics nor rewards change with the step."""
        return not (self._kernel_changes or self._reward_changes)

    @property
    def _kernel_changes(self) -> bool:
        return self.P.ndim == 4 if isinstance(self.P, np.ndarray) else self.P.shape[0] != self.n_pairs

    @property
    def _reward_changes(self) -> bool:
        return self.r.ndim == (3 if isinstance(self.P, np.ndarray) else 2)

    def rows(self, t: int) -> csr_array:
        """Return the sparse pair rows of step t, shape (n_pairs, n_states); sparse data are not copied."""
        from scipy.sparse import csr_array

        self._check_step(t)
        if isinstance(self.P, np.ndarray):
            dense = self.P[t] if self._kernel_changes else self.P
            return csr_array(dense.reshape(self.n_pairs, self.n_states))
        if not self._kernel_changes:
            return self.P
        offsets = self.P.indptr[t * self.n_pairs : (t + 1) * self.n_pairs + 1]
        entries = slice(offsets[0], offsets[-1])
        return csr_array(
            (self.P.data[entries], self.P.indices[entries], offsets - offsets[0]), shape=(self.n_pairs, self.n_states)
        )

    def rewards(self, t: int) -> np.ndarray:
        """Return the expected reward of each pair at step t, shape (n_pairs,)."""
        self._check_step(t)
        return (self.r[t] if self._reward_changes else self.r).reshape(-1)

    def _check_step(self, t: int) -> None:
        if not 0 <= t < self.H:
            raise ModelError(f"there is no step {t}; steps are 0..{self.H - 1}")

    @classmethod
    def from_arrays(
        cls,
        P: Any,
        r: Any,
        H: int,
        *,
        gamma: float = 1.0,
        mu: Any = None,
        state_names: Sequence[Any] | None = None,
        action_names: Sequence[Any] | None = None,
    ) -> FiniteHorizonMDP:
        """Build a dense model, taking expectations where rewards belong to transitions.

        Parameters
        ----------
        P : array_like
            ``(n_states, n_actions, n_states)``, or with a leading step axis of length H.
        r : array_like
            ``(n_states,)``, ``(n_states, n_actions)``, ``(n_states, n_actions, n_states)``, or with a leading step
            axis ``(H, n_states, n_actions)`` or ``(H, n_states, n_actions, n_states)``.
        H : int
            Number of steps.
        gamma, mu, state_names, action_names
            As for `FiniteHorizonMDP`.

        Returns
        -------
        FiniteHorizonMDP

        Raises
        ------
        ModelError
            As for the class, and where the shape of ``r`` could mean two things.
        """
        P, r, H = valid.real_array(P, "P"), valid.real_array(r, "r"), valid.checked_horizon(H)
        if P.ndim not in (3, 4) or P.shape[-3] != P.shape[-1]:
            raise ModelError(
                f"P has shape {P.shape}; it must be (n_states, n_actions, n_states), after H if it changes"
            )
        n_states, n_actions = P.shape[-3:-1]
        by_step, by_transition = (H, n_states, n_actions), (n_states, n_actions, n_states)
        if r.shape == by_step == by_transition:
            raise ModelError(f"r of shape {r.shape} could belong to steps or to transitions; give it four axes")
        if r.shape == (n_states,):
            r = np.repeat(r[:, None], n_actions, axis=1)
        elif r.shape in (by_transition, (H, *by_transition)):
            r = (P * r).sum(axis=-1)
        elif r.shape not in ((n_states, n_actions), by_step):
            raise ModelError(
                f"r has shape {r.shape}; it must be ({n_states},), {(n_states, n_actions)}, {by_step},"
                f" {by_transition} or {(H, *by_transition)}"
            )
        return cls(P, r, H, gamma, mu, state_names=state_names, action_names=action_names)

    def __repr__(self) -> str:
        kind = "stationary" if self.is_stationary else "time-dependent"
        return (
            f"FiniteHorizonMDP({self.H} steps, {self.n_states} states, {self.n_pairs} state-action pairs,"
            f" {kind}, gamma={self.gamma:g})"
        )


def _checked_dense(model: FiniteHorizonMDP, H: int) -> dict[str, Any]:
    """Check dense dynamics and rewards."""
    P, r = valid.real_array(model.P, "P"), valid.real_array(model.r, "r")
    if P.ndim not in (3, 4) or P.shape[-3] != P.shape[-1] or 0 in P.shape[-3:]:
        raise ModelError(f"P has shape {P.shape}; it must be (n_states, n_actions, n_states), after H if it changes")
    if P.ndim == 4 and P.shape[0] != H:
        raise ModelError(f"P has {P.shape[0]} steps; H is {H}")
    n_states, n_actions = P.shape[-3:-1]
    if r.shape not in ((n_states, n_actions), (H, n_states, n_actions)):
        raise ModelError(f"r has shape {r.shape}; it must be {(n_states, n_actions)} or {(H, n_states, n_actions)}")
    start = np.arange(0, n_states * n_actions + 1, n_actions)
    if model.pair_start is not None and not np.array_equal(model.pair_start, start):
        raise ModelError("pair_start does not fit dense P, in which every state has every action; leave it out")
    valid.checked_rows(valid.sparse_rows(P.reshape(-1, n_states)), start, stacked=P.ndim == 4)
    return {"P": valid.frozen(P), "r": valid.checked_rewards(r, start, stacked=r.ndim == 3), "pair_start": start}


def _checked_sparse(model: FiniteHorizonMDP, H: int) -> dict[str, Any]:
    """Check sparse pair rows and rewards, stationary or step after step."""
    P, r = valid.sparse_rows(model.P), valid.real_array(model.r, "r")
    if model.pair_start is None:
        raise ModelError("sparse P needs pair_start, the offsets of each state's rows")
    n_states = P.shape[1]
    n_pairs = int(valid.index_array(model.pair_start, "pair_start")[-1])
    start = valid.checked_pair_start(model.pair_start, n_states, n_pairs)
    if P.shape[0] not in (n_pairs, H * n_pairs):
        raise ModelError(
            f"P has {P.shape[0]} rows; {n_pairs} pairs at each of H = {H} steps need {n_pairs} or {H * n_pairs}"
        )
    if r.shape not in ((n_pairs,), (H, n_pairs)):
        raise ModelError(f"r has shape {r.shape}; it must be ({n_pairs},) or {(H, n_pairs)}")
    checked, _ = valid.checked_rows(P, start, stacked=P.shape[0] != n_pairs)
    return {"P": checked, "r": valid.checked_rewards(r, start, stacked=r.ndim == 2), "pair_start": start}

r"""Exact laws of the return still to come while the exploration policy plays, from every state at every step.

.. math:: D_H(s) = \delta_0, \qquad D_t(s) = \sum_a \pi_t(a \mid s) \sum_b p_b \cdot \text{law of } r_b + D_{t+1}(s'_b).

Atoms that only rounding tells apart are one. Their number is at most (A B)^(H - t) and, where rewards are few multiples
of something, far smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.horizon.sticky import laid_out
from rltheory.horizon.table import Table, checked_steps
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.models._validation import frozen
from rltheory.planning.memory import require_memory

_SAME = 1e-12  # relative to the largest return: atoms that are closer are told apart by rounding only


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExplorationLaws:
    """Laws of the return still to come at steps 0..H, as padded arrays.

    Parameters
    ----------
    table : Table
        The game.
    atoms, prob : tuple of H + 1 ndarrays, shape (n_states, n_t)
        Atoms of each state, increasing, and their probabilities; padding repeats the last atom, with probability 0.
    """

    table: Table
    atoms: tuple[np.ndarray, ...]
    prob: tuple[np.ndarray, ...]

    @property
    def H(self) -> int:  # noqa: N802 - the blackboard's own symbol
        """Number of steps."""
        return len(self.atoms) - 1

    @property
    def mean(self) -> np.ndarray:
        """Value of the exploration policy, in reward units, shape (H + 1, n_states)."""
        return np.stack([(p * x).sum(axis=1) for x, p in zip(self.atoms, self.prob, strict=True)])

    @property
    def variance(self) -> np.ndarray:
        """Variance of the return still to come, in squared reward units, shape (H + 1, n_states)."""
        return self.moment(2)

    def moment(self, order: int) -> np.ndarray:
        """Return the absolute central moment of the return still to come, in reward units to that power.

        Parameters
        ----------
        order : int
            The power, at least 1.

        Returns
        -------
        ndarray, shape (H + 1, n_states)
        """
        centred = [np.abs(x - mean[:, None]) for x, mean in zip(self.atoms, self.mean, strict=True)]
        return np.stack([(p * x**order).sum(axis=1) for x, p in zip(centred, self.prob, strict=True)])

    def law(self, t: int, state: int) -> DiscreteLaw:
        """Return the law of the return of steps t..H-1 from a state.

        Parameters
        ----------
        t : int
            Step in 0..H.
        state : int
            State.

        Returns
        -------
        DiscreteLaw
            Scaled to sum to 1, which a policy in single precision does not do exactly.

        Raises
        ------
        ModelError
            If there is no such step or state.
        """
        self._check(t, state)
        return DiscreteLaw(self.atoms[t][state], self.prob[t][state] / self.prob[t][state].sum())

    def action_law(self, t: int, state: int, action: int) -> DiscreteLaw:
        """Return the law of the return of steps t..H-1 if ``action`` is taken at step t, and exploration goes on.

        Parameters
        ----------
        t : int
            Step in 0..H-1.
        state, action : int
            Pair.

        Returns
        -------
        DiscreteLaw

        Raises
        ------
        ModelError
            If there is no such step, state or action.
        """
        self._check(t, state)
        if t == self.H or not 0 <= action < self.table.n_actions:
            raise ModelError(f"action {action} at step {t} does not exist; actions are 0..{self.table.n_actions - 1}")
        following = self.table.next_state[state, action]
        atoms = self.table.reward[state, action][:, None] + self.atoms[t + 1][following]
        prob = self.table.prob[state, action][:, None] * self.prob[t + 1][following]
        atoms, prob = _merged(atoms.reshape(1, -1), prob.reshape(1, -1), _SAME * float(np.abs(atoms).max()))
        return DiscreteLaw(atoms[0], prob[0] / prob[0].sum())

    def _check(self, t: int, state: int) -> None:
        if not 0 <= t <= self.H or not 0 <= state < self.table.n_states:
            raise ModelError(
                f"step {t}, state {state} does not exist; steps are 0..{self.H}, states 0..{self.table.n_states - 1}"
            )

    def __repr__(self) -> str:
        most = max(atoms.shape[1] for atoms in self.atoms)
        return f"ExplorationLaws({self.H} steps, {self.table.n_states} states, at most {most} atoms)"


def exploration_laws(
    model: OutcomeModel,
    H: int,
    *,
    exploration: Any = None,
    sticky: float = 0.0,
    merge_within: float = 0.0,
    max_atoms: int = 20_000_000,
) -> ExplorationLaws:
    """Compute the law of the return under the exploration policy, from every state at every step.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and the same number of actions in every state.
    H : int
        Number of steps, at least 1.
    exploration : array_like of shape (n_states, n_actions) or (H, n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    sticky : float
        Probability in [0, 1) that the last executed action is executed again. If it is positive, states are those of
        `sticky_model`.
    merge_within : float
        Atoms at most this far apart become one, in reward units; those told apart by rounding only always do. The
        published laws have 1e-4.
    max_atoms : int
        Limit on the atoms of one step before equal ones are merged.

    Returns
    -------
    ExplorationLaws

    Raises
    ------
    ModelError
        If an argument does not fit the model.
    CriterionError
        If the model discounts, or there are more than ``max_atoms`` atoms.
    MemoryError
        If they would not fit.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon import exploration_laws
    >>> laws = exploration_laws(mdps.horizon_lock(3), H=3)
    >>> laws.law(0, 0)
    DiscreteLaw({0: 0.875, 1: 0.125})
    >>> laws.action_law(0, 0, 1)
    DiscreteLaw({0: 0.75, 1: 0.25})
    """
    H = checked_steps(H)
    table, policy = laid_out(model, H, exploration, sticky)
    if not merge_within >= 0:
        raise ModelError(f"merge_within is {merge_within!r}; a distance is a number of at least 0")
    return backward_laws(table, policy, H, merge_within, max_atoms)


def backward_laws(
    table: Table, policy: np.ndarray, H: int, merge_within: float = 0.0, max_atoms: int = 20_000_000
) -> ExplorationLaws:
    """Return `exploration_laws` of a table, for a policy as `checked_exploration` returns it."""
    n_states = table.n_states
    atoms, prob = [np.zeros((n_states, 1))], [np.ones((n_states, 1))]
    for t in reversed(range(H)):
        size = table.next_state.size * atoms[0].shape[1]
        if size > max_atoms:
            raise CriterionError(
                f"{size:,} atoms are needed at step {t}, more than the limit of {max_atoms:,}: raise it, shorten the"
                " horizon, or merge atoms with merge_within"
            )
        require_memory(48.0 * size, f"{size:,} atoms")
        weight = policy[min(t, len(policy) - 1)][:, :, None] * table.prob
        x = (table.reward[..., None] + atoms[0][table.next_state]).reshape(n_states, -1)
        p = (weight[..., None] * prob[0][table.next_state]).reshape(n_states, -1)
        merged = _merged(x, p, max(merge_within, _SAME * float(np.abs(x).max())))
        atoms.insert(0, frozen(merged[0]))
        prob.insert(0, frozen(merged[1]))
    return ExplorationLaws(table, tuple(atoms), tuple(prob))


def _merged(atoms: np.ndarray, prob: np.ndarray, tol: float) -> tuple[np.ndarray, np.ndarray]:
    """Sort the atoms of each row, and join those at most ``tol`` above the one before; atoms of probability 0 go."""
    atoms = np.where(prob > 0, atoms, np.inf)
    order = np.argsort(atoms, axis=1, kind="stable")
    atoms, prob = np.take_along_axis(atoms, order, axis=1), np.take_along_axis(prob, order, axis=1)
    happens = prob > 0
    atoms = np.where(happens, atoms, 0.0)
    begins = happens.copy()
    begins[:, 1:] &= ~(atoms[:, 1:] - atoms[:, :-1] <= tol)
    group = np.cumsum(begins, axis=1) - 1
    row = np.broadcast_to(np.arange(len(atoms))[:, None], atoms.shape)
    shape = (len(atoms), int(group.max()) + 1)
    merged = np.broadcast_to(np.where(happens, atoms, -np.inf).max(axis=1)[:, None], shape).copy()
    merged[row[begins], group[begins]] = atoms[begins]
    total = np.bincount((row * shape[1] + group)[happens], prob[happens], minlength=shape[0] * shape[1])
    return merged, total.reshape(shape)

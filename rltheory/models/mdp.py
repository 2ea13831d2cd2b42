"""The finite Markov decision process, stored as one row of probabilities for each state-action pair.

The rows of a state are adjacent, so that states may have different numbers of actions (`MDP.pair_start`), and rows are
sparse, so that a model of a million states is ordinary. A *policy* names actions by their position among the state's
own: ``policy[s] = a`` is row ``pair_start[s] + a``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rltheory.models import _layouts as layouts
from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from rltheory.models.finite_horizon import FiniteHorizonMDP

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MDP(PairModel):
    """A finite, stationary Markov decision process.

    Parameters
    ----------
    P : csr_array, shape (n_pairs, n_states)
        One distribution over next states for each state-action pair; rows of a state are adjacent.
    r : ndarray, shape (n_pairs,)
        Expected reward of each pair, in reward units.
    gamma : float
        Discount in [0, 1]; 1 only for the criteria that allow it.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    pair_start : ndarray, shape (n_states + 1,)
        Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    state_names : sequence of str, optional
        One name for each state.
    action_names : sequence of str, optional
        One name for each action, the same in all states, or one for each pair.

    Raises
    ------
    ModelError
        If the data do not describe an MDP: the message names the state, the action, the number and the way out.

    See Also
    --------
    MDP.from_arrays, MDP.from_pairs, MDP.from_function : the usual ways to build one.

    Notes
    -----
    Arrays are read-only views: float64 data and int32 indices are taken without a copy, so do not change them
    afterwards through the arrays you passed. The floats *are* the model: a row that sums to 1 + 1e-16 is kept as it is,
    and the solvers' proven bounds account for it.

    Examples
    --------
    >>> import rltheory as rl
    >>> P = [[[0.9, 0.1], [0.2, 0.8]], [[0.0, 1.0], [1.0, 0.0]]]
    >>> rl.MDP.from_arrays(P, [[1.0, 0.0], [0.0, 2.0]], gamma=0.9)
    MDP(2 states, 4 state-action pairs, at most 2 actions, 6 transitions, gamma=0.9)
    """

    P: csr_array
    r: np.ndarray
    gamma: float
    mu: np.ndarray
    pair_start: np.ndarray
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        P = valid.sparse_rows(self.P)
        n_pairs, n_states = P.shape
        if n_states == 0:
            raise ModelError("P has no columns; a model has at least one state")
        start = valid.checked_pair_start(self.pair_start, n_states, n_pairs)
        r = valid.real_array(self.r, "r")
        if r.shape != (n_pairs,):
            raise ModelError(f"r has shape {r.shape}; with {n_pairs} state-action pairs it must be ({n_pairs},)")
        P, error = valid.checked_rows(P, start)
        checked = {"P": P, "r": valid.checked_rewards(r, start), "_row_sum_error": error}
        valid.set_fields(self, checked | valid.checked_description(self, start))

    @property
    def row_sum_error(self) -> float:
        """Proven bound on how far the exact sum of any row of P is from one, measured when the model was built."""
        if not hasattr(self, "_row_sum_error"):  # a copy or an unpickled model, which has its fields alone
            valid.set_fields(self, {"_row_sum_error": valid.checked_rows(self.P, self.pair_start)[1]})
        return self._row_sum_error

    def finite_horizon(self, H: int, *, gamma: float | None = None) -> FiniteHorizonMDP:
        """Return the same dynamics for H steps; nothing is copied.

        Parameters
        ----------
        H : int
            Number of steps.
        gamma : float, optional
            Discount between steps; by default the model's own.

        Returns
        -------
        FiniteHorizonMDP
        """
        from rltheory.models.finite_horizon import FiniteHorizonMDP

        return FiniteHorizonMDP(
            P=self.P,
            r=self.r,
            H=H,
            gamma=self.gamma if gamma is None else gamma,
            mu=self.mu,
            pair_start=self.pair_start,
            state_names=self.state_names,
            action_names=self.action_names,
        )

    @classmethod
    def from_arrays(
        cls,
        P: Any,
        r: Any,
        gamma: float,
        *,
        axes: Literal["sas", "ass"] = "sas",
        allowed: Any = None,
        mu: Any = None,
        state_names: Sequence[Any] | None = None,
        action_names: Sequence[Any] | None = None,
    ) -> MDP:
        """Build a model from product arrays, in which every action is listed for every state.

        Parameters
        ----------
        P : array_like, shape (n_states, n_actions, n_states), or sequence of sparse arrays
            ``P[s, a, s2]``; with ``axes="ass"`` shape (n_actions, n_states, n_states), ``P[a, s, s2]``, or one sparse
            (n_states, n_states) array for each action.
        r : array_like
            Rewards of shape (n_states,), (n_states, n_actions), or like ``P`` for rewards of transitions, whose
            expectation is taken.
        gamma : float
            Discount in [0, 1].
        axes : {"sas", "ass"}
            The order of the axes of ``P`` and of three-dimensional ``r``. It is never guessed: a (2, 2, 2) array
            would fit both.
        allowed : array_like of bool, shape (n_states, n_actions), optional
            Which actions a state has; rows of the others are left out unread. By default all.
        mu, state_names, action_names
            As for `MDP`; ``action_names`` has n_actions entries.

        Returns
        -------
        MDP

        Raises
        ------
        ModelError
            As for `MDP`, and for shapes that do not fit together.
        """
        if axes not in ("sas", "ass"):
            raise ModelError(f"axes is {axes!r}; it is 'sas' for P[s, a, s2] or 'ass' for P[a, s, s2]")
        P = layouts.product_rows(P, axes)
        n_states = P.shape[1]
        n_actions = P.shape[0] // n_states
        r = layouts.product_rewards(r, P, n_states, n_actions, axes)
        starts = np.arange(0, P.shape[0] + 1, n_actions)
        if action_names is not None:
            action_names = valid.checked_names(action_names, (n_actions,), "action_names")
        if allowed is not None:
            allowed = np.asarray(allowed)
            if allowed.shape != (n_states, n_actions) or allowed.dtype != bool:
                raise ModelError(
                    f"allowed has shape {allowed.shape} and dtype {allowed.dtype};"
                    f" booleans of shape ({n_states}, {n_actions}) are needed"
                )
            P, r = P[np.flatnonzero(allowed)], r[allowed.reshape(-1)]
            starts = np.concatenate([[0], np.cumsum(allowed.sum(axis=1))])
            names = action_names or tuple(map(str, range(n_actions)))
            if not allowed.all():
                action_names = tuple(names[a] for a in np.nonzero(allowed)[1])
        return cls(P, r, gamma, mu, starts, state_names, action_names)

    @classmethod
    def from_pairs(
        cls,
        P: Any,
        r: Any,
        gamma: float,
        *,
        n_actions: int | None = None,
        pair_start: Any = None,
        states: Any = None,
        actions: Any = None,
        mu: Any = None,
        state_names: Sequence[Any] | None = None,
        action_names: Sequence[Any] | None = None,
    ) -> MDP:
        """Build a model from one row for each state-action pair, sparse or dense.

        Say which state a row belongs to in one of three ways: ``n_actions`` (every state has so many, rows in order),
        ``pair_start`` (offsets), or ``states`` (one index a row, in any order).

        Parameters
        ----------
        P : array_like or sparse array, shape (n_pairs, n_states)
            A CSR array with float64 data, int32 indices and sorted rows is taken without a copy.
        r : array_like or sparse array, shape (n_pairs,), (n_states,) or (n_pairs, n_states)
            Reward of a pair, of a state, or of a transition (its expectation is taken).
        gamma : float
            Discount in [0, 1].
        n_actions : int, optional
            The same number of actions in each state.
        pair_start : array_like of int, shape (n_states + 1,), optional
            Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
        states : array_like of int, shape (n_pairs,), optional
            State of each row; rows are sorted by state (then by ``actions``) if they are not.
        actions : array_like of int, shape (n_pairs,), optional
            Only with ``states``: labels of the actions. Where they are not 0, 1, 2, ... in every state they become the
            pairs' names, unless ``action_names`` says otherwise.
        mu, state_names, action_names
            As for `MDP`; names of single pairs are given in the order of the rows passed.

        Returns
        -------
        MDP

        Raises
        ------
        ModelError
            As for `MDP`, and if not exactly one of the three is given.
        """
        if sum(given is not None for given in (n_actions, pair_start, states)) != 1:
            raise ModelError("give exactly one of n_actions, pair_start and states, to say whose rows are whose")
        if actions is not None and states is None:
            raise ModelError("actions labels the rows of states; give states too")
        P = valid.sparse_rows(P)
        n_pairs, n_states = P.shape
        if n_actions is not None:
            if n_pairs != n_states * n_actions:
                raise ModelError(
                    f"P has {n_pairs} rows; {n_states} states with {n_actions} actions have {n_states * n_actions}"
                )
            pair_start = np.arange(0, n_pairs + 1, n_actions)
        order = None
        if states is not None:
            order, pair_start, labels = layouts.sorted_pairs(states, actions, n_pairs, n_states)
            action_names = labels if action_names is None else action_names
        start = valid.checked_pair_start(pair_start, n_states, n_pairs)
        if order is not None:
            P = P[order]
            r = r if np.shape(r) == (n_states,) != (n_pairs,) else layouts.take_rows(r, order)
            if action_names is not None and action_names is not labels and len(action_names) == n_pairs:
                action_names = [action_names[i] for i in order]
        r = layouts.pair_rewards(r, P, start)
        return cls(P, r, gamma, mu, start, state_names, action_names)

    @classmethod
    def from_function(
        cls,
        step: Callable[[Hashable, Hashable], Iterable[tuple[float, Hashable, float]]],
        starts: Iterable[Hashable],
        actions: Sequence[Hashable] | Callable[[Hashable], Sequence[Hashable]],
        gamma: float,
        *,
        max_states: int = 1_000_000,
    ) -> MDP:
        """Build a model by exploring a Python function from the start states, breadth first.

        Parameters
        ----------
        step : callable
            ``step(state, action)`` returns ``[(probability, next_state, reward), ...]``. States are any hashable
            values; a next state that occurs twice is added up.
        starts : iterable of states
            Where episodes begin, with equal probability; they become states 0, 1, 2, ...
        actions : sequence, or callable
            The actions of every state, or a function of the state.
        gamma : float
            Discount in [0, 1].
        max_states : int
            Exploration that finds more is ended with an error.

        Returns
        -------
        MDP
            With the states' and actions' ``str`` as names.

        Raises
        ------
        ModelError
            As for `MDP`, and if more than ``max_states`` states are reachable.

        Examples
        --------
        A walk on 0..3 that ends at 3:

        >>> import rltheory as rl
        >>> def step(place, move):
        ...     if place == 3:
        ...         return [(1.0, 3, 0.0)]
        ...     return [(1.0, max(place + move, 0), -1.0)]
        >>> rl.MDP.from_function(step, starts=[0], actions=(-1, 1), gamma=0.9)
        MDP(4 states, 8 state-action pairs, at most 2 actions, 8 transitions, gamma=0.9)
        """
        from rltheory.models.outcomes import OutcomeModel

        return OutcomeModel.from_function(step, starts, actions, gamma, max_states=max_states).to_mdp()

    @staticmethod
    def normalised(P: Any) -> Any:
        """Return probabilities with each row, along the last axis, rescaled to sum to one.

        The one place where rows are repaired, and only when asked.

        Parameters
        ----------
        P : array_like, shape (..., n_states), or sparse array, shape (n_pairs, n_states)
            Non-negative weights.

        Returns
        -------
        ndarray or csr_array
            Of the same shape, float64.

        Raises
        ------
        ModelError
            If a weight is negative or not finite, or a row is all zero.

        Examples
        --------
        >>> import rltheory as rl
        >>> rl.MDP.normalised([[1, 3], [2, 2]])
        array([[0.25, 0.75],
               [0.5 , 0.5 ]])
        """
        from scipy.sparse import csr_array, issparse

        sparse = issparse(P)
        rows = csr_array(P) if sparse else None
        weights = valid.real_array(P if rows is None else rows.data, "P")
        if weights.size and not (weights.min() >= 0 and np.isfinite(weights.max())):
            raise ModelError("P has a negative or non-finite weight; only non-negative ones can be rescaled")
        sums = weights.sum(axis=-1, keepdims=True) if rows is None else rows @ np.ones(rows.shape[1])
        if (sums == 0).any():
            raise ModelError(f"row {int(np.argmax(sums.reshape(-1) == 0))} of P is all zero; it cannot be rescaled")
        if rows is None:
            return weights / sums
        return csr_array((weights / np.repeat(sums, np.diff(rows.indptr)), rows.indices, rows.indptr), shape=rows.shape)

    def __repr__(self) -> str:
        return (
            f"MDP({self.n_states} states, {self.n_pairs} state-action pairs, at most {self.n_actions} actions,"
            f" {self.P.nnz} transitions, gamma={self.gamma:g})"
        )

    def _repr_html_(self) -> str:
        rows = []
        for row in range(min(self.n_pairs, _ROWS_SHOWN)):
            state = int(np.searchsorted(self.pair_start, row, side="right")) - 1
            action = row - int(self.pair_start[state])
            entries = slice(self.P.indptr[row], self.P.indptr[row + 1])
            law = ", ".join(
                f"{self.state_name(s)}: {p:.4g}"
                for s, p in zip(self.P.indices[entries][:6], self.P.data[entries], strict=False)
            )
            law += ", ..." if self.P.indptr[row + 1] - self.P.indptr[row] > 6 else ""
            cells = (self.state_name(state), self.action_name(state, action), f"{self.r[row]:.4g}", law)
            rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
        more = f"<p>... and {self.n_pairs - _ROWS_SHOWN} more rows</p>" if self.n_pairs > _ROWS_SHOWN else ""
        head = "<tr><th>state</th><th>action</th><th>reward</th><th>next state: probability</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{''.join(rows)}</table>{more}"

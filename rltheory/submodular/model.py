r"""The submodular Markov decision process: what counts is the set of states that a path has touched.

A path $\tau = (s_0, \dots, s_H)$ of H actions earns $F(\tau)$ once, where F is a set function of the elements that the
path touches, and a policy is judged by $J(\pi) = \mathbb{E}_{\tau \sim \pi}[F(\tau)]$. If F is a function of states,
n_states elements, the time of a visit does not matter and a second visit gains nothing. If it has (H + 1) n_states
elements, the visit of state s after h actions is element h n_states + s.

With the gain $g_h = F(s_h \mid s_0, \dots, s_{h-1})$ of each arrival the reward of a path is additive again,
$F(\tau) = \sum_h g_h$, but it depends on the past: the optimal policy may have to remember where it has been.
(Prajapat, Mutny, Zeilinger and Krause 2024.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import FiniteHorizonMDP, ModelError
from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.submodular.functions.protocol import SetFunction

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SubmodularMDP(PairModel):
    """A Markov decision process of H steps whose reward is a set function of the states that a path touches.

    Parameters
    ----------
    P : ndarray or csr_array
        As for `rltheory.FiniteHorizonMDP`: dense ``(n_states, n_actions, n_states)`` or sparse pair rows
        ``(n_pairs, n_states)``, with H of them where the dynamics change with the step.
    F : SetFunction
        Of ``n_states`` elements, one for each state, or of ``(H + 1) * n_states``, one for each visit.
    H : int
        Number of actions, at least 1: a path touches H + 1 states.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    pair_start : ndarray, shape (n_states + 1,), optional
        For sparse ``P``: rows of state s are ``pair_start[s]:pair_start[s + 1]`` (within each step).
    state_names, action_names : sequence of str, optional
        As for `rltheory.MDP`.

    Raises
    ------
    ModelError
        If the horizon is below one, the dynamics are none, or F does not belong to these states.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024), section 2.
    """

    P: np.ndarray | csr_array
    F: SetFunction
    H: int
    mu: np.ndarray = None  # type: ignore[assignment]  # filled in below
    pair_start: np.ndarray = None  # type: ignore[assignment]
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        H = valid.checked_horizon(self.H)
        if H == 0:
            raise ModelError("H is 0; a path that earns something takes at least one action")
        dynamics = FiniteHorizonMDP(
            self.P,
            _no_rewards(self.P, self.pair_start),
            H,
            1.0,
            self.mu,
            self.pair_start,
            self.state_names,
            self.action_names,
        )
        n_states = dynamics.n_states
        if self.F.n_elements not in (n_states, (H + 1) * n_states):
            raise ModelError(
                f"F has {self.F.n_elements} elements; with {n_states} states and {H} actions it must have {n_states},"
                f" one for each state, or {(H + 1) * n_states}, one for each visit"
            )
        kept = ("P", "mu", "pair_start", "state_names", "action_names")
        valid.set_fields(self, {"H": H, "F": self.F} | {name: getattr(dynamics, name) for name in kept})

    @property
    def counts_visits(self) -> bool:
        """Whether elements are visits, a state at a time, and not states."""
        return self.F.n_elements != self.n_states

    def elements(self, paths: np.ndarray) -> np.ndarray:
        """Return the elements that paths of states touch, of the same shape (..., h + 1): one for each arrival."""
        paths = np.asarray(paths)
        return paths + np.arange(paths.shape[-1]) * self.n_states if self.counts_visits else paths

    def with_rewards(self, weight: Any) -> FiniteHorizonMDP:
        r"""Return the same dynamics with an additive reward on arrival.

        Parameters
        ----------
        weight : array_like, shape (n_states,) or (H + 1, n_states)
            What an arrival in state s, after h actions, earns; the first state earns nothing here, since no action
            leads to it.

        Returns
        -------
        FiniteHorizonMDP
            With expected rewards $r_h(s, a) = \sum_{s'} P_h(s' \mid s, a)\, w_{h+1}(s')$, undiscounted.

        Raises
        ------
        ModelError
            If ``weight`` has another shape.
        """
        weight = valid.real_array(weight, "weight")
        if weight.shape not in ((self.n_states,), (self.H + 1, self.n_states)):
            raise ModelError(
                f"weight has shape {weight.shape}; it must be ({self.n_states},) or {(self.H + 1, self.n_states)}"
            )
        dynamics = self.dynamics
        if weight.ndim == 1 and dynamics.is_stationary:
            r = dynamics.rows(0) @ weight
        else:
            arrival = np.broadcast_to(weight, (self.H + 1, self.n_states))
            r = np.stack([dynamics.rows(h) @ arrival[h + 1] for h in range(self.H)])
        dense = isinstance(self.P, np.ndarray)
        return dynamics.replace(r=r.reshape(*r.shape[:-1], self.n_states, self.n_actions) if dense else r)

    @property
    def dynamics(self) -> FiniteHorizonMDP:
        """The same model without rewards."""
        rewards = _no_rewards(self.P, self.pair_start)
        return FiniteHorizonMDP(
            self.P, rewards, self.H, 1.0, self.mu, self.pair_start, self.state_names, self.action_names
        )

    def __repr__(self) -> str:
        kind = "visits" if self.counts_visits else "states"
        return (
            f"SubmodularMDP({self.H} steps, {self.n_states} states, {self.n_pairs} state-action pairs,"
            f" {type(self.F).__name__} of {kind})"
        )


def _no_rewards(P: Any, pair_start: Any) -> np.ndarray:
    """Return zero rewards in the layout that `FiniteHorizonMDP` expects beside these dynamics."""
    if isinstance(P, np.ndarray) or pair_start is None:
        return np.zeros(np.shape(P)[-3:-1])
    return np.zeros(int(np.asarray(pair_start)[-1]))

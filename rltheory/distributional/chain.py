r"""A model and a policy: a Markov chain whose steps pay random rewards, and the return that it collects.

Fixing a stationary policy :math:`\pi` leaves no choice. From state s the chain draws one of finitely many outcomes
(probability, reward, next state), and the law of the return from each state is the one fixed point of

.. math::

   (T_\pi \eta)(s) = \text{law of } R + \gamma\, G(S'), \qquad G(s') \sim \eta(s'),

for :math:`\gamma < 1`; over H steps it is :math:`T_\pi^H` of the law of nothing, :math:`\delta_0` (Bellemare, Dabney
and Rowland 2023, chapter 4). What the return can be at all lies between two numbers,

.. math::

   V_{\min}(s) = \min_{b \,:\, p_b > 0} \{ r_b + \gamma V_{\min}(s'_b) \}, \qquad
   V_{\max}(s) = \max_{b \,:\, p_b > 0} \{ r_b + \gamma V_{\max}(s'_b) \},

which is a decision process in which luck decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, CriterionError, ModelError, OutcomeModel
from rltheory.models import _validation as valid
from rltheory.planning.backup import checked_policy
from rltheory.planning.policy_iteration import policy_iteration

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutcomeChain(OutcomeModel):
    """A Markov reward process given by lists of outcomes: an `OutcomeModel` whose states have one action each.

    Parameters are those of `OutcomeModel`, with ``n_pairs == n_states``.

    Raises
    ------
    ModelError
        As for `OutcomeModel`, and if a state has more than one action.

    Examples
    --------
    >>> from rltheory.distributional.chain import OutcomeChain
    >>> OutcomeChain.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    OutcomeChain(1 states, at most 2 outcomes, gamma=0.5)
    """

    def __post_init__(self) -> None:
        OutcomeModel.__post_init__(self)
        if self.n_pairs != self.n_states:
            state = int(np.argmax(self.action_counts > 1))
            raise ModelError(
                f"state {state} has {self.action_counts[state]} actions; a chain has one for each state"
                " (outcome_chain fixes a policy)"
            )

    @property
    def transitions(self) -> csr_array:
        """Probabilities of the next state, shape (n_states, n_states)."""
        return self.to_mdp().P

    def __repr__(self) -> str:
        return f"OutcomeChain({self.n_states} states, at most {self.prob.shape[1]} outcomes, gamma={self.gamma:g})"


def outcome_chain(model: OutcomeModel, policy: Any) -> OutcomeChain:
    r"""Return the chain of a model under a stationary policy.

    The outcomes of a state are those of its actions, each with probability :math:`\pi(a \mid s)\, p_b`. Rows are
    divided by their sums, so that no mass is lost to rounding over many steps.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).

    Returns
    -------
    OutcomeChain

    Raises
    ------
    ModelError
        If the policy does not fit the model; the message names the state.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.chain import outcome_chain
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=0.5)
    >>> outcome_chain(offer, [[0.5, 0.5]]).prob
    array([[0.5 , 0.25, 0.25]])
    """
    policy = checked_policy(model, policy)
    if policy.ndim == 1:
        pair = model.pair_start[:-1] + policy
        prob, next_state, reward = model.prob[pair], model.next_state[pair], model.reward[pair]
    else:
        column = np.arange(model.n_actions)
        pair = model.pair_start[:-1, None] + np.minimum(column, model.action_counts[:, None] - 1)
        prob = (policy[:, :, None] * model.prob[pair]).reshape(model.n_states, -1)
        next_state = model.next_state[pair].reshape(model.n_states, -1)
        reward = model.reward[pair].reshape(model.n_states, -1)
    order = np.argsort(prob == 0, axis=1, kind="stable")[:, : int(np.count_nonzero(prob, axis=1).max())]
    prob, next_state, reward = (np.take_along_axis(x, order, axis=1) for x in (prob, next_state, reward))
    next_state, reward = (np.where(prob > 0, x, x[:, :1]) for x in (next_state, reward))  # padding reaches nothing new
    prob = prob / prob.sum(axis=1, keepdims=True)
    start = np.arange(model.n_states + 1)
    return OutcomeChain(prob, next_state, reward, model.gamma, model.mu, start, model.state_names)


def return_range(chain: OutcomeChain, H: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the least and the largest return that each state can see.

    Parameters
    ----------
    chain : OutcomeChain
        With ``gamma < 1``, unless a horizon is given.
    H : int, optional
        Number of steps; by default they never end.

    Returns
    -------
    lowest, highest : ndarray, shape (n_states,)
        In reward units, up to rounding.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1 and there is no horizon.

    Examples
    --------
    >>> from rltheory.distributional.chain import OutcomeChain, return_range
    >>> coin = OutcomeChain.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> return_range(coin)
    (array([0.]), array([2.]))
    """
    if H is None:
        require_discount(chain)
        lowest = 0.0 - _luckiest(chain, -chain.reward)
        return lowest, np.maximum(lowest, _luckiest(chain, chain.reward))
    lowest = highest = np.zeros(chain.n_states)
    for _ in range(valid.checked_horizon(H)):
        lowest, highest = next_range(chain, lowest, highest)
    return lowest, highest


def next_range(chain: OutcomeChain, lowest: np.ndarray, highest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest return of each state, one step longer than the given ones."""
    low, high = (chain.reward + chain.gamma * x[chain.next_state] for x in (lowest, highest))
    happens = chain.prob > 0
    return np.where(happens, low, np.inf).min(axis=1), np.where(happens, high, -np.inf).max(axis=1)


def require_discount(chain: OutcomeModel) -> None:
    """Refuse a model whose return may not end."""
    if chain.gamma >= 1:
        raise CriterionError("gamma is 1, so the return may not be finite; pass gamma < 1, or set a horizon H")


def _luckiest(chain: OutcomeChain, reward: np.ndarray) -> np.ndarray:
    """Return the value of the process in which each state chooses the outcome that it likes best."""
    from scipy.sparse import csr_array

    happens = chain.prob > 0
    counts = happens.sum(axis=1)
    n_choices = int(counts.sum())
    surely = (np.ones(n_choices), chain.next_state[happens], np.arange(n_choices + 1))
    start = np.concatenate([[0], np.cumsum(counts)])
    choices = MDP(csr_array(surely, shape=(n_choices, chain.n_states)), reward[happens], chain.gamma, chain.mu, start)
    return policy_iteration(choices, tol=np.inf).value  # exact up to rounding, however large rewards are

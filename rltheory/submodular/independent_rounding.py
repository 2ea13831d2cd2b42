r"""Rounding where the state does not matter: from the linear program to a sequence of actions.

In bandit dynamics, $P_h(\cdot \mid a)$, the program of a coverage function says how likely each action should be at
each step, $\pi_h(a) = \sum_s x_h(s, a)$. Draw all actions independently: item j, visited with probabilities $p_h$ that
sum to at least $y_j$, is covered with probability

.. math:: 1 - \prod_h (1 - p_h) \;\ge\; \big(1 - (1 - \tfrac1n)^n\big)\, y_j \;\ge\; (1 - 1/e)\, y_j,
          \qquad n = H + 1 .

J of independent draws is affine in each $\pi_h$, so that fixing one step after another to its best action loses
nothing: a sequence of actions, known in advance, reaches $1 - 1/e$ of what any policy can. In general dynamics no
constant part can be kept.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.adaptive_greedy import greedy_factor
from rltheory.submodular.certified import Certified
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.linear_program import linear_bound
from rltheory.submodular.relaxation.majorant import UpperBound


def round_to_actions(mdp: SubmodularMDP, bound: UpperBound | None = None) -> Certified:
    """Round the linear program of a coverage function, in bandit dynamics, to a sequence of actions.

    Parameters
    ----------
    mdp : SubmodularMDP
        Where laws of the next state do not depend on the state, with a `Coverage` of states or visits.
    bound : UpperBound, optional
        Of `linear_bound`, if it is known already.

    Returns
    -------
    Certified
        ``policy`` is a Markov policy, int (H, n_states), that ignores the state. ``history`` begins with what
        independent draws are worth, and goes on with what is reached after fixing each step.

    Raises
    ------
    CriterionError
        If the state matters, F is no coverage, or the bound does not say which actions it is made of.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> free = np.stack([np.eye(3)] * 3)  # every state leads to any
    >>> mdp = SubmodularMDP(free, Coverage.from_sets([[0], [1], [2]], weights=[1, 2, 3]), H=2, mu=0)
    >>> round_to_actions(mdp).value
    6.0
    """
    F = mdp.F
    if greedy_factor(mdp) == 0 or not isinstance(F, Coverage):
        raise CriterionError(
            "rounding keeps a constant part of coverage functions where the state does not matter, only"
        )
    bound = linear_bound(mdp) if bound is None else bound
    if bound.occupancy is None:
        raise CriterionError(f"{bound.method} does not say which actions it is made of; linear_bound does")
    n_actions = mdp.n_actions
    choice = bound.occupancy.reshape(mdp.H, mdp.n_states, n_actions).sum(axis=1)
    choice /= choice.sum(axis=1, keepdims=True)
    hits = np.stack([_hits(mdp, F, h) for h in range(mdp.H)])
    missed = np.vstack([_missed_at_first(mdp, F)[None], 1 - np.einsum("ha,haj->hj", choice, hits)])
    history = [_worth(F, missed)]
    actions = np.zeros(mdp.H, dtype=np.int64)
    for h in range(mdp.H):
        elsewhere = np.delete(missed, h + 1, axis=0).prod(axis=0) * F.weights
        actions[h] = int(np.argmax(hits[h] @ elsewhere))
        missed[h + 1] = 1 - hits[h, actions[h]]
        history.append(_worth(F, missed))
    return Certified(
        lower=history[-1],
        upper=bound.value,
        method="rounding of the linear program",
        policy=np.repeat(actions[:, None], mdp.n_states, axis=1),
        history=np.array(history),
        model=mdp,
    )


def _hits(mdp: SubmodularMDP, F: Coverage, h: int) -> np.ndarray:
    """Return the probability that an action of step h covers each item, shape (n_actions, n_items)."""
    law = mdp.dynamics.rows(h)[: mdp.n_actions]
    covers = F.covers[(h + 1) * mdp.n_states :][: mdp.n_states] if mdp.counts_visits else F.covers
    return np.asarray((law @ covers).todense())


def _missed_at_first(mdp: SubmodularMDP, F: Coverage) -> np.ndarray:
    """Return the probability that the first state does not cover each item, shape (n_items,)."""
    return 1 - F.covers[: mdp.n_states].T @ mdp.mu


def _worth(F: Coverage, missed: np.ndarray) -> float:
    """Return the expected weight of what is covered, if arrivals are independent."""
    return float(F.weights @ (1 - missed.prod(axis=0)))

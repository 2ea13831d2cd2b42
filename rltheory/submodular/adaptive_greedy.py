r"""Adaptive greedy: look at what was touched, and take the action that gains most in expectation, now.

.. math:: a \in \arg\max_a \sum_{s'} P_h(s' \mid s, a)\, F(s' \mid \tau)

In *bandit* dynamics, where $P(\cdot \mid a)$ depends neither on the state nor on the step, every action is an item of
random outcome that may be chosen H times; then J, less what the first state is worth, reaches $1 - 1/e$ of what any
policy reaches (adaptive submodularity: Golovin and Krause 2011, theorem 5), for a function of states. Where dynamics
change with the step, or elements are visits, 1/2 is left: choices are then a partition matroid. In general dynamics no
constant holds.
"""

from __future__ import annotations

import numpy as np

from rltheory.submodular import bounds
from rltheory.submodular.certified import Certified
from rltheory.submodular.forward import follow
from rltheory.submodular.functions.protocol import Tally
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.oracle import oracle_bound


def adaptive_greedy(mdp: SubmodularMDP, *, max_nodes: int = 1_000_000) -> Certified:
    """Follow, through all that chance may do, the action of largest expected gain; the first of several.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any; F monotone and submodular (for the upper bound).
    max_nodes : int
        Refuse more nodes, pairs of state and touched set, of one step.

    Returns
    -------
    Certified
        ``policy`` maps (h, state, tuple of touched elements) to the action, for all that it reaches. ``upper`` is
        by `oracle_bound` and, in bandit dynamics, by the theorem.

    Raises
    ------
    ModelError
        If there are too many nodes.

    References
    ----------
    Golovin and Krause (2011), Adaptive submodularity, theorem 5.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> arms = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])  # a coin of states 0 and 1, and state 2 for sure
    >>> mdp = SubmodularMDP(np.stack([arms] * 3), Coverage.from_sets([[0], [1], [2]], weights=[1, 1, 0.75]), H=2, mu=2)
    >>> answer = adaptive_greedy(mdp)
    >>> answer.value, answer.policy[0, 2, (2,)]
    (2.25, 0)
    """
    dynamics = mdp.dynamics
    rows = [dynamics.rows(h) for h in range(1 if dynamics.is_stationary else mdp.H)]
    offset = mdp.n_states if mdp.counts_visits else 0

    def rule(h: int, state: int, tally: Tally) -> int:
        P = rows[h % len(rows)][mdp.pair_start[state] : mdp.pair_start[state + 1]]
        gains = np.zeros(mdp.n_states)
        for successor in np.unique(P.indices):
            gains[successor] = tally.gain(int(successor) + offset * (h + 1))
        return int(np.argmax(P @ gains))

    found = follow(mdp, rule, max_nodes=max_nodes)
    factor = greedy_factor(mdp)
    upper = oracle_bound(mdp).value
    if factor > 0:
        upper = min(upper, bounds.greedy_optimum(found.value, float(found.gains[0]), factor))
    return Certified(
        lower=found.value,
        upper=upper,
        method="adaptive greedy",
        policy=found.actions,
        path=found.path,
        gains=None if found.path is None else found.gains,
        model=mdp,
    )


def greedy_factor(mdp: SubmodularMDP) -> float:
    r"""Return the part of the optimum that theory promises adaptive greedy, from the form of the dynamics alone.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    float
        $1 - 1/e$ in bandit dynamics that do not change, with a function of states; 1/2 in other bandit dynamics; 0
        where the state matters.
    """
    dynamics = mdp.dynamics
    if not all(_ignores_the_state(mdp, h) for h in range(1 if dynamics.is_stationary else mdp.H)):
        return 0.0
    same_items = dynamics.is_stationary and not mdp.counts_visits
    return bounds.cardinality_greedy(1.0) if same_items else bounds.PARTITION_GREEDY


def _ignores_the_state(mdp: SubmodularMDP, h: int) -> bool:
    """Whether all states have the same actions, with the same laws of the next state."""
    counts = mdp.action_counts
    if (counts != counts[0]).any():
        return False
    P = mdp.dynamics.rows(h)
    own = np.arange(mdp.n_pairs) % counts[0]
    return (P[own] != P).nnz == 0

r"""Adaptive greedy: look at what was touched, and take the action that gains most in expectation, now.

.. math:: a \in \arg\max_a \sum_{s'} P_h(s' \mid s, a)\, F(s' \mid \tau)

In *bandit* dynamics, where $P(\cdot \mid a)$ depends neither on the state nor on the step, every action is an item of
random outcome that may be chosen H times; then J, less what the first state is worth, reaches $1 - 1/e$ of what any
policy reaches (adaptive submodularity: Golovin and Krause 2011, theorem 5), for a function of states. Where dynamics
change with the step, or elements are visits, 1/2 is left: choices are then a partition matroid. In general dynamics no
constant holds.
"""

from __future__ import annotations

import math

import numpy as np

from rltheory.planning.memory import require_memory
from rltheory.submodular import bounds
from rltheory.submodular.certified import Certified
from rltheory.submodular.choices import SetPolicy
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.functions.protocol import Tally
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.oracle import oracle_bound
from rltheory.submodular.unfolding import Node, Unfolding

_BYTES_OF_A_NODE = 1000


def adaptive_greedy(mdp: SubmodularMDP) -> Certified:
    """Follow, through all that chance may do, the action of largest expected gain; the first of several.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any; F monotone and submodular (for the upper bound).

    Returns
    -------
    Certified
        ``policy`` is a `SetPolicy` on all that it reaches. ``upper`` is by `oracle_bound` and, in bandit dynamics, by
        the theorem.

    Raises
    ------
    MemoryError
        If chance leads to more nodes, pairs of a state and a touched set, than fit.

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
    >>> answer.value, answer.policy([2])
    (2.25, 0)
    """
    unfolding = Unfolding(mdp)
    layer = list(unfolding.start())
    tallies = {touched: mdp.F.tally() for _, touched in layer}
    for touched, tally in tallies.items():
        tally.add(touched[0])
    actions: dict[tuple[int, int, tuple[int, ...]], int] = {}
    for h in range(mdp.H):
        following: dict[tuple[int, ...], Tally] = {}
        found: dict[Node, None] = {}
        for node in layer:
            tally = tallies[node[1]]
            action = _most_promising(mdp, h, unfolding.laws(h, node), tally)
            actions[h, *node] = action
            for after, _ in unfolding.law(h, node, action):
                found[after] = None
                if after[1] not in following:
                    following[after[1]] = tally.copy()
                    following[after[1]].add(_element(mdp, h + 1, after[0]))
        require_memory(_BYTES_OF_A_NODE * len(found), f"{len(found):,} nodes of step {h + 1}")
        layer, tallies = list(found), following
    policy = SetPolicy(mdp, actions)
    value = policy_value(mdp, policy)
    return Certified(lower=value, upper=_upper(mdp, value), method="adaptive greedy", policy=policy, model=mdp)


def _element(mdp: SubmodularMDP, h: int, state: int) -> int:
    return state + h * mdp.n_states if mdp.counts_visits else state


def _most_promising(mdp: SubmodularMDP, h: int, laws: list[list[tuple[Node, float]]], tally: Tally) -> int:
    """Return the first action of largest expected gain."""
    gain = {after[0]: 0.0 for law in laws for after, _ in law}
    for state in gain:
        gain[state] = tally.gain(_element(mdp, h + 1, state))
    expected = [math.fsum(p * gain[after[0]] for after, p in law) for law in laws]
    return expected.index(max(expected))


def _upper(mdp: SubmodularMDP, value: float) -> float:
    """Return the smallest bound that single elements and, in bandit dynamics, the theorem give."""
    upper, factor = oracle_bound(mdp).value, greedy_factor(mdp)
    if factor == 0:
        return upper
    first = float(mdp.mu @ mdp.F.tally().gains()[: mdp.n_states])
    return min(upper, bounds.greedy_optimum(value, first, factor))


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

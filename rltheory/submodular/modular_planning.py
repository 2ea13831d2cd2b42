r"""Modular planning: forget that returns diminish, and plan with the worth of single states.

.. math:: \pi_{mod} \in \arg\max_\pi \mathbb{E}_\pi \sum_{h=0}^{H} F(\{s_h\})

is an ordinary MDP. With total curvature c of F it reaches $(1 - c) J^*$, if no element is touched twice; and the value
of its plan is an upper bound. Where a state may be visited again the plan counts it again: it sits still on the best
state, which is why diminishing returns need planning of their own. (ModPO of Prajapat, Mutny, Zeilinger and Krause
2024 is this plan, found by policy gradients.)
"""

from __future__ import annotations

import numpy as np

from rltheory.planning import backward_induction
from rltheory.submodular.certified import Certified
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import only_path
from rltheory.submodular.relaxation.oracle import modular_bound, oracle_bound


def modular_planning(mdp: SubmodularMDP) -> Certified:
    """Plan with the sum of single elements by backward induction, and evaluate the plan with F.

    Parameters
    ----------
    mdp : SubmodularMDP
        Any; F monotone and submodular (for the upper bound).

    Returns
    -------
    Certified
        ``policy`` is a Markov policy, int (H, n_states); ``history`` holds what the plan promised itself.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> line = np.array([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1]]])
    >>> mdp = SubmodularMDP(line, Coverage.from_sets([[0], [1], [2]], weights=[2, 1, 1]), H=4, mu=0)
    >>> answer = modular_planning(mdp)
    >>> answer.path, answer.value, answer.history.round(9)
    (array([0, 0, 0, 0, 0]), 2.0, array([10.]))
    """
    singles = modular_bound(mdp)
    weight = np.maximum(mdp.F.tally().gains(), 0.0).reshape(-1, mdp.n_states)
    policy = backward_induction(mdp.with_rewards(weight if mdp.counts_visits else weight[0])).policy
    path = only_path(mdp, policy)
    return Certified(
        lower=policy_value(mdp, policy),
        upper=min(singles.value, oracle_bound(mdp).value),
        method="modular planning",
        policy=policy,
        path=path,
        gains=None if path is None else mdp.F.gains_along(mdp.elements(path[None]))[0],
        history=np.array([singles.value]),
        model=mdp,
    )

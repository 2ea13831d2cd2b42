r"""One trial or many: the expected worth of what one run touches, and the worth of what all runs visit on average.

A concave utility of the *average* visits, $G(\mathbb{E}_\pi n)$, is what reinforcement learning with general utilities
maximises: it judges infinitely many runs together. $J(\pi) = \mathbb{E}_\pi[F(\tau)]$ judges each run by itself. With
$F(\tau) \le G(n)$ and Jensen's inequality

.. math:: J(\pi) \;\le\; \mathbb{E}_\pi[G(n)] \;\le\; G(\mathbb{E}_\pi n),

and the gap is real: a policy that goes left or right with equal chance touches half in each run, and everything on
average. (Mutti, De Santi, De Bartolomeis and Restelli 2022, of finite trials.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rltheory.models import CriterionError
from rltheory.planning import occupancy
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.concave import concave_relaxation
from rltheory.submodular.relaxation.frank_wolfe import expected_visits
from rltheory.submodular.relaxation.linear import linear_relaxation


@dataclass(frozen=True, slots=True)
class Trials:
    """What a policy is worth by one run, and by the average of many.

    Parameters
    ----------
    one : float
        J, the expected worth of what one run touches, in reward units.
    many : float
        G of the expected visits, in reward units.
    """

    one: float
    many: float

    @property
    def gap(self) -> float:
        """How much the average of many runs flatters each of them."""
        return self.many - self.one


def finite_trials(mdp: SubmodularMDP, policy: Any) -> Trials:
    """Compare the worth of one run with that of the average visits of many.

    Parameters
    ----------
    mdp : SubmodularMDP
        With an F that has a linear or a concave relaxation here, which is G.
    policy : array_like
        A Markov policy, int (n_states,) or (H, n_states), or float with an axis of actions more.

    Returns
    -------
    Trials

    Raises
    ------
    CriterionError
        If F has no relaxation here.
    ModelError
        If the policy does not fit the model.

    References
    ----------
    Mutti, De Santi, De Bartolomeis and Restelli (2022).

    Examples
    --------
    Left or right from the middle, and no way back: one of the two in each run, both on average.

    >>> import numpy as np
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> fork = np.array([[[0, 1, 0], [0, 0, 1]], [[0, 1, 0]] * 2, [[0, 0, 1]] * 2])
    >>> mdp = SubmodularMDP(fork, Coverage.from_sets([[], [0], [1]]), H=2, mu=0)
    >>> finite_trials(mdp, np.full((3, 2), 0.5))
    Trials(one=1.0, many=2.0)
    """
    visits = expected_visits(mdp, occupancy(mdp.dynamics, policy))
    try:
        many = concave_relaxation(mdp.F).value(visits)
    except CriterionError:
        many = linear_relaxation(mdp.F).value(visits)
    return Trials(one=policy_value(mdp, policy), many=many)

r"""Frank and Wolfe's algorithm over occupancies: ascent of a concave function of visits, whose steps are ordinary MDPs.

At visits n the gradient is a reward for each visit; backward induction finds the policy that it likes best, with visits
m, and the iterate moves towards m (Frank and Wolfe 1956; Hazan, Kakade, Singh and Van Soest 2019 for occupancies). The
same pass proves a bound, since G lies below its tangent planes:

.. math:: \max_\pi G(\mathbb{E}_\pi n) \;\le\; G(n) + \nabla G(n) \cdot (m - n) ,

so the smallest of these over all rounds is reported, and the *duality gap* $\nabla G(n) \cdot (m - n)$ says how far it
may still fall.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import ModelError
from rltheory.planning import backward_induction, occupancy
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation.concave import ConcaveRelaxation, concave_relaxation
from rltheory.submodular.relaxation.majorant import UpperBound, additive_bound

_BISECTIONS = 20


def frank_wolfe_bound(
    mdp: SubmodularMDP,
    relaxation: ConcaveRelaxation | None = None,
    *,
    tol: float = 1e-3,
    max_rounds: int = 100,
) -> UpperBound:
    """Bound every policy by the largest value of a concave function of expected visits.

    Parameters
    ----------
    mdp : SubmodularMDP
        With an F that `concave_relaxation` knows, unless the relaxation is given.
    relaxation : ConcaveRelaxation, optional
        A function for F; by default that of its family.
    tol : float
        Duality gap at which to stop, in reward units.
    max_rounds : int
        Stop after so many rounds in any case; the bound is proven after each.

    Returns
    -------
    UpperBound
        ``visits`` are those of the last iterate, ``history`` the smallest bound after each round.

    Raises
    ------
    CriterionError
        If F has no concave relaxation here.
    ModelError
        If ``tol`` is not positive or ``max_rounds`` is below 1.

    References
    ----------
    Frank and Wolfe (1956), An algorithm for quadratic programming; Hazan, Kakade, Singh and Van Soest (2019).

    Examples
    --------
    Two states along orthogonal features, and three measurements to make: the first is at state 0.

    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.design import DDesign
    >>> free = np.array([[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    >>> mdp = SubmodularMDP(free, DDesign([[1.0, 0.0], [0.0, 1.0]], repeats=True), H=2, mu=0)
    >>> round(frank_wolfe_bound(mdp, tol=1e-6).value, 4), round(float(np.log(2.5)), 4)
    (0.9163, 0.9163)
    """
    if not tol > 0 or max_rounds < 1:
        raise ModelError(f"tol is {tol} and max_rounds {max_rounds}; they must be positive")
    G = concave_relaxation(mdp.F) if relaxation is None else relaxation
    visits = expected_visits(mdp, occupancy(mdp.dynamics, _uniform(mdp)))
    best, best_majorant, history = np.inf, None, []
    for _ in range(max_rounds):
        majorant = G.majorant(visits)
        bound = additive_bound(mdp, majorant)
        if bound < best:
            best, best_majorant = bound, majorant
        history.append(best)
        weight = majorant.weight.reshape(-1, mdp.n_states)
        policy = backward_induction(mdp.with_rewards(weight if mdp.counts_visits else weight[0])).policy
        towards = expected_visits(mdp, occupancy(mdp.dynamics, policy)) - visits
        if majorant.weight @ towards <= tol:
            break
        visits = visits + _step(G, visits, towards) * towards
    return UpperBound(best, "Frank-Wolfe in occupancies", best_majorant, visits=visits, history=np.array(history))


def expected_visits(mdp: SubmodularMDP, occupancies: np.ndarray) -> np.ndarray:
    """Return the expected visits to each element that occupancies of pairs make.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    occupancies : ndarray, shape (H, n_pairs)
        Expected visits to each pair at each step.

    Returns
    -------
    ndarray, shape (n_elements,)
    """
    dynamics = mdp.dynamics
    arrivals = np.stack([mdp.mu, *(dynamics.rows(h).T @ occupancies[h] for h in range(mdp.H))])
    return arrivals.ravel() if mdp.counts_visits else arrivals.sum(axis=0)


def _uniform(mdp: SubmodularMDP) -> np.ndarray:
    """Return the policy that takes all actions of a state with one probability, (n_states, n_actions)."""
    counts = mdp.action_counts[:, None]
    return np.where(np.arange(mdp.n_actions) < counts, 1 / counts, 0.0)


def _step(G: ConcaveRelaxation, visits: np.ndarray, towards: np.ndarray) -> float:
    """Return the step in [0, 1] that maximises G on the way, by golden section."""
    golden = (np.sqrt(5) - 1) / 2
    low, high = 0.0, 1.0
    left, right = 1 - golden, golden
    value_left, value_right = G.value(visits + left * towards), G.value(visits + right * towards)
    for _ in range(_BISECTIONS):
        if value_left >= value_right:
            high, right, value_right = right, left, value_left
            left = high - golden * (high - low)
            value_left = G.value(visits + left * towards)
        else:
            low, left, value_left = left, right, value_right
            right = low + golden * (high - low)
            value_right = G.value(visits + right * towards)
    return float((low + high) / 2)

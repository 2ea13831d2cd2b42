r"""Distributional value iteration: for a functional K of the law of :math:`c_0 + G`, on states with stock.

.. math:: \eta_{n+1}(s, c) = \text{law of } R + \gamma\, G_n\!\big(S', \tfrac{c + R}{\gamma}\big)
          \text{ under } a^* \in \arg\max_a K\big(c + R + \gamma\, G_n(S', \tfrac{c + R}{\gamma})\big)

(Pires et al. 2025). If K is indifferent to mixtures and to the discount, n sweeps are optimal for n steps, over all
policies that remember their history. For a horizon without end let :math:`\eta_0` be the constant m in the middle of
the range of returns, D half of that range, and K L-Lipschitz in :math:`w_1`. Then, after n sweeps,

.. math:: F_K \eta_n - L \gamma^n D \;\le\; F_K \eta^\pi \;\le\; F_K^* \;\le\; F_K \eta_n + L \gamma^n D

for the policy :math:`\pi` that plays the greedy actions of sweeps n, n - 1, ..., 1 and then anything. The laws are
exact, on the nodes that can be met from the start: without a horizon that is for heavy discounts, or few returns.
"""

from __future__ import annotations

import numpy as np

from rltheory.distributional.functional import Functional
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.node_laws import LawProblem, law_problem
from rltheory.distributional.requirements import Convention
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.models import OutcomeModel
from rltheory.planning.best_rows import best_rows


def distributional_value_iteration(
    model: OutcomeModel,
    functional: Functional,
    *,
    H: int | None = None,
    stock: float = 0.0,
    start: int | None = None,
    convention: Convention = "rescaled",
    tol: float = 1e-2,
    tie: float = 1e-12,
    unproven: bool = False,
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Maximise a functional of the law of ``stock + G`` by dynamic programming on laws.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    functional : Functional
        K, larger is better.
    H : int, optional
        Number of steps; without it the horizon has no end, and ``gamma < 1``.
    stock : float
        Stock at step 0, in reward units: minus a target, say.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``, and K is that of the mixture.
    convention : {"rescaled", "absolute"}
        Whether actions are compared by K of :math:`c_t + G_t`, as in the recursion above, or of
        :math:`c_0 + G = \gamma^t (c_t + G_t)`, which works for functionals that are not indifferent to the discount.
    tol : float
        Largest gap of the answer without a horizon, in units of K: it decides how many steps are unfolded.
    tie : float
        Actions whose K is within ``tie * (1 + |K|)`` of the best are ties, and go to the lowest.
    unproven : bool
        Whether to run for a functional that theory does not allow. The law and the value are then still those of the
        policy found, but it may not be the best, and ``upper`` is infinite.
    max_nodes : int
        Limit on nodes.

    Returns
    -------
    StockSolution
        With a horizon, ``lower`` and ``upper`` are the value, which is exact up to ties and rounding (`unfold` takes
        stocks within 1e-10 of the largest reward for equal). Without one, ``lower <= K of the policy's law <= optimum
        <= upper``, and the law is of the steps unfolded, followed by the constant in the middle of what can be returned
        afterwards.

    Raises
    ------
    CriterionError
        If the functional is not indifferent to mixtures or (rescaled) to the discount, unless ``unproven``; if it is
        not Lipschitz, or gamma is 1, without a horizon; if gamma is 0 with rescaled stock; if there are too many nodes.
        The message says what can be used instead.
    ModelError
        If an argument does not fit the model.

    References
    ----------
    Pires et al. (2025), Optimizing return distributions with distributional dynamic programming.

    Examples
    --------
    A sure 1 or a coin worth 0 or 3, twice, when the shortfall below 3 counts:

    >>> import numpy as np
    >>> import rltheory as rl
    >>> from rltheory.distributional.value_iteration import distributional_value_iteration
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> from rltheory.distributional import risk
    >>> best = distributional_value_iteration(offer, risk.ExpectedUtility.shortfall(), H=2, stock=-3.0)
    >>> best
    StockSolution(-0.75, exact; initial stock -3; distributional value iteration, exact)
    >>> best.law
    DiscreteLaw({0: 0.25, 3: 0.25, 4: 0.5})
    """
    problem = law_problem(
        model,
        functional,
        H=H,
        stock=stock,
        start=start,
        convention=convention,
        tol=tol,
        unproven=unproven,
        max_nodes=max_nodes,
    )
    laws, greedy = problem.last_laws(), []
    for t in reversed(range(problem.unfolded.H)):
        laws, actions = _best_laws(problem, t, laws, tie)
        greedy.append(actions)
    return answer(problem, StockPolicy.deterministic(problem.unfolded, greedy[::-1]), "distributional value iteration")


def answer(problem: LawProblem, policy: StockPolicy, algorithm: str, history: tuple[float, ...] = ()) -> StockSolution:
    """Return a policy with its law and value, and the bounds that the problem gives."""
    value, law = problem.outcome(policy)
    kind = "exact" if problem.error == 0 else f"{problem.unfolded.H} steps"
    return StockSolution(
        value=value,
        lower=value - problem.error,
        upper=value + problem.error if problem.proven else np.inf,
        stock=problem.stock,
        policy=policy,
        law=law,
        method=f"{algorithm}, {kind if problem.proven else 'unproven'}",
        history=history,
    )


def _best_laws(
    problem: LawProblem, t: int, following: list[DiscreteLaw], tie: float
) -> tuple[list[DiscreteLaw], np.ndarray]:
    """Return the law of each node of step t under its best action, and the actions."""
    layer, rows = problem.unfolded.layers[t], problem.row_laws(t, following)
    worth = np.array([problem.worth(t, law) for law in rows])
    best = np.maximum.reduceat(worth, layer.row_start[:-1])
    _, actions = best_rows(worth, layer.row_start, tie * (1 + np.abs(best)))
    return [rows[i] for i in layer.row_start[:-1] + actions], actions

r"""Distributional policy iteration: evaluate the laws of a policy at every node, then improve it by K.

.. math:: \pi_{k+1}(s, c) \in \arg\max_a K\big(c + R + \gamma\, G^{\pi_k}(S', \tfrac{c + R}{\gamma})\big),
          \quad\text{and } \pi_k(s, c) \text{ if it is among them.}

For functionals that are indifferent to mixtures and to the discount, :math:`F_K \eta^{\pi_k}` never falls, and after k
improvements the last k steps are optimal: at most H improvements are needed, and with a Lipschitz functional

.. math:: F_K^* - F_K \eta^{\pi_k} \le L \gamma^k \frac{r_{\max} - r_{\min}}{1 - \gamma}

(Pires et al. 2025). Evaluation is exact, on the nodes that can be met from the start.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.distributional.functional import Functional
from rltheory.distributional.node_laws import LawProblem, law_problem
from rltheory.distributional.requirements import Convention
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.value_iteration import answer
from rltheory.models import ModelError, OutcomeModel
from rltheory.planning.best_rows import best_rows


def distributional_policy_iteration(
    model: OutcomeModel,
    functional: Functional,
    *,
    H: int | None = None,
    stock: float = 0.0,
    start: int | None = None,
    policy: Any = None,
    convention: Convention = "rescaled",
    tol: float = 1e-2,
    tie: float = 1e-12,
    unproven: bool = False,
    max_nodes: int = 200_000,
) -> StockSolution:
    """Maximise a functional of the law of ``stock + G`` by improving a policy until no action is better.

    Parameters
    ----------
    model, functional, H, stock, start, convention, tol, tie, unproven, max_nodes
        As for `distributional_value_iteration`. An action is replaced only by one that is better by more than
        ``tie * (1 + |K|)``, the lowest of the best.
    policy : array_like of int, shape (n_states,), optional
        Stationary policy to begin with; by default the lowest action everywhere.

    Returns
    -------
    StockSolution
        Its ``history`` holds K at the start for each policy, the first one included: it never falls unless
        ``unproven``, and has at most H + 1 entries.

    Raises
    ------
    CriterionError
        As for `distributional_value_iteration`.
    ModelError
        If an argument does not fit the model.

    References
    ----------
    Pires et al. (2025), Optimizing return distributions with distributional dynamic programming.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional import risk
    >>> from rltheory.distributional.policy_iteration import distributional_policy_iteration
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> distributional_policy_iteration(offer, risk.ExpectedUtility.shortfall(), H=2, stock=-3.0).history
    (-1.0, -1.0, -0.75)
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
    first = _checked_policy(model, policy)
    actions = [first[layer.state] for layer in problem.unfolded.layers[:-1]]
    history: list[float] = []
    while True:
        followed = StockPolicy.deterministic(problem.unfolded, actions)
        history.append(problem.outcome(followed)[0])
        improved = _improved(problem, actions, tie)
        if all(map(np.array_equal, improved, actions)):
            return answer(problem, followed, "distributional policy iteration", tuple(history))
        actions = improved


def _improved(problem: LawProblem, actions: list[np.ndarray], tie: float) -> list[np.ndarray]:
    """Return the greedy actions for the laws of the given ones, which are kept where nothing is better.

    Step t depends on the actions of later steps only, so that after k rounds the last k steps no longer change.
    """
    laws, found = problem.last_laws(), []
    for t in reversed(range(problem.unfolded.H)):
        layer, rows = problem.unfolded.layers[t], problem.row_laws(t, laws)
        worth = np.array([problem.worth(t, law) for law in rows])
        current = layer.row_start[:-1] + actions[t]
        found.append(_improvement(worth, layer.row_start, current, tie) - layer.row_start[:-1])
        laws = [rows[i] for i in current]
    return found[::-1]


def _improvement(worth: np.ndarray, row_start: np.ndarray, current: np.ndarray, tie: float) -> np.ndarray:
    best = np.maximum.reduceat(worth, row_start[:-1])
    slack = tie * (1 + np.abs(best))
    _, action = best_rows(worth, row_start, slack)
    return np.where(worth[current] >= best - slack, current, row_start[:-1] + action)


def _checked_policy(model: OutcomeModel, policy: Any) -> np.ndarray:
    chosen = np.zeros(model.n_states, dtype=np.int64) if policy is None else np.asarray(policy)
    if chosen.shape != (model.n_states,) or chosen.dtype.kind not in "iu":
        raise ModelError(f"policy has shape {chosen.shape} and type {chosen.dtype}; it is one action for each state")
    bad = np.flatnonzero((chosen < 0) | (chosen >= model.action_counts))
    if bad.size:
        s = bad[0]
        raise ModelError(f"policy takes action {chosen[s]} in state {s}, which has {model.action_counts[s]} actions")
    return chosen

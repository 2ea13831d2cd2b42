r"""The largest and the smallest probability of ever reaching a goal, with proven bounds.

.. math:: v^*(s) = \max_\pi \Pr\nolimits^\pi_s(\text{some } s_t \in \text{goal}), \qquad
          v^*(s) = \max_a \sum_{s'} P(s' \mid s, a)\, v^*(s') \text{ away from the goal}

and the same with min. There is no discount to contract the distance, and two things go wrong if that is overlooked.

* *A stop on small changes is unsound.* On `mdps.unsound_chain` the answer is 0.5, and value iteration whose last sweep
  changed nothing by more than 0.001 stops at 0.001.
* *The equation has many solutions.* In an end component away from the goal every large enough constant is a fixed
  point of the maximum, so that an iteration from above gets stuck there.

So the graph is asked first (`qualitative`): states of probability 0 and 1 are decided, and for the maximum the end
components among the others are merged, which can be left at will and gain nothing by staying (Haddad and Monmege 2014;
Brazdil et al. 2014). For the minimum no end component is left, since staying in it would avoid the goal. Every policy
of what remains ends almost surely, and the equation has one solution. It is approached from below and above,

.. math:: l \leftarrow \max(l, \lfloor T l \rfloor), \qquad u \leftarrow \min(u, \lceil T u \rceil),

rounded outwards, until the width is within the tolerance. The policy takes the action by which ``l(s)`` was last
raised, so that :math:`l \le T_\pi l`, which proves :math:`l \le v^\pi`. Where this would take too long, policy
iteration takes over (`total_reward`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError
from rltheory.planning import _total_kernels
from rltheory.planning._graph import Graph, graph_of
from rltheory.planning.pace import steps_at_once
from rltheory.planning.qualitative import almost_surely, avoiding, checked_goal
from rltheory.planning.quotient import Quotient, quotient, require_graph_memory
from rltheory.planning.solution import Criterion, Progress, Solution
from rltheory.planning.total_reward import answer, heading_for_the_ends, prove, unfolded_tails
from rltheory.planning.total_values import Value, swept
from rltheory.planning.value_iteration import checked_tol

_SWEEPS_AT_ONCE = 16
_MOST_SWEEPS = 1024


def maximal_reachability(mdp: MDP, goal: Any, *, tol: float = 1e-8, progress: Progress | None = None) -> Solution:
    """Compute the largest probability of ever reaching a goal, and a policy that attains it.

    Rewards and the discount are ignored; goal states are taken as absorbing.

    Parameters
    ----------
    mdp : MDP
        The model. Its rows are read as weights: each stands for the distribution proportional to it.
    goal : int, array_like of int, or array_like of bool, shape (n_states,)
        The goal states.
    tol : float
        Accuracy of the answer, a probability: ``solution.gap <= tol`` unless the status says otherwise.
    progress : callable, optional
        Called every few sweeps as ``progress(sweeps, width)``.

    Returns
    -------
    Solution
        ``lower <= v^policy <= v* <= upper``, within [0, 1], exact where the probability is 0 or 1.

    Raises
    ------
    ModelError
        If the goal is empty or names a state that does not exist, or ``tol`` is not positive.
    MemoryError
        If the model is too large for the memory that is available.

    Warns
    -----
    ConvergenceWarning
        If rounding keeps the gap above ``tol``.

    References
    ----------
    Haddad and Monmege (2014); Baier and Katoen (2008), section 10.6.1.

    Examples
    --------
    Bold play reaches a fortune of 4 from 1 with probability 0.4 * 0.4:

    >>> import mdps
    >>> solution = maximal_reachability(mdps.gambler(4), goal=4)
    >>> solution.value.round(6)
    array([0.  , 0.16, 0.4 , 0.64, 1.  ])

    Plain value iteration would report 0.001 here:

    >>> chain = mdps.unsound_chain(10)
    >>> round(maximal_reachability(chain, goal=20).start_value, 6)
    0.5
    """
    checked_tol(tol)
    goal, graph = _goal_and_graph(mdp, goal)
    everything = np.ones(mdp.n_pairs, dtype=bool)
    never = ~graph.attract(goal, everything)[0]
    towards, surely = almost_surely(graph, goal)
    problem = quotient(mdp, graph, (never, surely), (0.0, 1.0), reward=np.zeros(mdp.n_pairs), free=everything)
    pairs = np.where(towards >= 0, towards, mdp.pair_start[:-1])
    lower, upper, found = _solve(problem, pairs, tol, progress)
    return answer(mdp, lower, upper, Criterion.MAXIMAL_REACHABILITY, tol=tol, goal=goal, **found)


def minimal_reachability(mdp: MDP, goal: Any, *, tol: float = 1e-8, progress: Progress | None = None) -> Solution:
    """Compute the smallest probability of ever reaching a goal, and a policy that attains it.

    Mind the orientation: the policy minimises, so that its value lies *above* the optimum.

    Parameters
    ----------
    mdp, goal, tol, progress
        As for `maximal_reachability`.

    Returns
    -------
    Solution
        ``lower <= v* <= v^policy <= upper``, within [0, 1], exact where the probability is 0 or 1.

    Raises
    ------
    ModelError, MemoryError
        As for `maximal_reachability`.

    Warns
    -----
    ConvergenceWarning
        If rounding keeps the gap above ``tol``.

    References
    ----------
    Haddad and Monmege (2014); Baier and Katoen (2008), section 10.6.1.

    Examples
    --------
    A gambler bound to lose stakes timidly, if the game is unfair:

    >>> import mdps
    >>> solution = minimal_reachability(mdps.gambler(4, p_heads=0.4), goal=4)
    >>> solution.value.round(6), solution.policy
    (array([0.      , 0.123077, 0.307692, 0.584615, 1.      ]), array([0, 0, 0, 0, 0]))
    """
    checked_tol(tol)
    goal, graph = _goal_and_graph(mdp, goal)
    avoids, safe = avoiding(graph, goal)
    always = ~graph.attract(avoids, ~goal[graph.pair_state])[0]
    nothing = np.zeros(mdp.n_pairs)
    problem = quotient(mdp, graph, (avoids, always), (0.0, -1.0), reward=nothing, free=nothing.astype(bool))
    pairs = mdp.pair_start[:-1].copy()
    staying = np.flatnonzero(safe)[::-1]
    pairs[graph.pair_state[staying]] = staying
    low, high, found = _solve(problem, pairs, tol, progress)
    tails = found.pop("tails")
    lower, upper = 0.0 - high, 0.0 - low
    tails = None if tails is None else 0.0 - tails[::-1]
    return answer(mdp, lower, upper, Criterion.MINIMAL_REACHABILITY, tol=tol, goal=goal, tails=tails, **found)


def _goal_and_graph(mdp: MDP, goal: Any) -> tuple[np.ndarray, Graph]:
    if not isinstance(mdp, MDP):
        raise CriterionError(
            f"the probability of reaching a goal is defined for an MDP, not for a {type(mdp).__name__}"
        )
    goal = checked_goal(mdp, goal)
    require_graph_memory(mdp)
    return goal, graph_of(mdp.P, mdp.pair_start)


def _solve(
    problem: Quotient, pairs: np.ndarray, tol: float, progress: Progress | None
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Maximise the value of the end that is reached, in the quotient; return bounds and the answer's other fields."""
    if problem.n_states == 0:
        v, policy = problem.unfold(np.empty(0)), pairs - problem.graph.pair_start[:-1]
        return v, v.copy(), _fields(policy, [], "graph algorithms alone")
    lower, upper, chosen, widths = _interval_iteration(problem, tol, progress)
    low, high, method = Value(lower), Value(upper), "interval iteration"
    if not widths[-1] <= tol:
        proof = prove(problem, *swept(problem, lower, chosen), _never, tol, widest=tol)
        if np.isfinite(proof.lower.v).all():
            low, chosen = proof.lower, proof.chosen
            high = proof.upper if np.isfinite(proof.upper.v).all() else high
            method = "interval iteration, then policy iteration"
    low, high = (_clipped(bound, *sorted(problem.decided)) for bound in (low, high))
    tails = unfolded_tails(problem, low, high)
    policy = problem.unfold_policy(chosen, pairs)
    return problem.unfold(low.v), problem.unfold(high.v), _fields(policy, widths, method, tails)


def _fields(policy: np.ndarray, widths: list[float], method: str, tails: np.ndarray | None = None) -> dict[str, Any]:
    rounds = {"history": np.asarray(widths, dtype=np.float64), "iterations": len(widths), "method": method}
    return {"policy": policy, "tails": tails, **rounds}


def _clipped(bound: Value, least: float, most: float) -> Value:
    """Return a bound, replaced by what no value exceeds, which leaves its inequality true."""
    v = np.clip(bound.v, least, most)
    return Value(v, None if bound.tail is None else np.where(v == bound.v, bound.tail, 0.0))


def _interval_iteration(
    problem: Quotient, tol: float, progress: Progress | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[float]]:
    """Sweep from below and above until the width is within tol, or would not be for long."""
    least, most = sorted(problem.decided)
    lower, upper = (problem.extended(np.full(problem.n_states, end)) for end in (least, most))
    chosen = heading_for_the_ends(problem)
    widths: list[float] = []
    at_once = steps_at_once(problem.rows.nnz, most=_SWEEPS_AT_ONCE)
    while True:
        latest = np.empty(at_once)
        _total_kernels.interval_sweeps(*problem.arrays(), problem.pair_start, lower, upper, chosen, latest)
        widths.extend(latest.tolist())
        if progress is not None:
            progress(len(widths), float(widths[-1]))
        if widths[-1] <= tol or len(widths) >= _MOST_SWEEPS or _sweeps_left(widths, tol) > _MOST_SWEEPS:
            return lower[:-2], upper[:-2], chosen, widths


def _sweeps_left(widths: list[float], tol: float) -> float:
    """Predict how many more sweeps are needed, at the rate of the latest ones."""
    latest = widths[-_SWEEPS_AT_ONCE:]
    if len(latest) < _SWEEPS_AT_ONCE:
        return 0.0
    ratio = (latest[-1] / latest[0]) ** (1 / (len(latest) - 1))
    return math.log(tol / widths[-1]) / math.log(ratio) if ratio < 1 else math.inf


def _never(chosen: np.ndarray, stranded: np.ndarray) -> None:
    """Every policy of this quotient reaches the ends."""

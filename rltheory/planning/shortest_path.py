r"""Stochastic shortest paths: the largest total reward until a goal is reached, with rewards of both signs.

.. math:: v^*(s) = \max_\pi E^\pi_s \sum_{t < \tau} r(s_t, a_t), \qquad \tau = \min\{t : s_t \in \text{goal}\},

over the policies that reach the goal almost surely. The problem is well posed if such a *proper* policy exists from
every state, and if every other policy loses without bound where it fails to arrive (Bertsekas and Tsitsiklis 1991). The
graph decides the first. The second holds if the average reward of every end component away from the goal is negative;
the vector that proves the upper bound proves that too (`total_reward`). If it does not hold, policy iteration runs into
a policy with a closed class whose average reward is not negative, and the sign is decided in exact arithmetic
(`cycles`).

End components in which every reward is zero are an exception that does no harm: they are merged into one state
(de Alfaro 1997). A policy that stays there for ever earns 0 and is not counted, since it is not proper.

The answer comes from Gauss-Seidel sweeps outwards from the goal, then policy iteration, then the proof of
`total_reward`. Rows are read as weights: each stands for the distribution proportional to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError
from rltheory.planning._graph import Graph, graph_of
from rltheory.planning.cycles import average_reward_sign
from rltheory.planning.qualitative import almost_surely, checked_goal
from rltheory.planning.quotient import Quotient, quotient, require_graph_memory
from rltheory.planning.solution import Criterion, Solution
from rltheory.planning.total_reward import answer, heading_for_the_ends, prove, repaired, unfolded_tails
from rltheory.planning.total_values import Value, gains, roughly, swept
from rltheory.planning.value_iteration import checked_tol

_STATES_SHOWN = 5


def shortest_path(mdp: MDP, goal: Any = None, *, tol: float = 1e-8) -> Solution:
    """Maximise the total reward, without a discount, until a goal is reached.

    Parameters
    ----------
    mdp : MDP
        With ``gamma = 1``; rewards of both signs.
    goal : int, array_like of int, or array_like of bool, shape (n_states,), optional
        Where episodes end; rewards and transitions of these states are ignored. By default the absorbing states without
        reward.
    tol : float
        Accuracy that the answer must have, in reward units. The algorithm is exact up to rounding whatever ``tol``.

    Returns
    -------
    Solution
        ``lower <= v^policy <= v* <= upper``; the policy is proper. One round of ``iterations`` is the evaluation of a
        policy.

    Raises
    ------
    CriterionError
        If ``gamma`` is not 1, if there is no goal, or if the problem is not well posed: the message names the states
        that cannot reach the goal almost surely, or a cycle that earns a non-negative total.
    ModelError
        If the goal names a state that does not exist, or ``tol`` is not positive.
    MemoryError
        If the model is too large for the memory that is available.

    Warns
    -----
    ConvergenceWarning
        If rounding keeps the gap above ``tol``.

    References
    ----------
    Bertsekas and Tsitsiklis (1991), An analysis of stochastic shortest path problems.

    Examples
    --------
    >>> import mdps
    >>> round(shortest_path(mdps.cliff_walking(gamma=1.0)).start_value, 6)
    -13.0
    """
    checked_tol(tol)
    goal, graph = _well_posed_goal(mdp, goal)
    nowhere = np.zeros(mdp.n_states, dtype=bool)
    problem = quotient(mdp, graph, (goal, nowhere), (0.0, 0.0), reward=mdp.r, free=mdp.r == 0)
    pairs = mdp.pair_start[:-1]
    if problem.n_states == 0:
        zero = np.zeros(mdp.n_states)
        no_rounds: dict[str, Any] = {
            "history": np.empty(0),
            "iterations": 0,
            "method": "graph algorithms alone",
            "goal": goal,
        }
        return answer(
            mdp, zero, zero, Criterion.TOTAL_REWARD, tol=tol, policy=np.zeros(mdp.n_states, dtype=np.int64), **no_rounds
        )
    _refuse_paid_loops(mdp, problem)
    proof = prove(problem, *_first_guess(problem), _refusal(mdp, problem), tol)
    if not np.isfinite(proof.width):
        raise CriterionError(
            "the total reward could not be proven finite in float64: some policy takes too long to reach the goal, or"
            " some cycle earns next to nothing; rescale the rewards, or pass gamma < 1 to value_iteration"
        )
    return answer(
        mdp,
        problem.unfold(proof.lower.v),
        problem.unfold(proof.upper.v),
        Criterion.TOTAL_REWARD,
        tol=tol,
        policy=problem.unfold_policy(proof.chosen, pairs),
        history=np.empty(0),
        iterations=proof.rounds,
        method="policy iteration on the stochastic shortest path",
        goal=goal,
        tails=unfolded_tails(problem, proof.lower, proof.upper),
    )


def _well_posed_goal(mdp: MDP, goal: Any) -> tuple[np.ndarray, Graph]:
    """Return the goal, refusing a model in which it cannot be reached almost surely from everywhere."""
    if not isinstance(mdp, MDP):
        raise CriterionError(f"a shortest path is defined for an MDP, not for a {type(mdp).__name__}")
    if mdp.gamma != 1:
        raise CriterionError(
            f"gamma is {mdp.gamma:g}, and a shortest path is not discounted; mdp.replace(gamma=1.0) asks for one,"
            " value_iteration solves the discounted problem"
        )
    require_graph_memory(mdp)
    graph = graph_of(mdp.P, mdp.pair_start)
    if goal is None:
        goal = graph.count(graph.crosses(np.arange(mdp.n_states)) | (mdp.r != 0)) == 0
        if not goal.any():
            raise CriterionError("no state is absorbing without reward; name the goal, where episodes end")
    goal = checked_goal(mdp, goal)
    proper = almost_surely(graph, goal)[1]
    if not proper.all():
        lost = np.flatnonzero(~proper)
        raise CriterionError(
            f"no policy reaches the goal almost surely from {_states(mdp, lost)}; make them goal states, or leave them"
            " out (maximal_reachability tells how likely the goal is)"
        )
    return goal, graph


def _first_guess(problem: Quotient) -> tuple[np.ndarray, np.ndarray]:
    """Return values and a policy that reaches the goal, from sweeps that begin at a policy that heads for it."""
    chosen = heading_for_the_ends(problem)
    v, chosen = swept(problem, roughly(problem, chosen), chosen)
    return v, repaired(problem, chosen)


def _refuse_paid_loops(mdp: MDP, problem: Quotient) -> None:
    """Refuse a pair that earns something and stays where moving is free."""
    _, _, away = gains(problem, Value(np.zeros(problem.n_states)))
    paid = np.flatnonzero((away == 0) & (problem.reward > 0))
    if paid.size:
        pair = int(problem.pair[paid[0]])
        state = int(problem.graph.pair_state[pair])
        raise CriterionError(
            f"action {pair - mdp.pair_start[state]} of {_states(mdp, np.array([state]))} earns {mdp.r[pair]:.6g} and"
            f" can be repeated for ever; the total reward is unbounded: {_WAY_OUT}"
        )


_WAY_OUT = "give the cycle a negative reward, make one of its states a goal, or pass gamma < 1 to value_iteration"


def _refusal(mdp: MDP, problem: Quotient) -> Any:
    """Return the function that raises if a policy that never ends somewhere does not lose there without bound."""

    def refuse(chosen: np.ndarray, stranded: np.ndarray) -> None:
        for members in _closed_classes(problem, chosen, stranded):
            own = chosen[members]
            sign, average = average_reward_sign(problem.rows[own][:, members], problem.reward[own])
            if sign == -1:
                continue
            states = np.flatnonzero(np.isin(problem.place, members))
            earns = f"earns {average:.6g} a step on average" if sign else "earns a total of zero in each round"
            if sign is None:
                earns = f"earns {average:.3g} a step on average, whose sign float64 cannot tell"
            raise CriterionError(
                f"a cycle through {_states(mdp, states)} never reaches the goal and {earns}, so that the total reward"
                f" is not well posed: {_WAY_OUT}"
            )

    return refuse


def _closed_classes(problem: Quotient, chosen: np.ndarray, stranded: np.ndarray) -> list[np.ndarray]:
    """Return the recurrent classes of a policy among the states from which it never ends."""
    graph = problem.own_graph()
    taken = np.zeros(problem.reward.size, dtype=bool)
    taken[chosen[stranded]] = True
    component = graph.components(taken)
    left = component[graph.pair_state[graph.crosses(component) & taken]]
    closed = np.setdiff1d(component[:-2][stranded], left)
    return [np.flatnonzero(component[:-2] == label) for label in closed]


def _states(mdp: MDP, states: np.ndarray) -> str:
    """Name some states for a message."""
    shown = ", ".join(mdp.state_name(int(s)) for s in states[:_STATES_SHOWN])
    more = f" and {states.size - _STATES_SHOWN} more" if states.size > _STATES_SHOWN else ""
    return f"state{'s' if states.size > 1 else ''} {shown}{more}"

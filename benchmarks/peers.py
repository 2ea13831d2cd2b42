"""Our solver and its peers behind one signature, each used as its manual says.

A solver is a function of a model. It converts the model (its set-up, timed apart), and returns a function of the
solver's own tolerance, whose calls are what is timed. The value is fetched from the answer off the clock, since some
libraries hand it out number by number. A model that a peer cannot take raises `UnfitError`, with the reason.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory import MDP, ModelError
from rltheory.io import to_mdptoolbox, to_quantecon, with_discount_as_end

_LIST_ENTRIES = 20_000_000
_DENSE_ENTRIES = 20_000_000


class UnfitError(Exception):
    """The solver cannot take the model, for the reason given."""


@dataclass(frozen=True)
class Answer:
    """What a solver found: its value, fetched when asked for, and what it says about itself."""

    value: Callable[[], np.ndarray]
    note: str = ""


Solve = Callable[[float], Answer]


def rltheory(mdp: MDP) -> Solve:
    """`rltheory.solve`: its tolerance bounds the proven gap, and the time includes the proof."""
    import rltheory as rl

    def solve(tol: float) -> Answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rl.ConvergenceWarning)  # the true error is checked by the benchmark
            solution = rl.solve(mdp, tol=tol)
        return Answer(lambda: solution.value, solution.method)

    return solve


def quantecon_mpi(mdp: MDP) -> Solve:
    """QuantEcon's modified policy iteration, in product form if the model is dense and else in sparse pair form."""
    ddp = _discrete_dp(mdp)

    def solve(tol: float) -> Answer:
        result = ddp.solve(method="modified_policy_iteration", epsilon=tol, max_iter=10**9)
        return Answer(lambda: result.v)

    return solve


def quantecon_pi(mdp: MDP) -> Solve:
    """QuantEcon's policy iteration, exact up to rounding."""
    ddp = _discrete_dp(mdp)

    def solve(tol: float) -> Answer:
        result = ddp.solve(method="policy_iteration", max_iter=10**9)
        return Answer(lambda: result.v)

    return solve


def mdpsolver_mpi(mdp: MDP) -> Solve:
    """MDPSolver's modified policy iteration, in C++ with OpenMP.

    A model remembers its last solution and starts from it, so that every run is handed zeros to start from.
    """
    import mdpsolver

    _refuse_long_lists(mdp)
    model = mdpsolver.model()
    P, r, start, offsets = mdp.P, mdp.r.tolist(), mdp.pair_start.tolist(), mdp.P.indptr.tolist()
    states = list(itertools.pairwise(start))
    columns, prob = P.indices.tolist(), P.data.tolist()
    model.mdp(
        discount=mdp.gamma,
        rewards=[r[first:last] for first, last in states],
        tranMatProbs=[[prob[offsets[i] : offsets[i + 1]] for i in range(*pairs)] for pairs in states],
        tranMatColumns=[[columns[offsets[i] : offsets[i + 1]] for i in range(*pairs)] for pairs in states],
    )
    policy, value = [0] * mdp.n_states, [0.0] * mdp.n_states

    def solve(tol: float) -> Answer:
        model.solve(algorithm="mpi", tolerance=tol, initPolicy=policy, initValueVector=value)
        return Answer(lambda: np.array(model.getValueVector()))

    return solve


def storm_discounted(mdp: MDP) -> Solve:
    """Storm's operator for discounted rewards, which it solves by value iteration whatever method is set."""
    return _storm(mdp, {}, f'R{{"r"}}max=? [Cdiscount={mdp.gamma!r}]', "VALUE_ITERATION")


def storm_ovi(mdp: MDP) -> Solve:
    """Storm's optimistic value iteration, on the form in which discounting is a chance to end.

    It is the fastest of Storm's methods that bound their answer; its bounds do not account for rounding.
    """
    return _storm_total(mdp, "OPTIMISTIC_VALUE_ITERATION")


def storm_pi(mdp: MDP) -> Solve:
    """Storm's policy iteration, on the form in which discounting is a chance to end, with the solver of GMM++."""
    return _storm_total(mdp, "POLICY_ITERATION")


def mdptoolbox_vi(mdp: MDP) -> Solve:
    """Value iteration of pymdptoolbox on sparse matrices: its one method that works on large models.

    It stops when the *span* of the last change is small, and does not shift its value accordingly.
    """
    from mdptoolbox.mdp import ValueIteration

    solver = ValueIteration(*_toolbox_arrays(mdp), epsilon=1e-6)

    def solve(tol: float) -> Answer:
        solver.V, solver.iter, solver.max_iter = np.zeros(mdp.n_states), 0, 10**9
        solver.thresh = tol * (1 - mdp.gamma) / mdp.gamma  # what its constructor would make of epsilon = tol
        solver.run()
        return Answer(lambda: np.array(solver.V))

    return solve


def mdptoolbox_pi(mdp: MDP) -> Solve:
    """Policy iteration of pymdptoolbox, which makes a dense matrix of each policy."""
    from mdptoolbox.mdp import PolicyIteration

    if mdp.n_states**2 > _DENSE_ENTRIES:
        raise UnfitError(f"it makes a dense matrix of each policy, here with {mdp.n_states**2:.0e} entries")
    solver = PolicyIteration(*_toolbox_arrays(mdp))
    first_policy = solver.policy.copy()

    def solve(tol: float) -> Answer:
        solver.V, solver.policy, solver.iter = np.zeros(mdp.n_states), first_policy.copy(), 0
        solver.run()
        return Answer(lambda: np.array(solver.V))

    return solve


SOLVERS: dict[str, Callable[[MDP], Solve]] = {
    solver.__name__: solver
    for solver in (
        rltheory,
        quantecon_mpi,
        quantecon_pi,
        mdpsolver_mpi,
        storm_discounted,
        storm_ovi,
        storm_pi,
        mdptoolbox_vi,
        mdptoolbox_pi,
    )
}
"""Ours first, then the peers, by name."""

PACKAGES = {"quantecon": "quantecon", "mdpsolver": "mdpsolver", "storm": "stormpy", "mdptoolbox": "pymdptoolbox"}
"""The distribution that the solvers of a peer come from, by the first word of their names."""


def _discrete_dp(mdp: MDP) -> Any:
    from quantecon.markov import DiscreteDP

    counts, n = mdp.action_counts, mdp.n_states
    if mdp.P.nnz >= mdp.n_pairs * n / 2 and (counts == counts[0]).all():
        return DiscreteDP(mdp.r.reshape(n, -1), mdp.P.toarray().reshape(n, -1, n), mdp.gamma)
    return DiscreteDP(*to_quantecon(mdp))


def _refuse_long_lists(mdp: MDP) -> None:
    if mdp.P.nnz > _LIST_ENTRIES:
        raise UnfitError(f"its input is Python lists, here of {mdp.P.nnz:.0e} numbers")


def _storm_total(mdp: MDP, method: str) -> Solve:
    total, labels, constant = with_discount_as_end(mdp)
    solve = _storm(total, labels, 'R{"r"}max=? [F "done"]', method)

    def shifted(tol: float) -> Answer:
        answer = solve(tol)
        return Answer(lambda: answer.value()[:-1] - constant)

    return shifted


def _storm(mdp: MDP, labels: dict[str, np.ndarray], question: str, method: str) -> Solve:
    import stormpy
    from stormpy.environments import Environment, EquationSolverType, MinMaxMethod

    _refuse_long_lists(mdp)
    model = _storm_model(mdp, labels)
    formula = stormpy.parse_properties(question)[0]
    environment = Environment()
    environment.solver().set_linear_equation_solver_type(EquationSolverType.GMMXX)
    environment.solver().min_max().method = getattr(MinMaxMethod, method)
    parts = environment.solver().min_max(), environment.solver().native()

    def solve(tol: float) -> Answer:
        for part in parts:
            part.precision, part.relative_termination_criterion = stormpy.Rational(f"{tol:g}"), False
        answer = stormpy.model_checking(model, formula, environment=environment)
        return Answer(lambda: np.array(answer.get_value_vector()))

    return solve


def _storm_model(mdp: MDP, labels: dict[str, np.ndarray]) -> Any:
    """Return Storm's sparse model, made in memory."""
    from stormpy.datastructures import SparseMatrixBuilder
    from stormpy.models import SparseMdp, SparseModelComponents, SparseRewardModel, StateLabeling

    P = mdp.P
    rows = np.repeat(np.arange(mdp.n_pairs), np.diff(P.indptr))
    builder = SparseMatrixBuilder[float](
        rows=mdp.n_pairs,
        columns=mdp.n_states,
        entries=P.nnz,
        has_custom_row_grouping=True,
        row_groups=mdp.n_states,
    )
    builder.add_next_values(rows.tolist(), P.indices.tolist(), P.data.tolist(), mdp.pair_start[:-1].tolist())
    labelling = StateLabeling(mdp.n_states)
    marked: dict[str, Any] = {"init": [0], **labels}
    for label, states in marked.items():
        labelling.add_label(label)
        for state in states:
            labelling.add_label_to_state(label, int(state))
    rewards = SparseRewardModel[float](optional_state_action_reward_vector=mdp.r.tolist())
    parts = SparseModelComponents[float](
        transition_matrix=builder.build(), state_labeling=labelling, reward_models={"r": rewards}
    )
    return SparseMdp[float](parts)


def _toolbox_arrays(mdp: MDP) -> tuple[Any, ...]:
    try:
        return to_mdptoolbox(mdp, sparse=True)
    except ModelError as error:
        raise UnfitError("it needs the same number of actions in every state") from error

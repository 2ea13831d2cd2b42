r"""Upper bounds that hold for every policy: sums, linear programs, windows, concave functions of visits."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.submodular_function_strategies import (
    coverages,
    designs,
    facility_locations,
    monotone_functions,
    mutual_informations,
    probabilistic_coverages,
)
from mdps.submodular_strategies import either, submodular_mdps
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import FORK, STAR, free_choice, mixed
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.submodular import SubmodularMDP, bounds, finite_trials
from rltheory.submodular.functions import BudgetAdditive, DDesign, SetFunction
from rltheory.submodular.relaxation import (
    concave_relaxation,
    everything_bound,
    frank_wolfe_bound,
    gains_bound,
    linear_bound,
    modular_bound,
    window_bound,
)

_ANY = submodular_mdps(functions=lambda n: monotone_functions(n_elements=n), max_horizon=2)


def _concaves(n: int) -> st.SearchStrategy:
    return designs(n, repeats=True) | mutual_informations(n, repeats=True) | probabilistic_coverages(n)


def _oracle(mdp: SubmodularMDP, given: list[int]) -> Check:
    given = [v % mdp.F.n_elements for v in given]
    upper = [everything_bound(mdp).value, modular_bound(mdp).value, gains_bound(mdp, given).value]
    return Check.everywhere(oracles.optimum(mdp), upper)


oracle = Theorem(
    name="submodular-gains-bound",
    statement=(
        r"$J^* \le F(A) + \max_\pi E \sum_h F(s_h \mid A)$ for every set $A$; with no element this is the plan by"
        r" single elements, with all that is reachable it is what all is worth."
    ),
    source="nemhauser1978; derived here",
    assumptions=r"$F$ monotone submodular",
    instances=st.tuples(_ANY, st.lists(st.integers(0, 8), max_size=3)) | st.just((FORK, [1, 1])),
    check=_oracle,
    refutable=scaled(_oracle, rhs=0.99),
    tight=lambda: _oracle(STAR, []),
    tight_ratio=1 - 1e-9,
    attained_by="A star with two ends",
)


def _program(mdp: SubmodularMDP) -> Check:
    program = linear_bound(mdp).value
    # Half a visit may be enough for a budget that one visit exceeds, so that these programs can be above the plan.
    singles = program if isinstance(mdp.F, BudgetAdditive) else modular_bound(mdp).value
    return Check.everywhere([oracles.optimum(mdp), program], [program, singles])


program = Theorem(
    name="submodular-lp-bound",
    statement=(
        r"$J^* \le \max \sum_j w_j y_j$ over occupancies $d$ and $0 \le y_j \le \min(1, \sum_{v \in C_j} d(v))$, for"
        r" coverage; and this is at most the plan by single elements."
    ),
    source="derived here",
    assumptions=r"$F$ is a weighted coverage or facility location; the upper bound is also that of budgets",
    instances=submodular_mdps(functions=lambda n: either(n) | facility_locations(n), max_horizon=2) | st.just(STAR),
    check=_program,
    refutable=lambda mdp: Check(oracles.optimum(mdp), 0.99 * linear_bound(mdp).value),  # false: 1 % less
    tight=lambda: Check(oracles.optimum(STAR), linear_bound(STAR).value),
    tight_ratio=1 - 1e-9,
    attained_by="A star with two ends",
)

_STATIONARY = submodular_mdps(functions=lambda n: monotone_functions(n_elements=n), visits=False, max_horizon=2).filter(
    lambda mdp: mdp.dynamics.is_stationary
)


def _windows(mdp: SubmodularMDP, *, less: float = 1.0) -> Check:
    """Bound by longer and longer windows: above the optimum, falling, and the optimum once nothing is forgotten."""
    best = oracles.optimum(mdp)
    upper = [modular_bound(mdp).value, *(less * window_bound(mdp, memory=m).value for m in range(1, mdp.H + 2))]
    return Check.everywhere([best] * len(upper) + upper[1:] + upper[-1:], [*upper, *upper[:-1], best])


windows = Theorem(
    name="submodular-window-bound",
    statement=(
        r"$J^* \le \max_\pi E \sum_h F(s_h \mid W_h)$, where $W_h$ are the last $m$ distinct states before $s_h$; the"
        r" bound falls with $m$, from the plan by single elements to $J^*$ at $m = H + 1$."
    ),
    source="derived here",
    assumptions=r"$F$ of states, submodular; dynamics do not change with the step",
    instances=_STATIONARY | st.just(STAR),
    check=_windows,
    refutable=partial(_windows, less=0.99),  # false: 1 % less
)


def _visited(mdp: SubmodularMDP) -> Check:
    return Check(oracles.optimum(mdp), frank_wolfe_bound(mdp, max_rounds=2).value)


_MEASURED = free_choice(DDesign(np.eye(2), repeats=True), 1)
"""Two directions to measure, one after the other."""

visited = Theorem(
    name="submodular-concave-bound",
    statement=(
        r"$J^* \le \max_d G(d)$ over expected visits $d$, for every concave $G$ with $F(\tau) \le G(n)$ for the visits"
        r" $n$ of a path: $G(n) = \frac12 \log\det(I + \sigma^{-2} \sum_v n_v \phi_v \phi_v^\top)$ for measurements."
    ),
    source="derived here",
    assumptions=r"measurements that may be repeated, or a probabilistic coverage; any round of Frank-Wolfe",
    instances=submodular_mdps(functions=_concaves, max_states=2, max_horizon=2) | st.just(_MEASURED),
    check=_visited,
    refutable=scaled(_visited),
    tight=lambda: _visited(_MEASURED),
    tight_ratio=0.999,
    attained_by="One measurement",
)


_ONCE = DDesign(np.ones((1, 1)), repeats=True)


@st.composite
def _points(draw: DrawFn) -> tuple[SetFunction, np.ndarray, np.ndarray]:
    F = draw(st.integers(1, 3).flatmap(_concaves))
    visits = st.lists(st.integers(0, 4), min_size=F.n_elements, max_size=F.n_elements).map(np.array)
    return F, draw(visits) / 2, draw(visits)


def _tangent(F: SetFunction, at: np.ndarray, counts: np.ndarray, less: float = 1.0) -> Check:
    """Compare the worth of visits, as many as counted, with the plane that touches G elsewhere."""
    G = concave_relaxation(F)
    gradient = G.majorant(at).weight
    elements = np.repeat(np.arange(F.n_elements), counts).tolist()
    return Check(F.value(elements), bounds.tangent(G.value(at), less * gradient, at, counts))


tangent = Theorem(
    name="submodular-tangent",
    statement=(
        r"$F(\tau) \le G(m) \le G(n) + \nabla G(n) \cdot (m - n)$ for the visits $m$ of a path and any $n$: each"
        r" tangent plane of a concave relaxation is an additive bound."
    ),
    source="derived here",
    assumptions=r"as in submodular-concave-bound",
    instances=_points() | st.just((_ONCE, np.array([0.9]), np.array([1]))),
    check=_tangent,
    refutable=partial(_tangent, less=0.95),  # false: a little less of the slope
    tight=lambda: _tangent(_ONCE, np.array([1.0]), np.array([1])),
    tight_ratio=1 - 1e-9,
    attained_by="One measurement",
)


def _trials(mdp: SubmodularMDP, table: np.ndarray, *, reverse: bool = False) -> Check:
    one, many = oracles.runs(mdp).value(table), finite_trials(mdp, table).many
    return Check(many, one) if reverse else Check(one, many)


trials = Theorem(
    name="submodular-finite-trials",
    statement=(
        r"$J(\pi) = E F(\tau) \le E\, G(n) \le G(E n)$: the average visits of many runs are worth at least what one run"
        r" is expected to be."
    ),
    source="mutti2022",
    assumptions=r"$G$ concave in visits with $F(\tau) \le G(n)$: a linear or concave relaxation of $F$",
    instances=mixed(submodular_mdps(functions=lambda n: coverages(n) | designs(n, repeats=True), max_horizon=2))
    | st.just((FORK, np.full((2, 3, 2), 0.5))),
    check=_trials,
    refutable=partial(_trials, reverse=True),  # false: as if one run were worth the average of many
    tight=lambda: _trials(FORK, np.eye(2)[np.zeros((2, 3), dtype=int)]),
    tight_ratio=1 - 1e-9,
    attained_by="A fork of which one policy takes the same road always",
)

THEOREMS = (oracle, program, windows, visited, tangent, trials)

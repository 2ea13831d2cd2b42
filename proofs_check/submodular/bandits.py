r"""Where the state does not matter: what greed, local search and independent draws keep of the optimum."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.strategies import laws
from mdps.submodular import half_trap
from mdps.submodular_function_strategies import coverages
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import HALVES, STUCK, bandits, free_choice
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.submodular import SubmodularMDP, adaptive_greedy, bounds, round_to_actions
from rltheory.submodular.functions import Coverage
from rltheory.submodular.relaxation import linear_bound


def _greedy(mdp: SubmodularMDP, factor: float) -> Check:
    """Compare the optimum with the largest one that the promise allows, seen what adaptive greedy reached."""
    reached = oracles.runs(mdp).value_of(adaptive_greedy(mdp).policy)  # type: ignore[arg-type]
    return Check(oracles.optimum(mdp), bounds.greedy_optimum(reached, oracles.first_worth(mdp), factor))


def _adaptive(mdp: SubmodularMDP) -> Check:
    return _greedy(mdp, bounds.cardinality_greedy(choices=mdp.H))


adaptive = Theorem(
    name="submodular-adaptive-greedy",
    statement=(
        r"In bandit dynamics $J_{greedy} - F_0 \ge (1 - (1 - 1/H)^H) (J^* - F_0)$, above $(1 - 1/e) (J^* - F_0)$, where"
        r" $F_0$ is what the first state is worth."
    ),
    source="golovin2011, theorem 5",
    assumptions=r"$P(\cdot \mid a)$ depends neither on the state nor on the step; $F$ of states, monotone submodular",
    instances=bandits() | st.just(free_choice(HALVES, 2)),
    check=_adaptive,
    refutable=scaled(_adaptive),
    tight=lambda: _adaptive(free_choice(HALVES, 2)),
    tight_ratio=1 - 1e-9,
    attained_by="A first choice that takes a half of each of two others",
)

_half = partial(_greedy, factor=bounds.PARTITION_GREEDY)

partition = Theorem(
    name="submodular-partition-greedy",
    statement=(
        r"In bandit dynamics that change with the step, or with elements that are visits,"
        r" $J_{greedy} - F_0 \ge \frac12 (J^* - F_0)$; $1 - 1/e$ is false."
    ),
    source="calinescu2011; derived here",
    assumptions=r"$P_h(\cdot \mid a)$ does not depend on the state; $F$ of visits, monotone submodular",
    instances=bandits(changing=True) | st.just(half_trap(0.1)),
    check=_half,
    refutable=partial(_greedy, factor=bounds.cardinality_greedy()),  # false: the promise of dynamics that do not change
    tight=lambda: _half(half_trap(1e-3)),
    tight_ratio=0.999,
    attained_by="A first choice that is hardly better and spoils the second",
)


@st.composite
def _independent(draw: DrawFn, *, changing: bool = True) -> tuple[SubmodularMDP, np.ndarray]:
    mdp = draw(bandits(changing=changing, max_horizon=2))
    return mdp, draw(laws(mdp.H, mdp.n_actions, uneven=False))


_CROSSED = (free_choice(Coverage.from_sets([[], [0], [1]]), 2), np.eye(3)[[1, 2]])
"""Two steps and two items: one in either order."""


def _diminishing(mdp: SubmodularMDP, chances: np.ndarray) -> Check:
    """Compare differences of J along one coordinate, alone and after a move along any other."""
    places, value = list(np.ndindex(chances.shape)), oracles.open_loop(mdp)

    def moved(*steps: tuple[int, ...]) -> float:
        x = chances / 4
        for place in steps:
            x[place] += 1 / 4
        return value(x)

    here = moved()
    alone = {place: moved(place) - here for place in places}
    later = {(p, q): moved(p, q) - here - alone[p] for p in places for q in places}
    falls = [later[p, q] for p in places for q in places] + [0.0] * len(places)
    return Check.everywhere(falls, [alone[q] for _ in places for q in places] + [alone[p] for p in places])


def _concave(mdp: SubmodularMDP, chances: np.ndarray) -> Check:
    other, value = chances[::-1], oracles.open_loop(mdp)
    return Check((value(chances) + value(other)) / 2, value((chances + other) / 2))


diminishing = Theorem(
    name="submodular-bandit-dr",
    statement=(
        r"$J$ of policies that ignore the state is a monotone DR-submodular function of $\pi_h(a)$: its differences are"
        r" not negative, and do not grow when any coordinate does."
    ),
    source="derived here",
    assumptions=r"$P_h(\cdot \mid a)$ does not depend on the state; with $\sum_a x_h(a) < 1$ the rest touches nothing",
    instances=_independent() | st.just(_CROSSED),
    check=_diminishing,
    refutable=_concave,  # false: as if J were concave
)


def _stationary(mdp: SubmodularMDP, chances: np.ndarray, factor: float | None = None) -> Check:
    """Bound the optimum by J and by how much a single step can still gain, summed over steps."""
    factor = bounds.local_optimum() if factor is None else factor
    value = oracles.open_loop(mdp)
    here = value(chances)
    to_corners = np.empty(chances.shape)
    for h, a in np.ndindex(chances.shape):
        moved = chances.copy()
        moved[h] = np.eye(mdp.n_actions)[a]
        to_corners[h, a] = value(moved) - here
    gap = to_corners.max(axis=1).sum()
    return Check(oracles.optimum(mdp), bounds.greedy_optimum(here, oracles.first_worth(mdp), factor) + gap)


_TRAPPED = (STUCK, np.eye(2)[[0, 0]])

stationary = Theorem(
    name="submodular-bandit-stationary",
    statement=(
        r"In bandit dynamics $J^* - F_0 \le 2 (J(\pi) - F_0) + \sum_h \max_a (J(\pi_{h \to a}) - J(\pi))$ for every"
        r" $\pi$ that ignores the state: where no step can gain alone, half of the optimum is reached."
    ),
    source="derived here",
    assumptions=r"$P_h(\cdot \mid a)$ does not depend on the state; the optimum is over all policies",
    instances=_independent() | _independent(changing=False) | st.just(_TRAPPED),
    check=_stationary,
    refutable=partial(_stationary, factor=bounds.cardinality_greedy()),  # false: 1 - 1/e
    tight=lambda: _stationary(*_TRAPPED),
    tight_ratio=1 - 1e-9,
    attained_by="A pair of choices that no single change improves",
)


def _union(prob: np.ndarray) -> Check:
    """Compare with the probability of the union, as an alternating sum over intersections."""
    inclusion = [-np.prod(-prob[list(chosen)]) for chosen in oracles.subsets(prob.size) if chosen]
    _, counted = bounds.independent_cover(prob)
    return Check(bounds.coverage_rounding(prob.size) * counted, sum(inclusion))


union = Theorem(
    name="submodular-independent-draws",
    statement=r"$1 - \prod_{i \le n} (1 - p_i) \ge (1 - (1 - 1/n)^n) \min(1, \sum_i p_i)$.",
    source="calinescu2011; derived here",
    assumptions=r"$n$ independent events",
    instances=st.lists(st.integers(0, 8), min_size=1, max_size=5).map(lambda p: np.array(p) / 8)
    | st.just(np.array([0.5, 0.5])),
    check=_union,
    refutable=scaled(_union),
    tight=lambda: _union(np.full(4, 1 / 4)),
    tight_ratio=1 - 1e-9,
    attained_by="Four equal chances",
)


def _rounded(mdp: SubmodularMDP) -> Check:
    """Compare the program, as HiGHS sees it, and the optimum with the actions that were found."""
    bound = linear_bound(mdp)
    actions = round_to_actions(mdp, bound).policy
    reached = oracles.open_loop(mdp)(np.eye(mdp.n_actions)[actions[:, 0]])  # type: ignore[index]
    kept = bounds.coverage_rounding(mdp.H + 1)
    return Check.everywhere([kept * bound.value, kept * oracles.optimum(mdp)], reached)


_THIRD = np.array([2 / 3, 1 / 3])
_THIRDS = SubmodularMDP(np.full((2, 1, 2), _THIRD), Coverage.from_sets([[], [0]]), 2, mu=_THIRD)
"""Three draws, each of which covers the item with probability 1/3."""

rounded = Theorem(
    name="submodular-lp-rounding",
    statement=(
        r"In bandit dynamics some sequence of actions, known in advance, covers $1 - (1 - 1/n)^n > 1 - 1/e$ of the"
        r" linear program in occupancies, $n = H + 1$, and so of what any policy covers."
    ),
    source="derived here",
    assumptions=r"$P_h(\cdot \mid a)$ does not depend on the state; $F$ is a weighted coverage of states",
    instances=bandits(functions=coverages) | st.just(_THIRDS),
    check=_rounded,
    refutable=scaled(_rounded),
    tight=lambda: _rounded(_THIRDS),
    tight_ratio=1 - 1e-9,
    attained_by="Three equal chances",
)

THEOREMS = (adaptive, partition, diminishing, stationary, union, rounded)

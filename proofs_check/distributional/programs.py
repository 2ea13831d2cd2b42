"""The laws that policies achieve: stock in place of memory, programs over occupancies, and what randomisation gains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check.distributional.control import HORIZONS, STOCKS, lattice_models
from proofs_check.distributional.failures import CAPPED
from proofs_check.distributional.history import as_matrix, best_of_laws, history_laws
from proofs_check.theorem import Check, Theorem
from rltheory.distributional import DiscreteLaw, StockPolicy, risk
from rltheory.distributional.markovise import History, markovise
from rltheory.distributional.occupancy import maximise_over_laws, minimise_wasserstein
from rltheory.models import OutcomeModel

UTILITIES = (
    risk.ExpectedUtility.shortfall(),
    risk.ExpectedUtility.absolute(),
    risk.ExpectedUtility.reached(),
    risk.ExpectedUtility.exponential(0.3),
    risk.ExpectedUtility.quadratic(1.0),
    CAPPED,
)
SEEDS = st.integers(0, 2**32 - 1)


# ------------------------------------------------------------------------------------------- stock in place of memory


def drawn_memory(model: OutcomeModel, seed: int) -> Callable[[History], np.ndarray]:
    """Return a policy that draws its probabilities anew for each history, and always the same for the same one."""

    def policy(history: History) -> np.ndarray:
        rng = np.random.default_rng([seed, abs(hash(history))])
        weights = rng.random(int(model.action_counts[history[-1]])) ** 3 + 1e-3
        return weights / weights.sum()

    return policy


def paths(
    model: OutcomeModel, policy: Callable[[History], Any], H: int, history: History, total: float, prob: float
) -> Iterator[tuple[float, float]]:
    """Yield the discounted reward and the probability of every path that continues a history."""
    t = len(history) // 3
    if t == H:
        yield total, prob
        return
    first = model.pair_start[history[-1]]
    for action, share in enumerate(policy(history)):
        for p, following, r in zip(
            *(array[first + action].tolist() for array in (model.prob, model.next_state, model.reward)), strict=True
        ):
            if p * share > 0:
                longer = (*history, action, r, following)
                yield from paths(model, policy, H, longer, total + model.gamma**t * r, prob * p * share)


def law_by_paths(model: OutcomeModel, policy: Callable[[History], Any], H: int, start: int) -> DiscreteLaw:
    """Return the law of the return under a policy that remembers its history, path by path."""
    totals, prob = zip(*paths(model, policy, H, (start,), 0.0, 1.0), strict=True)
    return DiscreteLaw(np.round(totals, 12) + 0.0, np.array(prob))


def forgetting_stock(policy: StockPolicy, start: int) -> StockPolicy:
    """Return the policy that takes each action with its conditional probability given the step and the state only."""
    weights = []
    for layer, weight, mass in zip(policy.unfolded.layers, policy.weights, policy.masses(start), strict=False):
        node = np.repeat(np.arange(layer.size), np.diff(layer.row_start))
        joint = np.bincount(layer.pair, weights=mass[node] * weight, minlength=policy.unfolded.model.n_pairs)
        alone = np.bincount(layer.state, weights=mass, minlength=policy.unfolded.model.n_states)[layer.state[node]]
        weights.append(np.where(alone > 0, joint[layer.pair] / np.where(alone > 0, alone, 1), weight))
    return StockPolicy(policy.unfolded, tuple(weights))


def _same_law(model: OutcomeModel, H: int, seed: int, *, forget: bool = False) -> Check:
    remembers = drawn_memory(model, seed)
    policy = markovise(model, remembers, H=H, start=0)
    law = (forgetting_stock(policy, 0) if forget else policy).law(start=0)
    return Check(-risk.NegativeWasserstein(law_by_paths(model, remembers, H, 0))(law), 0.0)


stock_for_memory = Theorem(
    name="stock-in-place-of-memory",
    statement=(
        r"The policy $P(A_t = a \mid S_t = s, C_t = c)$ has the law of the return of the policy that it comes from, "
        r"whatever that remembers."
    ),
    source="derman1966; with the stock as part of the state, derived here",
    assumptions=r"finite horizon; the policy may randomise and look at its whole history",
    instances=st.tuples(lattice_models(), HORIZONS, SEEDS),
    check=_same_law,
    refutable=lambda *instance: _same_law(*instance, forget=True),  # false: P(A_t = a | S_t = s) is not enough
)


# ------------------------------------------------------------------------------------------------------- programs


def _program(model: OutcomeModel, utility: risk.ExpectedUtility, H: int, stock: float) -> Check:
    found = maximise_over_laws(model, utility.f, H=H, stock=stock, start=0)
    return Check.equal(found.value, best_of_laws(history_laws(model, H, 0, stock=stock), utility))


def _risk_neutral(model: OutcomeModel, utility: risk.ExpectedUtility, H: int, stock: float) -> Check:
    law = maximise_over_laws(model, lambda x: x, H=H, stock=stock, start=0).policy.law(0)
    return Check.equal(utility(law), best_of_laws(history_laws(model, H, 0, stock=stock), utility))


_ONE_OR_MORE = OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)


utility_program = Theorem(
    name="occupancy-program-utility",
    statement=(
        r"$\max_x E f(c_0 + G)$ over occupancies of states with stock is $\max_\pi E f(c_0 + G)$ over deterministic "
        r"policies that remember their history."
    ),
    source="bauerle2011; derived here",
    assumptions=r"finite horizon, any $f$ and any discount: the vertices of the polytope of laws are their laws",
    instances=st.tuples(lattice_models(), st.sampled_from(UTILITIES), HORIZONS, STOCKS)
    | st.just((_ONE_OR_MORE, risk.ExpectedUtility.shortfall(), 1, -1.0)),
    check=_program,
    refutable=_risk_neutral,  # false: the risk-neutral policy is as good
)


def nearest_mixture(laws: list[DiscreteLaw], target: DiscreteLaw) -> float:
    """Return the least distance w_1 of a mixture of laws from a target, by a linear program over its weights."""
    from scipy.optimize import linprog

    atoms, prob = as_matrix([*laws, target])
    length, cdf = np.diff(atoms), np.cumsum(prob, axis=1)[:, :-1]
    n, m = len(laws), length.size
    if m == 0:
        return 0.0
    signs = [np.hstack([sign * cdf[:-1].T, -np.eye(m)]) for sign in (1, -1)]
    found = linprog(
        np.concatenate([np.zeros(n), length]),
        A_ub=np.vstack(signs),
        b_ub=np.concatenate([cdf[-1], -cdf[-1]]),
        A_eq=np.concatenate([np.ones(n), np.zeros(m)])[None],
        b_eq=[1.0],
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return float(found.fun)


TARGETS = st.sampled_from(
    [
        DiscreteLaw(np.array([-2.0, 2.0])),
        DiscreteLaw(np.arange(-2.0, 3.0)),
        DiscreteLaw(np.array([-1.0, 0.5, 3.0]), np.array([0.5, 0.25, 0.25])),
    ]
)
AIMED = st.tuples(lattice_models(), TARGETS, HORIZONS)


def two_ways() -> OutcomeModel:
    """One state: lose 2 or win 2."""
    return OutcomeModel.from_tables([[0, 0]], [[-2.0, 2.0]], gamma=1.0)


def _wasserstein(model: OutcomeModel, target: DiscreteLaw, H: int) -> Check:
    found = minimise_wasserstein(model, target, H=H, start=0)
    return Check.equal(found.value, nearest_mixture(history_laws(model, H, 0), target))


def _deterministic_distance(model: OutcomeModel, target: DiscreteLaw, H: int) -> float:
    return -best_of_laws(history_laws(model, H, 0), risk.NegativeWasserstein(target))


wasserstein_program = Theorem(
    name="occupancy-program-wasserstein",
    statement=(
        r"The least $w_1$ distance from a target law, over occupancies of states with stock, is that over all mixtures "
        r"of the laws of deterministic policies that remember their history."
    ),
    source="derived here",
    assumptions="finite horizon: the polytope of laws is the convex hull of theirs",
    instances=AIMED,
    check=_wasserstein,
    refutable=lambda *instance: Check.equal(  # false: some deterministic policy is as near
        minimise_wasserstein(instance[0], instance[1], H=instance[2], start=0).value,
        _deterministic_distance(*instance),
    ),
)


def _gain(model: OutcomeModel, target: DiscreteLaw, H: int) -> Check:
    return Check(nearest_mixture(history_laws(model, H, 0), target), _deterministic_distance(model, target, H))


randomisation = Theorem(
    name="randomisation-gain",
    statement=(
        r"Some randomised policy is as near to a target law, in $w_1$, as all deterministic ones with a memory, and it "
        r"may be nearer: it may be there, where they are 2 away."
    ),
    source="derived here",
    assumptions="finite horizon. Lose 2 or win 2, and the target is a fair coin for these: one must toss it",
    instances=AIMED | st.just((two_ways(), DiscreteLaw(np.array([-2.0, 2.0])), 1)),
    check=_gain,
    refutable=lambda *instance: Check(_deterministic_distance(*instance), _gain(*instance).lhs),  # false: no gain
)

THEOREMS = (stock_for_memory, utility_program, wasserstein_program, randomisation)

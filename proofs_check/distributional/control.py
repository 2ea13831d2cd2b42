"""Distributional dynamic programming: when it is optimal, over all policies with a memory, and how fast."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import laws as probabilities
from mdps.strategies import outcome_models
from proofs_check.distributional._functionals import MinusVariance
from proofs_check.distributional.history import best_over_histories
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.distributional import DiscreteLaw, StockPolicy, mixture, risk, unfold
from rltheory.distributional.bounds import control as bounds
from rltheory.distributional.policy_iteration import distributional_policy_iteration
from rltheory.distributional.value_iteration import distributional_value_iteration
from rltheory.models import OutcomeModel

Functional = Callable[[DiscreteLaw], float]

LIPSCHITZ = (
    risk.ExpectedUtility.shortfall(),
    risk.ExpectedUtility.gain(),
    risk.ExpectedUtility.absolute(),
    risk.Mean(),
)
"""Indifferent to mixtures and to every discount, and of slope 1."""
OPTIMISABLE = (
    *LIPSCHITZ,
    risk.ExpectedUtility.negative_power(2),
    risk.ExpectedUtility.reached(),
    risk.EssentialInfimum(),
    risk.EssentialSupremum(),
)
"""Indifferent to mixtures and to every discount."""


def lattice_models(gammas: tuple[float, ...] = (1.0, 0.5, 0.9), max_reward: int = 2) -> st.SearchStrategy[OutcomeModel]:
    """Draw models of at most three states with two actions, two outcomes, whole rewards, and sixteenths for chances.

    Thresholds are then exact, and no chance is so small that an oracle's linear program takes it for nothing.
    """
    drawn = outcome_models(max_states=3, max_outcomes=2, gammas=gammas, max_reward=float(max_reward))
    return drawn.map(lambda model: model.replace(prob=_in_sixteenths(model.prob), reward=np.round(model.reward) + 0.0))


def _in_sixteenths(prob: np.ndarray) -> np.ndarray:
    return np.diff(np.round(16 * np.cumsum(prob, axis=1)), axis=1, prepend=0.0) / 16


HORIZONS = st.sampled_from([3, 2, 1])
STOCKS = st.sampled_from([0.0, -1.0, 1.5])
CONTROLLED = st.tuples(lattice_models(), st.sampled_from(OPTIMISABLE), HORIZONS, STOCKS)


def law_of_step(outcomes: list[tuple[float, float, DiscreteLaw]], gamma: float) -> DiscreteLaw:
    """Return the law of R + gamma G for outcomes (probability, reward, law of G)."""
    return mixture([law.scale(gamma).shift(r) for _, r, law in outcomes], [p for p, _, _ in outcomes])


# ---------------------------------------------------------------------------------------------------- monotonicity


@st.composite
def _steps(draw: st.DrawFn) -> tuple[float, float, list[tuple[float, float, DiscreteLaw, DiscreteLaw]]]:
    """Draw a discount, a stock and outcomes (probability, reward, one law, another law)."""
    gamma, stock = draw(st.sampled_from([0.5, 1.0])), float(draw(st.integers(-2, 2)))
    width = draw(st.integers(1, 3))
    weights, rewards = draw(probabilities(1, width, uneven=False))[0], st.integers(-2, 2)
    small = st.lists(st.integers(-3, 3), min_size=1, max_size=3).map(lambda atoms: DiscreteLaw(np.array(atoms, float)))
    return gamma, stock, [(p, float(draw(rewards)), draw(small), draw(small)) for p in weights.tolist()]


def _lottery() -> tuple[float, float, list[tuple[float, float, DiscreteLaw, DiscreteLaw]]]:
    """Half of the time 2 is won; else the choice is between losing 1 and a bet on -2 or 2."""
    bet, sure = DiscreteLaw(np.array([-2.0, 2.0])), DiscreteLaw.point
    return 1.0, 0.0, [(0.5, 0.0, sure(-1.0), bet), (0.5, 0.0, sure(2.0), sure(2.0))]


def _monotone(functional: Functional, step: tuple[float, float, list[Any]]) -> Check:
    gamma, stock, outcomes = step
    better, worse = [], []
    for p, r, *pair in outcomes:
        low, high = sorted(pair, key=lambda law: functional(law.shift((stock + r) / gamma)))
        better.append((p, r, high))
        worse.append((p, r, low))
    return Check(*(functional(law_of_step(each, gamma).shift(stock)) for each in (worse, better)))


monotonicity = Theorem(
    name="distributional-monotonicity",
    statement=(
        r"If $F_K \eta \ge F_K \eta'$ at every state and stock, then $F_K T_\pi \eta \ge F_K T_\pi \eta'$ for every "
        r"policy, where $F_K \eta(s, c) = K(c + G(s, c))$ and $c' = (c + R) / \gamma$."
    ),
    source="pires2025; derived here",
    assumptions=(
        r"$K$ indifferent to mixtures and to $\gamma$: $c + R + \gamma G = \gamma (c' + G')$ is a mixture of better "
        r"components, and then scaled"
    ),
    instances=st.tuples(st.sampled_from(OPTIMISABLE), _steps() | st.builds(_lottery)),
    check=_monotone,
    refutable=lambda _, step: _monotone(risk.CVaR(0.5), step),  # false: CVaR is not indifferent to mixtures
)


# ---------------------------------------------------------------------------------------------------- finite horizon


def without_stock(model: OutcomeModel, functional: Functional, H: int, stock: float) -> float:
    """Return K of the law that dynamic programming finds if it compares actions by K(G), without what was collected."""
    laws = [DiscreteLaw.point(0.0)] * model.n_states
    for _ in range(H):
        rows = [
            law_of_step([(p, r, laws[s]) for p, s, r in zip(*row, strict=True) if p > 0], model.gamma)
            for row in zip(model.prob.tolist(), model.next_state.tolist(), model.reward.tolist(), strict=True)
        ]
        starts = model.pair_start.tolist()
        laws = [max(rows[i:j], key=functional) for i, j in itertools.pairwise(starts)]
    return functional(laws[0].shift(stock))


def _optimal(model: OutcomeModel, functional: Any, H: int, stock: float) -> Check:
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0)
    return Check.equal(found.value, best_over_histories(model, functional, H, 0, stock=stock))


def _optimal_without_stock(model: OutcomeModel, functional: Any, H: int, stock: float) -> Check:
    found = without_stock(model, functional, H, stock)
    return Check.equal(found, best_over_histories(model, functional, H, 0, stock=stock))


value_iteration_is_optimal = Theorem(
    name="distributional-value-iteration-optimal",
    statement=(
        r"After $H$ sweeps $F_K \eta_H = \sup_\pi F_K \eta^\pi$ over all policies that remember their history, and the "
        r"greedy policies attain it."
    ),
    source="pires2025; derived here from distributional-monotonicity",
    assumptions=r"$K$ indifferent to mixtures and to $\gamma$; $H$ steps; stock as part of the state",
    instances=CONTROLLED,
    check=_optimal,
    refutable=_optimal_without_stock,  # false: without stock only affine and exponential utilities are left
)


def fork(gamma: float = 0.5) -> OutcomeModel:
    """Two roads without a toll, and what they lead to: a reward of -1 for ever, or of -1 or +1 as one likes."""
    return OutcomeModel.from_lists(
        [
            [[(1.0, 1, 0.0)], [(1.0, 2, 0.0)]],
            [[(1.0, 1, -1.0)]],
            [[(1.0, 2, 1.0)], [(1.0, 2, -1.0)]],
        ],
        gamma,
        mu=0,
    )


def slow_fork() -> OutcomeModel:
    """The fork, whose last actions are bad: one improvement cannot tell its roads apart."""
    model = fork()
    return model.replace(next_state=model.next_state[[1, 0, 2, 3, 4]])


def sure_ten() -> OutcomeModel:
    """Half of the time nothing, else a choice: 10 for sure, or -1 or +1, which is nearer to nothing."""
    return OutcomeModel.from_lists(
        [
            [[(0.5, 1, 0.0), (0.5, 2, 0.0)]],
            [[(1.0, 1, 0.0)]],
            [[(1.0, 1, 10.0)], [(0.5, 1, -1.0), (0.5, 1, 1.0)]],
        ],
        gamma=1.0,
        mu=0,
    )


def _improvements(model: OutcomeModel, functional: Any, H: int, stock: float, **options: Any) -> tuple[float, ...]:
    """Return K at the start for each policy of policy iteration, which begins with the last actions."""
    last = model.action_counts - 1
    found = distributional_policy_iteration(model, functional, H=H, stock=stock, start=0, policy=last, **options)
    return found.history


def _never_falls(model: OutcomeModel, functional: Any, H: int, stock: float, **options: Any) -> Check:
    history = _improvements(model, functional, H, stock, **options)
    return Check.everywhere(history[:-1] or history, history[1:] or history)


policy_iteration_is_monotone = Theorem(
    name="distributional-policy-iteration-monotone",
    statement=r"$F_K \eta^{\pi_{k+1}} \ge F_K \eta^{\pi_k}$ for the policies of distributional policy iteration.",
    source="pires2025; derived here from distributional-monotonicity",
    assumptions=r"$K$ indifferent to mixtures and to $\gamma$; any first policy",
    instances=CONTROLLED | st.tuples(st.builds(sure_ten), st.sampled_from(OPTIMISABLE), st.just(2), STOCKS),
    check=_never_falls,
    refutable=lambda model, _, H, stock: _never_falls(model, MinusVariance(), H, stock, unproven=True),
)


def _reaches_the_optimum(model: OutcomeModel, functional: Any, H: int, stock: float, after: int = 0) -> Check:
    history = _improvements(model, functional, H, stock)
    best = best_over_histories(model, functional, H, 0, stock=stock)
    return Check.equal(best, history[min(H - after, len(history) - 1)])


policy_iteration_is_finite = Theorem(
    name="distributional-policy-iteration-finite",
    statement=r"After at most $H$ improvements distributional policy iteration is optimal.",
    source="pires2025; derived here",
    assumptions=r"$K$ indifferent to mixtures and to $\gamma$; $H$ steps; $k$ improvements settle the last $k$",
    instances=CONTROLLED | st.just((slow_fork(), risk.Mean(), 2, 0.0)),
    check=_reaches_the_optimum,
    refutable=partial(_reaches_the_optimum, after=1),  # false: H - 1 improvements
)


# ------------------------------------------------------------------------------------------------ discounted horizon


def discounted_steps(gamma: float, n: int) -> float:
    """Return the sum of gamma^t over n steps."""
    return float(sum(gamma**t for t in range(n)))


def _rewards(model: OutcomeModel) -> np.ndarray:
    return model.reward[model.prob > 0]


def salary(gamma: float = 0.5) -> OutcomeModel:
    """One state, one action, a reward of 1."""
    return OutcomeModel.from_lists([[[(1.0, 0, 1.0)]]], gamma)


DISCOUNTED = st.tuples(lattice_models((0.5, 0.9)), st.sampled_from(LIPSCHITZ), HORIZONS, STOCKS, st.integers(0, 2))


def _error(model: OutcomeModel, functional: Any, H: int, stock: float, left: int) -> Check:
    n = max(H - 1 - left, 0)
    swept = distributional_value_iteration(model, functional, H=n, stock=stock, start=0).value
    distance = float(np.abs(_rewards(model)).max()) * discounted_steps(model.gamma, H - n)
    best = best_over_histories(model, functional, H, 0, stock=stock)
    return Check(
        abs(swept - best), bounds.value_iteration_error(model.gamma, n, functional.lipschitz(np.inf), distance)
    )


value_iteration_error = Theorem(
    name="distributional-value-iteration-error",
    statement=r"$|F_K \eta_n - F_K^*| \le L \gamma^n D$ after $n$ sweeps from $\eta_0 = \delta_0$, at every start.",
    source="pires2025; derived here",
    assumptions=(
        r"$K$ indifferent to mixtures and to $\gamma$, $L$-Lipschitz in $w_1$; $D = \sup_\pi w_1(\delta_0, \eta^\pi)$, "
        r"at most $\max |r| / (1 - \gamma)$, or $\max |r| (1 - \gamma^m) / (1 - \gamma)$ if $m$ steps are left"
    ),
    instances=DISCOUNTED | st.just((salary(), risk.Mean(), 3, 0.0, 0)),
    check=_error,
    refutable=scaled(_error),
    tight=lambda: _error(salary(), risk.Mean(), 3, 0.0, 1),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _loss(model: OutcomeModel, functional: Any, H: int, stock: float, left: int) -> Check:
    n = max(H - 1 - left, 0)
    found = distributional_value_iteration(model, functional, H=n, stock=stock, start=0)
    nodes = unfold(model, H, stock=stock, start=0)
    achieved = []
    for then in (np.zeros_like(model.action_counts), model.action_counts - 1):
        afterwards = StockPolicy.deterministic(nodes, [then[layer.state] for layer in nodes.layers[:-1]])
        played = StockPolicy(nodes, (*found.policy.weights, *afterwards.weights[n:]))
        achieved.append(functional(played.law(start=0)))
    best = best_over_histories(model, functional, H, 0, stock=stock)
    distance = float(np.abs(_rewards(model)).max()) * discounted_steps(model.gamma, H - n)
    bound = bounds.value_iteration_loss(model.gamma, n, functional.lipschitz(np.inf), distance)
    return Check(best - min(achieved), bound)


value_iteration_loss = Theorem(
    name="distributional-value-iteration-loss",
    statement=(
        r"Play the greedy policies of sweeps $n, n-1, \dots, 1$ and then anything: "
        r"$F_K^* - F_K \eta^\pi \le 2 L \gamma^n D$."
    ),
    source="pires2025; derived here",
    assumptions=r"as for distributional-value-iteration-error; nothing linear is needed",
    instances=DISCOUNTED | st.just((fork(), risk.Mean(), 3, 0.0, 1)),
    check=_loss,
    refutable=scaled(_loss),
    tight=lambda: _loss(fork(), risk.Mean(), 3, 0.0, 1),
    tight_ratio=0.999999,
    attained_by="A fork between roads that differ only later",
)


def _policy_iteration_loss(model: OutcomeModel, functional: Any, H: int, stock: float, k: int) -> Check:
    history = _improvements(model, functional, H, stock)
    best, k = best_over_histories(model, functional, H, 0, stock=stock), min(k, len(history) - 1)
    spread = float(np.ptp(_rewards(model))) * discounted_steps(model.gamma, H - k)
    return Check(best - history[k], bounds.policy_iteration_loss(model.gamma, k, functional.lipschitz(np.inf), spread))


policy_iteration_loss = Theorem(
    name="distributional-policy-iteration-loss",
    statement=(
        r"$F_K^* - F_K \eta^{\pi_k} \le L \gamma^k \frac{r_{\max} - r_{\min}}{1 - \gamma}$ after $k$ improvements."
    ),
    source="pires2025; derived here",
    assumptions=(
        r"$K$ indifferent to mixtures and to $\gamma$, $L$-Lipschitz in $w_1$; any first policy; with $m$ steps left "
        r"$\frac{1 - \gamma^m}{1 - \gamma}$ in place of $\frac{1}{1-\gamma}$. For "
        r"$F_K \eta^{\pi_k} \ge F_K T_\pi^k \eta^{\pi_0}$"
    ),
    instances=DISCOUNTED | st.just((slow_fork(), risk.Mean(), 3, 0.0, 1)),
    check=_policy_iteration_loss,
    refutable=scaled(_policy_iteration_loss),
    tight=lambda: _policy_iteration_loss(slow_fork(), risk.Mean(), 3, 0.0, 1),
    tight_ratio=0.999999,
    attained_by="A fork whose roads one improvement cannot tell apart",
)


# ------------------------------------------------------------------------------------------------------- projections


def projected(law: DiscreteLaw, step: float) -> DiscreteLaw:
    """Return the law with each atom split between its two neighbours on the grid of multiples of a step."""
    cell = np.floor(law.atoms / step)
    above = law.atoms / step - cell
    return DiscreteLaw(
        step * np.concatenate([cell, cell + 1]), np.concatenate([law.prob * (1 - above), law.prob * above])
    )


def _projected_control(model: OutcomeModel, functional: Functional, H: int, stock: float, step: float) -> float:
    """Return K at the start after value iteration on states with exact stock, every law projected on a grid."""

    def best(t: int, s: int, c: float) -> DiscreteLaw:
        if t == H:
            return DiscreteLaw.point(0.0)
        rows = []
        for i in range(model.pair_start[s], model.pair_start[s + 1]):
            listed = zip(model.prob[i].tolist(), model.next_state[i].tolist(), model.reward[i].tolist(), strict=True)
            outcomes = [(p, r, best(t + 1, following, (c + r) / model.gamma)) for p, following, r in listed if p > 0]
            rows.append(projected(law_of_step(outcomes, model.gamma), step))
        return max(rows, key=lambda law: functional(law.shift(c)))

    return functional(best(0, 0, stock).shift(stock))


def _projection_error(model: OutcomeModel, functional: Any, H: int, stock: float, step: float) -> Check:
    found = _projected_control(model, functional, H, stock, step)
    best = best_over_histories(model, functional, H, 0, stock=stock)
    bound = bounds.categorical_control_error(model.gamma, step, functional.lipschitz(np.inf), H)
    return Check(abs(found - best), bound)


categorical_control = Theorem(
    name="categorical-control-error",
    statement=(
        r"With every law projected on atoms $\Delta$ apart, $|\hat F_n - F_K^*| \le "
        r"\frac{L \Delta}{2} \frac{1 - \gamma^n}{1 - \gamma}$ after $n$ sweeps for $n$ steps."
    ),
    source="derived here",
    assumptions=(
        r"$K = E f$, $f$ homogeneous of degree 1 on each half-line, of slope at most $L$; the grid is long enough"
    ),
    instances=st.tuples(
        lattice_models(), st.sampled_from(LIPSCHITZ), HORIZONS, STOCKS, st.sampled_from([0.75, 2.0, 0.3])
    )
    | st.just((salary(), risk.ExpectedUtility.absolute(), 1, -1.0, 2.0)),
    check=_projection_error,
    refutable=scaled(_projection_error),
    tight=lambda: _projection_error(salary(), risk.ExpectedUtility.absolute(), 1, -1.0, 2.0),
    tight_ratio=0.999999,
    attained_by="A reward in the middle of a cell",
)

THEOREMS = (
    monotonicity,
    value_iteration_is_optimal,
    policy_iteration_is_monotone,
    policy_iteration_is_finite,
    value_iteration_error,
    value_iteration_loss,
    policy_iteration_loss,
    categorical_control,
)

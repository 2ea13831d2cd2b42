r"""Theorems about stocks: what they are, that they suffice, and how the optimum depends on them.

Throughout the stock is $c' = (c + r)/\gamma$, $G$ the return still to come, and $V(s, c) = \sup_\pi E f(c + G)$ over
all policies, history-dependent ones included. The oracle lists every law of the return that a deterministic policy can
have (`proofs_check.distributional.achievable`), which shares nothing with stocks; models are tiny, with whole rewards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import outcome_models
from proofs_check.distributional.achievable import (
    Law,
    achievable,
    achievable_without_memory,
    best,
    ending,
    expectation,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.distributional import unfold
from rltheory.distributional.bounds import stock as bounds
from rltheory.distributional.target import maximise_target_probability
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.utility import maximise_utility
from rltheory.models import OutcomeModel

Utility = Callable[[np.ndarray], np.ndarray]


def whole(model: OutcomeModel) -> OutcomeModel:
    """Return the model with its rewards rounded to whole numbers."""
    return model.replace(reward=np.rint(model.reward) + 0.0)


def tiny_models(*gammas: float) -> st.SearchStrategy[OutcomeModel]:
    """Draw models whose achievable laws over three steps can be listed."""
    drawn = outcome_models(max_states=2, max_actions=2, max_outcomes=2, gammas=gammas, max_reward=3.0)
    return drawn.map(whole)


STEPS, STOCKS = st.integers(1, 3), st.integers(-4, 4).map(float)
SLOPES = st.sampled_from([TwoSlopes(0, 1), TwoSlopes(1, 0), TwoSlopes(-1, 1), TwoSlopes(1, 3), TwoSlopes(1, 1)])
CONSTANT = OutcomeModel.from_tables([[0]], [[1.0]], gamma=0.5)


def offer(*laws: list[tuple[float, float]], gamma: float = 1.0) -> OutcomeModel:
    """Return one state with one action for each law [(probability, reward), ...], and an end after it."""
    actions = [[(p, 1, x) for p, x in law] for law in laws]
    return OutcomeModel.from_lists([actions, [[(1.0, 1, 0.0)]]], gamma=gamma, mu=0)


def optimum(laws: list[Law], f: Utility, stock: float) -> float:
    """Return V at the start, as the best of all achievable laws."""
    return max(expectation(law, lambda x: f(stock + x)) for law in laws)


def _anytime(rewards: list[float], stock: float, gamma: float, rescale: bool = True) -> Check:
    n = len(rewards)
    chain = OutcomeModel.from_tables([[min(t + 1, n - 1)] for t in range(n)], [[r] for r in rewards], gamma, mu=0)
    unfolded = unfold(chain, n, stock=stock)
    to_come = [sum(gamma**i * r for i, r in enumerate(rewards[t:])) for t in range(n + 1)]
    stocks = [unfolded.rescaled_stock(t)[0] if rescale else unfolded.layers[t].stock[0] for t in range(n + 1)]
    now = [gamma**t * (c + g) for t, (c, g) in enumerate(zip(stocks, to_come, strict=True))]
    return Check.equal(now, stock + to_come[0])


anytime_identity = Theorem(
    name="stock-anytime-identity",
    statement=r"$c_0 + G_0 = \gamma^t (c_t + G_t)$ at every step $t$.",
    source="pires2025; derived here",
    assumptions=r"any path; $0 < \gamma \le 1$. For $c + r + \gamma G' = \gamma (c' + G')$",
    instances=st.tuples(
        st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=8), STOCKS, st.sampled_from([0.5, 0.9, 1.0])
    ),
    check=_anytime,
    refutable=lambda rewards, stock, gamma: _anytime(rewards, stock, gamma, rescale=False),  # false: without 1/gamma
)


def _shaping(rewards: list[float], stock: float, gamma: float, f: TwoSlopes, factor: float | None = None) -> Check:
    total, value, c = 0.0, float(f(stock)), stock
    collected = stock
    for t, r in enumerate(rewards):
        ahead = (c + r) / gamma
        total += gamma**t * float((gamma if factor is None else factor) * f(ahead) - f(c))
        collected, c = collected + gamma**t * r, ahead
    return Check.equal(total, float(f(collected)) - value)


shaping = Theorem(
    name="stock-reward-shaping",
    statement=(
        r"$f(c_0 + \sum_{t<T} \gamma^t R_{t+1}) - f(c_0) = \sum_{t<T} \gamma^t \big(\gamma f(c_{t+1}) - f(c_t)\big)$: "
        r"with stock, a utility of the return is a sum of rewards."
    ),
    source="derived here, after pires2025",
    assumptions=r"$f$ linear on each half-line, any path; $0 < \gamma \le 1$",
    instances=st.tuples(
        st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=8),
        STOCKS,
        st.sampled_from([0.5, 0.9, 1.0]),
        SLOPES,
    ),
    check=_shaping,
    refutable=partial(_shaping, factor=1.0),  # false: without gamma
)


def _square(x: np.ndarray, target: float = 0.0) -> np.ndarray:
    return -((x - target) ** 2)


def _reached(x: np.ndarray) -> np.ndarray:
    return (x >= -1e-9).astype(float)


def _averse(x: np.ndarray) -> np.ndarray:
    return -np.exp(-x / 2)


_INDIFFERENT = [TwoSlopes(0, 1), TwoSlopes(-1, 1), _square, _reached]
INDIFFERENT = st.sampled_from(_INDIFFERENT)
UTILITIES = st.sampled_from([*_INDIFFERENT, partial(_square, target=1.0), _averse, partial(np.minimum, 1.0)])
_MOST_STOCKS = 20_000
_FORGETFUL = OutcomeModel.from_lists(
    [[[(0.5, 1, 0.0), (0.5, 1, 1.0)]], [[(1.0, 2, 1.0)], [(1.0, 2, 0.0)]], [[(1.0, 2, 0.0)]]], gamma=1.0, mu=0
)


def _stock_optimum(model: OutcomeModel, H: int, stock: float, f: Utility, memory: bool = True) -> Check:
    laws = achievable(model, H, 0) if memory else achievable_without_memory(model, H, 0)
    return Check.equal(maximise_utility(model, f, H=H, stock=stock, start=0).value, optimum(laws, f, stock))


stock_optimum = Theorem(
    name="stock-optimum",
    statement=(
        r"Backward induction over states with absolute stock finds $\max_\pi E f(c_0 + G)$ over all history-dependent "
        r"policies, for every $f$."
    ),
    source="bauerle2014; derived here",
    assumptions=r"finitely many steps, $0 < \gamma \le 1$",
    instances=st.tuples(tiny_models(1.0, 0.5, 0.8), STEPS, STOCKS, UTILITIES)
    | st.just((_FORGETFUL, 2, -1.0, TwoSlopes(-1, 1))),
    check=_stock_optimum,
    refutable=partial(_stock_optimum, memory=False),  # false: no stock is needed
)


def _greedy_law(model: OutcomeModel, s: int, c: float, h: int, f: Utility) -> dict[float, float]:
    """Return the law of G that is picked action by action, each time by E f of the rescaled stock plus the return."""
    if h == 0:
        return {0.0: 1.0}
    laws = []
    for i in range(model.pair_start[s], model.pair_start[s + 1]):
        law: dict[float, float] = {}
        for p, j, r in zip(model.prob[i], model.next_state[i], model.reward[i], strict=True):
            if p > 0:
                for x, q in _greedy_law(model, int(j), (c + r) / model.gamma, h - 1, f).items():
                    law[r + model.gamma * x] = law.get(r + model.gamma * x, 0.0) + p * q
        laws.append(law)
    return max(laws, key=lambda law: expectation(tuple(law.items()), lambda x: f(c + x)))


def _rescaled(model: OutcomeModel, H: int, stock: float, f: Utility) -> Check:
    greedy = tuple(_greedy_law(model, 0, stock, H, f).items())
    exact = optimum(achievable(model, H, 0), f, stock)
    found = maximise_utility(model, f, H=H, stock=stock, start=0, convention="rescaled").value
    return Check.equal([found, expectation(greedy, lambda x: f(stock + x))], exact)


def _rescaled_anyway(model: OutcomeModel, H: int, stock: float, f: Utility) -> Check:
    def other(x: np.ndarray) -> np.ndarray:
        return -((x - 1) ** 2)

    greedy = tuple(_greedy_law(model, 0, stock, H, other).items())
    return Check.equal(expectation(greedy, lambda x: other(stock + x)), optimum(achievable(model, H, 0), other, stock))


_SPENDING = OutcomeModel.from_tables([[0, 0]], [[-1.0, 0.0]], gamma=0.5)


rescaled_stock = Theorem(
    name="stock-conventions",
    statement=(
        r"Greedy steps in the rescaled stock, each maximising $E f(c_t + G_t)$, attain $\max_\pi E f(c_0 + G_0)$ if "
        r"$f$ is indifferent to the discount, $f(\gamma x) - f(0) = \alpha (f(x) - f(0))$."
    ),
    source="pires2025; derived here",
    assumptions=r"finitely many steps, $0 < \gamma \le 1$. Not so for $-(x - 1)^2$",
    instances=st.tuples(tiny_models(0.5, 0.8), STEPS, STOCKS, INDIFFERENT)
    | st.tuples(st.just(_SPENDING), st.just(2), st.just(2.0), INDIFFERENT),
    check=_rescaled,
    refutable=_rescaled_anyway,  # false: for a utility that is not indifferent
)


def _continuity(model: OutcomeModel, H: int, stock: float, other: float, f: TwoSlopes) -> Check:
    laws = achievable(model, H, 0)
    change = abs(optimum(laws, f, stock) - optimum(laws, f, other))
    return Check(change, bounds.stock_continuity(f.lipschitz, abs(stock - other)))


continuity = Theorem(
    name="stock-continuity",
    statement=r"$|V(s, c) - V(s, c')| \le L |c - c'|$ for an $L$-Lipschitz utility.",
    source="derived here",
    assumptions="any model: the laws of the return that policies can have do not depend on the stock",
    instances=st.tuples(tiny_models(1.0, 0.5), STEPS, STOCKS, STOCKS, SLOPES),
    check=_continuity,
    refutable=scaled(_continuity),
    tight=lambda: _continuity(CONSTANT, 1, 0.0, 1.0, TwoSlopes(1, 1)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _convexity(model: OutcomeModel, H: int, stock: float, other: float, f: Utility) -> Check:
    laws = achievable(model, H, 0)
    middle = optimum(laws, f, (stock + other) / 2)
    return Check(middle, (optimum(laws, f, stock) + optimum(laws, f, other)) / 2)


convexity = Theorem(
    name="stock-convexity",
    statement=r"$V(s, \cdot)$ is convex if the utility is.",
    source="derived here",
    assumptions="any model: a maximum of convex functions. It need not be concave if the utility is",
    instances=st.tuples(
        tiny_models(1.0, 0.5), STEPS, STOCKS, STOCKS, st.sampled_from([TwoSlopes(0, 1), TwoSlopes(-1, 1)])
    ),
    check=lambda model, H, stock, other, f: _convexity(model, H, stock, other, lambda x: -f(x)),
    refutable=_convexity,  # false: for a concave utility
)


def _monotonicity(model: OutcomeModel, H: int, stock: float, more: float, f: Utility) -> Check:
    laws = achievable(model, H, 0)
    return Check(optimum(laws, f, stock), optimum(laws, f, stock + abs(more)))


monotonicity = Theorem(
    name="stock-monotonicity",
    statement=r"$V(s, \cdot)$ does not decrease if the utility does not.",
    source="derived here",
    assumptions="any model",
    instances=st.tuples(
        tiny_models(1.0, 0.5), STEPS, STOCKS, STOCKS, st.sampled_from([TwoSlopes(0, 1), TwoSlopes(1, 3), np.sign])
    ),
    check=_monotonicity,
    refutable=lambda model, H, stock, more, f: _monotonicity(model, H, stock, more, lambda x: -np.abs(x)),
)


def _truncation(model: OutcomeModel, H: int, N: int, stock: float, f: TwoSlopes) -> Check:
    whole_of_it, part = (optimum(achievable(model, steps, 0), f, stock) for steps in (max(H, N), min(H, N)))
    largest = float(np.abs(model.reward[model.prob > 0]).max())
    return Check(abs(whole_of_it - part), bounds.truncation_error(model.gamma, min(H, N), f.lipschitz, largest))


truncation = Theorem(
    name="stock-truncation",
    statement=r"$|\max_\pi E f(c_0 + G_H) - \max_\pi E f(c_0 + G)| \le \frac{L \gamma^H R}{1-\gamma}$.",
    source="derived here",
    assumptions=r"$f$ is $L$-Lipschitz, $G_H$ the return of $H$ steps, rewards are at most $R$ in size, $\gamma < 1$",
    instances=st.tuples(tiny_models(0.5, 0.8), STEPS, STEPS, STOCKS, SLOPES)
    | st.just((CONSTANT, 1, 40, 0.0, TwoSlopes(1, 1))),
    check=_truncation,
    refutable=scaled(_truncation),
    tight=lambda: _truncation(CONSTANT, 1, 40, 0.0, TwoSlopes(1, 1)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _quadratic_truncation(model: OutcomeModel, H: int, N: int, stock: float) -> Check:
    whole_of_it, part = (
        optimum(achievable(model, steps, 0), lambda x: -(x**2), stock) for steps in (max(H, N), min(H, N))
    )
    largest = float(np.abs(model.reward[model.prob > 0]).max())
    return Check(abs(whole_of_it - part), bounds.quadratic_truncation_error(model.gamma, min(H, N), stock, largest))


quadratic_truncation = Theorem(
    name="stock-truncation-quadratic",
    statement=(
        r"With $f(x) = -x^2$ and $D = R/(1-\gamma)$ the same difference is at most "
        r"$2\gamma^H (|c_0| + D) D + \gamma^{2H} D^2$."
    ),
    source="derived here",
    assumptions=r"rewards are at most $R$ in size, $\gamma < 1$",
    instances=st.tuples(tiny_models(0.5, 0.8), STEPS, STEPS, STOCKS) | st.just((CONSTANT, 8, 40, 1.0)),
    check=_quadratic_truncation,
    refutable=scaled(_quadratic_truncation),
    tight=lambda: _quadratic_truncation(CONSTANT, 8, 40, 1.0),
    tight_ratio=0.99,
    attained_by="One state that loops with reward 1",
)


def _greedy_loss(model: OutcomeModel, stock: float, f: TwoSlopes, noise: np.ndarray) -> Check:
    gamma, depth = model.gamma, 40  # gamma**40 is nothing

    @cache
    def values(s: int, c: float, h: int) -> tuple[float, float]:
        """The optimum, and what the greedy policy of V + noise attains."""
        if values.cache_info().currsize > _MOST_STOCKS:
            raise ValueError(f"more than {_MOST_STOCKS} stocks can be reached: the model does not end")
        if h == 0:
            return float(f(c)), float(f(c))
        q, own = [], []
        for i in range(model.pair_start[s], model.pair_start[s + 1]):
            ahead = [
                (p, j, values(j, (c + r) / gamma, h - 1))
                for p, j, r in zip(
                    model.prob[i].tolist(), model.next_state[i].tolist(), model.reward[i].tolist(), strict=True
                )
                if p > 0
            ]
            q.append(
                (
                    gamma * sum(p * (v + noise[j]) for p, j, (v, _) in ahead),
                    gamma * sum(p * v for p, _, (v, _) in ahead),
                )
            )
            own.append(gamma * sum(p * u for p, _, (_, u) in ahead))
        chosen = next(a for a, (seen, _) in enumerate(q) if seen >= max(seen for seen, _ in q) - 1e-12)
        return max(true for _, true in q), own[chosen]

    optimal, attained = values(0, stock, depth)
    return Check(optimal - attained, bounds.stationary_greedy_loss(gamma, float(np.abs(noise).max())))


_STAY_OR_LEAVE = OutcomeModel.from_tables([[0, 1], [1, 1]], [[0.0, 1.0], [0.0, 0.0]], gamma=0.5, mu=0)
_TRAP = (_STAY_OR_LEAVE, 0.0, TwoSlopes(1, 1), np.array([0.5, -0.5]))

greedy_loss = Theorem(
    name="stock-greedy-loss",
    statement=(
        r"The stationary policy that is greedy for $U$ loses at most $\frac{2\gamma}{1-\gamma} \sup |U - V|$ from any "
        r"state and stock."
    ),
    source="derived here, after singh1994",
    assumptions=(
        r"$f$ linear on each half-line, $\gamma < 1$: with stock it is a discounted MDP without running rewards"
    ),
    instances=st.tuples(
        tiny_models(0.5).map(lambda model: ending(model, 2)),
        STOCKS,
        SLOPES,
        st.lists(st.integers(-2, 2), min_size=5, max_size=5).map(lambda noise: np.array(noise) / 2),
    )
    | st.just(_TRAP),
    check=_greedy_loss,
    refutable=scaled(_greedy_loss),
    tight=lambda: _greedy_loss(*_TRAP),
    tight_ratio=0.999999,
    attained_by="A value that is off by as much as is allowed, where one may stay or leave for a reward,",
)


def _target(model: OutcomeModel, H: int, target: float, strictly: bool = False) -> Check:
    found = maximise_target_probability(model, target, H=H, start=0).value
    least = target + 0.5 if strictly else target - 1e-9
    return Check.equal(found, best(achievable(model, H, 0), lambda x, p: float(p[x >= least].sum())))


target_probability = Theorem(
    name="stock-target-probability",
    statement=r"Backward induction with $f(x) = 1\{x \ge 0\}$ and $c_0 = -g$ finds $\max_\pi P(G \ge g)$.",
    source="wu1999; derived here",
    assumptions="finitely many steps",
    instances=st.tuples(tiny_models(1.0, 0.5, 0.8), STEPS, STOCKS),
    check=_target,
    refutable=partial(_target, strictly=True),  # false: for P(G > g)
)

THEOREMS = (
    anytime_identity,
    shaping,
    stock_optimum,
    rescaled_stock,
    continuity,
    convexity,
    monotonicity,
    truncation,
    quadratic_truncation,
    greedy_loss,
    target_probability,
)

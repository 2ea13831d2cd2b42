r"""One state whose rows nature moves together: the best policy is randomised, and penalties are envelopes of budgets.

For total variation the oracle is a linear program over the rows of all actions.
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np

from proofs_check.robust import oracles
from proofs_check.robust.instances import PORTIONS, WEIGHTS, rows, values
from proofs_check.theorem import Check, Theorem
from rltheory.robust import TV, Divergence, bounds, worst_case, worst_case_of_state


def _states(
    parameters: st.SearchStrategy[float],
) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    def of(size: tuple[int, int]) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
        n_actions, n = size
        P = st.lists(rows(n), min_size=n_actions, max_size=n_actions).map(np.array)
        return st.tuples(P, values(n_actions), values(n), parameters)

    return st.tuples(st.integers(1, 3), st.integers(1, 4)).flatmap(of)


_TWINS = (np.array([[1.0, 0], [1, 0]]), np.zeros(2), np.array([1.0, 0]))  # two actions that risk the same
_UNLIKE = (np.array([[1.0, 0], [0.5, 0.5]]), np.zeros(2), np.array([1.0, 0]))


def _pure(make: Callable[[float], Divergence]) -> Callable[..., Check]:
    """Compare with the best deterministic choice, as if it were as good."""

    def check(P: np.ndarray, r: np.ndarray, v: np.ndarray, parameter: float) -> Check:
        pure = [reward + worst_case(make(parameter), p, v).value for p, reward in zip(P, r, strict=True)]
        return Check.equal(worst_case_of_state(make(parameter), P, r, v).value, max(pure))

    return check


def _budget(P: np.ndarray, r: np.ndarray, v: np.ndarray, kappa: float) -> Check:
    found = worst_case_of_state(TV(rho=kappa), P, r, v)
    return Check.equal([found.lower, found.upper], oracles.state_of_total_variation(P, r, v, kappa=kappa))


budget = Theorem(
    name="robust-budget-randomises",
    statement=(
        r"Under one budget $\sum_a D(\mu_a \| p_a) \le \kappa$ the best randomised choice is worth the least $u$ to "
        r"which the budget brings all actions, and $\pi_a \propto 1/\lambda_a$, with the prices $\lambda_a$ of each "
        r"action's share, guarantees it."
    ),
    source="ho2021; derived here",
    assumptions=r"total variation; a policy may be randomised",
    instances=_states(PORTIONS) | st.just((*_TWINS, 0.5)),
    check=_budget,
    refutable=_pure(lambda kappa: TV(rho=kappa)),  # false: some deterministic choice attains it
)


def _penalty(P: np.ndarray, r: np.ndarray, v: np.ndarray, lam: float) -> Check:
    found = worst_case_of_state(TV(lam=lam), P, r, v)
    return Check.equal([found.lower, found.upper], oracles.state_of_total_variation(P, r, v, lam=lam))


penalty = Theorem(
    name="robust-penalty-randomises",
    statement=(
        r"With one penalty $\lambda \sum_a D(\mu_a \| p_a)$ the best randomised choice is worth $\min_u \{ u + \lambda "
        r"\sum_a b_a(u) \}$, with the least divergence $b_a(u)$ that brings action $a$ down to $u$, and $\pi_a = "
        r"\lambda / \lambda_a(u)$ guarantees it, $\lambda_a = -1 / b_a'$."
    ),
    source="derived here",
    assumptions=r"total variation; a policy may be randomised, and nature moves before the action is drawn",
    instances=_states(WEIGHTS) | st.just((*_TWINS, 0.5)),
    check=_penalty,
    refutable=_pure(lambda lam: TV(lam=lam)),  # false: some deterministic choice attains it
)


def _envelope(P: np.ndarray, r: np.ndarray, v: np.ndarray, kappa: float, factor: float = 1.0) -> Check:
    found = worst_case_of_state(TV(rho=kappa), P, r, v)
    price = factor * found.price
    weights = [price] if factor != 1 else [price, 0.5 * price, 2 * price + 0.1]
    penalised = [oracles.state_of_total_variation(P, r, v, lam=lam) for lam in weights]
    return Check.equal(bounds.ball_from_penalties(kappa, weights, penalised), found.value)


envelope = Theorem(
    name="robust-state-envelope",
    statement=(
        r"With the optima $C_\kappa$ under a budget and $R_\lambda$ with a penalty for all rows of a state, "
        r"$C_\kappa = \max_\lambda \{ R_\lambda - \lambda\kappa \}$, attained at the price of the budget."
    ),
    source="derived here",
    assumptions=r"total variation; $\kappa > 0$",
    instances=_states(PORTIONS) | st.just((*_UNLIKE, 0.5)),
    check=_envelope,
    refutable=lambda P, r, v, kappa: _envelope(P, r, v, kappa, factor=2.0),  # false: attained at twice the price
)


def _saddle(P: np.ndarray, r: np.ndarray, v: np.ndarray, kappa: float) -> Check:
    ball, uniform = TV(rho=kappa), np.full(r.size, 1 / r.size)
    best = worst_case_of_state(ball, P, r, v).policy
    optimum = oracles.state_of_total_variation(P, r, v, kappa=kappa)
    answered, other = (worst_case_of_state(ball, P, r, v, policy=x).value for x in (best, 0.5 * (best + uniform)))
    return Check.everywhere([optimum, answered, other], [answered, optimum, optimum])


def _uniform(P: np.ndarray, r: np.ndarray, v: np.ndarray, kappa: float) -> Check:
    answered = worst_case_of_state(TV(rho=kappa), P, r, v, policy=np.full(r.size, 1 / r.size))
    return Check(oracles.state_of_total_variation(P, r, v, kappa=kappa), answered.value)


saddle = Theorem(
    name="robust-state-saddle",
    statement=(r"Nature's best answer to the best policy leaves it $C_\kappa$; any other policy is left no more."),
    source="derived here",
    assumptions=r"total variation; one budget for all rows of a state",
    instances=_states(PORTIONS) | st.just((*_UNLIKE, 0.5)),
    check=_saddle,
    refutable=_uniform,  # false: the uniform policy is as good
)

THEOREMS = (budget, penalty, envelope, saddle)

"""One budget for all actions of a state, against convex programs and against nature's best answer to the policy."""

import cvxpy as cp
import numpy as np
import pytest

from rltheory import ModelError
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, LInf, rectangular_budget, worst_case

MAKERS = {"TV": TV, "L1": L1, "KL": KL, "ChiSquare": ChiSquare, "reverse KL": lambda rho: CressieRead(0.0, rho=rho)}


def distance(divergence, mu, p):
    match divergence:
        case TV():
            return cp.norm1(mu - p) / 2
        case L1():
            return cp.norm1(mu - p)
        case KL():
            return cp.sum(cp.kl_div(mu, p))
        case ChiSquare():
            return cp.sum(cp.multiply(1 / p, cp.square(mu - p)))
    return cp.sum(cp.kl_div(p, mu))


def program(divergence, P, r, v, policy=None):
    """Nature's best: against the best action, or against a given policy."""
    level, rules, spent, values = cp.Variable(), [], [], []
    for p, reward in zip(P, r, strict=True):
        states = np.arange(v.size) if isinstance(divergence, TV | L1) else np.flatnonzero(p)
        mu = cp.Variable(states.size, nonneg=True)
        rules += [cp.sum(mu) == 1]
        spent.append(distance(divergence, mu, p[states]))
        values.append(reward + mu @ v[states])
    rules.append(sum(spent) <= divergence.rho)
    if policy is None:
        rules += [level >= value for value in values]
        goal = level
    else:
        goal = sum(weight * value for weight, value in zip(policy, values, strict=True))
    problem = cp.Problem(cp.Minimize(goal), rules)
    problem.solve(solver=cp.CLARABEL)
    return problem.value


def drawn(rng):
    n_actions, n = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    P, r, v = rng.dirichlet(np.full(n, 0.7), size=n_actions), rng.random(n_actions), rng.normal(size=n)
    if n > 1:
        P[0, 0] = 0.0
        P[0] /= P[0].sum()
    return (P, np.round(r), np.round(v)) if rng.random() < 0.4 else (P, r, v)


@pytest.mark.parametrize("name", MAKERS)
def test_a_convex_program_agrees_and_policy_and_kernels_attain(name):
    rng = np.random.default_rng(len(name))
    for _ in range(20):
        P, r, v = drawn(rng)
        divergence = MAKERS[name](rho=10 ** rng.uniform(-2, 0.5))
        found = rectangular_budget(divergence, P, r, v)
        assert found.value == pytest.approx(program(divergence, P, r, v), abs=1e-6)
        assert found.value == pytest.approx(program(divergence, P, r, v, found.policy), abs=1e-6)
        assert found.gap <= 1e-12
        spent = [divergence.divergence(mu, p) for mu, p in zip(found.kernels, P, strict=True)]
        assert sum(spent) <= divergence.rho + 1e-10
        np.testing.assert_allclose(found.budgets, spent, atol=1e-9)
        assert (r + found.kernels @ v).max() == pytest.approx(found.upper, abs=1e-12)
        assert found.policy.sum() == pytest.approx(1)


@pytest.mark.parametrize("name", MAKERS)
def test_a_single_action_is_the_worst_case_of_its_row(name):
    divergence, p, v = MAKERS[name](rho=0.1), np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 3.0])
    assert rectangular_budget(divergence, [p], [2.0], v).value == pytest.approx(
        2 + worst_case(divergence, p, v).value, abs=1e-12
    )


@pytest.mark.parametrize("name", MAKERS)
def test_no_budget_is_the_best_nominal_action_and_no_limit_the_best_least_value(name):
    P, r, v = [[0.5, 0.5], [0.9, 0.1]], [0.0, 0.5], [0.0, 2.0]
    assert rectangular_budget(MAKERS[name](rho=0.0), P, r, v).value == pytest.approx(1.0, abs=1e-15)
    endless = rectangular_budget(MAKERS[name](rho=np.inf), P, r, v)
    assert endless.value == 0.5
    assert endless.policy.tolist() == [0.0, 1.0]


def test_chance_halves_what_nature_can_spoil():
    found = rectangular_budget(TV(rho=0.5), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0])
    assert found.value == pytest.approx(0.75)
    np.testing.assert_allclose(found.policy, [0.5, 0.5])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: rectangular_budget(TV(lam=1.0), [[1.0]], [0.0], [0.0]), "is not one budget"),
        (lambda: rectangular_budget(TV(rho=[1.0]), [[1.0]], [0.0], [0.0]), "is not one budget"),
        (lambda: rectangular_budget(LInf(rho=1.0), [[1.0]], [0.0], [0.0]), "no budget that adds up"),
        (lambda: rectangular_budget(TV(rho=1.0), [[1.0]], [0.0, 1.0], [0.0]), "they must be"),
        (lambda: rectangular_budget(TV(rho=1.0), [[1.0]], [np.nan], [0.0]), "reward of action 0 is nan"),
        (lambda: rectangular_budget(TV(rho=1.0), [[0.5]], [0.0], [0.0]), r"p sums to 0\.5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(ask, message):
    with pytest.raises(ModelError, match=message):
        ask()


def test_a_budget_that_just_moves_everything_leaves_no_negative_probability():
    found = rectangular_budget(TV(rho=0.5), [[0.0, 0.0, 0.6, 0.4]], [0.0], [0.0, 0.0, 0.0, 1.5])
    assert found.value == 0.0
    assert found.kernels.min() >= 0

"""One budget or penalty for all actions of a state, against convex programs, grids of policies and the envelope."""

import warnings

import cvxpy as cp
import numpy as np
import pytest

from rltheory import ModelError
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, LInf, worst_case, worst_case_of_state

MAKERS = {
    "TV": TV,
    "L1": L1,
    "KL": KL,
    "ChiSquare": ChiSquare,
    "reverse KL": lambda **given: CressieRead(0.0, **given),
    "CressieRead-3": lambda **given: CressieRead(3.0, **given),
}
PROBLEMS = [(name, kind) for name in MAKERS for kind in ("lam", "rho")]


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
        case CressieRead(k=0.0):
            return cp.sum(cp.kl_div(p, mu))
    t, k = cp.multiply(1 / p, mu), divergence.k
    return p @ (cp.power(t, k) - k * t + k - 1) / (k * (k - 1))


def program(divergence, P, r, v, policy=None):
    """Nature's best: against the best action, or against a given policy."""
    level, rules, spent, values = cp.Variable(), [], [], []
    for p, reward in zip(P, r, strict=True):
        states = np.arange(v.size) if isinstance(divergence, TV | L1) else np.flatnonzero(p)
        mu = cp.Variable(states.size, nonneg=True)
        rules += [cp.sum(mu) == 1]
        spent.append(distance(divergence, mu, p[states]))
        values.append(reward + mu @ v[states])
    if divergence.is_penalty:
        paid = divergence.lam * sum(spent)
    else:
        paid, rules = 0.0, [*rules, sum(spent) <= divergence.rho]
    if policy is None:
        rules += [level >= value for value in values]
        goal = level
    else:
        goal = sum(weight * value for weight, value in zip(policy, values, strict=True))
    problem = cp.Problem(cp.Minimize(goal + paid), rules)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may not reach such a tolerance, and come near enough all the same
        problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    return problem.value


def drawn(rng):
    n_actions, n = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    P, r, v = rng.dirichlet(np.full(n, 0.7), size=n_actions), rng.random(n_actions), rng.normal(size=n)
    if n > 1:
        P[0, 0] = 0.0
        P[0] /= P[0].sum()
    return (P, np.round(r), np.round(v)) if rng.random() < 0.4 else (P, r, v)


def made(name, kind, parameter, n_actions):
    """Make a divergence, its budget no larger than what all kernels can spend."""
    divergence = MAKERS[name](**{kind: 1.0})
    return divergence.with_parameter(min(parameter, n_actions * divergence.largest) if kind == "rho" else parameter)


def spending(divergence, found, P):
    return [divergence.divergence(mu, p) for mu, p in zip(found.kernels, P, strict=True)]


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_a_convex_program_agrees_and_policy_and_kernels_attain(name, kind):
    rng = np.random.default_rng(len(name))
    for _ in range(15):
        P, r, v = drawn(rng)
        divergence = made(name, kind, 10 ** rng.uniform(-2, 0.5), r.size)
        found = worst_case_of_state(divergence, P, r, v)
        assert found.value == pytest.approx(program(divergence, P, r, v), abs=1e-6)
        assert found.value == pytest.approx(program(divergence, P, r, v, found.policy), abs=1e-6)
        assert found.gap <= 1e-12
        spent = spending(divergence, found, P)
        np.testing.assert_allclose(found.spent, spent, atol=1e-9)
        paid = divergence.lam * sum(spent) if kind == "lam" else 0.0
        assert kind == "lam" or sum(spent) <= divergence.rho + 1e-10
        assert (r + found.kernels @ v).max() + paid == pytest.approx(found.upper, abs=1e-12)
        assert found.policy.sum() == pytest.approx(1)


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_a_convex_program_agrees_about_a_given_policy_which_is_not_better_than_the_best(name, kind):
    rng = np.random.default_rng(len(name) + 1)
    for _ in range(15):
        P, r, v = drawn(rng)
        policy = rng.dirichlet(np.full(r.size, 0.5))
        policy[0] *= r.size == 1 or rng.random() < 0.7
        policy /= policy.sum()
        divergence = made(name, kind, 10 ** rng.uniform(-2, 0.5), r.size)
        answered = worst_case_of_state(divergence, P, r, v, policy=policy)
        assert answered.value == pytest.approx(program(divergence, P, r, v, policy), abs=1e-6)
        assert answered.gap <= 1e-12
        spent = spending(divergence, answered, P)
        np.testing.assert_allclose(answered.spent, spent, atol=1e-9)
        paid = divergence.lam * sum(spent) if kind == "lam" else 0.0
        assert kind == "lam" or sum(spent) <= divergence.rho + 1e-10
        assert policy @ (r + answered.kernels @ v) + paid == pytest.approx(answered.upper, abs=1e-12)
        assert answered.value <= worst_case_of_state(divergence, P, r, v).upper + 1e-12


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_the_best_policy_is_worth_the_optimum_when_it_is_answered(name, kind):
    rng = np.random.default_rng(len(name) + 2)
    for _ in range(40):
        P, r, v = drawn(rng)
        divergence = made(name, kind, 10 ** rng.uniform(-3, 1), r.size)
        best = worst_case_of_state(divergence, P, r, v)
        answered = worst_case_of_state(divergence, P, r, v, policy=best.policy)
        assert answered.value == pytest.approx(best.value, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
@pytest.mark.parametrize("exponent", [-12, -6, 6, 12])
def test_extreme_weights_and_budgets_leave_no_gap(name, kind, exponent):
    rng = np.random.default_rng(exponent + 20)
    for _ in range(20):
        P, r, v = drawn(rng)
        divergence = made(name, kind, 10.0**exponent, r.size)
        found = worst_case_of_state(divergence, P, r, v)
        answered = worst_case_of_state(divergence, P, r, v, policy=np.full(r.size, 1 / r.size))
        assert found.gap <= 2e-12
        assert answered.gap <= 2e-12
        assert max(r + v.min()) - 1e-12 <= found.value <= max(r + P @ v) + 1e-12


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_with_two_actions_no_policy_of_a_grid_is_better(name, kind):
    rng = np.random.default_rng(5)
    for _ in range(3):
        P, r, v = rng.dirichlet(np.ones(4), size=2), rng.random(2), 2 * rng.normal(size=4)
        divergence = MAKERS[name](**{kind: 0.2})
        found = worst_case_of_state(divergence, P, r, v)
        grid = [worst_case_of_state(divergence, P, r, v, policy=[x, 1 - x]).value for x in np.linspace(0, 1, 201)]
        assert max(grid) <= found.upper + 1e-12
        slope = np.abs(r[:, None] + v).max()  # the value of a policy is Lipschitz in its probability
        assert max(grid) >= found.lower - slope / 200


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("policy", [None, [0.2, 0.5, 0.3]], ids=["best", "given"])
def test_budgets_are_the_envelope_of_penalties_at_their_price(name, policy):
    rng = np.random.default_rng(6)
    for _ in range(10):
        P, r, v = rng.dirichlet(np.ones(4), size=3), rng.random(3), 2 * rng.normal(size=4)
        ball = MAKERS[name](rho=0.1)
        found = worst_case_of_state(ball, P, r, v, policy=policy)

        prices = [factor * found.price for factor in (1.0, 0.3, 0.9, 1.1, 3.0)]
        penalised = [worst_case_of_state(MAKERS[name](lam=x), P, r, v, policy=policy).value - 0.1 * x for x in prices]
        assert penalised[0] == pytest.approx(found.value, abs=1e-12)
        assert max(penalised[1:]) <= found.upper + 1e-12


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_one_action_is_the_worst_case_of_its_row(name, kind):
    divergence, p, v = MAKERS[name](**{kind: 0.1}), np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 3.0])
    expected = pytest.approx(2 + worst_case(divergence, p, v).value, abs=1e-12)
    assert worst_case_of_state(divergence, [p], [2.0], v).value == expected
    assert worst_case_of_state(divergence, [p], [2.0], v, policy=[1.0]).value == expected


@pytest.mark.parametrize("name", MAKERS)
def test_no_budget_is_the_best_nominal_action_and_no_limit_the_best_least_value(name):
    P, r, v = [[0.5, 0.5], [0.9, 0.1]], [0.0, 0.5], [0.0, 2.0]
    for nothing in (MAKERS[name](rho=0.0), MAKERS[name](lam=np.inf)):
        found = worst_case_of_state(nothing, P, r, v)
        assert found.value == pytest.approx(1.0, abs=1e-15)
        assert found.kernels == pytest.approx(np.array(P), abs=1e-15)
        assert worst_case_of_state(nothing, P, r, v, policy=[0.0, 1.0]).value == pytest.approx(0.7, abs=1e-15)
    endless = worst_case_of_state(MAKERS[name](rho=np.inf), P, r, v)
    assert endless.value == 0.5
    assert endless.policy.tolist() == [0.0, 1.0]
    assert worst_case_of_state(MAKERS[name](rho=np.inf), P, r, v, policy=[0.5, 0.5]).value == 0.25


def test_chance_halves_what_nature_can_spoil():
    found = worst_case_of_state(TV(rho=0.5), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0])
    assert found.value == pytest.approx(0.75)
    np.testing.assert_allclose(found.policy, [0.5, 0.5])


def test_a_penalty_is_not_worth_paying_for_an_action_that_is_rarely_played():
    twins = ([[1, 0], [1, 0]], [0, 0], [1.0, 0.0])
    assert worst_case_of_state(TV(lam=0.5), *twins).value == 1.0
    alone = worst_case_of_state(TV(lam=0.5), *twins, policy=[1, 0])
    assert alone.value == 0.5
    assert alone.spent.tolist() == [1.0, 0.0]
    cheap = worst_case_of_state(TV(lam=0.4), *twins)
    assert cheap.value == pytest.approx(0.8)


def test_a_bad_action_with_a_huge_loss_widens_no_gap():
    found = worst_case_of_state(KL(lam=0.3), np.full((2, 2), 0.5), [-1e12, 0.0], [0.0, 1.0])
    assert found.gap <= 1e-12
    assert found.policy.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: worst_case_of_state(TV(rho=[1.0]), [[1.0]], [0.0], [0.0]), "has an array of parameters"),
        (lambda: worst_case_of_state(LInf(rho=1.0), [[1.0]], [0.0], [0.0]), "does not add up"),
        (lambda: worst_case_of_state(TV(rho=1.0), [[1.0]], [0.0, 1.0], [0.0]), r"r has shape \(2,\); with 1 rows"),
        (lambda: worst_case_of_state(TV(rho=1.0), np.ones((0, 1)), [], [0.0]), "at least one action"),
        (lambda: worst_case_of_state(TV(rho=1.0), [[1.0]], [np.nan], [0.0]), "reward of action 0 is nan"),
        (lambda: worst_case_of_state(TV(rho=1.0), [[0.5]], [0.0], [0.0]), r"row 0 of P sums to 0\.5"),
        (lambda: worst_case_of_state(TV(rho=2.5), np.eye(2), [0, 0], [0, 0]), r"rho is 2\.5; TV adds up to 2 at most"),
        (lambda: worst_case_of_state(TV(rho=1), np.eye(2), [0, 0], [0, 0], policy=[0.5, 0.4]), "policy is .*; it must"),
    ],
    ids=range(8),
)
def test_what_makes_no_sense_is_refused_by_name(ask, message):
    with pytest.raises(ModelError, match=message):
        ask()


def test_a_budget_that_just_moves_everything_leaves_no_negative_probability():
    found = worst_case_of_state(TV(rho=0.5), [[0.0, 0.0, 0.6, 0.4]], [0.0], [0.0, 0.0, 0.0, 1.5])
    assert found.value == 0.0
    assert found.kernels.min() >= 0

"""Worst cases of one row, against convex programs, closed forms and limits; and of many rows, against one at a time."""

from decimal import Decimal, localcontext
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import mdps
from proofs_check.robust.instances import WEIGHTS, problems
from rltheory import MDP, ModelError
from rltheory.planning import use_threads
from rltheory.robust import (
    KL,
    L1,
    TV,
    ChiSquare,
    CressieRead,
    LInf,
    worst_case,
    worst_case_kernels,
    worst_case_values,
)
from rltheory.robust.backup import rounding_margin

POWERS = (0.0, 0.5, 1.0, 1.5, 3.0)
MAKERS = {
    "TV": TV,
    "L1": L1,
    "LInf": LInf,
    "KL": KL,
    "ChiSquare": ChiSquare,
    **{f"CressieRead-{k:g}": lambda k=k, **given: CressieRead(k, **given) for k in POWERS},
}
PROBLEMS = [(name, kind) for name in MAKERS for kind in ("lam", "rho") if (name, kind) != ("LInf", "lam")]
LEAVES_THE_SUPPORT = (TV, L1, LInf)
TOLERANCE = 1e-6


def program(divergence, p, v):
    """Solve the inner problem as a convex program (CLARABEL)."""
    states = np.arange(p.size) if isinstance(divergence, LEAVES_THE_SUPPORT) else np.flatnonzero(p)
    mu, q = cp.Variable(states.size, nonneg=True), p[states]
    match divergence:
        case TV():
            distance = cp.norm1(mu - q) / 2
        case L1():
            distance = cp.norm1(mu - q)
        case LInf():
            distance = cp.norm_inf(mu - q)
        case KL() | CressieRead(k=1.0):
            distance = cp.sum(cp.kl_div(mu, q))
        case ChiSquare():
            distance = cp.sum(cp.multiply(1 / q, cp.square(mu - q)))
        case CressieRead(k=0.0):
            distance = cp.sum(cp.kl_div(q, mu))
        case CressieRead(k=k):
            t = cp.multiply(1 / q, mu)
            distance = q @ (cp.power(t, k) - k * t + k - 1) / (k * (k - 1))
    cost, rules = mu @ v[states], [cp.sum(mu) == 1]
    if divergence.is_penalty:
        cost = cost + divergence.lam * distance
    else:
        rules.append(distance <= divergence.rho)
    problem = cp.Problem(cp.Minimize(cost), rules)
    problem.solve(solver=cp.CLARABEL)
    return problem.value


def ball_or_penalty(name, kind, parameter):
    """Make a divergence, its radius no larger than what any kernel can have."""
    divergence = MAKERS[name](**{kind: 1.0})
    return divergence.with_parameter(min(parameter, divergence.largest) if kind == "rho" else parameter)


def drawn(rng):
    """Draw a row and values; zeros and ties are frequent."""
    n = int(rng.integers(1, 8))
    p, v = rng.dirichlet(np.full(n, 0.7)), rng.normal(size=n)
    if n > 2 and rng.random() < 0.5:
        p[rng.integers(n)] = 0.0
        p /= p.sum()
    return p, np.round(v) if rng.random() < 0.5 else v


def attained(divergence, worst, p, v):
    """Return the objective at the worst kernel."""
    price = divergence.lam * divergence.divergence(worst.kernel, p) if divergence.is_penalty else 0.0
    return worst.kernel @ v + price


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_a_convex_program_agrees_and_the_kernel_attains(name, kind):
    rng = np.random.default_rng(len(name) + len(kind))
    for _ in range(40):
        p, v = drawn(rng)
        divergence = ball_or_penalty(name, kind, 10 ** rng.uniform(-1.5, 0.5))
        worst = worst_case(divergence, p, v)
        assert worst.value == pytest.approx(program(divergence, p, v), abs=TOLERANCE)
        assert worst.lower <= worst.value <= worst.upper
        assert worst.gap <= 1e-12
        assert attained(divergence, worst, p, v) == pytest.approx(worst.value, abs=1e-10)
        assert worst.kernel.min() >= 0
        assert worst.kernel.sum() == pytest.approx(1, abs=1e-12)
        assert divergence.is_penalty or divergence.divergence(worst.kernel, p) <= divergence.rho + 1e-10


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "LInf"])
@pytest.mark.parametrize("exponent", [-12, -6, 6, 12])
def test_extreme_weights_and_radii_leave_no_gap(name, exponent):
    rng = np.random.default_rng(exponent + 20)
    for kind in ("lam", "rho"):
        divergence = ball_or_penalty(name, kind, 10.0**exponent)
        for _ in range(20):
            p, v = drawn(rng)
            worst = worst_case(divergence, p, v)
            assert worst.gap <= 1e-12
            assert v.min() <= worst.value <= p @ v + 1e-12
            rounding = 1e-14 * divergence.lam if divergence.is_penalty else 0.0
            assert attained(divergence, worst, p, v) == pytest.approx(worst.value, abs=1e-10 + rounding)


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_no_budget_is_the_mean_and_no_limit_the_least_value(name, kind):
    rng = np.random.default_rng(0)
    for _ in range(20):
        p, v = drawn(rng)
        nominal = worst_case(MAKERS[name](**{kind: np.inf if kind == "lam" else 0.0}), p, v)
        assert nominal.value == pytest.approx(p @ v, abs=1e-14)
        np.testing.assert_allclose(nominal.kernel, p, atol=1e-16)
        if kind == "rho":
            least = v.min() if name in ("TV", "L1", "LInf") else v[p > 0].min()
            assert worst_case(MAKERS[name](rho=np.inf), p, v).value == least


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_one_state_and_equal_values_leave_no_choice(name, kind):
    divergence = MAKERS[name](**{kind: 0.3})
    assert worst_case(divergence, [1.0], [7.0]).value == 7.0
    constant = worst_case(divergence, [0.25, 0.75, 0.0], [2.0, 2.0, 2.0])
    assert constant.value == pytest.approx(2.0, abs=1e-15)


@given(problems(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0, 50.0]), WEIGHTS))
def test_the_price_of_the_radius_is_the_weight_that_has_the_same_kernel(problem):
    p, v, k, lam = problem
    penalised = worst_case(CressieRead(k, lam=lam), p, v)
    radius = CressieRead(k, lam=lam).divergence(penalised.kernel, p)
    ball = worst_case(CressieRead(k, rho=radius), p, v)
    assert ball.value == pytest.approx(penalised.kernel @ v, abs=1e-9)
    least = np.where((p > 0) & (v == v[p > 0].min()), p, 0.0)
    largest = CressieRead(k, lam=lam).divergence(least / least.sum(), p)
    tells = 1e-8 < radius < largest - 1e-9  # next to nothing, or to all, the radius's rounding hides the weight
    if tells and 0 < ball.multiplier < np.inf and np.count_nonzero(penalised.kernel) == np.count_nonzero(p):
        assert ball.multiplier == pytest.approx(lam, rel=1e-4)


@pytest.mark.parametrize("k", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0, 50.0])
def test_a_radius_just_below_the_largest_of_the_row_is_answered(k):
    p, v = np.array([5 / 11, 6 / 11]), np.array([1.5, 0.0])
    largest = CressieRead(k, rho=1.0).divergence([0.0, 1.0], p) if k else 700.0
    for ulps in range(20):
        worst = worst_case(CressieRead(k, rho=largest * (1 - ulps * 2.0**-53)), p, v)
        assert worst.gap <= 1e-12
        assert worst.value <= (1e-6 if k <= 1 else 1e-12)


@given(problems(WEIGHTS))
def test_chi_square_is_twice_the_second_power(problem):
    p, v, lam = problem
    for chi, power in (
        (ChiSquare(lam=lam), CressieRead(2, lam=2 * lam)),
        (ChiSquare(rho=lam), CressieRead(2, rho=lam / 2)),
    ):
        assert worst_case(chi, p, v).value == pytest.approx(worst_case(power, p, v).value, abs=1e-12)


def finite_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@pytest.mark.parametrize("name", ["KL", "ChiSquare", *(f"CressieRead-{k:g}" for k in POWERS)])
def test_slopes_in_values_and_weight_are_kernel_and_divergence(name):
    rng = np.random.default_rng(3)
    for _ in range(10):
        p, v, direction, lam = rng.dirichlet(np.ones(5)), rng.normal(size=5), rng.normal(size=5), rng.uniform(0.5, 2)
        divergence = MAKERS[name](lam=lam)
        worst = worst_case(divergence, p, v)
        in_values = finite_difference(lambda h: worst_case(divergence, p, v + h * direction).value, 0.0, 1e-5)  # noqa: B023
        in_weight = finite_difference(lambda x: worst_case(MAKERS[name](lam=x), p, v).value, lam, 1e-5)  # noqa: B023
        assert in_values == pytest.approx(worst.kernel @ direction, abs=1e-6)
        assert in_weight == pytest.approx(divergence.divergence(worst.kernel, p), abs=1e-6)


@pytest.mark.parametrize("name", ["TV", "L1", "LInf", "KL", "ChiSquare", "CressieRead-3"])
def test_the_price_is_the_slope_in_the_radius(name):
    rng = np.random.default_rng(4)
    for _ in range(10):
        p, v, rho = rng.dirichlet(np.ones(5)), rng.normal(size=5), rng.uniform(0.02, 0.1)
        slope = finite_difference(lambda x: worst_case(MAKERS[name](rho=x), p, v).value, rho, 1e-7)  # noqa: B023
        assert -slope == pytest.approx(worst_case(MAKERS[name](rho=rho), p, v).multiplier, rel=1e-4)


@pytest.mark.parametrize("divergence", [TV(lam=0.4), L1(lam=0.4), KL(lam=0.4), ChiSquare(lam=0.4)], ids=repr)
def test_eta_proves_the_optimum_of_a_penalty(divergence):
    conjugate = {
        TV: lambda s: np.where(s <= 0.5 + 1e-12, np.maximum(s, -0.5), np.inf),
        L1: lambda s: np.where(s <= 1 + 1e-12, np.maximum(s, -1), np.inf),
        KL: np.expm1,
        ChiSquare: lambda s: np.where(s >= -2, s + s**2 / 4, -1),
    }[type(divergence)]
    rng = np.random.default_rng(5)
    for _ in range(20):
        p, v = drawn(rng)
        worst = worst_case(divergence, p, v)
        s = (worst.multiplier - v) / divergence.lam
        if not isinstance(divergence, TV | L1):
            s, p = s[p > 0], p[p > 0]
        assert worst.multiplier - divergence.lam * p @ conjugate(s) == pytest.approx(worst.value, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), PROBLEMS)
def test_many_rows_are_solved_as_one_at_a_time(name, kind):
    rng = np.random.default_rng(6)
    P = rng.dirichlet(np.full(6, 0.5), size=15) * (rng.random((15, 6)) < 0.7)
    P[P.sum(axis=1) == 0, 0] = 1.0
    P /= P.sum(axis=1, keepdims=True)
    v, parameters = np.round(rng.normal(size=6), 1), 10 ** rng.uniform(-2, 1, size=15)
    if kind == "rho":
        parameters = np.minimum(parameters, MAKERS[name](rho=0.0).largest)
    one_by_one = [worst_case(MAKERS[name](**{kind: x}), p, v).value for p, x in zip(P, parameters, strict=True)]
    many = MAKERS[name](**{kind: parameters})
    np.testing.assert_allclose(worst_case_values(many, P, v), one_by_one, atol=1e-14)
    np.testing.assert_allclose(worst_case_values(many, sp.csr_array(P), v), one_by_one, atol=1e-14)
    kernels = [worst_case(many.with_parameter(x), p, v).kernel for p, x in zip(P, parameters, strict=True)]
    np.testing.assert_allclose(worst_case_kernels(many, P, v).toarray(), kernels, atol=1e-14)


def exactly(numbers):
    return [Fraction(float(x)) for x in numbers]


def rational_total_variation(p, v, lam):
    return sum(q * min(x, min(v) + lam) for q, x in zip(p, v, strict=True)) / sum(p)


def rational_chi_square(p, v, lam):
    """The largest of the dual alpha - lam - E (alpha - V)_+^2 / (4 lam) over the alpha of every block."""
    p, v = zip(*[(q / sum(p), x) for q, x in zip(p, v, strict=True) if q], strict=True)
    best = min(v)
    for top in v:
        block = [(q, x) for q, x in zip(p, v, strict=True) if x <= top]
        alpha = (2 * lam + sum(q * x for q, x in block)) / sum(q for q, _ in block)
        missing = sum(q * max(alpha - x, 0) ** 2 for q, x in zip(p, v, strict=True))
        best = max(best, alpha - lam - missing / (4 * lam))
    return best


@pytest.mark.parametrize(("make", "rational"), [(TV, rational_total_variation), (ChiSquare, rational_chi_square)])
def test_exact_rationals_lie_between_the_ends_up_to_rounding(make, rational):
    rng = np.random.default_rng(7)
    for _ in range(100):
        p, v = drawn(rng)
        lam = 10 ** rng.uniform(-12, 12)
        worst = worst_case(make(lam=lam), p, v)
        exact = rational(exactly(p), exactly(v), Fraction(lam))
        rounding = 1e-14 * (1 + np.abs(v).max())
        assert worst.lower - rounding <= exact <= worst.upper + rounding


def precise(divergence, p, v):
    """Forty digits: the dual of the penalty at the eta that makes the density sum to one, found by bisection."""
    with localcontext(prec=40):
        p, v = zip(*[(Decimal(float(q)), Decimal(float(x))) for q, x in zip(p, v, strict=True) if q], strict=True)
        lam, k = Decimal(divergence.lam), Decimal(divergence.k)

        def mean(f):
            return sum(q * f(x) for q, x in zip(p, v, strict=True)) / sum(p)

        if k == 1:
            return min(v) - lam * mean(lambda x: ((min(v) - x) / lam).exp()).ln()

        def power(eta, x, exponent):
            base = 1 + (k - 1) * (eta - x) / lam
            return base**exponent if base > 0 else Decimal(0)

        def mass(eta):
            return mean(lambda x: power(eta, x, 1 / (k - 1)))

        low, high = min(v), max(v) if k > 1 else min(max(v), min(v) + lam / (1 - k) * (1 - Decimal("1e-30")))
        for _ in range(140):
            eta = (low + high) / 2
            low, high = (eta, high) if mass(eta) < 1 else (low, eta)
        return low - lam * mean(lambda x: (power(low, x, k / (k - 1)) - 1) / k)


@pytest.mark.parametrize("k", [0.5, 1.0, 1.5, 3.0])
def test_forty_digits_lie_between_the_ends_up_to_the_margin_of_the_models(k):
    rng = np.random.default_rng(11)
    for _ in range(15):
        p, v = drawn(rng)
        divergence = CressieRead(k, lam=10 ** rng.uniform(-4, 4))
        worst, margin = worst_case(divergence, p, v), rounding_margin(p.size, v)
        exact = precise(divergence, p, v)
        assert worst.lower - margin <= float(exact) <= worst.upper + margin


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "LInf"])
def test_probabilities_of_extreme_size_leave_no_gap(name):
    rng = np.random.default_rng(9)
    for _ in range(50):
        p, v = 10 ** rng.uniform(-250, 0, size=5), rng.normal(size=5)
        for kind in ("lam", "rho"):
            worst = worst_case(ball_or_penalty(name, kind, 10 ** rng.uniform(-3, 1)), p / p.sum(), v)
            assert worst.gap <= 1e-10
            assert np.isfinite(worst.kernel).all()


def test_rows_that_nature_leaves_alone_keep_their_support():
    P = np.random.default_rng(8).dirichlet(np.ones(6), size=50) * (np.arange(6) > 0)
    P /= P.sum(axis=1, keepdims=True)
    kernels = worst_case_kernels(TV(lam=10.0), P, np.arange(6.0))
    assert kernels.nnz == 250
    np.testing.assert_allclose(kernels.toarray(), P, atol=1e-15)


def test_the_rows_of_a_model_are_its_pairs():
    mdp = mdps.river_swim(6, gamma=0.9)
    v = np.arange(6.0)
    dense = mdp.P.toarray()
    expected = [worst_case(KL(rho=0.1), p, v).value for p in dense]
    np.testing.assert_allclose(worst_case_values(KL(rho=0.1), mdp, v), expected, atol=1e-14)


def test_answers_do_not_depend_on_the_number_of_threads():
    mdp = mdps.garnet(9000, 3, 10, rng=0)
    v = np.random.default_rng(0).random(9000)
    with use_threads(1):
        alone = worst_case_values(KL(rho=0.2), mdp, v)
    with use_threads(3):
        assert (worst_case_values(KL(rho=0.2), mdp, v) == alone).all()


def test_a_total_variation_ball_may_send_mass_where_the_nominal_row_never_goes():
    worst = worst_case(TV(rho=0.25), [0.0, 0.5, 0.5], [0.0, 1.0, 2.0])
    np.testing.assert_allclose(worst.kernel, [0.25, 0.5, 0.25])
    assert worst_case(KL(rho=np.inf), [0.0, 0.5, 0.5], [0.0, 1.0, 2.0]).value == 1.0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: worst_case(TV(lam=1), [0.5, 0.6], [0, 1]), r"p sums to 1\.1; a distribution sums to 1"),
        (lambda: worst_case(TV(lam=1), [1.5, -0.5], [0, 1]), r"p of state 1 is -0\.5"),
        (lambda: worst_case(TV(lam=1), [1.0], [0, 1]), r"p has shape \(1,\)"),
        (lambda: worst_case(TV(lam=1), [0.5, 0.5], [0, np.inf]), "v of state 1 is inf"),
        (lambda: worst_case(TV(lam=1), [], []), "at least one state"),
        (lambda: worst_case(TV(lam=[1, 2]), [0.5, 0.5], [0, 1]), "one row needs one"),
        (lambda: worst_case_values(TV(lam=[1, 2]), [[0.5, 0.5]], [0, 1]), r"parameters of shape \(2,\); for 1 rows"),
        (lambda: worst_case_values(TV(lam=1), [[1, 0], [0.5, 0.4]], [0, 1]), r"row 1 of P sums to 0\.9 \(1 bad rows\)"),
        (lambda: worst_case_values(TV(lam=1), [[1, 0], [1.5, -0.5]], [0, 1]), r"row 1 of P goes to state 1"),
        (lambda: worst_case_values(TV(lam=1), [[1, 0]], [0, 1, 2]), r"P has shape \(1, 2\); with 3 values"),
        (lambda: worst_case_values(TV(lam=1), MDP.from_arrays([[[1.0]]], [0.0], gamma=0.5), [0, 1]), "P has shape"),
        (lambda: worst_case(TV(rho=1.5), [0.5, 0.5], [0, 1]), r"rho is 1\.5; TV is 1 at most \(inf admits every"),
        (lambda: worst_case_values(L1(rho=[2, 3]), np.eye(2), [0, 1]), r"rho of row 1 is 3\.0; L1 is 2 at most"),
        (lambda: worst_case_kernels(LInf(rho=1.1), np.eye(2), [0, 1]), r"rho is 1\.1; LInf is 1 at most"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(ask, message):
    with pytest.raises(ModelError, match=message):
        ask()


@pytest.mark.parametrize(("kind", "most"), [(TV, 1.0), (L1, 2.0), (LInf, 1.0)])
def test_the_largest_radius_admits_every_kernel_as_infinity_does(kind, most):
    p, v = np.array([0.0, 0.5, 0.5]), np.array([1.0, 2.0, 0.0])
    for rho in (most, np.inf):
        assert worst_case(kind(rho=rho), p, v).value == 0.0
        assert worst_case_kernels(kind(rho=rho), p, v).toarray().tolist() == [[0.0, 0.0, 1.0]]

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rltheory import CriterionError, ModelError
from rltheory.distributional import DiscreteLaw
from rltheory.distributional import risk as functionals
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import (
    CVaR,
    Entropic,
    MeanVariance,
    PartialMoment,
    ReverseEntropic,
    Semideviation,
    Shortfall,
    best_response,
    response_gap,
)

SMOOTH = [
    MeanVariance(0.0),
    MeanVariance(0.7),
    Entropic(0.4),
    Entropic(20.0),
    ReverseEntropic(0.8),
    PartialMoment(0.5, target=1.0),
    PartialMoment(0.5, target=0.0, order=3.0),
]
POLYHEDRAL = [CVaR(0.3), CVaR(1.0), Semideviation(0.6), Shortfall(2.0, target=0.5)]
ALL = SMOOTH + POLYHEDRAL


@st.composite
def problems(draw, least=1, most=5):
    """Draw a matrix with ties and repeated rows, a law with zeros, a tremble that fits, and a strategy."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, n = (int(rng.integers(least, most + 1)) for _ in range(2))
    A = rng.integers(-4, 5, size=(m, n)).astype(float) if rng.random() < 0.5 else 2 * rng.normal(size=(m, n))
    if m > 1 and rng.random() < 0.3:
        A[1] = A[0]
    q = rng.dirichlet(np.full(n, 0.7))
    if n > 1 and rng.random() < 0.3:
        q[0] = 0.0
    tremble = float(rng.choice([0.0, 0.5 / m]))
    return A, q / q.sum(), tremble, tremble + (1 - m * tremble) * rng.dirichlet(np.ones(m))


def cvxpy_value(A, q, aversion, tremble):
    """Solve a best response as a cone program."""
    import cvxpy as cp

    p = cp.Variable(A.shape[0])
    z = A.T @ p
    mean = q @ z
    match aversion:
        case MeanVariance(gamma):
            objective = mean - gamma * cp.sum_squares(cp.multiply(np.sqrt(q), z - mean))
        case Entropic(tau):
            objective = -cp.log_sum_exp(-tau * z[q > 0] + np.log(q[q > 0])) / tau
        case ReverseEntropic(tau):
            # The dual of the worst law: max over l of -l + sum q (1 + log(tau (l + z))) / tau on the support of q.
            multiplier = cp.Variable()
            on = np.flatnonzero(q > 0)
            objective = (1 / tau) - multiplier + q[on] @ cp.log(tau * (z[on] + multiplier)) / tau
        case PartialMoment(gamma, target, order):
            objective = mean - gamma * (q @ cp.power(cp.pos(target - z), order))
        case CVaR(alpha):
            level = cp.Variable()
            objective = level - q @ cp.pos(level - z) / alpha
        case Semideviation(kappa):
            objective = mean - kappa * (q @ cp.pos(mean - z))
        case Shortfall(gamma, target):
            objective = mean - gamma * (q @ cp.pos(target - z))
    program = cp.Problem(cp.Maximize(objective), [p >= tremble, cp.sum(p) == 1])
    return program.solve(solver=cp.CLARABEL)


@pytest.mark.parametrize("aversion", ALL, ids=repr)
def test_a_best_response_is_what_a_cone_program_finds(aversion):
    rng = np.random.default_rng(1)
    for _ in range(6):
        m, n = rng.integers(2, 6, size=2)
        A, q, tremble = 2 * rng.normal(size=(m, n)), rng.dirichlet(np.ones(n)), float(rng.choice([0.0, 0.1]))
        found = best_response(A, q, aversion, tremble=tremble)
        assert found.value == pytest.approx(cvxpy_value(A, q, aversion, tremble), abs=2e-6)
        assert found.strategy.min() >= tremble - 1e-15
        assert found.strategy.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("aversion", ALL, ids=repr)
@given(problem=problems())
def test_the_gap_of_a_best_response_is_nearly_nothing(aversion, problem):
    A, q, tremble, _ = problem
    assert best_response(A, q, aversion, tremble=tremble).gap <= 2e-9 * (1 + np.ptp(A))


@pytest.mark.parametrize("aversion", ALL, ids=repr)
@given(problem=problems(least=2), seed=st.integers(0, 1000))
def test_no_strategy_is_better_than_the_proven_gap(aversion, problem, seed):
    A, q, tremble, p = problem
    assume((A[0] != A).any())  # else the gap is 0, and values differ by rounding
    m = A.shape[0]
    gap, here = response_gap(p, A, q, aversion, tremble=tremble), aversion.value(A.T @ p, q)
    others = tremble + (1 - m * tremble) * np.vstack(
        [np.eye(m), np.random.default_rng(seed).dirichlet(np.full(m, 0.5), size=50)]
    )
    assert max(aversion.value(A.T @ other, q) for other in others) - here <= gap


@pytest.mark.parametrize("aversion", SMOOTH, ids=repr)
def test_slopes_curvatures_and_cross_derivatives_are_those_of_the_value(aversion):
    rng, h = np.random.default_rng(2), 1e-6
    z, q = rng.normal(size=4) - 0.3, rng.dirichlet(np.ones(4))
    if isinstance(aversion, Entropic) and aversion.tau > 5:
        z /= 20
    for b in range(4):
        e = h * np.eye(4)[b]
        slope = (aversion.value(z + e, q) - aversion.value(z - e, q)) / (2 * h)
        assert slope == pytest.approx(aversion.slope(z, q)[b], abs=1e-7)
        bend = (aversion.slope(z + e, q) - aversion.slope(z - e, q)) / (2 * h)
        np.testing.assert_allclose(-bend, aversion.curvature(z, q)[b], atol=1e-5)
        if isinstance(aversion, MeanVariance | PartialMoment):
            moved = (aversion.slope(z, q + e) - aversion.slope(z, q - e)) / (2 * h)
            np.testing.assert_allclose(moved, aversion.cross(z, q)[:, b], atol=1e-6)
        elif b:  # laws of adversaries are those of a law: move between two coordinates
            e = e - h * np.eye(4)[0]
            moved = (aversion.slope(z, q + e) - aversion.slope(z, q - e)) / (2 * h)
            cross = aversion.cross(z, q)
            np.testing.assert_allclose(moved, cross[:, b] - cross[:, 0], atol=1e-5)


@pytest.mark.parametrize("aversion", POLYHEDRAL, ids=repr)
@given(problem=problems(least=2))
def test_the_slope_of_an_aversion_with_kinks_is_a_supergradient(aversion, problem):
    A, q, _, p = problem
    z, other = A.T @ p, A[0]
    reached = aversion.value(z, q) + aversion.slope(z, q) @ (other - z)
    assert aversion.value(other, q) <= reached + 1e-9 * (1 + np.abs(A).max())


@pytest.mark.parametrize(
    ("aversion", "functional"),
    [
        (MeanVariance(0.7), functionals.MeanVariance(0.7)),
        (Entropic(0.4), functionals.Entropic(0.4)),
        (Entropic(20.0), functionals.Entropic(20.0)),
        (CVaR(0.3), functionals.CVaR(0.3)),
        (Semideviation(0.6), functionals.Semideviation(0.6)),
    ],
    ids=lambda one: type(one).__module__.split(".")[1] + "-" + repr(one),
)
@given(problem=problems())
def test_aversions_are_functionals_of_the_law_of_the_payoff(aversion, functional, problem):
    A, q, _, p = problem
    z = A.T @ p
    assert aversion.value(z, q) == pytest.approx(functional(DiscreteLaw(z[q > 0], q[q > 0])), abs=1e-9)


def test_weights_of_a_hedge_are_those_of_the_least_variance():
    # Two assets with variances 1 and 4 and no covariance: 4/5 and 1/5.
    A = np.array([[1.0, 1.0, -1.0, -1.0], [2.0, -2.0, 2.0, -2.0]])
    found = best_response(A, np.full(4, 0.25), MeanVariance(1.0))
    np.testing.assert_allclose(found.strategy, [0.8, 0.2], atol=1e-12)


def test_only_losses_count_for_a_partial_moment():
    gamble, sure, q = [3.0, 1.0], [1.5, 1.5], [0.5, 0.5]
    np.testing.assert_allclose(best_response([gamble, sure], q, MeanVariance(2.0)).strategy, [0.125, 0.875], atol=1e-9)
    downside = best_response([gamble, sure], q, PartialMoment(2.0, target=1.0))
    np.testing.assert_allclose(downside.strategy, [1.0, 0.0], atol=1e-9)


def test_the_linear_bound_of_theory_is_never_below_the_gap():
    rng = np.random.default_rng(3)
    for _ in range(50):
        m = int(rng.integers(2, 5))
        A, q, p = rng.normal(size=(m, 4)), rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(m))
        mean = A @ q
        covariance = (A * q) @ A.T - np.outer(mean, mean)
        promised = bounds.mean_variance_gain(p, mean, covariance, 0.8)
        assert response_gap(p, A, q, MeanVariance(0.8)) <= promised + 1e-12


def test_many_actions_are_no_obstacle():
    rng = np.random.default_rng(4)
    A, q = rng.normal(size=(150, 60)), rng.dirichlet(np.ones(60))
    A[100:] = A[:50]
    found = best_response(A, q, MeanVariance(2.0), tremble=1e-4)
    assert found.gap < 1e-8
    assert found.value == pytest.approx(cvxpy_value(A, q, MeanVariance(2.0), 1e-4), abs=1e-6)


def test_bad_questions_are_named():
    A, q, neutral = [[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5], MeanVariance(0.0)
    with pytest.raises(CriterionError, match=r"gamma is -1; an aversion to risk is at least 0"):
        MeanVariance(-1)
    with pytest.raises(CriterionError, match=r"gamma is nan"):
        MeanVariance(np.nan)
    with pytest.raises(CriterionError, match=r"tau is 0; it is positive and finite"):
        Entropic(0)
    with pytest.raises(CriterionError, match=r"tau is inf"):
        ReverseEntropic(np.inf)
    with pytest.raises(CriterionError, match=r"order is 1; it is at least 2 \(of order 1 is Shortfall\)"):
        PartialMoment(1.0, target=0.0, order=1)
    with pytest.raises(CriterionError, match=r"target is nan"):
        Shortfall(1.0, target=np.nan)
    with pytest.raises(CriterionError, match=r"alpha is 0; the mass of a tail is in \(0, 1\]"):
        CVaR(0)
    with pytest.raises(CriterionError, match=r"kappa is 1.5; it is in \[0, 1\]"):
        Semideviation(1.5)
    with pytest.raises(CriterionError, match=r"tremble is 0.5; with 2 actions it must be in \[0, 1/2\)"):
        best_response(A, q, neutral, tremble=0.5)
    with pytest.raises(CriterionError, match=r"tremble is -0.1"):
        response_gap(q, A, q, neutral, tremble=-0.1)
    with pytest.raises(ModelError, match=r"p plays action 1 with probability 0.05, below the tremble 0.1"):
        response_gap([0.95, 0.05], A, q, neutral, tremble=0.1)
    with pytest.raises(ModelError, match=r"A has shape \(2,\)"):
        best_response([1.0, 2.0], q, neutral)
    with pytest.raises(ModelError, match=r"it must be a finite matrix"):
        best_response([[1.0, np.nan], [0.0, 0.0]], q, neutral)
    with pytest.raises(ModelError, match=r"q sums to 0.9"):
        best_response(A, [0.5, 0.4], neutral)


@pytest.mark.parametrize("tau", [1e-12, 1e-6, 1e-2, 1.0])
def test_little_fear_does_not_cost_digits(tau):
    z, q = np.array([0.0, 1.0, 3.0]), np.array([0.25, 0.5, 0.25])
    mean = q @ z
    for aversion in (Entropic(tau), ReverseEntropic(tau)):
        slack = 1e-14 + 1e-15 / tau * isinstance(aversion, ReverseEntropic)
        assert mean - tau / 2 * 9 - slack <= aversion.value(z, q) <= mean + slack
    error = bounds.entropic_mean_variance_error(tau, 3.0)
    assert abs(Entropic(tau).value(z, q) - (mean - tau / 2 * (q @ (z - mean) ** 2))) <= error + 1e-15

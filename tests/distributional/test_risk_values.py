"""Functionals against closed forms, linear programs, definitions in fractions, and the order between them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, linprog
from scipy.stats import norm

from rltheory import CriterionError
from rltheory.distributional import DiscreteLaw, risk

UTILITY, OCE = risk.ExpectedUtility, risk.OptimisedCertaintyEquivalent
VALUES = st.integers(-16, 16).map(lambda k: k / 4)
LEVELS = st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.75, 0.9, 1.0])


@st.composite
def exact_laws(draw):
    """Draw a law as sorted atoms with fractions, and as floats."""
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    atoms = draw(st.lists(VALUES, min_size=len(weights), max_size=len(weights), unique=True))
    prob = [Fraction(w, sum(weights)) for w in weights]
    exact = sorted(zip(map(Fraction, atoms), prob, strict=True))
    return exact, DiscreteLaw(atoms, [float(p) for p in prob])


LAWS = exact_laws().map(lambda drawn: drawn[1])


def near(value):
    return pytest.approx(float(value), rel=1e-10, abs=1e-10)


def bernoulli(p):
    return DiscreteLaw([0.0, 1.0], [1 - p, p])


# --- tails and quantiles ---


@given(exact_laws(), st.sampled_from([Fraction(1, 20), Fraction(3, 10), Fraction(1, 2), Fraction(1)]))
def test_cvar_is_the_mean_of_the_tail_in_fractions(drawn, tau):
    exact, law = drawn
    left, total = tau, Fraction(0)
    for x, p in exact:
        total += x * min(p, left)
        left -= min(p, left)
    assert risk.CVaR(float(tau))(law) == near(total / tau)


@given(LAWS, LEVELS)
def test_cvar_is_the_maximum_of_rockafellar_and_uryasev_at_an_atom(law, tau):
    best = max(b + law.expect(lambda x, b=b: np.minimum(x - b, 0)) / tau for b in law.atoms)
    assert risk.CVaR(tau)(law) == near(best)


@given(LAWS, LEVELS)
def test_cvar_is_its_dual_linear_program(law, tau):
    dual = linprog(law.prob * law.atoms, A_eq=law.prob[None, :], b_eq=[law.prob.sum()], bounds=(0, 1 / tau))
    assert risk.CVaR(tau)(law) == pytest.approx(dual.fun, abs=1e-7)


@given(LAWS, LEVELS)
def test_optimistic_cvar_is_the_minimum_of_its_own_program_and_the_rest_of_the_mean(law, tau):
    best = min(b + law.expect(lambda x, b=b: np.maximum(x - b, 0)) / tau for b in law.atoms)
    assert risk.OptimisticCVaR(tau)(law) == near(best)
    if tau < 1:
        assert tau * best + (1 - tau) * risk.CVaR(1 - tau)(law) == near(law.mean)


def test_cvar_of_a_bernoulli_and_of_uniform_atoms():
    for p, tau in ((0.3, 0.5), (0.3, 0.9), (0.7, 0.2)):
        assert risk.CVaR(tau)(bernoulli(p)) == near(max(0.0, (tau - 1 + p) / tau))
    uniform = DiscreteLaw((np.arange(1000) + 0.5) / 1000)
    assert risk.CVaR(0.3)(uniform) == near(0.15)
    assert risk.OptimisticCVaR(0.3)(uniform) == near(0.85)


@given(exact_laws(), st.data())
def test_quantiles_are_right_where_levels_meet_the_distribution_function(drawn, data):
    exact, law = drawn
    sums = np.cumsum([p for _, p in exact])
    k = data.draw(st.integers(0, len(exact) - 1))
    level = float(sums[k])  # the float that is nearest, not the sum of floats
    assert risk.LowerQuantile(level)(law) == exact[k][0]
    assert risk.ValueAtRisk(level)(law) == exact[min(k + 1, len(exact) - 1)][0]


def test_the_guard_of_quantiles_covers_sums_of_tenths():
    tenths = DiscreteLaw(np.arange(10.0), np.full(10, 0.1))
    assert tenths.cumulative[2] == 0.30000000000000004
    assert risk.LowerQuantile(0.3)(tenths) == 2
    assert risk.ValueAtRisk(0.3)(tenths) == 3
    assert risk.ValueAtRisk(1.0)(tenths) == risk.EssentialSupremum()(tenths) == 9


@given(LAWS, LEVELS)
def test_risk_functionals_are_ordered(law, tau):
    ends = risk.EssentialInfimum()(law), risk.EssentialSupremum()(law)
    rising = [
        ends[0],
        risk.EVaR(tau)(law),
        risk.CVaR(tau)(law),
        risk.LowerQuantile(tau)(law),
        risk.ValueAtRisk(tau)(law),
    ]
    assert rising == sorted(rising, key=lambda value: round(value, 9))
    assert rising[-1] <= ends[1]
    assert risk.CVaR(tau)(law) <= law.mean + 1e-12 <= risk.OptimisticCVaR(tau)(law) + 2e-12


@given(LAWS, LEVELS, LEVELS)
def test_a_larger_tail_has_a_larger_mean_and_tau_times_it_is_convex(law, one, two):
    low, high = sorted((one, two))
    for family in (risk.CVaR, risk.EVaR):
        assert family(low)(law) <= family(high)(law) + 1e-12
    middle = (one + two) / 2
    chord = (one * risk.CVaR(one)(law) + two * risk.CVaR(two)(law)) / 2
    assert middle * risk.CVaR(middle)(law) <= chord + 1e-12


# --- entropic ---


@given(LAWS)
def test_entropic_risk_falls_from_the_mean_to_the_worst(law):
    values = [risk.Entropic(beta)(law) for beta in (0.0, 1e-12, 1e-7, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6)]
    length = law.atoms[-1] - law.atoms[0]
    assert values[0] == law.mean
    assert values[1] == near(law.mean)
    assert values == sorted(values, key=lambda value: -round(value, 9))
    assert law.atoms[0] <= values[-1] <= law.atoms[0] - np.log(law.prob[0]) / 1e6 + 1e-12
    assert values[4] >= law.mean - 0.1 * length**2 / 8 - 1e-12  # Hoeffding


@pytest.mark.parametrize("beta", [1e-9, 1e-8, 1e-7, 1e-5, 1e-3])
def test_entropic_risk_of_a_small_aversion_is_its_series(beta):
    law = DiscreteLaw([-1.0, 0.5, 2.0], [0.2, 0.5, 0.3])
    third = law.expect(lambda x: (x - law.mean) ** 3)
    series = law.mean - beta / 2 * law.variance + beta**2 / 6 * third
    assert risk.Entropic(beta)(law) == pytest.approx(series, abs=max(1e-15, 10 * beta**3))


def test_entropic_risk_of_a_bernoulli_and_of_numbers_whose_powers_overflow():
    assert risk.Entropic(2.0)(bernoulli(0.25)) == near(-np.log(0.75 + 0.25 * np.exp(-2.0)) / 2)
    assert risk.Entropic(1.0)(DiscreteLaw([-1e5, 1e5])) == near(-1e5 + np.log(2))
    assert risk.CertaintyEquivalent(UTILITY.exponential(1.0))(DiscreteLaw([-1e5, 1e5])) == near(-1e5 + np.log(2))


@given(LAWS, st.sampled_from([0.5, 2.0]), st.sampled_from([0.25, 3.0]))
def test_entropic_risk_changes_its_level_with_the_unit(law, beta, factor):
    assert risk.Entropic(beta)(law.scale(factor)) == near(factor * risk.Entropic(factor * beta)(law))


@pytest.mark.parametrize("alpha", [0.05, 0.3, 0.69, 0.9, 0.999])
def test_evar_of_a_bernoulli_is_the_root_of_a_divergence(alpha):
    """The dual has one free number: the least mass q of 1 with KL(q, p) <= -ln alpha."""
    p = 0.3

    def excess(q):
        return q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)) + np.log(alpha)

    expected = brentq(excess, 1e-300, p, xtol=1e-15) if alpha > 1 - p else 0.0
    assert risk.EVaR(alpha)(bernoulli(p)) == pytest.approx(expected, abs=1e-13)


@given(LAWS, st.sampled_from([1e-6, 0.05, 0.3, 0.9, 1 - 1e-9]))
def test_evar_is_enclosed_by_a_scan_from_below_and_a_feasible_dual_law_from_above(law, alpha):
    found, radius = risk.EVaR(alpha)(law), -np.log(alpha)
    levels, upper = np.geomspace(1e-6, 1e5, 400), law.mean
    assert found >= max(risk.Entropic(beta)(law) - radius / beta for beta in levels) - 1e-12
    for beta in levels:
        tilted = law.prob * np.exp(-beta * (law.atoms - law.atoms[0]))
        tilted /= tilted.sum()
        seen = tilted > 0
        if tilted[seen] @ np.log(tilted[seen] / law.prob[seen]) <= radius:
            upper = min(upper, float(tilted @ law.atoms))
    assert found <= upper + 1e-9


def test_evar_at_its_ends():
    law = DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25])
    assert risk.EVaR(1.0)(law) == law.mean
    assert risk.EVaR(0.25)(law) == risk.EVaR(1e-300)(law) == -3.0
    assert risk.EVaR(0.25 + 1e-9)(law) == pytest.approx(-3.0, abs=1e-6)
    for alpha in (1 - 1e-6, 1 - 1e-10, 1 - 1e-14):
        radius = -np.log(alpha)
        assert risk.EVaR(alpha)(law) == pytest.approx(
            law.mean - np.sqrt(2 * radius * law.variance), abs=3 * radius + 1e-15
        )


@given(LAWS, st.sampled_from([0.05, 0.5]), st.sampled_from([1e-9, 1e-3, 1e9]))
def test_evar_finds_its_level_in_any_unit(law, alpha, unit):
    assert risk.EVaR(alpha)(law.scale(unit)) == pytest.approx(unit * risk.EVaR(alpha)(law), rel=1e-10, abs=1e-10 * unit)


# --- distortions, spectra, expectiles, moments ---


@given(LAWS, LEVELS)
def test_cvar_is_a_distortion_and_a_spectral_functional(law, tau):
    bent = risk.Distortion(lambda u: np.minimum(u / tau, 1), concave=True, slope=1 / tau)
    assert bent(law) == near(risk.CVaR(tau)(law))
    assert risk.Spectral([1.0], [tau])(law) == near(risk.CVaR(tau)(law))


@given(LAWS)
def test_the_dual_power_is_the_mean_of_the_least_draw(law):
    square = DiscreteLaw(np.minimum.outer(law.atoms, law.atoms).ravel(), np.outer(law.prob, law.prob).ravel())
    assert risk.DualPower(2)(law) == near(square.mean)


def test_wangs_transform_moves_a_normal_law_by_standard_deviations():
    normal = DiscreteLaw(norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    assert risk.Wang(0.7)(normal) == pytest.approx(-0.7, abs=1e-3)
    assert risk.Wang(-0.7)(normal) == pytest.approx(0.7, abs=1e-3)


@pytest.mark.parametrize(
    ("K", "g"),
    [
        (risk.Wang(0.5), lambda u: norm.cdf(norm.ppf(u) + 0.5)),
        (risk.Power(3.0), lambda u: u ** (1 / 3)),
        (risk.DualPower(3.0), lambda u: 1 - (1 - u) ** 3),
        (risk.CumulativeProspectWeight(0.71), lambda u: u**0.71 / (u**0.71 + (1 - u) ** 0.71) ** (1 / 0.71)),
    ],
)
@pytest.mark.parametrize("p", [0.01, 0.3, 0.99])
def test_a_distorted_bernoulli_has_a_distorted_chance_of_nothing(K, g, p):
    assert K(bernoulli(p)) == near(1 - g(1 - p))


def test_the_weight_of_prospects_ceases_to_be_monotone_where_it_is_refused():
    levels = np.linspace(0, 1, 10_001)
    assert (np.diff(risk.CumulativeProspectWeight(0.28).g(levels)) >= 0).all()
    with pytest.raises(CriterionError, match=r"theta is 0.27; it is in \[0.28, 1\]"):
        risk.CumulativeProspectWeight(0.27)
    theta = 0.27
    bent = levels**theta / (levels**theta + (1 - levels) ** theta) ** (1 / theta)
    assert (np.diff(bent) < 0).any()


@given(LAWS)
def test_a_spectral_functional_integrates_quantiles_with_its_density(law):
    ends, heights = [0.2, 0.5, 1.0], [2.0, 1.0, 0.6]
    edges = np.unique([0.0, *ends, *law.cumulative])
    middles = (edges[1:] + edges[:-1]) / 2
    density = np.array(heights)[np.searchsorted(ends, middles)]
    expected = (np.diff(edges) * density) @ law.quantile(middles)
    assert risk.Spectral.from_density(ends, heights)(law) == near(expected)
    assert risk.Spectral.from_density(ends, heights).lipschitz(np.inf) == near(2.0)


@given(LAWS, st.sampled_from([0.01, 0.3, 0.5, 0.8]))
def test_an_expectile_balances_gains_and_losses(law, alpha):
    e = risk.Expectile(alpha)(law)
    gains, losses = law.expect(lambda x: np.maximum(x - e, 0)), law.expect(lambda x: np.maximum(e - x, 0))
    assert alpha * gains == near((1 - alpha) * losses)
    assert risk.Expectile(1 - alpha)(law.scale(-1.0)) == near(-e)


@given(exact_laws())
def test_moments_are_the_rational_ones(drawn):
    exact, law = drawn
    mean = sum(x * p for x, p in exact)
    variance = sum((x - mean) ** 2 * p for x, p in exact)
    below = sum(max(mean - x, 0) * p for x, p in exact)
    assert risk.Mean()(law) == near(mean)
    assert risk.Variance()(law) == near(variance)
    assert risk.MeanVariance(0.25)(law) == near(mean - variance / 4)
    assert risk.Semideviation(0.5)(law) == near(mean - below / 2)


def test_the_mean_less_the_variance_prefers_nothing_to_a_free_ticket_and_the_semideviation_does_not():
    nothing, ticket = DiscreteLaw.point(0.0), DiscreteLaw([0.0, 4.0])
    assert risk.MeanVariance(1.0)(nothing) > risk.MeanVariance(1.0)(ticket)
    assert risk.Semideviation(1.0)(nothing) < risk.Semideviation(1.0)(ticket)


# --- utilities and targets ---


@pytest.mark.parametrize(
    ("K", "f"),
    [
        (UTILITY.shortfall(), lambda x: min(x, 0)),
        (UTILITY.gain(), lambda x: max(x, 0)),
        (UTILITY.absolute(), lambda x: -abs(x)),
        (UTILITY.piecewise_linear(0.5, 3.0), lambda x: 0.5 * x if x > 0 else 3 * x),
        (UTILITY.negative_power(3.0), lambda x: -(abs(x) ** 3)),
        (UTILITY.reached(), lambda x: float(x >= 0)),
        (UTILITY.exponential(0.5), lambda x: (1 - np.exp(-x / 2)) / 0.5),
        (UTILITY.quadratic(1.0), lambda x: -((x - 1) ** 2)),
        (UTILITY.quadratic(), lambda x: -(x**2)),
        (risk.TargetProbability(1.0), lambda x: float(x >= 1)),
    ],
    ids=lambda part: repr(part) if isinstance(part, UTILITY | risk.TargetProbability) else "",
)
@given(law=LAWS)
def test_utilities_are_expectations_of_their_formula(K, f, law):
    assert K(law) == near(sum(p * f(x) for x, p in zip(law.atoms.tolist(), law.prob.tolist(), strict=True)))


@given(LAWS)
def test_powers_and_the_logarithm_are_for_positive_numbers(law):
    positive = DiscreteLaw(2.0**law.atoms, law.prob)
    assert UTILITY.logarithm()(positive) == near(law.mean * np.log(2))
    assert UTILITY.power(-2.0)(positive) == near(-positive.expect(lambda x: 1 / x**2) / 2)
    geometric = risk.CertaintyEquivalent(UTILITY.logarithm())(positive)
    assert geometric == near(2.0**law.mean)
    means = [risk.CertaintyEquivalent(UTILITY.power(p))(positive) for p in (-1.0, -1e-3, 1e-3, 0.5)]
    rising = [means[0], means[1], geometric, means[2], means[3], positive.mean]
    assert rising == sorted(rising, key=lambda value: round(value, 7))


@given(st.sampled_from(["shortfall", "gain", "absolute", "reached", "quadratic"]), VALUES, st.sampled_from([0.25, 3.0]))
def test_degrees_are_those_of_the_function(name, x, factor):
    utility = getattr(UTILITY, name)()
    assert float(utility.f(np.array(factor * x))) == near(factor**utility.degree * float(utility.f(np.array(x))))


@given(LAWS, st.sampled_from([(0.5, 2.0), (0.0, 4.0), (0.9, 1.1), (1.0, 5.0), (0.3, 1.0)]))
def test_an_optimised_equivalent_with_two_slopes_is_attained_at_an_atom(law, slopes):
    u = UTILITY.piecewise_linear(*slopes)
    best = max(b + law.expect(lambda x, b=b: u.f(x - b)) for b in law.atoms)
    assert OCE(u)(law) == near(best)


@given(LAWS, st.sampled_from([0.1, 1.0, 3.0]))
def test_optimised_equivalents_are_found_by_golden_section(law, beta):
    """Undeclared, the exponential and the slopes take the general way."""
    plain = UTILITY(UTILITY.exponential(beta).f, increasing=True, concave=True)
    slopes = UTILITY(UTILITY.piecewise_linear(0.0, 4.0).f, increasing=True, concave=True)
    assert OCE(plain)(law) == near(risk.Entropic(beta)(law))
    assert OCE(slopes)(law) == near(risk.CVaR(0.25)(law))
    assert OCE(UTILITY.exponential(beta))(law) == near(risk.Entropic(beta)(law))


@given(LAWS, st.sampled_from([0.0, -1.5, 2.0]))
def test_the_distance_from_a_constant_is_a_utility_in_wasserstein_and_not_in_cramer(law, y):
    target = DiscreteLaw.point(y)
    assert risk.NegativeWasserstein(target)(law) == near(UTILITY.absolute()(law.shift(-y)))
    minimum = DiscreteLaw(np.minimum.outer(law.atoms, law.atoms).ravel(), np.outer(law.prob, law.prob).ravel())
    if law.atoms[0] >= y:
        assert risk.NegativeCramer(target)(law) == near(y - minimum.mean)


@given(LAWS)
def test_all_certainty_equivalents_of_a_constant_are_the_constant(law):
    constant = DiscreteLaw.point(law.atoms[0])
    for K in (risk.CVaR(0.3), risk.EVaR(0.3), risk.Entropic(1.0), risk.Wang(1.0), risk.Expectile(0.2), risk.Power(2.0)):
        assert K(constant) == near(law.atoms[0])

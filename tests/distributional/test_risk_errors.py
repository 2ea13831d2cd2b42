"""What a functional refuses, before any work and by name."""

import numpy as np
import pytest

from rltheory import CriterionError
from rltheory.distributional import DiscreteLaw, risk

UTILITY, OCE = risk.ExpectedUtility, risk.OptimisedCertaintyEquivalent


@pytest.mark.parametrize("tau", [0.0, -0.1, 1.0000001, np.nan])
@pytest.mark.parametrize("family", [risk.CVaR, risk.OptimisticCVaR, risk.LowerQuantile, risk.ValueAtRisk, risk.EVaR])
def test_the_mass_of_a_tail_is_above_zero_and_at_most_one(family, tau):
    with pytest.raises(
        CriterionError, match=rf"is {tau}; the mass of a tail is in \(0, 1\]; the limit at 0 is Essential"
    ):
        family(tau)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: risk.MeanVariance(0.0), r"lam is 0.0; it is positive and finite \(0 would be the mean\)"),
        (lambda: risk.Semideviation(1.5), r"kappa is 1.5; it is in \[0, 1\], where the functional is monotone"),
        (lambda: risk.Entropic(-1.0), r"beta is -1.0; it is at least 0 and finite \(EssentialInfimum is the limit\)"),
        (lambda: risk.Wang(np.inf), "lam is inf; it is finite"),
        (lambda: risk.Power(0.0), "k is 0.0; it is positive and finite"),
        (lambda: risk.DualPower(-1.0), "k is -1.0; it is positive and finite"),
        (lambda: risk.CumulativeProspectWeight(1.1), r"theta is 1.1; it is in \[0.28, 1\]"),
        (lambda: risk.Expectile(1.0), r"alpha is 1.0; the level of an expectile is in \(0, 1\)"),
        (lambda: risk.TargetProbability(np.inf), "target is inf; it is finite"),
        (lambda: UTILITY.exponential(0.0), "beta is 0.0; it is positive and finite"),
        (lambda: UTILITY.power(0.0), r"p is 0.0; it is below 1 and not 0 \(1 is the mean, 0 the logarithm\)"),
        (lambda: UTILITY.negative_power(0.0), "p is 0.0; it is positive and finite"),
        (lambda: UTILITY.piecewise_linear(np.nan, 1.0), "above is nan; a slope is finite"),
        (lambda: UTILITY.quadratic(np.nan), "target is nan; it is finite"),
    ],
)
def test_parameters_outside_their_range_are_refused(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


@pytest.mark.parametrize(
    ("levels", "weights", "message"),
    [
        ([], [], "there are 0 levels and 0 weights; each level has a weight"),
        ([0.5], [0.5, 0.5], "there are 1 levels and 2 weights"),
        ([0.5, 1.5], [0.5, 0.5], r"levels\[1\] is 1.5; the mass of a tail is in \(0, 1\]"),
        ([0.5, 1.0], [1.5, -0.5], r"weights\[1\] is -0.5; it is not negative"),
        ([0.5, 1.0], [0.5, 0.4], "the sum of weights is 0.9; it must be 1"),
    ],
)
def test_a_mixture_of_tails_is_checked(levels, weights, message):
    with pytest.raises(CriterionError, match=message):
        risk.Spectral(weights, levels)


@pytest.mark.parametrize(
    ("ends", "heights", "message"),
    [
        ([], [], r"ends and heights have shapes \(0,\) and \(0,\)"),
        ([0.5, 0.9], [1.5, 0.5], "it increases from above 0 to 1"),
        ([0.5, 1.0], [0.5, 1.5], "it never rises, and is not negative"),
        ([0.5, 1.0], [1.5, 1.0], "the sum of weights is 1.25; it must be 1"),
    ],
)
def test_a_density_on_levels_is_checked(ends, heights, message):
    with pytest.raises(CriterionError, match=message):
        risk.Spectral.from_density(ends, heights)


@pytest.mark.parametrize(
    ("g", "declared", "message"),
    [
        (lambda u: 0.5, {}, r"g returns shape \(\) for \(1025,\) levels"),
        (lambda u: u / 2, {}, "g goes from 0 to 0.5; a distortion goes from 0 to 1"),
        (lambda u: np.sin(2.5 * np.pi * u), {}, "g is not nondecreasing, near level"),
        (lambda u: u**2, {"concave": True}, "g is not concave, as declared"),
        (np.sqrt, {"convex": True}, "g is not convex, as declared"),
        (lambda u: u**2, {"convex": True, "slope": 1.0}, "g is not of slope 1 at most, as declared, near level 1"),
    ],
)
def test_a_distortion_is_checked_against_what_is_declared(g, declared, message):
    with pytest.raises(CriterionError, match=message):
        risk.Distortion(g, **declared)


@pytest.mark.parametrize(
    ("utility", "message"),
    [
        (UTILITY.logarithm(), "the logarithm is asked of -1; it needs x > 0, which a larger stock may give"),
        (UTILITY.power(-1.0), "the power -1 is asked of -1; it needs x > 0"),
        (UTILITY.power(0.5), "the power 0.5 is asked of -1; it needs x >= 0"),
    ],
)
def test_utilities_of_positive_numbers_are_refused_others(utility, message):
    with pytest.raises(CriterionError, match=message):
        utility(DiscreteLaw([-1.0, 0.0, 2.0]))
    assert UTILITY.power(0.5)(DiscreteLaw([0.0, 4.0])) == 2.0


@pytest.mark.parametrize(
    ("utility", "message"),
    [
        (UTILITY.absolute(), r"ExpectedUtility\(-\|x\|\) is not declared concave and increasing"),
        (UTILITY.gain(), "is not declared concave and increasing"),
        (UTILITY.piecewise_linear(1.5, 2.0), r"u\(16\) = 24 for .*; u\(0\) = 0 and u\(x\) <= x must hold"),
        (UTILITY.piecewise_linear(0.1, 0.5), r"u\(-16\) = -8 for"),
        (UTILITY(lambda x: np.minimum(x, 0) - 1, increasing=True, concave=True), r"u\(0\) = -1 for"),
    ],
)
def test_an_optimised_equivalent_needs_a_normalised_concave_utility(utility, message):
    with pytest.raises(CriterionError, match=message):
        OCE(utility)


def test_a_certainty_equivalent_needs_an_inverse():
    with pytest.raises(CriterionError, match=r"ExpectedUtility\(min\(x, 0\)\) has no inverse"):
        risk.CertaintyEquivalent(UTILITY.shortfall())


@pytest.mark.parametrize(
    "K", [risk.CVaR(0.5), risk.Entropic(1.0), risk.TargetProbability(1.0), UTILITY.gain()], ids=repr
)
@pytest.mark.parametrize("gamma", [-0.1, 1.1, np.nan])
def test_no_discount_is_above_one_or_negative(K, gamma):
    with pytest.raises(CriterionError, match=rf"gamma is {gamma}; a discount is in \[0, 1\]"):
        K.indifferent_to_discount(gamma)


def test_what_is_not_declared_of_a_utility_is_taken_not_to_hold():
    mine = UTILITY(np.tanh)
    assert mine.lipschitz(1.0) == np.inf
    assert not mine.axioms.monotone
    assert mine.axioms.indifferent_to_mixtures
    assert not mine.indifferent_to_discount(0.5)
    assert mine.indifferent_to_discount(1.0)

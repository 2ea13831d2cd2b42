import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import multivariate_normal

from mdps.strategies import paired
from mdps.submodular_function_strategies import designs, mutual_informations, paths_of
from mdps.submodular_functions import random_mutual_information
from rltheory import ModelError
from rltheory.submodular.functions.algebra import visits_of
from rltheory.submodular.functions.design import ADesign, DDesign
from rltheory.submodular.functions.gaussian import differential_entropy, mutual_information, published_entropy
from rltheory.submodular.properties import check_monotone, check_submodular

KERNEL = random_mutual_information(6, rng=3).kernel
PATHS = np.random.default_rng(0).integers(0, 6, (10, 8))


def entropy(kernel, points, noise):
    """Return the entropy of noisy measurements at points, by SciPy; repeated points are measured again."""
    return multivariate_normal(cov=kernel[np.ix_(points, points)] + noise * np.eye(len(points))).entropy()


@pytest.mark.parametrize("repeats", [False, True])
def test_information_is_the_entropy_of_measurements_less_that_of_their_noise(repeats):
    for path in PATHS:
        points = path if repeats else np.unique(path)
        exact = entropy(KERNEL, points, 0.1) - len(points) * math.log(2 * math.pi * math.e * 0.1) / 2
        assert mutual_information(KERNEL, 0.1, repeats=repeats).value(path) == pytest.approx(exact, abs=1e-9)
        assert differential_entropy(KERNEL, 0.1, repeats=repeats).value(path) == pytest.approx(
            entropy(KERNEL, points, 0.1), abs=1e-9
        )


def test_the_posterior_variance_is_the_schur_complement():
    tally = mutual_information(KERNEL, 0.1, repeats=True).tally()
    measured = [4, 1, 4]
    for element in measured:
        tally.add(element)
    joint = KERNEL[np.ix_(measured, measured)] + 0.1 * np.eye(3)
    explained = KERNEL[:, measured] @ np.linalg.solve(joint, KERNEL[measured])
    np.testing.assert_allclose(tally.variance, np.diag(KERNEL - explained), rtol=0, atol=1e-12)


def test_measuring_a_point_again_and_again_is_measuring_it_with_less_noise():
    """A thousand measurements at one point tell as much as one of a thousandth of the noise."""
    F = mutual_information([[2.0]], noise=1.0, repeats=True)
    assert F.gains_along(np.zeros((1, 1000), dtype=int)).sum() == pytest.approx(math.log(1 + 2000) / 2, rel=1e-12)
    once = mutual_information([[2.0]], noise=1.0).gains_along([[0, 0]])
    assert once[0] == pytest.approx([math.log(3) / 2, 0.0])


def test_the_published_score_is_its_formula_and_exceeds_information_by_a_constant():
    excess = math.log2(1000) - math.log(1000)
    assert excess == pytest.approx(3.058029, abs=1e-6)
    F, information = published_entropy(KERNEL), mutual_information(KERNEL, 1e-6, repeats=True)
    for path in PATHS:
        exact = np.linalg.slogdet(KERNEL[np.ix_(path, path)] + 1e-6 * np.eye(8)).logabsdet / 2
        assert F.value(path) == pytest.approx(exact + math.log2(1000) * 8, rel=1e-9)
    np.testing.assert_allclose(F.gains_along(PATHS), information.gains_along(PATHS) + excess, rtol=0, atol=1e-9)


def test_entropy_is_monotone_from_a_threshold_of_the_noise_on():
    threshold = 1 / (2 * math.pi * math.e)
    singular = np.ones((3, 3))
    assert check_monotone(differential_entropy(singular, 1.01 * threshold))
    below = differential_entropy(singular, 0.01 * threshold)
    assert not check_monotone(below)
    assert check_submodular(below)


@given(st.integers(1, 3).flatmap(lambda n: mutual_informations(n, repeats=True) | designs(n, repeats=True)))
def test_repeated_measurements_have_diminishing_returns_too(F):
    visits = visits_of(F, 2)
    assert check_monotone(visits)
    assert check_submodular(visits)


@pytest.mark.parametrize("repeats", [False, True])
@given(drawn=paired(st.integers(1, 5).flatmap(designs), paths_of))
def test_a_design_is_the_information_of_a_linear_kernel(drawn, repeats):
    F, paths = drawn
    design = DDesign(F.features, F.noise, F.prior, repeats)
    linear = mutual_information(F.features @ F.features.T / F.prior, F.noise, repeats=repeats)
    np.testing.assert_allclose(design.gains_along(paths), linear.gains_along(paths), rtol=0, atol=1e-8)


def test_a_measurement_of_an_a_design_can_make_another_one_worth_more():
    """From 1/2 to 17/30: by hand, the traces are 5/4, 17/20 and 23/20 before and after."""
    F = ADesign([[1.0, 0.0], [2.0, 1.0], [2.0, -1.0]])
    precision = np.eye(2) + np.outer([1, 0], [1, 0])
    traces = {}
    for name, extra in {"0": [], "02": [2], "01": [1], "012": [1, 2]}.items():
        traces[name] = np.trace(np.linalg.inv(precision + sum(np.outer(F.features[i], F.features[i]) for i in extra)))
    assert F.gains_along([[0, 2]])[0, 1] == pytest.approx(traces["0"] - traces["02"])
    assert F.gains_along([[0, 1, 2]])[0, 2] == pytest.approx(traces["01"] - traces["012"])
    found = check_submodular(F)
    assert not found
    assert found.violation.amount == pytest.approx(17 / 30 - 1 / 2)
    assert check_monotone(F)


@pytest.mark.parametrize(
    ("kernel", "noise", "message"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], 1.0, r"kernel of elements 0\.\.1 has the eigenvalue -1; a covariance is positive"),
        ([[1.0, 0.5], [0.4, 1.0]], 1.0, r"kernel of elements 0 and 1 is 0\.5, and 0\.4 the other way round"),
        ([[1.0, np.nan], [0.4, 1.0]], 1.0, "kernel of elements 0 and 1 is nan; it must be finite"),
        ([[1.0, 0.5]], 1.0, r"kernel has shape \(1, 2\); a covariance is square"),
        ([[1.0]], 0.0, r"noise is 0\.0; the variance of a measurement is above 0"),
    ],
    ids=["indefinite", "skew", "no number", "not square", "no noise"],
)
def test_what_is_no_covariance_is_refused(kernel, noise, message):
    with pytest.raises(ModelError, match=message):
        mutual_information(kernel, noise)


def test_a_kernel_that_is_singular_is_sound():
    assert mutual_information(np.ones((40, 40)), 1.0).value(range(40)) == pytest.approx(math.log(41) / 2)
    assert mutual_information(np.zeros((2, 2)), 1.0).value([0, 1]) == 0


def test_a_design_without_noise_or_prior_is_refused():
    with pytest.raises(ModelError, match=r"noise is -1\.0; it must be above 0"):
        DDesign([[1.0]], noise=-1.0)
    with pytest.raises(ModelError, match=r"prior is 0\.0; it must be above 0"):
        ADesign([[1.0]], prior=0.0)
    with pytest.raises(ModelError, match=r"features of shape \(1,\)"):
        DDesign([1.0])

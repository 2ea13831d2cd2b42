import numpy as np
import pytest

from rltheory import ModelError
from rltheory.offline import estimated_worst_case
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, worst_case_values

DIVERGENCES = [
    TV(lam=0.4),
    KL(lam=0.4),
    ChiSquare(lam=0.4),
    TV(rho=0.3),
    KL(lam=np.inf),
    ChiSquare(lam=[0.1, 1, 2]),
    KL(rho=0.3),
    TV(rho=np.inf),
]


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)
def test_with_the_true_factors_it_is_the_worst_case(divergence, centred):
    rng = np.random.default_rng(0)
    for _ in range(10):
        p, v = rng.dirichlet(np.full(5, 0.7), size=3), rng.uniform(0, 3, 5)
        estimate = estimated_worst_case(divergence, p, v, least=v.min(), top=3.0, centred=centred)
        np.testing.assert_allclose(estimate, worst_case_values(divergence, p, v), atol=1e-11)


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)
def test_centred_estimates_of_a_constant_are_exact_whatever_the_measures(divergence):
    signed = np.random.default_rng(0).normal(size=(3, 5))
    estimate = estimated_worst_case(divergence, signed, np.full(5, 1.5), least=1.5, top=3.0, centred=True)
    np.testing.assert_allclose(estimate, 1.5, atol=1e-12)


@pytest.mark.parametrize("lam", [1e-4, 0.1, 10.0])
def test_the_entropic_estimate_is_in_the_range_of_values_whatever_the_measures(lam):
    rng = np.random.default_rng(0)
    signed, v = rng.normal(size=(20, 6)), rng.uniform(0, 3, 6)
    for centred in (False, True):
        estimate = estimated_worst_case(KL(lam=lam), signed, v, least=v.min(), top=3.0, centred=centred)
        assert ((estimate >= v.min()) & (estimate <= 3.0)).all()


@pytest.mark.parametrize("centred", [False, True])
def test_states_without_weight_do_not_matter_however_low(centred):
    with_weight = {"least": 1.0, "top": 3.0, "centred": centred}
    found = estimated_worst_case(KL(lam=0.01), np.array([[0.5, 0.5, 0.0]]), np.array([1.0, 2.0, -1e3]), **with_weight)
    alone = estimated_worst_case(KL(lam=0.01), np.array([[0.5, 0.5]]), np.array([1.0, 2.0]), **with_weight)
    np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize("divergence", DIVERGENCES[:3], ids=repr)
def test_centring_moves_with_the_values(divergence):
    rng = np.random.default_rng(1)
    signed, v = rng.normal(0.2, 0.2, size=(3, 5)), rng.uniform(0, 2, 5)
    near = estimated_worst_case(divergence, signed, v, least=v.min(), top=2.0, centred=True)
    far = estimated_worst_case(divergence, signed, v + 1, least=v.min() + 1, top=3.0, centred=True)
    np.testing.assert_allclose(far, near + 1, atol=1e-10)


@pytest.mark.parametrize("divergence", [L1(rho=0.1), ChiSquare(rho=0.1), CressieRead(2.0, lam=1)], ids=repr)
def test_a_divergence_without_an_estimate_is_refused(divergence):
    with pytest.raises(ModelError, match="there is no estimate for"):
        estimated_worst_case(divergence, np.eye(2), np.zeros(2), least=0.0, top=1.0)


@pytest.mark.parametrize("rho", [0.5, 0.9, 1.0])
def test_values_below_zero_are_no_worse_than_the_least_of_them(rho):
    factors, v = np.array([[0.3, 0.3, 0.4]]), np.array([-2.0, 1.0, 3.0])
    estimate = estimated_worst_case(TV(rho=rho), factors, v, least=-2.0, top=4.0, clipped=False)
    assert estimate == pytest.approx(worst_case_values(TV(rho=rho), factors, v), abs=1e-12)

"""Divergences: their values by hand, their limits, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.robust.instances import rows
from rltheory import ModelError
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, LInf

P, MU = np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.25, 0.5])


@pytest.mark.parametrize(
    ("divergence", "by_hand"),
    [
        (TV(rho=1), 0.25),
        (L1(rho=1), 0.5),
        (LInf(rho=1), 0.25),
        (KL(rho=1), 0.25 * np.log(0.5) + 0.5 * np.log(2)),
        (ChiSquare(rho=1), 0.125 + 0.25),
        (CressieRead(2, rho=1), 0.1875),
        (CressieRead(1, rho=1), 0.25 * np.log(2)),
        (CressieRead(0, rho=1), 0.25 * np.log(2)),
        (CressieRead(0.5, rho=1), 4 * (1 - np.sqrt(P * MU).sum())),
        (CressieRead(3, rho=1), (0.5 / 8 + 0.25 + 0.25 * 8 - 1) / 6),
    ],
    ids=repr,
)
def test_the_value_is_the_one_by_hand(divergence, by_hand):
    assert divergence.divergence(MU, P) == pytest.approx(by_hand, rel=1e-14)
    assert divergence.divergence(P, P) == 0


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(rows(n), rows(n))), st.sampled_from([0.3, 1.7, 2.5, 10.0]))
def test_powers_follow_their_formula(pair, k):
    mu, p = pair
    if (mu[p == 0] > 0).any():
        assert CressieRead(k, lam=1).divergence(mu, p) == np.inf
        return
    t = mu[p > 0] / p[p > 0]
    formula = p[p > 0] @ (t**k - k * t + k - 1) / (k * (k - 1))
    assert CressieRead(k, lam=1).divergence(mu, p) == pytest.approx(formula, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("k", [0.0, 1e-9, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 2.0, 7.0])
@pytest.mark.parametrize("step", [1e-3, 1e-6, 1e-9])
def test_near_the_nominal_row_every_power_is_half_of_chi_square(k, step):
    p = np.array([0.5, 0.5])
    mu = p + np.array([step, -step])
    exact = ((mu - p) ** 2 / p).sum() / 2
    assert CressieRead(k, rho=1).divergence(mu, p) == pytest.approx(exact, rel=1e-4 if step == 1e-3 else 1e-9)


@pytest.mark.parametrize("divergence", [KL(lam=1), ChiSquare(lam=1), CressieRead(0.5, lam=1)], ids=repr)
def test_leaving_the_support_is_infinitely_far(divergence):
    assert divergence.divergence([0.5, 0.5], [1.0, 0.0]) == np.inf


def test_a_parameter_can_be_an_array_and_one_of_it_picked():
    many = TV(lam=[[0.1, np.inf], [0.2, 0.3]])
    assert many.parameter.shape == (2, 2)
    assert not many.parameter.flags.writeable
    assert many.with_parameter(many.parameter[1, 0]).lam == 0.2
    assert CressieRead(3, rho=1.0).with_parameter(2.0).k == 3.0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: TV(), "exactly one is needed"),
        (lambda: KL(lam=1.0, rho=1.0), "exactly one is needed"),
        (lambda: KL(lam=0.0), r"lam is 0\.0; it must be above 0"),
        (lambda: KL(lam=np.nan), "lam is nan"),
        (lambda: TV(rho=[0.1, -0.5]), r"rho is -0\.5; it must be at least 0"),
        (lambda: LInf(lam=1.0), "a ball only"),
        (lambda: CressieRead(-1.0, lam=1.0), r"k is -1\.0"),
        (lambda: CressieRead(np.inf, lam=1.0), "k is inf"),
        (lambda: TV(rho=1).divergence([1.0], [0.5, 0.5]), "mu has shape"),
        (lambda: TV(rho=1).divergence([1.5, -0.5], [0.5, 0.5]), r"mu of state 1 is -0\.5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(build, message):
    with pytest.raises(ModelError, match=message):
        build()

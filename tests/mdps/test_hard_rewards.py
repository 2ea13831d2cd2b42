from itertools import product

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from rltheory import ModelError, collect, evaluate_policy, solve


def signs(max_horizon=3, max_d=3):
    sizes = st.tuples(st.integers(1, max_horizon), st.integers(1, max_d))
    return sizes.flatmap(lambda shape: hnp.arrays(np.int64, shape, elements=st.sampled_from([-1, 1])))


def robust_value(model, rho):
    """Solve with total variation balls of radius rho round the first step's factors, by moving mass on a grid."""
    V = np.zeros(2)
    for t in reversed(range(model.H)):
        factors, moved = model.step_factors(t), np.linspace(-rho, rho, 41) if t == 0 else np.zeros(1)
        shifted = factors[:, None, :] + moved[:, None] * np.array([1.0, -1.0])
        inside = (shifted >= 0).all(axis=-1)
        w = np.where(inside, shifted @ V, np.inf).min(axis=1)
        V = (model.phi @ (model.step_theta(t) + w)).reshape(2, -1).max(axis=1)
    return V[0]


@given(signs(), st.sampled_from([0.25, 1.0, 2.0]), st.sampled_from([0.0, 0.25, 0.75]))
def test_the_optimum_has_a_closed_form(xi, delta, rho):
    model = mdps.hard_rewards(xi, delta)
    optimum = mdps.hard_rewards_optimum(xi, delta, rho)
    assert robust_value(model, rho) == pytest.approx(optimum, rel=1e-12)
    if rho == 0:
        assert solve(model.to_finite_horizon()).value[0, 0] == pytest.approx(optimum, rel=1e-12)


@given(signs(max_horizon=2, max_d=2), st.data())
def test_a_wrong_coordinate_costs_the_same_everywhere(xi, data):
    H, d = xi.shape
    model = mdps.hard_rewards(xi, 1.0)
    policy = np.array([[data.draw(st.integers(0, 2**d - 1))] * 2 for _ in range(H)])
    actions = np.array(list(product((0, 1), repeat=d)))[policy[:, 0]]
    wrong = (actions != (xi == 1)).sum()
    loss = mdps.hard_rewards_optimum(xi, 1.0) - evaluate_policy(model.to_finite_horizon(), policy).value[0, 0]
    assert loss == pytest.approx(wrong / (2 * d), abs=1e-12)


@given(signs())
def test_rewards_are_those_of_the_definition(xi):
    H, d = xi.shape
    model = mdps.hard_rewards(xi, 0.5)
    actions = np.array(list(product((0, 1), repeat=d)))
    for t in range(H):
        good, bad = model.rewards(t).reshape(2, -1)
        np.testing.assert_allclose(good, 0.5 / (2 * d) * (actions @ xi[t] + d), atol=1e-15)
        assert (bad == 0).all()
        np.testing.assert_array_equal(model.kernel(t), np.repeat(np.eye(2), 2**d, axis=0))


def test_the_first_step_may_lead_to_bad():
    model = mdps.hard_rewards([[1, -1], [1, 1]], 0.8, eps=0.25)
    np.testing.assert_allclose(model.kernel(0)[:4], [[0.75, 0.25]] * 4)
    np.testing.assert_array_equal(model.kernel(1)[:4], [[1.0, 0.0]] * 4)


def test_the_behaviour_tries_one_coordinate_at_a_time():
    behaviour = mdps.hard_rewards_behaviour(3)
    np.testing.assert_allclose(behaviour.sum(axis=1), 1)
    assert np.count_nonzero(behaviour) == 2 * 4
    model = mdps.hard_rewards(np.ones((2, 3)), 1.0)
    taken = collect(model, behaviour, 200, noise=1.0, rng=0).action
    assert set(taken) == {0, 1, 2, 4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"xi": [[1, 0]]}, "xi of step 0, coordinate 1 is 0; it must be -1 or 1"),
        ({"xi": [1, 1]}, r"xi has shape \(2,\); it must be \(H, d\)"),
        ({"delta": 0.0}, r"delta is 0\.0; it must be above 0"),
        ({"eps": 2.0}, r"eps is 2\.0"),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        mdps.hard_rewards(**({"xi": [[1, 1]], "delta": 1.0} | arguments))

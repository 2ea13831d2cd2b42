"""Balls: of relative entropy with its dual and its error, of total variation with its radii."""

import math

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory import ModelError
from rltheory.offline import LinearKnowledge, bounds, drpvi, estimated_worst_case, r2pvi
from rltheory.offline.levels import laws_of_levels
from rltheory.robust import KL, TV, worst_case_values


@pytest.mark.parametrize("rho", [0.01, 0.1, 1.0, 5.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_entropic_estimate_is_the_dual_on_a_fine_grid_or_a_little_more(seed, rho):
    rng = np.random.default_rng(seed)
    v, signed = rng.uniform(0, 3, 6), rng.normal(1 / 6, 0.2, (4, 6))
    estimate = estimated_worst_case(KL(rho=rho), signed, v, least=v.min(), top=3.0)
    levels, laws = laws_of_levels(signed, v, 0.0)
    ends = 3.0 / rho
    scale = ends * np.exp(np.linspace(-14, 0, 20_001))[:, None]
    for law, found in zip(laws, estimate, strict=True):
        support = law > 0
        least = levels[support][0]
        moments = np.exp((least - levels[support]) / scale) @ law[support]
        on_grid = np.max(least - scale[:, 0] * (np.log(moments) + rho))
        assert found >= on_grid - 1e-12
        # Between two points of the grid it grows by a factor of 1.0007, and the dual is concave and at most 3 high.
        assert found <= max(on_grid, least) + 3 * 0.0007 + scale[0, 0] * rho


def test_a_negative_weight_however_small_does_not_make_the_largest_value_win():
    signed, v, rho, top = np.array([[-1e-6, 0.5, 0.5 + 1e-6]]), np.array([0.0, 1.0, 2.0]), 0.1, 3.0
    scale = 0.05
    moment = float(np.exp(-v / scale) @ signed[0])
    assert moment < 0  # so that the literal dual, clipped at e^(-top / scale), is near the top
    assert -scale * math.log(max(moment, math.exp(-top / scale))) - scale * rho > v.max()
    estimate = estimated_worst_case(KL(rho=rho), signed, v, least=0.0, top=top)
    assert estimate == pytest.approx(worst_case_values(KL(rho=rho), [[0.0, 0.5, 0.5]], v), abs=1e-5)


@pytest.mark.parametrize("rho", [0.0, 0.01, 0.1, 1.0, np.inf])
def test_the_error_in_an_entropic_ball_is_at_most_what_that_of_the_distribution_function_allows(rho):
    rng = np.random.default_rng(0)
    for _ in range(200):
        v = np.sort(rng.uniform(0, 2, 5))
        v[[0, -1]] = 0.0, 2.0
        p = rng.dirichlet(np.full(5, 0.5))
        signed = p + rng.choice([1e-3, 0.01, 0.1]) * rng.normal(size=5)
        epsilon = np.abs(np.cumsum(p[::-1] - signed[::-1])[:-1]).max()  # of the masses above each level
        estimate = estimated_worst_case(KL(rho=rho), signed[None], v, least=0.0, top=2.0)
        exact = worst_case_values(KL(rho=rho), p[None], v)
        assert np.abs(estimate - exact) <= bounds.kl_ball_error(2.0, rho, epsilon) + 1e-12


@pytest.mark.parametrize(("rho", "epsilon"), [(0.0, 0.1), (0.1, 0.01), (1.0, 0.3), (1e-3, 0.2), (3.0, 1e-9)])
def test_the_error_is_the_least_of_all_dual_variables(rho, epsilon):
    y = np.exp(np.linspace(-9, 6, 100_001))
    least = np.min((rho + np.expm1(y) * epsilon) / y)
    assert 2 * bounds.kl_ball_error(1.0, rho, epsilon) == pytest.approx(2 * min(1.0, least), rel=1e-3)
    assert bounds.kl_ball_error(2.0, rho, epsilon) == pytest.approx(2 * bounds.kl_ball_error(1.0, rho, epsilon))


def test_an_infinite_radius_is_that_of_one():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 100, rng=0)
    one, more = (drpvi(data, model, divergence=TV(rho=rho), beta=0.1) for rho in (1.0, np.inf))
    np.testing.assert_array_equal(one.value, more.value)
    assert drpvi(data, model, divergence=KL(rho=np.inf), beta=0.1).value.max() <= 3


def test_a_radius_above_one_is_named():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data, radii = rl.collect(model, None, 10, rng=0), np.full((3, 3), 0.5)
    radii[2, 1] = 1.5
    with pytest.raises(ModelError, match=r"rho of factor 1 at step 2 is 1\.5; TV is 1 at most \(inf admits"):
        drpvi(data, model, divergence=TV(rho=radii))


def test_relative_entropy_has_no_published_multiplier():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 10, rng=0)
    with pytest.raises(ModelError, match="beta is 'paper'; for KL with rho it must be a number, or 'derived'"):
        drpvi(data, model, divergence=KL(rho=0.1), beta="paper")


@pytest.mark.parametrize("beta", ["derived", "paper"])
@pytest.mark.parametrize(
    ("row", "told"), [([0.5, 0.4], "sum to 0.9"), ([1.5, -0.5], r"sum to 1, the least being -0\.5")]
)
def test_theory_asks_for_features_that_are_distributions(beta, row, told):
    known = LinearKnowledge([[1.0, 0.0], row], [0, 2], 1, reward=[0.0, 0.5])
    data = rl.Dataset.from_episodes([[(0, 0, 0.0, 0)], [(0, 1, 0.0, 0)]], n_states=1, n_actions=2, H=1)
    with pytest.raises(ModelError, match=f"features of state 0, action 1 .*{told}"):
        r2pvi(data, known, divergence=TV(lam=0.5), beta=beta)
    with pytest.raises(ModelError, match=f"features of state 0, action 1 .*{told}"):
        drpvi(data, known, divergence=TV(rho=0.5), beta=beta)
    assert r2pvi(data, known, divergence=TV(lam=0.5), beta=0.1).confidence is None
    assert drpvi(data, known, divergence=TV(rho=0.5), beta=beta, bonus="l2").confidence is None

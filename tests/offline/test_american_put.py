"""The published experiment with an American put option: its numbers, and what they are estimates of."""

import numpy as np
import pytest

import mdps
from rltheory import solve
from rltheory.offline import r2pvi
from rltheory.robust import KL, TV, ChiSquare

RISES = [0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("divergence", "published", "digits"),
    [
        (None, [6.278773, 5.020447, 2.199472, 0.294869, 0.0], 6),
        (TV(lam=1.0), [1.406818, 1.318247, 1.140056, 0.877427, 0.553187], 6),
        (TV(lam=2.0), [2.820, 2.708, 2.040, 0.989, 0.0], 3),
        (TV(lam=5.0), [4.769118, 4.318642, 2.211471, 0.571973, 0.0], 6),
        (TV(rho=0.025), [5.6549, 4.8655, 2.1985, 0.2938, 0.0], 4),
        (TV(rho=0.1), [3.8823, 3.3484, 2.1448, 0.8414, 0.0], 4),
        (TV(rho=0.2), [2.1567, 2.0388, 1.5864, 0.9359, 0.2766], 4),
    ],
    ids=repr,
)
def test_the_published_returns_are_reproduced(divergence, published, digits):
    policies = mdps.put_policies(mdps.put_learner(divergence))
    returns = mdps.put_sampled_payoffs(policies, RISES).mean(axis=0)
    np.testing.assert_allclose(returns, published, rtol=0, atol=0.5 * 10.0**-digits)


def test_a_heavier_penalty_is_nearer_to_the_nominal_policy_where_prices_fall_and_worse_where_they_rise():
    light, heavy, nominal = (
        mdps.put_payoffs(mdps.put_policies(mdps.put_learner(divergence)), [0.2, 0.8]).mean(axis=0)
        for divergence in (TV(lam=1.0), TV(lam=5.0), None)
    )
    assert light[0] < heavy[0] < nominal[0]
    assert light[1] > heavy[1] > nominal[1]


@pytest.mark.parametrize("divergence", [KL(lam=1.0), ChiSquare(lam=1.0)], ids=repr)
def test_an_infinite_weight_leaves_the_policy_of_a_total_variation_of_infinite_weight(divergence):
    same = type(divergence)(lam=np.inf)
    policies = mdps.put_policies(mdps.put_learner(same), replications=1)
    np.testing.assert_array_equal(policies, mdps.put_policies(mdps.put_learner(TV(lam=np.inf)), replications=1))


def test_learners_of_ones_own_take_part():
    policies = mdps.put_policies(lambda data, known: r2pvi(data, known, divergence=TV(lam=5.0), beta=0.1))
    assert (mdps.put_payoffs(policies, [0.2]) > 1).all()


def test_with_two_hundred_times_the_data_the_robust_policy_is_still_paid_more_where_prices_rise():
    """On this tree, unlike on the walk, it is the divergence that makes careful, not the want of data."""
    robust, nominal = (
        mdps.put_payoffs(mdps.put_policies(mdps.put_learner(d), n_trajectories=20_000), [0.2, 0.5, 0.8]).mean(axis=0)
        for d in (TV(lam=2.0), None)
    )
    few = mdps.put_payoffs(mdps.put_policies(mdps.put_learner()), [0.5]).mean()
    best = solve(mdps.put_tree(0.5)[0]).value[0, 0]
    assert few < nominal[1] < best
    assert robust[0] < nominal[0]
    assert robust[2] > nominal[2]

"""Linear values on the instances: what the definitions of the algorithms give, step by step."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError


@pytest.mark.parametrize("trace", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_temporal_differences_find_nothing_on_the_flip(gamma, trace):
    mdp, features = mdps.td_flip(gamma, trace)
    phi, P = features[:, 0], mdp.P.toarray()
    # At theta = 0 the expected update is the trace of features times the rewards, added up over time.
    update = sum((gamma * trace) ** t * (phi @ np.linalg.matrix_power(P, t) @ mdp.r) for t in range(4000))
    assert update == pytest.approx(0, abs=1e-9)
    v = np.linalg.solve(np.eye(2) - gamma * P, mdp.r)
    np.testing.assert_allclose(v, phi[::-1])
    beta = gamma * (1 - trace) / (1 - gamma**2 * trace)
    assert v @ phi / (v @ v) == pytest.approx(beta)


@pytest.mark.parametrize(
    ("weights", "factor"), [((0.5, 0.5), 6 / 5), ((1.0, 0.0), 2.0), ((0.0, 1.0), 1.0), ((0.25, 0.75), 14 / 13)]
)
def test_a_sweep_on_the_pair_multiplies_the_parameter(weights, factor):
    mdp, features = mdps.off_policy_pair(gamma=0.9)
    root = np.sqrt(weights)
    target = 0.9 * mdp.P @ features[:, 0]
    theta = np.linalg.lstsq(root[:, None] * features, root * target, rcond=None)[0]
    assert theta[0] == pytest.approx(0.9 * factor)


@pytest.mark.parametrize(("gamma", "diverges"), [(0.87, False), (0.89, True), (0.99, True)])
def test_bairds_star_diverges_beyond_fifteen_seventeenths(gamma, diverges):
    mdp, features = mdps.baird_star(gamma)
    theta = np.append(np.ones(7), 10.0)
    update = features.T @ (gamma * mdp.P.toarray() @ features - features) / 7
    for _ in range(20_000):
        theta = theta + 0.1 * update @ theta
    assert (np.abs(features @ theta).max() > 1e3) == diverges


def test_every_value_can_be_represented_on_the_star():
    features = mdps.baird_star(n_states=7)[1]
    assert np.linalg.matrix_rank(features) == 7


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.td_flip(1.0), "gamma is 1.0"),
        (lambda: mdps.td_flip(0.9, 1.0), "trace is 1.0.*needs 0 <= trace < 1"),
        (lambda: mdps.baird_star(0.9, 1), "n_states is 1"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

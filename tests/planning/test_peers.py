"""Agreement with QuantEcon, an independent implementation, and where it stops without a warning."""

import numpy as np
import pytest
from hypothesis import given, settings
from quantecon.markov import DiscreteDP

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps
from rltheory.io import to_quantecon


@settings(max_examples=30)
@given(discounted_mdps(max_states=5))
def test_quantecons_exact_policy_iteration_lies_in_our_enclosure(mdp):
    peer = DiscreteDP(*to_quantecon(mdp)).solve(method="policy_iteration")
    ours = rl.solve(mdp)
    assert (ours.lower - 1e-9 <= peer.v).all()
    assert (peer.v <= ours.upper + 1e-9).all()


@pytest.mark.parametrize("mdp", [mdps.forest(50, gamma=0.95), mdps.garnet(60, 4, 6, rng=1, gamma=0.99)])
@pytest.mark.parametrize("method", ["policy_iteration", "modified_policy_iteration"])
def test_quantecon_agrees_on_larger_models(mdp, method):
    peer = DiscreteDP(*to_quantecon(mdp)).solve(method=method, epsilon=1e-8)
    assert np.allclose(peer.v, rl.solve(mdp, tol=1e-9).value, atol=1e-7)


def test_quantecons_default_value_iteration_is_far_off_and_ours_says_when_it_is_not_done():
    """At discount 0.99 its default limit of 250 sweeps ends it some 8 percent short; no warning is raised."""
    mdp = mdps.garnet(20, 3, 20, rng=0, gamma=0.99)
    peer = DiscreteDP(*to_quantecon(mdp)).solve(method="value_iteration")
    ours = rl.value_iteration(mdp, tol=1e-9)
    assert np.abs(peer.v - ours.value).max() > 1
    assert ours.gap <= 1e-9

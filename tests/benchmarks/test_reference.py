"""The bracket that judges all solvers holds whatever value it is made from, and is narrow for a good one."""

import numpy as np
import pytest
from hypothesis import given

from benchmarks import problems, reference
from mdps.strategies import discounted_mdps, paired, value_vectors
from proofs_check.rational import rational_optimum


@given(paired(discounted_mdps(max_states=5), value_vectors))
def test_the_bracket_of_any_value_holds_the_rational_optimum(instance):
    mdp, v = instance
    lower, upper = reference.bracket(mdp, np.asarray(v, dtype=np.float64))
    optimum = np.array([float(value) for value in rational_optimum(mdp)])
    margin = 1e-9 * (1 + np.abs(np.asarray(v)).max() / (1 - mdp.gamma))
    assert (lower <= optimum + margin).all()
    assert (optimum <= upper + margin).all()


def test_the_bracket_does_not_depend_on_how_rows_are_split(monkeypatch):
    mdp = problems.garnet(40, 3, 5, gamma=0.9)
    v = np.random.default_rng(0).random(40)
    whole = reference.bracket(mdp, v)
    monkeypatch.setattr(reference, "_BLOCK", 7)
    np.testing.assert_allclose(np.array(reference.bracket(mdp, v)), np.array(whole), rtol=1e-15)


@pytest.mark.parametrize(("value", "error"), [([1.0, 2.0], 0.5), ([0.0, 2.0], 1.5), ([1.0, 4.0], 2.5)])
def test_the_error_is_the_distance_to_the_far_end_of_the_bracket(value, error):
    assert reference.error_bound(np.array(value), np.array([0.5, 1.5]), np.array([1.5, 2.5])) == error


def test_a_value_that_is_not_a_number_is_infinitely_wrong():
    assert reference.error_bound(np.array([np.nan]), np.zeros(1), np.ones(1)) == np.inf

"""The record of a climb: read-only, and a table of it."""

import pytest

import mdps
from rltheory.policy_optimisation import natural_policy_gradient


def test_a_run_is_read_only_and_tells_its_course():
    run = natural_policy_gradient(mdps.single_state(gamma=0.5), step=1.0, iterations=2)
    with pytest.raises(ValueError, match="read-only"):
        run.values[0] = 0
    assert run.to_rows()[-1] == {"iteration": 2, "start_value": 2.0, "least_value": 2.0, "largest_value": 2.0}
    assert repr(run) == "PolicyRun(2 steps, start value 2 -> 2)"

import numpy as np
import pytest

import mdps
from rltheory import ModelError


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_the_unsound_chain_solves_its_own_equation(n):
    chain, k = mdps.unsound_chain(n), np.arange(-n, n + 1.0)
    v = 0.5 + np.sign(k) * 2 ** (np.abs(k) - n - 1)
    np.testing.assert_array_equal(chain.P @ v, v)
    assert (v[0], v[n], v[-1]) == (0, 0.5, 1)
    np.testing.assert_array_equal(np.flatnonzero(chain.r), [2 * n - 1])


def test_value_iteration_changes_the_middle_for_the_first_time_by_very_little():
    n = 10
    chain, v = mdps.unsound_chain(n), np.zeros(21)
    v[-1] = 1
    for _ in range(n):
        before, v = v, chain.P @ v
    assert np.abs(v - before).max() == v[n] == 2.0**-n


def test_a_length_out_of_range_is_named():
    with pytest.raises(ModelError, match="n is 0"):
        mdps.unsound_chain(0)


@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
def test_every_number_above_p_solves_the_equation_of_the_waiting_room(p):
    room = mdps.waiting_room(p)
    for x in np.linspace(p, 1, 5):
        v = np.array([x, 0.0, 1.0])
        np.testing.assert_array_equal(np.maximum.reduceat(room.P @ v, room.pair_start[:-1]), v)
    np.testing.assert_array_equal(room.r, room.P.toarray()[:, 2] * [1, 1, 1, 0])


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("p", [0.25, 0.5, 1.0])
def test_climbing_the_ladder_takes_a_run_of_successes(n, p):
    steps = -np.linalg.solve(np.eye(n) - mdps.ladder(n, p).P.toarray()[1:, 1:], mdps.ladder(n, p).r[1:])
    assert steps[-1] == steps.max() == pytest.approx(sum(p**-k for k in range(1, n + 1)))


def test_without_falls_the_rungs_are_climbed_one_by_one():
    steps = np.linalg.solve(np.eye(3) - mdps.ladder(3, 0.25, fall=False).P.toarray()[1:, 1:], np.ones(3))
    np.testing.assert_allclose(steps, [4, 8, 12])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.waiting_room(1.5), "p is 1.5"),
        (lambda: mdps.ladder(0), "n is 0"),
        (lambda: mdps.ladder(2, 0.0), "p is 0.0; it must be above 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

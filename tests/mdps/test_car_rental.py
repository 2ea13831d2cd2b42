import time

import numpy as np
import pytest
from scipy.stats import poisson

import mdps
from rltheory import ModelError


def night(cars, requests, returns, capacity):
    """Return the law of the cars in the evening and the expected rentals, by summing over long tables of demands."""
    law, rented = np.zeros(capacity + 1), 0.0
    for asked in range(60):
        for back in range(60):
            p = poisson.pmf(asked, requests) * poisson.pmf(back, returns)
            law[min(cars - min(cars, asked) + back, capacity)] += p
            rented += p * min(cars, asked)
    return law, rented


@pytest.mark.parametrize(("state", "move"), [((3, 1), 2), ((0, 4), -3), ((4, 4), 0), ((4, 3), 1)])
def test_a_day_is_the_sum_over_all_demands(state, move):
    rental = mdps.car_rental(capacity=4, max_moves=3)
    mornings = min(state[0] - move, 4), min(state[1] + move, 4)
    (first, rented_first), (second, rented_second) = night(mornings[0], 3, 3, 4), night(mornings[1], 4, 2, 4)
    index = rental.state_names.index(str(state))
    names = rental.action_names[rental.pair_start[index] : rental.pair_start[index + 1]]
    row = rental.pair_start[index] + names.index(f"{move:+d}" if move else "0")
    np.testing.assert_allclose(rental.P[[row]].toarray()[0], np.outer(first, second).ravel(), atol=1e-12)
    assert rental.r[row] == pytest.approx(10 * (rented_first + rented_second) - 2 * abs(move))


def test_the_optimal_policy_moves_from_five_cars_to_minus_four(is_optimal, policy_value, backup, greedy):
    rental = mdps.car_rental()
    v = np.zeros(rental.n_states)
    for _ in range(150):
        v = backup(rental, v)
    policy = greedy(rental, v)
    assert is_optimal(rental, policy)
    moves = np.array([int(rental.action_name(s, a)) for s, a in enumerate(policy)])
    exact = policy_value(rental, policy)
    assert (moves.min(), moves.max()) == (-4, 5)
    assert (exact.argmin(), exact.argmax()) == (0, 440)
    np.testing.assert_allclose([exact[0], exact[440]], [421.414, 636.990], atol=1e-3)


def test_only_cars_that_are_there_are_moved():
    rental = mdps.car_rental(capacity=2, max_moves=1)
    assert rental.action_counts[rental.state_names.index("(0, 0)")] == 1
    assert rental.action_counts[rental.state_names.index("(0, 2)")] == 2


def test_the_published_size_is_built_in_a_moment():
    mdps.car_rental(capacity=2)  # imports
    begin = time.perf_counter()
    mdps.car_rental()
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"capacity": 0}, "capacity is 0"),
        ({"requests": (3.0, 0.0)}, "requests is 0.0; it must be above 0"),
        ({"returns": (3.0,)}, "requests has 2 means and returns 1; there are two sites"),
    ],
)
def test_a_parameter_out_of_range_is_named(options, message):
    with pytest.raises(ModelError, match=message):
        mdps.car_rental(**options)

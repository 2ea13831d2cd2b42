"""The suite: rows worked out by hand from the definitions, on small instances."""

import math

import numpy as np
import pytest

from benchmarks import problems
from benchmarks.problems import SUITE

SMALL = {
    "garnet": lambda: problems.garnet(30, 3, 4, gamma=0.9),
    "dense garnet": lambda: problems.garnet(12, 3, 12, gamma=0.9),
    "grid": lambda: problems.grid(5, 7, gamma=0.9),
    "river": lambda: problems.river_swim(6, gamma=0.9),
    "queues": lambda: problems.queues(4, gamma=0.9),
    "forest": lambda: problems.forest(6, gamma=0.9),
    "layered": lambda: problems.layered(4, 5, 3, 2, gamma=0.9),
    "inventory": lambda: problems.inventory(30, 5, gamma=0.9),
}


def row(mdp, state, action):
    """Return the successors of a pair and their probabilities."""
    return dict(enumerate(mdp.P.toarray()[mdp.pair_start[state] + action])) | {}


def nonzero(mdp, state, action):
    return {s: p for s, p in row(mdp, state, action).items() if p}


@pytest.mark.parametrize("name", SMALL)
def test_rewards_lie_between_0_and_1(name):
    r = SMALL[name]().r
    assert r.min() >= 0
    assert r.max() <= 1


@pytest.mark.parametrize("name", SMALL)
def test_a_problem_is_a_function_of_its_arguments(name):
    first, second = SMALL[name](), SMALL[name]()
    np.testing.assert_array_equal(first.P.toarray(), second.P.toarray())
    np.testing.assert_array_equal(first.r, second.r)


def test_the_suite_has_the_ten_problems_with_their_discounts():
    assert {name: build.keywords["gamma"] for name, build in SUITE.items()} == {
        "garnet_dense": 0.99,
        "garnet_1e5": 0.99,
        "garnet_1e6": 0.95,
        "inventory_1e3": 0.995,
        "queues_300": 0.999,
        "grid_300": 0.999,
        "grid_1000": 0.999,
        "forest_1e6": 0.99,
        "riverswim_1e4": 0.9999,
        "layered_4e5": 0.9999,
    }


@pytest.mark.parametrize(
    ("name", "n_states", "n_actions"),
    [("garnet_1e5", 100_000, 4), ("queues_300", 90_000, 4), ("grid_300", 90_000, 4), ("riverswim_1e4", 10_000, 2)],
)
def test_problems_of_the_suite_have_the_sizes_that_their_names_say(name, n_states, n_actions):
    mdp = SUITE[name]()
    assert (mdp.n_states, mdp.n_pairs) == (n_states, n_states * n_actions)


def test_a_garnet_draws_its_numbers_in_a_fixed_order():
    """Successors, then weights, then rewards, from one generator: the definition, pair by pair."""
    rng = np.random.default_rng(3)
    successors = rng.integers(0, 20, size=(40, 3), dtype=np.int32)
    weights = rng.exponential(size=(40, 3))
    expected = np.zeros((40, 20))
    for pair in range(40):
        for s, weight in zip(successors[pair], weights[pair], strict=True):
            expected[pair, s] += weight / weights[pair].sum()

    mdp = problems.garnet(20, 2, 3, gamma=0.9, seed=3)

    np.testing.assert_allclose(mdp.P.toarray(), expected, rtol=1e-15)
    np.testing.assert_array_equal(mdp.r, rng.random(40))


def test_a_move_on_the_grid_goes_astray_to_either_side():
    grid = problems.grid(3, 3, gamma=0.9, slip=0.2, wall=0.0)
    assert nonzero(grid, 4, 0) == {1: 0.8, 5: 0.1, 3: 0.1}  # up from the centre
    assert nonzero(grid, 4, 3) == {3: 0.8, 1: 0.1, 7: 0.1}  # left
    assert nonzero(grid, 0, 0) == pytest.approx({0: 0.9, 1: 0.1})  # up in the corner: it stays, or slips right
    assert nonzero(grid, 8, 2) == pytest.approx({8: 1.0})
    assert grid.r[-4:].tolist() == [1.0] * 4
    assert grid.r[:-4].max() <= 0.001


def test_nothing_enters_an_obstacle_from_outside():
    blocked = np.zeros((3, 3), dtype=bool)
    blocked[1, 1] = True
    grid = problems.walk(blocked, np.zeros(9), gamma=0.9, slip=0.0)
    assert nonzero(grid, 1, 2) == {1: 1.0}
    assert grid.P.toarray()[:, 4].nonzero()[0].tolist() == []


def test_the_river_is_swum_against_its_current():
    river = problems.river_swim(4, gamma=0.9)
    assert nonzero(river, 2, 0) == {1: 1.0}
    assert nonzero(river, 0, 0) == {0: 1.0}
    assert nonzero(river, 2, 1) == {1: 0.05, 2: 0.6, 3: 0.35}
    assert nonzero(river, 0, 1) == {0: 0.4, 1: 0.6}
    assert nonzero(river, 3, 1) == {2: 0.4, 3: 0.6}
    assert river.r.tolist() == [0.005, 0, 0, 0, 0, 0, 0, 1]


def test_an_arrival_joins_the_queue_it_is_sent_to():
    queues = problems.queues(3, gamma=0.9)
    state = 1 * 3 + 1  # one customer in each
    assert nonzero(queues, state, 2) == pytest.approx({7: 0.4, 1: 0.25, 3: 0.2, 4: 0.15})  # first queue, fast
    assert nonzero(queues, state, 1) == pytest.approx({5: 0.4, 1: 0.15, 3: 0.12, 4: 0.33})  # second queue, slow
    assert queues.r[4 * state + 2] == pytest.approx(1 - 0.4 * 2 / 6 - 0.3)
    full = 2 * 3 + 0
    assert queues.r[4 * full] == pytest.approx(1 - 0.4 * 2 / 6 - 0.3)  # an arrival at the full queue is lost
    assert nonzero(queues, full, 0) == pytest.approx({6: 0.4 + 0.12 + 0.33, 3: 0.15})


def test_the_forest_is_that_of_the_toolboxes_scaled():
    forest = problems.forest(4, gamma=0.9, fire=0.1)
    assert nonzero(forest, 1, 0) == {0: 0.1, 2: 0.9}
    assert nonzero(forest, 3, 0) == {0: 0.1, 3: 0.9}
    assert nonzero(forest, 2, 1) == {0: 1.0}
    assert forest.r.reshape(4, 2).tolist() == [[0, 0], [0, 0.25], [0, 0.25], [1, 0.5]]


def test_a_layered_model_has_no_cycle_but_its_end():
    mdp = problems.layered(4, 5, 3, 2, gamma=0.9)
    chain = np.add.reduceat(mdp.P.toarray(), mdp.pair_start[:-1]) / 3
    (end,) = np.flatnonzero(np.diag(chain) == 1)
    np.testing.assert_allclose(np.linalg.matrix_power(chain, 4)[:, end], 1)  # four layers, and it is over
    assert (mdp.r.reshape(-1, 3)[end] == 0).all()
    assert end != mdp.n_states - 1  # shuffled


def test_stock_that_does_not_fit_is_not_delivered():
    stock = problems.inventory(30, 5, gamma=0.9)
    assert row(stock, 28, 4) == row(stock, 30, 0)
    demand = {k: math.exp(-20) * 20**k / math.factorial(k) for k in range(31)}
    assert row(stock, 30, 0)[12] == pytest.approx(demand[18])
    assert row(stock, 30, 0)[0] == pytest.approx(1 - sum(demand[k] for k in range(30)))


def test_the_same_reward_is_earned_up_to_one_scale_for_all_pairs():
    capacity, orders = 30, 5
    k = np.arange(56)
    pmf = np.array([math.exp(j * math.log(20) - 20 - math.lgamma(j + 1)) for j in k.tolist()])
    expected = []
    for stock in range(capacity + 1):
        for order in range(orders):
            filled = min(stock + order, capacity)
            sold = float(np.minimum(filled, k) @ pmf)
            cost = 0.05 * (filled > stock) + 0.2 * (filled - stock) / orders + 0.1 * filled / capacity
            expected.append(sold / 20 * 0.6 - cost)
    expected = (np.array(expected) - min(expected)) / (max(expected) - min(expected))

    np.testing.assert_allclose(problems.inventory(capacity, orders, gamma=0.9).r, expected, atol=1e-9)

"""Forest, inventory, queue and machine: closed forms, and the monotone policies that theory promises."""

import numpy as np
import pytest
from scipy.stats import poisson

import mdps
from rltheory import ModelError


def test_the_forest_has_the_published_optimum(is_optimal, policy_value):
    forest = mdps.forest()
    assert is_optimal(forest, [0, 0, 0])
    np.testing.assert_allclose(policy_value(forest, [0, 0, 0]), [26.244, 29.484, 33.484], atol=1e-12)


def test_the_forest_is_that_of_the_toolboxes():
    forest = mdps.forest(4, r1=5.0, r2=3.0, p=0.25)
    P = forest.P.toarray().reshape(4, 2, 4)
    np.testing.assert_array_equal(
        P[:, 0], [[0.25, 0.75, 0, 0], [0.25, 0, 0.75, 0], [0.25, 0, 0, 0.75], [0.25, 0, 0, 0.75]]
    )
    np.testing.assert_array_equal(P[:, 1], np.eye(4)[[0, 0, 0, 0]])
    np.testing.assert_array_equal(forest.r.reshape(4, 2), [[0, 0], [0, 1], [0, 1], [5, 3]])


@pytest.mark.parametrize(("mean", "gamma"), [(2.0, 0.9), (6.0, 0.95), (4.5, 0.5)])
def test_without_an_order_cost_the_newsvendor_level_is_optimal(mean, gamma, optimal_value):
    p, c, h = 5.0, 2.0, 0.2
    level = int(poisson.ppf((p - c) / (p + h - gamma * c), mean))
    sold = sum(poisson.pmf(k, mean) * min(k, level) for k in range(200))
    once = (p + h - gamma * c) * sold - (c + h - gamma * c) * level
    v = optimal_value(mdps.inventory(18, mean, price=p, unit_cost=c, holding_cost=h, gamma=gamma))
    np.testing.assert_allclose(v[: level + 1], c * np.arange(level + 1) + once / (1 - gamma), rtol=1e-10)


def test_with_an_order_cost_one_orders_up_to_a_level_from_below_another(optimal_policy):
    orders = optimal_policy(mdps.inventory(30, order_cost=4.0))
    ordering = np.flatnonzero(orders)
    np.testing.assert_array_equal(ordering, np.arange(ordering.size))
    assert np.unique(ordering + orders[ordering]).size == 1
    assert 0 < ordering.size < ordering[0] + orders[0]


def test_stock_is_bounded_by_the_room_for_it():
    assert mdps.inventory(3, 1.0).n_pairs == 4 + 3 + 2 + 1


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_with_room_for_one_the_queue_has_a_closed_form(gamma, optimal_value):
    a, reward, cost = 1 / 3, 5.0, 1.0
    queue = mdps.admission_queue(1, 1.0, 2.0, admission_reward=reward, holding_cost=cost, gamma=gamma)
    assert reward >= gamma * (a * reward + cost)
    empty = a * (reward - gamma * (a * reward + cost)) / (1 - gamma)
    np.testing.assert_allclose(optimal_value(queue), [empty, empty - a * reward - cost], atol=1e-10)


def test_a_customer_who_costs_more_than_the_reward_is_rejected(optimal_policy):
    assert optimal_policy(mdps.admission_queue(1, admission_reward=0.5, holding_cost=1.0))[0] == 0


@pytest.mark.parametrize("arrival_rate", [0.3, 0.9, 2.0])
@pytest.mark.parametrize("admission_reward", [2.0, 8.0, 30.0])
def test_customers_are_admitted_up_to_a_limit(arrival_rate, admission_reward, optimal_policy):
    queue = mdps.admission_queue(15, arrival_rate, admission_reward=admission_reward)
    assert (np.diff(optimal_policy(queue)) <= 0).all()


@pytest.mark.parametrize(("n", "replacement_cost"), [(1, 3.0), (6, 3.0), (12, 20.0), (12, 1000.0)])
def test_under_sure_wear_the_value_is_that_of_the_best_cycle(n, replacement_cost, optimal_value):
    gamma, wear = 0.9, np.arange(n)
    worn = np.concatenate([[0.0], np.cumsum(gamma**wear * wear)])
    cycles = [(worn[L] + gamma**L * replacement_cost) / (1 - gamma ** (L + 1)) for L in range(n)]
    never = worn[n] + gamma**n * (n - 1) / (1 - gamma)
    machine = mdps.machine_replacement(n, 1.0, replacement_cost=replacement_cost, gamma=gamma)
    assert optimal_value(machine)[0] == pytest.approx(-min(*cycles, never))


@pytest.mark.parametrize("p_wear", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("replacement_cost", [1.0, 8.0, 100.0])
def test_a_machine_is_replaced_from_some_condition_on(p_wear, replacement_cost, optimal_policy):
    policy = optimal_policy(mdps.machine_replacement(20, p_wear, replacement_cost=replacement_cost))
    assert (np.diff(policy) >= 0).all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.forest(1), "n is 1"),
        (lambda: mdps.forest(p=2), "p is 2"),
        (lambda: mdps.inventory(0), "capacity is 0"),
        (lambda: mdps.inventory(mean_demand=-1.0), "mean_demand is -1.0"),
        (lambda: mdps.admission_queue(service_rate=0.0), "service_rate is 0.0; it must be above 0"),
        (lambda: mdps.machine_replacement(p_wear=-0.1), "p_wear is -0.1"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

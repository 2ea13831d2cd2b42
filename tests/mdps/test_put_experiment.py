import numpy as np
import pytest
from numpy.random import RandomState

import mdps
from rltheory import ModelError, evaluate_policy, solve

RISES = [0.2, 0.5, 0.8, 1.0]


def random_policies(n, rng=0):
    """Return policies that hold with probability 0.8 at every node."""
    return (np.random.default_rng(rng).random((n, 20, 211)) < 0.2).astype(int)


def test_data_are_the_published_prices():
    known, data = mdps.put_data(replication=2)
    _, prices = mdps.american_put(99.35994902)
    s0, moves = RandomState(2).uniform(95, 105), RandomState(1).random_sample((100, 20)) < 0.5
    price = np.cumprod(np.where(moves, 1.02, 0.98), axis=1)[:, :-1] * s0
    seen = prices[data.table("state")]
    np.testing.assert_allclose(seen[:, 0], s0, rtol=1e-9)
    np.testing.assert_allclose(seen[:, 1:], price, rtol=1e-9)
    assert (data.table("next_state")[:, -1] == 210).all(), "the last transition leads to the end"
    assert (data.action == 0).all()
    assert (known.H, known.d, known.n_states) == (20, 30, 422)


@pytest.mark.parametrize(("replication", "first"), [(0, 100.48813504), (1, 99.17022005), (2, 99.35994902)])
def test_each_replication_starts_at_a_price_of_its_own_and_shares_the_moves(replication, first):
    known, data = mdps.put_data(replication)
    exercise_at_once = known.reward[0, 1]
    assert exercise_at_once == pytest.approx(max(100 - first, 0), abs=1e-8)
    np.testing.assert_array_equal(data.state, mdps.put_data(0)[1].state)


@pytest.mark.parametrize(("n_trajectories", "d"), [(1, 30), (1000, 30), (100, 120)])
def test_the_strike_is_a_hundred_however_many_trajectories_there_are(n_trajectories, d):
    known, data = mdps.put_data(n_trajectories=n_trajectories, d=d)
    assert len(data) == 20 * n_trajectories
    assert known.d == d
    np.testing.assert_array_equal(known.reward, mdps.put_data()[0].reward)


def test_holding_is_worth_a_unit_for_each_date_at_most_and_exercising_what_it_pays():
    known, _ = mdps.put_data()
    for t in (0, 19):
        assert (known.most[t, ::2] == 20 - t).all()
        np.testing.assert_array_equal(known.most[t, 1::2], known.reward[t, 1::2])


@pytest.mark.parametrize("p", RISES)
def test_exact_payoffs_are_the_values_of_the_policies_on_the_tree(p):
    policies, (mdp, _) = random_policies(3), mdps.put_tree(p)
    expected = [evaluate_policy(mdp, policy).value[0, 0] for policy in policies]
    np.testing.assert_allclose(mdps.put_payoffs(policies, [p])[:, 0], expected, atol=1e-12)


@pytest.mark.parametrize("p", RISES)
def test_the_best_policy_of_the_tree_is_paid_its_value(p):
    solution = solve(mdps.put_tree(p, strike=105.0)[0])
    payoff = mdps.put_payoffs(solution.policy[None], [p], strike=105.0)[0, 0]
    assert payoff == pytest.approx(solution.value[0, 0], abs=1e-12)


def test_sampled_payoffs_are_within_their_standard_error_of_the_exact_ones():
    policies = random_policies(2, rng=1)
    sampled = mdps.put_sampled_payoffs(policies, RISES[:3], n_episodes=4000)
    # A payoff is between 0 and 33.8; its standard deviation is below 4.
    np.testing.assert_allclose(sampled, mdps.put_payoffs(policies, RISES[:3]), atol=5 * 4 / np.sqrt(4000))


def test_episodes_use_one_number_for_each_date_but_that_of_exercise():
    """Exercise after the first move, whatever it is: 19 numbers an episode, of which the first decides."""
    policies = np.ones((1, 20, 211), dtype=int)
    policies[:, 0] = 0
    draws, payoffs = RandomState(1), []
    s0 = draws.uniform(95, 105)
    for _ in range(7):
        numbers = draws.random_sample(19)
        payoffs.append(max(100 - s0 * (1.02 if numbers[0] < 0.6 else 0.98), 0))
    assert mdps.put_sampled_payoffs(policies, [0.6], n_episodes=7)[0, 0] == pytest.approx(np.mean(payoffs), abs=1e-9)


def test_without_a_move_that_matters_sampling_is_exact():
    policies = random_policies(2, rng=2)
    np.testing.assert_allclose(
        mdps.put_sampled_payoffs(policies, [0.0, 1.0]), mdps.put_payoffs(policies, [0.0, 1.0]), atol=1e-12
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mdps.put_data(-1), "replication is -1"),
        (lambda: mdps.put_data(n_trajectories=0), "n_trajectories is 0"),
        (lambda: mdps.put_data(d=0), "d is 0"),
        (lambda: mdps.put_policies(mdps.put_learner(), replications=0), "replications is 0"),
        (lambda: mdps.put_payoffs(np.zeros((20, 211)), [0.5]), r"policies have shape \(20, 211\)"),
        (lambda: mdps.put_payoffs(random_policies(1), [1.5]), r"a rise is 1\.5"),
        (lambda: mdps.put_sampled_payoffs(random_policies(1), [0.5], n_episodes=0), "n_episodes is 0"),
        (lambda: mdps.put_tree(-0.1), r"p is -0\.1"),
    ],
    ids=["replication", "trajectories", "features", "replications", "shape", "rise", "episodes", "tree"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ModelError, match=message):
        call()

"""The oracles of the long run against closed forms, plain sums, and algorithms that share nothing with them."""

import numpy as np
import pytest
from hypothesis import given, settings

import mdps
import rltheory as rl
from mdps.long_run_strategies import (
    average_mdps,
    chains,
    communicating_mdps,
    irreducible_chains,
    shortest_path_mdps,
    weakly_communicating_mdps,
)
from proofs_check import chain_oracles, oracles
from proofs_check.rational_total import rational_policy_total

TWO_LOOPS = rl.MDP.from_arrays([[[1, 0]], [[0, 1]]], [0, 1], gamma=1.0)


def powers_averaged(P, doublings=40):
    """Return the average of the first ``2 ** doublings`` powers of P: (I + P^n) / 2 doubles their number n."""
    average, power = np.eye(len(P)), P
    for _ in range(doublings):
        average, power = (average + power @ average) / 2, power @ power
        average, power = (rows / rows.sum(axis=1, keepdims=True) for rows in (average, power))
    return average


@given(chains())
def test_the_limiting_matrix_is_the_average_of_the_powers(P):
    np.testing.assert_allclose(chain_oracles.limiting_matrix(P), powers_averaged(P), atol=1e-9)


@given(chains())
def test_the_deviation_matrix_is_the_sum_of_what_powers_miss(P):
    # The chain that stays with probability 1/2 has twice the deviation matrix and no periods: a plain sum converges.
    lazy, limit = (P + np.eye(len(P))) / 2, chain_oracles.limiting_matrix(P)
    total, power = np.zeros_like(P), np.eye(len(P))
    for _ in range(5000):
        total, power = total + power - limit, power @ lazy
    np.testing.assert_allclose(2 * chain_oracles.deviation_matrix(P), total, atol=1e-8)


@given(irreducible_chains())
def test_passage_times_and_stationary_distribution_fit_by_the_return_times(P):
    returns = 1 + np.diagonal(P @ chain_oracles.passage_times(P))
    np.testing.assert_allclose(chain_oracles.stationary(P), 1 / returns, rtol=1e-9)


@given(average_mdps())
@settings(max_examples=10)
def test_the_best_gain_agrees_with_the_linear_program(mdp):
    program = rl.planning.average_linear_program(mdp)
    np.testing.assert_allclose(chain_oracles.best_gain(mdp), program.gain, atol=1e-6)


@given(weakly_communicating_mdps())
def test_the_optimal_bias_encloses_the_gain(mdp):
    gain, bias = chain_oracles.optimal_bias(mdp)
    proven = rl.planning.enclose_gain(mdp, bias)
    assert proven.lower == pytest.approx(gain, abs=1e-9)
    assert proven.upper == pytest.approx(gain, abs=1e-9)


def test_different_gains_have_no_optimal_bias():
    with pytest.raises(ArithmeticError, match="no policy has the gain 1 from everywhere"):
        chain_oracles.optimal_bias(TWO_LOOPS)


@pytest.mark.parametrize("p", [1.0, 0.5, 0.125])
def test_the_diameter_of_the_slow_climb_is_the_climb(p):
    assert chain_oracles.diameter(mdps.slow_climb(p)) == pytest.approx(1 / p)


def test_the_diameter_is_infinite_where_there_is_no_way_back():
    assert chain_oracles.diameter(mdps.loan()) == np.inf


@given(communicating_mdps())
def test_the_diameter_is_finite_where_all_states_communicate(mdp):
    assert np.isfinite(chain_oracles.diameter(mdp))


@given(shortest_path_mdps())
def test_times_and_totals_agree_with_fractions(mdp):
    goal, policy = np.arange(mdp.n_states) == 0, np.zeros(mdp.n_states, dtype=int)
    P, r = oracles.chain(mdp, policy)
    count = mdp.replace(r=(mdp.pair_state > 0).astype(float))
    steps, total = (np.array(rational_policy_total(model, policy, [0]), dtype=float) for model in (count, mdp))
    np.testing.assert_allclose(chain_oracles.hitting_time(P, goal), steps, rtol=1e-9)
    np.testing.assert_allclose(chain_oracles.total_until(P, r, goal), total, rtol=1e-9)


def test_a_goal_that_may_be_missed_is_infinitely_far():
    P = mdps.random_walk(2).P.toarray()
    np.testing.assert_array_equal(chain_oracles.hitting_time(P, np.arange(4) == 3), [np.inf, np.inf, np.inf, 0])


@pytest.mark.parametrize("delta", [0.0, 0.5, 0.9])
def test_dobrushins_coefficient_of_a_fresh_start_is_delta(delta):
    assert chain_oracles.dobrushin(mdps.fresh_start(delta).P.toarray()) == pytest.approx(delta)


def test_recurrent_sets_are_named_once():
    P = np.array([[0, 1.0, 0, 0], [1.0, 0, 0, 0], [0, 0, 1.0, 0], [0.5, 0, 0.25, 0.25]])
    assert [states.tolist() for states in chain_oracles.recurrent_sets(P)] == [[0, 1], [2]]

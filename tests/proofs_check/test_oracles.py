from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps, paired, policies, stochastic_policies
from proofs_check import oracles, rational

MODELS = discounted_mdps(max_states=3)


@given(MODELS)
def test_the_linear_program_brute_force_and_fractions_agree(mdp):
    exact = np.array([float(value) for value in oracles.rational_optimum(mdp)])
    np.testing.assert_allclose(oracles.lp_value(mdp), exact, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(oracles.brute_force_value(mdp), exact, rtol=1e-11, atol=1e-11)


@given(MODELS)
def test_the_rational_optimum_satisfies_the_bellman_equation_exactly(mdp):
    v, gamma = oracles.rational_optimum(mdp), Fraction(mdp.gamma)
    rows = zip(mdp.r, mdp.P.toarray(), strict=True)
    q = [Fraction(r) + gamma * sum(Fraction(p) * x for p, x in zip(row, v, strict=True)) for r, row in rows]
    assert v == [max(q[start:end]) for start, end in pairwise(mdp.pair_start)]


@given(paired(MODELS, policies))
def test_policy_values_agree_with_fractions(drawn):
    mdp, policy = drawn
    exact = [float(value) for value in oracles.rational_policy_value(mdp, policy)]
    np.testing.assert_allclose(oracles.exact_policy_value(mdp, policy), exact, rtol=1e-11, atol=1e-11)


@given(paired(MODELS, policies))
def test_fractions_do_not_depend_on_flint(drawn):
    mdp, policy = drawn
    rows = mdp.pair_start[:-1] + policy
    gamma, P = Fraction(mdp.gamma), mdp.P.toarray()
    system = [
        [*((i == j) - gamma * Fraction(p) for j, p in enumerate(P[row])), Fraction(mdp.r[row])]
        for i, row in enumerate(rows)
    ]
    assert rational._gauss_jordan(system) == oracles.rational_policy_value(mdp, policy)


def test_a_singular_system_is_refused():
    with pytest.raises(ZeroDivisionError):
        rational._gauss_jordan([[Fraction(1), Fraction(1), Fraction(1)], [Fraction(2), Fraction(2), Fraction(1)]])


@given(paired(MODELS, stochastic_policies))
def test_occupancies_price_policies(drawn):
    mdp, policy = drawn
    x = oracles.occupancy(mdp, policy)
    assert x @ mdp.r == pytest.approx(mdp.mu @ oracles.exact_policy_value(mdp, policy), abs=1e-9)


@given(paired(MODELS, stochastic_policies))
def test_the_policy_of_an_occupancy_has_that_occupancy(drawn):
    mdp, policy = drawn
    x = oracles.occupancy(mdp, policy)
    np.testing.assert_allclose(oracles.occupancy(mdp, oracles.policy_of(mdp, x)), x, atol=1e-9)


@given(MODELS)
@settings(max_examples=20)
def test_the_dual_program_attains_the_optimum(mdp):
    # HiGHS reads coefficients below 1e-9 as zero, so compare to what such a change may do at most.
    program = oracles.dual_program(mdp)
    assert -program.fun == pytest.approx(mdp.mu @ oracles.lp_value(mdp), abs=1e-8 / (1 - mdp.gamma) ** 2)


def test_simulated_returns_average_to_the_value():
    mdp = mdps.leaky_reward(gamma=0.9, leak=0.1)[1]
    rng = np.random.default_rng(0)
    returns = [oracles.simulate(mdp, np.zeros(2, dtype=int), 100, rng) for _ in range(500)]
    value = oracles.exact_policy_value(mdp, np.zeros(2, dtype=int))[0]
    assert np.mean(returns) == pytest.approx(value, abs=5 * np.std(returns) / np.sqrt(500))


def test_brute_force_refuses_what_would_take_too_long():
    mdp = rl.MDP.from_arrays(np.full((16, 2, 16), 1 / 16), np.zeros((16, 2)), gamma=0.9)
    with pytest.raises(ValueError, match="brute force stops at 20000"):
        oracles.brute_force_value(mdp)

"""Howard's policy iteration: optimal, finite, monotone, undisturbed by ties."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, paired, policies
from proofs_check.oracles import brute_force_value, exact_policy_value
from rltheory import MDP, ConvergenceWarning, ModelError, Status, policy_iteration
from rltheory.planning import bounds


@given(discounted_mdps(gammas=EXTREME_GAMMAS, max_states=4))
def test_the_value_is_the_best_over_all_deterministic_policies(mdp):
    solution = policy_iteration(mdp, tol=1e-5)
    assert np.allclose(solution.value, brute_force_value(mdp), rtol=1e-9, atol=1e-9)


@given(discounted_mdps())
def test_the_policy_achieves_its_enclosure(mdp):
    solution = policy_iteration(mdp)
    achieved = exact_policy_value(mdp, solution.policy)
    assert (solution.lower <= achieved + 1e-9).all()
    assert (achieved <= solution.upper + 1e-9).all()


@given(paired(discounted_mdps(), policies))
def test_it_ends_within_howards_bound_from_any_policy(drawn):
    mdp, policy = drawn
    solution = policy_iteration(mdp, initial_policy=policy)
    most = bounds.howard_improvements(gamma=mdp.gamma, n_states=mdp.n_states, n_pairs=mdp.n_pairs)
    assert solution.iterations <= most
    assert solution.status is Status.CONVERGED


def test_equal_actions_do_not_take_turns():
    rows = np.full((3, 4, 3), 1 / 3)
    mdp = MDP.from_arrays(MDP.normalised(rows), np.full((3, 4), 0.1), gamma=0.999)
    assert policy_iteration(mdp, tol=1e-6).iterations == 0


def test_a_large_sparse_model_is_solved_without_a_dense_matrix():
    mdp = mdps.gridworld("S" + "." * 39 + ("\n" + "." * 40) * 38 + "\n" + "." * 39 + "G", slip=0.2, gamma=0.99)
    solution = policy_iteration(mdp)
    assert mdp.n_states == 1600
    assert solution.status is Status.CONVERGED
    assert "dense" not in solution.method


def test_a_limit_that_comes_first_is_told():
    mdp, start = mdps.slow_policy_iteration(gamma=0.9, steps=5)
    with pytest.warns(ConvergenceWarning):
        solution = policy_iteration(mdp, initial_policy=start, max_improvements=1)
    assert solution.status is Status.LIMIT_REACHED


def test_an_initial_policy_that_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="policy takes action 7 in state 0"):
        policy_iteration(mdps.river_swim(6), initial_policy=[7] * 6)

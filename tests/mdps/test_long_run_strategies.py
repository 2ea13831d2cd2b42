"""What the strategies of the long run promise about the graph, verified by powers of matrices."""

import itertools

import numpy as np
from hypothesis import Phase, find, given, settings

from mdps.long_run_strategies import (
    average_mdps,
    chains,
    communicating_mdps,
    irreducible_chains,
    shortest_path_mdps,
    unichain_mdps,
    unichains,
    weakly_communicating_mdps,
)

SEARCH = settings(max_examples=2000, database=None, derandomize=True, deadline=None, phases=[Phase.generate])


def reach(P):
    return np.linalg.matrix_power(np.eye(len(P)) + (P > 0), len(P)) > 0


def kernels(mdp):
    """Return the matrix of each deterministic policy."""
    actions = itertools.product(*map(range, mdp.action_counts.tolist()))
    return [mdp.P.toarray()[mdp.pair_start[:-1] + np.array(policy)] for policy in actions]


def eigenvalues_1(P):
    """Count the recurrent classes: the multiplicity of the eigenvalue 1."""
    return len(P) - np.linalg.matrix_rank(np.eye(len(P)) - P, tol=1e-9)


def any_action(mdp):
    return sum(kernels(mdp))


def arrives(P, goal=0):
    return reach(P)[:, goal].all()


@given(irreducible_chains())
def test_irreducible_chains_lead_from_everywhere_to_everywhere(P):
    np.testing.assert_allclose(P.sum(axis=1), 1)
    assert reach(P).all()


@given(unichains())
def test_unichains_have_one_class(P):
    assert eigenvalues_1(P) == 1


def test_chains_may_have_several_classes_and_be_periodic():
    assert eigenvalues_1(find(chains(), lambda P: eigenvalues_1(P) > 1, settings=SEARCH)) > 1
    find(irreducible_chains(), lambda P: np.sum(np.isclose(np.abs(np.linalg.eigvals(P)), 1)) > 1, settings=SEARCH)


@given(communicating_mdps())
def test_communicating_models_lead_from_everywhere_to_everywhere_under_some_policy(mdp):
    assert reach(any_action(mdp)).all()
    assert ((mdp.r >= 0) & (mdp.r <= 1)).all()


@given(unichain_mdps())
def test_every_policy_of_a_unichain_model_has_one_class(mdp):
    assert all(eigenvalues_1(P) == 1 for P in kernels(mdp))


@given(weakly_communicating_mdps())
@settings(max_examples=20)
def test_the_best_gain_of_weakly_communicating_models_is_one_number(mdp):
    # By value iteration on the model that stays with probability 1/2, which has no periods.
    v = np.zeros(mdp.n_states)
    for _ in range(3000):
        q = 0.5 * (mdp.r + mdp.P @ v) + 0.5 * v[mdp.pair_state]
        before, v = v, np.maximum.reduceat(q, mdp.pair_start[:-1])
    assert np.ptp(v - before) < 1e-6


def test_unichain_models_may_have_a_choice_and_the_others_two_gains():
    find(unichain_mdps(), lambda mdp: mdp.n_pairs > mdp.n_states > 1, settings=SEARCH)
    find(average_mdps(), lambda mdp: eigenvalues_1(kernels(mdp)[0]) > 1, settings=SEARCH)
    find(weakly_communicating_mdps(), lambda mdp: not reach(any_action(mdp)).all(), settings=SEARCH)


@given(shortest_path_mdps())
def test_some_policy_of_a_shortest_path_model_arrives_and_rewards_are_negative(mdp):
    assert any(arrives(P) for P in kernels(mdp))
    assert mdp.r[0] == 0
    assert ((mdp.r[1:] >= -1) & (mdp.r[1:] <= -0.125)).all()
    np.testing.assert_array_equal(mdp.P.toarray()[0], np.eye(mdp.n_states)[0])


@given(shortest_path_mdps(all_proper=True, max_reward=1.0))
def test_every_policy_arrives_where_that_is_asked_for(mdp):
    assert all(arrives(P) for P in kernels(mdp))


def test_otherwise_some_policies_do_not():
    find(shortest_path_mdps(), lambda mdp: not all(arrives(P) for P in kernels(mdp)), settings=SEARCH)

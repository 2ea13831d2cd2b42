"""The oracles for groups of states agree with iteration, with sums written out, and with each other."""

import numpy as np
import pytest
from hypothesis import given, settings

import mdps
from mdps.strategies import discounted_mdps, laws, paired
from proofs_check import oracles
from proofs_check.approximation import aggregates

GROUPS, WEIGHTS = np.array([0, 1, 0]), np.array([0.25, 1.0, 0.75])


def test_an_averager_replaces_values_by_those_of_groups():
    M = aggregates.averager(GROUPS, WEIGHTS)
    np.testing.assert_allclose(M @ [4.0, 7.0, 8.0], [7, 7, 7])
    np.testing.assert_allclose(M @ M, M)


@given(paired(discounted_mdps(max_states=3, gammas=(0.5, 0.8)), lambda mdp: laws(mdp.n_states, mdp.n_states)))
@settings(max_examples=25)
def test_the_averaged_optimum_is_where_averaged_backups_end(drawn):
    mdp, M = drawn
    v = np.zeros(mdp.n_states)
    for _ in range(150):
        v = M @ oracles.backup(mdp, v)
    np.testing.assert_allclose(aggregates.averaged_optimum(mdp, M), v, atol=1e-11)


def test_the_abstract_model_adds_up_what_its_states_do():
    mdp = mdps.garnet(3, 2, 2, rng=0)
    model = aggregates.abstract_model(mdp, GROUPS, WEIGHTS)
    P, model_P = mdp.P.toarray(), model.P.toarray()
    assert (model.n_states, model.n_pairs) == (2, 4)
    for action in (0, 1):
        one, other = action, 4 + action
        assert model.r[action] == pytest.approx(0.25 * mdp.r[one] + 0.75 * mdp.r[other])
        assert model_P[action, 1] == pytest.approx(0.25 * P[one, 1] + 0.75 * P[other, 1])
        assert model_P[2 + action, 0] == pytest.approx(P[2 + action, 0] + P[2 + action, 2])
    np.testing.assert_allclose(aggregates.group_laws(mdp, GROUPS)[:, 1], P[:, 1])


def test_the_widest_group_is_that_of_the_largest_difference():
    assert aggregates.widest_group(np.array([1.0, 9.0, 4.0]), GROUPS) == 3
    assert aggregates.widest_group(np.array([[1.0, 5.0], [9.0, 9.0], [4.0, 1.0]]), GROUPS) == 4


@given(laws(2, 4), laws(2, 4))
@settings(max_examples=25)
def test_transport_along_a_line_is_the_linear_program(p, q):
    positions = np.array([3.0, 0.0, 7.0, 1.0])
    by_program = aggregates.transport(p, q, np.abs(positions[:, None] - positions))
    np.testing.assert_allclose(aggregates.transport_on_line(p, q, positions), by_program, atol=1e-7)


def test_transport_under_the_discrete_metric_is_total_variation():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(4), size=3), rng.dirichlet(np.ones(4), size=3)
    variation = np.abs(p - q).sum(axis=1) / 2
    np.testing.assert_allclose(aggregates.transport(p, q, 1 - np.eye(4)), variation, atol=1e-10)

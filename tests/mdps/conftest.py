"""Oracles that know nothing of the solvers: linear systems, HiGHS, and the Bellman equation itself."""

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array


def _q_values(mdp, v):
    return mdp.r + mdp.gamma * (mdp.P @ v)


def _backup(mdp, v):
    return np.maximum.reduceat(_q_values(mdp, v), mdp.pair_start[:-1])


def _greedy(mdp, v):
    actions = np.split(_q_values(mdp, v), mdp.pair_start[1:-1])
    return np.array([int(np.argmax(q)) for q in actions])


def _policy_value(mdp, policy):
    rows = mdp.pair_start[:-1] + np.asarray(policy)
    return np.linalg.solve(np.eye(mdp.n_states) - mdp.gamma * mdp.P[rows].toarray(), mdp.r[rows])


def _optimal_policy(mdp):
    """Solve the linear program: minimise the sum of v subject to v >= r_a + gamma P_a v."""
    own = csr_array((np.ones(mdp.n_pairs), (np.arange(mdp.n_pairs), mdp.pair_state)), shape=mdp.P.shape)
    answer = linprog(np.ones(mdp.n_states), A_ub=mdp.gamma * mdp.P - own, b_ub=-mdp.r, bounds=(None, None))
    return _greedy(mdp, answer.x)


def _is_optimal(mdp, policy):
    """Whether the value of the policy solves the Bellman equation, up to rounding."""
    v = _policy_value(mdp, policy)
    return np.allclose(_backup(mdp, v), v, rtol=1e-10, atol=1e-10)


@pytest.fixture
def q_values():
    return _q_values


@pytest.fixture
def backup():
    return _backup


@pytest.fixture
def greedy():
    return _greedy


@pytest.fixture
def policy_value():
    return _policy_value


@pytest.fixture
def optimal_policy():
    return _optimal_policy


@pytest.fixture
def is_optimal():
    return _is_optimal


@pytest.fixture
def optimal_value():
    """Return the exact value of the LP's greedy policy, certified by the Bellman equation."""

    def solve(mdp):
        policy = _optimal_policy(mdp)
        assert _is_optimal(mdp, policy)
        return _policy_value(mdp, policy)

    return solve

import numpy as np
import pytest
from scipy.stats import norm

from mdps.submodular import coin_mirror, coverage_grid, random_submodular_mdp
from rltheory import ModelError
from rltheory.planning import use_threads
from rltheory.submodular import SubmodularMDP
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.history_policy import HistorySoftmax
from rltheory.submodular.linear_policy import LinearSoftmax
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.rollouts import roll_out
from rltheory.submodular.trajectories import all_trajectories


def changing(seed=0):
    """Dynamics that change with the step, elements that are visits, and a start by chance."""
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.ones(3), (4, 3, 2))
    return SubmodularMDP(P, Modular(rng.random(15)), 4, rng.dirichlet(np.ones(3)))


@pytest.mark.parametrize("make", [changing, lambda: random_submodular_mdp(4, 3, 4, branching=2, rng=1)])
def test_the_compiled_loop_and_the_step_by_step_one_walk_the_same_paths(make):
    """A policy that remembers, and has seen nothing, is uniform, and the same numbers lead it the same way."""
    mdp = make()
    compiled = roll_out(mdp, MarkovSoftmax.uniform(mdp), 500, rng=3)
    asked = roll_out(mdp, HistorySoftmax.uniform(mdp), 500, rng=3)
    np.testing.assert_array_equal(compiled.states, asked.states)
    np.testing.assert_array_equal(compiled.actions, asked.actions)
    np.testing.assert_array_equal(compiled.gains, asked.gains)


@pytest.mark.parametrize("make", [changing, lambda: random_submodular_mdp(4, 3, 4, branching=2, rng=1), coin_mirror])
def test_frequencies_of_trajectories_are_their_probabilities(make):
    """Of all cells of a multinomial law none deviates by more than 5 standard errors."""
    mdp, n = make(), 200_000
    policy = MarkovSoftmax(np.random.default_rng(2).normal(size=(mdp.H, mdp.n_states, mdp.n_actions)))
    exact, sample = all_trajectories(mdp, policy), roll_out(mdp, policy, n, rng=4)
    joined = np.vstack([np.hstack([paths.states, paths.actions]) for paths in (exact, sample)])
    _, cell = np.unique(joined, axis=0, return_inverse=True)
    counts = np.bincount(cell[len(exact) :], minlength=len(exact))[cell[: len(exact)]]
    assert counts.sum() == n
    error = np.sqrt(n * exact.prob * (1 - exact.prob)) + 1
    assert np.all(np.abs(counts - n * exact.prob) <= 5 * error)


def test_gains_of_paths_sum_to_the_values_of_their_sets():
    mdp = random_submodular_mdp(5, 3, 6, branching=2, rng=0)
    paths = roll_out(mdp, MarkovSoftmax.uniform(mdp), 50, rng=0)
    np.testing.assert_allclose(paths.returns, [mdp.F.value(states) for states in paths.states])


def test_the_mean_return_is_near_the_exact_value():
    """Within 4 standard errors, which a right sampler leaves once in 16,000 seeds."""
    mdp = random_submodular_mdp(5, 2, 6, branching=3, rng=2)
    policy = MarkovSoftmax(np.random.default_rng(0).normal(size=(6, 5, 2)))
    paths = roll_out(mdp, policy, 100_000, rng=0)
    assert abs(paths.mean - policy_value(mdp, policy.table)) <= norm.isf(3e-5) * paths.standard_error


@pytest.mark.parametrize("dtype", [int, float])
def test_plain_tables_walk_as_policies_do(dtype):
    mdp = random_submodular_mdp(4, 2, 3, branching=2, rng=0)
    actions = np.array([0, 1, 1, 0])
    policy = actions if dtype is int else np.eye(2)[actions]
    paths = roll_out(mdp, policy, 200, rng=0)
    np.testing.assert_array_equal(paths.actions, actions[paths.states[:, :-1]])
    np.testing.assert_array_equal(paths.states, roll_out(mdp, np.stack([policy] * 3), 200, rng=0).states)


def test_a_linear_policy_walks_as_its_table_does():
    mdp = random_submodular_mdp(4, 2, 3, branching=2, rng=0)
    policy = LinearSoftmax(np.random.default_rng(0).normal(size=(4, 2, 3)), 3, np.ones(3))
    states = roll_out(mdp, policy, 200, rng=0).states
    np.testing.assert_array_equal(states, roll_out(mdp, policy.table, 200, rng=0).states)


def test_paths_do_not_depend_on_the_number_of_threads():
    mdp = coverage_grid(np.ones((6, 6)), H=20, start=(1, 1), slip=0.2)
    policy = MarkovSoftmax.uniform(mdp)
    with use_threads(1):
        alone = roll_out(mdp, policy, 20_000, rng=5)
    with use_threads(3):
        shared = roll_out(mdp, policy, 20_000, rng=5)
    np.testing.assert_array_equal(alone.states, shared.states)
    np.testing.assert_array_equal(alone.gains, shared.gains)


def test_sampling_twice_goes_on_where_sampling_once_stopped():
    mdp, rng = changing(), np.random.default_rng(6)
    policy = MarkovSoftmax.uniform(mdp)
    parts = [roll_out(mdp, policy, n, rng=rng).states for n in (60, 40)]
    np.testing.assert_array_equal(np.vstack(parts), roll_out(mdp, policy, 100, rng=6).states)


def test_blocks_of_numbers_leave_no_trace(monkeypatch):
    mdp = changing()
    whole = roll_out(mdp, MarkovSoftmax.uniform(mdp), 100, rng=7).states
    monkeypatch.setitem(roll_out.__globals__, "_BLOCK", 64)
    np.testing.assert_array_equal(roll_out(mdp, MarkovSoftmax.uniform(mdp), 100, rng=7).states, whole)


def test_what_never_happens_is_never_sampled():
    P = np.zeros((3, 1, 3))
    P[:, 0] = [0.0, 0.5, 0.5]
    mdp = SubmodularMDP(P, Modular(np.ones(3)), 5, np.array([0.5, 0.0, 0.5]))
    states = roll_out(mdp, np.zeros(3, dtype=int), 5000, rng=0).states
    assert set(states[:, 0]) == {0, 2}
    assert set(states[:, 1:].ravel()) == {1, 2}


def test_a_wrong_number_or_table_is_refused():
    mdp = changing()
    with pytest.raises(ModelError, match="n_paths is 0; it must be a whole number of at least 1"):
        roll_out(mdp, MarkovSoftmax.uniform(mdp), 0)
    with pytest.raises(ModelError, match=r"table has shape \(2, 3, 2\); this model's policies have \(4, 3, 2\)"):
        roll_out(mdp, MarkovSoftmax(np.zeros((2, 3, 2))), 5)
    with pytest.raises(ModelError, match="policy takes action 2 in state 0"):
        roll_out(mdp, np.array([2, 0, 0]), 5)

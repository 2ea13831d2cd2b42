import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import coin_mirror, random_submodular_mdp
from mdps.submodular_strategies import submodular_mdps
from rltheory import CriterionError, ModelError
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.gradient import derandomised, exact_gradient, row_slopes
from rltheory.submodular.history_policy import HistorySoftmax
from rltheory.submodular.linear_policy import LinearSoftmax
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.trajectories import all_trajectories

SEEDS = st.integers(0, 2**32 - 1)


def differences(height, theta, step=1e-5):
    """Central differences, whose error is of the order of step^2 and of rounding / step."""
    slope = np.zeros(theta.shape)
    for place in np.ndindex(theta.shape):
        move = np.zeros(theta.shape)
        move[place] = step
        slope[place] = (height(theta + move) - height(theta - move)) / (2 * step)
    return slope


def drawn(mdp, seed):
    return MarkovSoftmax(np.random.default_rng(seed).normal(size=(mdp.H, mdp.n_states, mdp.n_actions)))


@given(submodular_mdps(), SEEDS)
def test_the_gradient_of_a_table_is_the_limit_of_differences(mdp, seed):
    policy = drawn(mdp, seed)
    slope = differences(lambda theta: policy_value(mdp, MarkovSoftmax(theta).table), policy.theta)
    np.testing.assert_allclose(exact_gradient(mdp, policy), slope, atol=1e-8)


@pytest.mark.parametrize("by_step", [False, True])
def test_the_gradient_of_a_linear_policy_is_the_limit_of_differences(by_step):
    mdp, rng = random_submodular_mdp(3, 2, 3, branching=2, rng=0), np.random.default_rng(1)
    features = rng.normal(size=(3, 3, 2, 4) if by_step else (3, 2, 4))
    policy = LinearSoftmax(features, 3, rng.normal(size=4))
    slope = differences(lambda theta: policy_value(mdp, LinearSoftmax(features, 3, theta).table), policy.theta)
    np.testing.assert_allclose(exact_gradient(mdp, policy), slope, atol=1e-8)


def test_the_gradient_of_a_policy_that_remembers_is_the_limit_of_differences():
    mdp = random_submodular_mdp(3, 2, 3, branching=2, rng=3)
    blank = HistorySoftmax.uniform(mdp)
    blank = blank.familiar(all_trajectories(mdp, blank).states)
    policy = blank.moved(np.random.default_rng(0).normal(size=blank.theta.shape))
    slope = differences(lambda theta: policy_value(mdp, blank.moved(theta)), policy.theta)
    np.testing.assert_allclose(exact_gradient(mdp, policy), slope, atol=1e-8)


def test_the_gradient_of_the_entropy_bonus_counts_the_entropies_that_an_action_leads_to():
    mdp, alpha = random_submodular_mdp(3, 2, 3, branching=2, rng=4), 0.7
    policy = drawn(mdp, 5)

    def height(theta):
        moved = MarkovSoftmax(theta)
        paths = all_trajectories(mdp, moved)
        entropies = -(moved.prob * np.log(moved.prob)).sum(axis=1)[moved.rows_of(paths.states)].sum(axis=1)
        return paths.mean + alpha * paths.prob @ entropies

    gradient = exact_gradient(mdp, policy, entropy=alpha)
    np.testing.assert_allclose(gradient, differences(height, policy.theta), atol=1e-8)


@given(submodular_mdps(max_states=2), SEEDS)
def test_the_value_is_affine_in_each_row_with_the_slopes_that_are_told(mdp, seed):
    """Replace one row: the change of J is the inner product of the change and the slopes, at any distance."""
    rng = np.random.default_rng(seed)
    table = drawn(mdp, seed).table
    slopes, before = row_slopes(mdp, table), policy_value(mdp, table)
    h, s = rng.integers(mdp.H), rng.integers(mdp.n_states)
    other = table.copy()
    other[h, s] = rng.dirichlet(np.ones(mdp.n_actions))
    change = (other[h, s] - table[h, s]) @ slopes[h, s]
    assert policy_value(mdp, other) - before == pytest.approx(change, abs=1e-12)


@given(submodular_mdps(), SEEDS)
def test_a_deterministic_policy_is_no_worse_than_the_one_it_comes_from(mdp, seed):
    policy = drawn(mdp, seed)
    actions = derandomised(mdp, policy)
    assert policy_value(mdp, actions) >= policy_value(mdp, policy.table) - 1e-12


def test_chance_and_a_markov_policy_earn_three_halves_of_the_coin_whatever_is_mixed():
    """J is constant there, so the gradient is 0: Markov policies have no way up to 2."""
    mdp = coin_mirror()
    np.testing.assert_allclose(exact_gradient(mdp, drawn(mdp, 0)), 0, atol=1e-15)
    assert policy_value(mdp, derandomised(mdp, drawn(mdp, 0))) == pytest.approx(1.5)


def test_the_myopic_direction_leaves_out_what_an_action_leads_to():
    """After one of two actions comes 1 and then nothing; after the other 0, and then 5. Myopia takes the first."""
    from rltheory.submodular import SubmodularMDP
    from rltheory.submodular.functions.modular import Modular

    P = np.zeros((5, 2, 5))
    for state, successors in enumerate([(1, 2), (1, 1), (3, 3), (3, 3), (4, 4)]):
        P[state, (0, 1), successors] = 1
    mdp = SubmodularMDP(P, Modular([0, 1, 0, 5, 0]), 2, 0)
    policy = MarkovSoftmax.uniform(mdp)
    np.testing.assert_allclose(exact_gradient(mdp, policy)[0, 0], [-1, 1])
    np.testing.assert_allclose(exact_gradient(mdp, policy, myopic=True)[0, 0], [0.25, -0.25])


@pytest.mark.parametrize("seed", range(5))
def test_no_stochastic_markov_policy_beats_the_best_deterministic_one(seed):
    mdp = random_submodular_mdp(2, 2, 3, branching=2, rng=seed)
    tables = itertools.product(range(2), repeat=6)
    best = max(policy_value(mdp, np.array(actions).reshape(3, 2)) for actions in tables)
    assert policy_value(mdp, derandomised(mdp, drawn(mdp, seed))) <= best + 1e-12
    assert policy_value(mdp, drawn(mdp, seed).table) <= best + 1e-12


def test_too_many_histories_and_policies_that_are_no_table_are_refused():
    mdp = random_submodular_mdp(3, 2, 6, branching=2, rng=0)
    with pytest.raises(ModelError, match=r"ways to go on after .* of 6 actions; raise max_histories"):
        exact_gradient(mdp, MarkovSoftmax.uniform(mdp), max_histories=50)
    with pytest.raises(CriterionError, match=r"policy has shape \(3, 2\); J is multi-affine in a table of \(6, 3, 2\)"):
        row_slopes(mdp, np.full((3, 2), 0.5))

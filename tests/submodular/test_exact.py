"""The four propositions about optimal policies, against recursions that know nothing of the solvers."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from mdps.submodular import coin_mirror, decoy_corridor, half_trap, random_submodular_mdp, two_room
from mdps.submodular_strategies import mixed_policies, submodular_mdps
from rltheory import ModelError
from rltheory.submodular import unfolding
from rltheory.submodular.certified import Status
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.exact import optimal_values, solve_exact
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.histories import count_histories, solve_histories
from rltheory.submodular.markov_optimum import solve_markov
from rltheory.submodular.model import SubmodularMDP


def best_with_memory(mdp):
    """Return the optimum of all policies by recursion over paths, with values of sets alone."""
    rows = [mdp.dynamics.rows(h).toarray() for h in range(mdp.H)]

    def most(path):
        h = len(path) - 1
        if h == mdp.H:
            return mdp.F.value(mdp.elements(np.array(path)).tolist())
        own = range(mdp.pair_start[path[-1]], mdp.pair_start[path[-1] + 1])
        after = [most((*path, s)) for s in range(mdp.n_states)]
        return max(float(rows[h][row] @ after) for row in own)

    return sum(mdp.mu[s] * most((s,)) for s in range(mdp.n_states))


def best_markov(mdp):
    """Return the largest value of a deterministic Markov policy, one after the other."""
    own = [range(count) for count in np.tile(mdp.action_counts, mdp.H)]
    policies = (np.reshape(actions, (mdp.H, mdp.n_states)) for actions in itertools.product(*own))
    return max(policy_value(mdp, policy) for policy in policies)


def best_stationary(mdp):
    own = [range(count) for count in mdp.action_counts]
    return max(policy_value(mdp, np.array(actions)) for actions in itertools.product(*own))


@given(submodular_mdps())
def test_the_two_exact_solvers_find_the_optimum_of_all_policies(mdp):
    optimum = pytest.approx(best_with_memory(mdp), abs=1e-12)
    for solve in (solve_exact, solve_histories):
        answer = solve(mdp)
        assert answer.lower == optimum
        assert answer.status is Status.OPTIMAL
        assert policy_value(mdp, answer.policy) == optimum


@settings(max_examples=15)
@given(submodular_mdps(max_states=2, max_horizon=3))
def test_branch_and_bound_finds_the_best_markov_policy(mdp):
    answer = solve_markov(mdp)
    assert answer.lower == pytest.approx(best_markov(mdp), abs=1e-12)
    assert answer.upper == pytest.approx(best_with_memory(mdp), abs=1e-12)
    assert policy_value(mdp, answer.policy) == pytest.approx(answer.lower, abs=1e-12)


@given(submodular_mdps(chance=False))
def test_without_chance_a_markov_policy_is_as_good_as_any(mdp):
    """Proposition 1: a fixed path never has to choose twice at the same step and state."""
    answer, markov = solve_exact(mdp), solve_markov(mdp)
    assert markov.gap == pytest.approx(0, abs=1e-12)
    assert mdp.F.value(mdp.elements(answer.path).tolist()) == pytest.approx(answer.lower, abs=1e-12)
    assert answer.gains.sum() == pytest.approx(answer.lower, abs=1e-12)


def test_a_stationary_policy_does_not_suffice():
    """From the hub to one item, back, and to the other: the second choice at the hub is another one."""
    landing = np.array([[1, 2], [0, 0], [0, 0]])
    star = SubmodularMDP(np.eye(3)[landing], Coverage.from_sets([[], [0], [1]]), 3, mu=[1.0, 0.0, 0.0])
    assert solve_markov(star).lower == 2
    assert best_stationary(star) == 1


def test_at_the_mirror_a_markov_policy_reaches_three_quarters():
    """Proposition 2: with chance the gap is real."""
    answer = solve_markov(coin_mirror())
    assert (answer.lower, answer.upper) == (1.5, 2)
    assert best_stationary(coin_mirror()) == 1.5  # each state is met at one step only
    assert solve_exact(coin_mirror()).lower == 2


@given(submodular_mdps(max_states=2).flatmap(lambda mdp: st.tuples(st.just(mdp), mixed_policies(mdp))))
def test_mixing_does_not_help(drawn):
    """Proposition 3: no stochastic Markov policy beats the best deterministic one, and memory never hurts."""
    mdp, policy = drawn
    best = solve_markov(mdp)
    assert policy_value(mdp, policy) <= best.lower + 1e-12
    assert best.lower <= solve_exact(mdp).lower + 1e-12


@given(submodular_mdps(max_states=2).flatmap(lambda mdp: st.tuples(st.just(mdp), mixed_policies(mdp))))
def test_the_value_is_affine_in_the_row_of_one_step_and_state(drawn):
    mdp, policy = drawn
    values = []
    for action in range(mdp.n_actions):
        sure = policy.copy()
        sure[0, 0] = np.eye(mdp.n_actions)[action]
        values.append(policy_value(mdp, sure))
    assert policy_value(mdp, policy) == pytest.approx(policy[0, 0] @ values, abs=1e-12)


@given(submodular_mdps())
def test_optimal_values_are_what_can_be_expected_from_each_node(mdp):
    """By a recursion over sets of touched elements that knows nothing of nodes."""
    rows = [mdp.dynamics.rows(h).toarray() for h in range(mdp.H)]

    def most(h, s, touched):
        if h == mdp.H:
            return mdp.F.value(touched)
        offset = (h + 1) * mdp.n_states if mdp.counts_visits else 0
        after = [most(h + 1, t, touched | {t + offset}) for t in range(mdp.n_states)]
        return max(float(row @ after) for row in rows[h][mdp.pair_start[s] : mdp.pair_start[s + 1]])

    for h, layer in enumerate(optimal_values(mdp)):
        for (s, touched), value in layer.items():
            assert value == pytest.approx(most(h, s, set(touched)), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_function_that_is_not_monotone_is_solved_as_well(seed):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((4, 4)), 1)
    dynamics = random_submodular_mdp(4, 2, 4, branching=2, rng=rng)
    mdp = dynamics.replace(F=Cut(weights + weights.T))
    assert solve_exact(mdp).lower == pytest.approx(best_with_memory(mdp))


@pytest.mark.parametrize("delta", [0.1, 0.9])
def test_the_corridor_is_worth_its_length_and_the_trap_both_items(delta):
    corridor = solve_exact(decoy_corridor(6, delta=delta))
    assert corridor.lower == 6
    assert corridor.path.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert solve_exact(half_trap(delta)).lower == pytest.approx(2 - delta)


def test_the_tree_of_a_full_graph_is_counted_in_closed_form():
    everywhere = np.eye(3)[np.tile(np.arange(3), (3, 1))]
    mdp = SubmodularMDP(everywhere, Coverage(np.eye(3)), 30, mu=0)
    assert count_histories(mdp) == (3**31 - 1) // 2
    assert solve_exact(mdp).lower == 3


@given(submodular_mdps())
def test_histories_are_counted_as_they_are_met(mdp):
    layers = unfolding.Unfolding(mdp, ordered=True).layers()
    assert count_histories(mdp) == sum(len(layer) for layer in layers)


def test_a_tree_that_is_too_large_is_refused_before_the_work():
    with pytest.raises(ModelError, match=r"there are [\d,]+ histories of up to 39 actions, more than max_histories"):
        solve_histories(two_room())


def test_nodes_that_would_not_fit_are_refused(monkeypatch):
    def small(needed, what, *, remedy=""):
        if needed > 1e6:
            raise MemoryError(f"{needed} for {what}: {remedy}")

    monkeypatch.setattr(unfolding, "require_memory", small)
    with pytest.raises(MemoryError, match=r"what follows [\d,]+ nodes up to step \d+ of 39: take a shorter horizon"):
        solve_exact(two_room())


def test_too_many_combinations_of_actions_are_refused():
    mdp = random_submodular_mdp(8, 4, 2, branching=8, rng=0)
    with pytest.raises(ModelError, match=r"8 states .* after 1 steps can be given 65,536 combinations"):
        solve_markov(mdp, max_choices=1000)


def test_a_search_that_is_cut_short_says_so():
    mdp = random_submodular_mdp(5, 2, 3, branching=3, rng=2)
    answer = solve_markov(mdp, max_choices=32)
    assert answer.lower <= solve_markov(mdp).lower
    assert answer.upper == pytest.approx(solve_exact(mdp).lower)

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.submodular import coin_mirror, decoy_corridor, two_room
from mdps.submodular_strategies import markov_policies, mixed_policies, submodular_mdps
from rltheory import ModelError
from rltheory.submodular.choices import SetPolicy
from rltheory.submodular.evaluation import path_law, policy_value
from rltheory.submodular.exact import solve_exact
from rltheory.submodular.functions.gaussian import mutual_information
from rltheory.submodular.model import SubmodularMDP


def enumerated_value(mdp, policy):
    """Return J of a stochastic Markov policy as a sum over all sequences of states and actions."""
    rows = [mdp.dynamics.rows(h).toarray() for h in range(mdp.H)]
    total = 0.0
    for path in itertools.product(range(mdp.n_states), repeat=mdp.H + 1):
        chance = mdp.mu[path[0]]
        for h in range(mdp.H):
            s, after = path[h : h + 2]
            own = range(mdp.action_counts[s])
            chance *= sum(policy[h, s, a] * rows[h][mdp.pair_start[s] + a, after] for a in own)
        if chance:
            total += chance * mdp.F.value(mdp.elements(np.array(path)).tolist())
    return total


models_and_mixtures = submodular_mdps().flatmap(lambda mdp: st.tuples(st.just(mdp), mixed_policies(mdp)))


@given(models_and_mixtures)
def test_the_value_of_a_markov_policy_is_the_sum_over_all_paths(drawn):
    mdp, policy = drawn
    assert policy_value(mdp, policy) == pytest.approx(enumerated_value(mdp, policy), abs=1e-12)


@given(models_and_mixtures)
def test_a_markov_policy_is_worth_the_same_when_it_is_asked_path_by_path(drawn):
    mdp, policy = drawn
    asked = policy_value(mdp, lambda path: policy[len(path) - 1, path[-1]])
    assert asked == pytest.approx(policy_value(mdp, policy), abs=1e-12)


@given(submodular_mdps().flatmap(lambda mdp: st.tuples(st.just(mdp), markov_policies(mdp))))
def test_a_deterministic_policy_is_the_mixture_that_is_sure(drawn):
    mdp, policy = drawn
    sure = np.eye(mdp.n_actions)[policy]
    table = {
        path: int(policy[len(path) - 1, path[-1]])
        for h in range(mdp.H)
        for path in itertools.product(range(mdp.n_states), repeat=h + 1)
    }
    assert policy_value(mdp, policy) == policy_value(mdp, sure)
    assert policy_value(mdp, table) == pytest.approx(policy_value(mdp, policy), abs=1e-12)


@given(models_and_mixtures)
def test_the_law_of_what_was_seen_is_a_distribution(drawn):
    mdp, policy = drawn
    law = path_law(mdp, policy)
    assert sum(law.values()) == pytest.approx(1)
    assert all(list(touched) == sorted(set(touched)) for _, touched in law)


@pytest.mark.parametrize("mixing", [0.0, 0.25, 0.5, 1.0])
def test_at_the_mirror_every_mixture_earns_three_halves(mixing):
    policy = np.full((6, 2), 0.5)
    policy[3] = mixing, 1 - mixing
    assert policy_value(coin_mirror(), policy) == pytest.approx(1.5)


def test_at_the_mirror_memory_earns_two():
    assert policy_value(coin_mirror(), lambda path: int(1 in path) if path[-1] == 3 else 0) == 2
    assert policy_value(coin_mirror(), lambda path: [0.5, 0.5]) == pytest.approx(1.5)


def test_paths_that_touched_the_same_share_a_node():
    """A walk that mixes staying and moving in one room visits few sets, though 4 ** 10 sequences of actions do."""
    law = path_law(decoy_corridor(10), np.full((12, 3), 1 / 3))
    assert len(law) < 200


def test_a_long_deterministic_walk_is_evaluated_on_a_large_grid():
    """To the right from the middle of the corridor: 4 cells, then 2 for each move, 1 where the room's edge is near."""
    mdp = two_room()
    path = [34 + h for h in range(8)]
    assert policy_value(mdp, np.ones(98, dtype=int)) == mdp.F.value(path)


def test_repeated_measurements_count_again():
    kernel, noise = np.eye(2), 1.0
    once, anew = (mutual_information(kernel, noise, repeats=repeats) for repeats in (False, True))
    stay = np.eye(2)[:, None, :]
    values = [policy_value(SubmodularMDP(stay, F, 2, mu=[1.0, 0.0]), [0, 0]) for F in (once, anew)]
    assert values == pytest.approx([np.log(2) / 2, np.log(4) / 2])


def test_a_history_that_the_policy_does_not_know_is_named():
    with pytest.raises(ModelError, match=r"no entry for the path \(0, 1\)"):
        policy_value(coin_mirror(), {(0,): 0})


@pytest.mark.parametrize("answer", [2, -1, 0.5, [0.5, 0.6], [1.0], "left"], ids=repr)
def test_an_answer_that_is_no_action_is_named(answer):
    with pytest.raises(ModelError, match=r"to the path \(0,\); it must be one of the actions 0..1 of state start"):
        policy_value(coin_mirror(), lambda path: answer)


def test_a_markov_policy_of_another_shape_is_refused():
    with pytest.raises(ModelError, match=r"policy has shape \(2,\)"):
        policy_value(coin_mirror(), [0, 0])


def test_a_set_policy_says_where_it_never_comes():
    policy = solve_exact(coin_mirror()).policy
    assert isinstance(policy, SetPolicy)
    assert [policy([0, 1, 3]), policy([0, 2, 3])] == [1, 0]
    with pytest.raises(ModelError, match=r"after 1 steps in state middle with elements \[0, 3\] touched"):
        policy([0, 3])

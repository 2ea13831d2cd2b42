"""To end with probability 1 - gamma is to discount by gamma: closed forms, exact rationals, and our own solver."""

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps
from proofs_check.rational import rational_optimum
from rltheory.io import with_discount_as_end
from rltheory.models import MDP, CriterionError


def total_reward(mdp, policy):
    """Return the expected total reward until the last state, which absorbs, by one linear system."""
    rows = mdp.pair_start[:-2] + policy
    chain = mdp.P.toarray()[rows, :-1]
    return np.linalg.solve(np.eye(mdp.n_states - 1) - chain, mdp.r[rows])


def test_a_cost_for_ever_has_its_closed_form():
    total, labels, constant = with_discount_as_end(MDP.from_arrays([[[1.0]]], [[-3.0]], gamma=0.75))

    assert total.P.toarray().tolist() == [[0.75, 0.25], [0, 1]]
    assert total.r.tolist() == [0, 0]
    assert (total.gamma, constant) == (1, 12)
    assert labels["done"].tolist() == [1]


def test_rewards_of_at_least_zero_are_not_shifted():
    river = mdps.river_swim(n=3)

    total = with_discount_as_end(river)

    assert total.constant == 0
    assert total.mdp.r.tolist() == [*river.r.tolist(), 0]


@given(discounted_mdps(gammas=(0.5, 0.0, 0.9, 0.999)))
def test_total_rewards_until_done_are_discounted_rewards(mdp):
    total, labels, constant = with_discount_as_end(mdp)
    solution = rl.policy_iteration(mdp)

    value = total_reward(total, solution.policy) - constant

    scale = 1 + np.abs(solution.value).max() + constant
    assert value == pytest.approx(np.array(list(map(float, rational_optimum(mdp)))), abs=1e-11 * scale)
    assert total.r.min() >= 0
    assert np.abs(total.P.sum(axis=1) - 1).max() <= 1e-15 + np.abs(mdp.P.sum(axis=1) - 1).max()
    assert labels["done"].tolist() == [mdp.n_states]
    assert total.mu.tolist() == [*mdp.mu.tolist(), 0]


def test_names_are_kept_and_the_end_is_called_done():
    ragged = MDP.from_pairs(
        [[0, 1], [1, 0], [0.5, 0.5]], [1, 2, 3], 0.5, pair_start=[0, 2, 3], state_names="ab", action_names="xyz"
    )

    total = with_discount_as_end(ragged).mdp

    assert total.state_names == ("a", "b", "done")
    assert [total.action_name(0, 1), total.action_name(1, 0), total.action_name(2, 0)] == ["y", "z", "done"]
    shared = with_discount_as_end(MDP.from_arrays([[[1.0]]], [[0.0]], 0.5, action_names=["wait"])).mdp
    assert [shared.action_name(0, 0), shared.action_name(1, 0)] == ["wait", "wait"]


def test_without_a_discount_nothing_ends():
    with pytest.raises(CriterionError, match="gamma is 1, so that nothing ever ends"):
        with_discount_as_end(mdps.river_swim(n=3, gamma=0.9).replace(gamma=1))

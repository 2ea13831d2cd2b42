"""Shaping: potentials are harmless and found again, other bonuses mislead, and errors name the argument."""

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps, paired, value_vectors
from proofs_check.oracles import brute_force_value, exact_policy_value
from rltheory import CriterionError, ModelError
from rltheory.planning import shaped, shaping_potential, with_bonus
from rltheory.planning.bounds import misled_loss


@given(paired(discounted_mdps(max_states=3, max_actions=2), value_vectors))
def test_the_optimum_moves_by_the_potential(drawn):
    mdp, phi = drawn
    assert brute_force_value(shaped(mdp, phi)) == pytest.approx(brute_force_value(mdp) - phi, abs=1e-8)


def test_shaping_twice_is_shaping_by_the_sum():
    river, phi = mdps.river_swim(5), np.arange(5.0)
    assert shaped(shaped(river, phi), -phi).r == pytest.approx(river.r)
    assert shaped(river, np.zeros(5)).r.tolist() == river.r.tolist()


def test_the_optimum_as_a_potential_makes_one_step_enough():
    river = mdps.river_swim(6)
    easy = shaped(river, rl.solve(river).value)
    assert (easy.r.reshape(6, 2).argmax(axis=1) == rl.solve(river).policy).all()


def test_a_potential_is_a_bonus_of_transitions():
    river, phi = mdps.river_swim(4, gamma=0.9), np.array([1.0, -2.0, 0.5, 3.0])
    bonus = np.broadcast_to(0.9 * phi - phi[:, None, None], (4, 2, 4))
    assert with_bonus(river, bonus).r == pytest.approx(shaped(river, phi).r)
    found, violation = shaping_potential(bonus, 0.9)
    assert found == pytest.approx(phi)
    assert np.abs(violation).max() < 1e-12


@pytest.mark.parametrize("size", [1.0, -1.0, 0.01])
@pytest.mark.parametrize("place", [(0, 1, 1), (1, 0, 0), (1, 1, 1), (0, 0, 2), (2, 0, 2)])
def test_a_bonus_that_is_no_potential_changes_what_is_best(place, size):
    bonus = np.zeros((3, 2, 3))
    bonus[place] = size
    mdp, state, _ = mdps.misleading_bonus(bonus, gamma=0.8)
    with_it = rl.solve(with_bonus(mdp, bonus)).policy
    assert brute_force_value(mdp)[state] > exact_policy_value(mdp, with_it)[state] + 0.999 * misled_loss(size)


def test_a_potential_misleads_nobody():
    phi = np.array([1.0, 2.0])
    with pytest.raises(ModelError, match="bonus is potential-based"):
        mdps.misleading_bonus(np.broadcast_to(0.9 * phi - phi[:, None, None], (2, 2, 2)), gamma=0.9)


def test_one_action_cannot_be_misled():
    with pytest.raises(ModelError, match="with one action nothing can be misled"):
        mdps.misleading_bonus(np.ones((2, 1, 2)))


def test_arguments_that_do_not_fit_are_refused():
    river = mdps.river_swim(3)
    with pytest.raises(ModelError, match=r"potential has shape \(2,\); 3 finite numbers"):
        shaped(river, [0.0, 1.0])
    with pytest.raises(ModelError, match=r"bonus has shape \(3, 3\)"):
        with_bonus(river, np.zeros((3, 3)))
    with pytest.raises(ModelError, match=r"it must be \(n_states, n_actions, n_states\)"):
        shaping_potential(np.zeros((2, 2, 3)), 0.5)
    with pytest.raises(CriterionError, match=r"gamma is 1\.0"):
        shaping_potential(np.zeros((2, 2, 2)), 1.0)

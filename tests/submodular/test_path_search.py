"""Searches for a path without chance: myopic, by beam, by semigradients; and planning with single elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import coin_mirror, decoy_corridor, two_room
from mdps.submodular_function_strategies import monotone_functions
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory import CriterionError, ModelError
from rltheory.submodular.beam_search import beam_search
from rltheory.submodular.functions.gaussian import mutual_information
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.greedy_paths import greedy_path
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.modular_planning import modular_planning
from rltheory.submodular.semigradient import semigradient

without_chance = submodular_mdps(chance=False, functions=lambda n: monotone_functions(n_elements=n))
searches = pytest.mark.parametrize("search", [greedy_path, beam_search, semigradient, modular_planning])


@given(without_chance)
def test_every_search_brackets_the_optimum_with_a_path_of_the_model(mdp):
    best = oracles.optimum(mdp)
    for search in (greedy_path, beam_search, lambda m: semigradient(m, rounds=3, rng=0), modular_planning):
        answer = search(mdp)
        assert tuple(answer.path) in oracles.paths(mdp)
        assert answer.lower == pytest.approx(oracles.worth(mdp, tuple(answer.path)), abs=1e-9)
        assert answer.gains.sum() == pytest.approx(answer.lower, abs=1e-9)
        assert answer.lower - 1e-9 <= best <= answer.upper + 1e-9


@given(without_chance)
def test_a_beam_from_which_nothing_falls_finds_the_optimum_and_knows_it(mdp):
    answer = beam_search(mdp, width=1000)
    assert answer.lower == pytest.approx(oracles.optimum(mdp), abs=1e-9)
    assert answer.gap == 0


@given(without_chance)
def test_a_beam_of_one_is_myopic(mdp):
    """Up to ties that rounding makes, the gains of the two paths agree."""
    assert beam_search(mdp, width=1).gains[0] == pytest.approx(greedy_path(mdp).gains[0], abs=1e-9)
    assert beam_search(mdp, width=1).gains[1] == pytest.approx(greedy_path(mdp).gains[1], abs=1e-9)


@given(without_chance)
def test_old_gains_save_evaluations_and_change_nothing(mdp):
    lazy, eager = greedy_path(mdp, lazy=True), greedy_path(mdp, lazy=False)
    assert lazy.evaluations <= eager.evaluations
    assert lazy.lower == pytest.approx(eager.lower, abs=1e-9)


def test_old_gains_save_most_evaluations_where_choice_is_free():
    n = 30
    free = SubmodularMDP(np.stack([np.eye(n)] * n), Modular(np.arange(n, 0, -1.0)), H=10, mu=0)
    lazy, eager = greedy_path(free, lazy=True), greedy_path(free, lazy=False)
    assert lazy.path.tolist() == eager.path.tolist() == [0, *range(1, 11)]
    assert eager.evaluations == 300
    assert lazy.evaluations < 60


@given(without_chance, st.integers(0, 2**32 - 1))
def test_semigradients_never_make_a_path_worse(mdp, seed):
    start = greedy_path(mdp)
    answer = semigradient(mdp, start.path, rounds=5, rng=seed)
    values = [start.lower, *answer.history]
    assert (np.diff(values) >= -1e-9).all()


def test_semigradients_leave_the_decoy():
    """The myopic path is stuck at 1.1 of 4; one order in which the corridor's visits are on time leads out."""
    corridor = decoy_corridor(4)
    assert greedy_path(corridor).value == pytest.approx(1.1)
    assert semigradient(corridor, rounds=200, rng=1).value > 1.1


@pytest.mark.parametrize("length", [3, 10, 30])
def test_no_constant_holds_for_myopic_paths(length):
    corridor = decoy_corridor(length)
    assert greedy_path(corridor).value == pytest.approx(1.1)
    assert beam_search(corridor).value == pytest.approx(length)


def test_the_modular_planner_sits_still_in_two_rooms():
    """It promises itself 160 and sees 4 cells of 68."""
    answer = modular_planning(two_room())
    assert answer.history == pytest.approx([160.0])
    assert answer.value == 4.0
    assert answer.upper == pytest.approx(68.0)


def test_measurements_anew_are_worth_more_than_staying_away():
    """One point of variance 9 twice, log(19)/2 = 1.47, beats both points once, (log 10 + log 1.01)/2 = 1.16."""
    F = mutual_information(np.diag([9.0, 0.01]), 1.0, repeats=True)
    mdp = SubmodularMDP(np.stack([np.eye(2)] * 2), F, H=1, mu=0)
    assert beam_search(mdp).path.tolist() == [0, 0]
    assert greedy_path(mdp).value == pytest.approx(0.5 * np.log(19))
    with pytest.raises(CriterionError, match="visits of this function measure anew"):
        semigradient(mdp)


@pytest.mark.parametrize("search", [greedy_path, beam_search, semigradient])
def test_chance_is_refused_with_a_way_out(search):
    with pytest.raises(CriterionError, match=r"has 2 successors; a path can be chosen only without chance \(adaptive"):
        search(coin_mirror())
    several = SubmodularMDP(np.stack([np.eye(2)] * 2), Modular([1.0, 1.0]), H=1)
    with pytest.raises(CriterionError, match="the first state is random"):
        search(several)


def test_a_beam_without_width_is_refused():
    with pytest.raises(ModelError, match="width is 0; at least one beginning must be kept"):
        beam_search(decoy_corridor(3), width=0)


def test_a_start_that_is_not_a_path_is_refused():
    corridor = decoy_corridor(3)
    with pytest.raises(ModelError, match=r"path has shape \(2,\); it must be 4 states"):
        semigradient(corridor, [1, 2])
    with pytest.raises(ModelError, match="path begins in state 0; the first state is 1"):
        semigradient(corridor, [0, 1, 2, 3])
    with pytest.raises(ModelError, match="path goes from state 1 to state 4 at step 0; no action does"):
        semigradient(corridor, [1, 4, 4, 4])

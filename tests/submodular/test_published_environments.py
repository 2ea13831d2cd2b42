"""The published environments, solved: values that are proven optimal, and bounds for the others.

Golden numbers count states in the publication, 40 and 80; here they are 39 and 79 actions. Those that a search found
are lower bounds on the optimum, which an upper bound must not undercut.
"""

import json

import numpy as np
import pytest

from mdps.submodular import bimodal_weight, coverage_grid, gaussian_grid, steiner_covering, two_room
from rltheory.submodular.beam_search import beam_search
from rltheory.submodular.certified import Status
from rltheory.submodular.greedy_paths import greedy_path
from rltheory.submodular.modular_planning import modular_planning
from rltheory.submodular.relaxation import frank_wolfe_bound, linear_bound, modular_bound, window_bound

GREEDY = [304.664, 255.707, 262.245, 307.973, 276.713, 283.260, 304.031, 234.482, 151.725, 293.225]
BEAM = [325.426, 286.358, 258.494, 308.189, 293.126, 274.154, 320.177, 259.844, 288.729, 311.033]
MODULAR = [655.244, 579.954, 537.856, 604.863, 689.076, 639.479, 693.832, 634.084, 583.709, 628.810]


@pytest.fixture
def densities(shared_data):
    return np.load(shared_data("submodular/gp_density_30x30.npz"))["density"].reshape(10, 30, 30)


def test_two_rooms_are_seen_whole_and_the_linear_program_proves_that_nothing_more_is_there():
    rooms = two_room()
    answer = beam_search(rooms, width=20_000).tightened(linear_bound(rooms).value)
    assert answer.status is Status.OPTIMAL
    assert answer.value == 68.0
    assert answer.gap <= 1e-9


def test_on_unit_weights_a_memory_of_one_state_proves_that_two_new_cells_a_step_are_the_most():
    field = coverage_grid(np.ones((30, 30)), 79)
    answer = beam_search(field, width=300)
    assert answer.status is Status.OPTIMAL
    assert answer.value == 162.0


@pytest.mark.parametrize("env", range(10))
def test_all_kinds_of_a_steiner_covering_are_collected_in_full(env, shared_data):
    data = json.loads(shared_data("submodular/steiner_covering_7x15.json").read_text())
    drawn = data["envs"][f"env_{env}"]
    answer = beam_search(
        steiner_covering([drawn["items"][k] for k in drawn["order"]], data["Dmin_by_order"]), width=300
    )
    assert answer.status is Status.OPTIMAL
    assert answer.value == 21.0


def test_the_bimodal_field_is_bracketed():
    field = coverage_grid(bimodal_weight(), 39)
    assert window_bound(field, memory=2).value >= 51.434
    assert modular_bound(field).value == pytest.approx(113.98, abs=0.005)
    assert modular_planning(field).value == pytest.approx(9.57, abs=0.005)
    answer = beam_search(field, width=400)
    assert answer.lower <= answer.upper <= 58


@pytest.mark.parametrize("env", range(10))
def test_a_memory_of_three_states_brackets_the_densities_where_single_visits_promise_twice_as_much(env, densities):
    field = coverage_grid(densities[env], 39)
    assert modular_bound(field).value == pytest.approx(MODULAR[env], abs=0.001)
    answer = beam_search(field, width=1000).tightened(window_bound(field, memory=3).value)
    assert answer.upper >= max(GREEDY[env], BEAM[env]) - 0.001
    assert answer.upper <= 0.6 * MODULAR[env]
    assert answer.ratio >= 0.75


@pytest.mark.parametrize("noise", [1e-6, 0.01, 1.0])
def test_information_about_a_field_is_bracketed(noise):
    mdp = gaussian_grid(12, shape=(7, 7), start=(1, 4), noise=noise, rng=0)
    answer = greedy_path(mdp)
    for bound in (frank_wolfe_bound(mdp, max_rounds=20), window_bound(mdp, memory=3), modular_bound(mdp)):
        assert answer.lower <= bound.value
    assert window_bound(mdp, memory=3).value <= modular_bound(mdp).value

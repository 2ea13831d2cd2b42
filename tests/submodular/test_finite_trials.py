import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular_function_strategies import coverages, designs, facility_locations
from mdps.submodular_strategies import mixed_policies, submodular_mdps
from rltheory import CriterionError
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.finite_trials import finite_trials
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.design import DDesign
from rltheory.submodular.model import SubmodularMDP


@given(
    submodular_mdps(functions=lambda n: st.one_of(coverages(n), designs(n, repeats=True), facility_locations(n))),
    st.data(),
)
def test_the_average_of_many_trials_flatters_each(mdp, data):
    policy = data.draw(mixed_policies(mdp))
    trials = finite_trials(mdp, policy)
    assert trials.one == policy_value(mdp, policy)
    assert trials.gap >= -1e-7


def test_a_fair_choice_of_two_directions_measures_one_of_them_twice_and_on_average_both():
    """log(3)/2 for two measurements in a row of one of two directions, log(2) for one of each on average."""
    rooms = np.array([[[0, 1, 0], [0, 0, 1]], [[0, 1, 0]] * 2, [[0, 0, 1]] * 2])
    F = DDesign([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], repeats=True)
    trials = finite_trials(SubmodularMDP(rooms, F, H=2, mu=0), np.full((3, 2), 0.5))
    assert trials.one == pytest.approx(np.log(3) / 2)
    assert trials.many == pytest.approx(np.log(2))


def test_a_function_without_a_relaxation_has_no_average():
    stay = SubmodularMDP(np.ones((1, 1, 1)), ConcaveOfModular(np.sqrt, [1.0]), H=1)
    with pytest.raises(CriterionError, match="ConcaveOfModular has no linear relaxation here"):
        finite_trials(stay, [0])

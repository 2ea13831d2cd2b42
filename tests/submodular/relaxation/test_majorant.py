from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory import ModelError
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation import Majorant, UpperBound, additive_bound


@given(submodular_mdps(), st.data())
def test_an_additive_function_is_bounded_by_its_largest_path_and_without_chance_that_is_the_bound(mdp, data):
    weight = np.array(data.draw(st.lists(st.integers(0, 8), min_size=mdp.F.n_elements, max_size=mdp.F.n_elements))) / 4
    bound = additive_bound(mdp, Majorant(0.5, weight))
    largest = max(0.5 + weight[mdp.elements(np.array(path))].sum() for path in oracles.paths(mdp))
    assert bound <= largest + 1e-12
    if all((mdp.dynamics.rows(h).data == 1).all() for h in range(mdp.H)) and mdp.mu.max() == 1:
        assert bound >= largest
        assert bound == pytest.approx(largest, abs=1e-12)


def test_an_optimum_that_floats_cannot_hold_is_rounded_up():
    """0.1 three times is 0.3000000000000000166 for the float 0.1."""
    stay = SubmodularMDP(np.ones((1, 1, 1)), Modular([0.1]), H=2)
    assert Fraction(additive_bound(stay, Majorant(0.0, np.array([0.1])))) >= 3 * Fraction(0.1)


def test_rows_that_do_not_quite_sum_to_one_weigh_the_constant():
    row = np.array([0.1] * 10) * (1 + 1e-10)
    mdp = SubmodularMDP(np.tile(row, (10, 1, 1)), Modular(np.zeros(10)), H=5, mu=0)
    assert additive_bound(mdp, Majorant(1.0, np.zeros(10))) >= (1 + 1e-10) ** 5


def test_a_negative_weight_is_refused():
    with pytest.raises(ModelError, match=r"weight of element 1 is -1; a majorant needs finite weights >= 0"):
        Majorant(0.0, np.array([0.0, -1.0]))


def test_weights_of_another_ground_set_are_refused():
    mdp = SubmodularMDP(np.ones((1, 1, 1)), Modular([0.1]), H=2)
    with pytest.raises(ModelError, match="majorant has 2 weights; F has 1 elements"):
        additive_bound(mdp, Majorant(0.0, np.zeros(2)))


def test_a_bound_says_how_it_was_found():
    bound = UpperBound(2.5, "windows")
    assert repr(bound) == "UpperBound(2.5, windows)"
    assert bound.to_rows() == [{"method": "windows", "upper": 2.5}]
    assert "windows" in bound._repr_html_()

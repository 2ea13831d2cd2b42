import numpy as np
import pytest
from scipy.sparse import csr_array

from rltheory import ModelError
from rltheory.planning import backward_induction
from rltheory.submodular import SubmodularMDP

P = np.array([[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]])


class Cardinality:
    """A stand-in: only its size matters here."""

    def __init__(self, n_elements):
        self.n_elements = n_elements


@pytest.fixture(params=["dense", "sparse", "changing"])
def model(request):
    if request.param == "sparse":
        return SubmodularMDP(csr_array(P.reshape(4, 2)), Cardinality(2), 3, 0, np.array([0, 2, 4]))
    return SubmodularMDP(P if request.param == "dense" else np.stack([P] * 3), Cardinality(2), 3, 0)


def test_a_reward_on_arrival_is_the_expectation_over_the_next_state(model):
    for weight in ([1.0, 3.0], [[9.0, 9.0], [1.0, 3.0], [1.0, 3.0], [1.0, 3.0]]):
        rewarded = model.with_rewards(weight)
        for h in range(3):
            np.testing.assert_array_equal(rewarded.rewards(h), [2.0, 1.0, 3.0, 2.0])


def test_the_most_valuable_walk_of_an_additive_reward_is_found_by_backward_induction(model):
    """Once it is in state 1 the walk stays: from state 0 it waits for a fair coin, 2 + 2.5 + 2.75 in expectation."""
    value = backward_induction(model.with_rewards([1.0, 3.0])).value
    assert value[0] == pytest.approx([7.25, 9.0])


def test_visits_are_elements_of_their_own_where_the_function_says_so():
    states, visits = SubmodularMDP(P, Cardinality(2), 3), SubmodularMDP(P, Cardinality(8), 3)
    assert not states.counts_visits
    assert visits.counts_visits
    path = np.array([[0, 1, 1, 0]])
    assert states.elements(path).tolist() == [[0, 1, 1, 0]]
    assert visits.elements(path).tolist() == [[0, 3, 5, 6]]


def test_no_horizon_is_refused():
    with pytest.raises(ModelError, match="H is 0; a path that earns something takes at least one action"):
        SubmodularMDP(P, Cardinality(2), 0)


def test_a_function_of_other_elements_is_refused():
    with pytest.raises(ModelError, match=r"F has 5 elements; with 2 states and 3 actions it must have 2, .* or 8"):
        SubmodularMDP(P, Cardinality(5), 3)


def test_a_reward_of_another_shape_is_refused(model):
    with pytest.raises(ModelError, match=r"weight has shape \(3,\); it must be \(2,\) or \(4, 2\)"):
        model.with_rewards([1.0, 2.0, 3.0])

"""What an answer tells, and how the errors of single steps add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.half_coin import half_coin
from mdps.strategies import outcome_models, paired, policies, value_vectors
from rltheory import ConvergenceWarning, ModelError, OutcomeModel, Status
from rltheory.distributional.categorical import categorical_evaluation
from rltheory.distributional.chain import outcome_chain
from rltheory.distributional.exact_laws import exact_return_laws
from rltheory.distributional.return_laws import accumulated, reached_status

TWO = OutcomeModel.from_lists(
    [[[(0.5, 1, 0.0), (0.5, 1, 4.0)]], [[(1.0, 1, 1.0)]]], gamma=0.5, mu=[0.5, 0.5], state_names=["coin", "sure"]
)


@given(paired(outcome_models(gammas=[0.5, 0.9, 0.99]), policies, value_vectors))
def test_errors_of_each_step_add_up_to_the_solution_of_a_linear_system(drawn):
    model, policy, values = drawn
    chain, local = outcome_chain(model, policy), np.abs(values)
    total, P = accumulated(chain, local), chain.transitions.toarray()
    assert (total >= local).all()
    assert total == pytest.approx(np.linalg.solve(np.eye(chain.n_states) - chain.gamma * P, local), abs=1e-9)
    assert (total >= local + chain.gamma * P @ total - 1e-12 * total.max()).all()


def test_moments_and_laws_of_states_and_of_the_start():
    found = exact_return_laws(TWO, [0, 0], 2)
    assert found.mean.tolist() == [2.5, 1.5]
    assert found.variance.tolist() == [4.0, 0.0]
    assert found.law(1).atoms.tolist() == [1.5]
    start = found.law()
    assert (start.atoms.tolist(), start.prob.tolist()) == ([0.5, 1.5, 4.5], [0.25, 0.5, 0.25])
    with pytest.raises(ModelError, match=r"state is 2; states are 0\.\.1"):
        found.law(2)


def test_an_answer_is_told_in_a_line_and_in_rows():
    found = exact_return_laws(TWO, [0, 0], 2)
    assert repr(found) == "ReturnLaws(2 states, 2 atoms, w1 within 0, 2 sweeps of merging atoms)"
    row = found.to_rows()[0]
    assert row == {
        "state": "coin", "mean": 2.5, "deviation": 2.0, "5%": 0.5, "50%": 0.5, "95%": 4.5, "within": 0.0
    }  # fmt: skip
    assert "<td>coin</td>" in found._repr_html_()


def test_an_answer_cannot_be_changed():
    found = categorical_evaluation(half_coin(), [0], support=5)
    for array in (found.support, found.prob, found.w1_bound, found.cramer_bound):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@given(st.sampled_from([3, 9, 33]))
def test_more_atoms_mean_closer_laws(m):
    coarse, fine = (categorical_evaluation(half_coin(), [0], support=k) for k in (m, 2 * m - 1))
    assert fine.w1_bound[0] == pytest.approx(coarse.w1_bound[0] / 2, abs=1e-5)


def test_an_iteration_that_rounding_ends_says_so():
    assert reached_status(0.5, tol=0.5) is Status.CONVERGED
    with pytest.warns(ConvergenceWarning, match=r"gap 1 > tol 0\.5: tol is below what float64 can certify"):
        assert reached_status(1.0, tol=0.5) is Status.ROUNDING_FLOOR

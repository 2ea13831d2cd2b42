"""The oracle of policies with a memory, against an enumeration of the policies themselves."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional.history import (
    as_matrix,
    best_of_laws,
    best_over_histories,
    history_laws,
    number_of_policies,
)
from proofs_check.distributional.programs import law_by_paths
from rltheory import CriterionError, OutcomeModel
from rltheory.distributional import DiscreteLaw
from rltheory.planning import backward_induction

MODELS = outcome_models(max_states=3, max_outcomes=2, gammas=[1.0, 0.5], max_reward=2.0)


def histories(model, H, history=(0,)):
    """Yield every history after which an action is chosen, whatever is chosen."""
    if len(history) // 3 == H:
        return
    yield history
    for i in range(model.pair_start[history[-1]], model.pair_start[history[-1] + 1]):
        for k in np.flatnonzero(model.prob[i] > 0):
            event = (i - model.pair_start[history[-1]], float(model.reward[i, k]), int(model.next_state[i, k]))
            yield from histories(model, H, (*history, *map(float, event[:2]), event[2]))


def as_set(laws):
    """Return laws as a set of rounded atoms and probabilities."""
    return {tuple(zip(np.round(law.atoms, 9) + 0.0, np.round(law.prob, 9), strict=True)) for law in laws}


@given(MODELS, st.integers(1, 2))
def test_the_laws_are_those_of_all_maps_from_histories_to_actions(model, H):
    met = sorted(set(histories(model, H)))
    choices = [range(model.action_counts[history[-1]]) for history in met]
    if np.prod([float(len(c)) for c in choices]) > 600:
        return
    found = []
    for actions in product(*choices):
        table = dict(zip(met, actions, strict=True))
        found.append(law_by_paths(model, lambda h, table=table: np.eye(model.action_counts[h[-1]])[table[h]], H, 0))
    assert as_set(history_laws(model, H, 0)) == as_set(found)


def test_the_numbers_of_policies_are_those_of_the_recursion():
    bets = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, r)] for r in (1.0, 10.0)]], gamma=1.0)
    assert [number_of_policies(bets, H, 0) for H in range(5)] == [1, 2, 8, 128, 32768]
    assert len(history_laws(bets, 2, 0)) == 7, "one bet and then the other is the other and then the one"


def test_outcomes_that_cannot_be_told_apart_are_one():
    twice = OutcomeModel.from_lists([[[(0.5, 1, 0.0), (0.5, 1, 0.0)]], [[(1.0, 1, 0.0)], [(1.0, 1, 1.0)]]], gamma=1.0)
    assert as_set(history_laws(twice, 2, 0)) == {((0.0, 1.0),), ((1.0, 1.0),)}


@given(MODELS, st.integers(0, 3))
def test_the_largest_mean_is_that_of_backward_induction(model, H):
    best = best_over_histories(model, lambda law: law.mean, H, 0, stock=0.5)
    assert best == pytest.approx(backward_induction(model.finite_horizon(H)).value[0][0] + 0.5, abs=1e-9)


def test_laws_as_a_matrix_and_the_best_of_none():
    atoms, prob = as_matrix([DiscreteLaw([0.0, 2.0]), DiscreteLaw.point(1.0)])
    assert atoms.tolist() == [0, 1, 2]
    assert prob.tolist() == [[0.5, 0, 0.5], [0, 1, 0]]
    assert best_of_laws([], lambda law: law.mean) == -np.inf


def test_too_many_policies_are_refused():
    bets = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, r)] for r in (1.0, 10.0)]], gamma=1.0)
    with pytest.raises(CriterionError, match=r"there are 3.28e\+04 deterministic .* policies of 4 steps"):
        history_laws(bets, 4, 0, most=1000)

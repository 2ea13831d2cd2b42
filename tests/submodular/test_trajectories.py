import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import random_submodular_mdp
from mdps.submodular_strategies import submodular_mdps
from rltheory import CriterionError, ModelError
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.trajectories import Trajectories, all_trajectories


@given(submodular_mdps(), st.integers(0, 2**32 - 1))
def test_all_trajectories_together_are_certain_and_their_mean_return_is_the_policy_s_value(mdp, seed):
    shape = (mdp.H, mdp.n_states, mdp.n_actions)
    policy = MarkovSoftmax(np.random.default_rng(seed).normal(size=shape), mdp.action_counts)
    paths = all_trajectories(mdp, policy)
    assert paths.prob.sum() == pytest.approx(1)
    assert paths.mean == pytest.approx(policy_value(mdp, policy.table))
    assert len(np.unique(np.hstack([paths.states, paths.actions]), axis=0)) == len(paths)


def test_too_many_trajectories_are_refused():
    mdp = random_submodular_mdp(3, 2, 6, branching=2, rng=0)
    with pytest.raises(ModelError, match=r"trajectories after \d actions; raise max_paths or sample"):
        all_trajectories(mdp, MarkovSoftmax.uniform(mdp), max_paths=100)


def test_one_path_has_no_standard_error():
    with pytest.raises(CriterionError, match="1 trajectories have no standard error"):
        _ = Trajectories(np.zeros((1, 2), int), np.zeros((1, 1), int), np.ones((1, 2))).standard_error


def test_the_standard_error_is_that_of_the_mean_of_returns():
    paths = Trajectories(np.zeros((4, 2), int), np.zeros((4, 1), int), np.array([[1.0, 0], [1, 2], [1, 4], [1, 6]]))
    assert paths.mean == 4.0
    assert paths.standard_error == pytest.approx(np.std([1, 3, 5, 7], ddof=1) / 2)
    assert paths.best[0] == 7.0

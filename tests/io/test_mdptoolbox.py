"""MDPToolbox's arrays, there and back."""

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from rltheory.io import from_mdptoolbox, to_mdptoolbox
from rltheory.models import MDP, ModelError

P = np.array([[[0.5, 0.5], [0.8, 0.2]], [[0.0, 1.0], [0.1, 0.9]]])
R_PAIRS = np.array([[5.0, 10.0], [-1.0, 2.0]])
R_TRANSITIONS = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])


def array_of_matrices(matrices):
    array = np.empty(len(matrices), dtype=object)
    array[:] = matrices
    return array


@pytest.mark.parametrize(
    "form",
    [np.asarray, list, lambda P: [csr_matrix(p) for p in P], lambda P: array_of_matrices([csr_matrix(p) for p in P])],
)
@pytest.mark.parametrize("R", [R_PAIRS, csr_matrix(R_PAIRS)])
def test_every_form_of_the_toolbox_is_read(form, R):
    mdp = from_mdptoolbox(form(P), R, gamma=0.9)

    assert mdp.P.toarray().tolist() == [[0.5, 0.5], [0, 1], [0.8, 0.2], [0.1, 0.9]]
    assert mdp.r.tolist() == [5, 10, -1, 2]


@pytest.mark.parametrize("R", [R_TRANSITIONS, [csr_array(r) for r in R_TRANSITIONS]])
def test_rewards_of_transitions_are_averaged(R):
    mdp = from_mdptoolbox(P, R, gamma=0.9)

    assert mdp.r == pytest.approx([0.5 * 1 + 0.5 * 2, 6, 0.8 * 3 + 0.2 * 4, 0.1 * 7 + 0.9 * 8])


def test_rewards_of_states_belong_to_each_of_their_actions():
    assert from_mdptoolbox(P, [1.0, 2.0], gamma=0.9).r.tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("sparse", [False, True])
def test_there_and_back_is_the_same_model(sparse):
    mdp = from_mdptoolbox(P, R_PAIRS, gamma=0.9)

    back = from_mdptoolbox(*to_mdptoolbox(mdp, sparse=sparse))

    assert (back.P != mdp.P).nnz == 0
    assert back.r.tolist() == mdp.r.tolist()
    assert back.gamma == 0.9


def test_ragged_actions_are_refused_with_the_way_out():
    ragged = MDP.from_pairs([[0, 1], [1, 0], [1, 0]], [0, 0, 0], 0.9, pair_start=[0, 2, 3])

    with pytest.raises(ModelError, match=r"state 0 has 2 actions and state 1 has 1; .*to_quantecon"):
        to_mdptoolbox(ragged)


def test_sparse_rewards_must_fit():
    with pytest.raises(ModelError, match="P has 2 actions and R has 1"):
        from_mdptoolbox(P, [csr_array(R_PAIRS)], gamma=0.9)
    with pytest.raises(ModelError, match=r"R of action 0 has shape \(1, 2\)"):
        from_mdptoolbox(P, [csr_array(R_PAIRS[:1])] * 2, gamma=0.9)

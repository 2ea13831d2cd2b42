"""QuantEcon's arrays, there and back, and agreement with its own solver."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from rltheory.io import from_quantecon, to_quantecon
from rltheory.models import MDP, ModelError

R = np.array([[5.0, 10.0], [-np.inf, -1.0]])
Q = np.array([[[0.5, 0.5], [0.0, 1.0]], [[0.3, 0.7], [0.0, 1.0]]])
PAIRS = {
    "R": [5.0, 10.0, -1.0],
    "Q": [[0.5, 0.5], [0.0, 1.0], [0.0, 1.0]],
    "s_indices": [0, 0, 1],
    "a_indices": [0, 1, 1],
}


@pytest.mark.parametrize("dense", [True, False])
def test_both_forms_are_the_same_model(dense):
    product = from_quantecon(R, Q, 0.95)
    pairs = from_quantecon(**PAIRS | {"Q": PAIRS["Q"] if dense else csr_matrix(PAIRS["Q"])}, beta=0.95)

    for mdp in (product, pairs):
        assert mdp.r.tolist() == [5, 10, -1]
        assert mdp.P.toarray().tolist() == PAIRS["Q"]
        assert mdp.action_names == ("0", "1", "1")


def test_an_infeasible_row_of_the_pair_form_is_left_out():
    mdp = from_quantecon([5.0, 10.0, -np.inf, -1.0], Q.reshape(4, 2), 0.95, [0, 0, 1, 1], [0, 1, 0, 1])

    assert mdp.action_counts.tolist() == [2, 1]
    assert mdp.action_name(1, 0) == "1"


def test_there_and_back_is_the_same_model():
    mdp = from_quantecon(R, Q, 0.95)

    back = from_quantecon(*to_quantecon(mdp))

    assert (back.P != mdp.P).nnz == 0
    assert (back.r.tolist(), back.gamma, back.pair_start.tolist()) == (mdp.r.tolist(), 0.95, [0, 2, 3])


@pytest.mark.parametrize("seed", range(3))
def test_quantecon_finds_the_optimum_of_the_exported_model(seed):
    markov = pytest.importorskip("quantecon.markov")
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 4, size=6)
    P = rng.dirichlet(np.ones(6), size=counts.sum())
    mdp = MDP.from_pairs(P, rng.normal(size=counts.sum()), 0.9, states=np.repeat(np.arange(6), counts))

    found = markov.DiscreteDP(*to_quantecon(mdp)).solve(method="policy_iteration")

    q = mdp.r + 0.9 * P @ found.v
    best = np.maximum.reduceat(q, mdp.pair_start[:-1])
    assert best == pytest.approx(found.v)  # v = T v: only the optimum
    assert q[mdp.pair_start[:-1] + found.sigma] == pytest.approx(best)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((R, Q[0]), r"R has shape \(2, 2\) and Q has \(2, 2\); they must be \(n, m\) and \(n, m, n\)"),
        ((PAIRS["R"], PAIRS["Q"]), "pair form needs s_indices and a_indices"),
        ((R - np.array([[0], [np.inf]]), Q), "state 1 has no action"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ModelError, match=message):
        from_quantecon(*arguments, beta=0.95)


def test_indices_of_another_length_are_refused():
    with pytest.raises(ModelError, match="s_indices and a_indices have 2 and 3 entries; R has 3"):
        from_quantecon(**PAIRS | {"s_indices": [0, 1]}, beta=0.95)

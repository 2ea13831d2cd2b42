import numpy as np
import pytest
from scipy.sparse import csr_array

from mdps.submodular import random_submodular_mdp
from rltheory import CriterionError, ModelError
from rltheory.submodular import SubmodularMDP
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.policies import MarkovSoftmax, mean_advantages


def ragged():
    """Two states, of one and of two actions: stay; stay or swap."""
    P = csr_array(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    return SubmodularMDP(P, Modular([1, 1]), 2, 1, np.array([0, 1, 3]))


def test_probabilities_are_exponentials_over_their_sum_and_large_logits_do_not_overflow():
    policy = MarkovSoftmax([[[0.0, np.log(3.0)], [1000.0, 0.0]]])
    np.testing.assert_allclose(policy.table, [[[0.25, 0.75], [1.0, 0.0]]])


def test_an_action_that_a_state_does_not_have_is_never_taken():
    np.testing.assert_array_equal(MarkovSoftmax.uniform(ragged()).table[0], [[1.0, 0.0], [0.5, 0.5]])


def test_a_policy_near_another_mixes_it_with_the_uniform_one():
    table = MarkovSoftmax.near(ragged(), np.array([0, 1]), mix=0.2).table
    np.testing.assert_allclose(table, [[[1.0, 0.0], [0.1, 0.9]]] * 2)


def test_a_policy_along_a_path_is_uniform_off_it_and_as_its_mixture_is_small_it_earns_the_path():
    mdp = random_submodular_mdp(5, 3, 4, rng=0)
    path = [int(np.argmax(mdp.mu))]
    for h in range(mdp.H):
        path.append(int(mdp.dynamics.rows(h).indices[mdp.pair_start[path[-1]] + h % 3]))
    policy = MarkovSoftmax.along(mdp, path, mix=1e-9)
    assert policy_value(mdp, policy.table) == pytest.approx(mdp.F.value(mdp.elements(np.array(path))))
    elsewhere = next(s for s in range(5) if s != path[0])
    np.testing.assert_allclose(policy.table[0, elsewhere], 1 / 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MarkovSoftmax(np.zeros((2, 2))), r"theta has shape \(2, 2\); it must be \(H, n_states, n_actions\)"),
        (lambda: MarkovSoftmax([[[0.0, np.inf]]]), "theta of step 0, state 0, action 1 is inf"),
        (lambda: MarkovSoftmax(np.zeros((1, 1, 2)), np.array([3])), r"it must say 1..2 for each of 1 states"),
        (lambda: MarkovSoftmax.near(ragged(), np.array([0, 1]), mix=0.0), r"mix is 0.0; .* must be in \(0, 1\]"),
        (lambda: MarkovSoftmax.near(ragged(), np.array([1, 1])), "policy takes action 1 in state 0"),
        (lambda: MarkovSoftmax.along(ragged(), [1, 0]), r"path has shape \(2,\); it must be \(3,\)"),
        (lambda: MarkovSoftmax.along(ragged(), [1, 0, 1]), "no action leads from state 0 to 1, states 1 and 2 of path"),
        (lambda: MarkovSoftmax.uniform(ragged()).rows_of(np.zeros((1, 2), dtype=int)), "walks on 3"),
    ],
    ids=["axes", "infinite", "counts", "mix", "action", "length", "gap", "paths"],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_no_path_can_be_followed_through_chance():
    mdp = SubmodularMDP(np.full((2, 1, 2), 0.5), Modular([1, 1]), 1, 0)
    with pytest.raises(CriterionError, match="has 2 successors"):
        MarkovSoftmax.along(mdp, [0, 1])


def test_the_fit_of_scores_is_a_least_squares_fit():
    """The scores of a table are 1 at the action less probabilities, and the fit has a constant for each row."""
    rng = np.random.default_rng(0)
    policy = MarkovSoftmax(rng.normal(size=(2, 2, 3)))
    rows, actions = rng.integers(0, 4, (40, 2)), rng.integers(0, 3, (40, 2))
    weights = rng.normal(size=(40, 2))
    scores = np.zeros((80, 16))
    for n, (x, a) in enumerate(zip(rows.ravel(), actions.ravel(), strict=True)):
        scores[n, 3 * x : 3 * x + 3] = np.eye(3)[a] - policy.prob[x]
        scores[n, 12 + x] = 1.0
    best = scores @ np.linalg.lstsq(scores, weights.ravel(), rcond=None)[0]
    fit = policy.fit_scores(rows, actions, weights).reshape(4, 3)
    np.testing.assert_allclose(fit, mean_advantages(rows, actions, weights, (4, 3)))
    cells = np.array([weights.ravel()[(rows.ravel() == x) & (actions.ravel() == a)].mean() for x, a in _cells()])
    np.testing.assert_allclose(fit.ravel() - _row_constant(fit.ravel(), cells), cells, atol=1e-12)
    np.testing.assert_allclose(best, cells.reshape(4, 3)[rows.ravel(), actions.ravel()], atol=1e-12)


def _cells():
    return [(x, a) for x in range(4) for a in range(3)]


def _row_constant(fit, cells):
    return np.repeat((fit - cells).reshape(4, 3).mean(axis=1), 3)

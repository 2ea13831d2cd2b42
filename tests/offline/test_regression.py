import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory import ModelError
from rltheory.offline import LinearKnowledge, Tally, pevi, r2pvi, regress
from rltheory.robust import TV


@pytest.fixture
def step():
    """Return features, transitions of one step as rows, and the counts of the same."""
    model = mdps.random_linear_mdp(5, 3, d=4, H=1, rng=0)
    data = rl.collect(model, None, 40, rng=0)
    tally = Tally.of(data, LinearKnowledge.of(model))
    return model, data, tally


def test_it_is_least_squares_on_rows_with_the_ridge_as_further_rows(step):
    model, data, tally = step
    rows, g = model.phi[3 * data.state + data.action], np.arange(5.0) ** 2
    augmented = np.vstack([rows, np.sqrt(0.3) * np.eye(4)])
    targets = np.concatenate([g[data.next_state], np.zeros(4)])
    expected = np.linalg.lstsq(augmented, targets, rcond=None)[0]
    regression = regress(model.phi, tally.counts[0], 0.3)
    np.testing.assert_allclose(regression.factors @ g, expected, atol=1e-12)
    np.testing.assert_allclose(regression.weights(tally.counts[0] @ g), expected, atol=1e-12)


def test_uncertainties_are_those_of_the_inverse(step):
    model, data, tally = step
    rows = model.phi[3 * data.state + data.action]
    inverse = np.linalg.inv(rows.T @ rows + 0.3 * np.eye(4))
    regression = regress(model.phi, tally.counts[0], 0.3)
    np.testing.assert_allclose(regression.inverse_diagonal(), np.diag(inverse), rtol=1e-10)
    norms = np.sqrt(np.einsum("pi,ij,pj->p", model.phi, inverse, model.phi))
    np.testing.assert_allclose(regression.elliptical_norms(), norms, rtol=1e-10)


def test_it_knows_which_states_were_reached(step):
    _, data, tally = step
    np.testing.assert_array_equal(regress(step[0].phi, tally.counts[0], 1.0).sampled, np.unique(data.next_state))


def test_expected_counts_are_the_limit_of_counts():
    model = mdps.random_linear_mdp(3, 2, d=2, H=2, rng=0)
    data = rl.collect(model, None, 200_000, rng=0)
    counted = Tally.of(data, LinearKnowledge.of(model))
    for t in range(2):
        visits = counted.counts[t].sum(axis=1) / 200_000
        expected = Tally.expected(model, 200_000, visits)
        np.testing.assert_allclose(
            counted.counts[t].toarray() / 200_000, expected.counts[t].toarray() / 200_000, atol=5e-3
        )
        np.testing.assert_allclose(counted.rewards[t], expected.rewards[t], rtol=1e-9)


@pytest.mark.parametrize(
    "learn", [pevi, lambda data, model: r2pvi(data, model, divergence=TV(lam=1.0))], ids=["pevi", "r2pvi"]
)
def test_a_step_without_a_transition_is_named(learn):
    model = mdps.random_linear_mdp(3, 2, d=2, H=3, rng=0)
    early = rl.Dataset.from_episodes([[(0, 0, 0.0, 1), (1, 0, 0.0, 2)]], n_states=3, n_actions=2, H=3)
    with pytest.raises(ModelError, match=r"step 2 has no transition.*collect more trajectories"):
        learn(early, model)
    with pytest.raises(ModelError, match="step 0 has no transition"):
        learn(rl.collect(model, None, 0, rng=0), model)
    with pytest.raises(ModelError, match=r"step 2 has no transition.*folds\(\) takes at least H = 3"):
        learn(rl.collect(model, None, 2, rng=0).folds(), model)
    with pytest.raises(ModelError, match="step 0 has no transition"):
        learn(Tally.expected(model, 0.0), model)


def test_bad_arguments_are_named():
    model = mdps.random_linear_mdp(3, 2, d=2, H=2, rng=0)
    with pytest.raises(ModelError, match="ridge is -1"):
        regress(np.eye(2), np.eye(2), -1)
    with pytest.raises(ModelError, match="visits must be a distribution"):
        Tally.expected(model, 10, np.ones(6))
    other = mdps.random_linear_mdp(3, 3, d=2, H=2, rng=0)
    with pytest.raises(ModelError, match="the tally has 2 steps and 6 pairs"):
        Tally.of(Tally.expected(model, 10), LinearKnowledge.of(other))
    with pytest.raises(ModelError, match=r"phi has shape \(2,\)"):
        LinearKnowledge([1.0, 2.0], [0, 1, 2], 1)
    with pytest.raises(ModelError, match=r"feature 1 of state 0, action 0 .* is nan"):
        LinearKnowledge([[1.0, np.nan]], [0, 1], 1)
    with pytest.raises(ModelError, match=r"reward has shape \(3,\)"):
        LinearKnowledge([[1.0]], [0, 1], 1, reward=[0.1, 0.2, 0.3])

"""Regression oracles: against normal equations, brute force, scikit-learn, and a stand-in for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from rltheory import ModelError
from rltheory.horizon.regression import Batch, Estimator, FiniteClass, LinearLeastSquares, TabularAverage
from rltheory.horizon.sqirl import sqirl


def batch(seed, n=12, n_states=3, n_actions=2, weighted=True):
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 4, n).astype(float) if weighted else np.ones(n)
    return Batch(
        0, rng.integers(n_states, size=n), rng.integers(n_actions, size=n), rng.random(n), weight, n_states, n_actions
    )


@given(st.integers(0, 10**6))
def test_cell_averages_minimise_the_squared_error(seed):
    data = batch(seed)
    found = TabularAverage(default=-1.0)(data)
    for s in range(3):
        for a in range(2):
            own = (data.state == s) & (data.action == a)
            expected = np.average(data.target[own], weights=data.weight[own]) if own.any() else -1.0
            assert found[s, a] == pytest.approx(expected)


@given(st.integers(0, 10**6))
def test_one_hot_features_give_cell_averages(seed):
    data = batch(seed)
    one_hot = np.eye(6).reshape(3, 2, 6)
    np.testing.assert_allclose(LinearLeastSquares(one_hot)(data), TabularAverage()(data), atol=1e-9)


@given(st.integers(0, 10**6), st.sampled_from([0.01, 1.0]))
def test_ridge_regression_solves_the_normal_equations(seed, ridge):
    data, phi = batch(seed), np.random.default_rng(seed).random((3, 2, 4))
    rows = phi[data.state, data.action]
    gram = rows.T @ (data.weight[:, None] * rows) + ridge * np.eye(4)
    expected = phi @ np.linalg.solve(gram, rows.T @ (data.weight * data.target))
    np.testing.assert_allclose(LinearLeastSquares(phi, ridge)(data), expected, atol=1e-8)


@given(st.integers(0, 10**6))
def test_the_best_of_finitely_many_tables_is_found(seed):
    data, tables = batch(seed), np.random.default_rng(seed).random((5, 3, 2))
    found = FiniteClass(tables)(data)
    errors = [(data.weight * (table[data.state, data.action] - data.target) ** 2).sum() for table in tables]
    np.testing.assert_array_equal(found, tables[np.argmin(errors)])


class LeastSquares:
    """What scikit-learn asks of an estimator, and no more."""

    def fit(self, X, y, sample_weight=None):
        root = np.sqrt(np.ones(len(y)) if sample_weight is None else sample_weight)
        self.w = np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
        return self

    def predict(self, X):
        return X @ self.w


@given(st.integers(0, 10**6), st.booleans())
def test_an_estimator_for_each_action_gives_cell_averages_of_one_hot_states(seed, weighted):
    data = batch(seed, weighted=weighted)
    np.testing.assert_allclose(Estimator(LeastSquares, per_action=True)(data), TabularAverage()(data), atol=1e-9)


@given(st.integers(0, 10**6))
def test_a_single_estimator_sees_states_and_actions_side_by_side(seed):
    data, features = batch(seed), np.random.default_rng(seed).random((3, 2))
    phi = np.array([[[*features[s], *np.eye(2)[a]] for a in range(2)] for s in range(3)])
    np.testing.assert_allclose(Estimator(LeastSquares, features)(data), LinearLeastSquares(phi)(data), atol=1e-8)


@given(st.integers(0, 10**6), st.booleans())
def test_a_tree_of_scikit_learn_on_one_hot_states_gives_cell_averages(seed, weighted):
    tree = pytest.importorskip("sklearn.tree").DecisionTreeRegressor
    data = batch(seed, weighted=weighted)
    seen = data.state, data.action
    found = Estimator(tree, per_action=True)(data)
    np.testing.assert_allclose(found[seen], TabularAverage()(data)[seen], atol=1e-9)


@given(st.integers(0, 10**6), st.booleans())
def test_ridge_regression_of_scikit_learn_is_ours(seed, weighted):
    ridge = pytest.importorskip("sklearn.linear_model").Ridge
    data, features = batch(seed, weighted=weighted), np.random.default_rng(seed).random((3, 2))
    phi = np.array([[[*features[s], *np.eye(2)[a]] for a in range(2)] for s in range(3)])
    theirs = Estimator(lambda: ridge(alpha=0.5, fit_intercept=False), features)(data)
    # Where all weights are the same they are left out, and ours are 1 then.
    np.testing.assert_allclose(theirs, LinearLeastSquares(phi, ridge=0.5)(data), atol=1e-6)


def test_shallow_iteration_learns_with_a_forest_of_scikit_learn():
    forest = pytest.importorskip("sklearn.ensemble").RandomForestRegressor
    decoy = mdps.decoy(2, prize=0.4)
    oracle = Estimator(lambda: forest(n_estimators=5, random_state=0), per_action=True)
    assert sqirl(decoy, 3, 2, 400, regression=oracle, rng=0).suboptimality == pytest.approx(0, abs=1e-12)
    assert sqirl(decoy, 3, 1, 400, regression=oracle, rng=0).suboptimality == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LinearLeastSquares(np.ones((3, 2))), r"phi has shape \(3, 2\)"),
        (lambda: LinearLeastSquares(np.ones((3, 2, 1)), ridge=-1), "ridge is -1"),
        (lambda: FiniteClass(np.ones((3, 2))), r"tables has shape \(3, 2\)"),
        (lambda: Estimator("forest"), "make is 'forest'"),
        (lambda: Estimator(LeastSquares, np.ones(3)), r"features has shape \(3,\)"),
        (lambda: LinearLeastSquares(np.ones((4, 2, 1)))(batch(0)), "the model has 3 states and 2 actions"),
        (lambda: FiniteClass(np.ones((1, 3, 3)))(batch(0)), "the model has 3 states and 2 actions"),
        (lambda: Estimator(LeastSquares, np.ones((2, 1)))(batch(0)), r"features has shape \(2, 1\)"),
    ],
    ids=["phi", "ridge", "tables", "make", "features", "size of phi", "size of tables", "size of features"],
)
def test_a_wrong_argument_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()

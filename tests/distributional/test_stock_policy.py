"""Policies with stock: the law of their return by walking every path, and the best of them by trying all."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from rltheory import ModelError, OutcomeModel
from rltheory.distributional import StockPolicy, best_expectation, unfold

MODELS = outcome_models(max_states=3, max_outcomes=2, gammas=[0.5, 0.9, 1.0], max_reward=3.0)
COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)


def drawn_policy(unfolded, seed):
    """Draw a randomised policy with stock."""
    rng = np.random.default_rng(seed)
    weights = []
    for layer in unfolded.layers[:-1]:
        raw = rng.random(layer.pair.size) ** 3
        weights.append(raw / np.repeat(np.add.reduceat(raw, layer.row_start[:-1]), np.diff(layer.row_start)))
    return StockPolicy(unfolded, tuple(weights))


def paths(policy, t, node, total, prob):
    """Yield (total reward, probability) of every path from a node."""
    unfolded = policy.unfolded
    model, layer = unfolded.model, unfolded.layers[t]
    if t == unfolded.H:
        yield total, prob
        return
    for row in range(layer.row_start[node], layer.row_start[node + 1]):
        i = layer.pair[row]
        for k in range(model.prob.shape[1]):
            p = prob * policy.weights[t][row] * model.prob[i, k]
            if p > 0:
                following = total + model.gamma**t * model.reward[i, k]
                yield from paths(policy, t + 1, layer.successor[row, k], following, p)


def expectation_by_paths(policy, f):
    mu = policy.unfolded.model.mu[policy.unfolded.layers[0].state]
    return sum(
        p * f(total) for node, start in enumerate(mu) if start > 0 for total, p in paths(policy, 0, node, 0.25, start)
    )


@given(MODELS, st.integers(0, 3), st.integers(0, 2**32))
def test_the_law_of_the_stock_is_that_of_all_paths(model, H, seed):
    policy = drawn_policy(unfold(model, H, stock=0.25), seed)
    law = policy.law()
    for f in (lambda x: x, abs, lambda x: x * x, lambda x: np.exp(-x)):
        assert law.expect(f) == pytest.approx(expectation_by_paths(policy, f), rel=1e-9, abs=1e-9)


@given(MODELS, st.integers(0, 3), st.integers(0, 2**32))
def test_masses_are_laws_over_each_layer(model, H, seed):
    for mass in drawn_policy(unfold(model, H), seed).masses():
        assert mass.sum() == pytest.approx(1, abs=1e-12)
        assert (mass >= 0).all()


@given(outcome_models(max_states=2, max_outcomes=2, gammas=[0.5, 1.0]), st.integers(0, 2**32))
def test_the_best_expectation_is_the_best_of_all_deterministic_policies(model, seed):
    unfolded = unfold(model, 2)
    counts = [np.diff(layer.row_start) for layer in unfolded.layers[:-1]]
    if np.prod([float(np.prod(c)) for c in counts]) > 2000:
        return
    terminal = np.random.default_rng(seed).normal(size=unfolded.layers[-1].size)
    values, best = best_expectation(unfolded, terminal)
    tried = []
    for choice in product(*(product(*(range(n) for n in c)) for c in counts)):
        policy = StockPolicy.deterministic(unfolded, [np.array(actions, dtype=int) for actions in choice])
        tried.append(policy.masses()[-1] @ terminal)
    mu = model.mu[unfolded.layers[0].state]
    assert best.is_deterministic
    assert mu @ values[0] == pytest.approx(max(tried), abs=1e-12)
    assert best.masses()[-1] @ terminal == pytest.approx(max(tried), abs=1e-12)


def test_ties_go_to_the_lowest_action():
    same = OutcomeModel.from_tables([[0, 0, 0]], [[0.0, 1.0, 1.0]], gamma=1.0)
    _, policy = best_expectation(unfold(same, 1), np.array([0.0, 1.0]))
    assert policy.action_probabilities(0, 0, 0.0).tolist() == [0, 1, 0]
    assert policy.action(0, 0, 0.0) == 1


def test_where_an_action_is_drawn_there_is_none_to_name():
    bets = OutcomeModel.from_tables([[0, 0]], [[0.0, 1.0]], gamma=1.0)
    even = StockPolicy(unfold(bets, 1), (np.array([0.5, 0.5]),))
    with pytest.raises(ModelError, match=r"state 0 with stock 0\.0 an action is drawn at step 0"):
        even.action(0, 0, 0.0)


def test_nodes_and_starts_that_are_not_there_are_refused():
    policy = drawn_policy(unfold(COIN, 2), 0)
    assert policy.action_probabilities(1, 0, 1.0).tolist() == [1.0]
    with pytest.raises(ModelError, match=r"state 0 with stock 0.5 is not met .* at step 1"):
        policy.action_probabilities(1, 0, 0.5)
    with pytest.raises(ModelError, match="start is 3; the model was unfolded from the states"):
        policy.law(start=3)
    two = OutcomeModel.from_tables([[0], [1]], [[0.0], [1.0]], gamma=1.0)
    with pytest.raises(ModelError, match="unfolded from other states than mu allows; name the start"):
        drawn_policy(unfold(two, 1, start=1), 0).law()
    assert drawn_policy(unfold(two, 1, start=1), 0).law(start=1).atoms.tolist() == [1.0]

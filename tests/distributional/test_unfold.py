"""The nodes of an unfolded model are the states and stocks that walks meet, and no others."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import best_expectation, unfold

MODELS = outcome_models(max_states=3, gammas=[0.0, 0.5, 0.9, 1.0], max_reward=4.0)
COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)


def exact_layers(model, H, stock, starts):
    """Return the sets of (state, absolute stock) met at each step, in fractions."""
    gamma, layers = Fraction(model.gamma), [{(s, Fraction(stock)) for s in starts}]
    for t in range(H):
        reached = set()
        for s, b in layers[-1]:
            rows = range(model.pair_start[s], model.pair_start[s + 1])
            for i, k in product(rows, range(model.prob.shape[1])):
                if model.prob[i, k] > 0:
                    reached.add((int(model.next_state[i, k]), b + gamma**t * Fraction(model.reward[i, k])))
        layers.append(reached)
    return layers


@given(MODELS, st.integers(0, 3), st.sampled_from([0.0, -1.5]))
def test_the_nodes_are_what_walks_meet(model, H, stock):
    found = unfold(model, H, stock=stock)
    for layer, exact in zip(found.layers, exact_layers(model, H, stock, np.flatnonzero(model.mu)), strict=True):
        told = sorted(zip(layer.state.tolist(), layer.stock.tolist(), strict=True))
        expected = sorted({(s, round(float(b), 9)) for s, b in exact})
        assert sorted({(s, round(b, 9) + 0.0) for s, b in told}) == [(s, b + 0.0) for s, b in expected]


@given(MODELS, st.integers(1, 3))
def test_each_outcome_leads_to_its_state_with_its_reward_added_to_the_stock(model, H):
    found = unfold(model, H, stock=0.5)
    for t, (layer, following) in enumerate(zip(found.layers, found.layers[1:], strict=False)):
        node = np.repeat(np.arange(layer.size), np.diff(layer.row_start))
        assert np.array_equal(model.pair_state[layer.pair], layer.state[node])
        assert np.array_equal(np.diff(layer.row_start), model.action_counts[layer.state])
        happens = found.prob(t) > 0
        assert np.array_equal(following.state[layer.successor][happens], model.next_state[layer.pair][happens])
        collected = layer.stock[node][:, None] + model.gamma**t * model.reward[layer.pair]
        assert np.allclose(following.stock[layer.successor][happens], collected[happens], rtol=0, atol=1e-8)
    assert found.layers[-1].pair.size == 0
    assert found.n_nodes == sum(layer.size for layer in found.layers)


def test_a_target_that_is_met_but_for_rounding_is_met():
    tenths = OutcomeModel.from_lists([[[(0.5, 0, 0.1), (0.5, 0, 0.2)]]], gamma=1.0)
    ends = unfold(tenths, 3, stock=-0.3).layers[-1]
    assert ends.stock.min() == 0.0, "0.1 + 0.1 + 0.1 is more than 0.3, and -0.3 + 0.1 + 0.1 + 0.1 is not 0"
    values, _ = best_expectation(unfold(tenths, 3, stock=-0.4), unfold(tenths, 3, stock=-0.4).layers[-1].stock >= 0)
    assert values[0].tolist() == [0.875]


def test_rescaled_stock_follows_the_stationary_recursion():
    found = unfold(COIN, 3, stock=-1.0)
    for t in range(3):
        c, after = found.rescaled_stock(t), found.rescaled_stock(t + 1)
        expected = {round(float((x + r) / 0.5), 9) for x in c for r in (0.0, 1.0)}
        assert {round(x, 9) for x in after.tolist()} == expected


def test_equal_sums_that_round_differently_are_one_node():
    tenths = OutcomeModel.from_lists([[[(0.5, 0, 0.1), (0.5, 0, 0.2)]]], gamma=1.0)
    assert [layer.size for layer in unfold(tenths, 10).layers] == list(range(1, 12))


def test_several_kinds_of_reward_make_a_stock_with_several_columns():
    rewards = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    ends = unfold(COIN.replace(gamma=1.0), 2, stock=[0.0, 5.0], reward=rewards).layers[-1]
    assert sorted(map(tuple, ends.stock.tolist())) == [(0.0, 7.0), (1.0, 6.0), (2.0, 5.0)]


def test_a_start_can_be_chosen():
    model = OutcomeModel.from_tables([[1], [0], [2]], [[1.0], [2.0], [3.0]], gamma=1.0, mu=0)
    assert unfold(model, 1).layers[0].state.tolist() == [0]
    assert unfold(model, 1, start=[2, 1]).layers[0].state.tolist() == [1, 2]


def test_what_does_not_fit_is_refused_before_work():
    with pytest.raises(ModelError, match="H is -1; it is a number of steps"):
        unfold(COIN, -1)
    with pytest.raises(ModelError, match=r"start is 7; states are 0\.\.0"):
        unfold(COIN, 1, start=7)
    with pytest.raises(ModelError, match="stock is nan; it must be finite"):
        unfold(COIN, 1, stock=np.nan)
    with pytest.raises(ModelError, match=r"reward has shape \(1, 2\)"):
        unfold(COIN, 1, reward=[[1.0, 2.0]], stock=[0.0])
    with pytest.raises(CriterionError, match="more than max_nodes = 100 states with stock can be met within 6 of 30"):
        unfold(COIN, 30, max_nodes=100)
    with pytest.raises(CriterionError, match="gamma is 0"):
        unfold(COIN.replace(gamma=0.0), 2).rescaled_stock(1)

"""The product of a game and its last action, by its definition."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.horizon_strategies import games
from proofs_check.horizon import oracles
from rltheory import CriterionError, OutcomeModel
from rltheory.horizon.analysis import analyse
from rltheory.horizon.sticky import base_states, count_sticky_states, sticky_model


def outcomes(model, s, a):
    """Return {(next state, reward): probability} of a pair."""
    row, law = s * model.n_actions + a, {}
    for p, f, r in zip(model.prob[row], model.next_state[row], model.reward[row], strict=True):
        if p > 0:
            law[int(f), float(r)] = law.get((int(f), float(r)), 0.0) + float(p)
    return law


@given(games(), st.sampled_from([0.0, 0.25, 0.5]))
def test_an_action_is_executed_or_the_last_one_is(model, p):
    product, A = sticky_model(model, p), model.n_actions
    for s in range(model.n_states):
        over = all(outcomes(model, s, a) == {(s, 0.0): 1.0} for a in range(A))
        for a in range(A):
            entered = {b: {(f * A + b, r): x for (f, r), x in outcomes(model, s, b).items()} for b in range(A)}
            if over:
                copies = [model.n_states * A + s, *(s * A + b for b in range(A))]
                assert all(outcomes(product, copy, a) == {(copy, 0.0): 1.0} for copy in copies)
                continue
            assert outcomes(product, model.n_states * A + s, a) == entered[a]  # nothing sticks at first
            for b in range(A):
                expected = {}
                for weight, law in ((1 - p, entered[a]), (p, entered[b])):
                    for key, x in law.items():
                        if weight > 0:
                            expected[key] = expected.get(key, 0.0) + weight * x
                assert outcomes(product, s * A + b, a) == pytest.approx(expected)


@given(games())
def test_every_state_of_the_product_is_a_copy(model):
    base = base_states(model)
    assert base.size == sticky_model(model, 0.25).n_states
    np.testing.assert_array_equal(np.bincount(base), model.n_actions + 1)


@given(games(), st.integers(1, 5))
def test_the_count_is_that_of_the_states_visited_with_the_action_executed_before(model, H):
    """Following all outcomes, after the end as well; the copies of the first step count as (s, 0)."""
    layer = visited = {(0, 0)}
    for _ in range(H - 1):
        layer = {(f, a) for s, _ in layer for a in range(model.n_actions) for f, _ in outcomes(model, s, a)}
        visited = visited | layer
    assert count_sticky_states(model, H) == len(visited)


@given(games(max_actions=1), st.integers(1, 4))
def test_with_one_action_nothing_can_stick(model, H):
    plain, sticky = analyse(model, H), analyse(model, H, sticky=0.5)
    assert sticky.optimal_return == pytest.approx(plain.optimal_return)


@given(games(), st.integers(1, 4))
def test_returns_are_continuous_where_stickiness_vanishes(model, H):
    plain, sticky = analyse(model, H), analyse(model, H, sticky=1e-9)
    for name in ("optimal_return", "exploration_return", "worst_return"):
        assert getattr(sticky, name) == pytest.approx(getattr(plain, name), abs=1e-7)


@given(games(), st.integers(1, 4))
def test_what_lookahead_sees_is_continuous_where_stickiness_vanishes(model, H):
    """In the product, at the first step and wherever the last action is b."""
    start = model.n_states * model.n_actions
    plain = oracles.lookahead_tables(model, H, H)
    sticky = oracles.lookahead_tables(sticky_model(model, 1e-9), H, H)
    for own, product in zip(plain, sticky, strict=True):
        np.testing.assert_allclose(product[:, start:], own, atol=1e-7)
        np.testing.assert_allclose(product[:, :start], own.repeat(model.n_actions, axis=1), atol=1e-7)


def test_the_least_lookahead_may_jump_however_small_stickiness_is():
    """What sticks leads, rarely, to a decoy that lookahead 1 does not see through; the loss by that is continuous."""
    next_state = [[-1, 1], [-1, 2], [3, -1], [-1, 4], [-1, -1]]
    reward = [[0.0, 0.0], [1.0, 0.0], [0.0, 0.3], [0.0, 0.0], [0.0, 1.0]]
    late = OutcomeModel.from_tables(next_state, reward, 1.0, mu=0)
    assert analyse(late, 5).min_k == 1
    for p in (0.1, 1e-3, 1e-6):
        report = analyse(late, 5, sticky=p)
        assert report.min_k == 2
        assert 0 < report.optimal_return - report.worst_greedy_return[0] < p


def test_a_first_step_is_never_sticky():
    bandit = mdps.dense_rewards(2)
    assert analyse(bandit, 1, sticky=0.25).optimal_return == 1.0
    assert analyse(bandit, 1, sticky=0.25).worst_return == 0.0
    assert analyse(bandit, 2, sticky=0.25).worst_return == 0.0


def test_the_model_must_fit():
    with pytest.raises(CriterionError, match="gamma is"):
        sticky_model(mdps.horizon_lock(2).replace(gamma=0.5), 0.25)

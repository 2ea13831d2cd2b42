"""A model and a policy make a chain, and what its return can be is what luck decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import GAMMAS, outcome_models, paired, policies, stochastic_policies
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional.chain import OutcomeChain, outcome_chain, return_range
from rltheory.planning import evaluate_policy

ANY_POLICY = paired(outcome_models(), lambda model: policies(model) | stochastic_policies(model))
COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)


def outcomes(prob, next_state, reward):
    """Return the probability of each (next state, reward)."""
    total = {}
    for p, after, r in zip(prob.ravel(), next_state.ravel(), reward.ravel(), strict=True):
        if p > 0:
            total[int(after), float(r)] = total.get((int(after), float(r)), 0.0) + p
    return total


@given(ANY_POLICY)
def test_a_chain_draws_the_action_and_then_its_outcome(drawn):
    model, policy = drawn
    chain = outcome_chain(model, policy)
    for s in range(model.n_states):
        rows = slice(model.pair_start[s], model.pair_start[s + 1])
        n_actions = model.action_counts[s]
        chances = np.eye(n_actions)[policy[s]] if policy.ndim == 1 else policy[s, :n_actions]
        expected = outcomes(chances[:, None] * model.prob[rows], model.next_state[rows], model.reward[rows])
        assert outcomes(chain.prob[s], chain.next_state[s], chain.reward[s]) == pytest.approx(expected, abs=1e-9)


@given(ANY_POLICY)
def test_rows_of_a_chain_sum_to_one_and_its_value_is_the_policys(drawn):
    model, policy = drawn
    chain = outcome_chain(model, policy)
    assert np.abs(chain.prob.sum(axis=1) - 1).max() < 1e-15 * chain.prob.shape[1] + 1e-15
    alone = evaluate_policy(chain.to_mdp(), np.zeros(model.n_states, dtype=int)).value
    assert alone == pytest.approx(evaluate_policy(model.to_mdp(), policy).value, rel=1e-6, abs=1e-6)


@given(ANY_POLICY, st.integers(0, 4))
def test_the_range_over_a_horizon_is_that_of_all_paths(drawn, H):
    model, policy = drawn
    chain = outcome_chain(model, policy)

    def extremes(s, steps):
        if steps == 0:
            return 0.0, 0.0
        seen = [b for b in range(chain.prob.shape[1]) if chain.prob[s, b] > 0]
        after = [extremes(chain.next_state[s, b], steps - 1) for b in seen]
        ends = [[chain.reward[s, b] + chain.gamma * x for x in ab] for b, ab in zip(seen, after, strict=True)]
        return min(low for low, _ in ends), max(high for _, high in ends)

    expected = np.array([extremes(s, min(H, 3)) for s in range(model.n_states)])
    assert np.allclose(np.transpose(return_range(chain, min(H, 3))), expected, rtol=0, atol=1e-12)


@given(paired(outcome_models(gammas=GAMMAS[:3]), policies))
def test_the_range_without_a_horizon_is_the_limit_of_long_ones(drawn):
    chain = outcome_chain(*drawn)
    steps = 60 if chain.gamma < 0.9 else 250
    tail = chain.gamma**steps * np.abs(chain.reward).max() / (1 - chain.gamma)
    assert np.abs(np.array(return_range(chain)) - return_range(chain, steps)).max() <= tail + 1e-9


def test_what_cannot_happen_does_not_widen_the_range():
    model = OutcomeModel([[1.0, 0.0]], [[0, 0]], [[1.0, 50.0]], 0.5, 0, [0, 1])
    assert np.ravel(return_range(outcome_chain(model, [0]))).tolist() == [2.0, 2.0]


def test_what_is_no_chain_is_refused():
    two = OutcomeModel.from_tables([[0, 0]], [[0.0, 1.0]], gamma=0.5)
    with pytest.raises(ModelError, match=r"state 0 has 2 actions; a chain has one for each state"):
        OutcomeChain(two.prob, two.next_state, two.reward, 0.5, two.mu, two.pair_start)
    with pytest.raises(ModelError, match="policy takes action 2 in state 0"):
        outcome_chain(two, [2])
    with pytest.raises(CriterionError, match="gamma is 1, so the return may not be finite"):
        return_range(outcome_chain(COIN, [0]))


def test_names_and_the_start_are_kept():
    model = OutcomeModel.from_lists(
        [[[(1.0, 1, 0.0)]], [[(1.0, 0, 0.0)]]], gamma=0.5, mu=1, state_names=["here", "there"]
    )
    chain = outcome_chain(model, [0, 0])
    assert (chain.state_name(1), chain.mu.tolist()) == ("there", [0.0, 1.0])
    assert repr(chain) == "OutcomeChain(2 states, at most 1 outcomes, gamma=0.5)"

"""The robust value of a policy: below the optimum, equal to it for the best one, and linear in its probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.linear_strategies import linear_mdps
from mdps.strategies import finite_horizon_mdps
from proofs_check.robust.dynamic_oracles import closed_form, divergences, with_closed_form
from rltheory import ModelError
from rltheory.robust import TV
from rltheory.robust.backward_induction import robust_backward_induction
from rltheory.robust.evaluation import evaluate_robustly


@given(finite_horizon_mdps() | linear_mdps(), divergences())
def test_the_best_policy_has_the_best_value(model, divergence):
    best = robust_backward_induction(model, divergence)
    own = evaluate_robustly(model, best.policy, divergence)
    assert np.allclose(own.value, best.value, rtol=0, atol=1e-10)


@given(linear_mdps(), with_closed_form(), st.integers(0, 2**32))
def test_a_randomised_policy_is_averaged_after_nature_has_answered(model, divergence, seed):
    policy = np.random.default_rng(seed).random((model.H, model.n_states, model.n_actions))
    policy *= np.arange(model.n_actions) < model.action_counts[:, None]
    policy /= policy.sum(axis=-1, keepdims=True)
    solution, v = evaluate_robustly(model, policy, divergence), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        w = [closed_form(divergence, p, v) for p in model.step_factors(t)]
        q = model.phi @ (model.step_theta(t) + w)
        weights = policy[t][np.arange(model.n_actions) < model.action_counts[:, None]]
        v = np.add.reduceat(weights * q, model.pair_start[:-1])
    assert np.allclose(solution.value[0], v, rtol=0, atol=1e-9)
    assert (solution.value <= robust_backward_induction(model, divergence).upper + 1e-12).all()


def test_the_answer_names_the_actions_and_their_probabilities():
    walk = mdps.robust_walk()
    solution = evaluate_robustly(walk, np.full((5, 16), 1 / 16), TV(lam=1.0))
    assert solution.to_rows()[0]["state"] == "first"
    assert solution.to_rows()[0]["action"].startswith("----: 0.0625, ---+: 0.0625")
    assert "<table>" in solution._repr_html_()


def test_a_policy_that_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="takes action 99 in state 2"):
        evaluate_robustly(mdps.robust_walk(), [0, 0, 99, 0, 0], TV(lam=1.0))

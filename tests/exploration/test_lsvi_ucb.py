"""LSVI-UCB against regressions over the raw data, its event, and what follows from it."""

import math

import numpy as np
import pytest

import mdps
from rltheory import LinearMDP, ModelError
from rltheory.exploration import Scaled, Theory
from rltheory.exploration.bounds.concentration import largest_log_det
from rltheory.exploration.bounds.lsvi_ucb import (
    lsvi_ucb_beta,
    lsvi_ucb_covering,
    lsvi_ucb_finite_beta,
    lsvi_ucb_regret,
)
from rltheory.exploration.lsvi_ucb import lsvi_ucb
from rltheory.planning import backward_induction, evaluate_policy

MODEL = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)


def reference(model, episodes, seed, beta_of):
    """Return played and optimistic values and errors of an LSVI-UCB that regresses all past transitions anew."""
    H, d = model.H, model.d
    data = [[] for _ in range(H)]
    uniforms, played, optimistic, errors = np.random.default_rng(seed).random((episodes, H + 1)), [], [], []
    for k in range(episodes):
        value, policy = np.zeros((H + 1, model.n_states)), np.zeros((H, model.n_states), dtype=int)
        furthest = []
        for t in reversed(range(H)):
            gram, moment = np.eye(d), np.zeros(d)
            for row, reward, successor in data[t]:
                gram += np.outer(model.phi[row], model.phi[row])
                moment += model.phi[row] * (reward + value[t + 1, successor])
            width = np.sqrt(np.einsum("pd,de,pe->p", model.phi, np.linalg.inv(gram), model.phi))
            w, beta = np.linalg.solve(gram, moment), beta_of(t, np.linalg.slogdet(gram)[1])
            off = w - model.step_theta(t) - model.step_factors(t) @ value[t + 1]
            furthest.append((np.sqrt(off @ gram @ off) - beta, np.sqrt(off @ gram @ off)))
            q = model.phi @ w + beta * width
            q = np.clip(q, 0, H - t).reshape(model.n_states, -1)
            value[t], policy[t] = q.max(axis=1), q.argmax(axis=1)
        errors.append(max(furthest)[1])
        played.append(model.mu @ evaluate_policy(model.to_finite_horizon(), policy).value[0])
        optimistic.append(model.mu @ value[0])
        s = int(np.searchsorted(np.cumsum(model.mu), uniforms[k, H], side="right"))
        for t in range(H):
            row = model.pair_start[s] + policy[t, s]
            s = int(np.searchsorted(np.cumsum(model.kernel(t)[row]), uniforms[k, t], side="right"))
            data[t].append((row, model.rewards(t)[row], s))
    return np.array(played), np.array(optimistic), np.array(errors)


@pytest.mark.parametrize("c", [None, 0.05], ids=["data", "scaled"])
def test_counts_stand_for_all_past_transitions(c):
    def beta_of(t, log_det):
        if c is not None:
            return c * 3 * 3 * math.sqrt(math.log(2 * 3 * 40 * 3 / 0.1))
        return lsvi_ucb_finite_beta(3, 4, 3, 0.1, log_det=log_det, largest=2.0 - t)

    run = lsvi_ucb(MODEL, 40, delta=0.1, radius=None if c is None else Scaled(c), rng=7)
    played, optimistic, errors = reference(MODEL, 40, 7, beta_of)
    np.testing.assert_allclose(run.optimistic_value, optimistic, atol=1e-9)
    np.testing.assert_allclose(run.optimum - run.regret, played, atol=1e-9)
    np.testing.assert_allclose(run.error, errors, atol=1e-9)


def test_the_regret_is_that_of_the_policies_which_are_recorded():
    run = lsvi_ucb(MODEL, 50, radius=Scaled(0.05), record=True, rng=2)
    told = MODEL.to_finite_horizon()
    achieved = [MODEL.mu @ evaluate_policy(told, policy).value[0] for policy in run.policies]
    np.testing.assert_allclose(run.optimum - run.regret, achieved, atol=1e-12)


def test_before_any_data_the_ridge_takes_no_more_than_its_term_and_may_take_all():
    model = LinearMDP(np.ones((1, 1)), np.ones((1, 1)), np.ones(1), H=1, pair_start=[0, 1])
    run = lsvi_ucb(model, 1, ridge=0.3, rng=0)
    assert run.error[0] == run.radius[0] == pytest.approx(np.sqrt(0.3))


def test_the_optimum_is_that_of_backward_induction():
    value = backward_induction(MODEL.to_finite_horizon()).value[0]
    assert lsvi_ucb(MODEL, 1, rng=0).optimum == pytest.approx(MODEL.mu @ value, abs=1e-12)


@pytest.mark.parametrize("radius", [Theory(), None], ids=["theory", "data"])
def test_errors_are_covered_and_values_are_optimistic(radius):
    for seed in range(5):
        run = lsvi_ucb(mdps.random_linear_mdp(4, 2, d=2, H=3, rng=seed), 500, delta=0.1, radius=radius, rng=seed)
        assert run.covered.all()
        assert run.optimistic.all()


def test_with_few_states_the_bound_says_something_and_holds():
    model, K = mdps.random_linear_mdp(4, 2, d=2, H=2, rng=0), 100_000
    beta = lsvi_ucb_finite_beta(2, 4, 2, 0.05, log_det=largest_log_det(2, K, ridge=1.0), largest=1.0)
    assert lsvi_ucb(model, K, rng=0).regret.sum() <= lsvi_ucb_regret(2, 2, K, 0.05, beta=beta) <= 2 * K / 3


def test_too_wide_a_bonus_does_not_learn_and_none_is_not_optimistic():
    model = mdps.random_linear_mdp(8, 3, d=3, H=5, rng=0)
    wide, fair, none = (lsvi_ucb(model, 1000, radius=Scaled(c), rng=0) for c in (1.0, 0.05, 0.0))
    assert wide.regret[-1] == wide.regret[0]
    assert fair.regret[-100:].mean() < wide.regret[-100:].mean() / 5
    assert fair.optimistic.mean() > 0.95 > none.optimistic.mean()


def test_the_multiplier_of_theory_is_a_fixed_point():
    d, H, K, delta = 2, 3, 500, 0.1
    beta, eps = lsvi_ucb_beta(d, H, K, delta), d * H / K
    covering = lsvi_ucb_covering(d, eps, largest_weights=2 * H * math.sqrt(d * K), largest_beta=beta, ridge=1.0)
    inner = H**2 * (d / 2 * math.log(1 + K / d) + covering + math.log(H / delta)) + 8 * (d * H) ** 2
    assert beta == pytest.approx((H + 1) * math.sqrt(d) + math.sqrt(inner), rel=1e-9)


def test_ragged_states_have_their_own_actions():
    model = LinearMDP(
        np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),
        np.array([[0.9, 0.1], [0.2, 0.8]]),
        np.array([0.2, 1.0]),
        H=3,
        pair_start=np.array([0, 1, 3]),
    )
    run = lsvi_ucb(model, 300, rng=0)
    assert run.covered.all()
    assert run.policy[:, 0].max() == 0
    assert run.regret[-1] == pytest.approx(0.0, abs=1e-12)


def rescaled(c):
    return MODEL.replace(phi=MODEL.phi * c, factors=MODEL.factors / c, theta=MODEL.theta / c, simplex=False)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MODEL.replace(theta=MODEL.theta * 3), r"rewards are between .* and .*; LSVI-UCB needs them in \[0, 1\]"),
        (rescaled(2.0), "the features of state 0, action 0 have norm 2"),
        (rescaled(0.5), "of step 0 have norm .*; LSVI-UCB needs at most 1.73"),
        (MODEL.replace(H=0, factors=MODEL.factors[0], theta=MODEL.theta[0]), "H is 0"),
    ],
    ids=["reward", "features", "factors", "horizon"],
)
def test_a_model_outside_of_the_conditions_is_refused(model, message):
    with pytest.raises(ModelError, match=message):
        lsvi_ucb(model, 10, rng=0)


@pytest.mark.parametrize(("name", "value"), [("delta", 0.0), ("ridge", -1.0)])
def test_what_cannot_be_is_named(name, value):
    with pytest.raises(ModelError, match=f"{name} is {value}"):
        lsvi_ucb(MODEL, 10, rng=0, **{name: value})

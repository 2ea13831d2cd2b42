"""What an answer says of itself, checked against a dynamic programme of the test's own."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory.offline import bounds, drpvi, lsvi, pevi, r2pvi
from rltheory.robust import KL, TV, ChiSquare, worst_case_values

NATURES = [TV(lam=0.5), KL(lam=1.0), ChiSquare(lam=0.5), TV(rho=0.2), KL(rho=0.01), None]


def learn(data, model, divergence, **options):
    if divergence is None:
        return pevi(data, model, **options)
    return (r2pvi if divergence.is_penalty else drpvi)(data, model, divergence=divergence, **options)


def worst(model, divergence, t, v):
    factors = model.step_factors(t)
    return factors @ v if divergence is None else worst_case_values(divergence, factors, v)


def robust_values(model, divergence, policy=None):
    """Return exact values, (H + 1, S), of the best policy or of a given one, for equally many actions everywhere."""
    value = np.zeros((model.H + 1, model.n_states))
    for t in reversed(range(model.H)):
        q = (model.rewards(t) + model.phi @ worst(model, divergence, t, value[t + 1])).reshape(model.n_states, -1)
        value[t] = q.max(axis=1) if policy is None else q[np.arange(model.n_states), policy[t]]
    return value


@pytest.mark.parametrize("divergence", NATURES, ids=repr)
def test_errors_are_what_the_estimates_miss_of_the_worst_case_of_their_own_values(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    solution = learn(rl.collect(model, None, 50, rng=0), model, divergence, beta=0.3)
    for optimistic in (False, True):
        value, weights = (solution.upper, solution.upper_weights) if optimistic else (solution.value, solution.weights)
        errors = solution.errors(model, optimistic=optimistic)
        for t in range(3):
            truth = worst(model, divergence, t, value[t + 1]) + (model.theta[t] if divergence is None else 0)
            np.testing.assert_allclose(errors[t], np.abs(model.phi @ (truth - weights[t])), atol=1e-12)


def test_a_model_of_other_sizes_is_refused():
    model, other = (mdps.random_linear_mdp(4, 2, d=3, H=H, rng=0) for H in (3, 2))
    solution = pevi(rl.collect(model, None, 50, rng=0), model, beta=0.3)
    with pytest.raises(
        rl.ModelError, match="the model has 2 steps, 3 features and 8 pairs; the policy was learned for 3"
    ):
        solution.covers(other)


@pytest.mark.parametrize("divergence", NATURES, ids=repr)
def test_whenever_penalties_cover_the_errors_values_enclose_the_policy_and_the_best_one(divergence):
    below = above = both = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, zeros=seed % 2 == 0, rng=rng)
        data = rl.collect(model, None, [30, 300][seed % 2], rng=rng)
        solution = learn(data, model, divergence, beta=[0.3, 1.0, 5.0][seed % 3])
        best, achieved = robust_values(model, divergence), robust_values(model, divergence, solution.policy)
        covered, optimistic = solution.covers(model), solution.covers(model, optimistic=True)
        if covered:
            assert (solution.value <= achieved + 1e-9).all()
            assert (achieved <= best + 1e-9).all()
        if optimistic:
            assert (best <= solution.upper + 1e-9).all()
        if covered and optimistic:
            assert (solution.suboptimality(model) <= solution.certificate + 1e-9).all()
        below, above, both = below + covered, above + optimistic, both + (covered and optimistic)
    assert min(below, above, both) >= 8


@pytest.mark.parametrize("folds", [False, True], ids=["shared", "folds"])
@pytest.mark.parametrize("divergence", NATURES, ids=repr)
def test_the_claim_holds_as_often_as_it_says(divergence, folds):
    held = 0
    for seed in range(60):
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
        data = rl.collect(model, None, 300, rng=seed + 1000)
        solution = learn(data.folds() if folds else data, model, divergence, beta="derived", delta=0.05)
        assert solution.confidence == 0.95
        covered = solution.covers(model) and solution.covers(model, optimistic=True)
        if covered:
            assert (robust_values(model, divergence) <= solution.upper + 1e-9).all()
            assert (solution.suboptimality(model) <= solution.certificate + 1e-9).all()
        held += covered
    assert held >= 0.95 * 60


@pytest.mark.parametrize("divergence", NATURES, ids=repr)
def test_nothing_is_claimed_where_nothing_is_proven(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 50, rng=0)
    assert learn(data, model, divergence, beta=1.0).confidence is None
    assert learn(data, model, divergence, clip_low=False).confidence is None
    if divergence is not None:
        assert learn(data, model, divergence, bonus="l2").confidence is None
        assert learn(data, model, divergence, least="sampled").confidence is None
    if repr(divergence) != "KL(rho=0.01)":  # which has no published multiplier
        assert learn(data, model, divergence, beta="paper").confidence is None


def test_an_answer_says_what_it_claims_and_how_surely():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 2000, rng=0)
    proven = r2pvi(data, model, divergence=TV(lam=0.5), delta=0.1)
    assert "with probability 0.9 the policy is worth that at least" in repr(proven)
    assert f"within {proven.certificate.max():.6g} of the best" in proven._repr_html_()
    assert "an estimate, without a proof" in repr(lsvi(data, model))


@pytest.mark.parametrize("divergence", NATURES, ids=repr)
def test_without_a_penalty_both_values_are_the_same(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    solution = learn(rl.collect(model, None, 50, rng=0), model, divergence, beta=0.0)
    np.testing.assert_array_equal(solution.value, solution.upper)
    assert not solution.certificate.any()


def test_the_loss_is_below_both_bounds_the_one_that_needs_the_truth_and_the_one_that_does_not():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    solution = pevi(rl.collect(model, None, 3000, rng=0), model, beta=1.0)
    assert solution.covers(model)
    assert solution.covers(model, optimistic=True)
    gap = solution.suboptimality(model)
    assert (gap <= bounds.suboptimality(solution.uncertainty(model))).all()
    assert (gap <= solution.certificate).all()

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory import ModelError
from rltheory.offline import (
    LinearKnowledge,
    Tally,
    conditional_variances,
    drpvi,
    exact_values,
    regress,
    va_drpvi,
)
from rltheory.robust import KL, TV


def episodes_of(data, numbers):
    """Return some episodes of a dataset, all of which last H steps."""
    columns = {name: data.table(name)[numbers] for name in ("state", "action", "reward", "next_state")}
    rows = [list(zip(*(columns[name][k] for name in columns), strict=True)) for k in range(len(numbers))]
    return rl.Dataset.from_episodes(rows, data.n_states, data.n_actions, data.H)


def test_dividing_counts_by_variances_is_least_squares_with_scaled_rows():
    model = mdps.random_linear_mdp(5, 3, d=4, H=1, rng=0)
    data = rl.collect(model, None, 40, rng=0)
    pair, g = 3 * data.state + data.action, np.arange(5.0) ** 2
    variance = np.random.default_rng(0).uniform(1, 9, (1, model.n_pairs))
    scale = 1 / np.sqrt(variance[0, pair])
    rows = np.vstack([scale[:, None] * model.phi[pair], np.sqrt(0.3) * np.eye(4)])
    targets = np.concatenate([scale * g[data.next_state], np.zeros(4)])
    tally = Tally.of(data, LinearKnowledge.of(model)).weighted(1 / variance)
    regression = regress(model.phi, tally.counts[0], 0.3)
    np.testing.assert_allclose(regression.factors @ g, np.linalg.lstsq(rows, targets, rcond=None)[0], atol=1e-12)
    np.testing.assert_allclose(regression.inverse_diagonal(), np.diag(np.linalg.inv(rows.T @ rows)), rtol=1e-10)
    weights = np.bincount(pair, data.reward / variance[0, pair], minlength=model.n_pairs)
    np.testing.assert_allclose(tally.rewards[0], weights, atol=1e-12)


def test_without_sampling_errors_the_variances_are_exact_or_one():
    model = mdps.random_linear_mdp(5, 3, d=4, H=6, rng=0)
    value = np.random.default_rng(0).uniform(0, 6, (7, 5))
    estimate = conditional_variances(Tally.expected(model, 1e6), model, value, ridge=1e-9)
    for t in range(6):
        P, v = model.kernel(t), value[t + 1]
        np.testing.assert_allclose(estimate[t], np.maximum(1, P @ v**2 - (P @ v) ** 2), atol=1e-8)
    assert (estimate > 1).any()
    less = conditional_variances(Tally.expected(model, 1e6), model, value, ridge=1e-9, correction=0.5)
    np.testing.assert_allclose(less, np.maximum(1, estimate - 0.5), atol=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.2, 1.0])
def test_without_sampling_errors_ridge_and_penalty_the_values_are_exact(rho):
    model = mdps.random_linear_mdp(5, 3, d=4, H=8, rng=1)
    data = Tally.expected(model, 1e6)
    solution = va_drpvi(data, model, divergence=TV(rho=rho), variance_data=data, beta=0.0, ridge=1e-9)
    np.testing.assert_allclose(solution.value, exact_values(model, TV(rho=rho))[0], atol=1e-8)


def test_where_no_variance_exceeds_one_it_is_drpvi_on_every_other_episode():
    model = mdps.random_linear_mdp(4, 2, d=3, H=2, rng=0)  # values of the next step are in [0, 1]
    data = rl.collect(model, None, 200, rng=0)
    solution = va_drpvi(data, model, divergence=TV(rho=0.2), beta=0.3, ridge=1.0)
    half = drpvi(episodes_of(data, np.arange(0, 200, 2)), model, divergence=TV(rho=0.2), beta=0.3)
    np.testing.assert_allclose(solution.value, half.value, atol=1e-12)
    np.testing.assert_allclose(solution.penalty, half.penalty, atol=1e-12)


def test_folds_are_halved_step_by_step():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    folds = rl.collect(model, None, 600, rng=0).folds()
    solution = va_drpvi(folds, model, divergence=TV(rho=0.2))
    assert solution.confidence == 0.95
    assert (
        solution.penalty.max()
        < va_drpvi(rl.collect(model, None, 200, rng=0), model, divergence=TV(rho=0.2)).penalty.max()
    )


def test_derived_penalties_cover_weighted_errors_with_the_stated_probability():
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=rng)
        tally = Tally.of(rl.collect(model, None, 200, rng=rng), LinearKnowledge.of(model))
        weighted = tally.weighted(rng.uniform(0.1, 1, (3, model.n_pairs)))
        solution = drpvi(weighted, model, divergence=TV(rho=0.2), ridge=1 / 9)
        held += solution.covers(model) and solution.covers(model, optimistic=True)
    assert held >= 0.95 * 60


def test_the_claim_holds_as_often_as_it_says():
    held = 0
    for seed in range(60):
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
        solution = va_drpvi(rl.collect(model, None, 400, rng=seed), model, divergence=TV(rho=0.2))
        assert solution.confidence == 0.95
        held += solution.covers(model) and solution.covers(model, optimistic=True)
    assert held >= 0.95 * 60


def test_nothing_is_claimed_if_the_same_data_are_used_twice():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 100, rng=0)
    assert va_drpvi(data, model, divergence=TV(rho=0.2), variance_data=data).confidence is None
    other = rl.collect(model, None, 100, rng=1)
    assert va_drpvi(data, model, divergence=TV(rho=0.2), variance_data=other).confidence == 0.95
    assert va_drpvi(data, model, divergence=TV(rho=0.2), beta="paper").confidence is None


def test_the_published_penalty_is_smaller_by_the_horizon():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data, other = (rl.collect(model, None, 100, rng=i) for i in (0, 1))
    options = {"divergence": TV(rho=0.2), "beta": "paper"}
    weighted = va_drpvi(data, model, variance_data=other, ridge=1.0, **options)  # all variances are 1 here
    np.testing.assert_allclose(4 * 3 * weighted.penalty, drpvi(data, model, **options).penalty, rtol=1e-12)


def test_bad_arguments_are_named():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 10, rng=0)
    with pytest.raises(ModelError, match=r"va_drpvi was given KL\(rho=0.1\); it is for TV with rho"):
        va_drpvi(data, model, divergence=KL(rho=0.1))
    with pytest.raises(ModelError, match="correction is -1"):
        va_drpvi(data, model, divergence=TV(rho=0.1), correction=-1.0)
    with pytest.raises(ModelError, match="counts have no episodes to set aside; give variance_data"):
        va_drpvi(Tally.expected(model, 10), model, divergence=TV(rho=0.1))
    with pytest.raises(ModelError, match="step 0 has no transition"):
        va_drpvi(rl.collect(model, None, 1, rng=0), model, divergence=TV(rho=0.1))

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory.offline import Tally, bounds, coverage, drpvi, exact_values, pevi, r2pvi
from rltheory.robust import KL, TV, ChiSquare

DIVERGENCES = [TV(lam=0.7), KL(lam=0.7), ChiSquare(lam=0.7), TV(rho=0.2)]


def learn(data, model, divergence, **options):
    return (r2pvi if divergence.is_penalty else drpvi)(data, model, divergence=divergence, **options)


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)
@pytest.mark.parametrize("seed", range(4))
def test_coverage_bounds_the_admissible_uncertainty_and_with_it_the_loss(divergence, seed):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
    data = rl.collect(model, None, 300, rng=seed)
    bound = bounds.coverage_uncertainty(model.d, model.H, coverage(data, model, divergence), 300)
    unit = learn(data, model, divergence, beta=1.0)
    assert unit.uncertainty(model, admissible=True).max() <= bound
    derived = learn(data, model, divergence, beta="derived", delta=0.05)
    beta = bounds.tv_beta(3, 4, 3, 0.05, largest=2.0, ridge=1.0)
    if isinstance(divergence, TV):
        assert derived.suboptimality(model).max() <= bounds.suboptimality(beta * bound)


def test_without_a_divergence_the_uncertainty_is_the_expected_sum_along_the_best_policy():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    solution = pevi(rl.collect(model, None, 50, rng=0), model, beta=1.0)
    _, best = exact_values(model)
    law, expected = np.eye(4), np.zeros(4)
    for t in range(3):
        rows = model.pair_start[:-1] + best[t]
        expected += law @ solution.penalty[t][rows]
        law = law @ model.kernel(t)[rows]
    np.testing.assert_allclose(solution.uncertainty(model), expected, atol=1e-12)
    np.testing.assert_allclose(solution.uncertainty(model, admissible=True), expected, atol=1e-12)


def test_a_factor_that_was_never_seen_is_not_covered():
    model = mdps.random_linear_mdp(4, 2, d=3, H=2, rng=0)
    only_first = np.eye(model.n_pairs)[0]
    assert coverage(Tally.expected(model, 100, only_first), model) == 0


def test_more_of_the_same_data_covers_as_well_as_less():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=1)
    few, many = (coverage(Tally.expected(model, K), model, TV(lam=0.5)) for K in (10, 1000))
    assert few == pytest.approx(many, rel=1e-9)


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)
def test_the_exact_policy_loses_nothing_and_another_one_something(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    solution = learn(Tally.expected(model, 1e6), model, divergence, beta=0.0, ridge=1e-9)
    np.testing.assert_allclose(solution.suboptimality(model), 0, atol=1e-8)
    single = rl.collect(model, None, 1, rng=0)
    assert (learn(single, model, divergence, beta=9.0).suboptimality(model) >= 0).all()

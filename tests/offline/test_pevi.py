import numpy as np
import pytest
from scipy.sparse import csr_array

import mdps
import rltheory as rl
from rltheory.offline import LinearKnowledge, Tally, bounds, pevi, regress


def fresh_samples(model, n, rng):
    """Return n transitions of every step, drawn on their own, from pairs with the same probability."""
    counts, rewards = [], []
    for t in range(model.H):
        visits = rng.multinomial(n, np.full(model.n_pairs, 1 / model.n_pairs))
        counts.append(csr_array(rng.multinomial(visits, model.kernel(t))))
        rewards.append(visits * model.rewards(t))
    return Tally(tuple(counts), np.array(rewards), independent=True)


def test_with_fresh_data_for_each_step_the_certificate_says_something():
    certificates, gaps, covered = [], [], 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        model = mdps.random_linear_mdp(8, 3, d=3, H=5, rng=rng)
        solution = pevi(fresh_samples(model, 4000, rng), model, ridge=0.05, delta=0.1)
        certificates.append(bounds.suboptimality(solution.uncertainty(model)))
        gaps.append(solution.suboptimality(model))
        covered += solution.covers(model)
    certificates, gaps = np.array(certificates), np.array(gaps)
    assert covered >= 0.9 * 100
    assert certificates.mean() == pytest.approx(2.0, abs=0.5)
    assert certificates.max() < 5  # the horizon, which needs no proof
    assert (gaps <= certificates).all()


def test_the_determinant_of_the_data_makes_a_smaller_multiplier_than_the_most_it_can_be():
    model = mdps.random_linear_mdp(8, 3, d=3, H=5, rng=0)
    data = rl.collect(model, None, 2000, rng=0)
    tally = Tally.of(data, LinearKnowledge.of(model))
    sizes = (3, 8, 5, 0.1)
    for t, counts in enumerate(tally.counts):
        regression = regress(model.phi, counts, 0.05)
        gram = np.linalg.inv(regression.cholesky @ regression.cholesky.T)
        assert regression.log_determinant() == pytest.approx(-np.linalg.slogdet(0.05 * gram)[1])
        given = bounds.pevi_beta(*sizes, largest=4.0 - t, ridge=0.05, log_determinant=regression.log_determinant())
        assert given <= bounds.pevi_beta(*sizes, largest=4.0 - t, ridge=0.05, K=2000)


def test_the_penalty_is_the_multiplier_of_the_self_normalised_inequality():
    model = mdps.random_linear_mdp(4, 2, d=3, H=2, rng=0)
    data = rl.collect(model, None, 100, rng=0).folds()
    solution = pevi(data, model, ridge=0.5, delta=0.1, learn_rewards=False)
    rows = model.phi[2 * data[0].state + data[0].action]
    gram = rows.T @ rows + 0.5 * np.eye(3)
    beta = 0.5 * np.sqrt(2 * np.log(2 * 2 / 0.1) + np.linalg.slogdet(gram / 0.5)[1]) + np.sqrt(0.5 * 3)
    norms = np.sqrt(np.einsum("pi,ij,pj->p", model.phi, np.linalg.inv(gram), model.phi))
    np.testing.assert_allclose(solution.penalty[0], beta * norms, rtol=1e-12)
    assert not solution.penalty[1].any()


def test_a_multiplier_without_a_size_of_the_data_is_refused():
    with pytest.raises(rl.ModelError, match="needs K"):
        bounds.pevi_beta(3, 4, 3, 0.05, largest=2.0, ridge=1.0)

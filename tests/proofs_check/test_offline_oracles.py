"""The offline learners of the oracles and those of the library are two programs that must agree."""

import numpy as np
import pytest
from scipy.sparse import csr_array

import mdps
from proofs_check.offline import oracles
from proofs_check.offline.instances import simulate, simulate_folds
from proofs_check.robust import oracles as programs
from rltheory.offline import Tally, bounds, drpvi, exact_values, pevi, r2pvi
from rltheory.robust import KL, TV, ChiSquare, worst_case_kernels, worst_case_values

PENALTIES = [TV(lam=0.3), KL(lam=0.5), ChiSquare(lam=0.3), ChiSquare(lam=4.0)]
NATURES = [*PENALTIES, TV(rho=0.2)]
RIDGE = 0.5


@pytest.fixture(params=range(3))
def problem(request):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=request.param)
    return model, simulate(model, 40, np.random.default_rng(request.param))


def tally(model, counts):
    earned = np.array([counts[t].sum(axis=1) * model.rewards(t) for t in range(model.H)])
    return Tally(tuple(map(csr_array, counts)), earned)


def multiplied(model, beta):
    return lambda t, off, inverse: model.phi @ (beta * np.sqrt(np.diag(inverse)))


@pytest.mark.parametrize("nature", NATURES, ids=repr)
@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_robust_learners_agree(problem, nature, beta):
    model, counts = problem
    own = oracles.learn(model, counts, nature, ridge=RIDGE, penalise=multiplied(model, beta))
    learner = r2pvi if nature.is_penalty else drpvi
    solution = learner(tally(model, counts), model, divergence=nature, beta=beta, ridge=RIDGE)
    np.testing.assert_allclose(own.value, solution.value, atol=1e-9)
    np.testing.assert_allclose(own.penalty, solution.penalty, atol=1e-12)


@pytest.mark.parametrize("learn_rewards", [True, False])
def test_nominal_learners_agree(problem, learn_rewards):
    model, counts = problem

    def penalise(t, off, inverse):
        return 0.3 * oracles.elliptical_norms(model.phi, inverse)

    own = oracles.learn(model, counts, None, ridge=RIDGE, penalise=penalise, learn_rewards=learn_rewards)
    solution = pevi(tally(model, counts), model, beta=0.3, ridge=RIDGE, learn_rewards=learn_rewards)
    np.testing.assert_allclose(own.value, solution.value, atol=1e-9)


@pytest.mark.parametrize("nature", NATURES, ids=repr)
def test_multipliers_just_enough_make_the_library_keep_the_lemma(problem, nature):
    model, counts = problem
    own = oracles.learn(model, counts, nature, ridge=RIDGE, penalise=oracles.just_enough(model))
    offs = [np.linalg.lstsq(model.phi, error, rcond=None)[0] for error in own.error]
    beta = [np.abs(off) / np.sqrt(np.diag(inverse)) for off, inverse in zip(offs, own.inverse, strict=True)]
    learner = r2pvi if nature.is_penalty else drpvi
    solution = learner(tally(model, counts), model, divergence=nature, beta=beta, ridge=RIDGE)
    np.testing.assert_allclose(own.value, solution.value, atol=1e-8)
    allowed = bounds.suboptimality(solution.uncertainty(model))
    assert (solution.suboptimality(model) <= allowed + 1e-9).all()


@pytest.mark.parametrize("nature", NATURES, ids=repr)
def test_expected_sums_of_penalties_agree(problem, nature):
    model, counts = problem
    learner = r2pvi if nature.is_penalty else drpvi
    solution = learner(tally(model, counts), model, divergence=nature, beta=0.3, ridge=RIDGE)
    best, policy = oracles.values(model, oracles.against(nature))
    np.testing.assert_allclose(best, exact_values(model, nature)[0], atol=1e-9)
    against_estimates = oracles.worst_against(nature, solution.value)
    np.testing.assert_allclose(
        oracles.expected_sum(model, policy, solution.penalty, against_estimates),
        solution.uncertainty(model),
        atol=1e-8,
    )
    np.testing.assert_allclose(
        oracles.expected_sum(model, policy, solution.penalty, oracles.admissible(nature, best)),
        solution.uncertainty(model, admissible=True),
        atol=1e-6,
    )


@pytest.mark.parametrize("nature", NATURES, ids=repr)
@pytest.mark.parametrize("seed", range(5))
def test_worst_cases_and_their_rows_agree(nature, seed):
    rng = np.random.default_rng(seed)
    p, v = rng.dirichlet(np.full(5, 0.7)), np.round(rng.random(5) * 3, 1)
    p[seed] = 0
    p /= p.sum()
    value = oracles.worst_case(nature, p, v)
    assert value == pytest.approx(worst_case_values(nature, p[None], v)[0], abs=1e-9)
    np.testing.assert_allclose(
        oracles.worst_row(nature, p, v), worst_case_kernels(nature, p[None], v).toarray()[0], atol=1e-7
    )


@pytest.mark.parametrize("radius", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("kind", [TV, KL, ChiSquare])
def test_largest_means_over_balls_agree_with_programs(kind, radius):
    p, f = np.array([0.5, 0.3, 0.2]), np.array([0.0, 2.0, 1.0])
    nature = kind(lam=1.0)
    expected = {
        TV: lambda: programs.total_variation(p, -f, rho=min(radius, 1.0)),
        KL: lambda: programs.constrained(1, p, -f, radius),
        ChiSquare: lambda: programs.chi_square_ball(p, -f, radius),
    }[kind]
    assert oracles.largest_mean(nature, radius, p, f) == pytest.approx(-expected(), abs=1e-6)


def test_trajectories_are_counted_without_being_lost():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    counts = simulate(model, 1000, np.random.default_rng(0))
    assert (counts.sum(axis=(1, 2)) == 1000).all()
    arrived = counts[0].sum(axis=0)
    left = np.add.reduceat(counts[1].sum(axis=1), model.pair_start[:-1])
    np.testing.assert_array_equal(arrived, left)


def test_counts_are_near_what_the_model_says_and_folds_share_nothing():
    model, rng = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0), np.random.default_rng(0)
    law = np.full(4, 0.25)
    for t, counts in enumerate(simulate_folds(model, 10**6, rng)):
        expected = np.repeat(law / 2, 2)[:, None] * model.kernel(t)
        np.testing.assert_allclose(counts / 10**6, expected, atol=3e-3)
        law = expected.sum(axis=0)

"""Maximising to explore in a list of models, against lines of NumPy and against every step of its proof."""

import itertools

import numpy as np
import pytest

from mdps.mixtures import random_mixture
from rltheory import FiniteHorizonMDP, ModelError
from rltheory.exploration.bounds.mex import empirical_gec, likelihood_slack, mex_eta, mex_regret
from rltheory.exploration.mex.discrepancy import hellinger_discrepancies, squared_hellinger
from rltheory.exploration.mex.finite import mex
from rltheory.planning import backward_induction, evaluate_policy

SIZE = 8


def problem(seed, *, per_step=False):
    """Return a mixture of three kernels and all mixtures of a grid, the truth put on it."""
    model = random_mixture(4, 2, d=3, H=4, concentration=0.3, total_reward=4.0, per_step=False, rng=seed)
    grid = [np.array(w) / SIZE for w in itertools.product(range(SIZE + 1), repeat=3) if sum(w) == SIZE]
    kernels = np.moveaxis(model.phi, -1, 0) * np.sqrt(3)
    hypotheses = np.stack([np.tensordot(w, kernels, axes=1) for w in grid])
    place = int(np.random.default_rng(seed).integers(len(grid)))
    truth = FiniteHorizonMDP(hypotheses[place], model.r, 4, 1.0, model.mu)
    return truth, hypotheses


def test_values_and_policies_are_those_of_backward_induction():
    truth, hypotheses = problem(0)
    run = mex(truth, hypotheses, 5, eta=0.1, rng=0)
    for i in range(0, len(hypotheses), 7):
        solved = backward_induction(truth.replace(P=hypotheses[i]))
        assert run.values[i] == pytest.approx(truth.mu @ solved.value[0])
        played = evaluate_policy(truth.replace(P=hypotheses[i]), run.policies[i]).value[0]
        assert truth.mu @ played == pytest.approx(run.values[i])


def test_each_episode_plays_the_maximiser_of_value_and_fit():
    truth, hypotheses = problem(1)
    eta, K, H = 0.05, 40, 4
    run = mex(truth, hypotheses, K, eta=eta, rng=3)
    uniforms, fit = np.random.default_rng(3).random((K, H + 1)), np.zeros(len(hypotheses))
    P, true_fit = np.asarray(truth.P).reshape(4, 2, 4), 0.0
    for k in range(K):
        assert run.chosen[k] == np.argmax(run.values + eta * fit)
        assert run.fit[k] == pytest.approx(fit[run.chosen[k]] - true_fit)
        policy = run.policies[run.chosen[k]]
        s = int(np.searchsorted(np.cumsum(truth.mu), uniforms[k, H], side="right"))
        for t in range(H):
            after = int(np.searchsorted(np.cumsum(P[s, policy[t, s]]), uniforms[k, t], side="right"))
            fit += np.log(hypotheses[:, s, policy[t, s], after])
            true_fit += np.log(P[s, policy[t, s], after])
            s = after
        true = evaluate_policy(truth, policy).value[0]
        assert run.learning.regret[k] == pytest.approx(run.learning.optimum - truth.mu @ true)


@pytest.mark.parametrize("seed", range(3))
def test_no_episode_promises_less_than_the_optimum_once_fit_is_counted(seed):
    truth, hypotheses = problem(seed)
    run = mex(truth, hypotheses, 400, eta=0.02, rng=seed)
    assert (run.values[run.chosen] + 0.02 * run.fit >= run.learning.optimum - 1e-9).all()


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_regret_is_within_the_bound_of_the_coefficient_that_the_run_shows(scale):
    truth, hypotheses = problem(2)
    K, H, n, delta = 400, 4, len(hypotheses), 0.05
    eta = scale * mex_eta(12.0, n, H, K, delta)
    run = mex(truth, hypotheses, K, eta=eta, rng=0)
    apart = hellinger_discrepancies(np.asarray(truth.P)[None], hypotheses[:, None], truth.mu, run.policies).sum(axis=2)
    chosen = run.chosen
    discrepancy = sum(apart[chosen[k], chosen[:k]].sum() for k in range(K))
    excess = (run.values[chosen] - run.learning.optimum + run.learning.regret).sum()
    gec = empirical_gec(excess, discrepancy, H, K)
    assert run.learning.regret.sum() <= mex_regret(gec, n, H, K, delta, eta=eta)
    # The two halves of the proof, which meet in the discrepancy:
    drift = 2 * eta * (K * H * likelihood_slack(n, H, delta) - discrepancy)
    assert (run.learning.optimum - run.values[chosen]).sum() <= drift + 1e-9
    assert excess <= 2 * eta * discrepancy + gec / (8 * eta) + np.sqrt(gec * H * K) + 1e-9


def test_optimism_alone_never_learns_and_a_little_weight_of_the_data_does():
    alone, weighed = (
        np.mean([mex(*problem(seed), 400, eta=eta, rng=0).learning.regret for seed in range(8)], axis=0)
        for eta in (0.0, 0.05)
    )
    assert alone[-1] == alone[0] > 0
    assert weighed[200:].sum() < 0.05 * alone[200:].sum()


def test_a_hypothesis_that_excludes_what_happens_is_never_played_again():
    P = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    sure = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    truth = FiniteHorizonMDP(P, np.array([[1.0], [0.0]]), 3, 1.0, np.array([1.0, 0.0]))
    run = mex(truth, [sure, P], 50, eta=0.01, rng=0)
    switched = int(np.argmax(run.chosen == 1))
    assert run.chosen[0] == 0
    assert (run.chosen[switched:] == 1).all()


def test_the_hellinger_distance_of_coins_is_that_of_the_formula():
    p, q = 0.2, 0.7
    expected = 1 - np.sqrt(p * q) - np.sqrt((1 - p) * (1 - q))
    assert squared_hellinger(np.array([p, 1 - p]), np.array([q, 1 - q])) == pytest.approx(expected)


TRUTH, LIST = problem(0)


@pytest.mark.parametrize(
    ("hypotheses", "options", "message"),
    [
        (LIST, {"eta": -1.0}, "eta is -1.0"),
        (LIST, {"episodes": -2}, "episodes is -2"),
        (LIST[:, :3], {}, r"it must be \(N, 4, 2, 4\)"),
        (np.concatenate([LIST[:2], LIST[:1] * 0.9]), {}, "hypothesis 2 is no distribution at step 0, state 0"),
        (np.eye(4)[None, :, None].repeat(2, axis=2), {}, "every hypothesis excludes a transition"),
    ],
    ids=["eta", "episodes", "shape", "row", "support"],
)
def test_what_cannot_be_is_named(hypotheses, options, message):
    with pytest.raises(ModelError, match=message):
        mex(TRUTH, hypotheses, options.pop("episodes", 5), **{"eta": 0.1, **options})


def test_the_best_weight_of_the_data_makes_the_bound_least():
    at = [mex_regret(7.0, 50, 5, 300, 0.1, eta=x * mex_eta(7.0, 50, 5, 300, 0.1)) for x in (0.9, 1.0, 1.1)]
    assert at[1] < min(at[0], at[2])
    assert at[1] == pytest.approx(np.sqrt(7 * 5 * 300) * (np.sqrt(likelihood_slack(50, 5, 0.1)) + 1))

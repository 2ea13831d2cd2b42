"""Facts about all pessimistic learners, whatever the data; a dynamic programme of the test's own is the truth."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory import ModelError
from rltheory.offline import LinearKnowledge, Tally, bounds, drpvi, exact_values, lsvi, pevi, r2pvi, va_drpvi
from rltheory.robust import KL, TV, ChiSquare, CressieRead, worst_case_values

PENALTIES = [TV(lam=0.7), KL(lam=0.7), ChiSquare(lam=0.7), TV(lam=0.1), KL(lam=0.15), ChiSquare(lam=0.1)]
BALLS = [TV(rho=0.0), TV(rho=0.2), TV(rho=1.0), KL(rho=0.2)]


def learn(data, model, divergence, **options):
    """Return what the learner for a divergence finds."""
    if divergence is None:
        return pevi(data, model, **options)
    return (r2pvi if divergence.is_penalty else drpvi)(data, model, divergence=divergence, **options)


def robust_values(model, divergence, policy=None):
    """Return exact values, (H + 1, S), of the best policy or of a given one, for equally many actions everywhere."""
    value = np.zeros((model.H + 1, model.n_states))
    for t in reversed(range(model.H)):
        factors = model.step_factors(t)
        worst = factors @ value[t + 1] if divergence is None else worst_case_values(divergence, factors, value[t + 1])
        q = (model.rewards(t) + model.phi @ worst).reshape(model.n_states, -1)
        value[t] = q.max(axis=1) if policy is None else q[np.arange(model.n_states), policy[t]]
    return value


def estimation_error(solution, model, divergence):
    """Return how far the estimates of every step and pair are from the exact worst cases of the estimated values."""
    errors = []
    for t in range(model.H):
        v = solution.value[t + 1]
        factors = model.step_factors(t)
        worst = factors @ v if divergence is None else worst_case_values(divergence, factors, v)
        weights = solution.weights[t] - (model.step_theta(t) if divergence is None else 0)
        errors.append(np.abs(model.phi @ (worst - weights)))
    return np.array(errors)


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("divergence", PENALTIES + BALLS, ids=repr)
def test_without_sampling_errors_ridge_and_penalty_the_values_are_exact(divergence, centred):
    for seed in range(3):
        model = mdps.random_linear_mdp(5, 3, d=4, H=4, zeros=seed == 2, rng=seed)
        data = Tally.expected(model, 1e6)
        solution = learn(data, model, divergence, beta=0.0, ridge=1e-9, centred=centred)
        np.testing.assert_allclose(solution.value, robust_values(model, divergence), atol=1e-8)


def test_without_sampling_errors_ridge_and_penalty_lsvi_is_exact():
    model = mdps.random_linear_mdp(5, 3, d=4, H=4, rng=0)
    solution = lsvi(Tally.expected(model, 1e6), model, ridge=1e-9)
    np.testing.assert_allclose(solution.value, robust_values(model, None), atol=1e-8)
    assert not solution.penalty.any()


@pytest.mark.parametrize("divergence", [*PENALTIES[:3], *BALLS[1:]], ids=repr)
def test_exact_values_are_those_of_a_few_lines_of_dynamic_programming(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=5)
    value, policy = exact_values(model, divergence)
    np.testing.assert_allclose(value, robust_values(model, divergence), atol=1e-12)
    np.testing.assert_allclose(exact_values(model, divergence, policy)[0], value, atol=1e-12)


@pytest.mark.parametrize("divergence", [*PENALTIES, TV(rho=0.2), KL(rho=0.2), None], ids=repr)
def test_whenever_penalties_cover_the_errors_the_loss_is_at_most_twice_their_expected_sum(divergence):
    covered = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, zeros=seed % 2 == 0, rng=rng)
        data = rl.collect(model, None, [30, 300][seed % 2], rng=rng)
        solution = learn(data, model, divergence, beta=[0.3, 1.0, 5.0][seed % 3])
        if (estimation_error(solution, model, divergence) > solution.penalty).any():
            continue  # the lemma assumes otherwise
        covered += 1
        best = robust_values(model, divergence)
        achieved = robust_values(model, divergence, solution.policy)
        estimated = solution.uncertainty(model)
        admissible = solution.uncertainty(model, admissible=True)
        assert (solution.value <= achieved + 1e-9).all()
        assert (achieved <= best + 1e-9).all()
        assert (best[0] - solution.value[0] <= bounds.suboptimality(estimated) + 1e-9).all()
        assert (estimated <= admissible + 1e-9).all()
    assert covered >= 8


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(
    "divergence", [TV(lam=0.5), KL(lam=1.0), ChiSquare(lam=0.5), TV(rho=0.2), KL(rho=0.01)], ids=repr
)
def test_derived_penalties_cover_the_errors_with_the_stated_probability(divergence, centred):
    held = 0
    for seed in range(60):
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
        data = rl.collect(model, None, 200, rng=seed + 1000)
        solution = learn(data, model, divergence, beta="derived", delta=0.05, centred=centred)
        held += (estimation_error(solution, model, divergence) <= solution.penalty).all()
    assert held >= 0.95 * 60


@pytest.mark.parametrize(
    "divergence", [TV(lam=0.5), KL(lam=1.0), ChiSquare(lam=0.5), TV(rho=0.2), KL(rho=0.01), None], ids=repr
)
def test_with_a_fold_of_the_data_for_each_step_smaller_penalties_cover_the_errors(divergence):
    held = 0
    for seed in range(60):
        model = mdps.random_linear_mdp(8, 2, d=3, H=3, rng=seed)
        data = rl.collect(model, None, 600, rng=seed + 1000)
        solution = learn(data.folds(), model, divergence, beta="derived", delta=0.05)
        held += (estimation_error(solution, model, divergence) <= solution.penalty).all()
    assert held >= 0.95 * 60
    folds = Tally.of(data.folds(), LinearKnowledge.of(model))
    dependent = Tally(folds.counts, folds.rewards)
    assert (learn(dependent, model, divergence, beta="derived").penalty[:-1] > solution.penalty[:-1]).all()


def test_derived_penalties_of_pevi_cover_the_errors_with_the_stated_probability():
    held = 0
    for seed in range(60):
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=seed)
        solution = pevi(rl.collect(model, None, 200, rng=seed), model, beta="derived", delta=0.05)
        held += (estimation_error(solution, model, None) <= solution.penalty).all()
    assert held >= 0.95 * 60


@pytest.mark.parametrize(
    "divergence", [TV(lam=0.5), KL(lam=0.5), ChiSquare(lam=0.5), TV(rho=0.2), KL(rho=0.1), None], ids=repr
)
def test_errors_fall_with_the_root_of_the_number_of_trajectories(divergence):
    def error(K):
        model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=3)
        solutions = [learn(rl.collect(model, None, K, rng=i), model, divergence, beta=0.0) for i in range(10)]
        return np.mean([np.abs(solution.value - robust_values(model, divergence)).max() for solution in solutions])

    slope = np.polyfit(np.log([100, 1000, 10_000]), np.log([error(100), error(1000), error(10_000)]), 1)[0]
    assert -0.75 < slope < -0.3


def test_the_three_penalties_are_ordered_as_cauchy_and_schwarz_say():
    model = mdps.random_linear_mdp(5, 3, d=4, H=3, rng=0)
    data = rl.collect(model, None, 50, rng=0)
    l1 = r2pvi(data, model, divergence=TV(lam=1.0), beta=1.0).penalty
    l2 = r2pvi(data, model, divergence=TV(lam=1.0), beta=1.0, bonus="l2").penalty
    elliptical = pevi(data, model, beta=1.0).penalty
    assert (elliptical <= l1 + 1e-12).all()
    assert (l2 <= l1 + 1e-12).all()
    assert (l1 <= np.sqrt(model.d) * l2 + 1e-12).all()


@pytest.mark.parametrize("divergence", [TV, KL, ChiSquare])
def test_an_infinite_weight_leaves_the_nominal_model(divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 100, rng=0)
    robust = r2pvi(data, model, divergence=divergence(lam=np.inf), beta=0.0)
    np.testing.assert_allclose(robust.value, lsvi(data, model, learn_rewards=False).value, atol=1e-12)


def test_a_radius_of_zero_allows_no_move_but_estimates_are_the_largest_of_their_capped_ones():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 100, rng=0)
    ball = drpvi(data, model, divergence=TV(rho=0.0), beta=0.0)
    assert (ball.value >= lsvi(data, model, learn_rewards=False).value - 1e-12).all()


def test_data_and_their_counts_give_the_same_answer_every_time():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 100, rng=0)
    first = r2pvi(data, model, divergence=KL(lam=0.5), beta=0.2)
    second = r2pvi(Tally.of(data, LinearKnowledge.of(model)), model, divergence=KL(lam=0.5), beta=0.2)
    np.testing.assert_array_equal(first.value, second.value)
    np.testing.assert_array_equal(first.policy, second.policy)


@pytest.mark.parametrize("divergence", [TV(lam=0.5), KL(lam=0.01), ChiSquare(lam=0.5)], ids=repr)
@pytest.mark.parametrize("beta", ["paper", "derived"])
def test_theoretical_multipliers_make_a_small_dataset_worth_nothing(beta, divergence):
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 30, rng=0)
    solution = r2pvi(data, model, divergence=divergence, beta=beta)
    assert np.isfinite(solution.value).all()
    assert (solution.value[0] < robust_values(model, divergence)[0]).all()


def test_weights_may_differ_from_factor_to_factor_and_step_to_step():
    model = mdps.robust_walk()
    lam = np.full((3, 4), np.inf)
    lam[0, 3] = 1.0  # nature may only turn the jump to the goal of the first step
    solution = r2pvi(Tally.expected(model, 1e6), model, divergence=TV(lam=lam), beta=0.0, ridge=1e-9)
    assert solution.value[0, 0] == pytest.approx(1.22365, abs=2e-5)


@pytest.mark.parametrize("beta", ["paper", "derived", 1.0])
def test_without_steps_there_is_nothing_to_learn(beta):
    known = LinearKnowledge([[1.0]], [0, 1], 0, reward=[0.5])
    data = rl.Dataset.from_episodes([], n_states=1, n_actions=1, H=0)
    assert r2pvi(data, known, divergence=KL(lam=0.5), beta=beta).value.tolist() == [[0.0]]
    assert drpvi(data, known, divergence=TV(rho=0.5), beta=beta).policy.shape == (0, 1)
    assert drpvi(data, known, divergence=KL(rho=0.5), beta="derived").value.tolist() == [[0.0]]
    assert va_drpvi(data, known, divergence=TV(rho=0.5), beta=beta).value.tolist() == [[0.0]]
    assert pevi(data, known, beta=beta).value.tolist() == [[0.0]]


def test_the_learner_names_what_it_cannot_use():
    model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    data = rl.collect(model, None, 10, rng=0)
    with pytest.raises(ModelError, match=r"r2pvi was given TV\(rho=0.1\)"):
        r2pvi(data, model, divergence=TV(rho=0.1))
    with pytest.raises(ModelError, match=r"r2pvi was given CressieRead"):
        r2pvi(data, model, divergence=CressieRead(2.0, lam=0.1))
    with pytest.raises(ModelError, match=r"drpvi was given TV\(lam=0.1\)"):
        drpvi(data, model, divergence=TV(lam=0.1))
    with pytest.raises(ModelError, match="beta is 'theory'; it must be a number, or one of 'derived', 'paper'"):
        r2pvi(data, model, divergence=TV(lam=0.1), beta="theory")
    with pytest.raises(ModelError, match="beta is -1"):
        pevi(data, model, beta=-1)
    with pytest.raises(ModelError, match=r"beta has shape \(7,\)"):
        pevi(data, model, beta=np.ones(7))
    with pytest.raises(ModelError, match="ridge is 0"):
        pevi(data, model, ridge=0)
    with pytest.raises(ModelError, match="delta is 1"):
        pevi(data, model, delta=1)
    with pytest.raises(ModelError, match="bonus is 'l3'"):
        r2pvi(data, model, divergence=TV(lam=0.1), bonus="l3")
    with pytest.raises(ModelError, match="least is 'best'"):
        r2pvi(data, model, divergence=TV(lam=0.1), least="best")
    with pytest.raises(ModelError, match=r"parameters of shape \(2,\)"):
        r2pvi(data, model, divergence=TV(lam=[0.1, 0.2]), beta=1.0)
    with pytest.raises(ModelError, match="the data have 4 states and 3 steps; the model has 5 and 3"):
        r2pvi(data, mdps.random_linear_mdp(5, 2, d=3, H=3, rng=0), divergence=TV(lam=0.1))
    with pytest.raises(ModelError, match="there are 2 datasets; with one for each step there must be 3"):
        pevi(data.folds()[:2], model)
    without = LinearKnowledge(model.phi, model.pair_start, 3)
    shorter = mdps.random_linear_mdp(4, 2, d=3, H=2, rng=0)
    with pytest.raises(ModelError, match="the data have 4 states and 3 steps; the model has 4 and 2"):
        pevi(data, shorter)
    with pytest.raises(ModelError, match="the rewards are unknown"):
        r2pvi(data, without, divergence=TV(lam=0.1))
    odd = rl.Dataset.from_episodes([[(0, 1, 0.0, 0)]], n_states=1, n_actions=2, H=1)
    with pytest.raises(ModelError, match="transition 0 takes action 1 in state 0, which has 1 actions"):
        pevi(odd, LinearKnowledge([[1.0]], [0, 1], 1))
    with pytest.raises(ModelError, match=r"the reward of state 0, action 0 .* at step 0 is 2"):
        LinearKnowledge([[1.0]], [0, 1], 1, reward=[2.0])

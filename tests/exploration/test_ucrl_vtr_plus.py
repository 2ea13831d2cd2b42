"""UCRL-VTR+ and HF-UCRL-VTR+ against a few lines of NumPy, against their events, and against the horizon."""

from types import SimpleNamespace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.mixture_hard import hard_mixture
from mdps.mixtures import lazy_chain, random_mixture
from rltheory import LinearMixtureMDP, ModelError
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.bounds.lower import hard_mixture_regret
from rltheory.exploration.bounds.vtr_plus import moment_levels, moment_radius, vtr_plus_radii
from rltheory.exploration.hf_ucrl_vtr_plus import hf_ucrl_vtr_plus
from rltheory.exploration.ucrl_vtr_plus import inverse_variance, ucrl_vtr_plus
from rltheory.planning import evaluate_policy

LEARNERS = pytest.mark.parametrize("learn", [ucrl_vtr_plus, hf_ucrl_vtr_plus], ids=["vtr+", "hf"])


def norm(gram, x):
    """Return the norm of x in the inverse of a matrix."""
    return np.sqrt(x @ np.linalg.solve(gram, x))


def play(model, episodes, ridge, levels, betas, weights, rng):
    """Return played and optimistic values of a learner that weights regressions of powers, in the words of the page.

    ``weights(x, theta, frozen, running, betas)`` returns the weight of each level for features x of shape (M, d).
    """
    H, S, d = model.H, model.n_states, model.d
    gram, moment = np.tile(ridge * np.eye(d), (levels, 1, 1)), np.zeros((levels, d))
    uniforms, played, optimistic = np.random.default_rng(rng).random((episodes, H + 1)), [], []
    true, kernel = model.to_finite_horizon(), model.kernel(0)
    for k in range(episodes):
        frozen, beta = gram.copy(), betas(k)
        theta = np.linalg.solve(frozen, moment[..., None])[..., 0]
        value, policy = np.zeros((H + 1, S)), np.zeros((H, S), dtype=int)
        for t in reversed(range(H)):
            x = model.value_features(value[t + 1])
            width = np.sqrt(np.einsum("sad,de,sae->sa", x, np.linalg.inv(frozen[0]), x))
            q = np.clip(model.rewards(t) + x @ theta[0] + beta[0] * width, 0, 1)
            value[t], policy[t] = q.max(axis=1), q.argmax(axis=1)
        played.append(model.mu @ evaluate_policy(true, policy).value[0])
        optimistic.append(model.mu @ value[0])
        s = int(np.searchsorted(np.cumsum(model.mu), uniforms[k, H], side="right"))
        for t in range(H):
            powers = np.array([value[t + 1] ** (2.0**m) for m in range(levels)])
            x = np.array([model.value_features(power)[s, policy[t, s]] for power in powers])
            s = int(np.searchsorted(np.cumsum(kernel[s, policy[t, s]]), uniforms[k, t], side="right"))
            w = weights(x, theta, frozen, gram, beta)
            gram = gram + w[:, None, None] * np.einsum("md,me->mde", x, x)
            moment = moment + (w * powers[:, s])[:, None] * x
    return np.array(played), np.array(optimistic)


def moment_weights(x, theta, frozen, running, betas, alpha, gamma):
    """Return one over the variance of each level, as the estimator of high-order moments has it."""
    M, beta = len(x), betas[0]
    variances = []
    for m in range(M):
        noise = 1.0
        if m < M - 1:
            noise = np.clip(x[m + 1] @ theta[m + 1], 0, 1) - np.clip(x[m] @ theta[m], 0, 1) ** 2
            noise += min(1, 2 * beta * norm(frozen[m], x[m])) + min(1, beta * norm(frozen[m + 1], x[m + 1]))
        variances.append(max(gamma**2 * norm(running[m], x[m]), noise, alpha**2))
    return 1 / np.array(variances)


def two_weights(x, theta, frozen, running, betas):
    """Return the weight of values and of squares."""
    variance = np.clip(x[1] @ theta[1], 0, 1) - np.clip(x[0] @ theta[0], 0, 1) ** 2
    variance += min(1, betas[2] * norm(frozen[1], x[1])) + min(1, 2 * betas[1] * norm(frozen[0], x[0]))
    return np.array([1 / max(1 / x.shape[1], variance), 1.0])


@given(st.integers(0, 10**6), st.integers(1, 4), st.floats(0, 2))
def test_no_weight_exceeds_d_nor_one_over_the_variance_where_the_truth_is_covered(seed, d, size):
    rng = np.random.default_rng(seed)
    model = random_mixture(3, 1, d=d, H=2, concentration=0.5, rng=rng)
    value, P = np.where(rng.random(3) < 0.5, rng.random(3), rng.integers(0, 2, 3)), model.kernel(0)[0, 0]
    seen, off = rng.normal(size=(2, 5, d)), size * rng.normal(size=(2, d))
    grams = 0.1 * np.eye(d) + np.swapaxes(seen, 1, 2) @ seen
    errors = np.sqrt(np.einsum("id,ide,ie->i", off, grams, off))
    x, squares = model.value_features(value)[0, 0], model.value_features(value**2)[0, 0]
    betas = np.array([np.nan, errors[0], errors[1]])  # the first is for planning alone
    weight = inverse_variance(x, squares, model.theta + off, np.linalg.inv(grams), betas)
    variance = P @ (value - P @ value) ** 2
    assert weight <= d * (1 + 1e-12)
    assert weight * variance <= 1 + 1e-9


@pytest.mark.parametrize("radius", [Scaled(0.3), Theory()], ids=["scaled", "theory"])
def test_vtr_plus_does_what_the_lines_of_its_docstring_say(radius):
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=3)
    B = float(np.linalg.norm(model.theta))

    def betas(k):
        radii = vtr_plus_radii(2, max(3 * k, 1), 0.1, ridge=B**-2, norm_bound=B)
        return (0.3 * 2**0.5,) * 3 if radius != Theory() else (radii.weighted, radii.coarse, radii.squares)

    run = ucrl_vtr_plus(model, 60, vmax=1.0, delta=0.1, radius=radius, rng=5)
    played, optimistic = play(model, 60, B**-2, 2, betas, two_weights, 5)
    np.testing.assert_allclose(run.optimistic_value, optimistic, atol=1e-9)
    np.testing.assert_allclose(run.optimum - run.regret, played, atol=1e-9)


def test_the_horizon_free_learner_does_what_the_lines_of_its_docstrings_say():
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=3)
    B = float(np.linalg.norm(model.theta))

    def weights(*learned):
        return moment_weights(*learned, alpha=3**-0.5, gamma=2**-0.25)

    run = hf_ucrl_vtr_plus(model, 60, vmax=1.0, radius=Scaled(0.3), levels=6, rng=5)
    played, optimistic = play(model, 60, 2 / B**2, 6, lambda k: (0.3 * 2**0.5,), weights, 5)
    np.testing.assert_allclose(run.optimistic_value, optimistic, atol=1e-9)
    np.testing.assert_allclose(run.optimum - run.regret, played, atol=1e-9)


@LEARNERS
def test_with_the_radius_of_theory_the_truth_is_covered_and_values_are_optimistic(learn):
    for seed in range(5):
        model = random_mixture(3, 2, d=2, H=4, concentration=0.2, rng=seed)
        run = learn(model, 500, vmax=1.0, delta=0.1, radius=Theory(), rng=seed)
        assert run.covered.all()
        assert run.optimistic.all()
        assert (np.diff(run.radius) >= 0).all()


@LEARNERS
def test_with_a_smaller_radius_an_easy_model_is_learned_to_the_end(learn):
    run = learn(lazy_chain(4, 16, rng=0), 2000, radius=Scaled(0.6), rng=0)
    assert run.regret[:50].sum() > 1
    assert run.regret[-50:].sum() < 0.1


@LEARNERS
def test_units_of_reward_do_not_matter(learn):
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=0)
    priced = model.replace(r=8 * model.r)
    one, eight = (learn(m, 200, radius=Scaled(0.5), rng=1) for m in (model, priced))
    np.testing.assert_allclose(8 * one.regret, eight.regret, atol=1e-12)
    np.testing.assert_array_equal(one.radius, eight.radius)


def test_sixteen_steps_and_a_hundred_and_twenty_eight_cost_the_horizon_free_learner_about_the_same():
    def regret(H):
        model = lazy_chain(4, H, rng=0)
        runs = [hf_ucrl_vtr_plus(model, 500, vmax=1.0, radius=Scaled(0.6), rng=seed) for seed in range(3)]
        return np.mean([run.regret.sum() for run in runs])

    assert regret(128) <= 3 * regret(16)


def test_no_weighting_beats_the_lower_bound():
    K, signs = (
        2000,
        [[1, 1, 1], [-1, 1, -1], [1, -1, 1], [-1, -1, -1], [1, 1, -1], [-1, -1, 1], [1, -1, -1], [-1, 1, 1]],
    )
    totals = [
        hf_ucrl_vtr_plus(hard_mixture(xi, 4, K=K), K, vmax=1.0, radius=Scaled(0.1), rng=i).regret.sum()
        for i, xi in enumerate(signs)
    ]
    assert hard_mixture_regret(4, 4, K) <= np.mean(totals) + 3 * np.std(totals, ddof=1) / np.sqrt(len(totals))


@LEARNERS
def test_the_same_seed_gives_the_same_run_across_inversions(learn):
    model = random_mixture(3, 2, d=2, H=2, rng=0)
    options = {} if learn is ucrl_vtr_plus else {"levels": 8}
    short, long = (learn(model, n, radius=Scaled(0.5), rng=2, **options) for n in (1200, 1500))
    np.testing.assert_array_equal(short.regret, long.regret[:1200])


def test_bounds_are_those_of_the_formulas():
    tau = np.log(32 * (np.log(0.5 / 0.25) + 1) * 100 * 5 / 0.1)
    expected = 12 * np.sqrt(3 * tau * np.log(1 + 10 / (0.25**2 * 3 * 0.5))) + 30 * tau / 0.5 + np.sqrt(0.5) * 2
    sizes = SimpleNamespace(levels=5, alpha=0.25, gamma=0.5**0.5, ridge=0.5, norm_bound=2.0)
    assert moment_radius(3, 10, 0.1, **vars(sizes)) == pytest.approx(expected)
    assert 2 ** moment_levels(100, 10) >= 7 * 100 * 10


MODEL = random_mixture(3, 2, d=2, H=3, rng=0)


@LEARNERS
@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (MODEL, {"delta": 0.0}, "delta is 0.0"),
        (MODEL, {"vmax": 0.1}, r"a trajectory can earn \d.*; vmax is 0\.1"),
        (MODEL, {"norm_bound": 0.5}, "norm_bound is 0.5; theta has norm"),
        (MODEL, {"radius": Data()}, r"radius is Data\(\); the theorem of .* has none from data"),
        (random_mixture(3, 2, d=2, H=3, per_step=True, rng=0), {}, r"theta has shape \(3, 2\)"),
        (LinearMixtureMDP(MODEL.phi, MODEL.theta, MODEL.r - 0.5, H=3), {}, "rewards are at least 0"),
    ],
    ids=["delta", "vmax", "norm", "data", "per step", "reward"],
)
def test_what_cannot_be_is_named(learn, model, options, message):
    with pytest.raises(ModelError, match=message):
        learn(model, 10, rng=0, **options)


@pytest.mark.parametrize("levels", [0, 2.5], ids=["none", "a half"])
def test_the_number_of_levels_is_whole(levels):
    with pytest.raises(ModelError, match=f"levels is {levels}; it must be a whole number of at least 1"):
        hf_ucrl_vtr_plus(MODEL, 10, levels=levels, rng=0)


@LEARNERS
def test_no_episode_is_an_empty_run(learn):
    assert learn(MODEL, 0, rng=0).n_episodes == 0

"""UCRL-VTR against a few lines of NumPy, against what its proof says of every episode, and against the lower bound."""

import itertools

import numpy as np
import pytest

from mdps.mixture_hard import hard_mixture, hard_mixture_steps
from mdps.mixtures import lazy_chain, random_mixture, tabular_mixture
from rltheory import FiniteHorizonMDP, LinearMixtureMDP, ModelError
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.bounds.lower import hard_mixture_drift, hard_mixture_regret
from rltheory.exploration.bounds.vtr import vtr_radius, vtr_regret
from rltheory.exploration.ucrl_vtr import ucrl_vtr
from rltheory.planning import backward_induction, evaluate_policy


def reference(model, episodes, beta_of, ridge, vmax, n, rng):
    """Return played and optimistic values of UCRL-VTR and its errors, with matrices inverted in every episode."""
    H, S, d = model.H, model.n_states, model.d
    gram, moment = np.tile(ridge * np.eye(d), (n, 1, 1)), np.zeros((n, d))
    uniforms, played, optimistic, errors = np.random.default_rng(rng).random((episodes, H + 1)), [], [], []
    true = model.to_finite_horizon()
    for k in range(episodes):
        theta = np.linalg.solve(gram, moment[..., None])[..., 0]
        off = theta - model.theta
        error = np.sqrt(np.einsum("nd,nde,ne->n", off, gram, off))
        errors.append(error[np.argmax(error - [beta_of(np.linalg.slogdet(each / ridge)[1]) for each in gram])])
        value, policy = np.zeros((H + 1, S)), np.zeros((H, S), dtype=int)
        for t in reversed(range(H)):
            x = model.value_features(value[t + 1])
            i = t % n
            width = np.sqrt(np.einsum("sad,de,sae->sa", x, np.linalg.inv(gram[i]), x))
            beta = beta_of(np.linalg.slogdet(gram[i] / ridge)[1])
            q = np.clip(model.rewards(t) + x @ theta[i] + beta * width, 0, vmax)
            value[t], policy[t] = q.max(axis=1), q.argmax(axis=1)
        played.append(model.mu @ evaluate_policy(true, policy).value[0])
        optimistic.append(model.mu @ value[0])
        s = int(np.searchsorted(np.cumsum(model.mu), uniforms[k, H], side="right"))
        for t in range(H):
            x = model.value_features(value[t + 1])[s, policy[t, s]]
            s = int(np.searchsorted(np.cumsum(model.kernel(t)[s, policy[t, s]]), uniforms[k, t], side="right"))
            gram[t % n] += np.outer(x, x)
            moment[t % n] += x * value[t + 1, s]
    return np.array(played), np.array(optimistic), np.array(errors)


@pytest.mark.parametrize("per_step", [False, True])
def test_the_compiled_loop_does_what_the_lines_of_the_docstring_say(per_step):
    model = random_mixture(3, 2, d=2, H=3, concentration=0.3, per_step=per_step, rng=3)
    n = 3 if per_step else 1
    norm = np.linalg.norm(np.atleast_2d(model.theta), axis=1).max()
    sizes = {"vmax": 1.0, "ridge": 1 / norm**2, "norm_bound": norm, "regressions": n}
    run = ucrl_vtr(model, 60, vmax=1.0, delta=0.1, rng=5)
    played, optimistic, errors = reference(model, 60, lambda ld: vtr_radius(ld, 0.1, **sizes), 1 / norm**2, 1.0, n, 5)
    np.testing.assert_allclose(run.optimistic_value, optimistic, atol=1e-9)
    np.testing.assert_allclose(run.optimum - run.regret, played, atol=1e-9)
    np.testing.assert_allclose(run.error, errors, atol=1e-9)


def test_the_regret_is_that_of_the_policies_which_are_recorded():
    model = random_mixture(4, 3, d=3, H=5, per_step=True, rng=1)
    run, told = ucrl_vtr(model, 1200, record=True, rng=0), model.to_finite_horizon()
    achieved = [model.mu @ evaluate_policy(told, policy).value[0] for policy in run.policies[::60]]
    np.testing.assert_allclose((run.optimum - run.regret)[::60], achieved, atol=1e-12)


def test_before_any_data_the_ridge_takes_what_its_term_allows():
    model = random_mixture(4, 3, d=3, H=5, rng=1)
    run = ucrl_vtr(model, 1, vmax=5.0, ridge=0.3, rng=0)
    assert run.error[0] == pytest.approx(np.sqrt(0.3) * np.linalg.norm(model.theta))
    assert run.radius[0] == pytest.approx(2.5 * np.sqrt(2 * np.log(20)) + run.error[0])


def test_the_optimum_is_that_of_backward_induction():
    model = random_mixture(4, 3, d=3, H=5, per_step=True, rng=1)
    value = backward_induction(model.to_finite_horizon()).value[0]
    assert ucrl_vtr(model, 1, rng=0).optimum == pytest.approx(model.mu @ value, abs=1e-12)


def test_runs_are_reproducible_and_longer_ones_begin_as_shorter_ones():
    model = random_mixture(3, 2, d=2, H=3, rng=0)
    short, long = ucrl_vtr(model, 1500, rng=2), ucrl_vtr(model, 2500, rng=2)
    np.testing.assert_array_equal(short.regret, long.regret[:1500])


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("radius", [Theory(), Data()], ids=["theory", "data"])
def test_the_truth_is_covered_values_are_optimistic_and_regret_is_within_its_bound(radius, per_step):
    for seed in range(5):
        model = random_mixture(3, 2, d=2, H=4, concentration=0.2, per_step=per_step, rng=seed)
        run = ucrl_vtr(model, 2000, vmax=1.0, delta=0.1, radius=radius, rng=seed)
        assert run.covered.all()
        assert run.optimistic.all()
        norm = float(np.linalg.norm(np.atleast_2d(model.theta), axis=1).max())
        bound = vtr_regret(2, 4, 2000, 0.1, ridge=norm**-2, norm_bound=norm, per_step=per_step)
        assert run.regret.sum() <= bound


def test_the_bound_says_something_after_a_hundred_thousand_episodes():
    assert vtr_regret(2, 4, 1e5, 0.05, ridge=0.5, norm_bound=np.sqrt(2)) < 1e5
    model = random_mixture(4, 2, d=2, H=4, concentration=0.2, rng=0)
    run = ucrl_vtr(model, 100_000, vmax=1.0, radius=Theory(), norm_bound=np.sqrt(2), rng=0)
    assert run.regret.sum() < 1e4


def test_the_radius_from_data_is_never_above_that_of_theory():
    model = random_mixture(3, 2, d=3, H=4, rng=0)
    wide, narrow = (ucrl_vtr(model, 300, radius=radius, rng=0) for radius in (Theory(), Data()))
    assert (narrow.radius <= wide.radius + 1e-12).all()
    assert (np.diff(narrow.log_det) >= -1e-12).all()


def test_regret_flattens_on_an_easy_model():
    regret = ucrl_vtr(lazy_chain(3, 8, rng=0), 20_000, vmax=1.0, radius=Scaled(0.6), rng=0).cumulative_regret
    assert np.log(regret[-1] / regret[1999]) <= 0.6 * np.log(10)


def test_a_hoeffding_radius_pays_for_the_horizon():
    def regret(H):
        model = lazy_chain(4, H, rng=0)
        return np.mean([ucrl_vtr(model, 500, vmax=1.0, radius=Scaled(0.6), rng=s).regret.sum() for s in range(3)])

    assert regret(128) >= 4 * regret(16)


def test_no_learner_beats_the_lower_bound_on_average_over_the_signs():
    K, H, d = 2000, 4, 4
    totals = np.array(
        [
            ucrl_vtr(hard_mixture(signs, H, K=K), K, vmax=1.0, rng=seed).regret.sum()
            for signs in itertools.product((-1, 1), repeat=d - 1)
            for seed in (0, 1)
        ]
    )
    error = totals.std(ddof=1) / np.sqrt(totals.size)
    assert hard_mixture_regret(d, H, K) <= totals.mean() + 3 * error
    assert totals.mean() <= 2 * hard_mixture_regret(d, H, K) + 3 * error


def test_a_table_is_learned_without_any_knowledge():
    P = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.8, 0.2], [0.3, 0.7]]])
    model = tabular_mixture(FiniteHorizonMDP(P, np.array([[0.0, 0.0], [0.25, 0.25]]), 4, mu=np.array([1.0, 0.0])))
    run = ucrl_vtr(model, 3000, radius=Scaled(0.2), rng=0)
    assert run.regret[-1] == pytest.approx(0.0, abs=1e-12)
    assert run.policy[0, 0] == 1


def test_a_hard_chain_of_steps_is_played():
    signs = np.array([[1, -1], [1, 1], [-1, 1]])
    run = ucrl_vtr(hard_mixture_steps(signs, K=500), 500, rng=0)
    assert run.covered.all()
    assert (run.regret >= -1e-12).all()


def test_no_episode_is_an_empty_run():
    run = ucrl_vtr(random_mixture(2, 2, d=2, H=2, rng=0), 0, rng=0)
    assert run.n_episodes == 0


MODEL = random_mixture(3, 2, d=2, H=3, rng=0)
LOSING = LinearMixtureMDP(MODEL.phi, MODEL.theta, MODEL.r - 0.5, H=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MODEL, -1, {}), "episodes is -1"),
        ((MODEL, 10, {"delta": 1.0}), "delta is 1.0"),
        ((MODEL, 10, {"vmax": 0.1}), r"a trajectory can earn \d.*; vmax is 0\.1"),
        ((MODEL, 10, {"norm_bound": 0.5}), "norm_bound is 0.5; theta has norm"),
        ((MODEL, 10, {"ridge": 0.0}), "ridge is 0.0"),
        ((LOSING, 10, {}), r"the reward of step 0, state ., action . is -0\.\d+; rewards are at least 0 here"),
        ((random_mixture(3, 2, d=2, H=3, per_step=True, rng=0), 10, {"per_step": False}), "per_step is False"),
        ((MODEL.replace(H=0), 10, {}), "H is 0"),
    ],
    ids=["episodes", "delta", "vmax", "norm", "ridge", "reward", "per step", "horizon"],
)
def test_what_cannot_be_is_named(arguments, message):
    model, episodes, options = arguments
    with pytest.raises(ModelError, match=message):
        ucrl_vtr(model, episodes, rng=0, **options)


def test_the_drift_of_the_hard_family_shrinks_with_the_episodes():
    assert hard_mixture_drift(400) == pytest.approx(2 * hard_mixture_drift(1600))

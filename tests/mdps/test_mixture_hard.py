"""Hard mixtures against dynamic programming, and against the norm that their derivation promises."""

import numpy as np
import pytest
from scipy.stats import binom

from mdps import mixture_hard as hard
from rltheory import ModelError
from rltheory.exploration.bounds import lower
from rltheory.planning import backward_induction


@pytest.mark.parametrize("signs", [[1], [-1, 1], [1, -1, -1]])
def test_the_optimum_and_the_gaps_of_one_choice_are_those_of_dynamic_programming(signs):
    model, drift = hard.hard_mixture(signs, 5, drift=0.02), 0.02
    value = backward_induction(model.to_finite_horizon()).value
    optimum = hard.hard_mixture_optimum(len(signs) + 1, 5, drift)
    assert value[0, 0] == pytest.approx(optimum, abs=1e-12)
    q = model.rewards(0)[0] + model.kernel(0)[0] @ value[1]
    np.testing.assert_allclose(optimum - q, hard.hard_mixture_gaps(signs, 5, drift), atol=1e-12)


@pytest.mark.parametrize("d", [2, 4])
def test_norms_are_as_derived(d):
    model = hard.hard_mixture(np.ones(d - 1), 3, drift=0.03)
    assert model.largest_norm().upper <= 1 + 1e-12
    assert np.linalg.norm(model.theta) == pytest.approx(1 + (d - 1) * 0.03)


def test_the_uniform_policy_has_twice_the_regret_of_the_lower_bound():
    K, H = 2000, 4
    drift = lower.hard_mixture_drift(K)
    mean_gap = hard.hard_mixture_gaps([1, -1, 1], H, drift).mean()
    assert K * mean_gap == pytest.approx(2 * lower.hard_mixture_regret(4, H, K))


def test_flipping_a_sign_tells_no_more_than_the_bound_and_leaves_a_quarter_wrong():
    K, d = 2000, 4
    drift = lower.hard_mixture_drift(K)
    bound = lower.hard_mixture_information(K, drift, largest=2 / 9, least=1 / 9)
    p = np.linspace(1 / 9 + 2 * drift, 2 / 9, 50)
    q = p - 2 * drift
    told = K * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
    assert told.max() <= bound
    assert (1 - np.sqrt(bound / 2)) / 2 >= 1 / 4
    assert (d - 1) * lower.hard_mixture_drift(lower.hard_mixture_episodes(d)) == pytest.approx(1 / 18)


def test_the_values_of_many_choices_are_those_of_dynamic_programming():
    signs, drift = [[1, -1], [1, 1], [-1, -1], [-1, 1]], 0.05
    model = hard.hard_mixture_steps(signs, drift=drift)
    solution = backward_induction(model.to_finite_horizon())
    along = hard.hard_mixture_steps_values(3, 4, drift)
    np.testing.assert_allclose(np.diag(solution.value[:, :5]), along, atol=1e-12)
    for t in range(4):
        q = model.rewards(t)[t] + model.kernel(t)[t] @ solution.value[t + 1]
        wrong = (hard._actions(2) != signs[t]).sum(axis=1)
        np.testing.assert_allclose(along[t] - q, 2 * drift * wrong * (3 - t - along[t + 1]), atol=1e-12)


@pytest.mark.parametrize(("d", "H"), [(2, 2), (3, 5), (4, 10)])
def test_where_each_step_has_signs_actions_drawn_by_lot_lose_less_than_twice_the_bound(d, H):
    K = 1000
    drift = lower.hard_mixture_drift(K, 1 / H)
    after = np.append(hard.hard_mixture_steps_values(d, H, drift)[1:H], 0.0)
    t = np.arange(H)
    lost = K * ((1 - 1 / H) ** t * drift * (d - 1) * (H - 1 - t - after)).sum()
    assert lower.hard_mixture_steps_regret(d, H, K) <= lost <= 2 * lower.hard_mixture_steps_regret(d, H, K)


def test_where_each_step_has_signs_the_bound_has_its_order():
    ratios = [
        lower.hard_mixture_steps_regret(d, H, K) / (d * H**1.5 * K**0.5)
        for d, H, K in ((5, 20, 1e6), (5, 80, 1e6), (5, 320, 1e6), (5, 20, 1e8), (40, 20, 1e8))
    ]
    assert max(ratios) < 1.5 * min(ratios)


@pytest.mark.parametrize("K", [4, 7, 50, 400])
@pytest.mark.parametrize("sizes", [{}, {"success": 1 / 6, "spread": 1 / 18}], ids=["even", "small"])
def test_the_best_guess_of_a_sign_after_one_action_is_wrong_in_a_quarter_of_all_cases(K, sizes):
    success, drift = sizes.get("success", 0.5), lower.reward_free_drift(K, **sizes)
    up, down = (binom.pmf(np.arange(K + 1), K, success + sign * drift) for sign in (1, -1))
    wrong = np.minimum(up, down).sum() / 2
    assert wrong >= 1 / 4
    assert lower.reward_free_loss(2, K, worth=1.0, **sizes) <= 2 * drift * wrong


def test_episodes_and_losses_without_rewards_are_inverse_to_each_other():
    eps = lower.reward_free_loss(4, 777, worth=3.0)
    assert lower.reward_free_episodes(4, eps, worth=3.0) == pytest.approx(777)


def test_the_reward_free_family_has_its_optimum():
    model = hard.reward_free_hard_mixture([1, -1], 4, alpha=0.5, goal_reward=1.0)
    best = backward_induction(model.to_finite_horizon()).value[0, 0]
    assert best == pytest.approx(3 * (0.5 + 0.5 * 2 / (np.sqrt(2) * 3)))
    assert model.largest_norm().upper <= 1
    assert np.linalg.norm(model.theta) ** 2 == pytest.approx(2 + 0.25 * 2 / 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hard.hard_mixture([0.5], 3, K=100), "signs has an entry 0.5"),
        (lambda: hard.hard_mixture([1.0], 3), "exactly one of them"),
        (lambda: hard.hard_mixture([1.0] * 6, 3, K=1), "K is 1; with 6 signs"),
        (lambda: hard.hard_mixture([1.0], 3, drift=0.5), "drift is 0.5"),
        (lambda: hard.hard_mixture_steps([1.0], K=100), r"signs has shape \(1,\)"),
        (lambda: hard.reward_free_hard_mixture([1.0], 3, alpha=2.0), "alpha is 2.0"),
        (lambda: lower.hard_mixture_regret(4, 4, 10), "K is 10; with d = 4"),
        (lambda: lower.hard_mixture_steps_regret(4, 4, 10), r"K is 10; with d = 4 and H = 4 .* from 10\.125"),
        (lambda: lower.reward_free_loss(4, 3, worth=1.0), r"K is 3; with d = 4 .* from 3\.375"),
        (lambda: lower.reward_free_episodes(4, 0.2, worth=1.0), "eps is 0.2"),
    ],
    ids=["sign", "one", "few", "drift", "shape", "alpha", "bound", "steps", "loss", "eps"],
)
def test_what_cannot_be_is_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()

"""Bandits as models: what their arms are, and what is refused."""

import numpy as np
import pytest
from scipy.stats import entropy

import rltheory as rl
from rltheory import ModelError
from rltheory.bandits import BernoulliArms, GaussianArms


def test_the_divergence_of_coins_is_that_of_their_laws():
    first, second = BernoulliArms([0.2, 0.7, 0.5]), BernoulliArms([0.4, 0.1, 0.5])
    by_scipy = [entropy([p, 1 - p], [q, 1 - q]) for p, q in zip(first.means, second.means, strict=True)]
    assert first.divergences(second) == pytest.approx(by_scipy)


def test_the_divergence_of_gaussian_arms_is_an_integral():
    x = np.linspace(-12, 12, 200_001)

    def density(mean):
        return np.exp(-((x - mean) ** 2) / (2 * 0.7**2)) / np.sqrt(2 * np.pi * 0.7**2)

    p, q = density(0.3), density(-0.5)
    integral = np.sum(p * np.log(p / q)) * (x[1] - x[0])
    assert GaussianArms([0.3], sigma=0.7).divergences(GaussianArms([-0.5], sigma=0.7))[0] == pytest.approx(integral)


def test_planning_in_one_state_takes_the_best_arm_for_ever():
    solution = rl.solve(GaussianArms([0.1, 0.5, -1.0]).to_mdp(0.8), tol=1e-9)
    assert solution.policy.tolist() == [1]
    assert solution.start_value == pytest.approx(0.5 / (1 - 0.8))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: BernoulliArms([0.5, 1.5]), r"mean of arm 1 is 1\.5; a coin's is in \[0, 1\]"),
        (lambda: BernoulliArms([]), r"means has shape \(0,\)"),
        (lambda: GaussianArms([0.0, np.nan]), r"mean of arm 1 is nan"),
        (lambda: GaussianArms([0.0], sigma=-1.0), r"sigma is -1\.0"),
    ],
    ids=["above one", "no arm", "not a number", "negative deviation"],
)
def test_a_bad_arm_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()


def test_means_are_kept_as_they_were():
    means = np.array([0.25, 0.5])
    arms = BernoulliArms(means)
    means[0] = 1.0
    assert arms.gaps.tolist() == [0.25, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        arms.means[0] = 1.0

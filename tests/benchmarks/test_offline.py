"""The benchmark of offline learners: its peer computes the same, but for what its search misses."""

import numpy as np
import pytest

import mdps
from benchmarks import offline as bench
from benchmarks.offline_recipe import recipe_weights
from rltheory.robust import KL, TV, ChiSquare


def both(divergence):
    """Return weights of the learner and of the recipe, from 30 paths with 10 features."""
    known, data = mdps.put_data(n_trajectories=30, d=10)
    ours = mdps.put_learner(divergence)(data, known).weights
    return ours, recipe_weights(data, known, divergence, beta=0.1, ridge=1.0)


@pytest.mark.parametrize("divergence", [None, TV(lam=1.0)], ids=["PEVI", "TV"])
def test_without_a_search_the_recipe_has_the_weights_of_the_learner(divergence):
    ours, recipe = both(divergence)
    np.testing.assert_allclose(recipe[:-1], ours[:-1], atol=1e-9)


def test_with_relative_entropy_the_recipe_takes_the_horizon_for_the_largest_value():
    ours, recipe = both(KL(lam=3.0))
    t = -2  # where the values of the next step are the same for both
    np.testing.assert_allclose(recipe[t], np.minimum(ours[t], 20), atol=1e-9)


@pytest.mark.parametrize("divergence", [TV(rho=0.1), ChiSquare(lam=1.0)], ids=repr)
def test_a_search_finds_no_more_than_the_exact_maximum(divergence):
    ours, recipe = both(divergence)
    t = -2  # where the values of the next step are the same for both
    assert (recipe[t] <= ours[t] + 1e-9).all()
    assert np.abs(recipe[t] - ours[t]).max() < 1.0


def test_everything_is_timed_and_printed(monkeypatch, capsys):
    monkeypatch.setattr(bench, "fastest", lambda ask: 0.5 * (ask() is not None))
    timings = bench.measure(((20, 5), (30, 10)))
    assert len(timings) == 10
    assert [row.recipe is None for row in timings] == [False] * 5 + [True] * 5
    bench.print_table(timings)
    assert "R2PVI-chi2" in capsys.readouterr().out


def test_published_seconds_belong_to_their_sizes():
    published = {(row, size): bench._published(row, size) for row in bench.DIVERGENCES for size in bench.SIZES}
    assert published["DRPVI", (1000, 120)] == 16.66
    assert published["PEVI", (10_000, 30)] == 8.15
    assert published["R2PVI-chi2", (1000, 30)] is None
    assert published["R2PVI-TV", (10_000, 120)] is None

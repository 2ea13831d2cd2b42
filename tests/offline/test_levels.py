import numpy as np
import pytest

from rltheory.offline.levels import laws_of_levels


def distribution_function(measure, v, levels):
    """Return one minus the mass above each level."""
    return np.array([1 - measure[v > level].sum() for level in levels])


@pytest.mark.parametrize("seed", range(20))
def test_a_distribution_is_left_as_it_is(seed):
    rng = np.random.default_rng(seed)
    v, p = np.round(rng.uniform(0, 3, 6), 0), rng.dirichlet(np.full(6, 0.5), size=2)
    levels, laws = laws_of_levels(p, v, bottom=0.0)
    np.testing.assert_allclose(laws, [[row[v == level].sum() for level in levels] for row in p], atol=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_a_signed_measure_becomes_a_distribution_that_is_no_further_from_the_truth(seed):
    rng = np.random.default_rng(seed)
    v, p = np.round(rng.uniform(0, 3, 6), 1), rng.dirichlet(np.full(6, 0.5), size=4)
    signed = p + rng.normal(0, 0.2, p.shape)
    levels, laws = laws_of_levels(signed, v, bottom=0.0)
    assert (laws >= 0).all()
    np.testing.assert_allclose(laws.sum(axis=1), 1)
    for measure, estimate, law in zip(p, signed, laws, strict=True):
        truth = distribution_function(measure, v, levels)
        before = np.abs(distribution_function(estimate, v, levels) - truth).max()
        assert np.abs(np.cumsum(law) - truth).max() <= before + 1e-12


def test_mass_that_is_missing_is_put_at_the_bottom():
    levels, laws = laws_of_levels(np.array([[0.25, 0.5]]), np.array([1.0, 2.0]), bottom=0.0)
    np.testing.assert_array_equal(levels, [0, 1, 2])
    np.testing.assert_allclose(laws, [[0.25, 0.25, 0.5]])
    levels, laws = laws_of_levels(np.array([[0.25, 0.5]]), np.array([1.0, 2.0]), bottom=1.5)
    np.testing.assert_array_equal(levels, [1, 2])
    np.testing.assert_allclose(laws, [[0.5, 0.5]])

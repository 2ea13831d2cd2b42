"""Projections onto few atoms: what they keep, what they cannot, and how far they move a law."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import ModelError
from rltheory.distributional import DiscreteLaw, mixture, risk
from rltheory.distributional.metrics import cramer, kolmogorov, wasserstein
from rltheory.distributional.projections import project_categorical, project_quantile

EDGES = (-4.0, 4.0)
VALUES = st.integers(-32, 32).map(lambda k: k / 8)


@st.composite
def laws(draw):
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    atoms = draw(st.lists(VALUES, min_size=len(weights), max_size=len(weights)))
    return DiscreteLaw(atoms, np.array(weights) / sum(weights))


def supports():
    """Draw increasing supports from -4 to 4, with steps that differ."""
    inner = st.lists(st.integers(-7, 7).map(lambda k: k / 2), max_size=5, unique=True)
    return inner.map(lambda z: np.unique([*EDGES, *z]))


def hat(z, i, y):
    """Return the hat function of the i-th point of a support at y, by interpolation."""
    return np.interp(y, z, np.eye(z.size)[i])


@given(laws(), supports())
def test_each_point_of_the_support_gets_the_expectation_of_its_hat_function(law, z):
    found = project_categorical(law, z)
    expected = np.array([law.expect(lambda y, i=i: hat(z, i, y)) for i in range(z.size)])
    masses = np.zeros(z.size)
    masses[np.searchsorted(z, found.atoms)] = found.prob
    assert set(found.atoms) <= set(z)
    assert masses == pytest.approx(expected, abs=1e-12)


@given(laws(), supports())
def test_the_categorical_projection_keeps_the_mean_and_is_a_projection(law, z):
    once = project_categorical(law, z)
    twice = project_categorical(once, z)
    assert once.mean == pytest.approx(law.mean, abs=1e-12)
    assert twice.atoms.tolist() == once.atoms.tolist()
    assert twice.prob == pytest.approx(once.prob, abs=1e-15)


@given(laws(), laws(), supports(), st.sampled_from([0.25, 0.5]))
def test_the_categorical_projection_is_linear_in_the_law(law, other, z, w):
    whole = project_categorical(mixture([law, other], [w, 1 - w]), z)
    parts = mixture([project_categorical(x, z) for x in (law, other)], [w, 1 - w])
    assert wasserstein(whole, parts) == pytest.approx(0, abs=1e-12)


@given(laws(), supports())
def test_the_categorical_projection_spreads_the_mass(law, z):
    spread = project_categorical(law, z)
    for k in np.arange(-4, 4.01, 0.25):
        assert (
            spread.expect(lambda x, k=k: np.maximum(x - k, 0))
            >= law.expect(lambda x, k=k: np.maximum(x - k, 0)) - 1e-12
        )


@given(laws(), supports())
def test_what_is_averse_to_risk_gets_a_lower_bound_from_a_grid(law, z):
    on_grid = project_categorical(law, z)
    for K in (risk.CVaR(0.3), risk.EVaR(0.3), risk.Entropic(1.0), risk.Wang(0.5), risk.ExpectedUtility.shortfall()):
        assert K(on_grid) <= K(law) + 1e-9
    assert risk.OptimisticCVaR(0.3)(on_grid) >= risk.OptimisticCVaR(0.3)(law) - 1e-9


@given(laws(), laws(), supports())
def test_pythagoras_holds_for_every_law_on_the_support(law, other, z):
    """The projection is orthogonal: it is the nearest law on the support in the Cramér distance."""
    projected, rival = project_categorical(law, z), project_categorical(other, z)
    legs = cramer(law, projected) ** 2 + cramer(projected, rival) ** 2
    assert cramer(law, rival) ** 2 == pytest.approx(legs, abs=1e-9)


@given(laws(), laws(), supports())
def test_the_categorical_projection_brings_no_laws_further_apart(law, other, z):
    one, two = project_categorical(law, z), project_categorical(other, z)
    for distance in (cramer, wasserstein, kolmogorov):
        assert distance(one, two) <= distance(law, other) + 1e-9


@given(laws(), supports(), st.data())
def test_the_categorical_projection_keeps_the_order_of_laws(law, z, data):
    rises = data.draw(st.lists(st.integers(0, 16), min_size=law.atoms.size, max_size=law.atoms.size))
    better = DiscreteLaw(np.minimum(law.atoms + np.array(rises) / 8, EDGES[1]), law.prob)
    assert (project_categorical(better, z).cdf(z) <= project_categorical(law, z).cdf(z) + 1e-12).all()


@given(laws(), supports())
def test_the_categorical_projection_moves_a_law_by_half_a_cell_at_most(law, z):
    cell, projected = np.diff(z).max(), project_categorical(law, z)
    assert wasserstein(projected, law) <= cell / 2 + 1e-12
    assert cramer(projected, law) ** 2 <= cell / 4 + 1e-12


def test_a_point_in_the_middle_of_a_cell_moves_as_far_as_any_law():
    z, middle = [0.0, 1.0, 3.0], DiscreteLaw.point(2.0)
    assert wasserstein(project_categorical(middle, z), middle) == 2 / 2
    assert cramer(project_categorical(middle, z), middle) ** 2 == pytest.approx(2 / 4, rel=1e-15)


def test_the_categorical_projection_tears_quantiles_apart():
    near, z = 1e-3, [0.0, 1.0]
    one, two = DiscreteLaw.point(0.0), DiscreteLaw.point(near)
    torn = wasserstein(project_categorical(one, z), project_categorical(two, z), p=np.inf)
    assert torn == 1 > 100 * wasserstein(one, two, p=np.inf)


@given(laws(), supports())
def test_clipping_moves_what_is_outside_to_the_ends(law, z):
    scaled = law.scale(2.0)
    clipped = project_categorical(scaled, z, clip=True)
    inside = DiscreteLaw(np.clip(scaled.atoms, *EDGES), scaled.prob)
    assert wasserstein(clipped, project_categorical(inside, z)) == 0
    if np.abs(scaled.atoms).max() > 4:
        with pytest.raises(ModelError, match=r"outside the support \[-4, 4\]; a wider support keeps the mean"):
            project_categorical(scaled, z)


def test_clipping_breaks_the_mean():
    beyond = DiscreteLaw([0.0, 2.0])
    assert project_categorical(beyond, [0.0, 1.0], clip=True).mean == 0.5 < beyond.mean


def test_rounding_is_not_outside_of_a_support():
    assert project_categorical(DiscreteLaw.point(0.1 + 0.2), [0.0, 0.3]).atoms.tolist() == [0.3]
    assert project_categorical(DiscreteLaw.point(2.0), [2.0]).atoms.tolist() == [2.0]


@pytest.mark.parametrize(
    ("support", "message"),
    [
        ([], r"support has shape \(0,\)"),
        ([[0.0, 1.0]], r"support has shape \(1, 2\)"),
        ([0.0, np.inf], "a list of finite numbers"),
        ([0.0, 1.0, 1.0], r"support\[2\] = 1 follows 1; a support increases"),
        ([0.0, 1.0], r"the law lies in \[0, 2\], outside the support \[0, 1\]"),
    ],
)
def test_what_is_no_support_is_refused(support, message):
    with pytest.raises(ModelError, match=message):
        project_categorical(DiscreteLaw([0.0, 2.0]), support)


# --- quantiles ---


@given(laws(), st.integers(1, 5))
def test_the_quantile_projection_puts_equal_masses_at_middle_quantiles(law, m):
    found = project_quantile(law, m)
    expected = [float(law.quantile((2 * i - 1) / (2 * m))) for i in range(1, m + 1)]
    assert wasserstein(found, DiscreteLaw(expected)) == pytest.approx(0, abs=1e-12)


@given(laws(), st.integers(1, 3))
def test_no_equal_atoms_are_nearer_in_the_first_wasserstein_distance(law, m):
    best = min(wasserstein(DiscreteLaw(atoms), law) for atoms in combinations_with_replacement(law.atoms, m))
    assert wasserstein(project_quantile(law, m), law) == pytest.approx(best, abs=1e-12)


@given(laws(), st.integers(1, 3), st.lists(VALUES, min_size=3, max_size=3))
def test_no_equal_atoms_elsewhere_are_nearer_either(law, m, atoms):
    assert wasserstein(project_quantile(law, m), law) <= wasserstein(DiscreteLaw(atoms[:m]), law) + 1e-12


@given(laws(), laws(), st.integers(1, 6))
def test_the_quantile_projection_brings_no_quantiles_further_apart(law, other, m):
    one, two = project_quantile(law, m), project_quantile(other, m)
    assert wasserstein(one, two, p=np.inf) <= wasserstein(law, other, p=np.inf) + 1e-12


@given(laws(), st.integers(1, 6))
def test_the_quantile_projection_moves_a_law_by_half_a_share_of_its_range_at_most(law, m):
    length = law.atoms[-1] - law.atoms[0]
    assert wasserstein(project_quantile(law, m), law) <= length / (2 * m) + 1e-12


@given(laws(), st.integers(1, 5), st.sampled_from([0.5, 2.0]), VALUES)
def test_the_quantile_projection_follows_units_and_shifts(law, m, factor, by):
    found = project_quantile(law.scale(factor).shift(by), m)
    assert wasserstein(found, project_quantile(law, m).scale(factor).shift(by)) == pytest.approx(0, abs=1e-12)


def test_the_quantile_projection_keeps_no_mean_and_expands_other_distances():
    one, two = DiscreteLaw([0.0, 1.0], [0.501, 0.499]), DiscreteLaw([0.0, 1.0], [0.499, 0.501])
    apart = [project_quantile(law, 1) for law in (one, two)]
    assert [law.mean for law in apart] == [0.0, 1.0]
    assert wasserstein(*apart) > 100 * wasserstein(one, two)
    assert cramer(*apart) > 100 * cramer(one, two)


def test_the_quantile_projection_is_not_within_a_share_of_the_range_of_all_quantiles():
    rare = DiscreteLaw([0.0, 1.0], [0.999, 0.001])
    assert wasserstein(project_quantile(rare, 10), rare, p=np.inf) == 1


def test_the_quantile_projection_is_not_linear_in_the_law():
    zero, one = DiscreteLaw.point(0.0), DiscreteLaw.point(1.0)
    mixed = project_quantile(mixture([zero, one], [0.6, 0.4]), 1)
    parts = mixture([project_quantile(zero, 1), project_quantile(one, 1)], [0.6, 0.4])
    assert wasserstein(mixed, parts) == pytest.approx(0.4)


def test_levels_that_meet_the_distribution_function_are_not_moved_by_rounding():
    tenths = DiscreteLaw(np.arange(10.0), np.full(10, 0.1))
    assert project_quantile(tenths, 5).atoms.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_no_atoms_are_refused():
    with pytest.raises(ModelError, match="m is 0; at least one atom is needed"):
        project_quantile(DiscreteLaw([0.0]), 0)


def test_large_laws_are_projected_as_small_ones_are():
    rng = np.random.default_rng(0)
    law, z = DiscreteLaw(rng.normal(size=300_000)), np.linspace(-6, 6, 1001)
    assert project_categorical(law, z).mean == pytest.approx(law.mean, abs=1e-12)
    assert project_quantile(law, 1000).mean == pytest.approx(law.mean, abs=12 / 2000)

"""Laws with finitely many atoms, against their definitions in exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import ModelError
from rltheory.distributional import DiscreteLaw, mixture, wasserstein

WEIGHTS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
ATOMS = st.integers(-5, 5)


@st.composite
def exact_laws(draw):
    """Draw a law as a dict of fractions, and as floats."""
    weights = draw(WEIGHTS)
    atoms = draw(st.lists(ATOMS, min_size=len(weights), max_size=len(weights)))
    exact = {}
    for x, w in zip(atoms, weights, strict=True):
        exact[x] = exact.get(x, 0) + Fraction(w, sum(weights))
    return exact, DiscreteLaw(np.array(atoms, float), np.array(weights) / sum(weights))


def as_dict(law):
    return dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True))


@given(exact_laws())
def test_equal_atoms_are_merged_and_all_are_in_order(drawn):
    exact, law = drawn
    assert law.atoms.tolist() == sorted(exact)
    assert law.prob.tolist() == pytest.approx([float(exact[x]) for x in sorted(exact)], abs=1e-15)


@given(exact_laws(), st.integers(-3, 3), st.integers(-2, 2))
def test_a_law_is_moved_and_stretched_as_its_variable_is(drawn, by, factor):
    exact, law = drawn
    assert law.shift(by).atoms.tolist() == [x + by for x in sorted(exact)]
    stretched = {}
    for x, p in exact.items():
        stretched[factor * x] = stretched.get(factor * x, 0) + p
    assert as_dict(law.scale(factor)) == pytest.approx({x: float(p) for x, p in stretched.items()})


@given(exact_laws())
def test_moments_are_the_rational_ones(drawn):
    exact, law = drawn
    mean = sum(x * p for x, p in exact.items())
    assert law.mean == pytest.approx(float(mean), abs=1e-14)
    assert law.variance == pytest.approx(float(sum((x - mean) ** 2 * p for x, p in exact.items())), abs=1e-13)
    assert law.expect(np.abs) == pytest.approx(float(sum(abs(x) * p for x, p in exact.items())), abs=1e-14)


@given(exact_laws(), st.integers(-6, 6))
def test_the_distribution_function_counts_what_is_at_most_y(drawn, y):
    exact, law = drawn
    assert law.cdf(y) == pytest.approx(float(sum(p for x, p in exact.items() if x <= y)), abs=1e-15)


def test_the_distribution_function_never_passes_1_although_sums_round():
    weights = np.array([6, 5, 3, 3, 1, 1, 1]) / 20
    law = DiscreteLaw(np.arange(8.0), np.append(weights, 1e-17))
    assert np.cumsum(law.prob)[-2] > 1, "what makes this law one"
    assert law.cumulative.max() == 1.0
    assert wasserstein(law, DiscreteLaw(np.arange(7.0), weights)) == pytest.approx(0, abs=1e-12)


@given(exact_laws(), st.data())
def test_quantiles_of_both_sides_are_their_definition_also_where_levels_meet_the_distribution_function(drawn, data):
    exact, law = drawn
    atoms = sorted(exact)
    levels = [sum(exact[x] for x in atoms[: k + 1]) for k in range(len(atoms))]
    level = data.draw(st.sampled_from([*levels, Fraction(0), *(q / 2 for q in levels)]))
    lower = next(x for x, total in zip(atoms, levels, strict=True) if total >= level)
    upper = next((x for x, total in zip(atoms, levels, strict=True) if total > level), atoms[-1])
    assert law.quantile(float(level)) == lower
    assert law.quantile(float(level), side="upper") == upper


@given(st.lists(exact_laws(), min_size=1, max_size=4), st.data())
def test_a_mixture_adds_up_what_its_components_give(drawn, data):
    weights = data.draw(st.lists(st.integers(0, 5), min_size=len(drawn), max_size=len(drawn)).filter(any))
    mixed = {}
    for (exact, _), w in zip(drawn, weights, strict=True):
        for x, p in exact.items():
            mixed[x] = mixed.get(x, 0) + Fraction(w, sum(weights)) * p
    found = mixture([law for _, law in drawn], np.array(weights) / sum(weights))
    assert as_dict(found) == pytest.approx({float(x): float(p) for x, p in mixed.items() if p})


def test_near_atoms_are_merged_at_their_mean_on_request():
    law = DiscreteLaw([0.0, 1e-13, 1.0], [0.25, 0.25, 0.5]).merged(1e-12)
    assert law.prob.tolist() == [0.5, 0.5]
    assert law.atoms == pytest.approx([5e-14, 1.0], abs=1e-20)
    assert DiscreteLaw([0.0, 0.6, 1.2]).merged(1.0).atoms.size == 2, "a run does not grow beyond its first atom"


def test_a_sample_is_reproducible_and_has_the_laws_mean():
    law = DiscreteLaw([0.0, 1.0, 5.0], [0.5, 0.3, 0.2])
    drawn = law.sample(20_000, rng=1)
    assert np.array_equal(drawn, law.sample(20_000, rng=1))
    assert abs(drawn.mean() - law.mean) < 6 * np.sqrt(law.variance / 20_000)  # false alarm below 2e-9


def test_a_law_is_told_in_a_line_and_in_rows():
    law = DiscreteLaw(np.arange(8.0))
    assert repr(law) == "DiscreteLaw({0: 0.125, 1: 0.125, 2: 0.125, 3: 0.125, 4: 0.125, 5: 0.125, ...})"
    assert law.to_rows()[1] == {"value": 1.0, "probability": 0.125, "at most": 0.25}


@pytest.mark.parametrize(
    ("atoms", "prob", "message"),
    [
        ([], None, r"shapes \(0,\) and \(0,\)"),
        ([1.0, 2.0], [1.0], r"shapes \(2,\) and \(1,\)"),
        ([1.0, np.nan], None, "atom 1 is nan; atoms are finite"),
        ([1.0, 2.0], [1.5, -0.5], r"the probability of atom 1 is -0.5; it must be a number in \[0, 1\]"),
        ([1.0, 2.0], [np.nan, 0.5], "the probability of atom 0 is nan"),
        ([1.0, 2.0], [0.5, 0.4], "prob sums to 0.9; it must sum to 1"),
    ],
)
def test_what_is_no_law_is_refused(atoms, prob, message):
    with pytest.raises(ModelError, match=message):
        DiscreteLaw(atoms, prob)


def test_wrong_levels_sides_and_weights_are_refused():
    coin = DiscreteLaw([0.0, 1.0])
    with pytest.raises(ModelError, match=r"level is 1.5; levels are in \[0, 1\]"):
        coin.quantile(1.5)
    with pytest.raises(ModelError, match="side is 'left'; it is 'lower' or 'upper'"):
        coin.quantile(0.5, side="left")
    with pytest.raises(ModelError, match=r"weights has shape \(1,\); with 2 laws it must be \(2,\)"):
        mixture([coin, coin], [1.0])

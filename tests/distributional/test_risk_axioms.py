"""No flag is wrong in either direction: what is promised holds on random laws, and some law breaks what is not.

`CATALOGUE` has every functional, with parameters inside their range and at its ends, where flags change. Laws have
equiprobable atoms where they are added, since superadditivity is about joint laws.
"""

from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.distributional import DiscreteLaw, mixture, risk
from rltheory.distributional.metrics import wasserstein

UTILITY, OCE = risk.ExpectedUtility, risk.OptimisedCertaintyEquivalent
CAPPED = UTILITY(
    lambda x: np.where(x <= 1, x - np.minimum(x, 1) ** 2 / 2, 0.5), name="capped", increasing=True, concave=True
)
POSITIVE = {
    "growth": UTILITY.logarithm(),
    "root": UTILITY.power(0.5),
    "inverse": UTILITY.power(-1.0),
    "geometric mean": risk.CertaintyEquivalent(UTILITY.logarithm()),
    "mean of roots": risk.CertaintyEquivalent(UTILITY.power(0.5)),
    "harmonic mean": risk.CertaintyEquivalent(UTILITY.power(-1.0)),
}
CATALOGUE = {
    repr(K): K
    for K in [
        risk.Mean(),
        risk.Variance(),
        risk.MeanVariance(0.5),
        *(risk.Semideviation(kappa) for kappa in (0.0, 0.5, 1.0)),
        risk.EssentialInfimum(),
        risk.EssentialSupremum(),
        *(quantile(tau) for quantile in (risk.LowerQuantile, risk.ValueAtRisk) for tau in (0.3, 0.5, 1.0)),
        *(tail(tau) for tail in (risk.CVaR, risk.OptimisticCVaR) for tau in (0.1, 0.5, 1.0)),
        *(risk.Entropic(beta) for beta in (0.0, 0.5, 2.0)),
        *(risk.EVaR(alpha) for alpha in (0.2, 0.8, 1.0)),
        *(risk.Wang(lam) for lam in (-1.0, 0.0, 1.0)),
        *(power(k) for power in (risk.Power, risk.DualPower) for k in (0.5, 1.0, 3.0)),
        *(risk.CumulativeProspectWeight(theta) for theta in (0.4, 0.71, 1.0)),
        risk.Spectral([0.25, 0.5, 0.25], [0.2, 0.6, 1.0]),
        risk.Spectral([0.0, 1.0], [0.5, 1.0]),
        *(risk.Expectile(alpha) for alpha in (0.2, 0.5, 0.75)),
        UTILITY.shortfall(),
        UTILITY.gain(),
        UTILITY.absolute(),
        *(
            UTILITY.piecewise_linear(*slopes)
            for slopes in ((1.0, 1.0), (0.5, 2.0), (2.0, 0.5), (-1.0, -1.0), (2.0, 2.0))
        ),
        *(UTILITY.negative_power(p) for p in (0.5, 1.0, 2.0, 3.0)),
        UTILITY.reached(),
        UTILITY.exponential(0.5),
        *(UTILITY.quadratic(target) for target in (0.0, 1.0)),
        risk.CertaintyEquivalent(UTILITY.exponential(0.5)),
        *(OCE.of_slopes(*slopes) for slopes in ((0.5, 2.0), (0.0, 4.0), (1.0, 3.0), (0.5, 1.0))),
        OCE(UTILITY.exponential(0.5)),
        OCE(CAPPED),
        *(risk.TargetProbability(target) for target in (0.0, 1.0)),
        *(
            distance(target)
            for distance in (risk.NegativeWasserstein, risk.NegativeCramer)
            for target in (DiscreteLaw.point(0.0), DiscreteLaw.point(1.0), DiscreteLaw([-1.0, 1.0]))
        ),
    ]
} | {
    "two draws": risk.Distortion(lambda u: 1 - (1 - u) ** 2, concave=True, slope=2.0),
    "better of two": risk.Distortion(lambda u: u**2, convex=True, slope=2.0),
    "S": risk.Distortion(lambda u: u * u * (3 - 2 * u), slope=1.5),
    **POSITIVE,
}
AXIOMS = tuple(risk.Mean().axioms.__dataclass_fields__)
TOLERANCE = 1e-9
SURE = 1e-6

VALUES = st.integers(-16, 16).map(lambda k: k / 4)
WEIGHTS = st.sampled_from([0.1, 0.25, 0.5, 0.9])


@st.composite
def joint_vectors(draw):
    """Draw two vectors of one length: variables on equiprobable outcomes."""
    n = draw(st.integers(1, 6))
    return tuple(np.array(draw(st.lists(VALUES, min_size=n, max_size=n))) for _ in range(2))


@st.composite
def laws(draw):
    weights = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    atoms = draw(st.lists(VALUES, min_size=len(weights), max_size=len(weights)))
    return DiscreteLaw(atoms, np.array(weights) / sum(weights))


def within_domain(name, law):
    """Return the law, or for functionals of positive laws the law of 2 to the power of X."""
    return DiscreteLaw(2.0**law.atoms, law.prob) if name in POSITIVE else law


def holding(axiom):
    return [(name, K) for name, K in CATALOGUE.items() if getattr(K.axioms, axiom)]


def near(value):
    return pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE)


def rounding(*values):
    return TOLERANCE * (1 + max(map(abs, values)))


# --- what is promised holds ---


@given(joint_vectors())
def test_monotone_functionals_prefer_more(drawn):
    x, rise = drawn
    for name, K in holding("monotone"):
        less, more = (within_domain(name, DiscreteLaw(v)) for v in (x, x + np.abs(rise)))
        assert K(less) <= K(more) + rounding(K(more)), name


@given(laws(), VALUES)
def test_translation_invariant_functionals_follow_a_certain_amount(law, by):
    for name, K in holding("translation_invariant"):
        assert K(law.shift(by)) == near(K(law) + by), name


@given(laws(), st.sampled_from([0.25, 0.5, 2.0, 3.0]))
def test_positively_homogeneous_functionals_follow_the_unit(law, factor):
    for name, K in holding("positively_homogeneous"):
        inside = within_domain(name, law)
        assert K(inside.scale(factor)) == near(factor * K(inside)), name


@given(joint_vectors())
def test_superadditive_functionals_like_sums(drawn):
    for name, K in holding("superadditive"):
        x, y = (2.0**v for v in drawn) if name in POSITIVE else drawn
        parts = K(DiscreteLaw(x)) + K(DiscreteLaw(y))
        assert K(DiscreteLaw(x + y)) >= parts - rounding(parts), name


@given(laws(), laws(), WEIGHTS)
def test_functionals_convex_in_the_law_dislike_lotteries_and_concave_ones_like_them(law, other, w):
    for name, K in CATALOGUE.items():
        one, two = within_domain(name, law), within_domain(name, other)
        mixed, average = K(mixture([one, two], [w, 1 - w])), w * K(one) + (1 - w) * K(two)
        assert not K.axioms.convex_in_law or mixed <= average + rounding(average), name
        assert not K.axioms.concave_in_law or mixed >= average - rounding(average), name


@given(st.lists(st.tuples(laws(), laws()), min_size=1, max_size=3), st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_better_components_make_a_better_mixture_if_mixtures_are_indifferent(pairs, counts):
    weights = np.array(counts[: len(pairs)]) / sum(counts[: len(pairs)])
    for name, K in holding("indifferent_to_mixtures"):
        ordered = [sorted((within_domain(name, law) for law in pair), key=K) for pair in pairs]
        worse, better = (K(mixture(side, weights)) for side in zip(*ordered, strict=True))
        assert worse <= better + rounding(better), name


@given(laws(), laws(), st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_comparisons_outlive_a_discount_if_it_is_indifferent(law, other, gamma):
    for name, K in CATALOGUE.items():
        if K.indifferent_to_discount(gamma) and not (gamma == 0 and name in POSITIVE):
            worse, better = sorted((within_domain(name, x) for x in (law, other)), key=K)
            assert K(worse.scale(gamma)) <= K(better.scale(gamma)) + rounding(K(better)), name


@given(laws(), laws())
def test_functionals_are_lipschitz_as_they_say(law, other):
    for name, K in CATALOGUE.items():
        one, two = within_domain(name, law), within_domain(name, other)
        spread = max(one.atoms[-1], two.atoms[-1]) - min(one.atoms[0], two.atoms[0])
        if K.lipschitz(spread) < np.inf:
            allowed = K.lipschitz(spread) * wasserstein(one, two)
            assert abs(K(one) - K(two)) <= allowed + rounding(K(one), K(two)), name


@given(laws(), laws())
def test_what_is_monotone_and_translation_invariant_moves_no_further_than_quantiles(law, other):
    for name, K in holding("translation_invariant"):
        if K.axioms.monotone:
            assert abs(K(law) - K(other)) <= wasserstein(law, other, p=np.inf) + TOLERANCE, name


# --- what is not promised is broken, by a search that breaks nothing else ---


def random_vectors(name, count, *, seed=0):
    """Return pairs of vectors of one length: many small, coarse ones, of several sizes."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        pair = rng.integers(-3, 4, size=(2, rng.integers(1, 7))) * rng.choice([0.5, 1.0, 4.0])
        yield np.exp2(pair) if name in POSITIVE else pair


def random_laws(name, count, *, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n = rng.integers(1, 5)
        weights = rng.integers(1, 8, size=n)
        yield within_domain(name, DiscreteLaw(rng.integers(-3, 4, size=n).astype(float), weights / weights.sum()))


def monotone_violations(name, K):
    for x, y in random_vectors(name, 100):
        yield K(DiscreteLaw(x)) - K(DiscreteLaw(x + np.abs(y)))


def translation_invariant_violations(name, K):
    for law in random_laws(name, 50):
        yield abs(K(law.shift(1.5)) - K(law) - 1.5)


def positively_homogeneous_violations(name, K):
    for law in random_laws(name, 50):
        yield abs(K(law.scale(2.5)) - 2.5 * K(law))


def superadditive_violations(name, K):
    for x, y in random_vectors(name, 200):
        yield K(DiscreteLaw(x)) + K(DiscreteLaw(y)) - K(DiscreteLaw(x + y))


def lottery_effects(name, K):
    """Yield how much better a lottery is than the average of its prizes."""
    for one, two in pairwise(random_laws(name, 120)):
        yield K(mixture([one, two], [0.5, 0.5])) - (K(one) + K(two)) / 2


def convex_in_law_violations(name, K):
    return lottery_effects(name, K)


def concave_in_law_violations(name, K):
    return (-effect for effect in lottery_effects(name, K))


def indifferent_to_mixtures_violations(name, K):
    """Mix two laws, nearly as good as each other, with the same third one."""
    ranked = sorted(random_laws(name, 80), key=K)
    for third, w, (worse, better) in product(ranked[::30], (0.2, 0.7), pairwise(ranked)):
        yield K(mixture([worse, third], [w, 1 - w])) - K(mixture([better, third], [w, 1 - w]))


def discount_violations(name, K):
    ranked = sorted(random_laws(name, 120), key=K)
    for worse, better in pairwise(ranked):
        yield K(worse.scale(0.5)) - K(better.scale(0.5))


def is_broken(axiom, name, K):
    return any(violation > SURE for violation in globals()[f"{axiom}_violations"](name, K))


@pytest.mark.parametrize("axiom", AXIOMS)
def test_one_search_breaks_exactly_the_axioms_that_are_not_promised(axiom):
    wrong = [name for name, K in CATALOGUE.items() if is_broken(axiom, name, K) == getattr(K.axioms, axiom)]
    assert wrong == []


def test_a_discount_turns_some_comparison_around_exactly_if_it_is_not_indifferent():
    wrong = [name for name, K in CATALOGUE.items() if is_broken("discount", name, K) == K.indifferent_to_discount(0.5)]
    assert wrong == []


@cache
def rare_and_small_changes(positive):
    """Return pairs of laws between which little mass changes, or changes place by little, where it may matter most."""
    shifts, pairs = (1e-6, 1e-3, 1.0) if positive else (0.0, -60.0, -1.0, 1e3), []
    masses = np.concatenate([[0, 1e-9, 1e-6, 1e-4], np.arange(1, 100) / 100, [1 - 1e-4, 1 - 1e-6, 1 - 1e-9, 1]])
    for low, spread in product(shifts, (1.0, 3.0)):
        high, step = low + spread, 1e-3
        for q in (1e-4, 0.5, 1 - 1e-4):
            pairs.append((DiscreteLaw([low, high], [q, 1 - q]), DiscreteLaw([low + step, high], [q, 1 - q])))
            pairs.append((DiscreteLaw([low, high], [q, 1 - q]), DiscreteLaw([low, high - step], [q, 1 - q])))
        pairs += pairwise([DiscreteLaw([low, high], [q, 1 - q]) for q in masses])
    if not positive:
        places = (-20.0, -1e-5, 0.0, 1.0 - 1e-5)
        pairs += [(DiscreteLaw.point(place), DiscreteLaw.point(place + 1e-5)) for place in places]
    return [(one, two, wasserstein(one, two)) for one, two in pairs]


def is_attained(K, one, two, distance):
    """Whether the change is all that the Lipschitz constant allows, or 50 times the distance if it is infinite."""
    spread = max(one.atoms[-1], two.atoms[-1]) - min(one.atoms[0], two.atoms[0])
    change, constant = abs(K(one) - K(two)), K.lipschitz(spread)
    return change > 1e-10 and change >= distance * (50.0 if constant == np.inf else 0.97 * constant)


def test_lipschitz_constants_are_the_least_and_infinite_only_where_no_bound_holds():
    for name, K in CATALOGUE.items():
        assert any(is_attained(K, *pair) for pair in rare_and_small_changes(name in POSITIVE)), name

"""Spectral risk: the joint enumeration is exact, alternation is enclosed and may be stuck."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import LEVELS, SPECTRA, small_models, small_problems
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import DiscreteLaw
from rltheory.distributional.spectral import alternate_spectral, maximise_spectral, spectral_risk

OFFER = OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)


def as_dict(law):
    return dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True))


@given(small_problems(), SPECTRA)
def test_joint_thresholds_find_the_best_of_all_policies(problem, spectrum):
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.spectral, *spectrum)
    answer = maximise_spectral(model, *spectrum, H=H)
    assert answer.lower == pytest.approx(best, abs=1e-12)
    assert answer.upper == pytest.approx(best, abs=1e-12)
    assert oracles.spectral(as_dict(answer.law), *spectrum) == pytest.approx(best, abs=1e-12)
    assert (np.diff(answer.thresholds) >= 0).all()


@given(small_problems(), LEVELS)
def test_one_level_is_cvar(problem, tau):
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.cvar, tau)
    assert maximise_spectral(model, [1.0], [tau], H=H).value == pytest.approx(best, abs=1e-12)


@given(small_problems(), SPECTRA, st.integers(0, 2**32))
def test_alternation_is_enclosed_by_what_it_attains_and_the_sum_of_the_best_tails(problem, spectrum, seed):
    model, H = problem
    laws = oracles.achievable_laws(model, H)
    answer = alternate_spectral(model, *spectrum, H=H, n_starts=2, rng=seed)
    apart = sum(w * oracles.best(laws, oracles.cvar, tau) for w, tau in zip(*spectrum, strict=True))
    assert answer.upper == pytest.approx(apart, abs=1e-12)
    assert answer.lower - 1e-12 <= oracles.best(laws, oracles.spectral, *spectrum) <= answer.upper + 1e-12
    assert oracles.spectral(as_dict(answer.law), *spectrum) == pytest.approx(answer.lower, abs=1e-12)


@given(small_problems(), SPECTRA)
def test_alternation_from_the_best_thresholds_stays_at_the_optimum(problem, spectrum):
    model, H = problem
    exact = maximise_spectral(model, *spectrum, H=H)
    climbed = alternate_spectral(model, *spectrum, H=H, thresholds=exact.thresholds)
    assert climbed.value == pytest.approx(exact.value, abs=1e-12)


@given(small_models(), SPECTRA)
def test_the_draw_of_the_first_state_is_part_of_the_risk(model, spectrum):
    n = model.n_states
    drawn = model.replace(mu=np.full(n, 1 / n))
    # Every choice of one law for each state, mixed.
    choices = product(*(oracles.achievable_laws(model, 1, s) for s in range(n)))
    best = max(oracles.spectral(mixed(choice), *spectrum) for choice in choices)
    assert maximise_spectral(drawn, *spectrum, H=1).value == pytest.approx(best, abs=1e-12)


def mixed(laws):
    together = {}
    for law in laws:
        for x, p in law.items():
            together[x] = together.get(x, 0.0) + p / len(laws)
    return together


def test_levels_may_come_in_any_order():
    one, other = (
        maximise_spectral(OFFER, w, levels, H=3) for w, levels in (([0.3, 0.7], [1, 0.2]), ([0.7, 0.3], [0.2, 1]))
    )
    assert one.value == other.value
    assert spectral_risk(DiscreteLaw([0.0, 1.0]), np.array([0.5, 0.5]), np.array([0.5, 1.0])) == 0.25


def test_many_starts_find_what_one_climb_misses():
    offer = OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.125, 0, -1.0), (0.875, 0, 3.0)]]], gamma=1.0)
    question = ([0.5, 0.5], [0.25, 0.5])
    assert alternate_spectral(offer, *question, H=1, thresholds=[0.0, 0.0]).value == 0.0
    assert alternate_spectral(offer, *question, H=1, rng=0).value == maximise_spectral(offer, *question, H=1).value


def test_too_many_programs_are_refused_before_any_is_solved():
    with pytest.raises(CriterionError, match=r"vectors of thresholds are more than max_programs = 100; .* climb"):
        maximise_spectral(OFFER, [0.25] * 4, [0.1, 0.2, 0.5, 1.0], H=6, max_programs=100)


@pytest.mark.parametrize(
    ("weights", "levels", "message"),
    [
        ([0.5, 0.5], [0.5], r"weights and levels have shapes \(2,\) and \(1,\)"),
        ([0.5, 0.4], [0.5, 1.0], "weights is .* of sum 1"),
        ([1.5, -0.5], [0.5, 1.0], "weights is .* positive"),
        ([0.5, 0.5], [0.0, 1.0], "a level is 0"),
        ([], [], "weights is"),
    ],
)
def test_what_is_no_spectrum_is_refused(weights, levels, message):
    for ask in (maximise_spectral, alternate_spectral):
        with pytest.raises(ModelError, match=message):
            ask(OFFER, weights, levels, H=1)


def test_climbs_need_a_beginning():
    with pytest.raises(ModelError, match="n_starts is 0"):
        alternate_spectral(OFFER, [1.0], [0.5], H=1, n_starts=0)
    with pytest.raises(ModelError, match=r"thresholds has shape \(2,\); with 1 levels"):
        alternate_spectral(OFFER, [1.0], [0.5], H=1, thresholds=[0.0, 1.0])

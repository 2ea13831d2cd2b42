import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from rltheory import CriterionError, ModelError
from rltheory.games import Equilibrium, NormalFormGame, exploitability
from rltheory.games.bounds.quantal import approximate_logit_gain, logit_gain, unique_below
from rltheory.games.quantal import logit_equilibrium, logit_residual, logit_response

PENNIES = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
STAG_HUNT = NormalFormGame.symmetric([[4, 1], [3, 3]])


@st.composite
def games(draw):
    """Draw a game of one to four players with payoffs of some scale."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    return NormalFormGame([draw(st.sampled_from([1e-6, 1.0, 1e9])) * rng.normal(size=sizes) for _ in sizes])


@pytest.mark.parametrize(
    ("lam", "p", "q"),
    [
        (0.0, 0.5, 0.5),
        (0.5, 0.8307, 0.4181),
        (1.0, 0.8936, 0.3128),
        (5.0, 0.7020, 0.1171),
    ],
)
def test_asymmetric_matching_pennies_has_the_known_equilibria(lam, p, q):
    found = logit_equilibrium(PENNIES, lam)
    assert found.profile[0][0] == pytest.approx(p, abs=1e-4)
    assert found.profile[1][0] == pytest.approx(q, abs=1e-4)


@pytest.mark.parametrize("lam", [0.3, 2.0, 10.0, 40.0])
def test_a_root_of_one_variable_says_the_same_of_matching_pennies(lam):
    def other(p):
        return 1 / (1 + math.exp(-lam * (1 - 2 * p)))

    p = brentq(lambda p: lam * (10 * other(p) - 1) - math.log(p / (1 - p)), 1e-12, 1 - 1e-12, xtol=1e-14)
    found = logit_equilibrium(PENNIES, lam)
    assert [found.profile[0][0], found.profile[1][0]] == pytest.approx([p, other(p)], abs=1e-9)


@given(games(), st.sampled_from([0.0, 0.1, 1.0, 10.0, 1e3]))
def test_players_answer_each_other_and_gain_no_more_than_the_bound(game, precision):
    scale = max(float(game.payoff_ranges.max()), 1e-9)
    lam = precision / scale
    found = logit_equilibrium(game, lam)
    assert found.residual <= 1e-9
    for p, answer in zip(found.profile, logit_response(game, found.profile, lam), strict=True):
        np.testing.assert_allclose(p, answer, rtol=1e-8, atol=1e-300)
    if lam > 0:
        rounding = 1e-12 * max(float(np.abs(u).max()) for u in game.payoffs)
        for gain, m in zip(found.gains, game.n_actions, strict=True):
            assert gain <= approximate_logit_gain(m, lam, found.residual) + rounding


def test_at_precision_zero_play_is_uniform_whatever_the_payoffs():
    game = NormalFormGame(np.random.default_rng(0).normal(size=(3, 2, 3, 4)) * 1e200)
    for p, m in zip(logit_equilibrium(game, 0.0).profile, game.n_actions, strict=True):
        np.testing.assert_allclose(p, np.full(m, 1 / m), rtol=1e-14)


def test_a_player_alone_answers_by_a_softmax():
    found = logit_equilibrium(NormalFormGame([[0.0, 1.0, 3.0]]), lam=2.0)
    weights = np.exp([0.0, 2.0, 6.0])
    np.testing.assert_allclose(found.profile[0], weights / weights.sum(), rtol=1e-14)


def test_log_probabilities_do_not_underflow():
    found = logit_equilibrium(NormalFormGame.symmetric([[3, 0], [5, 1]]), lam=5000.0)
    assert found.profile[0][0] == 0.0
    assert found.log_profile[0][0] == pytest.approx(-5000.0)  # against the other's defection it costs one


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_only_the_product_of_precision_and_payoffs_matters(scale):
    scaled = NormalFormGame([scale * u for u in PENNIES.payoffs])
    found, same = logit_equilibrium(PENNIES, 1.0), logit_equilibrium(scaled, 1.0 / scale)
    np.testing.assert_allclose(found.profile, same.profile, rtol=1e-11)


def test_from_a_start_other_equilibria_are_found():
    coordination, lam = NormalFormGame.symmetric([[1, 0], [0, 1]]), 4.0
    assert lam > unique_below(coordination)
    p = brentq(lambda p: lam * (2 * p - 1) - math.log(p / (1 - p)), 0.6, 1 - 1e-9)
    found = logit_equilibrium(coordination, lam, start=[0, 0])
    assert found.profile[0][0] == pytest.approx(p, abs=1e-10)
    assert logit_equilibrium(coordination, lam).profile[0][0] == pytest.approx(0.5, abs=1e-10)


def test_the_answer_is_an_equilibrium_with_its_gains_and_says_how_precise_players_are():
    found = logit_equilibrium(STAG_HUNT, 2.0)
    assert isinstance(found, Equilibrium)
    assert found.exploitability == exploitability(STAG_HUNT, found.profile)
    assert "lam=2" in repr(found)
    assert found.exploitability <= logit_gain(2, 2.0)
    assert sum(row["probability"] for row in found.to_rows()) == pytest.approx(2.0)


def test_the_residual_is_the_difference_of_log_probabilities():
    game = NormalFormGame([[0.0, math.log(3)]])  # the response at lam=1 is (1/4, 3/4)
    assert logit_residual(game, [np.log([0.5, 0.5])], lam=1.0) == pytest.approx(math.log(2))


@pytest.mark.parametrize("lam", [-1.0, math.inf, math.nan])
def test_a_precision_that_is_none_is_named(lam):
    with pytest.raises(CriterionError, match=f"lam is {lam}"):
        logit_equilibrium(PENNIES, lam)


def test_a_logarithm_of_zero_is_refused():
    with pytest.raises(ModelError, match="not finite"), np.errstate(divide="ignore"):
        logit_residual(PENNIES, [np.log([1.0, 0.0]), np.log([0.5, 0.5])], 1.0)


def test_payoffs_that_differ_by_more_than_a_float_holds_are_refused():
    with pytest.raises(ModelError, match="divide them"):
        logit_equilibrium(NormalFormGame([[1.5e308, -1.5e308]]), 1.0)

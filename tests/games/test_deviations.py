from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import ModelError
from rltheory.games import (
    NormalFormGame,
    correlated_gains,
    deviation_payoffs,
    expected_payoffs,
    exploitability,
    gains,
    mediated,
    nash_conv,
    nash_profile,
)


@st.composite
def games_with_profiles(draw):
    """Draw a game of one to four players with a profile."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    scale = draw(st.sampled_from([1e-6, 1.0, 1e9]))
    game = NormalFormGame([scale * rng.normal(size=sizes) for _ in sizes])
    return game, [rng.dirichlet(np.full(m, 0.5)) for m in sizes]


def exact_gains(game, profile):
    """Return the gains by rational arithmetic, of the strategies divided by their sums."""
    exact = [[Fraction(float(x)) for x in p] for p in profile]
    exact = [[x / sum(p) for x in p] for p in exact]
    found = []
    for i, m in enumerate(game.n_actions):
        values = [Fraction(0)] * m
        for joint in product(*map(range, game.n_actions)):
            weight = Fraction(1)
            for j, a in enumerate(joint):
                weight *= exact[j][a] if j != i else 1
            values[joint[i]] += weight * Fraction(float(game.payoffs[i][joint]))
        found.append(max(values) - sum(p * value for p, value in zip(exact[i], values, strict=True)))
    return found


@given(games_with_profiles())
def test_gains_are_proven_upper_bounds_and_sharp_to_rounding(drawn):
    game, profile = drawn
    largest = [np.abs(u).max() for u in game.payoffs]
    for ours, exact, size in zip(gains(game, profile), exact_gains(game, profile), largest, strict=True):
        assert Fraction(float(ours)) >= exact
        assert float(Fraction(float(ours)) - exact) <= 1e-13 * size


def test_without_the_margin_for_rounding_some_gains_would_be_too_small():
    below = 0
    for seed in range(50):
        rng = np.random.default_rng(seed)
        game = NormalFormGame([rng.normal(size=(3, 3)) for _ in range(2)])
        profile = [rng.dirichlet(np.ones(3)) for _ in range(2)]
        bare = max(
            values.max() - p @ values for p, values in zip(profile, deviation_payoffs(game, profile), strict=True)
        )
        below += Fraction(float(bare)) < max(exact_gains(game, profile))
    assert below > 5


@given(games_with_profiles())
def test_a_product_law_is_coarsely_correlated_as_far_as_its_profile_is_nash(drawn):
    game, profile = drawn
    independent = nash_profile(game, profile, method="drawn")
    np.testing.assert_allclose(
        correlated_gains(game, independent.joint / independent.joint.sum(), coarse=True),
        independent.gains,
        atol=1e-9 * max(np.abs(u).max() for u in game.payoffs),
    )


def test_the_order_of_the_sums_of_gains():
    game = NormalFormGame.symmetric([[3, 0], [5, 1]])
    assert exploitability(game, [0, 0]) == pytest.approx(2)
    assert nash_conv(game, [0, 0]) == pytest.approx(4)
    assert exploitability(game, [1, 1]) < 1e-13
    np.testing.assert_array_equal(expected_payoffs(game, [1, 0]), [5, 0])


def test_the_best_mediator_of_chicken():
    chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    advice = mediated(chicken, [[0.5, 0.25], [0.25, 0.0]], coarse=False, method="Aumann")
    assert advice.exploitability < 1e-13
    assert advice.welfare == 10.5
    assert "correlated, exploitability" in repr(advice)
    # Sending both home with a higher probability tempts whoever is told to give way.
    assert correlated_gains(chicken, [[0.6, 0.2], [0.2, 0.0]]).max() > 0.1


def test_three_players_see_the_joint_actions_of_the_others_in_order():
    payoffs = np.arange(24.0).reshape(2, 3, 4)
    game = NormalFormGame([payoffs, -payoffs, payoffs])
    np.testing.assert_array_equal(game.opponents_view(1), -payoffs.transpose(1, 0, 2).reshape(3, 8))
    values = deviation_payoffs(game, [0, 2, [0.25] * 4])
    np.testing.assert_allclose(values[0], payoffs[:, 2].mean(axis=1))
    np.testing.assert_allclose(values[2], payoffs[0, 2])


def test_bad_games_and_profiles_are_named():
    with pytest.raises(ModelError, match="there are no payoffs"):
        NormalFormGame([])
    with pytest.raises(ModelError, match=r"player 0 have shape \(2, 2\); with 1 players"):
        NormalFormGame([[[1, 2], [3, 4]]])
    with pytest.raises(ModelError, match=r"player 1 have shape \(2, 3\), those of player 0 \(2, 2\)"):
        NormalFormGame([np.zeros((2, 2)), np.zeros((2, 3))])
    with pytest.raises(ModelError, match=r"player 1 at actions \(0, 1\) is nan"):
        NormalFormGame([np.zeros((2, 2)), [[0, np.nan], [0, 0]]])
    with pytest.raises(ModelError, match="every player needs an action"):
        NormalFormGame([np.zeros((2, 0)), np.zeros((2, 0))])
    with pytest.raises(ModelError, match="action_names has 1 entries"):
        NormalFormGame(np.zeros((2, 2, 2)), action_names=[["a", "b"]])
    game = NormalFormGame(np.zeros((2, 2, 2)), player_names=["Ann", "Bob"], action_names=["lr", "ud"])
    assert game.action_name(1, 0) == "u"
    with pytest.raises(ModelError, match="the profile has 1 strategies; the game has 2 players"):
        exploitability(game, [[0.5, 0.5]])
    with pytest.raises(ModelError, match=r"the strategy of player Bob sums to 0\.9"):
        exploitability(game, [0, [0.5, 0.4]])
    with pytest.raises(ModelError, match=r"player Ann plays action 1 with probability -0\.5"):
        exploitability(game, [[1.5, -0.5], 0])
    with pytest.raises(ModelError, match=r"player Ann is action 2; actions are 0\.\.1"):
        exploitability(game, [2, 0])
    with pytest.raises(ModelError, match=r"joint has shape \(2,\)"):
        correlated_gains(game, [0.5, 0.5])
    with pytest.raises(ModelError, match=r"joint has probability -1.0 at actions \(0, 1\)"):
        correlated_gains(game, [[2, -1], [0, 0]])


def test_tables_show_payoffs_and_strategies():
    game = NormalFormGame.symmetric([[4, 1], [3, 3]], action_names=[["stag", "hare"], ["stag", "hare"]])
    assert "<td>1, 3</td>" in game._repr_html_()
    found = nash_profile(game, [0, [0.25, 0.75]], method="by hand")
    assert {"player": "1", "action": "hare", "probability": 0.75} in found.to_rows()
    assert "<td>stag</td><td>1</td>" in found._repr_html_()
    assert repr(found).startswith("Equilibrium(Nash, exploitability=1")

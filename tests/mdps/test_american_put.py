import numpy as np
import pytest

import mdps
from rltheory import ModelError, solve

PUBLISHED_START = 99.17022004702574


def stopping_value(s0, p, strike, up, down, H):
    """Fold the tree level by level, from the last date to the first."""
    value = np.zeros(H + 1)
    for t in reversed(range(H)):
        rises = np.arange(t + 1)
        value = np.maximum(strike - s0 * up**rises * down ** (t - rises), p * value[1:] + (1 - p) * value[:-1])
        value = np.maximum(value, 0)
    return value[0]


@pytest.mark.parametrize(
    ("s0", "p", "value", "digits"),
    [
        (100.0, 0.4, 8.225589, 6),
        (100.0, 0.5, 3.519716, 6),
        (100.0, 0.6, 1.592945, 6),
        (PUBLISHED_START, 0.2, 21.1598, 4),
        (PUBLISHED_START, 0.4, 8.8327, 4),
        (PUBLISHED_START, 0.5, 3.9054, 4),
        (PUBLISHED_START, 0.6, 1.9257, 4),
        (PUBLISHED_START, 0.8, 0.8298, 4),
        (PUBLISHED_START, 1.0, 0.8298, 4),
    ],
)
def test_the_option_is_worth_what_folding_the_tree_gives(s0, p, value, digits):
    mdp, _ = mdps.american_put(s0, p)
    found = solve(mdp).value[0, 0]
    assert found == pytest.approx(stopping_value(s0, p, 100.0, 1.02, 0.98, 20), abs=1e-12)
    assert found == pytest.approx(value, abs=0.5 * 10.0**-digits)


@pytest.mark.parametrize(("H", "strike"), [(1, 101.0), (2, 99.0), (7, 120.0)])
def test_other_options_are_folded_as_well(H, strike):
    mdp, _ = mdps.american_put(100.0, 0.45, strike=strike, up=1.1, down=0.95, H=H)
    assert solve(mdp).value[0, 0] == pytest.approx(stopping_value(100.0, 0.45, strike, 1.1, 0.95, H), abs=1e-12)


def test_prices_move_up_and_down_and_orders_do_not_matter():
    mdp, prices = mdps.american_put(100.0, 0.25, H=4)
    P = mdp.P.toarray().reshape(mdp.n_states, 2, mdp.n_states)
    assert mdp.n_states == 1 + 2 + 3 + 4 + 1
    for state in range(1 + 2 + 3):
        successors = np.flatnonzero(P[state, 0])
        np.testing.assert_allclose(prices[successors] / prices[state], [0.98, 1.02], rtol=1e-14)
        np.testing.assert_allclose(P[state, 0, successors], [0.75, 0.25])
    assert (P[:, 1, -1] == 1).all()
    assert (P[-5:, 0, -1] == 1).all()


def test_exercising_pays_the_difference_and_holding_nothing():
    mdp, prices = mdps.american_put(100.0, H=5)
    hold, exercise = mdp.r.reshape(-1, 2).T
    assert (hold == 0).all()
    np.testing.assert_array_equal(exercise[prices >= 100], 0)
    np.testing.assert_array_equal(exercise[prices < 100], 100 - prices[prices < 100])


def test_tents_interpolate_between_anchors_and_fade_outside():
    prices = np.linspace(80, 80 + 100 * 29 / 30, 200)
    phi = mdps.price_features(prices)
    assert phi.shape == (200, 30)
    np.testing.assert_allclose(phi.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(phi @ (80 + 100 / 30 * np.arange(30)), prices, rtol=1e-12)
    assert mdps.price_features(80 - 100 / 30).max() == pytest.approx(0, abs=1e-12)
    assert (mdps.price_features([70.0, 190.0, np.inf]) == 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"s0": 0.0}, r"s0 is 0\.0; it must be above 0"),
        ({"p": 1.5}, r"p is 1\.5"),
        ({"H": 0}, "H is 0; it must be a whole number of at least 1"),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        mdps.american_put(**arguments)


def test_a_price_that_is_no_number_is_refused():
    with pytest.raises(ModelError, match="prices has an entry that is not a number"):
        mdps.price_features([100.0, np.nan])

import numpy as np
import pytest

from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import risk_averse_profile, two_by_two_equilibria

GOLDEN = {
    (4, 1, 3, 3): (5.4983, 1.0465, 0.4801),
    (10, -10, 5, 5): (0.6122, 0.1108, 0.0463),
    (4, 0, 3, 2): (4.1133, 0.7747, 0.3504),
    (5, 0, 1, 1): (8.0604, 1.662, 0.8642),
}
TREMBLES = (0.01, 0.05, 0.1)


def symmetric(a, b, c, d):
    return NormalFormGame.symmetric([[a, b], [c, d]])


def first_probabilities(equilibria):
    return [(float(e.profile[0][0]), float(e.profile[1][0])) for e in equilibria]


@pytest.mark.parametrize("payoffs", GOLDEN, ids=str)
def test_thresholds_have_their_golden_values(payoffs):
    found = [bounds.stag_threshold(*payoffs, tremble) for tremble in TREMBLES]
    assert found == [pytest.approx(value, abs=5.1e-5) for value in GOLDEN[payoffs]]


@pytest.mark.parametrize("payoffs", GOLDEN, ids=str)
@pytest.mark.parametrize("tremble", TREMBLES)
def test_beyond_the_threshold_only_the_safe_corner_survives(payoffs, tremble):
    threshold = bounds.stag_threshold(*payoffs, tremble)
    stag, hare = (1 - tremble, 1 - tremble), (tremble, tremble)
    below = first_probabilities(two_by_two_equilibria(symmetric(*payoffs), gamma=0.99 * threshold, tremble=tremble))
    above = first_probabilities(two_by_two_equilibria(symmetric(*payoffs), gamma=1.01 * threshold, tremble=tremble))
    assert stag in below
    assert hare in below
    assert stag not in above
    assert hare in above
    assert bounds.hare_threshold(*payoffs, tremble) == np.inf


def test_a_risk_averse_equilibrium_need_not_be_risk_dominant():
    payoffs, tremble = (5, 0, 1, 1), 0.1
    assert bounds.risk_dominant_action(*payoffs) == 0
    beyond = 1.1 * bounds.stag_threshold(*payoffs, tremble)
    assert first_probabilities(two_by_two_equilibria(symmetric(*payoffs), gamma=beyond, tremble=tremble)) == [
        (tremble, tremble)
    ]


def test_thresholds_grow_without_limit_as_trembles_vanish():
    a, b, c, d = 4, 1, 3, 3
    total = (a - c) + (d - b)
    leading = (a - c) / (2 * total * (a - b))
    assert 1e-6 * bounds.stag_threshold(a, b, c, d, 1e-6) == pytest.approx(leading, rel=1e-4)


def test_the_safe_action_may_be_the_risky_one_of_the_other_corner():
    # Of [[2, 2], [0, 5]] the second action is the gamble: both corners change their roles.
    assert bounds.stag_threshold(2, 2, 0, 5, 0.1) == np.inf
    threshold = bounds.hare_threshold(2, 2, 0, 5, 0.1)
    assert 0 < threshold < np.inf
    found = two_by_two_equilibria(symmetric(2, 2, 0, 5), gamma=1.01 * threshold, tremble=0.1)
    assert (0.1, 0.1) not in first_probabilities(found)


@pytest.mark.parametrize("gamma", [0.05, 0.2, 0.45])
def test_symmetric_interior_equilibria_are_the_roots_of_the_cubic(gamma):
    for a, b, c, d in GOLDEN:
        total, tremble = (a - c) + (d - b), 0.02
        # G(p, p) by powers of p, highest first.
        k = 2 * gamma * total
        cubic = [k * total, k * (c - d) - k * total, total - k * (c - d), -(d - b)]
        roots = np.roots(cubic)
        inside = {round(float(x.real), 8) for x in roots if abs(x.imag) < 1e-9 and tremble < x.real < 1 - tremble}
        found = first_probabilities(two_by_two_equilibria(symmetric(a, b, c, d), gamma=gamma, tremble=tremble))
        assert {round(p, 8) for p, q in found if abs(p - q) < 1e-9 and tremble < p < 1 - tremble} == inside


def responses(M, gamma, q, tremble):
    """Return best responses to an array of probabilities: the vertices of parabolas through three points."""

    def objective(p):
        z = [p * M[0, b] + (1 - p) * M[1, b] for b in range(2)]
        mean = q * z[0] + (1 - q) * z[1]
        return mean - gamma * (q * (z[0] - mean) ** 2 + (1 - q) * (z[1] - mean) ** 2)

    low, middle, high = objective(0.0), objective(0.5), objective(1.0)
    slope, bend = 4 * middle - 3 * low - high, 2 * low - 4 * middle + 2 * high
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(bend < -1e-12, -slope / (2 * bend), np.where(slope > 0, np.inf, -np.inf))
    return np.clip(inside, tremble, 1 - tremble)


@pytest.mark.parametrize("gamma", [(0.0, 0.0), (0.3, 0.3), (2.0, 0.0), (0.0, 1.0), (5.0, 0.5)], ids=str)
def test_wherever_graphs_of_best_responses_cross_there_is_an_equilibrium_found(gamma):
    rng, tremble = np.random.default_rng(5), 0.05
    grid = np.linspace(tremble, 1 - tremble, 20_001)
    crossings = 0
    for _ in range(25):
        game = NormalFormGame(rng.normal(size=(2, 2, 2)))
        found = two_by_two_equilibria(game, gamma=gamma, tremble=tremble)
        assert max(e.exploitability for e in found) < 1e-11
        first = responses(game.opponents_view(0), gamma[0], grid, tremble)
        ahead = responses(game.opponents_view(1), gamma[1], first, tremble) - grid
        places = grid[:-1][ahead[:-1] * ahead[1:] <= 0]
        crossings += places.size
        ours = np.array(first_probabilities(found))[:, 1]
        assert all(np.abs(ours - place).min() < 1e-4 for place in places)
    assert crossings >= 25


def test_without_aversion_to_risk_these_are_the_equilibria_of_nash():
    found = two_by_two_equilibria(symmetric(4, 1, 3, 3), gamma=0.0)
    np.testing.assert_allclose(first_probabilities(found), [(1, 1), (2 / 3, 2 / 3), (0, 0)], atol=1e-12)
    pennies = two_by_two_equilibria(NormalFormGame.zero_sum([[1, -1], [-1, 1]]), gamma=3.0)
    np.testing.assert_allclose(first_probabilities(pennies), [(0.5, 0.5)], atol=1e-14)


def test_strict_equilibria_stay_without_trembles_whatever_the_aversion():
    found = first_probabilities(two_by_two_equilibria(symmetric(10, -10, 5, 5), gamma=1e4))
    assert (1.0, 1.0) in found
    assert (0.0, 0.0) in found


def test_the_slope_is_the_derivative_of_the_players_objective():
    a, b, c, d, gamma, q, h = 4.0, 0.0, 3.0, 2.0, 0.7, 0.8, 1e-3

    def objective(p):
        z = np.array([p * a + (1 - p) * c, p * b + (1 - p) * d])
        mean = q * z[0] + (1 - q) * z[1]
        return mean - gamma * (q * (z[0] - mean) ** 2 + (1 - q) * (z[1] - mean) ** 2)

    difference = (objective(0.6 + h) - objective(0.6 - h)) / (2 * h)
    assert bounds.coordination_slope(a, b, c, d, gamma, q, 0.6) == pytest.approx(difference, rel=1e-10)


def test_bad_questions_are_named():
    with pytest.raises(ModelError, match=r"the game has \(2, 3\) actions; two_by_two_equilibria needs \(2, 2\)"):
        two_by_two_equilibria(NormalFormGame(np.zeros((2, 2, 3))), gamma=1.0)
    with pytest.raises(CriterionError, match=r"tremble is 0.5"):
        two_by_two_equilibria(symmetric(4, 1, 3, 3), gamma=1.0, tremble=0.5)
    with pytest.raises(CriterionError, match=r"gamma has 3 entries; the game has 2 players"):
        two_by_two_equilibria(symmetric(4, 1, 3, 3), gamma=[1.0, 1.0, 1.0])
    with pytest.raises(CriterionError, match=r"gamma is '1'; it must be a number"):
        risk_averse_profile(symmetric(4, 1, 3, 3), [0, 0], gamma="1", method="")

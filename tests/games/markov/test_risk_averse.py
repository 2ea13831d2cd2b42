import numpy as np
import pytest

from rltheory import CriterionError
from rltheory.games import NormalFormGame
from rltheory.games.markov import (
    MarkovGame,
    markov_gains,
    markov_risk_averse_equilibrium,
    markov_risk_quantal_equilibrium,
)
from rltheory.games.risk import Entropic, LogBarrier, risk_averse_equilibrium, risk_quantal_equilibrium

STAG_HUNT = np.array([[[[4, 1], [3, 3]]], [[[4, 3], [1, 3]]]], dtype=float)
STAY = np.ones((1, 2, 2, 1))


def _mean_less_variance(payoffs, p, q, weight):
    """Value a payoff matrix to a player who mixes p, by the mean less the variance that q brings."""
    z = p @ payoffs
    return z @ q - weight * (z**2 @ q - (z @ q) ** 2)


def test_one_step_is_the_equilibrium_in_normal_form():
    game = MarkovGame.from_arrays(STAY, STAG_HUNT, gamma=1.0, H=1)
    found = markov_risk_averse_equilibrium(game, risk_aversion=0.5, tremble=0.1)
    normal = risk_averse_equilibrium(NormalFormGame.symmetric([[4, 1], [3, 3]]), gamma=0.5, tremble=0.1)
    assert found.profile[0][0, 0] == pytest.approx(normal.profile[0])
    assert found.value[:, 0, 0] == pytest.approx(normal.value)


def test_values_are_built_from_the_last_step_to_the_first():
    """Rounds that repeat without memory are worth the sum of their stage values."""
    game = MarkovGame.from_arrays(STAY, STAG_HUNT, gamma=0.9, H=3)
    found = markov_risk_averse_equilibrium(game, risk_aversion=0.5, tremble=0.1)
    p = np.array([0.1, 0.9])
    stage = _mean_less_variance(STAG_HUNT[0, 0], p, p, 0.5)
    assert found.value[0, :, 0] == pytest.approx([stage * (1 + 0.9 + 0.81), stage * 1.9, stage, 0])


@pytest.mark.parametrize("seed", range(2))
def test_no_single_deviation_gains_more_than_certified(random_game, seed):
    weight, tremble = 0.3, 0.05
    game = random_game(seed, 2, (2, 2), gamma=0.9, H=2, zero_sum=False, ragged=False)
    found = markov_risk_averse_equilibrium(game, risk_aversion=weight, tremble=tremble)
    for t in range(2):
        for s in range(2):
            payoffs = game.stage(s, value=found.value[:, t + 1]).payoffs[0]
            q = found.profile[1][t, s]
            tries = [_mean_less_variance(payoffs, np.array([x, 1 - x]), q, weight) for x in np.linspace(0.05, 0.95, 91)]
            assert max(tries) <= found.value[0, t, s] + found.gains[0, s] + 1e-9
    assert found.exploitability < 1e-6


def test_without_aversion_or_tremble_it_is_a_nash_equilibrium(random_game):
    game = random_game(3, 2, (2, 2), gamma=0.9, H=2, zero_sum=False, ragged=False)
    found = markov_risk_averse_equilibrium(game, risk_aversion=0.0)
    assert markov_gains(game, found.profile).max() < 1e-6


def test_fear_of_the_next_state_costs_its_variance():
    """One action each: half of the plays end with nothing, half with 2, one step later."""
    P = np.zeros((3, 1, 1, 3))
    P[0, 0, 0, 1:], P[1, 0, 0, 1], P[2, 0, 0, 2] = 0.5, 1.0, 1.0
    r = np.zeros((2, 3, 1, 1))
    r[:, 2] = 2.0
    game = MarkovGame.from_arrays(P, r, gamma=0.5, H=2)
    plain = markov_risk_averse_equilibrium(game, risk_aversion=0.3)
    fearful = markov_risk_averse_equilibrium(game, risk_aversion=0.3, next_state=True)
    one_of_two = markov_risk_averse_equilibrium(game, risk_aversion=(0.0, 0.3), next_state=True)
    assert plain.value[0, 0, 0] == pytest.approx(0.5)
    assert fearful.value[0, 0, 0] == pytest.approx(0.5 - 0.3 * 0.5**2 * 1.0)
    assert one_of_two.value[:, 0, 0] == pytest.approx([0.5, 0.5 - 0.3 * 0.5**2 * 1.0])


def test_entropic_risk_of_the_next_state_is_nested():
    P = np.zeros((3, 1, 1, 3))
    P[0, 0, 0, 1:], P[1, 0, 0, 1], P[2, 0, 0, 2] = 0.5, 1.0, 1.0
    r = np.zeros((2, 3, 1, 1))
    r[:, 2] = 2.0
    game = MarkovGame.from_arrays(P, r, gamma=1.0, H=2)
    found = markov_risk_quantal_equilibrium(game, tau=(0.5, 2.0), penalty=LogBarrier(1.0))
    expected = [-np.log((1 + np.exp(-2 * tau)) / 2) / tau for tau in (0.5, 2.0)]
    assert found.value[:, 0, 0] == pytest.approx(expected)


def test_one_step_is_the_quantal_equilibrium_in_normal_form():
    r = np.array([[[[200.0, 160], [370, 10]]], [[[160.0, 10], [200, 370]]]])
    penalty, tau = (LogBarrier(170), LogBarrier(110)), (0.001, 0.06)
    found = markov_risk_quantal_equilibrium(MarkovGame.from_arrays(STAY, r, 1.0, H=1), tau=tau, penalty=penalty)
    normal = risk_quantal_equilibrium(NormalFormGame(r[:, 0]), aversion=[Entropic(x) for x in tau], penalty=penalty)
    assert [p[0, 0, 0] for p in found.profile] == pytest.approx([0.4680, 0.6542], abs=5e-5)
    assert found.value[:, 0, 0] == pytest.approx(normal.value)
    assert found.exploitability < 1e-6


def test_what_makes_no_sense_is_refused(random_game):
    game = MarkovGame.from_arrays(STAY, STAG_HUNT, gamma=1.0, H=1)
    for next_state in (False, True):
        with pytest.raises(CriterionError, match=r"gamma is -0\.5; an aversion to risk is at least 0"):
            markov_risk_averse_equilibrium(game, risk_aversion=-0.5, next_state=next_state)
    with pytest.raises(CriterionError, match="no last step"):
        markov_risk_averse_equilibrium(random_game(0), risk_aversion=1.0)

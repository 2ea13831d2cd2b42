import numpy as np
import pytest

from rltheory import CriterionError, ModelError
from rltheory.games import Equilibrium, nash_profile
from rltheory.games.markov import (
    MarkovGame,
    entropic_continuation,
    mean_variance_continuation,
    nested_equilibrium,
    stagewise_equilibrium,
)


def _pure(*actions):
    return lambda stage: nash_profile(
        stage, [min(a, m - 1) for a, m in zip(actions, stage.n_actions, strict=True)], method="by hand"
    )


def _entropic_stage(tau):
    """Return uniform play, valued by the entropic risk of what the other does, with the gains of pure deviations."""

    def solve(stage):
        profile = [np.full(m, 1 / m) for m in stage.n_actions]
        value, gains = [], []
        for i in range(2):
            u, q = stage.opponents_view(i), profile[1 - i]
            own = -np.log(np.exp(-tau * profile[i] @ u) @ q) / tau
            # The objective is concave in the own mix: its tangent bounds what any mix gains.
            tilted = q * np.exp(-tau * (profile[i] @ u))
            gradient = u @ (tilted / tilted.sum())
            value.append(own)
            gains.append(gradient.max() - profile[i] @ gradient)
        return Equilibrium(stage, tuple(profile), np.array(gains), np.array(value), "risk averse", "uniform")

    return solve


def test_a_mean_of_payoffs_and_states_is_the_expected_return(random_game):
    game = random_game(0, 3, (2, 2), gamma=0.9, H=3, zero_sum=False)
    nested = nested_equilibrium(game, _pure(0, 1), monotone=True)
    plain = stagewise_equilibrium(game, _pure(0, 1))
    assert nested.value == pytest.approx(plain.value)
    assert (plain.gains <= nested.gains + 1e-9).all()


def test_entropic_risk_of_a_chain_is_that_of_its_total_reward():
    """With gamma = 1 the entropic risk is nested by itself: it is that of the sum over all paths."""
    rng = np.random.default_rng(1)
    P, r, tau = rng.dirichlet(np.ones(3), size=3), rng.normal(size=3), 0.7
    game = MarkovGame.from_arrays(P[:, None], r[None, :, None], gamma=1.0, H=3)
    found = nested_equilibrium(game, _pure(0), continuation=entropic_continuation(tau), monotone=True)
    paths = np.einsum("ab,bc->abc", P, P)
    total = r[:, None, None] + r[None, :, None] + r[None, None, :]
    expected = -np.log((paths * np.exp(-tau * total)).sum(axis=(1, 2))) / tau
    assert found.value[0, 0] == pytest.approx(expected)


def test_little_aversion_is_half_the_variance():
    rng = np.random.default_rng(2)
    P, v = rng.dirichlet(np.ones(4), size=5), rng.normal(size=(2, 4))
    kernel = MarkovGame.from_arrays(np.tile(P[:1], (4, 1, 1)).reshape(4, 1, 4), np.zeros((1, 4, 1)), 0.5).P
    entropic = entropic_continuation(1e-4)(kernel, v)
    assert entropic == pytest.approx(mean_variance_continuation(0.5e-4)(kernel, v), abs=1e-7)
    assert mean_variance_continuation([1.0, 2.0])(kernel, v)[:, 0] == pytest.approx(
        v @ P[0] - [1.0, 2.0] * (v**2 @ P[0] - (v @ P[0]) ** 2)
    )


def test_the_entropic_value_neither_overflows_nor_depends_on_the_origin():
    kernel = MarkovGame.from_arrays(np.full((2, 1, 2), 0.5), np.zeros((1, 2, 1)), 0.5).P
    worth = entropic_continuation(1e3)
    assert worth(kernel, np.array([[1e6, 1e6 + 50.0]]))[0] == pytest.approx([1e6 + np.log(2) / 1e3] * 2, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_stage_gains_add_up_to_a_bound_on_every_deviation(random_game, seed):
    tau, game = 0.8, random_game(seed, 2, (2, 2), gamma=0.9, H=3, zero_sum=False, ragged=False)
    worth = entropic_continuation(tau)
    found = nested_equilibrium(game, _entropic_stage(tau), continuation=worth, monotone=True)
    rng = np.random.default_rng(seed)
    for _ in range(200):  # deviations of the first player, mixed or pure, that change with the step
        policy, v = rng.dirichlet(np.full(2, 0.2), size=(3, 2)), np.zeros((2, 2))
        for t in reversed(range(3)):
            Q = (game.r + 0.9 * worth(game.P, v))[0].reshape(2, 2, 2)
            payoffs = np.einsum("sa,sab->sb", policy[t], Q)
            v = np.tile(-np.log(np.exp(-tau * payoffs).mean(axis=1)) / tau, (2, 1))
        assert (v[0] <= found.value[0, 0] + found.gains[0] + 1e-10).all()


def test_gains_of_objectives_that_are_not_monotone_are_those_of_deviating_once(random_game):
    game = random_game(4, 3, (2, 2), gamma=0.9, H=3, zero_sum=False)
    found = nested_equilibrium(game, _entropic_stage(1.0), continuation=mean_variance_continuation(0.5), monotone=False)
    assert found.gains == pytest.approx(found.stage_gains.max(axis=1))
    assert found.concept == "nested risk averse"


def test_a_player_averse_to_chance_is_paid_less_for_a_bet():
    P = np.zeros((3, 1, 3))
    P[0, 0, 1:], P[1, 0, 1], P[2, 0, 2] = 0.5, 1.0, 1.0
    bet = MarkovGame.from_arrays(P, [[[0.0], [1.0], [0.0]]], gamma=1.0, H=2)
    values = [
        nested_equilibrium(bet, _pure(0), continuation=entropic_continuation(tau), monotone=True).value[0, 0, 0]
        for tau in (1e-6, 1.0, 10.0)
    ]
    assert values == pytest.approx([0.5, -np.log((1 + np.exp(-1)) / 2), -np.log((1 + np.exp(-10)) / 2) / 10], abs=1e-6)


def test_what_makes_no_sense_is_refused(random_game):
    with pytest.raises(ModelError, match="tau is 0; it is positive"):
        entropic_continuation(0)
    with pytest.raises(ModelError, match="risk_aversion is -1"):
        mean_variance_continuation(-1)
    with pytest.raises(CriterionError, match="no last step"):
        nested_equilibrium(random_game(5), _pure(0, 0), monotone=True)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rltheory.games import NormalFormGame
from rltheory.games.risk import Entropic, MeanVariance, PartialMoment, ReverseEntropic
from rltheory.games.risk.best_response import on_simplex
from rltheory.games.risk.newton import project
from rltheory.games.risk.play import Play


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6))
def test_the_projection_satisfies_its_variational_inequality(x):
    x = np.array(x)
    nearest, on = project(x)
    assert abs(nearest.sum() - 1) < 1e-12
    assert nearest.min() >= 0
    np.testing.assert_array_equal(on, nearest > 0)
    # (x - nearest) (other - nearest) <= 0 for every vertex, hence for every point.
    assert ((x - nearest) @ (np.eye(x.size) - nearest).T).max() <= 1e-12


@given(st.integers(0, 2**32 - 1))
def test_the_active_set_satisfies_the_optimality_conditions_even_where_curvature_is_missing(seed):
    rng = np.random.default_rng(seed)
    m, rank = int(rng.integers(1, 9)), int(rng.integers(0, 5))
    F = rng.integers(-2, 3, size=(m, rank)).astype(float)
    c = rng.integers(-3, 4, size=m).astype(float)
    s = on_simplex(c, F @ F.T)
    g = c - F @ (F.T @ s)
    assert s.min() >= 0
    assert abs(s.sum() - 1) < 1e-13
    assert g.max() - g @ s <= 1e-10


def test_slopes_of_gradients_are_those_of_three_players_objectives():
    rng, h = np.random.default_rng(0), 1e-6
    game = NormalFormGame(rng.normal(size=(3, 2, 3, 2)))
    profile = [rng.dirichlet(np.ones(m)) for m in game.n_actions]
    for aversion in (MeanVariance(0.5), Entropic(0.7), ReverseEntropic(0.7), PartialMoment(0.5, target=0.3)):
        play = Play.of(game, None, aversion, 0.0)
        for i in range(3):
            for j in range(3):
                # Strategies move within the simplex, where laws stay laws.
                d = np.zeros(game.n_actions[j])
                d[:2] = 1, -1
                there, back = ([*profile[:j], profile[j] + step * d, *profile[j + 1 :]] for step in (h, -h))
                moved = (play.gradient(there, i) - play.gradient(back, i)) / (2 * h)
                np.testing.assert_allclose(play.gradient_slopes(profile, i, j) @ d, moved, atol=1e-7)

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.bounds.nash import most_equilibria, most_vertices
from rltheory.games.nash import vertex_enumeration


@pytest.mark.parametrize(
    ("dimension", "facets", "vertices"),
    [(1, 2, 2), (2, 3, 3), (2, 9, 9), (3, 4, 4), (3, 6, 8), (3, 12, 20), (4, 5, 5), (4, 8, 20)],
    ids=["segment", "triangle", "nonagon", "tetrahedron", "cube", "dodecahedron", "simplex", "dual of C(8, 4)"],
)
def test_known_polytopes_have_the_most_vertices(dimension, facets, vertices):
    assert most_vertices(dimension, facets) == vertices


@pytest.mark.parametrize("m", [1, 2, 3])
def test_coordination_games_of_up_to_three_actions_have_the_most_equilibria(m):
    assert len(vertex_enumeration(NormalFormGame.symmetric(np.eye(m)))) == most_equilibria(m, m) == 2**m - 1


def test_a_game_of_six_actions_can_have_more_equilibria_than_the_coordination_game():
    """Von Stengel (1999): 75 equilibria of a 6 x 6 game, above 2^6 - 1."""
    assert most_equilibria(6, 6) >= 75 > 2**6 - 1


def test_there_is_no_polytope_with_too_few_facets():
    with pytest.raises(ModelError, match="dimension 3 and 3 facets"):
        most_vertices(3, 3)

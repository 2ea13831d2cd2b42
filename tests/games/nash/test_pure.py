"""Equilibria in pure strategies, the graph of best responses, potentials, and which equilibrium to choose."""

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.games.nash import potential_games
from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame
from rltheory.games.nash import (
    best_response_graph,
    exact_potential,
    four_cycle_violation,
    ordinal_potential,
    payoff_dominant,
    pure_equilibria,
    pure_nash,
    risk_dominant,
)

PENNIES = NormalFormGame.zero_sum([[1, -1], [-1, 1]])


@st.composite
def games(draw):
    """Draw a game of one to four players, with ties or without."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)))
    tied = draw(st.booleans())
    return NormalFormGame([rng.integers(0, 3, sizes) if tied else rng.normal(size=sizes) for _ in sizes])


def deviations(game, joint):
    """Return the player, the joint action and the gain of each deviation of one player, by the definition."""
    for player, m in enumerate(game.n_actions):
        for action in range(m):
            other = (*joint[:player], action, *joint[player + 1 :])
            yield player, other, game.payoffs[player][other] - game.payoffs[player][joint]


@given(games())
def test_pure_equilibria_are_where_no_deviation_gains(game):
    content = [a for a in product(*map(range, game.n_actions)) if all(gain <= 0 for *_, gain in deviations(game, a))]
    assert pure_equilibria(game) == content
    assert all(found.exploitability < 1e-12 for found in pure_nash(game))


@given(games())
def test_an_arrow_leads_to_each_best_response_that_gains_and_equilibria_are_the_sinks(game):
    graph = best_response_graph(game)
    expected = set()
    for joint in product(*map(range, game.n_actions)):
        for player in range(game.n_players):
            own = [(other, gain) for mover, other, gain in deviations(game, joint) if mover == player]
            best = max(gain for _, gain in own)
            expected |= {(joint, other, player) for other, gain in own if gain == best > 0}
    assert {(a, b, data["player"]) for a, b, data in graph.edges(data=True)} == expected
    assert sorted(a for a, degree in graph.out_degree() if degree == 0) == pure_equilibria(game)
    for a, b, data in graph.edges(data=True):
        u = game.payoffs[data["player"]]
        assert data["gain"] == pytest.approx(u[b] - u[a], abs=1e-14)


@given(potential_games())
def test_a_potential_changes_by_what_the_deviator_gains(drawn):
    game, _ = drawn
    potential = exact_potential(game)
    for joint in product(*map(range, game.n_actions)):
        for _, other, gain in deviations(game, joint):
            assert potential[other] - potential[joint] == pytest.approx(gain, abs=1e-12)
    assert nx.is_directed_acyclic_graph(best_response_graph(game))


@given(potential_games(), st.integers(0, 2**32 - 1))
def test_a_weighted_potential_is_found_with_its_weights_and_is_ordinal_without(drawn, seed):
    game, hill = drawn
    weights = np.random.default_rng(seed).uniform(0.5, 2, game.n_players)
    weighted = NormalFormGame([w * u for w, u in zip(weights, game.payoffs, strict=True)])
    assert exact_potential(weighted, weights=weights) == pytest.approx(hill - hill.flat[0], abs=1e-12)
    height = ordinal_potential(weighted)
    for joint in product(*map(range, game.n_actions)):
        assert all(height[other] > height[joint] for _, other, gain in deviations(weighted, joint) if gain > 1e-10)


@given(games())
def test_the_four_cycle_condition_holds_if_and_only_if_all_cycles_of_four_sum_to_zero(game):
    worst = 0.0
    for a, b in product(product(*map(range, game.n_actions)), repeat=2):
        movers = [i for i in range(game.n_players) if a[i] != b[i]]
        if len(movers) == 2:
            i, j = movers
            corners = [a, tuple(b[k] if k == i else a[k] for k in range(len(a))), b]
            corners += [tuple(b[k] if k == j else a[k] for k in range(len(a))), a]
            steps = zip((i, j, i, j), corners, corners[1:], strict=False)
            worst = max(worst, abs(sum(game.payoffs[k][after] - game.payoffs[k][before] for k, before, after in steps)))
    found = four_cycle_violation(game)
    assert found <= worst + 1e-9
    assert worst <= 4 * found + 1e-9


def test_matching_pennies_has_no_potential_of_any_kind():
    with pytest.raises(CriterionError, match=r"players 0 and 1 .* gains sum to -?8"):
        exact_potential(PENNIES)
    with pytest.raises(CriterionError, match=r"each of .* improves on the one before"):
        ordinal_potential(PENNIES)


def test_congestion_has_the_potential_of_rosenthal():
    """Three drivers choose between two roads; with x of them, a trip takes x, or 2 x."""
    times = [np.empty((2, 2, 2)) for _ in range(3)]
    rosenthal = np.empty((2, 2, 2))
    for joint in product(range(2), repeat=3):
        loads = [joint.count(0), joint.count(1)]
        for i, road in enumerate(joint):
            times[i][joint] = -(1 + road) * loads[road]
        rosenthal[joint] = -sum((1 + road) * x for road in range(2) for x in range(1, loads[road] + 1))
    found = exact_potential(NormalFormGame(times))
    assert found == pytest.approx(rosenthal - rosenthal[0, 0, 0])


@pytest.mark.parametrize("weights", [[1, 0], [1], [1, -1], [1, np.inf]], ids=str)
def test_weights_that_are_not_positive_are_refused(weights):
    with pytest.raises(ModelError, match="a positive one for each of 2 players"):
        exact_potential(PENNIES, weights=weights)


def test_the_stag_pays_and_the_hare_is_safe():
    stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    assert payoff_dominant(stag_hunt) == (0, 0)
    assert risk_dominant(stag_hunt) == (1, 1)


@given(st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_the_risk_dominant_action_of_a_symmetric_game_is_the_best_against_a_coin(entries):
    A = np.reshape(entries, (2, 2)).astype(float)
    if not (A[0, 0] > A[1, 0] and A[1, 1] > A[0, 1]):
        A = np.array([[4.0, 1.0], [3.0, 3.0]])
    against_a_coin = A.mean(axis=1)
    expected = None if against_a_coin[0] == against_a_coin[1] else (int(against_a_coin.argmax()),) * 2
    assert risk_dominant(NormalFormGame.symmetric(A)) == expected


def test_the_battle_of_the_sexes_has_no_dominant_equilibrium_of_either_kind():
    battle = NormalFormGame([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    assert payoff_dominant(battle) is None
    assert risk_dominant(battle) is None


def test_risk_dominance_asks_for_two_strict_equilibria():
    with pytest.raises(CriterionError, match="this game has 0: none"):
        risk_dominant(PENNIES)
    with pytest.raises(CriterionError, match=r"2 x 2 games; this one has actions \(1, 2\)"):
        risk_dominant(NormalFormGame.zero_sum([[0, 1]]))

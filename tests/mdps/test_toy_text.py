import sys

import numpy as np
import pytest

import mdps
from rltheory import ModelError


def optimum_of_table(table, gamma, sweeps=3000):
    """Return the optimal value by plain sweeps over Gymnasium's own table, in which termination cuts the future."""
    v = np.zeros(len(table))
    for _ in range(sweeps):
        v = np.array(
            [
                max(sum(p * (r + gamma * v[s2] * (not end)) for p, s2, r, end in outcomes) for outcomes in row.values())
                for row in table.values()
            ]
        )
    return v


@pytest.mark.parametrize(("gamma", "value"), [(1.0, -13.0), (0.9, -(1 - 0.9**13) / 0.1)])
def test_the_shortest_way_along_the_cliff_takes_thirteen_moves(gamma, value, backup):
    row, column = np.divmod(np.arange(48), 12)
    moves = 11 - column + np.where(row == 3, np.where(column == 11, 0, 2), 3 - row)
    moves[36], moves[46] = 13, 1  # round the cliff; and from its last cell, where nobody comes, straight to the goal
    v = -moves.astype(float) if gamma == 1 else -(1 - gamma**moves) / (1 - gamma)
    np.testing.assert_allclose(backup(mdps.cliff_walking(gamma=gamma), v), v, atol=1e-12)
    assert v[36] == pytest.approx(value)


@pytest.mark.parametrize("is_slippery", [False, True])
def test_the_cliff_has_the_transitions_and_rewards_of_gymnasium(is_slippery):
    toy_text = pytest.importorskip("gymnasium.envs.toy_text")
    table = toy_text.CliffWalkingEnv(is_slippery=is_slippery).P
    ours, goal = mdps.cliff_walking(is_slippery=is_slippery), 47
    P, r = np.zeros((48, 4, 48)), np.zeros((48, 4))
    for s, a in np.ndindex(48, 4):
        for probability, successor, reward, _ in table[s][a]:
            P[s, a, successor] += probability
            r[s, a] += probability * reward
    P[goal], r[goal] = np.eye(48)[goal], 0  # where the episode has ended
    np.testing.assert_allclose(ours.P.toarray().reshape(48, 4, 48), P, atol=1e-15)
    np.testing.assert_allclose(ours.r.reshape(48, 4), r, atol=1e-13)
    assert ours.mu[36] == 1


@pytest.mark.parametrize(("map_name", "moves"), [("4x4", 6), ("8x8", 14)])
def test_on_firm_ice_the_value_is_the_discount_of_the_shortest_way(map_name, moves, optimal_value):
    pytest.importorskip("gymnasium")
    lake = mdps.frozen_lake(map_name, is_slippery=False, gamma=0.9)
    assert lake.mu @ optimal_value(lake) == pytest.approx(0.9 ** (moves - 1))


def test_fourteen_of_seventeen_crossings_of_the_slippery_lake_succeed(backup):
    pytest.importorskip("gymnasium")
    lake = mdps.frozen_lake(gamma=1.0)
    v = np.zeros(lake.n_states)
    for _ in range(2000):
        v = backup(lake, v)
    assert lake.mu @ v == pytest.approx(14 / 17, abs=1e-9)


@pytest.mark.parametrize("name", ["FrozenLakeEnv", "TaxiEnv"])
def test_imported_worlds_have_the_optimum_of_gymnasiums_table(name, optimal_value):
    toy_text = pytest.importorskip("gymnasium.envs.toy_text")
    build = {"FrozenLakeEnv": mdps.frozen_lake, "TaxiEnv": mdps.taxi}[name]
    table = getattr(toy_text, name)().P
    ours = optimal_value(build(gamma=0.9))[: len(table)]
    np.testing.assert_allclose(ours, optimum_of_table(table, gamma=0.9, sweeps=300), atol=1e-9)


def test_an_unknown_map_is_named():
    with pytest.raises(ModelError, match="map_name is '5x5'; Gymnasium's maps are '4x4' and '8x8'"):
        mdps.frozen_lake("5x5")


@pytest.mark.parametrize("build", [mdps.frozen_lake, mdps.taxi])
def test_without_gymnasium_the_error_says_what_to_install(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    monkeypatch.setitem(sys.modules, "gymnasium.envs.toy_text", None)
    with pytest.raises(ImportError, match=r"pip install rltheory\[io\]"):
        build()

import numpy as np
import pytest
from hypothesis import given

from mdps.submodular import coin_mirror, decoy_corridor
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory.submodular.functions.algebra import WeightedSum
from rltheory.submodular.functions.gaussian import mutual_information
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.reachable import only_path, reachable_elements, reachable_states
from rltheory.submodular.touched import counts_repeats


@given(submodular_mdps())
def test_what_is_reachable_is_what_some_path_visits(mdp):
    paths = np.array(oracles.paths(mdp))
    visited = np.zeros((mdp.H + 1, mdp.n_states), dtype=bool)
    for path in paths:
        visited[np.arange(mdp.H + 1), path] = True
    np.testing.assert_array_equal(reachable_states(mdp), visited)
    np.testing.assert_array_equal(reachable_elements(mdp), np.unique(mdp.elements(paths)))


def test_a_policy_has_one_path_only_without_chance():
    corridor = decoy_corridor(3)
    assert only_path(corridor, np.zeros((3, corridor.n_states), dtype=int)).shape == (4,)
    coin = coin_mirror()
    assert only_path(coin, np.zeros((coin.H, coin.n_states), dtype=int)) is None


@pytest.mark.parametrize("repeats", [False, True])
def test_measuring_anew_is_noticed_also_inside_a_sum(repeats):
    F = mutual_information(np.eye(2), 1.0, repeats=repeats)
    assert counts_repeats(F) == repeats
    assert counts_repeats(WeightedSum([Modular([1.0, 1.0]), F])) == repeats

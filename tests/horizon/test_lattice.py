"""Laws on multiples of one unit, against all paths."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.horizon import oracles
from proofs_check.horizon.instances import deterministic_games
from rltheory import CriterionError
from rltheory.horizon.lattice import return_laws, unit_of
from rltheory.horizon.returns import exploration_laws


@given(st.sampled_from([0.1, 0.25, 1 / 3, 10.0]), st.lists(st.integers(-20, 20), min_size=1, max_size=6))
def test_the_unit_divides_all_rewards_and_is_the_largest_that_does(unit, multiples):
    expected = unit * np.gcd.reduce(multiples) if any(multiples) else 1.0
    assert unit_of(unit * np.array(multiples)) == pytest.approx(abs(expected))


def test_single_precision_does_not_hide_the_unit():
    assert unit_of(np.array([0.1, -0.2, 1.1], dtype=np.float32).astype(float)) == pytest.approx(0.1)


def test_rewards_without_a_unit_are_refused():
    with pytest.raises(CriterionError, match="not whole multiples of one unit"):
        unit_of(np.array([1.0, np.sqrt(2)]))


@given(deterministic_games(least=-3))
def test_laws_are_those_of_all_paths(game):
    model, H = game
    explored = exploration_laws(model, H)
    laws = return_laws(explored)
    values = laws.unit * (laws.low + np.arange(laws.law[0].shape[1]))
    for t, s in product(range(H + 1), range(model.n_states)):
        earned = np.array([total for _, _, total, _ in oracles.paths(model, s, H - t)])
        np.testing.assert_allclose(laws.law[t][s], [np.isclose(earned, x).mean() for x in values], atol=1e-12)
        third = np.mean(np.abs(earned - earned.mean()) ** 3)
        assert explored.moment(3)[t, s] == pytest.approx(third, abs=1e-12)

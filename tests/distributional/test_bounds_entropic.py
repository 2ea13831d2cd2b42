"""Bounds of entropic risk, against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import small_laws
from rltheory.distributional.bounds import entropic as bounds


@pytest.mark.parametrize(("alpha", "delta", "spread"), [(0.5, 0.1, 3.0), (0.05, 0.5, 10.0), (0.9, 1e-3, 0.2)])
def test_levels_follow_the_published_recursion_and_end_where_the_proof_does(alpha, delta, spread):
    levels = bounds.evar_levels(alpha, delta, spread)
    assert levels[0] == pytest.approx(8 * delta / spread**2)
    assert levels[-1] == pytest.approx(-math.log(alpha) / delta)
    following = levels[:-2] * math.log(alpha) / (levels[:-2] * delta + math.log(alpha))
    assert levels[1:-1] == pytest.approx(following, rel=1e-6)
    assert (np.diff(levels) > 0).all()


@given(st.floats(0.01, 0.99), st.floats(1e-3, 1.0), st.floats(0.1, 5.0))
def test_the_completed_grid_has_the_accuracy_it_is_made_for(alpha, delta, spread):
    levels = bounds.evar_levels(alpha, delta * spread, spread)
    assert bounds.evar_grid_error(alpha, levels, spread) <= delta * spread * (1 + 1e-9)


@given(small_laws(), st.floats(0.05, 0.95), st.lists(st.floats(0.01, 50.0), min_size=1, max_size=5, unique=True))
def test_any_grid_has_the_error_that_is_stated(law, alpha, betas):
    betas = np.sort(betas)
    on_grid = max(oracles.entropic(law, beta) + math.log(alpha) / beta for beta in betas)
    error = bounds.evar_grid_error(alpha, betas, max(law) - min(law))
    assert oracles.evar(law, alpha) - on_grid <= error + 1e-9


def test_a_spread_of_nothing_is_no_risk():
    assert bounds.hoeffding_entropic(np.inf, 0.0) == 0.0
    assert bounds.hoeffding_entropic(np.inf, 2.0) == 2.0
    assert bounds.evar_levels(0.5, 0.1, 0.0) == pytest.approx([math.log(2) / 0.1])
    assert bounds.entropic_tail(0.0, np.inf, 3.0, 1) == 0.0


@pytest.mark.parametrize(
    ("levels", "error"),
    [([8.0], 1.0), ([0.1, 10.0], 10 - 0.1), ([0.1], 10.0)],
    ids=["before the first level", "between two", "beyond the last"],
)
def test_the_error_of_a_grid_is_the_largest_of_three(levels, error):
    assert bounds.evar_grid_error(math.exp(-1), np.array(levels), spread=1.0) == pytest.approx(error)

"""Thresholds of coordination games at their edges."""

import math

from rltheory.games.bounds import risk


def test_a_corner_that_is_no_equilibrium_without_aversion_is_one_for_no_aversion():
    """Trembles of others reach the corner where the other action pays more."""
    assert risk.coordination_slope(4, 1, 3, 3, gamma=0.0, q=0.6, p=0.6) < 0
    assert risk.stag_threshold(4, 1, 3, 3, tremble=0.4) == -math.inf


def test_risk_dominance_compares_what_is_lost_by_deviating_alone():
    assert risk.risk_dominant_action(5, -4, 1, 1) == 1  # 1 - (-4) against 5 - 1
    assert risk.risk_dominant_action(5, -2, 1, 1) == 0
